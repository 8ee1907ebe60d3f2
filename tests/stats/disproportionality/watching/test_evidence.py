"""E-processes: a martingale without association, an error that holds without end, and rates for many pairs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import gamma, hypergeom, poisson

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.stats.disproportionality.watching.evidence import (
    RATE,
    SHAPE,
    anytime_evidence,
    e_benjamini_hochberg,
)


@given(st.integers(0, 30), st.floats(0.05, 20))
def test_is_the_average_likelihood_ratio(count, mean):
    law = gamma(SHAPE, scale=1 / RATE)
    value = quad(lambda r: r**count * np.exp(-mean * (r - 1)) * law.pdf(r), 1, 200, limit=200)[0] / law.sf(1)
    assert np.exp(anytime_evidence([[count]], [[mean]]).log_e[0, 0]) == pytest.approx(value, rel=1e-5)


def test_expects_one_of_poisson_counts_and_less_of_hypergeometric_ones():
    k = np.arange(200)[:, None]
    mean = 3.0
    e = np.exp(anytime_evidence(k, np.full(k.shape, mean)).log_e[:, 0])
    assert poisson.pmf(k[:, 0], mean) @ e == pytest.approx(1)
    assert hypergeom.pmf(k[:, 0], 100, 20, 15) @ e < 0.95
    assert poisson.pmf(k[:, 0], 0.6 * mean) @ e < 1


def test_error_is_held_over_forty_quarters_and_beyond(quarters):
    counts = quarters(np.random.default_rng(1), pairs=4000, looks=80)
    found = anytime_evidence(np.cumsum(counts.both, 1), np.cumsum(counts.expected, 1))
    assert 0.002 < (found.first >= 0).mean() < 0.05
    assert (np.diff(found.p, axis=1) <= 0).all()
    signal = np.random.default_rng(2).poisson(counts.expected * 3)
    assert (anytime_evidence(np.cumsum(signal, 1), np.cumsum(counts.expected, 1)).first >= 0).mean() > 0.9


def test_rates_of_many_pairs(quarters):
    """Called whenever q falls to the rate at one chosen look, dependent pairs included."""
    rng, rates = np.random.default_rng(3), []
    for _ in range(30):
        counts = quarters(rng, pairs=200, looks=20)
        signal = np.arange(200) < 40
        both = counts.both + np.where(signal[:, None], rng.poisson(2 * counts.expected), 0)
        log_e = anytime_evidence(np.cumsum(both, 1), np.cumsum(counts.expected, 1)).log_e[:, -1]
        called = e_benjamini_hochberg(log_e) <= 0.1
        assert called[signal].mean() > 0.5
        rates.append((called & ~signal).sum() / max(called.sum(), 1))
    assert np.mean(rates) < 0.1


def test_e_values_written_out():
    e = np.array([900.0, 300, 70, 12, 1, 0.1])
    found = e_benjamini_hochberg(np.log(e))
    for rate in (0.01, 0.05, 0.2, 0.5):  # the largest k with e_(k) >= m / (k rate)
        k = max((k for k in range(1, 7) if e[k - 1] >= 6 / (k * rate)), default=0)
        assert (found <= rate).sum() == k


def test_refusals():
    for observed, expected in (
        ([[2, 1]], [[1, 2]]),
        ([[1]], [[1, 2]]),
        ([[np.nan]], [[1]]),
        ([1, 2], [1, 2]),
    ):
        with pytest.raises(UnreadableInput, match="so far"):
            anytime_evidence(observed, expected)
    with pytest.raises(InvalidSetting, match="error"):
        anytime_evidence([[1]], [[1]], alpha=2)
    with pytest.raises(UnreadableInput, match="missing"):
        e_benjamini_hochberg([np.nan])
