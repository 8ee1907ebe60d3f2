"""Weibull onset: against R's survreg, SciPy and lifelines, its coverage with and without truncation, and its edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.onset.weibull import hazard_type, weibull_onset
from coley.stats.values import Interval

DAYS = [0, 2, 5, 6, 9, 13, 14, 20, 21, 34, 45, 60, 90]


@pytest.mark.parametrize("case", ["early", "wearing", "constant", "few"])
def test_equals_survreg_with_onsets_known_to_the_day(onset_oracle, case):
    days = onset_oracle("days").filter(case=case)["day"].to_numpy()
    expected = onset_oracle("survreg").filter(case=case).row(0, named=True)
    fit = weibull_onset(days, interval="wald")
    assert np.log(fit.scale.value) == pytest.approx(expected["log_scale"], abs=1e-7)
    assert np.log(fit.shape.value) == pytest.approx(expected["log_shape"], abs=1e-7)
    assert fit.scale.se == pytest.approx(expected["log_scale_se"], rel=1e-6)
    assert fit.shape.se == pytest.approx(expected["log_shape_se"], rel=1e-6)
    assert fit.loglik == pytest.approx(expected["loglik"], abs=1e-7)
    assert fit.median.value == pytest.approx(expected["median"], rel=1e-7)
    assert fit.median.se * fit.median.value == pytest.approx(expected["median_se"], rel=1e-6)


def test_equals_lifelines_on_long_times():
    """Where a day is short, an onset known to the day is an onset known exactly in the middle of it."""
    from lifelines import WeibullFitter

    days = np.floor(2000 * np.random.default_rng(3).weibull(1.3, 300)) + 5
    fit, other = weibull_onset(days), WeibullFitter().fit(days + 0.5)
    assert fit.shape.value == pytest.approx(other.rho_, rel=1e-3)
    assert fit.scale.value == pytest.approx(other.lambda_, rel=1e-3)


def _truncated_loglik(place, days, limit):
    from scipy.stats import weibull_min

    law = weibull_min(np.exp(place[1]), scale=np.exp(place[0]))
    return float(np.log((law.cdf(days + 1) - law.cdf(days)) / law.cdf(limit + 1)).sum())


def _sample(rng, shape, scale, n, limits):
    """Onsets that came before the data were closed, starts being even over the time before."""
    days, last = np.floor(scale * rng.weibull(shape, 6 * n)), rng.integers(*limits, 6 * n)
    reported = days <= last
    return days[reported][:n], last[reported][:n]


@pytest.mark.parametrize(("shape", "scale", "limits"), [(0.7, 40, (20, 300)), (1.8, 30, (15, 90))])
def test_truncated_maximum_and_profile_equal_scipy(shape, scale, limits):
    from scipy.optimize import minimize

    days, limit = _sample(np.random.default_rng(5), shape, scale, 150, limits)
    best = minimize(
        lambda x: -_truncated_loglik(x, days, limit),
        [np.log(scale), 0.0],
        method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-11},
    )
    fit = weibull_onset(days, limit=limit)
    np.testing.assert_allclose(np.log([fit.scale.value, fit.shape.value]), best.x, atol=1e-6)
    assert fit.loglik == pytest.approx(-best.fun, abs=1e-8)
    for end in (fit.shape.low, fit.shape.high):  # the profile has lost half a chi-squared quantile there
        there = minimize(lambda m, end=end: -_truncated_loglik([m[0], np.log(end)], days, limit), best.x[:1])
        assert fit.loglik + there.fun == pytest.approx(1.959964**2 / 2, abs=1e-4)


# Half-widths below are 3.3 standard errors of 300 draws at 95 %.
@pytest.mark.parametrize("interval", ["wald", "profile"])
@pytest.mark.parametrize(
    ("shape", "scale", "limits"), [(0.7, 40, None), (0.7, 40, (20, 300)), (1.5, 20, (15, 60))]
)
def test_intervals_cover_the_truth(shape, scale, limits, interval):
    rng = np.random.default_rng(7)
    draws = 300 if interval == "wald" else 60
    truth = np.array([shape, scale, scale * np.log(2) ** (1 / shape)])
    held = np.zeros(3)
    for _ in range(draws):
        days, limit = _sample(rng, shape, scale, 90, limits or (10**6, 10**6 + 1))
        fit = weibull_onset(days, limit=limit if limits else None, interval=interval)
        low, high = (
            np.array([getattr(x, end) for x in (fit.shape, fit.scale, fit.median)]) for end in ("low", "high")
        )
        held += (np.nan_to_num(low, nan=-np.inf) <= truth) & (truth <= np.nan_to_num(high, nan=np.inf))
    assert (np.abs(held / draws - 0.95) < 3.3 * np.sqrt(0.95 * 0.05 / draws)).all(), held / draws


def test_ignored_truncation_shortens_the_median_and_truncation_mends_it():
    days, limit = _sample(np.random.default_rng(11), 1.0, 60, 3000, (10, 150))
    truth = 60 * np.log(2)
    assert weibull_onset(days).median.high < 0.8 * truth
    mended = weibull_onset(days, limit=limit).median
    assert mended.low < truth < mended.high


def test_unit_and_order_and_repetition():
    fit, turned = weibull_onset(DAYS), weibull_onset(DAYS[::-1])
    assert (fit.shape, fit.median) == (turned.shape, turned.median)
    twice = weibull_onset(DAYS * 2)
    assert twice.shape.value == pytest.approx(fit.shape.value)
    assert twice.shape.se == pytest.approx(fit.shape.se / np.sqrt(2))
    never = weibull_onset(DAYS, limit=10**7)  # a limit that never bites is none
    assert never.median.value == pytest.approx(fit.median.value, rel=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 400), min_size=4, max_size=30), st.integers(0, 400))
def test_limits_enclose_the_estimate_or_are_absent(days, more):
    for limit in (None, max(days) + more):
        fit = weibull_onset(days, limit=limit)
        for found in (fit.shape, fit.scale, fit.median):
            assert not found.low > found.value
            assert not found.high < found.value
            assert np.isnan(found.value) <= (np.isnan(found.low) and np.isnan(found.high))
        if not np.isnan(fit.median.value):
            assert fit.quantile(0.1).value < fit.median.value < fit.quantile(0.9).value
            assert fit.quantile(0.5).value == pytest.approx(fit.median.value)


@pytest.mark.parametrize("days", [[3], [4, 4, 4], [0, 0, 0], [4, 5], [0, 1]])
def test_one_day_or_two_neighbours_tell_no_shape(days):
    fit = weibull_onset(days)
    assert np.isnan([fit.shape.value, fit.scale.value, fit.median.high]).all()
    assert fit.hazard == "cannot be told"


def test_truncation_too_early_leaves_the_shape_alone():
    days = np.floor(60 * np.random.default_rng(2).uniform(size=200) ** (1 / 1.4))
    fit = weibull_onset(days, limit=60)  # as many late as early: the scale lies beyond any day that was seen
    assert fit.shape.low < 1.4 < fit.shape.high
    assert np.isnan(fit.median.value) or np.isnan(fit.median.high)


def test_hazard_type_needs_a_narrow_interval_to_say_random():
    assert hazard_type(Interval(1.0, 0.79, 1.2)) == "cannot be told"
    assert hazard_type(Interval(1.0, 0.8, 1.25)) == "random"
    assert hazard_type(Interval(np.nan, np.nan, np.nan)) == "cannot be told"
    rng = np.random.default_rng(13)
    found = [weibull_onset(np.floor(50 * rng.weibull(k, 2000))).hazard for k in (0.7, 1.0, 1.5)]
    assert found == ["early failure", "random", "wear-out"]


def test_refusals():
    for days, limit in (([-1, 3], None), ([1.5], None), ([np.nan], None), ([5, 9], [6, 8])):
        with pytest.raises(UnreadableInput, match="whole days"):
            weibull_onset(days, limit=limit)
    with pytest.raises(NotEstimable, match="no report"):
        weibull_onset([])
    with pytest.raises(InvalidSetting, match="bootstrap"):
        weibull_onset(DAYS, interval="bootstrap")
    with pytest.raises(InvalidSetting, match="share"):
        weibull_onset(DAYS).quantile(1.0)
