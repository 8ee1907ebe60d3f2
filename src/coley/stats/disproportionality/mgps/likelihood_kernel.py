"""The loop over pairs of the likelihood of MGPS; numba, imported by no one until a prior is fitted."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, expm1, log, log1p
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

compiled: Callable[[Callable[..., Any]], Callable[..., Any]] = njit(
    cache=True, nogil=True, error_model="numpy"
)
# The tail of a negative binomial is summed until its terms add no digit.
LAST_DIGIT = 1e-17


@compiled
def _listed(least: int, a: float, b: float, e: float, shrink: float) -> tuple[float, float, float]:
    """Return the chance of a count of at least `least`, and its slopes in log a and log b; `shrink`: log(1 + e / b)."""
    if least == 1:
        chance = -expm1(-a * shrink)
        none = 1 - chance
        return chance, none * a * shrink, -none * a * e / (b + e)
    ratio = e / (b + e)
    tail = (
        ratio < 0.5
    )  # then terms beyond the limit fall fast, and summing them loses no digit to a difference
    mass, harmonic = exp(-a * shrink), 0.0
    chance, in_a, in_b = (0.0, 0.0, 0.0) if tail else (1.0, 0.0, 0.0)
    sign, k = (1.0 if tail else -1.0), 0
    while k < least or tail:
        if (k >= least) == tail:
            chance += sign * mass
            in_a += sign * mass * a * (harmonic - shrink)
            in_b += sign * mass * (a * e - b * k) / (b + e)
        if k >= least and mass <= LAST_DIGIT * chance:
            break
        harmonic += 1 / (a + k)
        mass *= ratio * (a + k) / (k + 1)
        k += 1
    return chance, in_a, in_b


@compiled
def likelihood(
    points: tuple[Floats, Floats, Floats, NDArray[np.int64]],
    tables: tuple[Floats, Floats],
    prior: tuple[Floats, Floats, Floats],
    least: int,
    each: bool,
) -> tuple[float, Floats]:
    """Sum the log-likelihood and its gradient over points.

    `points` are counts, expected counts, weights and the place of each count in `tables`; these hold, for each
    distinct count and component, log Gamma(n + a) / Gamma(a) b^-n and digamma(n + a) - digamma(a).
    """
    n, expected, weight, place = points
    rising, slope = tables
    shapes, rates, p = prior
    value, gradient = 0.0, np.zeros(5)
    logs, d_a, d_b, listed = np.empty(2), np.empty(2), np.empty(2), np.empty((2, 3))
    log_p = np.log(p)
    for i in range(len(n)):
        e, w, row = expected[i], weight[i], place[i]
        for j in range(2):
            a, b = shapes[j], rates[j]
            shrink = log1p(e / b)
            logs[j] = rising[row, j] - (n[i] + a) * shrink + log_p[j]
            d_a[j] = a * (slope[row, j] - shrink)
            d_b[j] = (a * e - b * n[i]) / (b + e)
            if least > 0:
                chance, in_a, in_b = _listed(least, a, b, e, shrink)
                listed[j] = chance, in_a, in_b
                if each:
                    logs[j] -= log(chance)
                    d_a[j] -= in_a / chance
                    d_b[j] -= in_b / chance
        top, odds = max(logs[0], logs[1]), exp(-abs(logs[0] - logs[1]))
        share = (1.0 if logs[0] > logs[1] else odds) / (1 + odds)
        value += w * (top + log1p(odds))
        gradient[0] += w * share * d_a[0]
        gradient[1] += w * share * d_b[0]
        gradient[2] += w * (1 - share) * d_a[1]
        gradient[3] += w * (1 - share) * d_b[1]
        gradient[4] += w * (share - p[0])
        if least > 0 and not each:
            whole = p[0] * listed[0, 0] + p[1] * listed[1, 0]
            value -= w * log(whole)
            for j in range(2):
                gradient[2 * j] -= w * p[j] * listed[j, 1] / whole
                gradient[2 * j + 1] -= w * p[j] * listed[j, 2] / whole
            gradient[4] -= w * p[0] * p[1] * (listed[0, 0] - listed[1, 0]) / whole
    return value, gradient
