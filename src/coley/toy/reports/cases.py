"""Cases drawn from a world: who, which drugs, which terms, when and how it ended; all as codes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coley.toy.reports.facts import immune_terms, oncology_drugs
from coley.toy.reports.world import AGE_GROUPS, Bools, Floats, Ints, Rates, World
from coley.toy.streams import Streams

OUTCOMES = ("DE", "LT", "HO", "DS", "OT")
_OTHER_OUTCOMES = np.array(
    [0.05, 0.30, 0.03, 0.40]
)  # LT, HO, DS, OT: assumptions, as all shares and times here
_FATAL = np.array([0.05, 0.15])  # by other causes, without and with cancer
_SUSPECT = 0.55  # of background drugs without a signal
_DELAY_DAYS = 60.0  # mean from event to receipt
_USE_DAYS = 180.0  # mean from start to event where the drug has nothing to do with it
COMBINED_EARLIER = 0.6  # median onset under CTLA-4 with PD-(L)1 against one of them alone


@dataclass(frozen=True, eq=False)
class Ragged:
    """Rows of variable number for each owner, in order of owner.

    Attributes
    ----------
    owner
        (rows,) index of the case.
    code
        (rows,) of the drug or the term.
    offsets
        (owners + 1,) where the rows of each owner begin.
    """

    owner: Ints
    code: Ints
    offsets: Ints

    @classmethod
    def of(cls, owner: Ints, code: Ints, owners: int) -> Ragged:
        """Return rows that are in order of owner already."""
        offsets = np.zeros(owners + 1, np.int64)
        np.cumsum(np.bincount(owner, minlength=owners), out=offsets[1:])
        return cls(owner, code, offsets)

    def rows_of(self, owners: Ints) -> tuple[Ints, Ints]:
        """Return the row numbers of some owners, in their order, and the position of each row's owner there."""
        count = (self.offsets[1:] - self.offsets[:-1])[owners]
        position = np.repeat(np.arange(len(owners)), count)
        within = np.arange(len(position)) - np.repeat(np.cumsum(count) - count, count)
        return self.offsets[owners][position] + within, position


@dataclass(frozen=True, eq=False)
class Cases:
    """Cases as they truly are; days are counted from 1970-01-01.

    Attributes
    ----------
    cell, regimen
        (n,) stratum and regimen; 0 is none.
    age, weight
        (n,) years and kg.
    received, event
        (n,) day of first receipt, and of the event.
    drugs, terms
        Which are reported.
    suspect
        (drug rows,) whether the drug is suspected; the first row of each case is the primary suspect.
    start
        (drug rows,) day of the first dose.
    outcomes
        (n, 5) flags of `OUTCOMES`.
    dated
        (n,) code of the term to which the time to onset belongs; -1 where none of the planted ones.
    """

    cell: Ints
    regimen: Ints
    age: Floats
    weight: Floats
    received: Ints
    event: Ints
    drugs: Ragged
    terms: Ragged
    suspect: Bools
    start: Ints
    outcomes: Bools
    dated: Ints

    def __len__(self) -> int:
        return len(self.cell)


def draw(world: World, n: int, streams: Streams) -> Cases:
    """Return `n` cases.

    Parameters
    ----------
    world
        What is fixed.
    n
        Number of cases.
    streams
        The random numbers.
    """
    cell = _pick(world.cells.weight[None, :], np.zeros(n, np.int64), streams("cell").random(n))
    regimen = _regimens(world, cell, streams("regimen").random(n))
    drugs, suspect = _drugs(world, cell, regimen, streams)
    terms, hits = _terms(world, cell, regimen, drugs, streams)
    dated = _dated(world, hits, n, streams("dated"))
    received, event, start = _dates(world, cell, regimen, drugs, dated, streams)
    low, high = np.array(AGE_GROUPS, float).T
    group = world.cells.age_group[cell]
    return Cases(
        cell=cell,
        regimen=regimen,
        age=np.floor(low[group] + (high - low)[group] * streams("age").random(n)),
        weight=_weights(group, streams("weight")),
        received=received,
        event=event,
        drugs=drugs,
        terms=terms,
        suspect=suspect,
        start=start,
        outcomes=_outcomes(world, cell, terms, streams("outcomes")),
        dated=dated,
    )


