"""Gamma mixtures as priors: their negative binomials, posteriors, and refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gamma, nbinom

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.stats.disproportionality.mgps.mixture import GammaMixture, log_rising

PRIOR = GammaMixture.of([0.2, 0.5, 0.3], shapes=[0.3, 4, 1e7], rates=[0.05, 5, 1.2e7])


@given(st.integers(0, 5000), st.floats(1e-3, 1e5))
def test_components_are_negative_binomial(n, expected):
    found = PRIOR.log_components(np.array([float(n)]), np.array([expected]))[0]
    share = PRIOR.rates / (PRIOR.rates + expected)
    like = nbinom.logpmf(n, PRIOR.shapes, share)
    # not the third: at such a shape it is scipy that runs out of digits
    np.testing.assert_allclose(found[:2], (np.log(PRIOR.weights) + like)[:2], rtol=1e-8, atol=1e-8)


@given(st.floats(1e-6, 100))
def test_the_chances_of_all_counts_sum_to_the_weights(expected):
    n = np.arange(60_000.0)
    sums = np.exp(PRIOR.log_components(n, np.full(len(n), expected))).sum(axis=0)
    np.testing.assert_allclose(sums, PRIOR.weights, rtol=1e-9)


def test_rising_factorial_meets_itself_where_its_formula_changes():
    below, above = log_rising(40, 1e5 * (1 - 1e-9)), log_rising(40, 1e5 * (1 + 1e-9))
    assert above - below == pytest.approx(40 * 2e-9, rel=0.2)
    assert log_rising(3, 1e9) == pytest.approx(np.log(1e9) + np.log(1e9 + 1) + np.log(1e9 + 2), rel=1e-14)


def test_posterior_equals_integration_over_the_prior():
    ratio = np.exp(np.linspace(-80, 6, 800_001))
    density = sum(
        w * gamma.pdf(ratio, a, scale=1 / b)
        for w, a, b in zip(PRIOR.weights[:2] / 0.7, PRIOR.shapes[:2], PRIOR.rates[:2], strict=True)
    )
    prior = GammaMixture.of(PRIOR.weights[:2] / 0.7, shapes=PRIOR.shapes[:2], rates=PRIOR.rates[:2])
    for n, e in ((0, 0.4), (3, 0.4), (3, 11.0)):
        mass = density * ratio ** (n + 1) * np.exp(-ratio * e)
        mass /= mass.sum()
        found = prior.posterior(n, e)
        assert found.mean[0] == pytest.approx((mass * ratio).sum(), rel=1e-6)
        assert found.geometric_mean[0] == pytest.approx(np.exp((mass * np.log(ratio)).sum()), rel=1e-4)
        assert found.above(1.5)[0] == pytest.approx(mass[ratio > 1.5].sum(), abs=1e-4)


def test_a_pair_that_expects_none_and_has_none_is_not_known():
    posterior = PRIOR.posterior([0, 0, 2], [0.0, np.nan, 1.0])
    np.testing.assert_array_equal(np.isnan(posterior.mean), [True, True, False])


@pytest.mark.parametrize(
    ("n", "expected"), [(-1, 1.0), (np.nan, 1.0), (1, 0.0), (2, np.nan), (1, -1.0), (0, np.inf)]
)
def test_impossible_pairs_are_named(n, expected):
    with pytest.raises(UnreadableInput, match="pair 2"):
        PRIOR.posterior([0, n], [1.0, expected])


@pytest.mark.parametrize(
    ("weights", "shapes"), [([0.5, 0.6], [1, 1]), ([1.5, -0.5], [1, 1]), ([0.5, 0.5], [1, 0])]
)
def test_what_is_no_mixture_is_refused(weights, shapes):
    with pytest.raises(InvalidSetting, match="not a mixture"):
        GammaMixture.of(weights, shapes=shapes, rates=1)
