"""Counts by regimen and by quarter, without reports and frames: for combinations, and for watching."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from coley.model.errors import InvalidSetting
from coley.stats.disproportionality.counts import PairCounts
from coley.stats.disproportionality.interaction import FourGroups
from coley.toy.reports.cases import draw
from coley.toy.reports.counts import truth_of
from coley.toy.reports.design import ReportDesign
from coley.toy.reports.world import Bools, Floats, Ints, World, build
from coley.toy.streams import Streams


@dataclass(frozen=True, eq=False)
class SimulatedGroups:
    """Counts of four groups of cases (neither exposure, the first alone, the second alone, both) for each term.

    Attributes
    ----------
    terms
        Names, all but the filler.
    groups
        One row a term.
    """

    terms: tuple[str, ...]
    groups: FourGroups


@dataclass(frozen=True, eq=False)
class SimulatedQuarters:
    """Counts of cases of each quarter for all pairs of a drug and a term but the fillers.

    Attributes
    ----------
    drugs, terms
        Names.
    both
        (drugs, terms, quarters) cases with both.
    exposed, event, total
        (drugs, quarters), (terms, quarters) and (quarters,) cases.
    null, planted
        (drugs, terms) as of `SimulatedCounts`.
    """

    drugs: tuple[str, ...]
    terms: tuple[str, ...]
    both: Floats
    exposed: Floats
    event: Floats
    total: Floats
    null: Bools
    planted: Floats

    def pairs(self, which: Bools) -> PairCounts:
        """Return the (pairs, quarters) counts of the pairs that a (drugs, terms) mask picks, in row-major order."""
        drug, term = np.nonzero(which)
        total = np.broadcast_to(self.total, (len(drug), len(self.total)))
        return PairCounts(
            self.both[drug, term], self.exposed[drug], self.event[term], np.ascontiguousarray(total)
        )


def simulate_groups(design: ReportDesign, first: Collection[str], second: Collection[str]) -> SimulatedGroups:
    """Simulate the cases of `simulate_counts(design)` and count the terms of four groups by two kinds of drugs.

    Parameters
    ----------
    design
        As of `simulate_counts`.
    first, second
        Names of oncology drugs; a case has the exposure if its regimen holds any of them.

    Raises
    ------
    UnknownName, InvalidSetting
        As `simulate_reports`, and for a drug that belongs to no regimen.

    Examples
    --------
    >>> design = ReportDesign(n_cases=2000, n_drugs=20, n_terms=30)
    >>> found = simulate_groups(design, ["nivolumab"], ["ipilimumab"])
    >>> found.groups.reports.shape, int(found.groups.reports[:, 0].sum())
    ((4, 55), 2000)
    """
    world = build(design)
    cases = draw(world, design.n_cases, Streams(design.seed))
    group = (_regimens_with(world, first) + 2 * _regimens_with(world, second))[cases.regimen]
    n_terms = len(world.terms)
    key = group[cases.terms.owner] * n_terms + cases.terms.code
    events = np.bincount(key, minlength=4 * n_terms).reshape(4, n_terms)[:, :-1]
    reports = np.bincount(group, minlength=4)[:, None]
    return SimulatedGroups(world.terms[:-1], FourGroups.of(events, np.broadcast_to(reports, events.shape)))


def _regimens_with(world: World, drugs: Collection[str]) -> Ints:
    """Return (regimens,) 1 where a regimen holds any of the drugs, else 0."""
    codes = [world.code_of_drug(name) for name in drugs]
    if not codes or max(codes) >= world.n_oncology:
        raise InvalidSetting(
            f"Groups are made by oncology drugs, not by: {', '.join(drugs) or 'none'}.",
            remedy=f"Choose of: {', '.join(world.drugs[: world.n_oncology])}.",
        )
    having: Bools = np.any(world.members[:, codes], axis=1)
    return np.asarray(having, dtype=np.int64)


def simulate_quarters(design: ReportDesign) -> SimulatedQuarters:
    """Simulate the cases of `simulate_counts(design)` and count their pairs quarter by quarter of receipt.

    Parameters
    ----------
    design
        As of `simulate_counts`.

    Raises
    ------
    UnknownName, InvalidSetting
        As `simulate_reports`.

    Examples
    --------
    >>> found = simulate_quarters(ReportDesign(n_cases=1000, n_drugs=20, n_terms=30, quarters=4))
    >>> found.both.shape, int(found.total.sum())
    ((35, 55, 4), 1000)
    """
    world = build(design)
    cases = draw(world, design.n_cases, Streams(design.seed))
    n_drugs, n_terms, quarters = len(world.drugs), len(world.terms), design.quarters
    quarter = world.cells.quarter[cases.cell]
    row, position = cases.terms.rows_of(cases.drugs.owner)
    pair = cases.drugs.code[position] * n_terms + cases.terms.code[row]

    def table(code: Ints, when: Ints, *shape: int) -> Floats:
        size = int(np.prod(shape)) * quarters
        return (
            np.bincount(code * quarters + when, minlength=size).reshape(*shape, quarters).astype(np.float64)
        )

    null, planted = truth_of(world)
    return SimulatedQuarters(
        world.drugs[:-1],
        world.terms[:-1],
        table(pair, quarter[cases.drugs.owner][position], n_drugs, n_terms)[:-1, :-1],
        table(cases.drugs.code, quarter[cases.drugs.owner], n_drugs)[:-1],
        table(cases.terms.code, quarter[cases.terms.owner], n_terms)[:-1],
        np.bincount(quarter, minlength=quarters).astype(np.float64),
        null,
        planted,
    )