def scale_of(median: Floats, shape: Floats) -> Floats:
    """Return the scale of a Weibull distribution from its median."""
    scale: Floats = median / np.log(2) ** (1 / shape)
    return scale


def combined(world: World) -> Bools:
    """Return (regimens,) whether a regimen joins CTLA-4 with PD-1 or PD-L1."""
    group = np.array([drug.group for drug in oncology_drugs()])
    ctla4: Bools = np.any(world.members & (group == "ctla4"), axis=1)
    other: Bools = np.any(world.members & np.isin(group, ("pd1", "pdl1")), axis=1)
    return np.logical_and(ctla4, other)


def distinct(keys: Ints) -> Ints:
    """Return each key once, in order: by sorting, which is faster here than the hashing of `numpy.unique`."""
    keys = np.sort(keys)
    return keys[np.append(True, keys[1:] != keys[:-1])] if len(keys) else keys


def _pick(chance: Floats, row: Ints, uniform: Floats) -> Ints:
    """Return for each draw the column in which it falls; each row of `chance` holds weights."""
    flat = np.cumsum(chance.reshape(-1))
    width = chance.shape[1]
    starts = np.append(0.0, flat)[::width][:-1]
    totals = flat[width - 1 :: width] - starts
    found: Ints = np.searchsorted(flat, starts[row] + uniform * totals[row], side="right") - row * width
    return np.clip(found, 0, width - 1)


