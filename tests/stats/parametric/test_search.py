"""The climb on surfaces that are known: two tops, a saddle to start from, a ridge, an edge, a wall."""

from __future__ import annotations

import numpy as np
import pytest

from coley.stats.parametric.likelihood import stencil
from coley.stats.parametric.search import Ground, climb, hills


def ground(surface, edge=lambda place: False):
    def full(place):
        places, slope, curvature = stencil(len(place))
        with np.errstate(all="ignore"):
            values = np.array([surface(place + 1e-3 * at) for at in places])
        return values[0], slope @ values / 1e-3, curvature @ values / 1e-6

    def value(place):
        with np.errstate(all="ignore"):
            height = surface(place)
        return height if np.isfinite(height) else -np.inf

    return Ground(value, full, lambda step: float(np.abs(step).max()), edge)


def two_tops(p):
    return float(np.logaddexp(-((p[0] - 3) ** 2) - p[1] ** 2, 1 - 2 * (p[0] + 3) ** 2 - p[1] ** 2))


def test_the_higher_top_comes_first_and_the_other_is_kept():
    found = hills(ground(two_tops), [np.array([2.0, 1.0]), np.array([-2.0, 1.0])])
    assert [hill.end for hill in found] == ["top", "top"]
    np.testing.assert_allclose([found[0].place, found[1].place], [[-3, 0], [3, 0]], atol=1e-5)
    np.testing.assert_allclose([hill.value for hill in found], [1, 0], atol=1e-9)


def test_tops_that_agree_are_one_and_end_the_search():
    climbs = []

    def counted(p):
        climbs.append(p)
        return two_tops(p)

    starts = [np.array([3.0 + d, d]) for d in (0.1, 0.2, 0.3)]
    assert len(hills(ground(counted), starts)) == 1
    few = len(climbs)
    hills(ground(counted), [*starts, np.array([3.4, 0.4]), np.array([3.5, 0.5])])
    assert (
        len(climbs) - few < few + 10
    )  # three agreed: the last two were looked at once each, and not climbed


def test_curvature_the_wrong_way_is_left():
    saddle = climb(ground(lambda p: float(-((p[0] ** 2 - 1) ** 2) - p[1] ** 2)), np.array([0.05, 2.0]))
    assert saddle.end == "top"
    assert abs(saddle.place[0]) == pytest.approx(1, abs=1e-5)


def test_a_ridge_is_no_top_and_a_proper_top_is_preferred_to_a_higher_ridge():
    def surface(p):  # a top at (-5, 0), and a ridge that rises for ever along the first axis
        return float(
            np.logaddexp(-((p[0] + 5) ** 2), np.log1p(np.exp(p[0])) / 4 + 2 - 9 * (p[0] < -2)) - p[1] ** 2
        )

    found = hills(ground(surface), [np.array([-4.5, 0.3]), np.array([2.0, 0.3])])
    assert [hill.end for hill in found] == ["top", "ridge"]
    assert found[1].value > found[0].value


def test_the_edge_of_a_range_is_told():
    found = climb(ground(lambda p: float(-np.logaddexp(0, p[0]))), np.array([0.0]))
    assert found.end != "edge"
    found = climb(ground(lambda p: float(-np.logaddexp(0, p[0])), lambda p: p[0] < -12), np.array([0.0]))
    assert found.end == "edge"


def test_a_wall_is_not_walked_through():
    found = climb(ground(lambda p: float(np.log(p[0]) - 5 * p[0])), np.array([4.0]))
    assert found.place[0] == pytest.approx(0.2, abs=1e-6)
    assert climb(ground(lambda p: float(np.log(p[0]))), np.array([-1.0])) is None
