"""The bootstrap of the AUC against DeLong, its seed, and its ends."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, NotEstimable
from coley.stats.judging.auc_bootstrap import auc_bootstrap
from coley.stats.judging.roc import auc


@pytest.mark.parametrize("stratified", [True, False])
def test_bootstrap_agrees_with_delong_in_large_samples_and_repeats_itself(stratified):
    rng = np.random.default_rng(3)
    label = rng.random(800) < 0.3
    score = np.round(rng.normal(size=800) + label, 1)
    found, exact = auc_bootstrap(score, label, stratified=stratified), auc(score, label)
    assert found.value == pytest.approx(exact.value, abs=1e-12)
    assert found.se == pytest.approx(exact.wald.se, rel=0.05)
    assert found.low == pytest.approx(exact.interval.low, abs=0.005)
    assert found.high == pytest.approx(exact.interval.high, abs=0.005)
    assert auc_bootstrap(score, label, stratified=stratified) == found
    assert auc_bootstrap(score, label, stratified=stratified, seed=2) != found


def test_bootstrap_draws_again_where_a_class_is_empty():
    found = auc_bootstrap([1, 2, 3, 4], [0, 0, 0, 1], stratified=False, resamples=300)
    assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)


def test_ties_count_one_half_in_every_resample():
    score, label = np.array([0, 0, 0, 1, 1, 1] * 6), np.array([0, 0, 1, 0, 1, 1] * 6)
    found = auc_bootstrap(score, label, resamples=4000)
    assert found.se == pytest.approx(auc(score, label).wald.se, rel=0.06)


def test_refusals():
    with pytest.raises(InvalidSetting, match="resamples"):
        auc_bootstrap([1, 2], [0, 1], resamples=5)
    with pytest.raises(InvalidSetting, match="level"):
        auc_bootstrap([1, 2], [0, 1], level=0)
    with pytest.raises(NotEstimable, match="alike"):
        auc_bootstrap([1, 2], [1, 1])
