"""Weights of fits: by their definitions, as given, and refusals."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, UnknownName
from coley.stats.parametric.average import model_weights
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
    weights = model_weights(fits, weights=criterion)
    np.testing.assert_allclose(np.log(weights / weights[0]), -(values - values[0]) / 2, atol=1e-12)
    assert weights.sum() == pytest.approx(1)


def test_weights_as_given_are_made_to_sum_to_one(fits):
    np.testing.assert_allclose(model_weights(fits, weights=[1, 2, 1]), [0.25, 0.5, 0.25])
    np.testing.assert_allclose(model_weights(fits, weights="equal"), np.full(3, 1 / 3))


def test_fits_of_different_data_are_refused(fits):
    other, _ = fit_each([FAMILIES["weibull"]], survival_data([1.0, 2, 3], [1, 1, 0]))
    with pytest.raises(InvalidSetting, match="same follow-up"):
        model_weights([fits[0], other["weibull"]])
    data = fits[0].data
    net, _ = fit_each([FAMILIES["weibull"]], survival_data(data.time, data.event, background=0.01))
    with pytest.raises(InvalidSetting, match="background"):
        model_weights([fits[0], net["weibull"]])
    for weights in ([1, 1], [1, -1, 1], [0, 0, 0], [np.nan, 1, 1]):
        with pytest.raises(InvalidSetting, match="as many weights"):
            model_weights(fits, weights=weights)
    with pytest.raises(UnknownName, match="aic"):
        model_weights(fits, weights="aicc")
    with pytest.raises(InvalidSetting, match="no fit"):
        model_weights([])
