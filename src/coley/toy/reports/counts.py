"""Counts of every pair of a simulated database, without reports and frames: for many databases in a row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coley.stats.disproportionality.counts import PairCounts
from coley.toy.reports.cases import draw
from coley.toy.reports.design import ReportDesign
from coley.toy.reports.truth import ReportTruth
from coley.toy.reports.world import Bools, Floats, World, build
from coley.toy.streams import Streams


@dataclass(frozen=True, eq=False)
class SimulatedCounts:
    """Counts of cases for all pairs of a drug and a term but the fillers, and which of them are null.

    Attributes
    ----------
    drugs, terms
        Names.
    both
        (drugs, terms) cases with both.
    exposed, event, total
        (drugs,) cases with the drug, (terms,) cases with the term, and all cases.
    null
        (drugs, terms) whether drug and term are independent, in a design without confounding.
    planted
        (drugs, terms) the planted ratio, the largest over the quarters; 1 where none.
    """

    drugs: tuple[str, ...]
    terms: tuple[str, ...]
    both: Floats
    exposed: Floats
    event: Floats
    total: int
    null: Bools
    planted: Floats

    def pairs(self, which: Bools) -> PairCounts:
        """Return the counts of the pairs that a (drugs, terms) mask picks, in row-major order."""
        drug, term = np.nonzero(which)
        return PairCounts.of(
            self.both[drug, term], exposed=self.exposed[drug], event=self.event[term], total=self.total
        )


def simulate_counts(design: ReportDesign, *, within: str = "") -> SimulatedCounts:
    """Simulate the cases of `simulate_reports(design)` and count their pairs; dirt plays no part.

    Parameters
    ----------
    design
        Withdrawn cases are counted, and nothing else differs from counting the clean relations.
    within
        A drug to whose cases the counts are restricted, the very cases that are counted without it: what it shares
        with other drugs, to be left out where it masks them.

    Raises
    ------
    UnknownName, InvalidSetting
        As `simulate_reports`.

    Examples
    --------
    >>> counts = simulate_counts(ReportDesign(n_cases=1000, n_drugs=20, n_terms=30))
    >>> counts.both.shape, bool((counts.both <= counts.event).all())
    ((35, 55), True)
    """
    world = build(design)
    cases = draw(world, design.n_cases, Streams(design.seed))
    n_drugs, n_terms = len(world.drugs), len(world.terms)
    kept = np.ones(len(cases), bool)
    if within:
        kept[:] = False
        kept[cases.drugs.owner[cases.drugs.code == world.code_of_drug(within)]] = True
    taken = np.flatnonzero(kept[cases.drugs.owner])
    row, position = cases.terms.rows_of(cases.drugs.owner[taken])
    key = cases.drugs.code[taken][position] * n_terms + cases.terms.code[row]
    both = np.bincount(key, minlength=n_drugs * n_terms).reshape(n_drugs, n_terms).astype(float)
    null, planted = truth_of(world)
    return SimulatedCounts(
        world.drugs[:-1],
        world.terms[:-1],
        both[:-1, :-1],
        np.bincount(cases.drugs.code[taken], minlength=n_drugs)[:-1].astype(float),
        np.bincount(cases.terms.code[kept[cases.terms.owner]], minlength=n_terms)[:-1].astype(float),
        int(kept.sum()),
        null,
        planted,
    )


def truth_of(world: World) -> tuple[Bools, Floats]:
    """Return (drugs, terms) which pairs are null, and the largest planted ratio of each."""
    shape = (len(world.drugs) - 1, len(world.terms) - 1)
    null, planted = np.ones(shape, bool), np.ones(shape)
    for term, by_drug in world.ratios.items():
        for drug, ratio in by_drug.items():
            planted[drug, term] = ratio.max()
    for drug_name, term_name in ReportTruth(world).not_null:
        null[world.drug_code[drug_name], world.term_code[term_name]] = False
    return null, planted
