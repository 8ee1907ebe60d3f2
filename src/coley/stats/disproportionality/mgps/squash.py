"""Data squashing: pairs with the same count and nearly the same expected count become two points with weights."""

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
WIDTH = 0.3
# Bins whose pairs differ by less than the root of this are one point: the rest is rounding.
SPREAD = 1e-18


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
        """Return at most so many of the points: the heaviest, and some of the others that stand for all of those."""
        if len(self) <= most:
            return self
        by_weight = np.argsort(-self.weight, kind="stable")
        light = np.sort(by_weight[most // 2 :])
        some = light[np.linspace(0, len(light) - 1, most - most // 2).round().astype(np.intp)]
        weight = self.weight.copy()
        weight[some] *= self.weight[light].sum() / self.weight[some].sum()
        chosen = np.sort(np.r_[by_weight[: most // 2], some])
        return Points(self.n[chosen], self.expected[chosen], weight[chosen])


def distinct(n: Floats, expected: Floats) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Return different pairs in order of count and expected count, and the place of each pair among them.

    Examples
    --------
    >>> distinct(np.array([2.0, 1, 2]), np.array([0.5, 3, 0.5]))
    (array([1., 2.]), array([3. , 0.5]), array([1, 0, 1]))
    """
    order = _order(n, expected)
    n, expected = n[order], expected[order]
    new = np.r_[True, (n[1:] != n[:-1]) | (expected[1:] != expected[:-1])][: len(n)]
    place = np.empty(len(n), np.intp)
    place[order] = np.cumsum(new) - 1
    return n[new], expected[new], place


def squash(n: Floats, expected: Floats, *, width: float = WIDTH, weight: Floats | None = None) -> Points:
    """Merge pairs with the same count whose expected counts fall into one bin.

    A bin spans a factor exp(width / sqrt(1 + n)). Two points stand for it, those of Gauss: number, mean, variance and
    skewness of the logarithms of its expected counts are kept, so that the error in the log-likelihood is of fourth
    order in the width. With width 0 only equal pairs merge, and nothing is lost.

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
    DuMouchel and Pregibon 2001, section 3.1, with bins of equal width in place of equal numbers, and points that keep
    four moments in place of one.

    Examples
    --------
    >>> squash(np.array([1.0, 1, 1, 1, 2]), np.array([0.5, 0.501, 0.502, 3.0, 0.5])).weight.round(2)
    array([1.5, 1.5, 1. , 1. ])
    """
    if not width >= 0:
        raise InvalidSetting(
            f"Bins cannot be {width!r} wide.", remedy="Choose 0 (equal pairs alone) or more."
        )
    order = _order(n, expected)
    n, log_e = n[order], np.log(expected[order])
    if not len(n):
        return Points(n, log_e, log_e)
    bins = np.floor(log_e * np.sqrt(1 + n) / width) if width else log_e
    first = np.flatnonzero(np.r_[True, (n[1:] != n[:-1]) | (bins[1:] != bins[:-1])])
    each = np.ones(len(n)) if weight is None else weight[order]
    total = np.add.reduceat(each, first)
    mean = np.add.reduceat(each * log_e, first) / total
    if not width:
        return Points(n[first], np.exp(mean), total)
    off = log_e - np.repeat(mean, np.diff(first, append=len(n)))
    square = each * off * off
    variance, third = (np.add.reduceat(x, first) / total for x in (square, square * off))
    two = variance > SPREAD
    # the points lie where off^2 = off * third / variance + variance
    lean = np.divide(third, 2 * variance, where=two, out=np.zeros(len(first)))
    far = lean + np.copysign(np.sqrt(lean**2 + variance), lean)
    near = np.divide(-variance, far, where=two, out=np.zeros(len(first)))
    low, high = np.minimum(near, far), np.maximum(near, far)
    share = np.divide(high, high - low, where=two, out=np.ones(len(first)))
    kept = np.column_stack([np.ones(len(first), bool), two])
    at = np.column_stack([mean + np.where(two, low, 0.0), mean + high])
    weights = np.column_stack([total * share, total * (1 - share)])
    return Points(np.repeat(n[first], kept.sum(axis=1)), np.exp(at[kept]), weights[kept])


def _order(n: Floats, expected: Floats) -> NDArray[np.intp]:
    """Return the order by count, and then by expected count; whole numbers that are small sort faster."""
    order = np.argsort(expected)
    counts = n[order]
    if len(n) and counts.max() < 2**16 and (counts == np.floor(counts)).all():
        counts = counts.astype(np.uint16)
    return order[np.argsort(counts, kind="stable")]
