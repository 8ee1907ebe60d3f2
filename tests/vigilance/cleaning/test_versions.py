"""FDA's rule of versions, the change from AERS to FAERS, and withdrawn cases."""

from __future__ import annotations

from typing import Any

import pytest


def kept(frames: dict[str, Any]) -> list[int]:
    return sorted(frames["cases"]["report_id"].to_list())


def test_keeps_the_report_that_was_received_last(cleaned: Any) -> None:
    frames, log = cleaned(
        {"reports": {"report_id": [102, 101, 201], "case_id": [10, 10, 20], "received_date": [20170105, 20170301, 2016]}}
    )
    assert kept(frames) == [101, 201]
    step = log.step("case versions")
    assert (step.before, step.after, step.dropped["superseded by a later version"]) == (3, 2, 1)


def test_ties_go_to_the_highest_report(cleaned: Any) -> None:
    frames, _ = cleaned(
        {"reports": {"report_id": [109, 1010, 108], "case_id": [10] * 3, "received_date": [20170301] * 3}}
    )
    assert kept(frames) == [1010]


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
    assert frames["cases"]["quarter"].to_list() == [4 * 2012 + 2]  # first received in the third quarter of 2012


def test_a_missing_date_never_beats_a_known_one(cleaned: Any) -> None:
    frames, _ = cleaned(
        {"reports": {"report_id": [1, 2], "case_id": [5, 5], "received_date": [20100101, None]}}
    )
    assert kept(frames) == [1]


@pytest.mark.parametrize(("dates", "winner"), [((2017, 20170102), 2), ((201703, 20170215), 1)])
def test_partial_dates_of_receipt_are_ordered_by_what_is_known(
    cleaned: Any, dates: tuple[int, int], winner: int
) -> None:
    frames, _ = cleaned({"reports": {"report_id": [1, 2], "case_id": [5, 5], "received_date": list(dates)}})
    assert kept(frames) == [winner]


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
    frames, _ = cleaned({"reports": {"report_id": [1, 1], "case_id": [5, 6], "received_date": [20100101] * 2}})
    assert kept(frames) == [1]


def test_reports_without_a_case_are_cases_of_their_own(cleaned: Any) -> None:
    frames, _ = cleaned({"reports": {"report_id": [1, 2], "case_id": [None, None], "received_date": [2010, 2010]}})
    assert kept(frames) == [1, 2]
