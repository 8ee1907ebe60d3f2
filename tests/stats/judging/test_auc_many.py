"""A screen of markers is as many single estimates, and its test keeps its level."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.stats.judging.auc_many import BLOCK_CELLS, auc_many
from coley.stats.judging.roc import auc


def test_a_screen_is_many_single_estimates():
    rng = np.random.default_rng(1)
    X = np.column_stack([rng.normal(size=(60, 5)), rng.integers(0, 4, (60, 5)), np.ones(60)])
    label = rng.random(60) < 0.4
    several = auc_many(X, label)
    for j in range(10):
        single = auc(X[:, j], label)
        assert (several.value[j], several.se[j]) == pytest.approx((single.value, single.wald.se), abs=1e-14)
        assert several.p[j] == pytest.approx(single.test.p, abs=1e-14)
    assert several.value[10] == 0.5
    assert np.isnan([several.se[10], several.p[10]]).all()


def test_rank_sum_test_rejects_at_its_level():
    rng = np.random.default_rng(2)
    X = np.round(rng.normal(size=(60, 5000)), 1)
    p = auc_many(X, np.arange(60) < 12).p
    assert abs((p < 0.05).mean() - 0.05) < 0.01


def test_markers_in_later_blocks_are_the_same():
    rng = np.random.default_rng(4)
    X, label = rng.normal(size=(400, BLOCK_CELLS // 400 + 2)), rng.random(400) < 0.4
    whole, last = auc_many(X, label), auc_many(X[:, -2:], label)
    np.testing.assert_array_equal(whole.value[-2:], last.value)
    np.testing.assert_array_equal(whole.se[-2:], last.se)


def test_refusals():
    with pytest.raises(UnreadableInput, match="1 values missing"):
        auc_many([[1, 2], [np.inf, 3]], [0, 1])
    with pytest.raises(UnreadableInput, match="finite value"):
        auc_many([[1, 2], [2, 3], [3, 4]], [0, 1])
    with pytest.raises(InvalidSetting, match="names"):
        auc_many([[1, 2], [2, 3]], [0, 1], names=["one"])
