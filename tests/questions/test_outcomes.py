"""Outcomes as arrays: what is known, and that what is missing is never zero."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from coley.model.study import Study
from coley.questions.outcomes import ENDPOINTS, outcomes, responders

PATIENTS = pl.DataFrame(
    {
        "patient_id": list("abcdef"),
        "responder": [True, False, None, True, False, None],
        "os_months": [3.0, None, 0.0, -1.0, float("inf"), 9.5],
        "os_event": [True, True, False, True, False, None],
        "pfs_months": [1.0, 2.0, 0.0, 4.0, 5.0, 6.0],
        "pfs_event": [1, 0, 1, 0, 1, 0],
    }
)


def test_a_response_that_was_not_recorded_is_missing_and_no_failure() -> None:
    np.testing.assert_array_equal(responders(PATIENTS), [1, 0, np.nan, 1, 0, np.nan])
    assert np.isnan(responders(PATIENTS.drop("responder"))).all()


def test_an_endpoint_is_known_where_time_and_event_can_be() -> None:
    found = {outcome.endpoint: outcome for outcome in outcomes(Study("s", {"patients": PATIENTS}))}
    assert list(found) == ["pfs", "os"]
    assert found["os"].known.tolist() == [True, False, True, False, False, False]
    assert found["pfs"].known.all()
    assert found["pfs"].event.tolist() == [True, False, True, False, True, False]
    assert found["os"].title == ENDPOINTS["os"] == "Overall survival"


def test_what_is_unknown_is_finite_and_no_event_in_the_arrays() -> None:
    os = outcomes(Study("s", {"patients": PATIENTS}))[1]
    assert np.isfinite(os.time).all()
    assert not os.event[~os.known].any()


def test_among_keeps_the_rows_in_whom_the_endpoint_is_known() -> None:
    os = outcomes(Study("s", {"patients": PATIENTS}))[1]
    time, event = os.among(np.array([True, True, False, True, False, True]))
    assert (time.tolist(), event.tolist()) == ([3.0], [True])
    time, event = os.among(np.ones(6, dtype=bool))
    assert (time.tolist(), event.tolist()) == ([3.0, 0.0], [True, False])


@pytest.mark.parametrize("column", ["os_months", "os_event"])
def test_an_endpoint_without_its_time_or_its_event_is_not_held(column: str) -> None:
    without = PATIENTS.drop(column)
    empty = PATIENTS.with_columns(pl.lit(None).alias(column))
    for patients in (without, empty):
        assert [o.endpoint for o in outcomes(Study("s", {"patients": patients}))] == ["pfs"]
