"""Cox's partial likelihood and its derivatives, from sums over risk sets; nothing is looped over.

Every row is at risk for one run of event groups, where a group is one stratum at one instant with events and
groups are sorted by stratum, the latest instant first. With rows sorted by the start of their run, a sum over
every risk set at once is one `np.add.reduceat` and one cumulative sum. Efron's tied events need no more: with
S and D the sums over the risk set and over its d events, the k-th of them sees S - (k / d) D, so that only
sums of powers of 1 / (S0 - (k / d) D0) are taken over events, and all else over groups.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.intp]

TIES = ("efron", "breslow")
# BLAS threads can take milliseconds to wake, longer than these sums take: numpy's own loops do what is linear
# in the columns, and up to so many columns what is quadratic.
FEW = 4


@dataclass(frozen=True, eq=False)
class RiskSets:
    """Who is at risk when, in the order that makes sums cheap.

    Attributes
    ----------
    n
        Rows that were given, at risk at some event or not.
    rows
        Those at risk at some event, by the start of their run, events first: the order of all row arrays.
    first, last
        A row is at risk in the groups first <= g < last.
    weight, event_weight
        Case weight of each row; the same where it has an event, else 0.
    stratum
        Stratum of each row.
    dead, group
        Positions of rows with events, and the group of each.
    starts, deaths
        Where each group begins in `dead`, and how many events it has.
    fraction
        k / d of each event, Efron's share of the tied events that has left the risk set; 0 under Breslow.
    mean_weight
        Mean weight of the events of each group.
    instant, group_stratum
        Time and stratum of each group.
    strata
        Labels.
    """

    n: int
    rows: Integers
    first: Integers
    last: Integers
    weight: Floats
    event_weight: Floats
    stratum: Integers
    dead: Integers
    group: Integers
    starts: Integers
    deaths: Integers
    fraction: Floats
    mean_weight: Floats
    instant: Floats
    group_stratum: Integers
    strata: NDArray[np.generic]
    _cells: tuple[Integers, Integers]
    _leaving: tuple[Integers, Integers, Integers] | None

    @property
    def tied(self) -> bool:
        """Whether Efron's fractions are needed."""
        return len(self.instant) < len(self.dead) and bool(self.fraction.any())

    def over_risk_sets(self, values: Floats) -> tuple[Floats, Floats]:
        """Sum row values over the risk set, and over the events, of each group: k x rows to k x groups."""
        size = len(self.instant)
        cells, begins = self._cells
        parts = np.zeros((len(values), 2 * size))
        parts[:, cells] = np.add.reduceat(values, begins, axis=1)
        died = parts[:, ::2]
        change = died + parts[:, 1::2]
        if self._leaving is not None:
            leaving, left, begins = self._leaving
            gone = np.add.reduceat(np.take(values, leaving, axis=1), begins, axis=1)
            change[:, left[left < size]] -= gone[:, left < size]
        return np.cumsum(change, axis=1), died

    def over_events(self, values: Floats) -> Floats:
        """Sum values of events over each group."""
        summed: Floats = np.add.reduceat(values, self.starts)
        return summed

    def over_time(self, increments: Floats) -> Floats:
        """Sum increments of groups over each row's time at risk: ... x groups to ... x rows."""
        total = np.zeros((*increments.shape[:-1], increments.shape[-1] + 1))
        np.cumsum(increments, axis=-1, out=total[..., 1:])
        until = total[..., -1:] if self._leaving is None else np.take(total, self.last, axis=-1)
        passed: Floats = until - np.take(total, self.first, axis=-1)
        return passed

    def to_rows(self, values: Floats) -> Floats:
        """Return row values in the order of the input, 0 for rows never at risk at an event."""
        full = np.zeros((*values.shape[:-1], self.n))
        full[..., self.rows] = values
        return full


