"""FDA's rule of versions, the change from AERS to FAERS, and withdrawn cases."""

from __future__ import annotations

from typing import Any


def kept(frames: dict[str, Any]) -> list[int]:
    return sorted(frames["cases"]["report_id"].to_list())


# Versions of one case each, as report_id: received_date; the first is the one to keep.
CASES: tuple[dict[int, int | None], ...] = (
    {101: 20170301, 102: 20170105},  # received last
    {2010: 20170301, 209: 20170301, 208: 20170301},  # of one day, the highest report
    {301: 20100101, 302: None},  # a missing date never beats a known one
    {402: 20170102, 401: 2017},  # partial dates are ordered by what is known
    {501: 201703, 502: 20170215},
    {601: None},
)


def test_keeps_of_each_case_the_report_that_was_received_last(cleaned: Any) -> None:
    rows = [(report, case, date) for case, dates in enumerate(CASES) for report, date in dates.items()]
    report, case, received = (list(part) for part in zip(*rows, strict=True))
    frames, log = cleaned({"reports": {"report_id": report, "case_id": case, "received_date": received}})
    assert kept(frames) == sorted(next(iter(dates)) for dates in CASES)
    step = log.step("case versions")
    assert (step.before, step.after) == (len(rows), len(CASES))
    assert step.dropped["superseded by a later version"] == len(rows) - len(CASES)


def test_a_case_that_began_in_aers_and_went_on_in_faers_is_one(cleaned: Any) -> None:
    frames, _ = cleaned(
        {
            "reports": {
                "report_id": [8_412_345, 71_234_562],
                "case_id": [7_123_456, 7_123_456],
                "received_date": [20120810, 20130115],
                "quarter": ["2012Q3", "2013Q1"],
            }
        }
    )
    assert kept(frames) == [71_234_562]
    assert frames["cases"]["quarter"].to_list() == [4 * 2012 + 2]  # first received in the third quarter


def test_withdrawn_cases_go_with_all_their_versions(cleaned: Any) -> None:
    frames, log = cleaned(
        {
            "reports": {"report_id": [1, 2, 3], "case_id": [5, 5, 6], "received_date": [20100101] * 3},
            "deleted": {"case_id": [5, 99, None]},
        }
    )
    assert kept(frames) == [3]
    assert log.step("case versions").dropped["case withdrawn"] == 2


def test_a_report_that_came_in_two_quarters_is_one_with_its_later_row(cleaned: Any) -> None:
    frames, log = cleaned(
        {
            "reports": {
                "report_id": [1, 1, 2],
                "case_id": [5, 5, 6],
                "received_date": [20100101] * 3,
                "quarter": ["2010Q1", "2010Q2", "2010Q1"],
                "sex": ["F", "M", "F"],
            },
            "drugs": {"report_id": [1, 1, 2], "drug_seq": [1, 1, 1], "role": ["PS"] * 3, "name": ["x"] * 3},
        }
    )
    assert kept(frames) == [1, 2]
    assert frames["cases"]["sex"].to_list() == ["M", "F"]
    assert log.step("case versions").dropped["same report twice"] == 1
    assert frames["exposures"].height == 2


def test_a_report_under_two_cases_is_still_one(cleaned: Any) -> None:
    frames, _ = cleaned(
        {"reports": {"report_id": [1, 1], "case_id": [5, 6], "received_date": [20100101] * 2}}
    )
    assert kept(frames) == [1]


def test_reports_without_a_case_are_cases_of_their_own(cleaned: Any) -> None:
    frames, _ = cleaned(
        {"reports": {"report_id": [1, 2], "case_id": [None, None], "received_date": [2010, 2010]}}
    )
    assert kept(frames) == [1, 2]
