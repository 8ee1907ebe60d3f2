"""Planted maskers: how many signals they hide, how many come back without them, and what is called in error."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from coley.stats.disproportionality.counts import PairCounts
from coley.stats.disproportionality.discovery.competition import unmasked_false_discovery
from coley.stats.disproportionality.discovery.false_discovery import discrete_false_discovery
from coley.stats.disproportionality.discovery.null_counts import NullCounts
from coley.stats.disproportionality.discovery.one_sided import one_sided_tests
from coley.stats.disproportionality.information import information_component
from coley.stats.disproportionality.masking import strongest_maskers, unmasked
from coley.toy.reports import Masking, ReportDesign, SimulatedCounts, drug_name, simulate_counts, term_name
from validation.tally import Experiment, Table, Tally, table

DRUGS, TERMS = 60, 80
MASKERS = 4  # the most popular drugs, each of one term
FACTORS = (30.0, 100.0)
HIDDEN = (2.0, 3.0, 5.0, 10.0)
LEAST = 1.1  # masking ratio from which a drug is left out, as in `harm`
RATE = 0.05

Bools = NDArray[np.bool_]


def design(seed: int, factor: float) -> ReportDesign:
    """Return a database in which four drugs fill the reports of one term each and hide ten others behind them."""
    rng = np.random.default_rng(seed)
    terms = rng.choice(TERMS, MASKERS, replace=False).tolist()
    maskings = []
    for k, rank in enumerate(terms):
        hidden = (MASKERS + rng.choice(DRUGS - MASKERS, 12, replace=False)).tolist()
        maskings += [
            Masking(drug_name(k), term_name(rank), factor, tuple(map(drug_name, hidden[:3])), HIDDEN[0])
        ]
        maskings += [
            Masking(
                drug_name(hidden[3 * i]),
                term_name(rank),
                ratio,
                tuple(map(drug_name, hidden[3 * i + 1 : 3 * i + 3])),
                ratio,
            )
            for i, ratio in enumerate(HIDDEN[1:], start=1)
        ]
    return ReportDesign(
        n_cases=20_000,
        seed=seed,
        n_drugs=DRUGS,
        n_terms=TERMS,
        signals=(),
        interactions=(),
        maskings=tuple(maskings),
    )


def without_maskers(made: ReportDesign) -> ReportDesign:
    """Return the design with the same hidden signals and nothing that hides them."""
    hidden = tuple(
        signal for signal in made.all_signals if signal.drug not in set(map(drug_name, range(MASKERS)))
    )
    return replace(made, signals=hidden, maskings=())


def signals(counts: PairCounts, q: NDArray[np.float64]) -> Bools:
    """Return what `harm` calls a signal."""
    return np.asarray((counts.both >= 3) & (information_component(counts).low > 0) & (q <= RATE))


def listed(counts: PairCounts) -> Bools:
    """Return the signals of harm among counts."""
    return signals(
        counts, discrete_false_discovery(one_sided_tests(counts.both, NullCounts.given_margins(counts))).q
    )


def left_out(made: ReportDesign, found: SimulatedCounts, called: Bools) -> tuple[Bools, NDArray[np.intp]]:
    """Return the signals once the strongest masker of each pair is left out, and its drug (-1 where none is)."""
    counts = found.pairs(np.ones_like(found.null))
    drug, term = (x.ravel() for x in np.indices(found.null.shape))
    masker = strongest_maskers(counts, term, least=LEAST, among=called).pair
    masked = np.flatnonzero(masker >= 0)
    by = np.full(len(counts), -1)
    by[masked] = drug[masker[masked]]
    shared = {k: simulate_counts(made, within=found.drugs[k]) for k in np.unique(by[masked]).tolist()}
    own = counts.each(lambda x: x[masked])
    rest = unmasked(
        own,
        counts.each(lambda x: x[masker[masked]]),
        shared_both=[
            shared[k].both[d, t] for k, d, t in zip(by[masked], drug[masked], term[masked], strict=True)
        ],
        shared_exposed=[shared[k].exposed[d] for k, d in zip(by[masked], drug[masked], strict=True)],
    )
    changed = counts.each(np.copy)
    for name in ("both", "exposed", "event", "total"):
        getattr(changed, name)[masked] = getattr(rest, name)
    return listed(changed), by


def run(databases: int) -> list[Table]:
    """Hide signals, take out what hides them in two ways, and see what is found."""
    tally, ways = Tally(), ("masked", "masker left out", "excess taken out", "never masked")
    for factor in FACTORS:
        for seed in range(databases):
            made = design(seed, factor)
            found, bare = simulate_counts(made), simulate_counts(without_maskers(made))
            everything = np.ones_like(found.null)
            counts, null, planted = found.pairs(everything), found.null.ravel(), found.planted.ravel()
            drug, term = (x.ravel() for x in np.indices(found.null.shape))
            called = listed(counts)
            again, by = left_out(made, found, called)
            taken = unmasked_false_discovery(counts, drug, term, rate=RATE)
            lists = {
                ways[0]: called,
                ways[1]: called | again,
                ways[2]: signals(
                    PairCounts.of(
                        counts.both, exposed=counts.exposed, event=counts.event, total=counts.total
                    ),
                    taken.discoveries.q,
                ),
                ways[3]: listed(bare.pairs(everything)),
            }
            for name, those in lists.items():
                tally.false((factor, name), those, null)
                for ratio in HIDDEN:
                    tally.add((factor, ratio, name), those[planted == ratio])
            hidden = np.isin(planted, HIDDEN)
            first = len(found.drugs) - DRUGS  # the code of the most popular background drug
            tally.add((factor, "named"), by[hidden] == first + _masker_of(found, factor)[term[hidden]])
            tally.add((factor, "innocent"), by[null & ~np.isin(term, term[hidden])] >= 0)
    tables = []
    for factor in FACTORS:
        tables += [
            table(
                f"Planted signals found, masker {factor:g}-fold",
                "planted ratio",
                [
                    (f"{ratio:g}", name, tally.rate((factor, ratio, name)))
                    for ratio in HIDDEN
                    for name in ways
                ],
            ),
            table(
                f"False ones and maskers, masker {factor:g}-fold",
                "what",
                [
                    *(("false discovery rate", name, tally.false_rate((factor, name))) for name in ways),
                    ("hidden pairs whose masker is named rightly", ways[1], tally.rate((factor, "named"))),
                    (
                        "null pairs of other terms for which one is named",
                        ways[1],
                        tally.rate((factor, "innocent")),
                    ),
                ],
            ),
        ]
    return tables


def _masker_of(found: SimulatedCounts, factor: float) -> NDArray[np.intp]:
    """Return (terms,) the rank of the drug that was planted as masker of each term; -1 where none."""
    drug, term = np.nonzero(found.planted == factor)
    of = np.full(len(found.terms), -1)
    of[term] = drug - (len(found.drugs) - DRUGS)
    return of


EXPERIMENT = Experiment("masking", "Masking", 100, run)
