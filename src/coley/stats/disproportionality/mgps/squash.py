"""Data squashing: pairs with the same count and nearly the same expected count become one point with a weight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Width of a bin in the logarithm of the expected count, for a count of none. The likelihood of a pair, in that
# logarithm, curves by at most (n + shape) / 4, so bins narrow as the root of n and every pair errs alike.
WIDTH = 0.15


@dataclass(frozen=True, eq=False)
class Points:
    """Pairs, or points that stand for several pairs.

    Attributes
    ----------
    n, expected, weight
        (points,) count, expected count, and how many pairs the point stands for.
    """

    n: Floats
    expected: Floats
    weight: Floats

    def __len__(self) -> int:
        return len(self.n)

    def thinned(self, most: int) -> Points:
        """Return at most so many of the points, evenly spread over them, with weights that make up for the rest."""
        if len(self) <= most:
            return self
        chosen = np.linspace(0, len(self) - 1, most).round().astype(np.intp)
        return Points(self.n[chosen], self.expected[chosen], self.weight[chosen] * (len(self) / most))


def distinct(n: Floats, expected: Floats) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Return different pairs in order of count and expected count, and the place of each pair among them.

    Examples
    --------
    >>> distinct(np.array([2.0, 1, 2]), np.array([0.5, 3, 0.5]))
    (array([1., 2.]), array([3. , 0.5]), array([1, 0, 1]))
    """
    order = np.lexsort((expected, n))
    n, expected = n[order], expected[order]
    new = np.r_[True, (n[1:] != n[:-1]) | (expected[1:] != expected[:-1])][: len(n)]
    place = np.empty(len(n), np.intp)
    place[order] = np.cumsum(new) - 1
    return n[new], expected[new], place


def squash(n: Floats, expected: Floats, *, width: float = WIDTH, weight: Floats | None = None) -> Points:
    """Merge pairs with the same count whose expected counts fall into one bin.

    A bin spans a factor exp(width / sqrt(1 + n)); its point lies at the geometric mean of the expected counts,
    so that the error in the log-likelihood is of second order in the width. With width 0 only equal pairs merge,
    and nothing is lost.

    Parameters
    ----------
    n, expected
        (pairs,) counts and positive expected counts.
    width
        Of the bins, in the logarithm of the expected count.
    weight
        (pairs,) of pairs that are points already; 1 if not said.

    Raises
    ------
    InvalidSetting
        Where the width is negative.

    References
    ----------
    DuMouchel and Pregibon 2001, section 3.1, with bins of equal width in place of equal numbers.

    Examples
    --------
    >>> squash(np.array([1.0, 1, 1, 2]), np.array([0.5, 0.501, 3.0, 0.5])).weight
    array([2., 1., 1.])
    """
    if not width >= 0:
        raise InvalidSetting(
            f"Bins cannot be {width!r} wide.", remedy="Choose 0 (equal pairs alone) or more."
        )
    log_e = np.log(expected)
    bins = np.floor(log_e * np.sqrt(1 + n) / width) if width else log_e
    order = np.lexsort((bins, n))
    n, log_e, bins = n[order], log_e[order], bins[order]
    if not len(n):
        return Points(n, log_e, log_e)
    first = np.flatnonzero(np.r_[True, (n[1:] != n[:-1]) | (bins[1:] != bins[:-1])])
    each = np.ones(len(n)) if weight is None else weight[order]
    total = np.add.reduceat(each, first)
    return Points(n[first], np.exp(np.add.reduceat(each * log_e, first) / total), total)
