"""Mann-Whitney tests and areas of many columns, against scipy, scikit-learn and the definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu, rankdata
from sklearn.metrics import roc_auc_score

from coley.model.errors import NotEstimable, UnreadableInput
from coley.stats.screens.rank_kernel import midranks
from coley.stats.screens.rank_screen import rank_screen


def delong(x, y):
    """Area and variance from all pairs (DeLong et al. 1988)."""
    beats = (x[y][:, None] > x[~y]) + 0.5 * (x[y][:, None] == x[~y])
    return beats.mean(), beats.mean(1).var(ddof=1) / y.sum() + beats.mean(0).var(ddof=1) / (~y).sum()


@pytest.mark.parametrize("n", [12, 60, 200])
def test_equals_scipy_sklearn_and_the_definition(n):
    rng = np.random.default_rng(n)
    y = rng.random(n) < 0.4
    X = np.c_[rng.normal(size=(n, 70)) + 0.5 * y[:, None], rng.integers(0, 4, (n, 70))]
    found = rank_screen(X, y)
    assert found.exact[:70].all() == (n < 100)
    assert not found.exact[70:].any()
    for j in (0, 1, 69, 70, 139):
        x = X[:, j]
        area, variance = delong(x, y)
        np.testing.assert_allclose([found.auc[j], found.auc[j]], [area, roc_auc_score(y, x)])
        np.testing.assert_allclose(found.se[j] ** 2, variance)
        test = mannwhitneyu(x[y], x[~y], method="exact" if found.exact[j] else "asymptotic")
        np.testing.assert_allclose(found.p[j], test.pvalue, rtol=1e-9)


def test_missing_values_leave_their_own_column_only():
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(80, 5)), rng.random(80) < 0.5
    whole = rank_screen(X, y)
    X[::3, 2] = np.nan
    X[:, 4] = np.nan
    found = rank_screen(X, y)
    alone = rank_screen(X[np.arange(80) % 3 > 0, 2], y[np.arange(80) % 3 > 0])
    for name in ("auc", "se", "low", "high", "z", "p", "positives", "others"):
        assert getattr(found, name)[2] == getattr(alone, name)[0]
        np.testing.assert_array_equal(getattr(found, name)[[0, 1, 3]], getattr(whole, name)[[0, 1, 3]])
    assert np.isnan([found.auc[4], found.p[4], found.q[4]]).all()
    assert found.positives[4] == 0


def test_no_overlap_and_no_difference():
    y = np.repeat([0, 1], 8)
    found = rank_screen(np.c_[np.arange(16), -np.arange(16), np.ones(16)], y)
    np.testing.assert_array_equal(found.auc, [1, 0, 0.5])
    np.testing.assert_allclose(found.p[:2], 2 / 12870)  # 2 of the ways to choose 8 of 16
    assert np.isnan(found.p[2])
    assert np.isnan(found.low[:2]).all()


@given(st.integers(0, 10_000), st.integers(6, 30))
@settings(max_examples=40, deadline=None)
def test_turns_with_its_sign_and_is_blind_to_monotone_change(seed, n):
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 8, n) * 1.0, np.arange(n) % 3 == 0
    found = rank_screen(np.c_[x, -x, np.exp(x)], y)
    np.testing.assert_allclose(found.auc[0], 1 - found.auc[1], atol=1e-12)
    np.testing.assert_allclose(found.p, np.full(3, found.p[0]))
    np.testing.assert_allclose(found.se, np.full(3, found.se[0]), atol=1e-12)
    assert found.auc[0] == found.auc[2]
    np.testing.assert_array_equal(midranks(x[None]), [rankdata(x)])


def test_interval_covers_the_true_area():
    rng = np.random.default_rng(3)
    y = np.arange(90) % 3 == 0
    found = rank_screen(rng.normal(size=(90, 3000)) + 1.0 * y[:, None], y)
    truth = 0.76025  # normal distribution function at 1 / sqrt(2)
    assert abs(((found.low <= truth) & (truth <= found.high)).mean() - 0.95) < 0.015
    assert abs(found.auc.mean() - truth) < 0.004


def test_refusals():
    with pytest.raises(UnreadableInput, match="shape"):
        rank_screen(np.zeros((3, 2)), [1, 0])
    with pytest.raises(NotEstimable, match="0 of 2"):
        rank_screen(np.zeros((2, 2)), [0, 0])
