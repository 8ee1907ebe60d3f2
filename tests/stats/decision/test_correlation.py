"""The nearest correlation matrix against its paper, and rank correlations of normal draws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from coley.model.errors import InvalidSetting
from coley.stats.decision.correlation import nearest_correlation, normal_from_rank


def test_nearest_correlation():
    # Higham 2002, section 5: the example there.
    found = nearest_correlation([[1, 1, 0], [1, 1, 1], [0, 1, 1]])
    np.testing.assert_allclose(found[0, 1:], [0.7607, 0.1573], atol=5e-5)
    proper = np.array([[1, 0.3, 0.2], [0.3, 1, -0.4], [0.2, -0.4, 1]])
    np.testing.assert_allclose(nearest_correlation(proper), proper, atol=1e-8)
    with pytest.raises(InvalidSetting, match="symmetric"):
        nearest_correlation([[1, 0.5], [0.2, 1]])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6))
def test_nearest_is_a_correlation_and_no_other_is_nearer(seed, size):
    rng = np.random.default_rng(seed)
    asked = np.eye(size)
    upper = np.triu_indices(size, 1)
    asked[upper] = rng.uniform(-0.95, 0.95, len(upper[0]))
    asked = np.maximum(asked, 0) + np.maximum(asked.T, 0) + np.minimum(asked, 0) + np.minimum(asked.T, 0)
    np.fill_diagonal(asked, 1)
    found = nearest_correlation(asked)
    assert np.linalg.eigvalsh(found)[0] > -1e-9
    np.testing.assert_allclose(np.diag(found), 1)
    distance = ((found - asked) ** 2).sum()
    for _ in range(20):
        factors = rng.normal(size=(size, size))
        other = factors @ factors.T
        scale = np.sqrt(np.diag(other))
        # The set is convex: no step from the nearest towards another may come nearer.
        step = found + 0.01 * (other / np.outer(scale, scale) - found)
        assert ((step - asked) ** 2).sum() >= distance - 1e-6


def test_rank_correlation_of_normal_draws():
    np.testing.assert_allclose(normal_from_rank([-1, 1]), [-1, 1])
    r = float(normal_from_rank(0.6))
    draws = np.random.default_rng(1).multivariate_normal([0, 0], [[1, r], [r, 1]], 40_000)
    assert stats.spearmanr(draws).statistic == pytest.approx(0.6, abs=0.015)
