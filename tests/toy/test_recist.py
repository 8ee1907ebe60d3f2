from __future__ import annotations

import numpy as np
import pytest

from coley.toy.recist import (
    CODES,
    NE,
    NEVER,
    PD,
    Readings,
    best_response,
    first_visit,
    time_points,
    true_progression,
)


def respond(baseline_mm, sums_mm, *, evaluable=None, cleared=None, new=None):
    visits = len(sums_mm)
    flags = [
        np.array([flag if flag else [default] * visits])
        for flag, default in ((evaluable, True), (cleared, False), (new, False))
    ]
    readings = Readings(
        np.rint(10 * np.array([baseline_mm])).astype(np.int64),
        np.rint(10 * np.array([sums_mm])).astype(np.int64),
        *flags,
    )
    return CODES[time_points(readings)[0]].tolist()


@pytest.mark.parametrize(
    ("baseline", "sums", "expected"),
    [
        (50, [20, 25], ["PR", "PD"]),  # +25 % and +5 mm over the nadir
        (50, [20, 24], ["PR", "PR"]),  # +20 % but only +4 mm
        (50, [10, 12.5], ["PR", "PR"]),  # +25 % but only +2.5 mm
        (100, [70, 70, 80, 80, 80], ["PR", "PR", "SD", "SD", "SD"]),  # never 20 % over 70
        (100, [119.9], ["SD"]),
        (100, [120], ["PD"]),
        (100, [70.1], ["SD"]),
        (20, [24], ["SD"]),
    ],
)
def test_thresholds(baseline, sums, expected):
    assert respond(baseline, sums) == expected


def test_a_new_lesion_is_progression_even_in_a_shrinking_tumour():
    assert respond(100, [40, 30], new=[False, True]) == ["PR", "PD"]


def test_complete_response_needs_everything_cleared():
    assert respond(60, [8, 8], cleared=[True, False]) == ["CR", "PR"]


def test_an_unread_visit_is_no_response_and_no_nadir():
    assert respond(100, [10, 100], evaluable=[False, True]) == ["NE", "SD"]


def test_best_response_counts_only_the_visits_that_count():
    responses = np.array([[2, 1, 3, 0], [4, 4, 4, 4]])
    counted = np.array([[True, True, True, False], [True, False, False, False]])
    assert CODES[best_response(responses, counted)].tolist() == ["PR", "NE"]
    assert best_response(responses, np.zeros_like(counted)).tolist() == [NE, NE]


def test_first_visit():
    assert first_visit(np.array([[2, 3, 3], [2, 2, 2]]) == PD).tolist() == [1, NEVER]


def test_exact_progression_is_against_the_nadir():
    months = np.array([0.0, 1.0, 2.0, 3.0])
    sums = np.array([[50.0, 20.0, 24.0, 25.0], [50.0, 51.0, 52.0, 53.0]])
    assert true_progression(months, sums).tolist() == [3.0, np.inf]
