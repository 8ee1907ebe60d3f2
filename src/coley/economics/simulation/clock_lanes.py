"""Clocks and discounts of many patients in one loop without a branch, which the processor runs eight at a time.

Library functions for logarithms and exponentials take one number; those here are plain arithmetic, exact to the last
digit or two, that compilers turn into vectors.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from coley.economics.simulation.clock_kernel import (
    EXPONENTIAL,
    compiled,
    inlined,
    uniform,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# log 2 in two parts, the first of few digits, so that whole multiples of it are exact.
LOG2_HIGH = math.ldexp(math.floor(math.ldexp(math.log(2.0), 33)), -33)
LOG2_LOW = 7.440617110012397e-11  # log 2 less that, to the digits that one float cannot hold beside it
TO_WHOLE = 1.5 * 2.0**52  # added and taken away again, it rounds
BITS, BIAS = 52, 1023  # of the fraction, and of the exponent, in IEEE 754
ROOT_HALF = np.int64(np.float64(math.sqrt(0.5)).view(np.int64))
FARTHEST = 700.0  # exponents beyond it are as good as 0 or without end
SMALLEST = 1e-300


@inlined
def log_of(x: float) -> float:
    """Return log x of an ordinary x above 0: 2 artanh((m - 1) / (m + 1)) of its fraction m, about 1, by its series."""
    bits = np.float64(x).view(np.int64)
    exponent = (bits - ROOT_HALF) >> BITS
    m = np.int64(bits - (exponent << BITS)).view(np.float64)
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    series = 1 / 21 + z * (1 / 23)
    series = 1 / 17 + z * (1 / 19 + z * series)
    series = 1 / 13 + z * (1 / 15 + z * series)
    series = 1 / 9 + z * (1 / 11 + z * series)
    series = 1 / 5 + z * (1 / 7 + z * series)
    series = z * (1 / 3 + z * series)
    whole = np.float64(exponent)
    return float(whole * LOG2_HIGH + (2.0 * (s + s * series) + whole * LOG2_LOW))


@inlined
def expm1_parts(x: float) -> tuple[float, float]:
    """Return 2^n, and exp(r) - 1 by its series, of x = n log 2 + r with r about 0."""
    x = FARTHEST if x > FARTHEST else (-FARTHEST if x < -FARTHEST else x)
    n = (x * (1.0 / math.log(2.0)) + TO_WHOLE) - TO_WHOLE
    r = (x - n * LOG2_HIGH) - n * LOG2_LOW
    series = 1 / 479001600 + r * (1 / 6227020800)
    series = 1 / 3628800 + r * (1 / 39916800 + r * series)
    series = 1 / 40320 + r * (1 / 362880 + r * series)
    series = 1 / 720 + r * (1 / 5040 + r * series)
    series = 1 / 24 + r * (1 / 120 + r * series)
    series = 0.5 + r * (1 / 6 + r * series)
    power = np.int64((np.int64(n) + BIAS) << BITS).view(np.float64)
    return power, r + r * r * series


@inlined
def exp_of(x: float) -> float:
    """Return exp x, for x no farther from 0 than FARTHEST; there it stops."""
    power, rest = expm1_parts(x)
    return power + power * rest


@inlined
def expm1_of(x: float) -> float:
    """Return exp x - 1, to all its digits where x is small."""
    power, rest = expm1_parts(x)
    return (power - 1.0) + power * rest


@compiled
def times_of(
    kind: int, forward: bool, known: Floats, luck: Any, event: int, t: Floats, count: int, out: Floats
) -> None:
    """Fill out[:count] with the times, since the start, of a move by a hazard that `settle` has noted in known (4,).

    Luck is that of each patient, t the time since the start at which each entered the state.
    """
    inverse, scale, shape, offset = known[0], known[1], known[2], known[3]
    # One function a loop: two do not fit into the registers.
    for i in range(count):
        out[i] = -log_of(uniform(luck[i], event))
    if kind == EXPONENTIAL:
        for i in range(count):
            out[i] = t[i] + out[i] * scale
        return
    if forward:
        for i in range(count):
            age = offset + t[i]
            spent = exp_of((log_of(age if age > SMALLEST else SMALLEST) - scale) * shape)
            out[i] += spent if age > 0 else 0.0
    for i in range(count):
        out[i] = log_of(out[i]) * inverse + scale
    for i in range(count):
        at = exp_of(out[i]) + (-offset if forward else t[i])
        out[i] = at if at > t[i] else t[i]


@compiled
def areas(discount: Floats, t: Floats, count: int, out: Floats) -> None:
    """Fill out[:count] with discount factors integrated from 0 to t: `clock_kernel.area`."""
    for k in range(discount.shape[1]):
        start, force, level, before = discount[0, k], discount[1, k], discount[2, k], discount[3, k]
        over = level / force if force > 0 else 0.0
        for i in range(count):
            span = t[i] - start
            value = before - over * expm1_of(-force * span) if force > 0 else before + level * span
            out[i] = value if k == 0 or span >= 0 else out[i]


@compiled
def nearer(times: Floats, move: int, count: int, when: Floats, moves: Any) -> None:
    """Take a move where it happens before what was to happen."""
    for i in range(count):
        first = times[i] < when[i]
        when[i] = times[i] if first else when[i]
        moves[i] = move if first else moves[i]


@compiled
def total_of(values: Floats, count: int) -> float:
    """Return a sum, in eight parts that do not wait for one another."""
    parts = np.zeros(8)
    whole = count - count % 8
    for i in range(0, whole, 8):
        for j in range(8):
            parts[j] += values[i + j]
    for i in range(whole, count):
        parts[0] += values[i]
    return float(parts.sum())
