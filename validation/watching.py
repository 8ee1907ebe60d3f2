"""Forty quarters: how often a pair without a signal ever alerts, what is false, and how late true ones are found."""

from __future__ import annotations

import numpy as np

from coley.stats.disproportionality.discovery.null_counts import NullCounts
from coley.stats.disproportionality.watching.quarters import group_sequential_watch, watch_discoveries
from coley.toy.reports import ReportDesign, Signal, drug_name, simulate_quarters, term_name
from validation.tally import Experiment, Table, Tally, table

DRUGS, TERMS = 20, 20
RATIOS = (2.0, 3.0, 5.0, 10.0)
BEGIN = 16  # quarter, of 40, in which planted signals begin
WITHIN = (4, 8, 16)  # quarters after it
ALPHA = 0.05


def design(seed: int) -> ReportDesign:
    """Return a database whose signals begin in the fifth year."""
    pairs = np.random.default_rng(seed).choice(DRUGS * TERMS, 16, replace=False).tolist()
    signals = tuple(
        Signal(drug_name(pair // TERMS), term_name(pair % TERMS), RATIOS[k % len(RATIOS)], from_quarter=BEGIN)
        for k, pair in enumerate(pairs)
    )
    return ReportDesign(
        n_cases=20_000,
        seed=seed,
        n_drugs=DRUGS,
        n_terms=TERMS,
        signals=signals,
        interactions=(),
        maskings=(),
    )


def run(databases: int) -> list[Table]:
    """Watch every pair of a background drug with a background term."""
    tally = Tally()
    for seed in range(databases):
        found = simulate_quarters(design(seed))
        background = np.zeros_like(found.null)
        background[-DRUGS:, -TERMS:] = True
        counts = found.pairs(background)
        null, planted = found.null[background], found.planted[background]
        alone = NullCounts.given_margins(counts)
        single = group_sequential_watch(counts.both, alone, alpha=ALPHA)
        tally.add("single", single.first[null] >= 0)
        watched = watch_discoveries(counts.both, alone, rate=ALPHA, least=3)
        tally.false("list", watched.first >= 0, null)
        for ratio in RATIOS:
            first = watched.first[planted == ratio]
            for late in WITHIN:
                tally.add((ratio, late), (first >= BEGIN) & (first < BEGIN + late))
            tally.add((ratio, 0), first >= 0)
    cells = [
        (f"{ratio:g}", f"within {late} quarters" if late else "in 24 quarters", tally.rate((ratio, late)))
        for ratio in RATIOS
        for late in (*WITHIN, 0)
    ]
    return [
        table(
            "Error over 40 quarters, nominal 5 %",
            "what",
            [
                ("pairs without a signal that ever alert, each tested alone", "rate", tally.rate("single")),
                ("false pairs among all that ever alert in the list", "rate", tally.false_rate("list")),
            ],
        ),
        table("Planted signals that alert after they began", "planted ratio", cells),
    ]


EXPERIMENT = Experiment("watching", "Watching quarter by quarter", 100, run)
