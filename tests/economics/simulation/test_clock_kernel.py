"""Luck is uniform and independent, hazards turn back into times, discounts integrate exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad
from scipy.special import log_ndtr, ndtri_exp

from coley.economics.course.discounting import Discount
from coley.economics.simulation.clock_kernel import (
    accumulated,
    area,
    factor,
    latent,
    normal_hazard,
    normal_time,
    reached,
    stream,
    uniform,
)
from coley.economics.simulation.clocks import Hazard, side_by_side
from coley.economics.simulation.discounts import pieces
from coley.stats.parametric.curves import cumulative_hazard
from coley.stats.parametric.families import FAMILIES
from coley.stats.parametric.piecewise import piecewise_exponential

PARAMETERS = {
    "exponential": [0.3],
    "weibull": [1.4, 2.5],
    "weibull_ph": [0.7, 0.4],
    "gompertz": [-0.2, 0.3],
    "log_normal": [0.5, 1.1],
    "log_logistic": [1.8, 2.2],
    "gamma": [1.7, 0.6],
    "generalised_gamma": [0.6, 0.8, 0.4],
}


def lucks(seed: int, draws: int, patients: int, events: int) -> np.ndarray:
    def below(key: Any, number: int) -> np.uint64:
        return np.uint64(stream(np.uint64(key), number))

    return np.array(
        [
            [[uniform(below(below(seed, d), n), e) for e in range(events)] for n in range(patients)]
            for d in range(draws)
        ]
    )


def test_luck_is_uniform_along_every_axis_and_neighbours_do_not_know_each_other() -> None:
    u = lucks(1, 20, 100, 20)
    assert stats.kstest(u.ravel(), "uniform").pvalue > 0.001
    for axis in range(3):
        first, second = np.delete(u, -1, axis).ravel(), np.delete(u, 0, axis).ravel()
        assert abs(np.corrcoef(first, second)[0, 1]) < 4 / np.sqrt(len(first))
        by_place = np.moveaxis(u, axis, 0).reshape(u.shape[axis], -1).mean(axis=1)
        z = (by_place - 0.5) * np.sqrt(12 * u.size / u.shape[axis])
        assert stats.kstest(z, "norm").pvalue > 0.001
    pairs = np.histogram2d(u[..., :-1].ravel(), u[..., 1:].ravel(), bins=10)[0]
    assert stats.chisquare(pairs.ravel()).pvalue > 0.001


def test_luck_of_neighbouring_seeds_differs() -> None:
    one, two = lucks(1, 1, 500, 4), lucks(2, 1, 500, 4)
    assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < 0.09
    assert not np.isin(one, two).any()


@settings(deadline=None)  # the first example waits for the compiler
@given(st.floats(1e-12, 650))
def test_normal_quantiles_by_cumulative_hazard_agree_with_scipy(total: float) -> None:
    assert normal_time(total) == pytest.approx(float(-ndtri_exp(-total)), rel=1e-12, abs=1e-13)


@settings(deadline=None)
@given(st.floats(-37, 60))
def test_normal_hazard_agrees_with_scipy(z: float) -> None:
    assert normal_hazard(z) == pytest.approx(float(-log_ndtr(-z)), rel=1e-5 if z > 37 else 1e-11)


@pytest.mark.parametrize("family", sorted(PARAMETERS))
@pytest.mark.parametrize("ratio", [1.0, 0.3])
def test_hazards_are_those_of_the_family_and_turn_back(family: str, ratio: float) -> None:
    clocks = side_by_side(
        [Hazard(family, PARAMETERS[family], ratio=ratio)], draws=1, patients=1, horizon_years=40
    )
    times = np.array([0.01, 0.3, 1.0, 4.0, 20.0])
    exact = ratio * cumulative_hazard(FAMILIES[family], PARAMETERS[family], times)
    found = np.array([accumulated(*clocks, 0, 0, 0, t) for t in times])
    in_table = family in ("gamma", "generalised_gamma")
    np.testing.assert_allclose(found, exact, rtol=5e-4 if in_table else 1e-11)
    back = [reached(*clocks, 0, 0, 0, h) for h in exact]
    np.testing.assert_allclose(back, times, rtol=1e-4 if in_table else 1e-9)


def test_who_is_cured_never_has_the_event() -> None:
    clocks = side_by_side([Hazard("gompertz", [-0.5, 0.2])], draws=1, patients=1, horizon_years=40)
    assert reached(*clocks, 0, 0, 0, 0.39) < np.inf
    assert reached(*clocks, 0, 0, 0, 0.41) == np.inf  # the hazard accumulates to 0.2 / 0.5 and no further


def test_a_jump_of_the_hazard_is_a_node_of_the_table() -> None:
    family = piecewise_exponential([1.0, 3.0])
    clocks = side_by_side([Hazard(family, [0.1, 2.0, 0.5])], draws=1, patients=1, horizon_years=10)
    assert accumulated(*clocks, 0, 0, 0, 1.0) == pytest.approx(0.1, rel=1e-12)
    assert accumulated(*clocks, 0, 0, 0, 3.0) == pytest.approx(4.1, rel=1e-12)
    assert reached(*clocks, 0, 0, 0, 2.1) == pytest.approx(2.0, rel=1e-9)


@pytest.mark.parametrize("family", ["weibull", "log_normal", "gamma", "gompertz"])
def test_a_clock_that_runs_on_draws_from_what_is_left(family: str) -> None:
    parameters, t = PARAMETERS[family], 1.5
    clocks = side_by_side([Hazard(family, parameters)], draws=1, patients=1, horizon_years=40)
    rng = np.random.default_rng(5)
    times = np.array([latent(*clocks, 0, 0, 0, t, u) for u in rng.random(4000)])
    assert (times >= t).all()
    before = cumulative_hazard(FAMILIES[family], parameters, [t])[0]

    def distribution(x: np.ndarray) -> np.ndarray:
        x = np.minimum(x, 1e6)
        return np.asarray(-np.expm1(before - cumulative_hazard(FAMILIES[family], parameters, x)))

    if family == "gompertz":  # some never have it
        seen = times[times < np.inf]
        cured = np.exp(before - 0.3 / 0.2)
        assert len(seen) / 4000 == pytest.approx(1 - cured, abs=4 * np.sqrt(cured * (1 - cured) / 4000))
        assert stats.kstest(distribution(seen) / (1 - cured), "uniform").pvalue > 0.001
    else:
        assert stats.kstest(distribution(times), "uniform").pvalue > 0.001


DISCOUNTS = (
    Discount(0.035),
    Discount(0.0),
    Discount(0.03, "continuous"),
    Discount(0.035, steps=((3, 0.03), (7.5, 0.0))),
    Discount(0.05, start_years=1.0),
    Discount(0.05, start_years=1.0, steps=((4, 0.02),)),
    Discount(0.03, whole_years=True),
)


@pytest.mark.parametrize("discount", DISCOUNTS)
def test_discounts_agree_with_the_course_and_integrate(discount: Discount) -> None:
    rows = pieces(discount, 12.0)
    times = [0.0, 0.4, 1.0, 2.5, 3.0, 7.5, 11.9]
    np.testing.assert_allclose([factor(rows, t) for t in times], discount.factors(times), rtol=1e-12)
    jumps = [1, 3, 4, 7.5] if not discount.whole_years else list(range(1, 12))
    for t in times:
        exact = quad(lambda x: float(discount.factors(x)), 0, t, points=jumps, limit=200)[0] if t else 0.0
        assert area(rows, t) == pytest.approx(exact, rel=1e-9, abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 12), st.floats(0, 12), st.sampled_from(DISCOUNTS))
def test_areas_grow_no_faster_than_time(a: float, b: float, discount: Discount) -> None:
    rows = pieces(discount, 12.0)
    low, high = min(a, b), max(a, b)
    assert -1e-12 <= area(rows, high) - area(rows, low) <= high - low + 1e-12
