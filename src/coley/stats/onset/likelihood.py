"""The log-likelihood of a Weibull distribution for onsets known to the day and truncated on the right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from coley.stats.onset.times import Floats, OnsetTimes

# A difference of cumulative hazards, and a logarithm of one, beyond which nothing is left to survive: kept there,
# for exponentials and their squares to be finite.
DEAD, LOG_DEAD = 700.0, 100.0
# A climb moves no coordinate by more than this at once, takes at most so many steps, and halves at most so often.
LONGEST, STEPS, HALVINGS = 1.5, 80, 30
# Gain in log-likelihood left to be had when a climb stops; Newton's last step squares the error that remains.
DONE = 1e-11


@dataclass(frozen=True, eq=False)
class Value:
    """A log-likelihood at one place, with its gradient (d,) and Hessian (d, d) there."""

    place: Floats
    value: float
    gradient: Floats
    hessian: Floats


Evaluate = Callable[["Floats"], Value]


def log_likelihood(times: OnsetTimes, place: Floats) -> Value:
    """Evaluate at (log scale, log shape)."""
    terms = _log_mass(times.begin, times.end, place)
    truncated = np.isfinite(times.until)
    if truncated.any():
        until = times.until[truncated]
        # Where neither the onset nor the limit has any chance, nothing can be told: NaN, and the search turns back.
        with np.errstate(invalid="ignore"):
            terms[:, truncated] -= _log_mass(np.zeros_like(until), until, place)
    total = terms @ times.weight
    return Value(place, float(total[0]), total[1:3], total[[3, 4, 4, 5]].reshape(2, 2))


def _log_mass(begin: Floats, end: Floats, place: Floats) -> Floats:
    """Log P(begin <= T < end) and its derivatives: rows value, m, s, mm, ms, ss (m log scale, s log shape).

    With the cumulative hazard H and D = H(end) - H(begin), the mass is exp(-H(begin)) (1 - exp(-D)).
    """
    low = _hazard(begin, place)
    D = _hazard(end, place) - low
    with np.errstate(divide="ignore"):
        odds = 1 / np.expm1(np.clip(D[0], 1e-100, DEAD))
        value = np.log(-np.expm1(-D[0])) - low[0]
    outer = np.stack([D[1] * D[1], D[1] * D[2], D[2] * D[2]])
    gradient, hessian = odds * D[1:3] - low[1:3], odds * D[3:] - odds * (1 + odds) * outer - low[3:]
    return np.concatenate([value[None], gradient, hessian])


def _hazard(t: Floats, place: Floats) -> Floats:
    """Cumulative hazard (t / scale)^shape and its derivatives; rows as in `_log_mass`, 0 at t = 0."""
    k, after = np.exp(place[1]), t > 0
    u = np.minimum(k * (np.log(t[after]) - place[0]), LOG_DEAD)
    out = np.zeros((6, len(t)))
    one = np.ones_like(u)
    out[:, after] = np.exp(u) * np.stack([one, -k * one, u, k * k * one, -k * (u + 1), u * (u + 1)])
    return out


def by_shape(times: OnsetTimes) -> Evaluate:
    """Return the likelihood as a function of (log shape, log scale)."""

    def evaluate(place: Floats) -> Value:
        found = log_likelihood(times, place[::-1])
        return Value(place, found.value, found.gradient[::-1], found.hessian[::-1, ::-1])

    return evaluate


def by_quantile(times: OnsetTimes, c: float) -> Evaluate:
    """Return the likelihood as a function of (log quantile, log shape).

    The quantile of probability p is at log scale + c / shape with c = log(-log(1 - p)); c = 0 is the scale.
    """

    def evaluate(place: Floats) -> Value:
        bend = c * np.exp(-place[1])  # derivative of the log scale by the log shape, and minus its own
        found = log_likelihood(times, np.array([place[0] - bend, place[1]]))
        turn = np.array([[1.0, 0.0], [bend, 1.0]])
        hessian = turn @ found.hessian @ turn.T
        hessian[1, 1] -= found.gradient[0] * bend
        return Value(place, found.value, turn @ found.gradient, hessian)

    return evaluate


def holding(evaluate: Evaluate, first: float) -> Evaluate:
    """Return a likelihood of two parameters as a function of the second alone."""

    def held(free: Floats) -> Value:
        full = evaluate(np.array([first, free[0]]))
        return Value(free, full.value, full.gradient[1:], full.hessian[1:, 1:])

    return held


def climb(evaluate: Evaluate, start: Floats, *, inside: float = np.inf) -> Value:
    """Climb to a maximum by Newton's method, taking every curvature for a downward one.

    It ends early, where it is, once a coordinate lies further than `inside` from its start.
    """
    here = evaluate(np.asarray(start, dtype=float))
    for _ in range(STEPS):
        curvature, axes = np.linalg.eigh(here.hessian)
        along = (axes.T @ here.gradient) / np.maximum(np.abs(curvature), 1e-12)
        step = axes @ along
        gain = float(here.gradient @ step)
        step *= min(1.0, LONGEST / max(float(np.abs(step).max()), 1e-300))
        for _ in range(HALVINGS):
            there = evaluate(here.place + step)
            if there.value >= here.value:
                break
            step = step / 2
        else:
            return here
        here = there
        if gain < DONE or np.abs(here.place - start).max() > inside:
            return here
    return here
