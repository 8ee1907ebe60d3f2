"""How often a normal vector leaves a cube: the tail of a maximum of correlated statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.stats.tails import normal_two_sided

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

POINTS = 2**15  # enough for five digits of p in four dimensions (checked against mvtnorm)
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


def exceeds(limit: float, correlation: Floats, *, two_sided: bool = True) -> float:
    """Return P(max |Z| > limit), or P(max Z > limit), of standard normal Z with a correlation.

    The event is split by which statistic, in order, is the first to exceed; each part is a tail times the
    chance that those before stayed inside, so that tiny probabilities keep their relative precision and
    singular correlations are no obstacle.

    Parameters
    ----------
    limit
        Not negative.
    correlation
        Of the statistics, k x k with k at most 11; may be singular.
    two_sided
        Whether large negative values count.

    References
    ----------
    Genz A. Numerical computation of multivariate normal probabilities. J Comput Graph Stat 1992;1:141-149.

    Examples
    --------
    >>> round(exceeds(1.959964, np.eye(2)), 4), round(exceeds(1.959964, np.ones((2, 2))), 4)
    (0.0975, 0.05)
    """
    tail = float(normal_two_sided(limit)) / 2
    sides = 2 if two_sided else 1
    first = [_first_beyond(limit, correlation, k, two_sided) for k in range(1, len(correlation))]
    return min(sides * tail * (1 + sum(first)), 1.0)


def _first_beyond(limit: float, correlation: Floats, k: int, two_sided: bool) -> float:
    """P(those before k stay inside | Z_k > limit), by the transformation to the unit cube."""
    from scipy.special import ndtr, ndtri

    order = [k, *range(k)]
    root = _cholesky(correlation[np.ix_(order, order)])
    uniform = _uniforms(k)
    z = np.empty((k + 1, POINTS))
    z[0] = -ndtri(uniform[0] * ndtr(-limit))
    chance = np.ones(POINTS)
    for j in range(1, k + 1):
        centre = root[j, :j] @ z[:j]
        if root[j, j] == 0:
            chance = chance * ((centre <= limit) & ((centre >= -limit) | (not two_sided)))
            z[j] = 0.0
            continue
        high = ndtr((limit - centre) / root[j, j])
        low = ndtr((-limit - centre) / root[j, j]) if two_sided else np.zeros(POINTS)
        chance = chance * (high - low)
        if j < k:
            z[j] = ndtri(np.clip(low + uniform[j] * (high - low), np.finfo(float).tiny, 1 - 1e-16))
    return float(chance.mean())


def _uniforms(dimensions: int) -> Floats:
    """Evenly spread points of the unit cube, folded so that their errors cancel."""
    steps = np.arange(1, POINTS + 1)
    points = np.outer(np.sqrt(PRIMES[:dimensions]), steps) % 1
    folded: Floats = np.clip(np.abs(2 * points - 1), 1e-16, 1 - 1e-16)
    return folded


def _cholesky(matrix: Floats) -> Floats:
    """Lower root of a correlation that may be singular: a statistic without variance of its own gets a 0."""
    k = len(matrix)
    root = np.zeros((k, k))
    for j in range(k):
        left = matrix[j, j] - root[j, :j] @ root[j, :j]
        if left < DEGENERATE:
            continue
        root[j, j] = np.sqrt(left)
        root[j + 1 :, j] = (matrix[j + 1 :, j] - root[j + 1 :, :j] @ root[j, :j]) / root[j, j]
    return root
