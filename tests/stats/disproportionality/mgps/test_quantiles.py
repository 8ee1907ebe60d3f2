"""Quantiles of mixtures of gammas: they give back the probability that they were asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammainc, gammaincinv

from coley.model.errors import InvalidSetting
from coley.stats.disproportionality.mgps import quantile_kernel
from coley.stats.disproportionality.mgps.mixture import GammaMixture, Posterior
from coley.stats.disproportionality.mgps.quantiles import quantiles

SHAPES = st.floats(0.05, 1e5)


@given(st.floats(0.0, 1.0), SHAPES, SHAPES, st.floats(0.01, 100), st.floats(0.005, 0.995))
@settings(max_examples=150, deadline=None)
def test_the_distribution_at_a_quantile_is_its_probability(weight, one, two, apart, q):
    weights, shapes = np.array([[weight, 1 - weight]]), np.array([[one, two]])
    rates = shapes / np.array([[1.0, apart]])
    found = quantiles(Posterior(weights, shapes, rates), q)[0] * (1 + np.array([-1e-8, 0, 1e-8]))
    below, at, above = (weights * gammainc(shapes, rates * found[:, None])).sum(axis=1)
    # to 1e-8 in probability, or in the ratio where the distribution is steeper
    assert abs(at - q) < 1e-8 or below <= q <= above


@pytest.mark.parametrize("shape", [1e-2, 0.3, 1.0, 29.9, 30.1, 9.9e3, 1.01e4, 1e6])
def test_single_gammas_equal_scipy(shape):
    q = np.array([0.01, 0.05, 0.5, 0.95, 0.99])
    one = Posterior(np.ones((1, 1)), np.full((1, 1), shape), np.ones((1, 1)))
    found = np.array([quantiles(one, p)[0] for p in q])
    np.testing.assert_allclose(found, gammaincinv(shape, q), rtol=2e-8)


def test_incomplete_gamma_equals_scipy():
    rng = np.random.default_rng(3)
    a = np.exp(rng.uniform(np.log(1e-3), np.log(1e6), 3000))
    x = a * np.exp(rng.normal(0, 1, 3000) * np.minimum(3, 3 / np.sqrt(a)))
    found = [quantile_kernel._below(s, y, quantile_kernel._mass(s, y)) for s, y in zip(a, x, strict=True)]
    np.testing.assert_allclose(found, gammainc(a, x), atol=1e-9)


def test_order_of_pairs_and_their_neighbours_do_not_matter():
    rng = np.random.default_rng(5)
    prior = GammaMixture.of([0.1, 0.9], shapes=[0.4, 2], rates=[0.1, 2])
    n, e = rng.poisson(2, 500).astype(float), rng.gamma(0.3, 5, 500) + 1e-6
    order = np.lexsort((e, n))
    one_by_one = np.concatenate([quantiles(prior.posterior(k, x), 0.05) for k, x in zip(n, e, strict=True)])
    np.testing.assert_allclose(quantiles(prior.posterior(n, e), 0.05), one_by_one, rtol=1e-8)
    np.testing.assert_allclose(
        quantiles(prior.posterior(n[order], e[order]), 0.05), one_by_one[order], rtol=1e-8
    )


def test_a_quantile_between_two_points_is_found_at_one_of_them():
    two = Posterior(np.array([[0.4, 0.6]]), np.full((1, 2), 1e8), np.array([[1e8, 1e7]]))
    low, high = quantiles(two, 0.39)[0], quantiles(two, 0.41)[0]
    assert (low, high) == (pytest.approx(1, rel=1e-3), pytest.approx(10, rel=1e-3))


@pytest.mark.parametrize("q", [0, 1, -0.1, np.nan])
def test_what_is_no_probability_is_refused(q):
    with pytest.raises(InvalidSetting, match="quantile"):
        quantiles(Posterior(*np.ones((3, 1, 1))), q)


def test_a_shape_near_none_has_its_lower_quantiles_at_none():
    """Half of such a gamma lies below 1e-3000, which is no number; its upper end is one."""
    near = Posterior(np.ones((1, 1)), np.full((1, 1), 1e-4), np.ones((1, 1)))
    low, high = quantiles(near, 0.05)[0], quantiles(near, 0.9999)[0]
    assert low == pytest.approx(0.0, abs=1e-300)
    assert gammainc(1e-4, high) == pytest.approx(0.9999, abs=1e-8)