def risk_sets(
    time: Floats,
    event: NDArray[np.bool_],
    *,
    entry: Floats | None,
    strata: NDArray[np.generic] | None,
    weights: Floats | None,
    ties: str,
) -> RiskSets:
    """Sort patients into risk sets; a patient is at risk in (entry, time], and needs a positive weight.

    Raises
    ------
    NotEstimable
        Where there is no event.
    InvalidSetting
        For an unknown way of handling ties.
    """
    if ties not in TIES:
        raise InvalidSetting(f"Ties cannot be handled by {ties!r}.", remedy=f"Choose one of {TIES}.")
    n = len(time)
    labels, stratum = (
        (np.zeros(1, dtype=int), np.zeros(n, dtype=np.intp))
        if strata is None
        else np.unique(strata, return_inverse=True)
    )
    weight = np.ones(n) if weights is None else weights
    event = event & (weight > 0)
    if not event.any():
        raise NotEstimable(
            f"No event among {n} patients: nothing can be estimated.",
            cause="follow-up too short, or the event column is coded the other way round",
        )
    instants = np.unique(time[event])
    width = len(instants) + 1

    def key(at: Floats) -> Integers:
        # The number of event instants up to a time is all that the partial likelihood knows of that time.
        order = np.argsort(at)
        rank = np.empty(n, dtype=np.intp)
        rank[order] = np.searchsorted(instants, at[order], side="right")  # sorted needles are found faster
        keys: Integers = stratum * width + (width - 1 - rank)
        return keys

    first = key(time)
    last = stratum * width + width - 1 if entry is None else key(entry)
    groups = np.arange(width - 1)
    if len(labels) > 1:
        groups = np.unique(first[event])
        first, last = np.searchsorted(groups, first), np.searchsorted(groups, last)

    rows = np.flatnonzero((first < last) & (weight > 0))
    code = 2 * first[rows] + ~event[rows]
    order = _order(code, 2 * len(groups))
    rows, cells = rows[order], _runs(code[order])
    first, last, w = first[rows], last[rows], weight[rows]
    leaving = None
    if last.min() < len(groups):
        order = _order(last, len(groups))
        leaving = (order, *_runs(last[order]))

    dead = np.flatnonzero(event[rows])
    group = first[dead]
    starts = _runs(group)[1]
    deaths = np.diff(starts, append=len(dead))
    place = np.arange(len(dead)) - starts[group]
    return RiskSets(
        n=n,
        rows=rows,
        first=first,
        last=last,
        weight=w,
        event_weight=w * event[rows],
        stratum=stratum[rows],
        dead=dead,
        group=group,
        starts=starts,
        deaths=deaths,
        fraction=place / deaths[group] if ties == "efron" else np.zeros(len(dead)),
        mean_weight=np.add.reduceat(w[dead], starts) / deaths,
        instant=instants[width - 2 - groups % width],
        group_stratum=groups // width,
        strata=labels,
        _cells=cells,
        _leaving=leaving,
    )


def _order(keys: Integers, size: int) -> Integers:
    # numpy sorts 16-bit integers by radix, ten times faster than longer ones
    short = size <= np.iinfo(np.uint16).max
    return np.argsort(keys.astype(np.uint16) if short else keys, kind="stable")


def _runs(ordered: Integers) -> tuple[Integers, Integers]:
    begins = np.flatnonzero(np.diff(ordered, prepend=-1))
    return ordered[begins], begins


@dataclass(frozen=True, eq=False)
class Sums:
    """What the partial likelihood and all that derives from it are made of, at one set of coefficients.

    Attributes
    ----------
    risk
        Weight times relative hazard of each row, in units of exp(shift) of its stratum.
    shift
        What was subtracted from the linear predictor in each stratum, against overflow.
    S1, D1
        Covariates times risk, summed over the risk set and over the events; columns x groups.
    a, b
        Sums over the events of a group of h and f h, where h is the increment of the cumulative hazard and f
        Efron's fraction; per group.
    aa, ab, bb
        The same of h^2, f h^2 and f^2 h^2, over the mean weight of the events.
    loglik
        Log partial likelihood.
    """

    risk: Floats
    shift: Floats
    S1: Floats
    D1: Floats
    a: Floats
    b: Floats
    aa: Floats
    ab: Floats
    bb: Floats
    loglik: float


