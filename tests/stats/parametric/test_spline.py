"""Splines: knots, a basis that is straight at its ends, inverses, and a fit that follows a turning hazard."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, UnknownName
from coley.stats.parametric import curves
from coley.stats.parametric.data import survival_data
from coley.stats.parametric.families import FAMILIES
from coley.stats.parametric.fitting import fit
from coley.stats.parametric.spline import basis, royston_parmar, spline_knots


def test_the_basis_is_straight_beyond_its_knots_and_smooth_inside():
    knots = np.array([0.0, 1.0, 2.2, 3.0])
    x = np.linspace(-2, 5, 701)
    values, slopes = basis(x, knots)
    for v, dv in zip(values, slopes, strict=True):
        np.testing.assert_allclose(np.gradient(v, x)[1:-1], dv[1:-1], atol=2e-3)
        bend = np.gradient(dv, x)
        assert np.abs(bend[(x < -0.05) | (x > 3.05)]).max() < 1e-9
    assert np.linalg.matrix_rank(np.stack(values)) == 4


def test_knots_are_quantiles_of_events_alone():
    t = np.arange(1.0, 41.0)
    data = survival_data(t, np.arange(40) % 2 == 0)
    np.testing.assert_allclose(spline_knots(data, 2), np.quantile(np.log(t[::2]), [0, 1 / 3, 2 / 3, 1]))


@pytest.mark.parametrize("scale", ["hazard", "odds", "normal"])
def test_a_spline_follows_a_hazard_that_turns(scale):
    """Half die early, half late, so that the hazard falls and rises: no standard family bends so."""
    rng = np.random.default_rng(1)
    t = np.where(rng.random(1500) < 0.5, 2 * rng.weibull(1.3, 1500), 20 * rng.weibull(3.0, 1500))
    data = survival_data(np.minimum(t, 25), t <= 25)
    at = np.array([1.0, 2.0, 6.0, 10.0, 15.0, 20.0])
    truth = 0.5 * np.exp(-((at / 2) ** 1.3)) + 0.5 * np.exp(-((at / 20) ** 3.0))

    def error(family):
        return np.abs(fit(family, data).survival(at).value - truth).max()

    spline = error(royston_parmar(spline_knots(data, 3), scale=scale))
    assert spline < 0.025
    assert spline < 0.5 * min(error(FAMILIES[name]) for name in ("weibull", "log_normal", "gompertz"))


def test_a_fit_whose_curve_rises_says_so():
    data = survival_data(
        *np.array([[1, 1.1, 1.2, 1.3, 9, 9.5, 10, 10.2, 10.4, 12], [1, 1, 1, 1, 0, 0, 1, 1, 1, 0]])
    )
    family = royston_parmar(spline_knots(data, 2))
    found = fit(family, data)
    grid = np.geomspace(0.12, 120, 2000)
    rises = (np.diff(curves.survival(family, found.parameters(), grid)) > 1e-9).any()
    assert rises == any("rises" in note for note in found.notes)


def test_bad_requests_are_refused():
    with pytest.raises(InvalidSetting, match="rise"):
        royston_parmar([2.0, 1.0])
    with pytest.raises(InvalidSetting, match="rise"):
        royston_parmar([2.0])
    with pytest.raises(UnknownName, match="scale of a spline"):
        royston_parmar([0.0, 1.0], scale="probit")
    with pytest.raises(InvalidSetting, match="cannot carry"):
        spline_knots(survival_data([1, 1, 1, 2], [1, 1, 1, 1]), 2)
