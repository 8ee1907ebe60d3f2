"""Distributions of several parameters: moments, margins, and rows that stay together."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from coley.model.errors import InvalidSetting
from coley.stats.decision.joint_distributions import dirichlet, empirical, multivariate_normal


def test_dirichlet():
    counts = np.array([3.0, 5.0, 2.0])
    found = dirichlet(counts, labels=["a", "b", "c"])
    draws = found.draw(np.random.default_rng(1).random((40_000, 3)))
    np.testing.assert_allclose(draws.sum(axis=1), 1)
    np.testing.assert_allclose(draws.mean(axis=0), found.mean, atol=0.004)
    theory = stats.dirichlet(counts)
    np.testing.assert_allclose(np.array(found.sd) ** 2, theory.var(), rtol=1e-12)
    np.testing.assert_allclose(np.cov(draws.T), theory.cov(), atol=0.0008)
    # Each share alone is a beta.
    assert stats.kstest(draws[:, 0], stats.beta(3, 7).cdf).pvalue > 0.001


def test_dirichlet_of_counts_far_below_one():
    draws = dirichlet([0.001, 0.001, 0.002]).draw(np.random.default_rng(2).random((20_000, 3)))
    np.testing.assert_allclose(draws.sum(axis=1), 1)
    np.testing.assert_allclose(draws.mean(axis=0), [0.25, 0.25, 0.5], atol=0.012)
    assert (draws.max(axis=1) > 0.99).mean() > 0.98  # nearly always all or nothing


def test_multivariate_normal():
    cov = np.array([[0.04, 0.03, 0], [0.03, 0.09, -0.02], [0, -0.02, 0.16]])
    found = multivariate_normal([1, 2, 3], cov)
    draws = found.draw(np.random.default_rng(1).random((60_000, 3)))
    np.testing.assert_allclose(draws.mean(axis=0), [1, 2, 3], atol=0.006)
    np.testing.assert_allclose(np.cov(draws.T), cov, atol=0.002)
    singular = multivariate_normal([0, 0], [[1, 1], [1, 1]]).draw(np.array([[0.2, 0.9]]))
    assert singular[0, 0] == pytest.approx(singular[0, 1])


def test_empirical_keeps_rows_together():
    rows = np.arange(12.0).reshape(4, 3)
    draws = empirical(rows).draw(np.random.default_rng(1).random((4000, 1)))
    np.testing.assert_allclose(draws[:, 1] - draws[:, 0], 1)
    assert np.bincount((draws[:, 0] / 3).astype(int)).min() > 900
    assert empirical([1.0, 2.0]).draw(np.array([[1.0]]))[0, 0] == 2


def test_refusals():
    with pytest.raises(InvalidSetting, match="Dirichlet"):
        dirichlet([3, 0])
    with pytest.raises(InvalidSetting, match="negative variance"):
        multivariate_normal([0, 0], [[1, 2], [2, 1]])
    with pytest.raises(InvalidSetting, match="symmetric"):
        multivariate_normal([0, 0], [[1, 0.5], [0, 1]])
    with pytest.raises(InvalidSetting, match="as many rows"):
        multivariate_normal([0, 0], [1, 1])
    with pytest.raises(InvalidSetting, match="rows"):
        empirical([])