@dataclass(frozen=True, eq=False)
class PartialLikelihood:
    """The log partial likelihood of row covariates `Z` (columns x rows, in the order of the risk sets)."""

    sets: RiskSets
    Z: Floats

    def __post_init__(self) -> None:
        # One workspace for all steps: fresh memory costs more than the arithmetic.
        object.__setattr__(self, "_work", np.empty((len(self.Z) + 1, self.Z.shape[1])))

    _work: Floats = None  # type: ignore[assignment]

    def sums(self, place: Floats) -> Sums:
        """Evaluate the sums at the coefficients `place`."""
        sets, work = self.sets, self._work
        predictor = np.einsum("j,jn->n", place, self.Z)
        shift = np.full(len(sets.strata), -np.inf)
        if len(shift) == 1:
            shift[0] = predictor.max()
            predictor -= shift[0]
        else:  # a scale for each stratum, or a large one would drown the digits of a small one
            np.maximum.at(shift, sets.stratum, predictor)
            predictor -= shift[sets.stratum]
        signal = _dot(sets.event_weight, predictor)
        np.exp(predictor, out=predictor)
        predictor *= sets.weight
        work[0] = predictor
        np.multiply(self.Z, predictor, out=work[1:])
        S, D = sets.over_risk_sets(work)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            if sets.tied:
                f, w = sets.fraction, sets.mean_weight
                seen = np.take(S[0], sets.group) - f * np.take(D[0], sets.group)
                h = 1 / seen
                hf = h * f
                a, b = w * sets.over_events(h), w * sets.over_events(hf)
                aa, ab = w * sets.over_events(h * h), w * sets.over_events(h * hf)
                bb = w * sets.over_events(hf * hf)
                loglik = signal - _dot(np.take(w, sets.group), np.log(seen))
            else:
                total = sets.mean_weight * sets.deaths
                h = 1 / S[0]
                a, aa = total * h, total * h * h
                b = ab = bb = np.zeros_like(a)
                loglik = signal - _dot(total, np.log(S[0]))
        value = float(loglik) if np.isfinite(loglik) else -np.inf
        return Sums(predictor, shift, S[1:], D[1:], a, b, aa, ab, bb, value)

    def cumulated(self, at: Sums, multiplier: Floats | float = 1.0) -> Floats:
        """Return each row's hazard summed over its time at risk, times a multiplier per group.

        Under Efron an event leaves its own tied risk set by degrees.
        """
        total = self.sets.over_time(at.a * multiplier)
        if self.sets.tied:
            total[self.sets.dead] -= np.take(at.b * multiplier, self.sets.group)
        return total

    def score(self, at: Sums) -> Floats:
        """Return the gradient of the log partial likelihood."""
        gradient: Floats = _dot(self.Z, self.sets.event_weight) - _dot(at.S1, at.a)
        return gradient + _dot(at.D1, at.b) if self.sets.tied else gradient

    def information(self, at: Sums, multiplier: Floats | float = 1.0) -> Floats:
        """Return the information matrix, the share of each group times a multiplier."""
        # The second moments of all risk sets together are one weighted product of the covariates.
        np.multiply(self.Z, at.risk * self.cumulated(at, multiplier), out=self._work[1:])
        outer = _products(at.S1 * (at.aa * multiplier), at.S1)
        if self.sets.tied:
            cross = _products(at.S1 * (at.ab * multiplier), at.D1)
            outer += _products(at.D1 * (at.bb * multiplier), at.D1) - cross - cross.T
        return _products(self._work[1:], self.Z) - outer

    def evaluate(self, place: Floats) -> tuple[float, Floats, Floats]:
        """Return log partial likelihood, gradient and information at the coefficients `place`."""
        at = self.sums(place)
        if not np.isfinite(at.loglik):  # some risk set has underflowed: there is nothing to be derived
            return at.loglik, np.zeros(len(place)), np.eye(len(place))
        return at.loglik, self.score(at), self.information(at)


def _dot(values: Floats, weights: Floats) -> Any:
    return np.einsum("...n,n->...", values, weights)


def _products(left: Floats, right: Floats) -> Floats:
    if len(left) > FEW:
        return left @ right.T
    products: Floats = np.einsum("in,jn->ij", left, right)
    return products
