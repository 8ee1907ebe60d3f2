"""Restricted cubic splines against Hmisc, and the shape that they promise."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.judging.splines import QUANTILES, harrell_knots, restricted_cubic_spline


@pytest.mark.parametrize("count", [3, 4, 5])
def test_equals_hmisc(judged, count):
    age = judged("judged")["age"]
    knots = harrell_knots(age, count)
    np.testing.assert_allclose(knots, judged(f"knots_{count}")["knot"], atol=1e-9)
    np.testing.assert_allclose(
        restricted_cubic_spline(age, knots), judged(f"spline_{count}").to_numpy(), atol=1e-9
    )


@pytest.mark.parametrize("count", QUANTILES)
def test_straight_beyond_the_outer_knots_and_smooth_between(count):
    x = np.random.default_rng(1).normal(size=500)
    knots = harrell_knots(x, count)
    for start, stop in ((knots[0] - 9, knots[0]), (knots[-1], knots[-1] + 9)):
        bend = np.diff(restricted_cubic_spline(np.linspace(start, stop, 50), knots), n=2, axis=0)
        np.testing.assert_allclose(bend, 0, atol=1e-9)
    within = restricted_cubic_spline(np.linspace(knots[0], knots[-1], 2001), knots)
    bend = np.diff(within, n=2, axis=0)
    assert np.abs(bend[:, 1:]).max() > 0
    assert np.abs(np.diff(bend, axis=0)).max() < 0.02 * np.abs(bend).max()  # second derivative without a jump


def test_new_patients_get_the_columns_of_the_old_knots():
    x = np.random.default_rng(2).normal(size=200)
    knots = harrell_knots(x)
    np.testing.assert_array_equal(restricted_cubic_spline(x), restricted_cubic_spline(x, knots))
    np.testing.assert_allclose(
        restricted_cubic_spline(x[:5], knots), restricted_cubic_spline(x, knots)[:5], atol=1e-12
    )


def test_a_marker_with_many_zeros_still_has_knots():
    x = np.append(np.zeros(300), np.arange(1, 101))
    knots = harrell_knots(x)
    assert (np.diff(knots) > 0).all()
    assert np.linalg.matrix_rank(restricted_cubic_spline(x, knots)) == 3


def test_refusals():
    with pytest.raises(InvalidSetting, match="for 2"):
        harrell_knots([1, 2, 3], 2)
    with pytest.raises(NotEstimable, match="2 distinct values"):
        harrell_knots([0, 1] * 20, 3)
    with pytest.raises(UnreadableInput, match="spline"):
        restricted_cubic_spline([1, np.nan], [1, 2, 3])
    for knots in ([1, 2], [1, 1, 2], [3, 2, 1], [1, 2, np.inf]):
        with pytest.raises(InvalidSetting, match="Knots"):
            restricted_cubic_spline([1, 2], knots)
