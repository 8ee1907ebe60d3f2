"""Average precision against scikit-learn, its interval by hand and by coverage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.metrics import average_precision_score

from coley.model.errors import NotEstimable, UnreadableInput
from coley.stats.judging.precision_recall import average_precision, precision_recall_curve


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=2, max_size=40).filter(
        lambda rows: len({label for _, label in rows}) == 2
    )
)
def test_equals_sklearn_and_the_formula_of_boyd(rows):
    score, label = np.array([r[0] for r in rows], dtype=float), np.array([r[1] for r in rows])
    found = average_precision(score, label)
    expected = average_precision_score(label, score)
    assert found.value == pytest.approx(expected, abs=1e-12)
    assert found.prevalence == label.mean()
    if expected < 1 - 1e-9:
        half = 1.959963985 / np.sqrt(label.sum() * expected * (1 - expected))
        limits = expit(logit(expected) + np.array([-half, half]))
        assert (found.interval.low, found.interval.high) == pytest.approx(tuple(limits), abs=1e-9)
    assert average_precision(2 * score + 5, label) == found
    assert average_precision(score[::-1], label[::-1]) == found


def test_a_score_without_information_reaches_the_prevalence():
    rng = np.random.default_rng(1)
    label = rng.random(20_000) < 0.2
    assert average_precision(rng.normal(size=20_000), label).value == pytest.approx(0.2, abs=0.02)
    flat = average_precision(np.zeros(20_000), label)
    assert flat.value == pytest.approx(flat.prevalence)


def test_coverage():
    rng = np.random.default_rng(2)
    big = rng.random(400_000) < 0.25
    truth = average_precision(rng.normal(size=len(big)) + 1.2 * big, big).value
    hits = 0
    for _ in range(1000):
        label = np.arange(200) < rng.binomial(200, 0.25)
        found = average_precision(rng.normal(size=200) + 1.2 * label, label)
        hits += found.interval.low <= truth <= found.interval.high
    assert abs(hits / 1000 - 0.95) < 0.025


def test_curve_begins_with_the_highest_score_and_ends_with_everybody():
    curve = precision_recall_curve([0.9, 0.8, 0.8, 0.1], [1, 0, 1, 0])
    np.testing.assert_allclose(curve.threshold, [0.9, 0.8, 0.1])
    np.testing.assert_allclose(curve.precision, [1, 2 / 3, 1 / 2])
    np.testing.assert_allclose(curve.recall, [1 / 2, 1, 1])


def test_ends_and_refusals():
    found = average_precision([1, 2, 3], [0, 1, 1])
    assert found.value == 1.0
    assert np.isnan(found.interval.low)
    with pytest.raises(NotEstimable, match="alike"):
        average_precision([1, 2], [0, 0])
    with pytest.raises(UnreadableInput, match="score"):
        average_precision([1, np.nan], [0, 1])
