"""Planted combination effects: what each measure of interaction finds, and what it calls where excesses only add."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from coley.stats.disproportionality.additivity import interaction_test
from coley.stats.disproportionality.interaction import (
    FourGroups,
    additive_excess,
    interaction_chi,
    omega,
    ratio_of_odds_ratios,
    relative_excess,
)
from coley.stats.multiplicity import benjamini_hochberg
from coley.toy.reports import Interaction, ReportDesign, Signal, simulate_groups, term_name
from coley.toy.reports.facts import oncology_drugs, regimens
from validation.tally import Experiment, Table, Tally, table

FIRST = tuple(drug.name for drug in oncology_drugs() if drug.group in ("pd1", "pdl1"))
SECOND = tuple(drug.name for drug in oncology_drugs() if drug.group == "ctla4")
PAIRS = tuple(drugs for drugs, _ in regimens() if len(drugs) == 2 and set(drugs) & set(SECOND))
TERMS = 120  # of which 78 have no signal, and 6 are of each other kind

# What is planted: ratio of the first and of the second alone, and of both over their sum or their product.
KINDS: dict[str, tuple[float, float, float, str]] = {
    "no signal": (1, 1, 1, "additive"),
    "the first alone, 4-fold": (4, 1, 1, "additive"),
    "the second alone, 4-fold": (1, 4, 1, "additive"),
    "the sum of both": (4, 3, 1, "additive"),
    "1.5 times the sum": (4, 3, 1.5, "additive"),
    "2 times the sum, the product": (4, 3, 1, "multiplicative"),
    "3 times the sum": (4, 3, 3, "additive"),
    "5 times the sum": (4, 3, 5, "additive"),
}
NULL = tuple(KINDS)[:4]
ABUNDANCE = {"small": (20_000, "20,000 cases"), "large": (100_000, "100,000 cases")}

Called = NDArray[np.bool_]
MEASURES: dict[str, Callable[[FourGroups], Called]] = {
    "Omega025 above 0": lambda groups: omega(groups).low > 0,
    "chi above 2": lambda groups: interaction_chi(groups) > 2,
    "excess of shares": lambda groups: additive_excess(groups).low > 0,
    "excess of ratios": lambda groups: relative_excess(groups).low > 0,
    "ratio of ratios": lambda groups: ratio_of_odds_ratios(groups).low > 1,
    "test, p below 0.025": lambda groups: interaction_test(groups) < 0.025,
    "test, q at most 0.05": lambda groups: benjamini_hochberg(interaction_test(groups)) <= 0.05,
}


def design(seed: int, n_cases: int) -> tuple[ReportDesign, dict[str, str]]:
    """Return a database with combination effects on a fifth of its terms, and what each term is."""
    signals: list[Signal] = []
    interactions: list[Interaction] = []
    kind_of = {}
    order = np.random.default_rng(seed).permutation(TERMS)
    for place, rank in enumerate(order.tolist()):
        term, kind = term_name(2 * rank), tuple(KINDS)[max(place % 20 - 12, 0)]
        one, two, ratio, baseline = KINDS[kind]
        kind_of[term] = kind
        signals += [Signal(drug, term, one) for drug in FIRST if one > 1]
        signals += [Signal(drug, term, two) for drug in SECOND if two > 1]
        if (ratio, baseline) != (1, "additive"):
            interactions += [Interaction(pair, term, ratio, baseline) for pair in PAIRS]  # type: ignore[arg-type]
    return (
        ReportDesign(
            n_cases=n_cases,
            seed=seed,
            quarters=4,
            regimen_share=0.2,
            signals=tuple(signals),
            interactions=tuple(interactions),
            maskings=(),
        ),
        kind_of,
    )


def run(databases: int) -> list[Table]:
    """Measure PD-(L)1 with CTLA-4, which few reports name alone."""
    tables = []
    for n_cases, words in ABUNDANCE.values():
        tally = Tally()
        for seed in range(databases):
            made, kind_of = design(seed, n_cases)
            found = simulate_groups(made, FIRST, SECOND)
            told = np.array([k for k, term in enumerate(found.terms) if term in kind_of])
            kinds = np.array([kind_of[found.terms[k]] for k in told])
            groups = FourGroups(found.groups.events[:, told], found.groups.reports[:, told])
            for name, measure in MEASURES.items():
                called = measure(groups)
                tally.false(name, called, np.isin(kinds, NULL))
                for kind in KINDS:
                    tally.add((kind, name), called[kinds == kind])
        tables += [
            table(
                f"Called an interaction, {words}",
                "planted with both",
                [(kind, name, tally.rate((kind, name))) for kind in KINDS for name in MEASURES],
            ),
            table(
                f"Share of false ones among those called, {words}",
                "rule",
                [(name, "false discovery rate", tally.false_rate(name)) for name in MEASURES],
            ),
        ]
    return tables


EXPERIMENT = Experiment("interactions", "Combination effects", 200, run)
