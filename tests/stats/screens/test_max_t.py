"""Max-T against enumeration in the test itself, and its error under the null hypothesis."""

from __future__ import annotations

from itertools import combinations
from itertools import permutations as every

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, ttest_ind

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.screens import columns as columns_room
from coley.stats.screens.max_t import max_t_response, max_t_survival
from coley.stats.survival.cox_score_test import cox_score_test


def adjusted(observed, shuffled):
    """Westfall and Young's algorithms 2.5 and 2.8 with every permutation, one column at a time."""
    observed, shuffled = np.abs(observed), np.abs(shuffled)
    single = [(shuffled.max(axis=1) >= t - 1e-9).mean() for t in observed]
    order, down, so_far = np.argsort(-observed), np.empty(len(observed)), 0.0
    for k, j in enumerate(order):
        so_far = max(so_far, (shuffled[:, order[k:]].max(axis=1) >= observed[j] - 1e-9).mean())
        down[j] = so_far
    return single, down


def survival(n, columns, *, seed, resolution=0.0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, columns)) + rng.normal(size=(n, 1))
    time = rng.exponential(np.exp(-1.5 * X[:, 0]))
    return np.ceil(time / resolution) if resolution else time, rng.random(n) < 0.8, X


@pytest.mark.parametrize("resolution", [0.0, 0.5])
@pytest.mark.parametrize("strata", [None, [0, 1, 0, 1, 0, 1]])
def test_survival_equals_enumeration(resolution, strata):
    time, event, X = survival(6, 20, seed=3, resolution=resolution)
    within = np.zeros(6) if strata is None else np.array(strata)
    z = np.array(
        [
            cox_score_test(time, event, X[list(o)], strata=strata).z
            for o in every(range(6))
            if (within[list(o)] == within).all()
        ]
    )
    single, down = adjusted(z[0], np.nan_to_num(z))
    found = max_t_survival(time, event, X, strata=strata)
    assert found.exact
    np.testing.assert_allclose(found.z, z[0])
    np.testing.assert_allclose(found.p_single_step, single)
    np.testing.assert_allclose(found.p_step_down, down)


def test_response_equals_enumeration():
    rng = np.random.default_rng(2)
    y = np.arange(9) < 4
    X = np.round(rng.normal(size=(9, 20)) + y[:, None] * np.linspace(2, 0, 20), 1)  # with ties
    deals = [np.isin(np.arange(9), chosen) for chosen in combinations(range(9), 4)]
    ranks = np.array(
        [mannwhitneyu(X[d], X[~d], method="asymptotic", use_continuity=False).pvalue for d in deals]
    )
    means = np.array([ttest_ind(X[d], X[~d]).statistic for d in deals])
    for statistic, shuffled in (("rank", -np.log(ranks)), ("mean", means)):
        single, down = adjusted(shuffled[0], shuffled)
        found = max_t_response(X, y, statistic=statistic)
        np.testing.assert_allclose(found.p_single_step, single)
        np.testing.assert_allclose(found.p_step_down, down)
        assert (found.permutations, found.exact) == (126, True)


def test_response_in_strata_equals_enumeration():
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
    single, down = adjusted(shuffled[0], shuffled)
    found = max_t_response(X, y, statistic="mean", strata=strata)
    np.testing.assert_allclose(found.z, shuffled[0])
    np.testing.assert_allclose(found.p_single_step, single)
    np.testing.assert_allclose(found.p_step_down, down)


def test_a_sample_agrees_with_enumeration():
    time, event, X = survival(8, 40, seed=5)
    exact = max_t_survival(time, event, X)
    assert exact.permutations > 10_000
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("coley.stats.screens.permutations.EXACT", 100)
        sample = max_t_survival(time, event, X, samples=5000)
    assert (sample.permutations, sample.exact) == (5000, False)
    np.testing.assert_allclose(sample.p_step_down, exact.p_step_down, atol=4 * 0.5 / np.sqrt(5000))


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_the_same_whatever_the_number_of_threads_and_the_order_of_columns(threads, monkeypatch):
    time, event, X = survival(60, 90, seed=7, resolution=0.2)
    expected = max_t_survival(time, event, X, samples=200, seed=3)
    monkeypatch.setattr(columns_room, "cores", lambda: threads)
    turned = max_t_survival(time * 7, event, 3 - 2 * X[:, ::-1], samples=200, seed=3)
    for name in ("p_single_step", "p_step_down"):
        np.testing.assert_array_equal(getattr(turned, name), getattr(expected, name)[::-1])
    np.testing.assert_allclose(turned.z, -expected.z[::-1], atol=1e-9)
    assert (expected.p_step_down <= expected.p_single_step).all()
    assert not (max_t_survival(time, event, X, samples=200, seed=4).p_step_down == expected.p_step_down).all()


def test_columns_that_cannot_be_tested_are_named_and_not_counted():
    time, event, X = survival(40, 5, seed=1)
    y = time > np.median(time)
    holes = np.c_[X[:, 0], np.ones(40), X[:, 1:]]
    holes[3, 2] = np.nan
    for whole, found in (
        (max_t_survival(time, event, X[:, [0, 2, 3, 4]]), max_t_survival(time, event, holes)),
        (max_t_response(X[:, [0, 2, 3, 4]], y), max_t_response(holes, y)),
    ):
        assert found.status.tolist() == ["tested", "constant", "missing", "tested", "tested", "tested"]
        np.testing.assert_array_equal(found.p_step_down[[0, 3, 4, 5]], whole.p_step_down)
        assert np.isnan(found.p_single_step[[1, 2]]).all()


@pytest.mark.parametrize("kind", ["survival", "rank", "mean"])
def test_error_under_the_null_hypothesis(kind):
    wrong, sets = 0, 400
    for seed in range(sets):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(40, 12)) + rng.normal(size=(40, 1))
        if kind == "survival":
            found = max_t_survival(rng.exponential(size=40), rng.random(40) < 0.7, X, samples=199, seed=seed)
        else:
            found = max_t_response(X, np.arange(40) < 15, statistic=kind, samples=199, seed=seed)
        wrong += found.p_step_down.min() <= 0.05
    assert abs(wrong / sets - 0.05) < 3 * np.sqrt(0.05 * 0.95 / sets)


def test_refusals():
    time, event, X = survival(10, 3, seed=1)
    with pytest.raises(InvalidSetting, match="statistic 'median'"):
        max_t_response(X, event, statistic="median")
    with pytest.raises(NotEstimable, match="No column"):
        max_t_survival(time, event, np.ones((10, 3)))
    with pytest.raises(UnreadableInput, match="shape"):
        max_t_response(X.T, event)
    with pytest.raises(InvalidSetting, match="0 permutations"):
        max_t_survival(time, event, X, samples=0)
