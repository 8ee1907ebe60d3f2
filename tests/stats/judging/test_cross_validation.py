"""Splits: shares of classes, refusals with their reason, and the corrected variance by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from coley.model.errors import InvalidSetting
from coley.stats.judging.cross_validation import corrected_resampled, stratified_folds
from coley.stats.judging.roc import auc
from coley.stats.logistic import logistic


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 6), st.integers(6, 30), st.integers(6, 50), st.integers(0, 9))
def test_every_fold_has_its_share_of_each_class(folds, positives, negatives, seed):
    label = np.random.default_rng(seed).permutation(np.arange(positives + negatives) < positives)
    for split in stratified_folds(label, folds=folds, repeats=3, seed=seed):
        for side in (label, ~label):
            sizes = np.bincount(split[side], minlength=folds)
            assert np.ptp(sizes) <= 1
        assert np.ptp(np.bincount(split, minlength=folds)) <= 1


def test_splits_differ_and_the_seed_repeats_them():
    label = np.arange(40) < 15
    one = stratified_folds(label, folds=5, repeats=2, seed=3)
    assert (one[0] != one[1]).any()
    np.testing.assert_array_equal(one, stratified_folds(label, folds=5, repeats=2, seed=3))
    assert (one != stratified_folds(label, folds=5, repeats=2, seed=4)).any()


def test_leave_one_out_is_refused_with_the_reason_and_the_reason_is_true():
    label = np.arange(40) < 14
    with pytest.raises(InvalidSetting, match="Leave-one-out is refused") as refused:
        stratified_folds(label, folds=40, repeats=1, seed=1)
    assert "biased" in refused.value.cause
    rng, pooled = np.random.default_rng(61), []
    for _ in range(40):
        useless, chance = rng.normal(size=40), np.empty(40)
        for i in range(40):
            rest = np.arange(40) != i
            chance[i] = logistic(label[rest], useless[rest]).probability(useless[i])[0]
        pooled.append(auc(chance, label).value)
    assert 0.2 < np.mean(pooled) < 0.4


def test_too_few_of_a_class_are_refused():
    label = np.arange(40) < 4
    with pytest.raises(InvalidSetting, match="both classes: there are 4"):
        stratified_folds(label, folds=5, repeats=1, seed=1)
    with pytest.raises(InvalidSetting, match="an event: there are 4"):
        stratified_folds(label, folds=5, repeats=1, seed=1, both=False)
    assert stratified_folds(~label, folds=5, repeats=1, seed=1, both=False).shape == (1, 40)
    for folds, repeats in ((1, 10), (5, 0)):
        with pytest.raises(InvalidSetting, match="no cross-validation"):
            stratified_folds(label, folds=folds, repeats=repeats, seed=1)


def test_corrected_variance_is_that_of_nadeau_and_bengio():
    values = np.random.default_rng(1).normal(size=50)
    found = corrected_resampled(values, held_out=0.25, level=0.9)
    se = np.sqrt((1 / 50 + 0.25) * values.var(ddof=1))
    assert found.se == pytest.approx(se)
    assert found.high == pytest.approx(values.mean() + student.ppf(0.95, 49) * se)
    assert found.low == pytest.approx(values.mean() - student.ppf(0.95, 49) * se)
