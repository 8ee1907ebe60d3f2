"""Max-T for survival, against enumeration in the test itself, and its error under the null hypothesis."""

from __future__ import annotations

from itertools import permutations as every

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, NotEstimable
from coley.stats import threads as threads_room
from coley.stats.screens.max_t_survival import max_t_survival
from coley.stats.survival.cox_score_test import cox_score_test


@pytest.mark.parametrize("resolution", [0.0, 0.5])
@pytest.mark.parametrize("strata", [None, [0, 1, 0, 1, 0, 1]])
def test_equals_enumeration(resolution, strata, enumerated, survival):
    time, event, X = survival(6, 20, seed=3, resolution=resolution)
    within = np.zeros(6) if strata is None else np.array(strata)
    z = np.array(
        [
            cox_score_test(time, event, X[list(o)], strata=strata).z
            for o in every(range(6))
            if (within[list(o)] == within).all()
        ]
    )
    single, down = enumerated(z[0], np.nan_to_num(z))
    found = max_t_survival(time, event, X, strata=strata)
    assert found.exact
    np.testing.assert_allclose(found.z, z[0])
    np.testing.assert_allclose(found.p_single_step, single)
    np.testing.assert_allclose(found.p_step_down, down)


def test_a_sample_agrees_with_enumeration(survival):
    time, event, X = survival(8, 40, seed=5)
    exact = max_t_survival(time, event, X)
    assert exact.permutations > 10_000
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("coley.stats.screens.permutations.EXACT", 100)
        sample = max_t_survival(time, event, X, samples=5000)
    assert (sample.permutations, sample.exact) == (5000, False)
    np.testing.assert_allclose(sample.p_step_down, exact.p_step_down, atol=4 * 0.5 / np.sqrt(5000))


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_the_same_whatever_the_number_of_threads_and_the_order_of_columns(threads, monkeypatch, survival):
    time, event, X = survival(60, 90, seed=7, resolution=0.2)
    expected = max_t_survival(time, event, X, samples=200, seed=3)
    monkeypatch.setattr(threads_room, "cores", lambda: threads)
    turned = max_t_survival(time * 7, event, 3 - 2 * X[:, ::-1], samples=200, seed=3)
    for name in ("p_single_step", "p_step_down"):
        np.testing.assert_array_equal(getattr(turned, name), getattr(expected, name)[::-1])
    np.testing.assert_allclose(turned.z, -expected.z[::-1], atol=1e-9)
    assert (expected.p_step_down <= expected.p_single_step).all()
    assert not (max_t_survival(time, event, X, samples=200, seed=4).p_step_down == expected.p_step_down).all()


def test_columns_that_cannot_be_tested_are_named_and_not_counted(survival):
    time, event, X = survival(40, 5, seed=1)
    holes = np.c_[X[:, 0], np.ones(40), X[:, 1:]]
    holes[3, 2] = np.nan
    whole, found = max_t_survival(time, event, X[:, [0, 2, 3, 4]]), max_t_survival(time, event, holes)
    assert found.status.tolist() == ["tested", "constant", "missing", "tested", "tested", "tested"]
    np.testing.assert_array_equal(found.p_step_down[[0, 3, 4, 5]], whole.p_step_down)
    assert np.isnan(found.p_single_step[[1, 2]]).all()


def test_error_under_the_null_hypothesis():
    wrong, sets = 0, 300
    for seed in range(sets):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(40, 12)) + rng.normal(size=(40, 1))
        found = max_t_survival(rng.exponential(size=40), rng.random(40) < 0.7, X, samples=199, seed=seed)
        wrong += found.p_step_down.min() <= 0.05
    assert abs(wrong / sets - 0.05) < 3 * np.sqrt(0.05 * 0.95 / sets)


def test_refusals(survival):
    time, event, X = survival(10, 3, seed=1)
    with pytest.raises(NotEstimable, match="No column"):
        max_t_survival(time, event, np.ones((10, 3)))
    with pytest.raises(NotEstimable, match="No event"):
        max_t_survival(time, np.zeros(10), X)
    with pytest.raises(InvalidSetting, match="0 permutations"):
        max_t_survival(time, event, X, samples=0)
