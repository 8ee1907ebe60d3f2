"""Simulated databases of reports whose signals are known."""

from __future__ import annotations

import numpy as np
import pytest

from coley.stats.disproportionality.counts import PairCounts


@pytest.fixture(scope="session")
def database():
    """Draw a database of counts: reports of one drug and one event each, drugs and events of very uneven size.

    A pair's mean is the product of its drug's and its event's share, times a ratio that is above 1 for signals
    and 1 for all others. The null of those others is true of the background that was drawn from; what the
    margins make of it includes the signals.
    """

    def draw(rng, *, drugs=60, events=50, reports=10_000, share=0.02, strength=(2, 8)):
        drug, event = (np.exp(rng.normal(0, 1.2, n)) for n in (drugs, events))
        mean = reports * np.outer(drug / drug.sum(), event / event.sum()).ravel()
        signal = np.zeros(mean.size, dtype=bool)
        signal[rng.choice(np.flatnonzero(mean > 0.3), int(share * mean.size), replace=False)] = True
        ratio = np.where(signal, np.exp(rng.uniform(*np.log(strength), mean.size)), 1.0)
        both = rng.poisson(mean * ratio).reshape(drugs, events).astype(float)
        of_drug, of_event = np.broadcast_arrays(both.sum(axis=1, keepdims=True), both.sum(axis=0))
        counts = PairCounts.of(
            both.ravel(), exposed=of_drug.ravel(), event=of_event.ravel(), total=both.sum()
        )
        row, column = (x.ravel() for x in np.indices((drugs, events)))
        return counts, row, column, signal

    return draw
