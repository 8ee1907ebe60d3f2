"""Days from the first dose to the event: only where both are known to the day."""

from __future__ import annotations

from typing import Any

import polars as pl

from coley.vigilance.cleaning import Cleaning

# Starts of the drugs of one report, date of the event: days, or the reason why there are none.
REPORTS: dict[tuple[tuple[int | None, ...], int | None], int | str] = {
    ((20170630,), 20170630): 0,
    ((20170630,), 20170702): 2,
    ((20170701, 20170630), 20170702): 2,
    ((20170630, None), 20170702): 2,
    ((20170630, 201708), 20170702): 2,
    ((20170630, 201707), 20170702): 2,
    ((20170630,), None): "event date missing",
    ((20170630,), 201707): "event date not known to the day",
    ((), 20170702): "start of the drug missing",
    ((None,), 20170702): "start of the drug missing",
    ((201706,), 20170702): "start of the drug not known to the day",
    ((20170630, 201706), 20170702): "start of the drug not known to the day",
    ((20170630, 2017), 20170702): "start of the drug not known to the day",
    ((20170703,), 20170702): "start after the event",
    ((20070630,), 20170701): "more than 3653 days",
}


def relations(reports: dict[Any, Any], role: str = "PS") -> dict[str, Any]:
    """Reports with one ingredient each, in as many drug rows as there are starts."""
    starts = [(i, seq, start) for i, (given, _) in enumerate(reports) for seq, start in enumerate(given)]
    rows = [(i, seq) for i, (given, _) in enumerate(reports) for seq in range(max(1, len(given)))]
    return {
        "reports": {"report_id": list(range(len(reports))), "event_date": [event for _, event in reports]},
        "drugs": {
            "report_id": [i for i, _ in rows],
            "drug_seq": [seq for _, seq in rows],
            "role": [role] * len(rows),
            "name": ["x"] * len(rows),
        },
        "therapies": pl.DataFrame(
            starts,
            schema={"report_id": pl.Int64, "drug_seq": pl.Int64, "start_date": pl.Int32},
            orient="row",
        ),
    }


def test_every_suspected_drug_has_its_days_or_a_reason(cleaned: Any) -> None:
    frames, log = cleaned(relations(REPORTS))
    found = dict(frames["onsets"].select("report_id", "days").iter_rows())
    for i, (report, expected) in enumerate(REPORTS.items()):
        assert found.get(i) == (expected if isinstance(expected, int) else None), report
    step = log.step("onsets")
    reasons = [reason for reason in REPORTS.values() if isinstance(reason, str)]
    assert (step.before, step.after) == (len(REPORTS), len(REPORTS) - len(reasons))
    assert step.dropped == {reason: reasons.count(reason) for reason in step.dropped}


def test_concomitant_drugs_have_no_onset(cleaned: Any) -> None:
    frames, log = cleaned(relations({((20170630,), 20170702): 2}, role="C"))
    assert frames["onsets"].is_empty()
    assert log.step("onsets").before == 0


def test_the_longest_onset_is_a_setting(cleaned: Any) -> None:
    settings = Cleaning(find_duplicates=False, longest_onset_days=4000)
    frames, _ = cleaned(relations({((20070630,), 20170701): 3654}), settings=settings)
    assert frames["onsets"]["days"].to_list() == [3654]


def test_drug_rows_of_one_report_do_not_lend_their_starts_to_another(cleaned: Any) -> None:
    frames, _ = cleaned(relations({((20170601,), 20170702): 31, ((20170630,), 20170702): 2}))
    assert frames["onsets"].rows() == [(0, "x", 31), (1, "x", 2)]
