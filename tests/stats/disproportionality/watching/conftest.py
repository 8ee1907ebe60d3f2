"""Simulated quarters of a database that grows."""

from __future__ import annotations

import numpy as np
import pytest

from coley.stats.disproportionality.counts import PairCounts


@pytest.fixture(scope="session")
def quarters():
    """Draw each quarter's own counts of pairs without association (pairs x looks).

    With growth, exposure and event both become seven times as common over the watch, each for its own reasons.
    """

    def draw(rng, *, pairs, looks=40, reports=5000, exposed=0.03, event=0.01, growth=True):
        course = np.exp(np.linspace(-2, 0, looks)) if growth else np.ones(looks)
        of_exposure, of_event = (
            rng.binomial(reports, share * course, (pairs, looks)) for share in (exposed, event)
        )
        both = rng.hypergeometric(of_event, reports - of_event, of_exposure)
        return PairCounts.of(both, exposed=of_exposure, event=of_event, total=float(reports))

    return draw
