"""The area under the ROC curve against pROC, scipy, counting by hand, coverage and invariances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu, norm
from sklearn.metrics import roc_auc_score
from sklearn.metrics import roc_curve as sklearn_curve

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.judging.auc_many import auc_many
from coley.stats.judging.placements import placements
from coley.stats.judging.roc import auc, auc_difference, roc_curve

cohort = st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=2, max_size=30).filter(
    lambda rows: len({label for _, label in rows}) == 2
)


def delong_by_pairs(score, label):
    """DeLong's estimate from the full matrix of pairs, as in the paper."""
    x, y = score[label], score[~label]
    right = (x[:, None] > y) + 0.5 * (x[:, None] == y)
    return right.mean(), right.mean(axis=1).var(ddof=1) / len(x) + right.mean(axis=0).var(ddof=1) / len(y)


@pytest.mark.parametrize("marker", ["a", "b"])
def test_equals_proc(judged, marker):
    data, expected = judged("judged"), judged("auc").filter(case=f"auc_{marker}").row(0, named=True)
    found = auc(data[marker], data["y"])
    assert found.value == pytest.approx(expected["value"], abs=1e-12)
    assert found.wald.se == pytest.approx(expected["se"], abs=1e-12)
    assert (found.wald.low, found.wald.high) == pytest.approx((expected["low"], expected["high"]), abs=1e-10)
    assert found.test.p == pytest.approx(expected["p"], rel=1e-9)


def test_paired_difference_equals_proc(judged):
    data, expected = judged("judged"), judged("auc").filter(case="auc_difference").row(0, named=True)
    found = auc_difference(data["a"], data["b"], data["y"])
    assert found.difference.value == pytest.approx(expected["value"], abs=1e-12)
    assert found.difference.se == pytest.approx(expected["se"], abs=1e-12)
    limits = (found.difference.low, found.difference.high)
    assert limits == pytest.approx((expected["low"], expected["high"]), abs=1e-10)
    assert found.test.p == pytest.approx(expected["p"], rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(cohort)
def test_equals_counting_every_pair_scipy_and_sklearn(rows):
    score, label = np.array([r[0] for r in rows], dtype=float), np.array([r[1] for r in rows])
    found = auc(score, label)
    assert found.value == pytest.approx(roc_auc_score(label, score), abs=1e-12)
    if min(label.sum(), (~label).sum()) > 1:
        value, variance = delong_by_pairs(score, label)
        several = auc_many(np.column_stack([score, -score]), label)
        assert several.value[0] == pytest.approx(value, abs=1e-12)
        if np.ptp(score) > 0:
            np.testing.assert_allclose(several.se, np.sqrt(variance), atol=1e-9)
    if np.ptp(score) > 0:
        expected = mannwhitneyu(score[label], score[~label], use_continuity=False, method="asymptotic").pvalue
        assert found.test.p == pytest.approx(expected, rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(cohort, st.randoms(use_true_random=False))
def test_invariances(rows, random):
    score, label = np.array([r[0] for r in rows], dtype=float), np.array([r[1] for r in rows])
    found, order = auc(score, label), random.sample(range(len(rows)), len(rows))
    for same in (auc(np.exp(score) * 7 - 1, label), auc(score[order], label[order])):
        assert str(same) == str(found)  # only the order of scores counts; NaN included
    swapped = auc(score, ~label)
    assert swapped.value == pytest.approx(1 - found.value, abs=1e-12)
    np.testing.assert_allclose(swapped.wald.se, found.wald.se)
    np.testing.assert_allclose(
        [swapped.interval.low, swapped.interval.high], [1 - found.interval.high, 1 - found.interval.low]
    )


@pytest.mark.parametrize(
    ("m", "n", "truth"), [(15, 60, 0.7), (15, 60, 0.85), (40, 120, 0.7), (40, 120, 0.95)]
)
def test_coverage_is_nominal_on_the_logit_scale_and_not_on_the_other(m, n, truth):
    rng = np.random.default_rng(20240601)
    label = np.arange(m + n) < m
    scores = rng.normal(size=(4000, m + n)) + np.sqrt(2) * norm.ppf(truth) * label
    value, variance = placements(scores, label).moments()
    se = np.sqrt(variance)
    usable = value < 1
    value, se = value[usable], se[usable]
    logit = np.log(value / (1 - value)) - np.log(truth / (1 - truth))
    on_logit = (np.abs(logit) <= 1.959964 * se / (value * (1 - value))).mean()
    on_raw = (np.abs(value - truth) <= 1.959964 * se).mean()
    assert abs(on_logit - 0.95) < 0.016
    assert abs(on_logit - 0.95) < abs(on_raw - 0.95)


def test_the_difference_of_two_scores_covers_and_tests_at_nominal_level():
    rng = np.random.default_rng(5)
    label = np.arange(120) < 40
    covered = rejected = 0
    for _ in range(800):
        shared = rng.normal(size=120) + 1.2 * label
        found = auc_difference(shared + rng.normal(size=120), shared + rng.normal(size=120), label)
        covered += found.difference.low <= 0 <= found.difference.high
        rejected += found.test.p < 0.05
    assert abs(covered / 800 - 0.95) < 0.02
    assert covered + rejected == 800


def test_curve_equals_sklearn(judged):
    data = judged("judged")
    curve = roc_curve(data["a"], data["y"])
    false, true, threshold = sklearn_curve(data["y"], data["a"], drop_intermediate=False)
    np.testing.assert_allclose(curve.sensitivity, true)
    np.testing.assert_allclose(1 - curve.specificity, false, atol=1e-12)
    np.testing.assert_allclose(curve.threshold, threshold)
    area = np.trapezoid(curve.sensitivity, 1 - curve.specificity)
    assert area == pytest.approx(auc(data["a"], data["y"]).value, abs=1e-12)


def test_perfect_separation_and_single_members_have_no_limits():
    for score, value in (([1, 2, 3, 4], 1.0), ([4, 3, 2, 1], 0.0), ([2, 2, 2, 2], 0.5)):
        found = auc(score, [0, 0, 1, 1])
        assert found.value == value
        assert np.isnan([found.interval.low, found.interval.high, found.wald.low, found.wald.high]).all()
    assert auc(np.arange(40), np.arange(40) >= 20).test.p < 1e-6  # and yet it is known not to be chance
    assert np.isnan(auc([1, 3, 2], [0, 1, 0]).interval.low)
    assert np.isnan(auc_difference([1, 2, 3, 4], [1, 2, 3, 4], [0, 1, 0, 1]).test.p)


def test_large_cohorts_are_counted_exactly():
    label = np.arange(200_000) >= 100_000
    found = auc(np.arange(200_000), label)
    assert found.value == 1.0
    assert np.isnan(found.wald.se)


def test_refusals():
    with pytest.raises(NotEstimable, match="alike"):
        auc([1, 2, 3], [1, 1, 1])
    with pytest.raises(NotEstimable, match="alike"):
        auc([], [])
    with pytest.raises(UnreadableInput, match="outcome holds"):
        auc([1, 2, 3], [0, 1, 2])
    with pytest.raises(UnreadableInput, match="rows \\[1\\]"):
        auc([1, np.nan, 3], [0, 1, 1])
    with pytest.raises(UnreadableInput, match="shape"):
        auc_difference([1, 2, 3], [1, 2], [0, 1, 1])
    with pytest.raises(InvalidSetting, match="level"):
        auc([1, 2], [0, 1], level=95)
