"""The compiled part of `cox_screen`: one Cox model a column, by Newton's method kept within brackets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from coley.stats.design import OWN_VARIANCE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.intp]

compiled: Callable[[Callable[..., Any]], Callable[..., Any]] = njit(
    cache=True, nogil=True, error_model="numpy"
)

ESTIMATED, CONSTANT, NO_EVENTS, MONOTONE, NOT_CONVERGED = range(5)
MAX_STEPS = 100
# Twice the gain that a quadratic model still expects: the last step is then below 1e-8 standard errors.
DECREMENT = 1e-16
# Far from the top a quadratic model is no guide: no step moves a linear predictor by more than this.
LONGEST = 10.0


@compiled
def _derivatives(
    beta: float, x: Floats, group: Integers, dead: NDArray[np.bool_], stratum: Integers, risk: Floats
) -> tuple[float, float, float]:
    """Return score, information, and information if every risk set had mean 0 (Efron's ties)."""
    n = len(x)
    if beta == 0.0:
        risk[:n] = 1.0
    else:
        for i in range(n):
            risk[i] = np.exp(beta * x[i])
    score = information = own = 0.0
    S0 = S1 = S2 = 0.0
    i = 0
    while i < n:
        if i > 0 and stratum[i] != stratum[i - 1]:
            S0 = S1 = S2 = 0.0
        this = group[i]
        deaths = 0
        D0 = D1 = D2 = 0.0
        while i < n and group[i] == this:
            r = risk[i]
            rx = r * x[i]
            S0 += r
            S1 += rx
            S2 += rx * x[i]
            if dead[i]:
                deaths += 1
                score += x[i]
                D0 += r
                D1 += rx
                D2 += rx * x[i]
            i += 1
        for k in range(deaths):
            left = k / deaths
            inverse = 1.0 / (S0 - left * D0)
            mean = (S1 - left * D1) * inverse
            square = (S2 - left * D2) * inverse
            score -= mean
            information += square - mean * mean
            own += square
    return score, information, own


@compiled
def _endless(x: Floats, group: Integers, dead: NDArray[np.bool_], stratum: Integers) -> float:
    """Return 1 or -1 where the likelihood rises for ever in that direction, else 0.

    It does exactly if every event has the largest (smallest) value of its risk set.
    """
    n = len(x)
    up = down = True
    largest, smallest = -np.inf, np.inf
    i = 0
    while i < n and (up or down):
        if i > 0 and stratum[i] != stratum[i - 1]:
            largest, smallest = -np.inf, np.inf
        start, this = i, group[i]
        while i < n and group[i] == this:
            largest, smallest = max(largest, x[i]), min(smallest, x[i])
            i += 1
        for k in range(start, i):
            if dead[k]:
                up = up and x[k] == largest
                down = down and x[k] == smallest
    return 1.0 * up - 1.0 * down


@compiled
def fit_columns(
    columns: Floats,
    event: NDArray[np.bool_],
    rows: Integers,
    group: Integers,
    dead: NDArray[np.bool_],
    stratum: Integers,
    numbers: Floats,
    counts: Integers,
) -> None:
    """Fit each of `columns` (columns x patients; NaN is missing) by itself.

    Patients `rows` are at risk, in the order of `group`, `dead` and `stratum` (see `RiskSets`). Writes slope per
    standard deviation, its standard error, z of the score test and the deviation to `numbers`; patients,
    events and status to `counts`.
    """
    most = len(rows)
    x, risk = np.empty(most), np.empty(most)
    group_, dead_, stratum_ = np.empty_like(group), np.empty_like(dead), np.empty_like(stratum)
    for j in range(len(columns)):
        column = columns[j]
        n = events = 0
        total = 0.0
        least, most_ = np.inf, -np.inf
        for i in range(len(column)):
            if not np.isnan(column[i]):
                n += 1
                events += event[i]
                total += column[i]
                least, most_ = min(least, column[i]), max(most_, column[i])
        mean = total / n
        squares = 0.0
        for i in range(len(column)):
            if not np.isnan(column[i]):
                squares += (column[i] - mean) ** 2
        sd = np.sqrt(squares / (n - 1)) if n > 1 else 0.0
        numbers[j, :3] = np.nan
        numbers[j, 3] = sd
        counts[j, 0], counts[j, 1] = n, events
        if events == 0:
            counts[j, 2] = NO_EVENTS
            continue
        counts[j, 2] = CONSTANT
        if not sd > OWN_VARIANCE * max(abs(least), abs(most_)):
            continue

        m = 0
        for i in range(most):
            value = column[rows[i]]
            if not np.isnan(value):
                x[m] = (value - mean) / sd
                group_[m], dead_[m], stratum_[m] = group[i], dead[i], stratum[i]
                m += 1
        one, g, d, s = x[:m], group_[:m], dead_[:m], stratum_[:m]
        score, information, own = _derivatives(0.0, one, g, d, s, risk)
        if not information > OWN_VARIANCE * own:
            continue
        numbers[j, 2] = score / np.sqrt(information)
        direction = _endless(one, g, d, s)
        if direction != 0.0:
            numbers[j, 0] = direction * np.inf
            counts[j, 2] = MONOTONE
            continue

        # The score falls with beta, so that its sign tells on which side of beta the maximum lies.
        counts[j, 2] = NOT_CONVERGED
        longest = LONGEST * sd / (most_ - least)
        beta, low, high = 0.0, -np.inf, np.inf
        for _ in range(MAX_STEPS):
            if score > 0:
                low = beta
            else:
                high = beta
            step = score / information
            near = score * step < DECREMENT
            beta += min(max(step, -longest), longest)
            if not low <= beta <= high:
                beta = (low + high) / 2
            if near:
                numbers[j, 0], numbers[j, 1] = beta, 1 / np.sqrt(information)
                counts[j, 2] = ESTIMATED
                break
            score, information, own = _derivatives(beta, one, g, d, s, risk)
