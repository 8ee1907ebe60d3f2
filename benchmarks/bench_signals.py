"""Measures of every pair of a table of reports, against vigipy on the same table."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import vigipy

from benchmarks.race import Race, race
from coley.stats.disproportionality.counts import PairCounts
from coley.stats.disproportionality.information import bcpnn
from coley.stats.disproportionality.mgps.fit import mgps
from coley.stats.disproportionality.mgps.scores import ebgm
from coley.stats.disproportionality.ratios import proportional_reporting_ratio, reporting_odds_ratio

DRUGS, TERMS, REPORTS = 600, 700, 2_000_000
ROUNDS = 3  # vigipy takes seconds


def table() -> tuple[pd.DataFrame, PairCounts]:
    """Pairs that are reported, most near what chance brings, with margins as vigipy takes them: sums over pairs."""
    rng = np.random.default_rng(1)
    popularity = [1 / (10 + np.arange(size)) for size in (DRUGS, TERMS)]
    expected = REPORTS * np.outer(*(share / share.sum() for share in popularity))
    signal = rng.random(expected.shape) < 0.05
    ratio = np.where(signal, rng.gamma(2, 2, expected.shape), rng.gamma(4, 1 / 4, expected.shape))
    both = rng.poisson(expected * ratio)
    drug, term = np.nonzero(both)
    pairs = pd.DataFrame(
        {
            "name": [f"drug {i:04d}" for i in drug],
            "AE": [f"term {j:04d}" for j in term],
            "count": both[drug, term].astype(np.int64),
        }
    )
    exposed, event = both.sum(axis=1)[drug], both.sum(axis=0)[term]
    return pairs, PairCounts.of(both[drug, term], exposed=exposed, event=event, total=both.sum())


def races() -> Iterator[Race]:
    """Values and limits must be equal to 1e-6, relatively, before a ratio counts."""
    pairs, counts = table()
    data = vigipy.convert(pairs)
    full = (counts.only_exposed > 0) & (counts.only_event > 0)  # vigipy corrects tables with an empty cell

    def theirs(measure, columns, **settings) -> np.ndarray:
        found = measure(data, min_events=1, **settings).all_signals.sort_values(["Product", "Adverse Event"])
        return found[columns].to_numpy(float)

    def compared(values: np.ndarray) -> np.ndarray:
        return np.log(values[full])

    size = f"{len(counts):,} pairs"
    for name, ours, measure, column in (
        ("reporting odds ratio", reporting_odds_ratio, vigipy.ror, "ROR"),
        ("proportional reporting ratio", proportional_reporting_ratio, vigipy.prr, "PRR"),
    ):

        def of_coley(ours=ours) -> np.ndarray:
            found = ours(counts)
            return compared(np.c_[found.value, found.low, found.high])

        def of_vigipy(measure=measure, column=column) -> np.ndarray:
            return compared(theirs(measure, [column, "CI Lower", "CI Upper"]))

        yield race(f"{name}, {size}", "vigipy", of_coley, of_vigipy, rounds=ROUNDS)

    def information() -> np.ndarray:
        return bcpnn(counts).low

    yield race(
        f"information component (BCPNN), {size}",
        "vigipy",
        information,
        lambda: theirs(vigipy.bcpnn, ["quantile"])[:, 0],
        rounds=ROUNDS,
    )

    def bayes(**settings) -> np.ndarray:
        return np.log(
            theirs(vigipy.gps, ["EBGM"], ranking_statistic="quantile", decision_thres=2, **settings)[:, 0]
        )

    prior = mgps(counts.both, counts.expected).prior
    known = np.r_[np.c_[prior.shapes, prior.rates].ravel(), prior.weights[0]]
    yield race(
        f"EBGM with limits, prior given, {size}",
        "vigipy",
        lambda: np.log(ebgm(prior, counts.both, counts.expected).value),
        lambda: bayes(prior_param=list(known)),
        rounds=1,
    )

    def fitted() -> np.ndarray:
        found = mgps(counts.both, counts.expected).prior
        return np.log(ebgm(found, counts.both, counts.expected).value)

    # A search by simplex ends a little beside the maximum.
    yield race(f"MGPS: fit and EBGM with limits, {size}", "vigipy", fitted, bayes, tolerance=1e-3, rounds=1)
