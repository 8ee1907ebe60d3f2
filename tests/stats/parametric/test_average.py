"""Averages: weights by their definitions, curves as mixtures, draws shared out, and refusals."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, UnknownName
from coley.stats.parametric import curves
from coley.stats.parametric.average import average
from coley.stats.parametric.data import survival_data
from coley.stats.parametric.families import FAMILIES
from coley.stats.parametric.fitting import fit_each

NAMES = ("exponential", "weibull", "log_normal")


@pytest.fixture(scope="module")
def fits():
    rng = np.random.default_rng(2)
    t = 10 * rng.weibull(1.3, 150)
    found, _ = fit_each([FAMILIES[name] for name in NAMES], survival_data(np.minimum(t, 15), t <= 15))
    return list(found.values())


@pytest.mark.parametrize("criterion", ["aic", "bic"])
def test_weights_are_relative_likelihoods(fits, criterion):
    values = np.array([getattr(fit, criterion) for fit in fits])
    weights = average(fits, weights=criterion).weights
    np.testing.assert_allclose(np.log(weights / weights[0]), -(values - values[0]) / 2, atol=1e-12)
    assert weights.sum() == pytest.approx(1)


def test_curve_is_the_weighted_mean_and_so_are_the_draws(fits):
    at = np.array([2.0, 8.0, 30.0])
    mixed = average(fits, weights=[1, 2, 1])
    np.testing.assert_allclose(mixed.weights, [0.25, 0.5, 0.25])
    each = np.array([curves.survival(fit.family, fit.parameters(), at) for fit in fits])
    np.testing.assert_allclose(mixed.survival(at), [0.25, 0.5, 0.25] @ each)
    which, draws = mixed.survival_draws(at, 4000, seed=3)
    np.testing.assert_array_equal(np.bincount(which), [1000, 2000, 1000])
    np.testing.assert_allclose(draws.mean(axis=0), mixed.survival(at), atol=0.006)
    assert draws[:, 2].std() > max(draws[which == m, 2].std() for m in range(3))  # structure adds to sampling
    again = mixed.survival_draws(at, 4000, seed=3)
    np.testing.assert_array_equal(again[1], draws)


def test_draws_are_shared_out_to_the_last(fits):
    which, _ = average(fits, weights="equal").survival_draws([1.0], 100, seed=1)
    assert sorted(np.bincount(which)) == [33, 33, 34]


def test_fits_of_different_data_are_refused(fits):
    other, _ = fit_each([FAMILIES["weibull"]], survival_data([1.0, 2, 3], [1, 1, 0]))
    with pytest.raises(InvalidSetting, match="same follow-up"):
        average([fits[0], other["weibull"]])
    data = fits[0].data
    net, _ = fit_each([FAMILIES["weibull"]], survival_data(data.time, data.event, background=0.01))
    with pytest.raises(InvalidSetting, match="background"):
        average([fits[0], net["weibull"]])
    for weights in ([1, 1], [1, -1, 1], [0, 0, 0], [np.nan, 1, 1]):
        with pytest.raises(InvalidSetting, match="as many weights"):
            average(fits, weights=weights)
    with pytest.raises(UnknownName, match="aic"):
        average(fits, weights="aicc")
    with pytest.raises(InvalidSetting, match="no fit"):
        average([])
