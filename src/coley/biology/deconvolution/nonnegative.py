"""Kernels: non-negative least squares from normal equations, and the same with a cap on the sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Share of the largest gradient below which a gradient counts as zero; rounding leaves about 1e-15.
ZERO = 1e-13


@njit(cache=True)
def _solve(gram: Floats, cross: Floats, at: NDArray[np.int64], m: int, low: Floats, out: Floats) -> bool:
    """Solve the equations of the first `m` columns of `at` by Cholesky; False where they are dependent."""
    for i in range(m):
        for j in range(i + 1):
            s = gram[at[i], at[j]]
            for k in range(j):
                s -= low[i, k] * low[j, k]
            if i == j:
                if s <= ZERO:
                    return False
                low[i, i] = np.sqrt(s)
            else:
                low[i, j] = s / low[j, j]
    for i in range(m):
        s = cross[at[i]]
        for k in range(i):
            s -= low[i, k] * out[k]
        out[i] = s / low[i, i]
    for i in range(m - 1, -1, -1):
        s = out[i]
        for k in range(i + 1, m):
            s -= low[k, i] * out[k]
        out[i] = s / low[i, i]
    return True


@njit(cache=True)
def nnls(gram: Floats, cross: Floats) -> Floats:
    """Minimise x'Gx/2 - c'x over x >= 0 by the active set method of Lawson and Hanson (1974, ch. 23).

    Parameters
    ----------
    gram
        (k, k) positive semi-definite, A'A.
    cross
        (k,) A'b.
    """
    k = len(cross)
    size = np.empty(k)
    for j in range(k):
        size[j] = np.sqrt(gram[j, j]) if gram[j, j] > 0 else 1.0
    G, c = np.empty((k, k)), cross / size  # columns of length one, so that one tolerance serves them all
    for i in range(k):
        for j in range(k):
            G[i, j] = gram[i, j] / (size[i] * size[j])
    x, out, low = np.zeros(k), np.empty(k), np.empty((k, k))
    free, barred, at = np.zeros(k, np.bool_), np.zeros(k, np.bool_), np.empty(k, np.int64)
    least = ZERO * np.abs(c).max()
    gradient = c.copy()
    for _ in range(20 * k):
        best, top = -1, least
        for j in range(k):
            if not free[j] and not barred[j] and gradient[j] > top:
                best, top = j, gradient[j]
        if best < 0:
            break
        free[best] = True
        first = True
        while True:
            m = 0
            for j in range(k):
                if free[j]:
                    at[m] = j
                    m += 1
            solved = _solve(G, c, at, m, low, out)
            if first:
                # A column that rounding alone let in would leave at once: bar it until something moves.
                entered = -1.0
                for i in range(m):
                    if at[i] == best:
                        entered = out[i]
                if not solved or entered <= 0:
                    free[best], barred[best] = False, True
                    break
                first = False
            step, leaves = 1.0, -1
            for i in range(m):
                if out[i] <= 0:
                    length = x[at[i]] / (x[at[i]] - out[i])
                    if length < step:
                        step, leaves = length, at[i]
            for i in range(m):
                x[at[i]] += step * (out[i] - x[at[i]])
            if leaves < 0:
                barred[:] = False
                break
            x[leaves], free[leaves] = 0.0, False
            for i in range(m):
                if x[at[i]] <= 0:
                    x[at[i]], free[at[i]] = 0.0, False
        gradient = c - G @ x
    return x / size


@njit(cache=True)
def capped(gram: Floats, cross: Floats, square: Floats) -> Floats:
    """Minimise |A f - b|^2 over f >= 0 with sum(f) <= 1, for many b at once.

    Where the cap binds, A f - b = (A - b 1') f, and the minimiser over the simplex is the direction of the
    non-negative least squares solution of [A - b 1'; 1'] g = [0; 1], scaled to sum one: exact, no penalty.

    Parameters
    ----------
    gram
        (k, k) A'A.
    cross
        (n, k) rows b'A.
    square
        (n,) b'b.
    """
    n, k = cross.shape
    found = np.empty((n, k))
    for i in range(n):
        f = nnls(gram, cross[i])
        if f.sum() > 1.0:
            shifted = np.empty((k, k))
            # Weight of the row of ones; any positive one gives the same direction, this one is of their size.
            unit = np.trace(gram) / k + square[i]
            for p in range(k):
                for q in range(k):
                    shifted[p, q] = gram[p, q] - cross[i, p] - cross[i, q] + square[i] + unit
            f = nnls(shifted, np.full(k, unit))
            f = f / f.sum()
        found[i] = f
    return found