def _mentions(rates: Rates, cell: Ints, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Return owner and name of Poisson numbers of mentions: each name is then present independently of others."""
    row = rates.stratum[1][cell]
    number = rng.poisson(rates.table.sum(axis=1)[row])
    owner = np.repeat(np.arange(len(cell)), number)
    return owner, _pick(rates.table, row[owner], rng.random(len(owner)))


def _distinct(owner: Ints, code: Ints, n: int, filler: int) -> Ragged:
    """Return each pair once, and the filler where a case has none."""
    empty = np.flatnonzero(np.bincount(owner, minlength=n) == 0)
    width = filler + 1
    key = distinct(np.append(owner * width + code, empty * width + filler))
    owner = key // width
    return Ragged.of(owner, key - owner * width, n)


def _regimens(world: World, cell: Ints, uniform: Floats) -> Ints:
    ill = np.flatnonzero(world.cells.cancer[cell])
    regimen = np.zeros(len(cell), np.int64)
    regimen[ill] = _pick(world.regimen_chance, cell[ill], uniform[ill])
    return regimen


def _drugs(world: World, cell: Ints, regimen: Ints, streams: Streams) -> tuple[Ragged, Bools]:
    n, filler = len(cell), len(world.drugs) - 1
    owner, name = _mentions(world.drug_rates, cell, streams("drugs"))
    treated = np.flatnonzero(regimen)
    which, member = np.nonzero(world.members[regimen[treated]])
    drugs = _distinct(np.append(owner, treated[which]), np.append(name + world.n_oncology, member), n, filler)
    always = np.zeros(len(world.drugs), bool)
    always[: world.n_oncology] = True
    always[[drug for by_drug in world.ratios.values() for drug in by_drug]] = True
    rng = streams("roles")
    suspect = always[drugs.code] | (rng.random(len(drugs.code)) < _SUSPECT)
    shuffled = (
        (drugs.owner << 24) | (np.where(suspect, 0, 1) << 23) | rng.integers(1 << 23, size=len(suspect))
    )
    order = np.argsort(shuffled)
    suspect = suspect[order]
    suspect[drugs.offsets[:-1]] = True
    return Ragged(drugs.owner, drugs.code[order], drugs.offsets), suspect


def _terms(
    world: World, cell: Ints, regimen: Ints, drugs: Ragged, streams: Streams
) -> tuple[Ragged, tuple[Ints, Ints]]:
    """Return the terms of each case, and owner and code of those that a regimen brought."""
    owner, code = _mentions(world.term_rates, cell, streams("terms"))
    rng = streams("signals")
    quarter = world.cells.quarter[cell]
    treated = np.flatnonzero(regimen)
    brought: list[tuple[Ints, int]] = []
    other: list[tuple[Ints, int]] = []
    taking = {
        drug: drugs.owner[drugs.code == drug]
        for drug in {d for by_drug in world.ratios.values() for d in by_drug if d >= world.n_oncology}
    }
    for term, table in world.regimen_ratios.items():
        rate = world.term_rates.by_cell(term)
        excess = table[quarter[treated], regimen[treated]] - 1
        hit = rng.random(len(treated)) < -np.expm1(-excess * rate[cell[treated]])
        brought.append((treated[hit], term))
        for drug, ratio in world.ratios[term].items():
            if drug >= world.n_oncology:
                takers = taking[drug]
                excess = ratio[quarter[takers]] - 1
                hit = rng.random(len(takers)) < -np.expm1(-excess * rate[cell[takers]])
                other.append((takers[hit], term))
    hits = _joined(brought)
    owners, codes = zip((owner, code), hits, _joined(other), strict=True)
    return _distinct(np.concatenate(owners), np.concatenate(codes), len(cell), len(world.terms) - 1), hits


def _joined(parts: list[tuple[Ints, int]]) -> tuple[Ints, Ints]:
    none = np.zeros(0, np.int64)
    return (
        np.concatenate([none, *(owners for owners, _ in parts)]),
        np.concatenate([none, *(np.full(len(owners), code) for owners, code in parts)]),
    )


def _dated(world: World, hits: tuple[Ints, Ints], n: int, rng: np.random.Generator) -> Ints:
    """Return the immune term that dates each case: one at random of those that the regimen brought."""
    owner, code = hits
    immune = code < len(immune_terms())
    order = rng.permutation(np.flatnonzero(immune))
    dated = np.full(n, -1)
    dated[owner[order]] = code[order]
    return dated


def _dates(
    world: World, cell: Ints, regimen: Ints, drugs: Ragged, dated: Ints, streams: Streams
) -> tuple[Ints, Ints, Ints]:
    n = len(cell)
    first, last = quarter_days(world.design.start, world.design.quarters)
    quarter = world.cells.quarter[cell]
    length = (last - first + 1)[quarter]
    received = first[quarter] + np.floor(streams("received").random(n) * length).astype(np.int64)
    event = received - np.floor(streams("delay").exponential(_DELAY_DAYS, n)).astype(np.int64)
    rng = streams("onset")
    start = event[drugs.owner] - np.floor(rng.exponential(_USE_DAYS, len(drugs.owner))).astype(np.int64)
    terms = immune_terms()
    shape = np.array([term.shape for term in terms])
    scale = scale_of(np.array([term.median_days for term in terms]), shape)
    time = scale[dated] * rng.weibull(shape[dated]) * np.where(combined(world)[regimen], COMBINED_EARLIER, 1)
    onset = np.where(dated >= 0, np.floor(time), np.floor(rng.exponential(_USE_DAYS, n))).astype(np.int64)
    oncology = drugs.code < world.n_oncology
    start[oncology] = (event - onset)[drugs.owner[oncology]]
    return received, event, start


def quarter_days(start: int, quarters: int) -> tuple[Ints, Ints]:
    """Return the first and the last day of each quarter, from quarter `start` = 4 * year + (quarter - 1)."""
    months = (np.arange(quarters + 1) + start) * 3 - 1970 * 12
    days = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return days[:-1], days[1:] - 1


def _weights(group: Ints, rng: np.random.Generator) -> Floats:
    mean = np.where(group == 0, 35.0, 76.0)
    return np.clip(np.round(mean + 15 * rng.standard_normal(len(group))), 4, 180)


def _outcomes(world: World, cell: Ints, terms: Ragged, rng: np.random.Generator) -> Bools:
    n = len(cell)
    survive = np.ones(len(world.terms))
    immune = immune_terms()
    survive[: len(immune)] = 1 - np.array([term.fatal for term in immune])
    log = np.bincount(terms.owner, np.log(survive)[terms.code], minlength=n)
    fatal = rng.random(n) < 1 - (1 - _FATAL[world.cells.cancer[cell]]) * np.exp(log)
    return np.column_stack([fatal, rng.random((n, 4)) < _OTHER_OUTCOMES])
