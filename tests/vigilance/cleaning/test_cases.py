"""One row a case: ages, sexes, quarters, reporters, outcomes."""

from __future__ import annotations

from typing import Any

AGES = {
    0.0: "<18",
    17.99: "<18",
    18.0: "18-44",
    45.0: "45-64",
    64.9: "45-64",
    65.0: "65-74",
    75.0: "75+",
    120.0: "75+",
}
SEXES = {"F": "F", "m": "M", "UNK": None, "NS": None, None: None}
REPORTERS = {"MD": "professional", "hp": "professional", "CN": "consumer", "LW": None, None: None}
# First received, received, label of the extract: quarter and year.
RECEIPTS = {
    (20170401, 20180101, "2018Q1"): (8069, 2017),
    (None, 20180101, "2019Q1"): (8072, 2018),
    (2017, None, "2017Q3"): (8070, 2017),
    (2017, None, None): (None, 2017),
    (None, None, "2017Q3"): (8070, 2017),
    (None, None, "third of 2017"): (None, None),
    (None, None, None): (None, None),
}


def column(cleaned: Any, name: str, **columns: list[Any]) -> tuple[list[Any], Any]:
    """A column of the cases of reports that are given as columns, in their order, and the log."""
    n = len(next(iter(columns.values())))
    frames, log = cleaned({"reports": {"report_id": list(range(n)), **columns}})
    return frames["cases"].sort("report_id")[name].to_list(), log


def test_ages_from_0_to_120_fall_into_groups(cleaned: Any) -> None:
    groups, log = column(cleaned, "age_group", age_years=list(AGES))
    assert groups == list(AGES.values())
    assert log.noted["cases whose age was out of range and is taken as missing"] == 0


def test_other_ages_are_missing_and_counted(cleaned: Any) -> None:
    ages, log = column(cleaned, "age_years", age_years=[121.0, -1.0, 50.0, None])
    assert ages == [None, None, 50.0, None]
    assert log.noted["cases whose age was out of range and is taken as missing"] == 2


def test_sexes(cleaned: Any) -> None:
    sexes, log = column(cleaned, "sex", sex=list(SEXES))
    assert sexes == list(SEXES.values())
    assert log.noted["cases whose sex was neither F nor M and is taken as missing"] == 2


def test_reporters(cleaned: Any) -> None:
    reporters, _ = column(cleaned, "reporter", reporter=list(REPORTERS))
    assert reporters == list(REPORTERS.values())


def test_quarter_and_year_of_first_receipt(cleaned: Any) -> None:
    first, received, extract = (list(part) for part in zip(*RECEIPTS, strict=True))
    n = len(first)
    frames, log = cleaned(
        {
            "reports": {
                "report_id": list(range(n)),
                "first_received_date": first,
                "received_date": received,
                "quarter": extract,
            }
        }
    )
    assert frames["cases"].sort("report_id").select("quarter", "year").rows() == list(RECEIPTS.values())
    assert log.noted["cases whose quarter of receipt is not known"] == 3


def test_outcomes_make_a_case_serious_or_fatal(cleaned: Any) -> None:
    frames, _ = cleaned(
        {
            "reports": {"report_id": [1, 2, 3, 4]},
            "outcomes": {"report_id": [1, 1, 2, 4], "outcome": ["HO", "DE", "OT", None]},
        }
    )
    assert frames["cases"].select("serious", "fatal").rows() == [
        (True, True), (True, False), (False, False), (False, False),
    ]  # fmt: skip


def test_a_format_without_outcomes_tells_nothing_of_seriousness(cleaned: Any) -> None:
    frames, _ = cleaned({"reports": {"report_id": [1]}})
    assert frames["cases"].select("serious", "fatal").rows() == [(None, None)]


def test_dates_of_the_event_that_are_none_are_missing(cleaned: Any) -> None:
    dates, _ = column(cleaned, "event_date", event_date=[20170231, 201702, 20170228])
    assert dates == [None, 201702, 20170228]
