"""The likelihood of MGPS: its value against scipy's negative binomial, its gradient against differences."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import nbinom

from coley.stats.disproportionality.mgps.likelihood import Likelihood, coordinates, mixture_at
from coley.stats.disproportionality.mgps.squash import Points, squash

THETA = np.array([-0.9, 1.3, 0.7, 0.1, -1.7])


def listed_pairs(least):
    rng = np.random.default_rng(11)
    e = np.r_[rng.gamma(0.5, 6, 800), 10.0 ** rng.uniform(-7, -3, 40)]
    n = np.r_[rng.poisson(e[:800]), np.full(40, least)].astype(float)
    keep = n >= least
    return Points(n[keep], e[keep], rng.integers(1, 5, keep.sum()).astype(float))


@pytest.mark.parametrize("least", [0, 1, 2, 3])
@pytest.mark.parametrize("each", [True, False])
def test_value_equals_scipy(least, each):
    points = listed_pairs(least)
    prior, p = mixture_at(THETA), expit(THETA[4])
    one, two = (nbinom(a, b / (b + points.expected)) for a, b in zip(prior.shapes, prior.rates, strict=True))
    f, g = one.pmf(points.n), two.pmf(points.n)
    if each:
        like = p * f / one.sf(least - 1) + (1 - p) * g / two.sf(least - 1)
    else:
        like = (p * f + (1 - p) * g) / (p * one.sf(least - 1) + (1 - p) * two.sf(least - 1))
    value = Likelihood(points, least, each=each)(THETA)[0]
    assert value == pytest.approx(float(points.weight @ np.log(like)), rel=1e-9)


@pytest.mark.parametrize("least", [0, 1, 2, 3])
@pytest.mark.parametrize("each", [True, False])
def test_gradient_is_the_slope_of_the_value(least, each):
    likelihood = Likelihood(listed_pairs(least), least, each=each)
    steps = 1e-5 * np.eye(5)
    slopes = [(likelihood(THETA + s)[0] - likelihood(THETA - s)[0]) / 2e-5 for s in steps]
    np.testing.assert_allclose(likelihood(THETA)[1], slopes, rtol=1e-5, atol=1e-3)


def test_swapping_components_changes_nothing():
    likelihood = Likelihood(squash(np.array([1.0, 4, 9]), np.array([0.5, 2, 3])), 1, each=False)
    assert likelihood(THETA[[2, 3, 0, 1, 4]] * [1, 1, 1, 1, -1])[0] == pytest.approx(
        likelihood(THETA)[0], rel=1e-13
    )
    np.testing.assert_allclose(coordinates(mixture_at(THETA)), THETA, atol=1e-12)
