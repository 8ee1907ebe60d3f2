"""Pseudo patients from a published Kaplan-Meier curve: digitised points and numbers at risk to times and events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import UnreadableInput
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

PERCENT = 1.5  # a survival above it was written in percent
MOST_ROUNDS = 200  # of adjusting the censored of one interval; it takes a handful
GUYOT = (
    "Guyot P, Ades AE, Ouwens MJNM, Welton NJ. Enhanced secondary analysis of survival data: reconstructing the data "
    "from published Kaplan-Meier survival curves. BMC Med Res Methodol 2012;12:9."
)


@dataclass(frozen=True, eq=False)
class PseudoPatients:
    """Patients whose Kaplan-Meier curve is the published one, as far as its points tell.

    Attributes
    ----------
    time, event
        (n,) in the unit of the points; True where the event was seen.
    largest_difference, mean_difference
        Between their survival and the points.
    at_risk_difference
        Largest difference from the published numbers at risk.
    rising
        Points that lay above an earlier one and were lowered to it.
    """

    time: Floats
    event: NDArray[np.bool_]
    largest_difference: float
    mean_difference: float
    at_risk_difference: int
    rising: int


@method(
    "pseudo_patients",
    title="Patients reconstructed from a published survival curve",
    summary="Times and events whose Kaplan-Meier estimate and numbers at risk are those of a published figure; the "
    "censored are spread evenly between the times at which numbers at risk are printed.",
    needs="points of the curve, as digitised; numbers at risk, the first of them at time zero",
    limits="They stand for the curve, not for the patients: which of them progressed before dying, their ages and "
    "their covariates are not in a figure. When patients were censored is known only between numbers at risk.",
    references=(GUYOT,),
)
def pseudo_patients(
    times: ArrayLike,
    survival: ArrayLike,
    *,
    risk_times: ArrayLike,
    at_risk: ArrayLike,
    events: int | None = None,
) -> PseudoPatients:
    """Return pseudo patients of one arm.

    Parameters
    ----------
    times, survival
        (K,) points of the curve, in any order; survival as a share or in percent.
    risk_times, at_risk
        (R,) times at which numbers at risk are printed, rising from zero, and the numbers.
    events
        Events in all, where the paper tells; it settles the censored after the last number at risk.

    Raises
    ------
    UnreadableInput
        Where points or numbers at risk cannot be those of a survival curve.

    References
    ----------
    Guyot et al. 2012, steps 1 to 9 of the algorithm.

    Examples
    --------
    >>> made = pseudo_patients([1, 2, 3, 4], [0.9, 0.7, 0.7, 0.6], risk_times=[0, 2.5], at_risk=[10, 7])
    >>> made.time[made.event], int(made.event.sum())
    (array([1., 2., 2., 4.]), 4)
    """
    t, s, rising = _points(times, survival)
    risk_t, risk = _numbers_at_risk(risk_times, at_risk)
    # Intervals: points from each printed time on; a number at risk without a point after it says nothing.
    first = np.searchsorted(t, risk_t, side="left")
    told = first < len(t)
    risk_t, risk, first = risk_t[told], risk[told], first[told]
    ends = np.append(first[1:], len(t))
    state = _State(int(risk[0]))
    censored: list[Floats] = []
    spent, lost = 0.0, 0
    for i, (start, end) in enumerate(zip(first, ends, strict=True)):
        until = risk_t[i + 1] if i + 1 < len(risk_t) else t[-1]
        wanted = int(risk[i + 1]) if i + 1 < len(risk_t) else None
        if wanted is None:
            rate = lost / spent if spent > 0 else 0.0
            guess = int(np.clip(round(rate * (until - risk_t[i])), 0, state.left))
            found = _last(state, t, s, rows=(start, end), span=(risk_t[i], until), guess=guess, events=events)
        else:
            found = _match(state, t, s, rows=(start, end), span=(risk_t[i], until), wanted=wanted)
            spent, lost = spent + until - risk_t[i], lost + len(found.censored)
        censored.append(found.censored)
        state = found
    deaths = np.asarray(state.deaths, dtype=np.int64)
    seen = np.repeat(t[: len(deaths)], deaths)
    gone = np.concatenate(censored) if censored else np.empty(0)
    rest = np.full(max(int(risk[0]) - len(seen) - len(gone), 0), t[-1])
    time = np.concatenate([seen, gone, rest])
    event = np.repeat([True, False], [len(seen), len(gone) + len(rest)])
    order = np.lexsort((~event, time))
    time, event = time[order], event[order]
    off = np.abs(_survival_at(time, event, t) - s)
    there = (time[None, :] >= risk_t[:, None]).sum(axis=1)
    return PseudoPatients(
        time, event, float(off.max()), float(off.mean()), int(np.abs(there - risk).max()), rising
    )


@dataclass(frozen=True, eq=False)
class _State:
    """Where the reconstruction stands: patients left, survival, deaths at each point, those last censored."""

    left: int
    survival: float = 1.0
    deaths: tuple[int, ...] = ()
    censored: Floats = ()  # type: ignore[assignment]


def _step(
    state: _State, t: Floats, s: Floats, *, rows: tuple[int, int], span: tuple[float, float], count: int
) -> _State:
    """Follow the points of one interval with `count` patients censored evenly within it."""
    start, end = rows
    times = span[0] + (np.arange(count) + 1) * (span[1] - span[0]) / (count + 1)
    # Censored before the first point of the interval, and from each point to the next; never more than are left.
    cuts = [*np.searchsorted(times, t[start:end]), count]
    left, survival, deaths = state.left, state.survival, list(state.deaths)
    gone = [times[: cuts[0]][:left]]
    left -= len(gone[0])
    for k in range(start, end):
        died = 0
        if survival > 0 and left > 0:
            died = int(np.clip(round(left * (1 - s[k] / survival)), 0, left))
            survival *= 1 - died / left
        deaths.append(died)
        left -= died
        gone.append(times[cuts[k - start] : cuts[k - start + 1]][:left])
        left -= len(gone[-1])
    return _State(left, survival, tuple(deaths), np.concatenate(gone))


def _match(
    state: _State, t: Floats, s: Floats, *, rows: tuple[int, int], span: tuple[float, float], wanted: int
) -> _State:
    """Find how many were censored so that the number at risk at the end is the printed one."""
    start, end = rows
    reached = s[end - 1] / state.survival if end > start and state.survival > 0 else 1.0
    count = max(round(state.left * reached - wanted), 0)
    best = _step(state, t, s, rows=rows, span=span, count=count)
    for _ in range(MOST_ROUNDS):
        gap = best.left - wanted
        if gap == 0 or (gap < 0 and count == 0):
            break
        count = max(count + gap, 0)
        found = _step(state, t, s, rows=rows, span=span, count=count)
        if abs(found.left - wanted) >= abs(gap):
            break
        best = found
    return best


def _last(
    state: _State,
    t: Floats,
    s: Floats,
    *,
    rows: tuple[int, int],
    span: tuple[float, float],
    guess: int,
    events: int | None,
) -> _State:
    """Follow the points after the last number at risk, with the censoring of before, or so that events add up."""
    if events is None:
        return _step(state, t, s, rows=rows, span=span, count=guess)
    best = _step(state, t, s, rows=rows, span=span, count=0)
    low, high = 0, state.left
    while low < high:  # the more are censored, the fewer events the same fall of the curve takes
        middle = (low + high) // 2
        found = _step(state, t, s, rows=rows, span=span, count=middle)
        if abs(sum(found.deaths) - events) < abs(sum(best.deaths) - events):
            best = found
        if sum(found.deaths) > events:
            low = middle + 1
        else:
            high = middle
    return best


def _points(times: ArrayLike, survival: ArrayLike) -> tuple[Floats, Floats, int]:
    t, s = np.asarray(times, dtype=np.float64), np.asarray(survival, dtype=np.float64)
    if t.ndim != 1 or t.shape != s.shape or len(t) < 2:
        raise UnreadableInput(
            f"A curve is two or more points of time and survival; got {t.shape} and {s.shape}."
        )
    if not (np.isfinite(t).all() and np.isfinite(s).all()) or t.min() < 0:
        raise UnreadableInput("A point of the curve is missing, or lies before time zero.")
    s = s / 100 if s.max() > PERCENT else s
    if s.max() > 1.02 or s.min() < -0.02:
        raise UnreadableInput(
            f"Survival lies between {s.min():g} and {s.max():g}.",
            cause="percentages and shares in one column, or the axis read wrongly",
        )
    order = np.lexsort((-s, t))
    t, s = t[order], np.clip(s[order], 0, 1)
    lowered = np.minimum.accumulate(s)
    return t, lowered, int((s - lowered > 1e-9).sum())


def _numbers_at_risk(times: ArrayLike, at_risk: ArrayLike) -> tuple[Floats, Integers]:
    t, n = np.asarray(times, dtype=np.float64), np.asarray(at_risk, dtype=np.float64)
    if t.ndim != 1 or t.shape != n.shape or not len(t) or t[0] != 0 or (np.diff(t) <= 0).any():
        raise UnreadableInput(
            "Numbers at risk stand at times that rise from zero, one number at each.",
            remedy="Give at least the number of patients at time zero.",
        )
    if (np.diff(n) > 0).any() or n.min() < 0 or (n != np.round(n)).any() or n[0] < 1:
        raise UnreadableInput(f"Numbers at risk are whole and never rise: {n.astype(int).tolist()}.")
    return t, n.astype(np.int64)


def _survival_at(time: Floats, event: NDArray[np.bool_], at: Floats) -> Floats:
    """Kaplan-Meier survival just after given times."""
    distinct, place = np.unique(time, return_inverse=True)
    died = np.bincount(place, weights=event, minlength=len(distinct))
    left = len(time) - np.concatenate([[0], np.cumsum(np.bincount(place))[:-1]])
    survival = np.cumprod(1 - died / left)
    index = np.searchsorted(distinct, at, side="right") - 1
    return np.where(index >= 0, survival[np.maximum(index, 0)], 1.0)
