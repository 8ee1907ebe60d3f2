"""Scores of pairs that share a count lie on smooth curves over the expected count: a few points give all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.stats.disproportionality.mgps.squash import distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Places = NDArray[np.intp]
    Scores = Callable[[Floats, Floats], Floats]

# Of the polynomial of a piece of curve: fewer take more pieces, and more take longer to add up.
TERMS = 20
# A piece is good where so many of its last coefficients are this small: those that follow are smaller still.
LAST, CLOSE = 4, 1e-11
# Pairs that a piece must stand for, on average: then points never cost more than the pairs themselves would.
WORTH = 2 * TERMS


def along_curves(scores: Scores, n: Floats, expected: Floats) -> Floats:
    """Return scores of many pairs, computed at few.

    The logarithm of a score is interpolated in that of the expected count, by Chebyshev polynomials on pieces that
    are halved until the last coefficients vanish. Scores of pairs in pieces that stay rough, or whose count few
    other pairs share, are computed one by one.

    Parameters
    ----------
    scores
        Function of (points,) counts and expected counts that returns (points, scores), positive, and monotone and
        smooth in the expected count: an empirical Bayes posterior moves down as the expected count grows, so that
        nothing can hide between two points.
    n, expected
        (pairs,) counts and expected counts, NaN where not known.

    Returns
    -------
    Floats
        (pairs, scores), equal to those of the function to ten digits.

    References
    ----------
    Battles Z, Trefethen LN. An extension of MATLAB to continuous functions and operators. SIAM J Sci Comput
    2004;25:1743-1770.

    Examples
    --------
    >>> expected = np.geomspace(0.1, 10, 1000)
    >>> called = []
    >>> def mean(n, e):
    ...     called.append(len(e))
    ...     return ((n + 2) / (e + 2))[:, None]
    >>> found = along_curves(mean, np.full(1000, 3.0), expected)
    >>> bool(np.allclose(found[:, 0], 5 / (expected + 2), rtol=1e-10)), sum(called) < 100
    (True, True)
    """
    from coley.stats.disproportionality.mgps.curve_kernel import read

    counts, group, sizes = np.unique(n, return_inverse=True, return_counts=True)
    x = np.log(expected)
    low, high = np.full(len(counts), np.inf), np.full(len(counts), -np.inf)
    np.fmin.at(low, group, x)
    np.fmax.at(high, group, x)
    many = np.flatnonzero((sizes >= WORTH) & (high > low))
    whole = Pieces(many, low[many], (high - low)[many] / 2)
    density = np.divide(sizes, high - low, where=high > low, out=np.zeros(len(counts)))
    good, coefficients = _good_pieces(scores, whole, counts, density)
    first = np.searchsorted(good.group, np.arange(len(counts) + 1))
    answer: Floats = read(x, group, (first, good.left, good.half, coefficients))
    rest = np.isnan(answer).any(axis=1)
    rest_n, rest_expected, place = distinct(n[rest], expected[rest])
    answer[rest] = scores(rest_n, rest_expected)[place]
    return answer


@dataclass(frozen=True, eq=False)
class Pieces:
    """Pieces of curves: the group of each, its left end, and half its length."""

    group: Places
    left: Floats
    half: Floats

    def chosen(self, which: NDArray[np.bool_] | Places) -> Pieces:
        """Return some of the pieces."""
        return Pieces(self.group[which], self.left[which], self.half[which])

    def halved(self) -> Pieces:
        """Return the two halves of each piece."""
        left = np.column_stack([self.left, self.left + self.half]).ravel()
        return Pieces(np.repeat(self.group, 2), left, np.repeat(self.half / 2, 2))


def _good_pieces(scores: Scores, pieces: Pieces, counts: Floats, density: Floats) -> tuple[Pieces, Floats]:
    """Return pieces that are good, in order of group and place, and their coefficients, (pieces, TERMS, scores)."""
    degrees = np.arange(TERMS)
    angles = np.pi * degrees / (TERMS - 1)  # with both ends, lest a step hide between two pieces
    inner = np.where((degrees > 0) & (degrees < TERMS - 1), 1.0, 0.5)
    to_coefficients = np.cos(np.outer(degrees, angles)) * np.outer(inner, inner) * 2 / (TERMS - 1)
    found = []
    while True:
        points = np.exp(pieces.left[:, None] + pieces.half[:, None] * (1 + np.cos(angles)))
        values = scores(np.repeat(counts[pieces.group], TERMS), points.ravel())
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(values).reshape(len(points), TERMS, values.shape[1])
            coefficients = to_coefficients @ logs
            good = np.abs(coefficients[:, -LAST:]).max(axis=(1, 2)) < CLOSE
        found.append((pieces.chosen(good), coefficients[good]))
        pieces = pieces.chosen(~good & (pieces.half * density[pieces.group] >= WORTH)).halved()
        if not len(pieces.group):
            break
    group, left, half = (
        np.concatenate([getattr(piece, name) for piece, _ in found]) for name in ("group", "left", "half")
    )
    order = np.lexsort((left, group))
    return Pieces(group, left, half).chosen(order), np.concatenate([c for _, c in found])[order]
