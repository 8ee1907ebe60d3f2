"""Quantiles of mixtures of gammas, pair by pair; numba, imported by no one until a score is asked for."""

from __future__ import annotations

from collections.abc import Callable
from math import erfc, exp, inf, isfinite, lgamma, log, log1p, pi, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

compiled: Callable[[Callable[..., Any]], Callable[..., Any]] = njit(
    cache=True, nogil=True, error_model="numpy"
)
# A step this small, in the logarithm of the ratio, changes no digit that anybody reads.
CLOSE = 1e-9
# Newton's method takes 2 to 5 steps; a posterior of several peaks is bisected in the end, to the last digit.
MAX_STEPS = 300
# No step is longer than this in the logarithm, which keeps the first ones inside the range of the numbers.
LONGEST = 5.0
# A shape near 0 spreads the logarithm over thousands; beyond this its exponential is no number.
FARTHEST = 600.0
# Series and continued fraction stop here; and above this shape Stirling's series is exact to the last digit.
DIGITS, STIRLING = 1e-16, 30.0
# Above this shape Temme's expansion with two terms errs by less than 1e-12; below it a series needs few terms.
TEMME = 1e4
MAX_TERMS = 100_000
# Far out on the normal scale its quantile means nothing; plain Newton or bisection take over.
TAIL = 1e-12


@compiled
def _bend(off: float) -> float:
    """Return off - log(1 + off), by its series where the difference would lose digits."""
    if abs(off) < 1e-2:
        series: float = (
            off * off * (0.5 - off * (1 / 3 - off * (0.25 - off * (0.2 - off * (1 / 6 - off / 7)))))
        )
        return series
    return off - log1p(off) if off > -1.0 else inf


@compiled
def _mass(a: float, x: float) -> float:
    """Return x^a exp(-x) / Gamma(a + 1), without a difference of large logarithms."""
    if x <= 0.0:
        return 0.0
    if a < STIRLING:
        return exp(a * log(x) - x - lgamma(a + 1))
    off = (x - a) / a
    correction = 1 / (12 * a) - 1 / (360 * a**3) + 1 / (1260 * a**5)
    return exp(-a * _bend(off) - correction) / sqrt(2 * pi * a)


@compiled
def _by_temme(a: float, x: float) -> float:
    """Return the lower incomplete gamma function of a large shape (Temme 1979; DLMF 8.12.3 and 8.12.9)."""
    off = (x - a) / a
    eta = sqrt(2 * _bend(off))
    eta = eta if off > 0 else -eta
    if abs(eta) * sqrt(a) > 40.0:
        return 0.0 if off < 0 else 1.0
    zeroth = -1 / 3 + eta * (1 / 12 - eta * (2 / 135 - eta * (1 / 864 + eta / 2835)))
    first = -1 / 540 - eta / 288
    rest = exp(-0.5 * a * eta * eta) / sqrt(2 * pi * a) * (zeroth + first / a)
    below: float = 0.5 * erfc(-eta * sqrt(a / 2)) - rest
    return below


@compiled
def _below(a: float, x: float, mass: float) -> float:
    """Return the regularised lower incomplete gamma function, by its series or its continued fraction."""
    if mass == 0.0:
        return 0.0 if x < a else 1.0
    if a > TEMME:
        below: float = _by_temme(a, x)
        return below
    if x < a + 1:
        term = total = 1.0
        for k in range(1, MAX_TERMS):
            term *= x / (a + k)
            total += term
            if term < DIGITS * total:
                break
        return mass * total
    # Lentz's method for the upper function
    b = x + 1 - a
    c, d = 1e300, 1 / b
    h = d
    for k in range(1, MAX_TERMS):
        an = -k * (k - a)
        b += 2
        d = 1 / (an * d + b)
        c = b + an / c
        h *= c * d
        if abs(c * d - 1) < DIGITS * 4:
            break
    return 1 - a * mass * h


@compiled
def _normal_quantile(p: float) -> float:
    """Return the standard normal quantile, right to 5e-4: a scale to step on (Abramowitz and Stegun 26.2.23)."""
    tail = min(p, 1 - p)
    t = sqrt(-2 * log(tail))
    z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
    return -z if p < 0.5 else z


@compiled
def _refined_quantile(p: float) -> float:
    """Return the standard normal quantile after one step of Newton's method."""
    z = _normal_quantile(p)
    refined: float = z - (0.5 * erfc(-z / sqrt(2.0)) - p) * sqrt(2 * pi) * exp(z * z / 2)
    return refined


@compiled
def _start(weights: Floats, shapes: Floats, rates: Floats, z: float) -> float:
    """Return the quantile of a normal with about the mean and variance that the logarithm of the ratio has."""
    mean = square = 0.0
    for j in range(len(weights)):
        a, centre, spread = shapes[j], 0.0, 0.0
        while a < 4:
            centre -= 1 / a
            spread += 1 / (a * a)
            a += 1
        centre += log(a) - 1 / (2 * a) - 1 / (12 * a * a) - log(rates[j])
        spread += 1 / a + 1 / (2 * a * a) + 1 / (6 * a**3)
        mean += weights[j] * centre
        square += weights[j] * (spread + centre * centre)
    return mean + z * sqrt(max(square - mean * mean, 0.0))


@compiled
def solve(weights: Floats, shapes: Floats, rates: Floats, q: float) -> Floats:
    """Return the quantile of each row's mixture; NaN where a row is not known.

    A row that has the shapes of the row before it starts from its answer: in order of n and of the expected
    count, neighbours are all but equal, and a step or two are enough.
    """
    rows, components = weights.shape
    answer, z = np.full(rows, np.nan), _refined_quantile(q)
    t = 0.0
    for i in range(rows):
        if not isfinite(weights[i].sum()):
            continue
        same = i > 0 and isfinite(answer[i - 1])
        for j in range(components):
            same = same and shapes[i, j] == shapes[i - 1, j]
        if not same:
            t = min(max(_start(weights[i], shapes[i], rates[i], z), -FARTHEST), FARTHEST)
        low, high = -inf, inf
        for _ in range(MAX_STEPS):
            below = density = 0.0
            for j in range(components):
                if weights[i, j] > 0.0:
                    x = rates[i, j] * exp(t)
                    mass = _mass(shapes[i, j], x)
                    below += weights[i, j] * _below(shapes[i, j], x, mass)
                    density += weights[i, j] * shapes[i, j] * mass
            if below == q:
                break
            if below > q:
                high = t
            else:
                low = t
            step = (q - below) / density if density > 0.0 else inf
            if abs(below - q) > 1e-4 and TAIL < below < 1 - TAIL and density > 0.0:
                normal = _refined_quantile(below)
                step = (z - normal) * exp(-0.5 * normal * normal) / (density * sqrt(2 * pi))
            if not isfinite(step):
                step = -LONGEST if below > q else LONGEST
            new = t + min(max(step, -LONGEST), LONGEST)
            if not low < new < high:
                if high == inf:
                    new = low + LONGEST
                elif low == -inf:
                    new = high - LONGEST
                else:
                    new = (low + high) / 2
            moved = abs(new - t)
            t = new
            if moved < CLOSE:
                break
        answer[i] = exp(t)
    return answer
