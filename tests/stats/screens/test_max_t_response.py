"""Max-T for a yes or no outcome, against enumeration in the test itself, and its error under the null."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, ttest_ind

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.stats.screens.max_t_response import max_t_response


def test_equals_enumeration(enumerated):
    rng = np.random.default_rng(2)
    y = np.arange(9) < 4
    X = np.round(rng.normal(size=(9, 20)) + y[:, None] * np.linspace(2, 0, 20), 1)  # with ties
    deals = [np.isin(np.arange(9), chosen) for chosen in combinations(range(9), 4)]
    ranks = np.array(
        [mannwhitneyu(X[d], X[~d], method="asymptotic", use_continuity=False).pvalue for d in deals]
    )
    means = np.array([ttest_ind(X[d], X[~d]).statistic for d in deals])
    for statistic, shuffled in (("rank", -np.log(ranks)), ("mean", means)):
        single, down = enumerated(shuffled[0], shuffled)
        found = max_t_response(X, y, statistic=statistic)
        np.testing.assert_allclose(found.p_single_step, single)
        np.testing.assert_allclose(found.p_step_down, down)
        assert (found.permutations, found.exact) == (126, True)


def test_in_strata_equals_enumeration(enumerated):
    rng = np.random.default_rng(2)
    strata, y = np.array([0, 1, 1, 0, 1, 0, 1, 0, 1]), np.array([1, 1, 0, 0, 1, 0, 0, 1, 0], dtype=bool)
    X = rng.normal(size=(9, 6)) + strata[:, None] * 5 + y[:, None]
    deals = [
        d
        for d in (np.isin(np.arange(9), chosen) for chosen in combinations(range(9), 4))
        if (np.bincount(strata, d) == np.bincount(strata, y)).all()
    ]
    deals.sort(key=lambda d: not (d == y).all())
    sums = np.array([X[d].sum(axis=0) for d in deals])  # moments over the deals themselves
    shuffled = (sums - sums.mean(axis=0)) / sums.std(axis=0)
    single, down = enumerated(shuffled[0], shuffled)
    found = max_t_response(X, y, statistic="mean", strata=strata)
    np.testing.assert_allclose(found.z, shuffled[0])
    np.testing.assert_allclose(found.p_single_step, single)
    np.testing.assert_allclose(found.p_step_down, down)


def test_columns_that_cannot_be_tested_are_named_and_not_counted():
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(40, 5)), np.arange(40) < 15
    holes = np.c_[X[:, 0], np.ones(40), X[:, 1:]]
    holes[3, 2] = np.nan
    whole, found = max_t_response(X[:, [0, 2, 3, 4]], y), max_t_response(holes, y)
    assert found.status.tolist() == ["tested", "constant", "missing", "tested", "tested", "tested"]
    np.testing.assert_array_equal(found.p_step_down[[0, 3, 4, 5]], whole.p_step_down)
    assert np.isnan(found.p_single_step[[1, 2]]).all()


def test_blind_to_monotone_change_of_columns_and_to_which_class_is_positive():
    rng = np.random.default_rng(6)
    X, y = rng.normal(size=(30, 70)), np.arange(30) % 3 == 0
    found = max_t_response(X, y, samples=300)
    for other in (max_t_response(np.exp(X), y, samples=300), max_t_response(X, ~y, samples=300)):
        np.testing.assert_array_equal(other.p_step_down, found.p_step_down)
        np.testing.assert_allclose(np.abs(other.z), np.abs(found.z), atol=1e-12)
    assert (found.p_step_down <= found.p_single_step).all()


@pytest.mark.parametrize("statistic", ["rank", "mean"])
def test_error_under_the_null_hypothesis(statistic):
    wrong, sets = 0, 300
    for seed in range(sets):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(40, 12)) + rng.normal(size=(40, 1))
        found = max_t_response(X, np.arange(40) < 15, statistic=statistic, samples=199, seed=seed)
        wrong += found.p_step_down.min() <= 0.05
    assert abs(wrong / sets - 0.05) < 3 * np.sqrt(0.05 * 0.95 / sets)


def test_refusals():
    X, y = np.arange(12.0).reshape(6, 2), [0, 1, 0, 1, 0, 1]
    with pytest.raises(InvalidSetting, match="statistic 'median'"):
        max_t_response(X, y, statistic="median")
    with pytest.raises(UnreadableInput, match="shape"):
        max_t_response(X.T, y)
    with pytest.raises(UnreadableInput, match="strata"):
        max_t_response(X, y, strata=["a"])
