"""The piecewise exponential: its curve by hand, events at breaks, bad breaks."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting
from coley.stats.parametric import curves
from coley.stats.parametric.data import survival_data
from coley.stats.parametric.fitting import fit
from coley.stats.parametric.hazards import occurrence_exposure
from coley.stats.parametric.piecewise import piecewise_exponential

FAMILY, RATES = piecewise_exponential([6.0, 18.0]), [0.1, 0.05, 0.02]


def test_the_curve_by_hand():
    np.testing.assert_allclose(
        curves.cumulative_hazard(FAMILY, RATES, [3.0, 6.0, 10.0, 18.0, 28.0]), [0.3, 0.6, 0.8, 1.2, 1.4]
    )
    np.testing.assert_allclose(
        curves.hazard(FAMILY, RATES, [6.0, 6.001, 18.0, 90.0]), [0.1, 0.05, 0.05, 0.02]
    )
    np.testing.assert_allclose(
        curves.quantile(FAMILY, RATES, 1 - np.exp([-0.3, -0.8, -1.4])), [3.0, 10.0, 28.0]
    )


def test_fitted_rates_and_errors_are_those_of_occurrence_and_exposure():
    rng = np.random.default_rng(9)
    t = np.round(rng.exponential(12, 200), 1) + 0.1
    event = rng.integers(0, 2, 200)
    found = fit(FAMILY, survival_data(t, event))
    table = occurrence_exposure(t, event, [0.0, 6.0, 18.0, 1e3])
    np.testing.assert_allclose(found.parameters(), table.rate.value, rtol=1e-8)
    np.testing.assert_allclose(np.sqrt(np.diag(found.covariance)), table.events**-0.5, rtol=1e-7)
    np.testing.assert_allclose(found.covariance[0, 1:], 0, atol=1e-9)


def test_bad_breaks_are_refused():
    for breaks in ([6.0, 6.0], [0.0, 6.0], [-1.0], [np.inf]):
        with pytest.raises(InvalidSetting, match="rise"):
            piecewise_exponential(breaks)
