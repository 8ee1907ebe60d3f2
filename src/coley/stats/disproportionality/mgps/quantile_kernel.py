"""Quantiles of mixtures of gammas, pair by pair; numba, imported by no one until a score is asked for."""

from __future__ import annotations

from collections.abc import Callable
from math import erfc, exp, inf, isfinite, lgamma, log, pi, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from coley.stats.disproportionality.mgps.gamma_kernel import below, mass

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Mixtures = tuple[Floats, Floats, Floats]

compiled: Callable[[Callable[..., Any]], Callable[..., Any]] = njit(
    cache=True, nogil=True, error_model="numpy"
)
# A call that hands arrays over takes as long as a quarter of the work on a row.
inlined: Callable[[Callable[..., Any]], Callable[..., Any]] = njit(
    cache=True, nogil=True, error_model="numpy", inline="always"
)
# What is left to go, in the logarithm of the ratio, that is no digit that anybody reads. Halley's method leaves about
# the cube of its step, in units of the narrowest component.
CLOSE = 1e-13
# Two or three steps are usual; a posterior of several peaks is bisected in the end, to the last digit.
MAX_STEPS = 300
# No step is longer than this in the logarithm, which keeps the first ones inside the range of the numbers.
LONGEST = 5.0
# A shape near 0 spreads the logarithm over thousands; beyond this its exponential is no number.
FARTHEST = 600.0
# A mixture of distant peaks is too skewed for a correction of its guess by moments.
SKEWED = 1.0
# A component of this weight changes no digit of a probability.
NOTHING = 1e-18
# Closer than this part of a standard deviation a distribution is as straight as a normal quantile.
NEAR = 1e-2
# Far out on the normal scale its quantile means nothing; plain steps or bisection take over.
TAIL = 1e-12


@compiled
def _normal_quantile(p: float) -> float:
    """Return the standard normal quantile, right to nine digits: Abramowitz and Stegun 26.2.23, then Halley's step."""
    tail = min(p, 1 - p)
    t = sqrt(-2 * log(tail))
    z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
    step = (0.5 * erfc(z / sqrt(2.0)) - tail) * sqrt(2 * pi) * exp(0.5 * z * z)
    z += step / (1 - 0.5 * z * step)
    return -z if p < 0.5 else z


@compiled
def _log_moments(a: float) -> tuple[float, float, float]:
    """Return mean, variance and third cumulant of the logarithm of a gamma of rate 1, to about three digits."""
    mean = variance = third = 0.0
    while a < 3:
        mean -= 1 / a
        variance += 1 / (a * a)
        third -= 2 / (a * a * a)
        a += 1
    mean += log(a) - 1 / (2 * a) - 1 / (12 * a * a)
    variance += 1 / a + 1 / (2 * a * a) + 1 / (6 * a**3)
    third -= 1 / (a * a) + 1 / a**3
    return mean, variance, third


@inlined
def _guess(i: int, weights: Floats, logs: Floats, moments: Floats, z: float) -> float:
    """Return a quantile of the logarithm of a row's ratio, after its first three moments (Cornish and Fisher 1938)."""
    mean = square = cube = 0.0
    for j in range(weights.shape[1]):
        mean += weights[i, j] * (moments[j, 0] - logs[j, 0])
    for j in range(weights.shape[1]):
        off = moments[j, 0] - logs[j, 0] - mean
        square += weights[i, j] * (moments[j, 1] + off * off)
        cube += weights[i, j] * (moments[j, 2] + off * (3 * moments[j, 1] + off * off))
    skew = min(max(cube / square**1.5, -SKEWED), SKEWED)
    guess: float = mean + sqrt(square) * (z + skew * (z * z - 1) / 6)
    return min(max(guess, -FARTHEST), FARTHEST)


@inlined
def _distribution(i: int, t: float, mixtures: Mixtures, logs: Floats) -> tuple[float, float, float]:
    """Return the chance that a row's ratio is below exp(t), and its first two derivatives in t."""
    weights, shapes, rates = mixtures
    chance = density = slope = 0.0
    for j in range(weights.shape[1]):
        if weights[i, j] > NOTHING:
            a, x = shapes[i, j], rates[i, j] * exp(t)
            at = mass(a, x, logs[j, 0] + t, logs[j, 1])
            chance += weights[i, j] * below(a, x, at)
            density += weights[i, j] * a * at
            slope += weights[i, j] * a * at * (a - x)
    return chance, density, slope


@inlined
def _root(i: int, t: float, mixtures: Mixtures, logs: Floats, q: float, z: float) -> float:
    """Return the logarithm of a row's quantile, found from a guess.

    Halley's method: far from the answer on the scale of normal quantiles, on which distributions are nearly straight
    lines. A step out of the bracket, or one that does not halve the one before, gives way to bisection.
    """
    near_enough, narrowest = NEAR * exp(-0.5 * z * z) / sqrt(2 * pi), 1.0
    for j in range(mixtures[1].shape[1]):
        narrowest = max(narrowest, 1 + mixtures[1][i, j])
    low, high, moved = -inf, inf, inf
    for _ in range(MAX_STEPS):
        chance, density, slope = _distribution(i, t, mixtures, logs)
        if chance > q:
            high = t
        else:
            low = t
        near = abs(q - chance) < near_enough
        step = bend = inf
        if near:
            step, bend = (q - chance) / density, slope / density
        elif TAIL < chance < 1 - TAIL:
            normal = _normal_quantile(chance)
            rise = density * sqrt(2 * pi) * exp(0.5 * normal * normal)
            step, bend = (z - normal) / rise, slope / density + normal * rise
        if isfinite(step):
            step /= min(max(1 + 0.5 * step * bend, 0.5), 2.0)
        else:
            step = -LONGEST if chance > q else LONGEST
        new = t + min(max(step, -LONGEST), LONGEST)
        if near and abs(step) * min(step * step * narrowest, 1.0) < CLOSE:
            t = new
            break
        if not low < new < high or (high - low < inf and abs(new - t) > moved / 2):
            if high == inf:
                new = low + LONGEST
            elif low == -inf:
                new = high - LONGEST
            else:
                new = (low + high) / 2
        moved, t = abs(new - t), new
        if moved < CLOSE:
            break
    return t


@compiled
def solve(weights: Floats, shapes: Floats, rates: Floats, q: float) -> Floats:
    """Return the quantile of each row's mixture; NaN where a row is not known.

    A guess errs about as it did in the row before, if that has the same shapes: in order of n and of the expected
    count, one or two steps are enough.
    """
    rows, components = weights.shape
    answer, z, error = np.full(rows, np.nan), _normal_quantile(q), 0.0
    # of each component: logarithms of its rate and of Gamma(shape + 1), and moments of that of the ratio at rate 1
    logs, moments = np.empty((components, 2)), np.empty((components, 3))
    for i in range(rows):
        total = 0.0
        for j in range(components):
            total += weights[i, j]
            logs[j, 0] = log(rates[i, j])
            if i == 0 or shapes[i, j] != shapes[i - 1, j]:
                logs[j, 1] = lgamma(shapes[i, j] + 1)
                moments[j, 0], moments[j, 1], moments[j, 2] = _log_moments(shapes[i, j])
                error = 0.0
        if isfinite(total):
            guess = _guess(i, weights, logs, moments, z)
            t = _root(i, guess + error, (weights, shapes, rates), logs, q, z)
            answer[i], error = exp(t), t - guess
    return answer
