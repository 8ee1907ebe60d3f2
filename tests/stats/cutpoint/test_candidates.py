"""The statistics of all cuts at once, against each cut by itself and weights against repeated rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.cutpoint.candidates import Candidates


@given(st.integers(0, 10_000), st.integers(12, 40))
@settings(max_examples=50, deadline=None)
def test_each_cut_by_itself(seed, n):
    rng = np.random.default_rng(seed)
    marker, scores = rng.integers(0, 9, n) * 1.0, rng.normal(size=n)
    marker[:2] = 0, 8
    candidates = Candidates.of(marker, n, 0.1)
    profile = candidates.profile(scores[None])
    for k, value in enumerate(candidates.values):
        high = marker >= value
        m = high.sum()
        assert profile.n_high[0, k] == m
        if not 0.1 * n <= m <= 0.9 * n:
            assert np.isnan(profile.z[0, k])
            continue
        variance = (
            m * (n - m) / n * scores.var(ddof=1)
        )  # of the sum of m of n scores drawn without replacement
        z = (scores[high].sum() - m * scores.mean()) / np.sqrt(variance)
        np.testing.assert_allclose(profile.z[0, k], z, atol=1e-10)
        np.testing.assert_allclose(
            profile.difference[0, k], scores[high].mean() - scores[~high].mean(), atol=1e-10
        )
    assert profile.largest[0] == np.nanmax(np.abs(profile.z)) == abs(profile.z[0, profile.best[0]])


def test_weights_are_repeated_patients():
    rng = np.random.default_rng(1)
    marker, scores = rng.normal(size=30), rng.normal(size=(5, 30))
    weights = rng.multinomial(30, np.full(30, 1 / 30), size=5).astype(float)
    candidates = Candidates.of(marker, 30, 0.2)
    found = candidates.profile(scores, weights)
    for b in range(5):
        rows = np.repeat(np.arange(30), weights[b].astype(int))
        alone = Candidates.of(marker[rows], 30, 0.2)
        expected = alone.profile(scores[b, rows][None])
        np.testing.assert_allclose(found.largest[b], expected.largest[0])
        assert candidates.values[found.best[b]] == alone.values[expected.best[0]]


def test_no_admissible_cut():
    candidates = Candidates.of(np.arange(10.0), 10, 0.3)
    weights = np.zeros((1, 10))
    weights[0, [0, 9]] = 1, 9  # one of ten on one side
    found = candidates.profile(np.arange(10.0)[None], weights)
    assert (found.best[0], found.largest[0]) == (-1, 0)
    assert (candidates.profile(np.ones((1, 10))).best == -1).all()


def test_refusals():
    with pytest.raises(UnreadableInput, match="1 values missing"):
        Candidates.of([1.0, np.nan, 3.0], 3, 0.1)
    with pytest.raises(UnreadableInput, match="shape"):
        Candidates.of([1.0, 2.0], 3, 0.1)
    with pytest.raises(UnreadableInput, match="finite number"):
        Candidates.of(["low", "high", "low"], 3, 0.1)
    with pytest.raises(InvalidSetting, match=r"0\.5"):
        Candidates.of([1.0, 2.0, 3.0], 3, 0.5)
    with pytest.raises(NotEstimable, match="No cut"):
        Candidates.of(np.r_[np.zeros(19), 1.0], 20, 0.1)
