"""Within-cycle corrections: against the rules of quadrature, and against each other."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad, simpson, trapezoid

from coley.economics.course.corrections import CORRECTIONS
from coley.economics.course.grid import at_times, cycles, exact
from coley.model.errors import InvalidSetting, UnknownName

UNEVEN = np.array([0.0, 0.1, 0.5, 0.75, 2.0, 2.5, 4.0])


def area(grid, function):
    return float(grid.over_states(np.ones(len(grid))) @ function(grid.times_years))


def decay(t):
    return np.exp(-0.7 * np.asarray(t))


def test_rules_of_quadrature():
    grid = cycles(4, 0.5, correction="simpson")
    assert area(grid, decay) == pytest.approx(simpson(decay(grid.times_years), dx=0.5), rel=1e-14)
    uneven = at_times(UNEVEN)
    assert area(uneven, decay) == pytest.approx(trapezoid(decay(UNEVEN), UNEVEN), rel=1e-14)
    # Simpson's rule is exact for cubics, the trapezoid for lines.
    assert area(grid, lambda t: t**3) == pytest.approx(64, rel=1e-14)
    assert area(uneven, lambda t: t) == pytest.approx(8, rel=1e-14)


@pytest.mark.parametrize("name", sorted(set(CORRECTIONS) - {"none", "simpson_swapped_as_published"}))
def test_a_constant_is_added_up_to_the_horizon(name):
    assert area(cycles(6, 0.5, correction=name), np.ones_like) == pytest.approx(6, rel=1e-14)


def test_faults_that_are_kept_by_name():
    """`none` counts one cycle too many; the swapped weights lose a sixth of four cycles."""
    assert area(cycles(4, 1, correction="none"), np.ones_like) == pytest.approx(5)
    assert area(cycles(4, 1, correction="simpson_swapped_as_published"), np.ones_like) == pytest.approx(
        10 / 3
    )
    assert area(cycles(75, 1, correction="simpson_swapped_as_published"), np.ones_like) == pytest.approx(
        74 + 2 / 3
    )


def test_start_and_end_bracket_and_their_mean_is_the_half_cycle():
    start, half, end = (area(cycles(4, 0.5, correction=c), decay) for c in ("start", "half_cycle", "end"))
    truth = quad(decay, 0, 4)[0]
    assert start > half > truth > end
    assert half == pytest.approx((start + end) / 2)


def test_life_table_is_the_half_cycle_with_the_discount_of_the_start():
    values, x = np.array([1.0, 0.9, 0.8]), np.array([1.0, 0.6, 0.2])
    grid = cycles(2, 1, correction="life_table")
    assert grid.over_states(values) @ x == pytest.approx(1.0 * 0.8 + 0.9 * 0.4)


def test_errors_of_second_and_fourth_order():
    truth = quad(decay, 0, 4)[0]
    for name, order in (("half_cycle", 2), ("simpson", 4)):
        coarse, fine = (abs(area(cycles(4, h, correction=name), decay) - truth) for h in (0.25, 0.125))
        assert np.log2(coarse / fine) == pytest.approx(order, abs=0.05)


def test_flows_that_are_worth_one_are_counted_once():
    for name, rule in CORRECTIONS.items():
        if name != "simpson_swapped_as_published":
            np.testing.assert_allclose(rule.flows(np.ones(5), np.ones(4)), 1.0)


def test_when_flows_are_charged():
    """At the middle of the cycle, at its end, or, by the life table, at its start like all of that cycle."""
    middle, end, start = [0.95, 0.85], [0.9, 0.8], [1.0, 0.9]
    expected = {
        "half_cycle": middle, "simpson": middle, "start": end, "end": end, "none": end, "life_table": start
    }  # fmt: skip
    for name, values in expected.items():
        found = cycles(2, 1, correction=name).over_flows(np.array([1.0, 0.9, 0.8]))
        np.testing.assert_allclose(found, values, err_msg=name)


def test_exact_on_smooth_curves_and_across_breaks():
    assert area(exact(20), decay) == pytest.approx(quad(decay, 0, 20)[0], rel=1e-13)
    step = exact(20, breaks_years=(7.3,))
    assert area(step, lambda t: np.where(t < 7.3, 1.0, decay(t))) == pytest.approx(
        7.3 + quad(decay, 7.3, 20)[0], rel=1e-12
    )
    sharp = area(exact(30), lambda t: 1 / (1 + (t / 0.02) ** 1.1))  # a log-logistic curve that falls in days
    assert sharp == pytest.approx(quad(lambda t: 1 / (1 + (t / 0.02) ** 1.1), 0, 30, limit=500)[0], rel=1e-7)


def test_refusals():
    with pytest.raises(InvalidSetting, match="even number of cycles"):
        cycles(5, 1, correction="simpson").over_states(np.ones(6))
    with pytest.raises(InvalidSetting, match="one length"):
        at_times(UNEVEN, correction="simpson").over_states(np.ones(7))
    with pytest.raises(UnknownName):
        cycles(5, 1, correction="half-cicle")
    with pytest.raises(InvalidSetting, match="whole number of cycles"):
        cycles(5, 0.3)
    with pytest.raises(InvalidSetting, match="must increase"):
        at_times([0, 2, 1])
    with pytest.raises(InvalidSetting, match="none missing"):
        at_times([0, np.nan, 1])
    with pytest.raises(InvalidSetting, match="Breaks"):
        exact(5, breaks_years=(6,))
    with pytest.raises(InvalidSetting, match="quadrature"):
        exact(5).over_flows(np.ones(3))
