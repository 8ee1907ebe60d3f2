"""How many zeros of each column are more than a Poisson distribution explains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# The score in each column is bisected to this width.
STEPS = 60


def zero_chances(counts: Floats, expected: Floats) -> Floats:
    """Return each column's chance of a structural zero, by maximum likelihood.

    Every cell has its own signal, not below one, fitted by maximum likelihood; a column shares one chance that a
    cell can hold nothing but zero. The log-likelihood is concave in that chance.

    Parameters
    ----------
    counts, expected
        (rows, columns).

    References
    ----------
    Chakraborty, Liu, Ball and Markatou 2022, section 3.2.

    Examples
    --------
    >>> zero_chances(np.array([[0.0], [0.0], [0.0], [8.0]]), np.full((4, 1), 2.0)).round(3)
    array([0.711])
    """
    none = (counts == 0) & (expected > 0)
    known = expected > 0
    chance = -np.expm1(-expected)  # of a count that is not zero, in a cell that is not structural
    low, high = np.zeros(counts.shape[1]), np.ones(counts.shape[1])

    def slope(omega: Floats) -> Floats:
        with np.errstate(divide="ignore", over="ignore"):
            gain = np.where(none, chance / (omega * chance + np.exp(-expected)), 0.0).sum(axis=0)
        total: Floats = gain - (known & ~none).sum(axis=0) / (1 - omega)
        return total

    rises = slope(low) > 0
    for _ in range(STEPS):
        middle = (low + high) / 2
        up = slope(middle) > 0
        low, high = np.where(up, middle, low), np.where(up, high, middle)
    return np.where(rises, low, 0.0)
