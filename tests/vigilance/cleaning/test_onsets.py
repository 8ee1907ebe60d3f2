"""Days from the first dose to the event: only where both are known to the day."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from coley.vigilance.cleaning import Cleaning


def onset(cleaned: Any, starts: list[int | None], event: int | None, role: str = "PS", **arguments: Any) -> Any:
    n = len(starts)
    return cleaned(
        {
            "reports": {"report_id": [1], "event_date": [event]},
            "drugs": {"report_id": [1] * max(n, 1), "drug_seq": list(range(1, max(n, 1) + 1)), "role": [role] * max(n, 1), "name": ["x"] * max(n, 1)},
            "therapies": pl.DataFrame(
                {"report_id": [1] * n, "drug_seq": list(range(1, n + 1)), "start_date": starts},
                schema={"report_id": pl.Int64, "drug_seq": pl.Int64, "start_date": pl.Int32},
            ),
        },
        **arguments,
    )


@pytest.mark.parametrize(
    ("starts", "event", "days"),
    [
        ([20170630], 20170630, 0),
        ([20170630], 20170702, 2),
        ([20170701, 20170630], 20170702, 2),
        ([20170630, None], 20170702, 2),
        ([20170630, 201708], 20170702, 2),
        ([20170630, 201707], 20170702, 2),
    ],
)
def test_days_are_counted_from_the_first_full_date(
    cleaned: Any, starts: list[int | None], event: int, days: int
) -> None:
    frames, log = onset(cleaned, starts, event)
    assert frames["onsets"].rows() == [(1, "x", days)]
    assert log.step("onsets").after == 1


@pytest.mark.parametrize(
    ("starts", "event", "reason"),
    [
        ([20170630], None, "event date missing"),
        ([20170630], 201707, "event date not known to the day"),
        ([], 20170702, "start of the drug missing"),
        ([None], 20170702, "start of the drug missing"),
        ([201706], 20170702, "start of the drug not known to the day"),
        ([20170630, 201706], 20170702, "start of the drug not known to the day"),
        ([20170630, 2017], 20170702, "start of the drug not known to the day"),
        ([20170703], 20170702, "start after the event"),
        ([20070630], 20170701, "more than 3653 days"),
    ],
)
def test_every_drug_without_an_onset_has_a_reason(
    cleaned: Any, starts: list[int | None], event: int | None, reason: str
) -> None:
    frames, log = onset(cleaned, starts, event)
    step = log.step("onsets")
    assert frames["onsets"].is_empty()
    assert (step.before, step.after) == (1, 0)
    assert {name: n for name, n in step.dropped.items() if n} == {reason: 1}


def test_concomitant_drugs_have_no_onset(cleaned: Any) -> None:
    frames, log = onset(cleaned, [20170630], 20170702, role="C")
    assert frames["onsets"].is_empty()
    assert log.step("onsets").before == 0


def test_the_longest_onset_is_a_setting(cleaned: Any) -> None:
    frames, _ = onset(cleaned, [20070630], 20170701, settings=Cleaning(longest_onset_days=4000))
    assert frames["onsets"]["days"].to_list() == [3654]
