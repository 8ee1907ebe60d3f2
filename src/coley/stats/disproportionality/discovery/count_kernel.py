"""The compiled part of tests of counts: hypergeometric and Poisson tails, atom by atom."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

F = TypeVar("F", bound=Callable[..., Any])

compiled: Callable[[F], F] = njit(  # type: ignore[assignment]
    cache=True, nogil=True, error_model="numpy"
)

# Atoms rarer than this are left out of a walk; no sum over millions of pairs would show them.
RARE = 1e-30
# Tails of atoms rarer than this are summed from the atom itself, those of commoner ones from the walk.
SURE = 1e-12
# Two walks to one tail differ by rounding: an atom this close to a threshold, relatively, lies on it.
ROUNDING = 1e-9
HALF_LOG_TWO_PI = 0.9189385332046727


@compiled
def _stirling_error(n: float) -> float:
    """Return log n! less Stirling's approximation of it (Loader 2000)."""
    if n < 16:
        return math.lgamma(n + 1) - (n + 0.5) * math.log(n) + n - HALF_LOG_TWO_PI if n > 0 else 0.0
    s = 1 / (n * n)
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - s / 1188) * s) * s) * s) / n


@compiled
def _deviance(x: float, mean: float) -> float:
    """Return x log(x / mean) + mean - x, without cancellation where the two are close (Loader 2000)."""
    gap = (x - mean) / (x + mean)
    if abs(gap) < 0.1:
        term, total, j = 2 * x * gap, (x - mean) * gap, 1.0
        square = gap * gap
        while True:
            term *= square
            more = total + term / (2 * j + 1)
            if more == total:
                return total
            total = more
            j += 1
    return x * math.log(x / mean) + mean - x


@compiled
def _log_binomial(x: float, n: float, p: float, q: float) -> float:
    if p == 0.0:
        return 0.0 if x == 0 else -np.inf
    if q == 0.0:
        return 0.0 if x == n else -np.inf
    if x == 0:
        return n * math.log1p(-p) if p < 0.5 else n * math.log(q)
    if x == n:
        return n * math.log1p(-q) if q < 0.5 else n * math.log(p)
    errors = _stirling_error(n) - _stirling_error(x) - _stirling_error(n - x)
    spread = HALF_LOG_TWO_PI + 0.5 * (math.log(x) + math.log1p(-x / n))
    return errors - _deviance(x, n * p) - _deviance(n - x, n * q) - spread


@compiled
def log_mass(x: float, expected: float, exposed: float, event: float, total: float) -> float:
    """Return the log probability of a count (Poisson where `total` is infinite)."""
    if math.isinf(total):
        if expected == 0.0:
            return 0.0 if x == 0 else -np.inf
        if x == 0:
            return -expected
        return -_stirling_error(x) - _deviance(x, expected) - HALF_LOG_TWO_PI - 0.5 * math.log(x)
    if exposed == 0.0 or event == 0.0:
        return 0.0 if x == 0 else -np.inf
    p, q = exposed / total, (total - exposed) / total
    one = _log_binomial(x, event, p, q)
    other = _log_binomial(exposed - x, total - event, p, q)
    return one + other - _log_binomial(exposed, total, p, q)


@compiled
def step_up(x: float, expected: float, exposed: float, event: float, total: float) -> float:
    """Return the probability of x + 1 over that of x."""
    if math.isinf(total):
        return expected / (x + 1)
    return (exposed - x) * (event - x) / ((x + 1) * (total - exposed - event + x + 1))


@compiled
def _walk(
    expected: float, exposed: float, event: float, total: float, least: float, mass: Floats, tail: Floats
) -> tuple[float, int]:
    """Fill the atoms from the first that matters upwards, and their upper tails, given a count of `least`.

    Returns the count of the first atom and the number of atoms.
    """
    poisson = math.isinf(total)
    lowest = least if poisson else max(least, exposed + event - total)
    highest = np.inf if poisson else min(exposed, event)
    middle = min(max(math.floor(expected), lowest), highest)
    if lowest > highest or (expected == 0.0 and lowest > 0):
        return 0.0, 0
    at_middle = math.exp(log_mass(middle, expected, exposed, event, total))
    rare = RARE * min(at_middle, 1.0)
    below, m = 0, at_middle
    while middle - below > lowest and m > rare and below < len(mass) // 2:
        m /= step_up(middle - below - 1, expected, exposed, event, total)
        below += 1
    first = middle - below
    n = 0
    while n < len(mass) and first + n <= highest and (m > rare or first + n <= middle):
        mass[n] = m
        m *= step_up(first + n, expected, exposed, event, total)
        n += 1
    ratio = step_up(first + n - 1, expected, exposed, event, total)
    sum_ = m / (1 - ratio) if 0 < ratio < 1 else 0.0  # what lies beyond the walk falls faster than this
    for i in range(n - 1, -1, -1):
        sum_ += mass[i]
        tail[i] = sum_
    # given the count is at least `least`: what was left out below is certain to be there or certain not to be
    whole = sum_ if sum_ > 0 else 1.0
    for i in range(n):
        mass[i] /= whole
        tail[i] /= whole
    return first, n


@compiled
def _room(expected: Floats, least: float) -> int:
    """Return the number of atoms that the longest walk may take: 12 standard deviations either way hold 1e-30."""
    largest = max(expected.max(), least)
    return int(30 * math.sqrt(largest) + 140)


@compiled
def upper_tails(
    x: Floats, expected: Floats, exposed: Floats, event: Floats, total: Floats, least: float, share: float
) -> Floats:
    """Return P(X > x) + (1 - share) P(X = x), given a count of at least `least`."""
    room = _room(expected, least)
    mass, tail = np.empty(room), np.empty(room)
    p = np.empty(len(x))
    for i in range(len(x)):
        e, a, b, n = expected[i], exposed[i], event[i], total[i]
        first, atoms = _walk(e, a, b, n, least, mass, tail)
        place = int(x[i] - first)
        if atoms == 0:
            p[i] = 1.0
        elif place < 0:
            p[i] = 1.0 if x[i] >= least else np.nan
        elif place < atoms and mass[place] > SURE:
            p[i] = tail[place] - share * mass[place]
        else:  # the first atom before and after it was normalised gives the mass of the condition
            whole = log_mass(first, e, a, b, n) - math.log(mass[0])
            own = math.exp(log_mass(x[i], e, a, b, n) - whole)
            sum_, m, k = own, own, x[i]
            while m > 1e-17 * sum_:
                m *= step_up(k, e, a, b, n)
                sum_ += m
                k += 1
            p[i] = sum_ - share * own
    return np.minimum(p, 1.0)


@compiled
def expected_below(
    thresholds: Floats,
    expected: Floats,
    exposed: Floats,
    event: Floats,
    total: Floats,
    least: float,
    share: float,
) -> Floats:
    """Return for each threshold (ascending) how many pairs would have a p at most that, were none associated."""
    room = _room(expected, least)
    mass, tail = np.empty(room), np.empty(room)
    found = np.zeros(len(thresholds) + 1)
    for i in range(len(expected)):
        _, atoms = _walk(expected[i], exposed[i], event[i], total[i], least, mass, tail)
        high = len(thresholds)
        for j in range(atoms):
            p, low = (tail[j] - share * mass[j]) * (1 - ROUNDING), 0
            if high < len(thresholds) and high > 0 and thresholds[high - 1] < p:
                low = high
            end = high
            while low < end:
                middle = (low + end) // 2
                if thresholds[middle] < p:
                    low = middle + 1
                else:
                    end = middle
            high = low
            found[low] += mass[j]
    return np.cumsum(found[: len(thresholds)])
