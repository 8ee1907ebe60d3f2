"""The bases: natural cubic splines against scipy, their roughness against quadrature, products of margins."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from coley.stats.decision.penalised import regress
from coley.stats.decision.splines import tensor_design


def fit(points, y, new=None):
    design = tensor_design(points)
    rows = design.rows(points)
    coefficients, centres = regress(rows, design.penalties, y)
    return (rows if new is None else design.rows(new)) @ coefficients + centres


def test_straight_lines_and_levels_are_kept_exactly():
    x = np.linspace(-3, 9, 300)[:, None]
    np.testing.assert_allclose(fit(x, 2 + 5 * x, np.array([[-10.0], [20.0]])), [[-48], [102]], rtol=1e-5)
    levels = np.repeat([1.0, 2.0, 7.0], 100)[:, None]
    y = np.random.default_rng(1).normal(size=(300, 1))
    np.testing.assert_allclose(np.unique(fit(levels, y)), np.sort(y.reshape(3, 100).mean(axis=1)), rtol=1e-8)


def test_columns_span_the_natural_cubic_splines_and_the_penalty_is_their_roughness():
    x = np.random.default_rng(1).gamma(2, 10, 500)
    design = tensor_design(x[:, None], knots=6)
    knots = np.quantile(np.unique(x), np.linspace(0, 1, 6))
    values = np.array([1.0, 3.0, -2.0, 0.5, 4.0, 4.0])
    coefficients = np.linalg.solve(design.rows(knots[:, None]), values)
    natural = CubicSpline(knots, values, bc_type="natural")
    at = np.linspace(knots[0], knots[-1], 2001)
    np.testing.assert_allclose(design.rows(at[:, None]) @ coefficients, natural(at), atol=1e-8)
    beyond = np.array([knots[0] - 7, knots[-1] + 11])
    ends = natural(knots[[0, -1]]) + natural(knots[[0, -1]], 1) * [-7, 11]
    np.testing.assert_allclose(design.rows(beyond[:, None]) @ coefficients, ends, rtol=1e-8)
    span = knots[-1] - knots[0]
    roughness = np.trapezoid((natural(at, 2) * span**2) ** 2, (at - at[0]) / span)
    assert design.penalties[0] @ coefficients**2 == pytest.approx(roughness, rel=1e-4)


def test_products_hold_functions_of_two_and_three():
    x = np.random.default_rng(2).uniform(-1, 1, (3000, 3))
    y = (1 + x[:, 0]) * (2 - x[:, 1]) + x[:, 2] * x[:, 0]
    np.testing.assert_allclose(fit(x, y[:, None])[:, 0], y, atol=1e-3)
    assert tensor_design(x[:, :2]).penalties.shape == (2, 49)
    assert tensor_design(x).penalties.shape == (3, 125)


def test_a_parameter_entered_twice_is_fitted_once():
    x = np.random.default_rng(3).normal(size=(2000, 1))
    y = np.sin(x) + np.random.default_rng(4).normal(0, 0.3, x.shape)
    found = fit(np.hstack([x, x]), y)
    assert np.sqrt(np.mean((found - np.sin(x)) ** 2)) < 0.04


def test_levels_beside_a_curve():
    rng = np.random.default_rng(5)
    level, x = rng.integers(0, 2, 4000).astype(float), rng.uniform(-2, 2, 4000)
    truth = np.where(level == 1, np.sin(2 * x), -x)
    found = fit(np.column_stack([level, x]), (truth + rng.normal(0, 0.2, 4000))[:, None])[:, 0]
    assert np.sqrt(np.mean((found - truth) ** 2)) < 0.03
