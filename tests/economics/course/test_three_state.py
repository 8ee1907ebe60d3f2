"""Clock forward and clock reset: closed forms, quadrature, order of error, flows, and the bosonc data."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from coley.economics.course.discounting import NO_DISCOUNT
from coley.economics.course.grid import at_times, cycles, exact
from coley.economics.course.outcome import evaluate
from coley.economics.course.rewards import Reward
from coley.economics.course.three_state import clock_forward, clock_reset
from coley.model.errors import InvalidSetting, UnreadableInput

BUILD = {"forward": clock_forward, "reset": clock_reset}
YEARS = Reward("life years", "effect", by_state={"progression_free": 1, "progressed": 1})
# Weibull curves, (shape, scale in years): progression, death before it, death after it.
CURVES = {"progression": (1.3, 1.2), "death_before": (0.8, 9.0), "death_after": (0.9, 1.5)}


def survival(name, t):
    shape, scale = CURVES[name]
    return np.exp(-((t / scale) ** shape))


def density(name, t):
    shape, scale = CURVES[name]
    return shape / scale * (t / scale) ** (shape - 1) * survival(name, t)


def course(kind, grid):
    t = grid.times_years
    return BUILD[kind](
        grid,
        survival("progression", t),
        death_before=survival("death_before", t),
        death_after=survival("death_after", t),
    )


def progressed(kind, t):
    """By quadrature: progression at u, then alive until t."""

    def alive(u):
        if kind == "reset":
            return survival("death_after", t - u)
        return survival("death_after", t) / survival("death_after", u)

    def integrand(u):
        return density("progression", u) * survival("death_before", u) * alive(u)

    return quad(integrand, 0, t, epsabs=1e-13, epsrel=1e-12, limit=400)[0]


@pytest.mark.parametrize("kind", BUILD)
def test_equals_quadrature_to_second_order(kind):
    times = np.array([0.25, 1.0, 3.0, 8.0])
    truth = np.array([progressed(kind, t) for t in times])
    errors = {}
    for per_year in (52, 104, 208):
        grid = cycles(8, 1 / per_year)
        at = np.round(times * per_year).astype(int)
        errors[per_year] = np.abs(course(kind, grid).occupancy[0, at, 1] - truth).max()
    assert errors[52] < 1e-4
    assert errors[208] < 6e-6
    # The hazard of death is infinite at time 0 here (shapes below 1), so the order is a little below 2.
    assert np.log2(errors[52] / errors[104]) > 1.7
    assert np.log2(errors[104] / errors[208]) > 1.7


@pytest.mark.parametrize("kind", BUILD)
def test_constant_hazards_have_a_closed_form_and_no_memory(kind):
    grid = cycles(10, 1 / 52)
    t = grid.times_years
    found = BUILD[kind](grid, np.exp(-0.5 * t), death_before=np.exp(-0.1 * t), death_after=np.exp(-0.8 * t))
    expected = 0.5 / 0.2 * (np.exp(-0.6 * t) - np.exp(-0.8 * t))
    np.testing.assert_allclose(found.occupancy[0, :, 0], np.exp(-0.6 * t), atol=1e-14)
    np.testing.assert_allclose(found.occupancy[0, :, 1], expected, atol=2e-5)
    # The flows of the whole course: who progressed, who died before and after.
    flows = found.weigh_flows(np.ones(len(t) - 1))[0]
    assert flows[0, 1] == pytest.approx(0.5 / 0.6 * (1 - np.exp(-6)), abs=1e-5)
    assert flows[0, 2] == pytest.approx(0.1 / 0.6 * (1 - np.exp(-6)), abs=1e-5)
    assert flows[0, 2] + flows[1, 2] == pytest.approx(found.occupancy[0, -1, 2])
    np.testing.assert_allclose(flows.sum(axis=1), found.occupancy[0, :-1].sum(axis=0))


@pytest.mark.parametrize("kind", BUILD)
def test_draws_are_independent_and_one_stands_beside_many(kind):
    grid = cycles(5, 1 / 12)
    t = grid.times_years
    ttp = np.exp(-np.linspace(0.3, 0.9, 700)[:, None] * t)  # more draws than one block
    after = np.exp(-np.linspace(1.5, 0.4, 700)[:, None] * t)
    all_draws = BUILD[kind](grid, ttp, death_before=np.exp(-0.1 * t), death_after=after)
    for d in (0, 300, 699):
        one = BUILD[kind](grid, ttp[d], death_before=np.exp(-0.1 * t), death_after=after[d])
        np.testing.assert_allclose(all_draws.occupancy[d], one.occupancy[0], atol=1e-14)


def test_nobody_progresses_or_everybody_dies_at_progression():
    grid = cycles(5, 0.25)
    t = grid.times_years
    never = clock_reset(grid, np.ones_like(t), death_before=np.exp(-t), death_after=np.exp(-t))
    np.testing.assert_allclose(never.occupancy[0, :, 0], np.exp(-t))
    assert (never.occupancy[0, :, 1] == 0).all()
    at_once = clock_forward(
        grid, np.exp(-t), death_before=np.ones_like(t), death_after=np.where(t == 0, 1.0, 0.0)
    )
    assert at_once.occupancy[0, 2:, 1].max() < np.exp(-t)[1:].max() * 0.25
    assert np.isfinite(at_once.occupancy).all()


def test_forward_runs_on_uneven_times_and_reset_refuses_them():
    t = np.unique(np.r_[np.arange(0, 1, 1 / 52), np.arange(1, 8.01, 1 / 26)])
    found = course("forward", at_times(t)).occupancy[0, -1, 1]
    assert found == pytest.approx(progressed("forward", t[-1]), abs=2e-4)
    with pytest.raises(InvalidSetting, match="one length"):
        course("reset", at_times(t))


def test_refusals():
    t = cycles(5, 0.5).times_years
    good = {"death_before": np.exp(-t), "death_after": np.exp(-t)}
    with pytest.raises(InvalidSetting, match="grid of cycles from 0"):
        course("forward", exact(5))
    with pytest.raises(InvalidSetting, match="grid of cycles from 0"):
        course("forward", at_times([1, 2, 3]))
    with pytest.raises(UnreadableInput, match="'progression' rises"):
        clock_reset(cycles(5, 0.5), 1 - np.exp(-t), **good)
    with pytest.raises(InvalidSetting, match="same draws"):
        clock_reset(cycles(5, 0.5), np.ones((2, 11)), death_before=np.ones((3, 11)), death_after=np.ones(11))


@pytest.mark.parametrize("kind", BUILD)
def test_mean_time_progressed_equals_a_double_integral(kind):
    grid = cycles(10, 1 / 104)
    found = evaluate(course(kind, grid), [YEARS], effects=NO_DISCOUNT)
    nodes = exact(10)
    inner = [progressed(kind, t) for t in nodes.times_years]
    assert found.state_years[0, 1] == pytest.approx(nodes.over_states(np.ones(len(nodes))) @ inner, abs=5e-5)
    stable = nodes.over_states(np.ones(len(nodes))) @ (
        survival("progression", nodes.times_years) * survival("death_before", nodes.times_years)
    )
    assert found.state_years[0, 0] == pytest.approx(stable, abs=5e-5)
