"""Derivatives by differences, against polynomials, closed forms, and sums over patients."""

from __future__ import annotations

import numpy as np
import pytest

from coley.stats.parametric.data import survival_data
from coley.stats.parametric.families import FAMILIES
from coley.stats.parametric.likelihood import contributions, derivatives, stencil


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_stencil_is_exact_for_cubic_functions(k):
    rng = np.random.default_rng(k)
    places, slope, curvature = stencil(k)
    linear, cubic = rng.normal(size=k), rng.normal(size=(k, k, k))
    square = rng.normal(size=(k, k))
    values = (
        2.0
        + places @ linear
        + np.einsum("mi,ij,mj->m", places, square, places)
        + np.einsum("mi,mj,ml,ijl->m", places, places, places, cubic)
    )
    np.testing.assert_allclose(slope @ values, linear, atol=1e-12)
    np.testing.assert_allclose(curvature @ values, square + square.T, atol=1e-12)


def test_weibull_derivatives_equal_the_closed_form():
    t, event = np.array([0.7, 3.0, 9.0, 21.0]), np.array([1, 1, 0, 1])
    data = survival_data(t, event)
    shape, scale = 1.3, 8.0
    _, gradient, hessian = derivatives(FAMILIES["weibull"], data, np.log([[shape], [scale]]))
    z = shape * np.log(t / scale)
    H = np.exp(z)
    np.testing.assert_allclose(gradient[0], event * (1 + z) - H * z, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(gradient[1], shape * (H - event), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(hessian[0, 0], event * z - H * z * (1 + z), rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(hessian[0, 1], shape * (H * (1 + z) - event), rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(hessian[1, 1], -(shape**2) * H, rtol=1e-7, atol=1e-8)


def test_a_patient_counts_what_the_definitions_say():
    rate, b = 0.1, 0.02
    theta = [np.array([rate])]
    data = survival_data(
        [5.0, 5.0, 5.0, 5.0],
        [1, 0, 1, 1],
        entry=[0.0, 2.0, 0.0, 2.0],
        upper=[np.nan, np.nan, 7.0, np.nan],
        background=[b] * 4,
        background_between=[0.0, 0.0, 2 * b, 0.0],
    )
    expected = [
        np.log(rate + b) - 5 * rate,
        -3 * rate,
        np.log(np.exp(-5 * rate) - np.exp(-7 * rate - 2 * b)),
        np.log(rate + b) - 3 * rate,
    ]
    np.testing.assert_allclose(contributions(FAMILIES["exponential"], data, theta), expected, rtol=1e-12)


def test_an_interval_that_shrinks_is_a_density():
    family, theta = FAMILIES["log_normal"], [np.array([2.0]), np.array([0.8])]
    width = 1e-5
    exact = contributions(family, survival_data([6.0], [1]), theta)
    narrow = contributions(family, survival_data([6.0 - width / 2], [1], upper=[6.0 + width / 2]), theta)
    assert narrow[0] - np.log(width) == pytest.approx(exact[0], abs=1e-9)
