"""Who comes earlier with a lower score: weighted counts over pairs without looking at every pair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Dominance:
    """For each patient the weight of those at strictly earlier instants: all, with a lower or an equal score."""

    all: Floats
    lower: Floats
    equal: Floats


def dominance(instant: NDArray[np.intp], score: Floats, weight: Floats) -> Dominance:
    """Sum weights over the patients at strictly earlier instants.

    Patients are merged in blocks of 1, 2, 4 ... as in a merge sort, all blocks of a size at once, so that the
    work grows as n (log n)^2.

    Parameters
    ----------
    instant
        Order of the patients in time; equal ones are not compared.
    score
        Of each patient.
    weight
        Of each patient as an earlier one.

    Examples
    --------
    >>> found = dominance(np.array([0, 1, 1, 2]), np.array([2.0, 2.0, 3.0, 1.0]), np.ones(4))
    >>> found.all, found.lower, found.equal
    (array([0., 1., 1., 3.]), array([0., 0., 1., 0.]), array([0., 1., 0., 0.]))
    """
    n = len(score)
    rank = np.unique(score, return_inverse=True)[1]
    instants, position = np.unique(instant, return_inverse=True)
    total = np.append(0.0, np.bincount(position, weights=weight, minlength=len(instants)).cumsum())[position]
    lower = _earlier_lower(position, rank, weight, n)
    higher = _earlier_lower(position, rank.max(initial=0) - rank, weight, n)
    return Dominance(total, lower, total - lower - higher)


def _earlier_lower(position: NDArray[np.intp], rank: NDArray[np.intp], weight: Floats, n: int) -> Floats:
    # At one instant the higher ranks come first, so that none of them finds a lower one before it.
    sequence = np.lexsort((-rank, position))
    place: NDArray[np.integer[Any]] = np.empty(n, dtype=np.intp)
    place[sequence] = np.arange(n)
    by_rank = np.lexsort((-place, rank))  # of equal ranks the later come first, and see nothing of the others
    place, carried = place[by_rank], weight[by_rank]
    # numpy sorts 16-bit integers by radix, ten times faster than longer ones
    place = place.astype(np.uint16) if n <= np.iinfo(np.uint16).max else place
    found = np.zeros(n)
    size = 1
    while size < n:
        block = np.argsort(place // (2 * size), kind="stable")
        where = place[block]
        late = (where // size) % 2 == 1
        passed = np.cumsum(np.where(late, 0.0, carried[block]))
        group = where // (2 * size)
        begin = np.flatnonzero(np.diff(group, prepend=-1))
        base = np.append(0.0, passed)[begin]
        found[block[late]] += passed[late] - base[group[late]]
        size *= 2
    result = np.empty(n)
    result[by_rank] = found
    return result
