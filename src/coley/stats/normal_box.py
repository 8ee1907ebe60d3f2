"""How often a normal vector leaves a cube: the tail of a maximum of correlated statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

POINTS = 2**14  # four to five digits of p in four dimensions (held to mvtnorm in the tests)
PRIMES = (
    2,
    3,
    5,
    7,
    11,
    13,
    17,
    19,
    23,
    29,
)  # their roots are independent over the rationals: Richtmyer's rule
DEGENERATE = 1e-10  # variance left of 1, below which a statistic is a combination of those before it
UNIT = 1e-16  # keeps uniform points off 0 and 1


def exceeds(limit: float, correlation: Floats, *, two_sided: bool = True) -> float:
    """Return P(max |Z| > limit), or P(max Z > limit), of standard normal Z with a correlation.

    The event is split by which statistic, in order, is the first to exceed; each part is a tail times the
    chance that those before stayed inside, so that tiny probabilities keep their relative precision. A
    statistic that is a combination of others (in a max-combo one always is) bounds the last of them.

    Parameters
    ----------
    limit
        Any number; two-sided, not negative.
    correlation
        Of the statistics, k x k with k at most 11; may be singular.
    two_sided
        Whether large negative values count.

    References
    ----------
    Genz A. Numerical computation of multivariate normal probabilities. J Comput Graph Stat 1992;1:141-149;
    singular correlations: Genz A, Kwong KS. J Stat Comput Simul 2000;68:1-21.

    Examples
    --------
    >>> round(exceeds(1.959964, np.eye(2)), 4), round(exceeds(1.959964, np.ones((2, 2))), 4)
    (0.0975, 0.05)
    """
    from scipy.special import ndtr

    tail = float(ndtr(-limit))
    sides = 2 if two_sided else 1
    first = [_first_beyond(limit, correlation, k, two_sided) for k in range(1, len(correlation))]
    return min(sides * tail * (1 + sum(first)), 1.0)


def _first_beyond(limit: float, correlation: Floats, k: int, two_sided: bool) -> float:
    """P(those before k stay inside | Z_k > limit), by the transformation to the unit cube."""
    from scipy.special import ndtr, ndtri

    order = [k, *range(k)]
    root = _root(correlation[np.ix_(order, order)])
    owner = np.array([np.flatnonzero(row)[-1] for row in root])  # the factor that each statistic bounds
    pivots = root.shape[1]
    uniform = _uniforms(pivots)
    z = np.empty((pivots, POINTS))
    z[0] = -ndtri(uniform[0] * ndtr(-limit))
    chance = np.ones(POINTS)
    for j in range(pivots):
        low, high = np.full(POINTS, -np.inf), np.full(POINTS, np.inf)
        for row in root[1:][owner[1:] == j]:
            centre = row[:j] @ z[:j]
            ends = [((-limit if two_sided else -np.inf) - centre) / row[j], (limit - centre) / row[j]]
            low, high = np.maximum(low, np.minimum(*ends)), np.minimum(high, np.maximum(*ends))
        if j == 0:  # statistics that are Z_k itself, or its opposite
            chance = chance * ((z[0] >= low) & (z[0] <= high))
            continue
        below = ndtr(low)
        width = np.maximum(ndtr(high) - below, 0.0)
        chance = chance * width
        z[j] = ndtri(np.clip(below + uniform[j] * width, np.finfo(float).tiny, 1 - UNIT))
    return float(chance.mean())


def _uniforms(dimensions: int) -> Floats:
    """Evenly spread points of the unit cube, folded so that their errors cancel."""
    steps = np.arange(1, POINTS + 1)
    points = np.outer(np.sqrt(PRIMES[:dimensions]), steps) % 1
    folded: Floats = np.clip(np.abs(2 * points - 1), UNIT, 1 - UNIT)
    return folded


def _root(matrix: Floats) -> Floats:
    """Lower root of a correlation, statistics x independent factors: fewer factors where it is singular."""
    columns: list[Floats] = []
    left = matrix.astype(float)
    for j in range(len(matrix)):
        if left[j, j] < DEGENERATE:
            continue
        column = np.where(np.arange(len(matrix)) >= j, left[:, j] / np.sqrt(left[j, j]), 0.0)
        column[np.abs(column) < np.sqrt(DEGENERATE)] = 0.0
        left = left - np.outer(column, column)
        columns.append(column)
    return np.column_stack(columns)
