"""MGPS against openEBGM, a package of R that times itself."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.bench_signals import table
from benchmarks.in_r import timed_in_r, where_installed
from benchmarks.race import NotRun, Race, Timed, race
from coley.stats.disproportionality.mgps.fit import mgps
from coley.stats.disproportionality.mgps.mixture import GammaMixture
from coley.stats.disproportionality.mgps.scores import ebgm

PEER = "openEBGM"


def races() -> Iterator[Race | NotRun]:
    """Scores and limits at one prior must be equal to 1e-6, relatively, before a ratio counts."""
    _, counts = table()

    def scores(prior: GammaMixture) -> np.ndarray:
        found = ebgm(prior, counts.both, counts.expected)
        return np.log(np.c_[found.value, found.low, found.high])

    def fit() -> GammaMixture:
        return mgps(counts.both, counts.expected, truncation="components").prior  # as openEBGM does

    prior = fit()
    known = np.r_[np.c_[prior.shapes, prior.rates].ravel(), prior.weights[0]]

    def theirs(what: str) -> Timed:
        found = timed_in_r("open_ebgm.R", what, known, counts.both, counts.expected)
        return Timed(np.log(found.values.reshape(3, -1).T), found.seconds)

    def given(name: str) -> Race:
        return race(name, PEER, lambda: scores(prior), lambda: theirs("given"), rounds=1)

    def fitted(name: str) -> Race:
        # It fits squashed pairs alone, and ends 0.5 below the maximum of the log-likelihood of all: EBGM is then off
        # by 0.2 % in one pair of a hundred, and by 2.6 % in the most extreme.
        def first() -> Timed:
            found = theirs("fitted")
            return Timed(found.values[:, 0], found.seconds)

        return race(name, PEER, lambda: scores(fit())[:, 0], first, tolerance=0.03, rounds=1)

    yield from where_installed(
        PEER,
        {
            f"EBGM and limits of eight decimals, prior given, {len(counts):,} pairs": given,
            f"MGPS: fit and EBGM with limits, {len(counts):,} pairs": fitted,
        },
    )
