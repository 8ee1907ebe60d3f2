"""One row a case: ages, sexes, quarters, reporters, outcomes."""

from __future__ import annotations

from typing import Any

import pytest


def one(cleaned: Any, **columns: Any) -> dict[str, Any]:
    frames, _ = cleaned({"reports": {"report_id": [1], **{name: [value] for name, value in columns.items()}}})
    row: dict[str, Any] = frames["cases"].row(0, named=True)
    return row


@pytest.mark.parametrize(
    ("age", "kept", "group"),
    [
        (0.0, 0.0, "<18"),
        (17.99, 17.99, "<18"),
        (18.0, 18.0, "18-44"),
        (45.0, 45.0, "45-64"),
        (64.9, 64.9, "45-64"),
        (65.0, 65.0, "65-74"),
        (75.0, 75.0, "75+"),
        (120.0, 120.0, "75+"),
        (121.0, None, None),
        (-1.0, None, None),
        (None, None, None),
    ],
)
def test_ages_outside_0_to_120_are_missing(
    cleaned: Any, age: float | None, kept: float | None, group: str | None
) -> None:
    frames, log = cleaned({"reports": {"report_id": [1], "age_years": [age]}})
    row = frames["cases"].row(0, named=True)
    assert (row["age_years"], row["age_group"]) == (kept, group)
    refused = log.noted["cases whose age was out of range and is taken as missing"]
    assert refused == int(age is not None and kept is None)


@pytest.mark.parametrize(("written", "sex"), [("F", "F"), ("m", "M"), ("UNK", None), ("NS", None), (None, None)])
def test_sexes(cleaned: Any, written: str | None, sex: str | None) -> None:
    assert one(cleaned, sex=written)["sex"] == sex


@pytest.mark.parametrize(
    ("first", "received", "extract", "quarter", "year"),
    [
        (20170401, 20180101, "2018Q1", 8069, 2017),
        (None, 20180101, "2019Q1", 8072, 2018),
        (2017, None, "2017Q3", 8070, 2017),
        (2017, None, None, None, 2017),
        (None, None, "2017Q3", 8070, 2017),
        (None, None, "third of 2017", None, None),
        (None, None, None, None, None),
    ],
)
def test_quarter_of_first_receipt(
    cleaned: Any, first: int | None, received: int | None, extract: str | None, quarter: int | None, year: int | None
) -> None:
    row = one(cleaned, first_received_date=first, received_date=received, quarter=extract)
    assert (row["quarter"], row["year"]) == (quarter, year)


@pytest.mark.parametrize(
    ("code", "group"),
    [("MD", "professional"), ("hp", "professional"), ("CN", "consumer"), ("LW", None), (None, None)],
)
def test_reporters(cleaned: Any, code: str | None, group: str | None) -> None:
    assert one(cleaned, reporter=code)["reporter"] == group


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
    row = one(cleaned)
    assert row["serious"] is None
    assert row["fatal"] is None


def test_dates_of_the_event_that_are_none_are_missing(cleaned: Any) -> None:
    assert one(cleaned, event_date=20170231)["event_date"] is None
    assert one(cleaned, event_date=201702)["event_date"] == 201702
