"""Quantiles of mixtures of gammas: they give back the probability that they were asked for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammainc, gammaincinv, gammaln

from coley.model.errors import InvalidSetting
from coley.stats.disproportionality.mgps.gamma_kernel import below, mass
from coley.stats.disproportionality.mgps.mixture import GammaMixture, Posterior
from coley.stats.disproportionality.mgps.quantiles import quantiles

SHAPES = st.floats(0.05, 1e5)


def within(part, posterior, q):
    """Return whether scipy's probabilities so close below and above each quantile lie on either side of `q`."""
    near = quantiles(posterior, q)[:, None, None] * (1 + part * np.array([-1.0, 1.0]))[:, None]
    chances = gammainc(posterior.shapes[:, None], posterior.rates[:, None] * near)
    low, high = (posterior.weights[:, None] * chances).sum(axis=2).T
    rounding = 2e-12
    return (low - rounding <= q) & (q <= high + rounding)


@given(st.floats(0.0, 1.0), SHAPES, SHAPES, st.floats(0.01, 100), st.floats(0.001, 0.999))
@settings(max_examples=200, deadline=None)
def test_the_distribution_at_a_quantile_is_its_probability(weight, one, two, apart, q):
    weights, shapes = np.array([[weight, 1 - weight]]), np.array([[one, two]])
    rates = shapes / np.array([[1.0, apart]])
    assert within(1e-9, Posterior(weights, shapes, rates), q).all()


@pytest.mark.parametrize("q", [0.001, 0.05, 0.5, 0.95, 0.999])
@pytest.mark.parametrize("components", [1, 2, 3])
def test_quantiles_of_thousands_of_mixtures_are_right_to_nine_digits(components, q):
    """Narrow, wide and distant components, among them those whose distribution is a step between two plains."""
    rng = np.random.default_rng(components)
    weights = rng.dirichlet(np.full(components, 0.3), 4000)
    shapes = np.exp(rng.uniform(np.log(0.03), np.log(1e5), weights.shape))
    spread = rng.choice([1e-3, 0.1, 1.5], (4000, 1))
    rates = shapes / np.exp(spread * rng.normal(0, 1, weights.shape))
    assert within(1e-9, Posterior(weights, shapes, rates), q).all()


def test_newton_would_go_to_and_fro_at_a_narrow_component_under_a_wide_one():
    weights, shapes, rates = [0.01368467, 0.98631533], [6154.318, 1.67947185], [35682.7057, 1.1599024]
    assert within(1e-9, Posterior(*(np.array([x]) for x in (weights, shapes, rates))), 0.05).all()


@pytest.mark.parametrize("shape", [1e-2, 0.3, 1.0, 29.9, 30.1, 9.9e3, 1.01e4, 1e6])
def test_single_gammas_equal_scipy(shape):
    q = np.array([0.01, 0.05, 0.5, 0.95, 0.99])
    one = Posterior(np.ones((1, 1)), np.full((1, 1), shape), np.ones((1, 1)))
    found = np.array([quantiles(one, p)[0] for p in q])
    np.testing.assert_allclose(found, gammaincinv(shape, q), rtol=1e-10)


def test_incomplete_gamma_equals_scipy():
    rng = np.random.default_rng(3)
    a = np.exp(rng.uniform(np.log(1e-3), np.log(1e5), 3000))
    x = a * np.exp(rng.normal(0, 1, 3000) * np.minimum(3, 3 / np.sqrt(a)))
    of = zip(a, x, np.log(x), gammaln(a + 1), strict=True)
    found = [below(s, y, mass(s, y, log_y, factorial)) for s, y, log_y, factorial in of]
    np.testing.assert_allclose(found, gammainc(a, x), rtol=1e-9, atol=1e-12)


def test_incomplete_gamma_of_huge_shapes_equals_r():
    """Here scipy's series ends early; R 4.2.2 gives pgamma(4772647.484934505, 4782573.01)."""
    a, x = 4782573.01, 4772647.484934505
    assert below(a, x, mass(a, x, np.log(x), 0.0)) == pytest.approx(2.7914549919686904e-06, rel=1e-11)


def test_order_of_pairs_and_their_neighbours_do_not_matter():
    rng = np.random.default_rng(5)
    prior = GammaMixture.of([0.1, 0.9], shapes=[0.4, 2], rates=[0.1, 2])
    n, e = rng.poisson(2, 500).astype(float), rng.gamma(0.3, 5, 500) + 1e-6
    order = np.lexsort((e, n))
    one_by_one = np.concatenate([quantiles(prior.posterior(k, x), 0.05) for k, x in zip(n, e, strict=True)])
    np.testing.assert_allclose(quantiles(prior.posterior(n, e), 0.05), one_by_one, rtol=1e-11)
    sorted_by_n = quantiles(prior.posterior(n[order], e[order]), 0.05)
    np.testing.assert_allclose(sorted_by_n, one_by_one[order], rtol=1e-11)


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
