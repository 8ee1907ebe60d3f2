"""The loop over pairs that reads scores from curves; numba, imported by no one until there are many pairs."""

from __future__ import annotations

from collections.abc import Callable
from math import exp
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Places = NDArray[np.intp]

compiled: Callable[[Callable[..., Any]], Callable[..., Any]] = njit(
    cache=True, nogil=True, error_model="numpy"
)
# Ends of pieces may differ from each other by rounding.
EDGE = 1e-9


@compiled
def read(x: Floats, group: Places, pieces: tuple[Places, Floats, Floats, Floats]) -> Floats:
    """Return exponentials of the curves of each pair's group at its `x`; NaN where no piece of them lies.

    `pieces` are, in order of group and place: the first piece of each group (and the end of the last), the left end
    of each piece, half its length, and its coefficients, (pieces, terms, curves), in Chebyshev polynomials.
    """
    first, left, half, coefficients = pieces
    terms, curves = coefficients.shape[1:]
    answer, total = np.full((len(x), curves), np.nan), np.empty(curves)
    for i in range(len(x)):
        piece, end = first[group[i]], first[group[i] + 1]
        while end - piece > 1:
            middle = (piece + end) // 2
            if left[middle] <= x[i]:
                piece = middle
            else:
                end = middle
        if piece == end:
            continue
        u = (x[i] - left[piece]) / half[piece] - 1.0
        if not abs(u) < 1.0 + EDGE:
            continue
        before, now = u, 1.0  # T of degree -1 and 0
        total[:] = 0.0
        for k in range(terms):
            for c in range(curves):
                total[c] += coefficients[piece, k, c] * now
            before, now = now, 2 * u * now - before
        for c in range(curves):
            answer[i, c] = exp(total[c])
    return answer
