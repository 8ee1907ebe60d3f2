"""Chances of structural zeros: recovered from simulation, and none where there are none."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from coley.stats.disproportionality.likelihood_ratio.zero_inflation import zero_chances


def test_recovers_the_share_of_structural_zeros():
    rng = np.random.default_rng(1)
    e = rng.gamma(2, 3, (4000, 3)) + 0.5
    truth = np.array([0.0, 0.1, 0.4])
    n = rng.poisson(e) * (rng.random(e.shape) >= truth)
    np.testing.assert_allclose(zero_chances(n.astype(float), e), truth, atol=0.03)


def test_equals_the_maximum_of_its_likelihood():
    rng = np.random.default_rng(2)
    e = rng.gamma(1, 2, (60, 1)) + 1e-3
    n = (rng.poisson(e) * (rng.random(e.shape) > 0.3)).astype(float)

    def depth(omega):
        none = np.log(omega + (1 - omega) * np.exp(-e[n == 0])).sum()
        return -none - (n > 0).sum() * np.log1p(-omega)

    wanted = minimize_scalar(depth, bounds=(0, 0.999), method="bounded", options={"xatol": 1e-10}).x
    assert zero_chances(n, e)[0] == pytest.approx(wanted, abs=1e-6)


def test_counts_everywhere_and_columns_that_expect_none():
    np.testing.assert_array_equal(zero_chances(np.ones((5, 1)), np.ones((5, 1))), [0.0])
    np.testing.assert_array_equal(zero_chances(np.zeros((5, 1)), np.zeros((5, 1))), [0.0])
