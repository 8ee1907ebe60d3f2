"""Planted signals among all pairs of drug and term: how many are found, and what share of the list is false."""

from __future__ import annotations

import numpy as np

from coley.stats.disproportionality.discovery.false_discovery import discrete_false_discovery
from coley.stats.disproportionality.discovery.null_counts import NullCounts
from coley.stats.disproportionality.discovery.one_sided import one_sided_tests
from coley.stats.disproportionality.information import information_component
from coley.toy.reports import ReportDesign, Signal, drug_name, simulate_counts, term_name
from validation.tally import Experiment, Table, Tally, table

DRUGS, TERMS, PLANTED = 60, 60, 60
RATIOS = (2.0, 3.0, 5.0, 10.0)
RATES = (0.05, 0.10)
EXPECTED = ((0, 1), (1, 5), (5, np.inf))  # reports expected by chance, by which pairs are told apart


def design(seed: int) -> ReportDesign:
    """Return a database in which one pair in sixty is planted, popular and rare ones alike."""
    pairs = np.random.default_rng(seed).choice(DRUGS * TERMS, PLANTED, replace=False)
    signals = tuple(
        Signal(drug_name(pair // TERMS), term_name(pair % TERMS), RATIOS[k % len(RATIOS)])
        for k, pair in enumerate(pairs.tolist())
    )
    return ReportDesign(
        n_cases=10_000,
        seed=seed,
        n_drugs=DRUGS,
        n_terms=TERMS,
        signals=signals,
        interactions=(),
        maskings=(),
    )


def run(databases: int) -> list[Table]:
    """Call pairs by the rate of `discrete_false_discovery_rate`, and by the rule of signals of `harm`."""
    tally = Tally()
    for seed in range(databases):
        found = simulate_counts(design(seed))
        null, planted = found.null.ravel(), found.planted.ravel()
        counts = found.pairs(np.ones_like(found.null))
        expected = counts.expected
        q = discrete_false_discovery(one_sided_tests(counts.both, NullCounts.given_margins(counts))).q
        sure = (counts.both >= 3) & (information_component(counts).low > 0)
        lists = {f"q at most {rate:g}": q <= rate for rate in RATES}
        lists["signal of harm"] = sure & (q <= RATES[0])
        for name, called in lists.items():
            tally.false(name, called, null)
            for ratio in RATIOS:
                for low, high in EXPECTED:
                    there = (planted == ratio) & (expected >= low) & (expected < high)
                    tally.add((name, ratio, low), called[there])
    names = tuple(lists)
    words = {0: "under 1 expected", 1: "1 to 5 expected", 5: "5 or more expected"}
    return [
        table(
            "Share of false pairs among those called",
            "list",
            [(name, "false discovery rate", tally.false_rate(name)) for name in names],
        ),
        table(
            "Planted pairs that are signals of harm",
            "planted ratio",
            [
                (f"{ratio:g}", words[low], tally.rate((names[-1], ratio, low)))
                for ratio in RATIOS
                for low, _ in EXPECTED
            ],
        ),
    ]


EXPERIMENT = Experiment("discoveries", "Signals among all pairs", 200, run)
