"""What families say: hazards are slopes, quantiles invert, means are areas, draws follow, tails and limits hold."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import kstest

from coley.model.errors import InvalidSetting
from coley.stats.parametric import curves
from coley.stats.parametric.cure import mixture_cure, non_mixture_cure
from coley.stats.parametric.families import FAMILIES
from coley.stats.parametric.spline import royston_parmar

TIMES = np.array([0.3, 1.7, 5.0, 11.0, 29.0, 55.0])


def test_hazard_is_the_slope_of_the_cumulative_hazard(place):
    family, rows = place
    h = 1e-5 * TIMES
    slope = (
        curves.cumulative_hazard(family, rows, TIMES + h) - curves.cumulative_hazard(family, rows, TIMES - h)
    ) / (2 * h)
    np.testing.assert_allclose(curves.hazard(family, rows, TIMES), slope, rtol=2e-6, atol=1e-11)


def test_draws_lie_along_the_first_axis(place):
    family, rows = place
    both = curves.survival(family, rows, TIMES)
    assert both.shape == (2, len(TIMES))
    for row, curve in zip(rows, both, strict=True):
        np.testing.assert_array_equal(curves.survival(family, row, TIMES), curve)
    assert (np.diff(both) <= 0).all()
    np.testing.assert_array_equal(curves.survival(family, rows, [0.0]), 1)


def test_quantiles_invert_the_curve(place):
    family, rows = place
    shares = np.array([1e-4, 0.05, 0.3, 0.55])
    t = curves.quantile(family, rows, shares)
    for row, times in zip(rows, t, strict=True):
        np.testing.assert_allclose(1 - curves.survival(family, row, times), shares, rtol=1e-8)


def test_the_cured_have_no_quantile():
    for kind in (mixture_cure, non_mixture_cure):
        family = kind(FAMILIES["weibull"])
        t = curves.quantile(family, [0.4, 1.0, 10.0], [0.59, 0.61])
        assert np.isfinite(t[0])
        assert np.isposinf(t[1])
        assert np.isposinf(curves.mean(family, [0.4, 1.0, 10.0]))
        share = np.isposinf(curves.random_times(family, [0.4, 1.0, 10.0], 20_000, seed=2)).mean()
        assert share == pytest.approx(0.4, abs=0.015)


def test_restricted_mean_is_the_area(place):
    family, rows = place
    for horizon in (7.0, 240.0):
        area = [
            quad(
                lambda t, row=row: curves.survival(family, row, [t])[0],
                0,
                horizon,
                points=[b for b in (1.0, 6.0, 18.0, 33.0) if b < horizon],
                epsabs=1e-11,
                limit=400,
            )[0]
            for row in rows
        ]
        np.testing.assert_allclose(curves.restricted_mean(family, rows, horizon), area, rtol=2e-8)


def test_mean_is_the_whole_area(proper_place):
    family, rows = proper_place
    for row, mean in zip(rows, curves.mean(family, rows), strict=True):
        # over log time: heavy tails are long
        area, _ = quad(
            lambda x, row=row: curves.survival(family, row, [np.exp(x)])[0] * np.exp(x),
            -30,
            80,
            points=np.linspace(-4, 20, 25),
            limit=2000,
        )
        assert mean == pytest.approx(area, rel=2e-6)


@pytest.mark.parametrize("ratio", [20.0, 599.0, 601.0, 5000.0])
def test_mean_of_a_gompertz_that_is_nearly_exponential(ratio):
    row = [0.1 / ratio, 0.1]
    area, _ = quad(
        lambda t: curves.survival(FAMILIES["gompertz"], row, [t])[0], 0, 400, epsabs=1e-12, limit=200
    )
    assert curves.mean(FAMILIES["gompertz"], row) == pytest.approx(area, rel=1e-9)


def test_means_that_do_not_exist_are_infinite():
    assert np.isposinf(curves.mean(FAMILIES["log_logistic"], [0.9, 5.0]))
    assert np.isposinf(curves.mean(FAMILIES["gompertz"], [-0.1, 0.05]))
    assert np.isposinf(curves.mean(FAMILIES["generalised_gamma"], [2.0, 1.5, -0.9]))
    assert np.isposinf(curves.mean(FAMILIES["generalised_f"], [2.0, 1.5, 0.1, 3.0]))
    assert np.isposinf(curves.mean(royston_parmar([0.0, 2.0], scale="odds"), [-1.0, 0.8]))


def test_draws_follow_the_distribution(proper_place):
    family, rows = proper_place
    for row in rows:
        t = curves.random_times(family, row, 1500, seed=11)
        assert kstest(t, lambda at, row=row: 1 - curves.survival(family, row, at)).pvalue > 0.005
    assert curves.random_times(family, rows, 3, seed=1).shape == (2, 3)


@pytest.mark.parametrize("sign", [1, -1])
def test_generalised_gamma_passes_smoothly_through_the_log_normal(sign):
    family = FAMILIES["generalised_gamma"]
    at = [0.5, 6.0, 60.0, 500.0]

    def log_s(q):
        return curves.log_survival(family, [2.0, 1.1, q], at), np.log(
            curves.hazard(family, [2.0, 1.1, q], at)
        )

    # the slope in Q is the same on both sides of the seam at 1e-6, and zero is between
    for inside, outside, centre in zip(log_s(sign * 0.9e-6), log_s(sign * 1.1e-6), log_s(0.0), strict=True):
        np.testing.assert_allclose((outside - centre) / 1.1, (inside - centre) / 0.9, rtol=2e-3, atol=1e-9)
    np.testing.assert_allclose(
        log_s(0.0)[0], curves.log_survival(FAMILIES["log_normal"], [2.0, 1.1], at), rtol=1e-13
    )


def test_families_hold_each_other():
    at = [0.1, 3.0, 14.0, 80.0]

    def same(name, row, other, its_row, rtol=1e-11):
        for what in (curves.log_survival, curves.hazard):
            np.testing.assert_allclose(
                what(FAMILIES[name], row, at), what(FAMILIES[other], its_row, at), rtol=rtol
            )

    same("weibull", [1.4, 9.0], "weibull_ph", [1.4, 9.0**-1.4])
    same("weibull", [1.0, 9.0], "exponential", [1 / 9.0])
    same("gamma", [1.0, 0.2], "exponential", [0.2])
    same("gompertz", [0.0, 0.2], "exponential", [0.2])
    same("gompertz", [1e-13, 0.2], "exponential", [0.2])
    same("generalised_gamma", [np.log(9.0), 1 / 1.4, 1.0], "weibull", [1.4, 9.0])
    # Q equal to sigma is the gamma, of shape 1 / Q^2
    same("generalised_gamma", [2.0, 0.6, 0.6], "gamma", [0.6**-2, np.exp(-2.0) / 0.36])
    same("generalised_f", [2.0, 0.8, 0.4, 1e-9], "generalised_gamma", [2.0, 0.8, 0.4])
    same("generalised_f", [2.0, 0.8, 0.4, 2e-7], "generalised_gamma", [2.0, 0.8, 0.4], rtol=1e-4)
    same("generalised_f", [2.0, 0.8, -0.4, 2e-7], "generalised_gamma", [2.0, 0.8, -0.4], rtol=1e-4)
    # Q = 0 and P = 1: log-logistic of shape sqrt(2) / sigma
    same("generalised_f", [2.0, 0.8, 0.0, 1.0], "log_logistic", [2**0.5 / 0.8, np.exp(2.0)])


def test_splines_without_inner_knots_are_the_families_of_their_scales():
    at, x = [0.1, 3.0, 14.0, 80.0], [0.0, 3.0]
    for scale, row, name, its in (
        ("hazard", [-2.0, 1.4], "weibull_ph", [1.4, np.exp(-2.0)]),
        ("odds", [-2.8, 1.4], "log_logistic", [1.4, np.exp(2.0)]),
        ("normal", [-2.0, 0.8], "log_normal", [2.5, 1.25]),
    ):
        spline = royston_parmar(x, scale=scale)
        for what in (curves.log_survival, curves.hazard):
            np.testing.assert_allclose(what(spline, row, at), what(FAMILIES[name], its, at), rtol=1e-11)
        assert curves.mean(spline, row) == pytest.approx(curves.mean(FAMILIES[name], its), rel=1e-6)


@pytest.mark.parametrize("name", ["gamma", "generalised_gamma", "generalised_f", "log_normal", "weibull"])
def test_far_tails_stay_finite_and_conditional_survival_falls(name):
    row = {
        "gamma": [2.0, 0.3],
        "generalised_gamma": [2.0, 0.4, 0.7],
        "generalised_f": [2.0, 0.02, 0.3, 0.05],
        "log_normal": [2.0, 0.1],
        "weibull": [2.0, 10.0],
    }[name]
    t = np.geomspace(50, 1e5, 200)
    log_s = curves.log_survival(FAMILIES[name], row, t)
    assert log_s[-1] < -1000
    assert np.isfinite(log_s).all()
    assert (np.diff(log_s) < 0).all()
    slope = np.gradient(-log_s, t)
    np.testing.assert_allclose(curves.hazard(FAMILIES[name], row, t)[5:-5], slope[5:-5], rtol=0.02)


def test_gompertz_that_falls_levels_off():
    row = [-0.05, 0.02]
    assert curves.survival(FAMILIES["gompertz"], row, [1e9])[0] == pytest.approx(np.exp(-0.4), rel=1e-12)
    assert np.isposinf(curves.quantile(FAMILIES["gompertz"], row, [0.4])).all()
    t = curves.quantile(FAMILIES["gompertz"], row, [0.2])
    assert curves.survival(FAMILIES["gompertz"], row, t)[0] == pytest.approx(0.8, rel=1e-12)


def test_bad_requests_are_refused():
    weibull = FAMILIES["weibull"]
    with pytest.raises(InvalidSetting, match="out of range"):
        curves.survival(weibull, [-1.0, 10.0], [1.0])
    with pytest.raises(InvalidSetting, match="2 parameters: shape, scale"):
        curves.survival(weibull, [[1.0, 10.0, 0.1]], [1.0])
    with pytest.raises(InvalidSetting, match="not negative"):
        curves.survival(weibull, [1.0, 10.0], [-1.0])
    with pytest.raises(InvalidSetting, match="between 0 and 1"):
        curves.quantile(weibull, [1.0, 10.0], [50.0])
    with pytest.raises(InvalidSetting, match="restricted"):
        curves.restricted_mean(weibull, [1.0, 10.0], 0.0)
