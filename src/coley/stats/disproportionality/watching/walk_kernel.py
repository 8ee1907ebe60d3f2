"""The compiled part of watching: the distribution of a cumulative count that has not alerted yet, look by look."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from coley.stats.disproportionality.discovery.count_kernel import compiled, log_mass, step_up

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Increments rarer than this are left out.
RARE = 1e-16


@compiled
def _increments(expected: float, exposed: float, event: float, total: float, mass: Floats) -> tuple[int, int]:
    """Fill the probabilities of one look's own count; return the first count and how many there are."""
    poisson = math.isinf(total)
    lowest = 0.0 if poisson else max(0.0, exposed + event - total)
    highest = np.inf if poisson else min(exposed, event)
    middle = min(max(math.floor(expected), lowest), highest)
    m = math.exp(log_mass(middle, expected, exposed, event, total))
    first = middle
    while first > lowest and m > RARE and middle - first < len(mass) // 2:
        m /= step_up(first - 1, expected, exposed, event, total)
        first -= 1
    n, sum_ = 0, 0.0
    while n < len(mass) and first + n <= highest and (m > RARE or first + n <= middle):
        mass[n] = m
        sum_ += m
        m *= step_up(first + n, expected, exposed, event, total)
        n += 1
    for i in range(n):  # nothing is lost: the distribution stays whole
        mass[i] /= sum_
    return int(first), n


@compiled
def _boundary(
    expected: Floats,
    exposed: Floats,
    event: Floats,
    total: Floats,
    may_spend: Floats,
    least: float,
    bound: Floats,
    spent: Floats,
) -> None:
    """Find the smallest counts that keep the chance of any alert so far within what may be spent by each look.

    `bound` may hold counts already; none becomes smaller than it is.
    """
    largest = expected.sum()
    room = int(largest + 14 * math.sqrt(largest) + 60 + least)
    widest = expected.max()
    mass = np.empty(int(2 * (12 * math.sqrt(widest) + 40)))
    alive, after = np.zeros(room), np.zeros(room)
    alive[0], top, gone = 1.0, 0, 0.0  # counts 0 to top are possible, none of which has alerted
    for j in range(len(expected)):
        first, n = _increments(expected[j], exposed[j], event[j], total[j], mass)
        end = min(top + first + n - 1, room - 1)
        after[: end + 1] = 0.0
        for k in range(top + 1):
            if alive[k] > 0.0:
                for i in range(n):
                    after[min(k + first + i, room - 1)] += alive[k] * mass[i]
        lowest = max(least, bound[j])
        b, beyond = end + 1, 0.0
        while b - 1 >= lowest and gone + beyond + after[b - 1] <= may_spend[j]:
            beyond += after[b - 1]
            b -= 1
        bound[j] = max(float(b), lowest)
        gone += beyond
        spent[j] = gone
        top = min(end, int(bound[j]) - 1)
        alive[: top + 1] = after[: top + 1]


@compiled
def boundaries(
    expected: Floats, exposed: Floats, event: Floats, total: Floats, may_spend: Floats, least: float
) -> tuple[Floats, Floats]:
    """Return of each pair (pairs x looks) the cumulative count that alerts, and the error spent by each look."""
    bound, spent = np.zeros(expected.shape), np.zeros(expected.shape)
    for i in range(len(expected)):
        _boundary(expected[i], exposed[i], event[i], total[i], may_spend, least, bound[i], spent[i])
    return bound, spent


@compiled
def sequential_p(
    both: Floats,
    expected: Floats,
    exposed: Floats,
    event: Floats,
    total: Floats,
    levels: Floats,
    may_spend: Floats,
    least: float,
) -> Floats:
    """Return of each pair, after each look, the smallest of `levels` (descending) at which it has alerted, or 1.

    `both` is cumulative, `may_spend` is levels x looks. Boundaries are nested: those of a smaller level are
    nowhere lower.
    """
    p = np.ones(expected.shape)
    looks = expected.shape[1]
    bound, spent = np.zeros(looks), np.zeros(looks)
    for i in range(len(expected)):
        bound[:] = 0.0
        for g in range(len(levels)):
            _boundary(expected[i], exposed[i], event[i], total[i], may_spend[g], least, bound, spent)
            crossed = False
            for j in range(looks):
                crossed = crossed or both[i, j] >= bound[j]
                if crossed:
                    p[i, j] = levels[g]
            if not crossed:
                break
    return p


@compiled
def chance_of_alert(times: Floats, limits: Floats) -> float:
    """Return the chance that a unit Poisson process has `limits[k]` events or more at any of the `times`."""
    room = int(limits.max()) + 1
    alive, after = np.zeros(room), np.zeros(room)
    alive[0], before, top = 1.0, 0.0, 0
    mass = np.empty(room)
    for k in range(len(times)):
        step, limit = times[k] - before, int(limits[k])
        before = times[k]
        mass[0], n = math.exp(-step), 1
        while n < limit and (mass[n - 1] > RARE or n <= step):
            mass[n] = mass[n - 1] * step / n
            n += 1
        after[:limit] = 0.0
        for j in range(min(top, limit - 1) + 1):
            for i in range(min(n, limit - j)):
                after[j + i] += alive[j] * mass[i]
        alive[:limit] = after[:limit]
        top = limit - 1
    return 1.0 - float(alive[: top + 1].sum())


@compiled
def chance_of_binomial_alert(looks: NDArray[np.intp], limits: Floats, p: float) -> float:
    """Return the chance that `limits[k]` or more of the first `looks[k]` trials succeed at any look."""
    largest = looks[len(looks) - 1]
    alive = np.zeros(largest + 2)
    alive[0], trials, gone = 1.0, 0, 0.0
    for k in range(len(looks)):
        while trials < looks[k]:
            for x in range(trials + 1, 0, -1):
                alive[x] = alive[x] * (1 - p) + alive[x - 1] * p
            alive[0] *= 1 - p
            trials += 1
        for x in range(int(limits[k]), trials + 1):
            gone += alive[x]
            alive[x] = 0.0
    return gone
