"""Cubic regression splines of one parameter, and their tensor products for two or three."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from coley.stats.decision.penalised import Design

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Knots of each margin, by how many parameters there are: as flexible as thousands of draws can tell, and 7^2 or
# 5^3 columns at most. REML decides how much of it is used.
KNOTS = {1: 10, 2: 7, 3: 5}
MOST_LEVELS = 4  # values of a parameter that takes so few are levels, each with a mean of its own


def tensor_design(points: Floats, knots: int | None = None) -> Design:
    """Return the design of a smooth function of one to three parameters.

    Parameters
    ----------
    points
        Draws x parameters, (D, 1 to 3), each column with at least two values.
    knots
        Of each margin; where None, by the number of parameters.

    References
    ----------
    Wood SN. Low-rank scale-invariant tensor product smooths for generalized additive mixed models. Biometrics
    2006;62:1025-1036.
    """
    d = points.shape[1]
    margins = [_margin(points[:, j], KNOTS[d] if knots is None else knots) for j in range(d)]
    sizes = [len(penalty) for _, penalty in margins]
    penalties = []
    for j, (_, penalty) in enumerate(margins):
        if penalty.any():
            shape = [1] * d
            shape[j] = -1
            penalties.append(np.broadcast_to(penalty.reshape(shape), sizes).ravel())

    def rows(new: Floats) -> Floats:
        columns = margins[0][0](new[:, 0])
        for j in range(1, d):
            columns = (columns[:, :, None] * margins[j][0](new[:, j])[:, None, :]).reshape(len(new), -1)
        return columns

    return Design(rows, np.array(penalties).reshape(len(penalties), int(np.prod(sizes))))


def _margin(x: Floats, knots: int) -> tuple[Callable[[Floats], Floats], Floats]:
    levels = np.unique(x)
    if len(levels) <= MOST_LEVELS:

        def indicators(new: Floats) -> Floats:
            nearest = np.abs(new[:, None] - levels).argmin(axis=1)
            return np.asarray(np.eye(len(levels))[nearest])

        return indicators, np.zeros(len(levels))
    return _cubic(_spread(levels, min(knots, len(levels))))


def _spread(levels: Floats, count: int) -> Floats:
    """Return quantiles of values that are sorted and distinct already, at even steps from the first to the last."""
    at = np.linspace(0, len(levels) - 1, count)
    below = np.minimum(at.astype(np.int64), len(levels) - 2)
    return np.unique(levels[below] + (at - below) * (levels[below + 1] - levels[below]))


def _cubic(at: Floats) -> tuple[Callable[[Floats], Floats], Floats]:
    """Natural cubic spline whose coefficients are its values at the knots, turned to a diagonal penalty.

    References
    ----------
    Wood SN. Generalized additive models, 2nd ed. CRC 2017, section 5.3.1.
    """
    k, first, span = len(at), at[0], at[-1] - at[0]
    t = (at - first) / span
    h = np.diff(t)
    D = np.zeros((k - 2, k))
    B = np.zeros((k - 2, k - 2))
    for i in range(k - 2):
        D[i, i : i + 3] = 1 / h[i], -1 / h[i] - 1 / h[i + 1], 1 / h[i + 1]
        B[i, i] = (h[i] + h[i + 1]) / 3
        if i:
            B[i, i - 1] = B[i - 1, i] = h[i] / 6
    second = np.vstack([np.zeros(k), np.linalg.solve(B, D), np.zeros(k)])  # second derivatives at the knots
    values, turn = np.linalg.eigh(D.T @ second[1:-1])
    values[:2] = 0.0  # a constant and a straight line are free
    return _piecewise(t, _polynomials(h, second) @ turn, first, span), values


def _polynomials(h: Floats, second: Floats) -> Floats:
    """Return coefficients of powers of the way from each knot, (pieces, 4, k): a straight piece at either end.

    Between two knots a distance h apart with values f, g and second derivatives a, b the spline is
    f + ((g - f) / h - h (2 a + b) / 6) u + a / 2 u^2 + (b - a) / (6 h) u^3.
    """
    k = len(second)
    value = np.eye(k)
    wide = h[:, None]
    slope = np.diff(value, axis=0) / wide - wide * (2 * second[:-1] + second[1:]) / 6
    inner = np.stack([value[:-1], slope, second[:-1] / 2, np.diff(second, axis=0) / (6 * wide)], axis=1)
    last = (value[-1] - value[-2]) / h[-1] + h[-1] * (second[-2] + 2 * second[-1]) / 6
    none = np.zeros(k)
    return np.concatenate(
        [[np.stack([value[0], slope[0], none, none])], inner, [np.stack([value[-1], last, none, none])]]
    )


def _piecewise(t: Floats, pieces: Floats, first: float, span: float) -> Callable[[Floats], Floats]:
    """Return the function from values to columns; `t` are the knots brought to 0 ... 1."""
    start = np.r_[t[0], t]  # the piece before the first knot is measured from it, too

    def rows(new: Floats) -> Floats:
        x = (new - first) / span
        piece = np.searchsorted(t, x, side="right")
        piece -= x == t[-1]  # the last knot belongs to the piece before it
        order = np.argsort(piece.astype(np.int16), kind="stable")  # so that each piece is one product
        edges = np.searchsorted(piece[order], np.arange(len(pieces) + 1))
        powers = np.empty((4, len(x)))
        powers[0] = 1.0
        np.subtract(x[order], np.repeat(start, np.diff(edges)), out=powers[1])
        np.multiply(powers[1], powers[1], out=powers[2])
        np.multiply(powers[2], powers[1], out=powers[3])
        ordered = np.empty((len(x), pieces.shape[2]))
        for i, coefficients in enumerate(pieces):
            here = slice(edges[i], edges[i + 1])
            np.matmul(powers[:, here].T, coefficients, out=ordered[here])
        out = np.empty_like(ordered)
        out[order] = ordered
        return out

    return rows
