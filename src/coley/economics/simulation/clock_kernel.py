"""Luck, clocks and discounting inside the loops of the simulation; numba, imported only when one is run.

Luck is counted, not drawn in turn: the number for (seed, draw, patient, event) is a hash of the four. So strategies
share it, any part can be run alone, and threads change nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(function: Kernel) -> Kernel:
    """Return the function compiled, free of the interpreter's lock."""
    return cast(Kernel, njit(cache=True, nogil=True, error_model="numpy")(function))


def inlined(function: Kernel) -> Kernel:
    """Return the function as a part of whatever calls it."""
    return cast(Kernel, njit(inline="always", nogil=True, error_model="numpy")(function))


EXPONENTIAL, WEIBULL, WEIBULL_PH, GOMPERTZ, LOG_NORMAL, LOG_LOGISTIC, TABLE, NEVER = range(8)
LOOKED_UP = -1  # a hazard that differs between patients

# The finaliser of SplitMix64 (Steele, Lea, Flood. OOPSLA 2014) and its increment.
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
S30, S27, S31, S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
ONE = np.uint64(1)
TO_UNIT = 2.0**-53

# Wichura MJ. Algorithm AS 241: the percentage points of the normal distribution. Appl Stat 1988;37:477-484.
# fmt: off
A = (3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
     4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3)
B = (1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3, 2.1213794301586595867e4,
     3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3)
C = (1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
     1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.7454501427834140764e-4)
D = (1.0, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1, 1.48103976427480074590e-1,
     1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9)
E = (6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
     2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.010334399292288133e-7)
F = (1.0, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2, 7.86869131145613259100e-4,
     1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15)
# fmt: on
SQRT2, HALF_LOG_TWO_PI = math.sqrt(2.0), 0.5 * math.log(2 * math.pi)


# What is known of a hazard, a row of `about`; all numbers lie in `data`, one after another. Two plain arrays, because
# counting references to more of them in and out of each call takes longer than the arithmetic.
(
    KIND, FORWARD, NUMBERS, NUMBERS_BY_DRAW, NUMBERS_BY_PATIENT, RATIO, RATIO_BY_DRAW, RATIO_BY_PATIENT,
    OFFSET, OFFSET_BY_PATIENT, TIMES, ROWS,
) = range(12)  # fmt: skip
COLUMNS = 12
NODES = 1024  # of a table: neighbours differ by 1.1 %, so that straight lines miss a time by less than one in 10^4


@compiled
def mixed(x: Any) -> Any:
    """Return a well mixed 64-bit number."""
    x = (x ^ (x >> S30)) * FIRST
    x = (x ^ (x >> S27)) * SECOND
    return x ^ (x >> S31)


@compiled
def stream(key: Any, number: int) -> Any:
    """Return the key of a stream below another: of a draw, then of a patient in it."""
    return mixed(key + GOLDEN * (np.uint64(number) + ONE))


@compiled
def uniform(key: Any, event: int) -> float:
    """Return a number above 0 and below 1 for an event of a stream."""
    x = mixed(key + GOLDEN * (np.uint64(event) + ONE))
    return (float(x >> S11) + 0.5) * TO_UNIT


@compiled
def polynomial(c: Any, x: float) -> float:
    """Return c[0] + c[1] x + ... + c[7] x^7."""
    return float(
        ((((((c[7] * x + c[6]) * x + c[5]) * x + c[4]) * x + c[3]) * x + c[2]) * x + c[1]) * x + c[0]
    )


@compiled
def normal_time(total: float) -> float:
    """Return z at which the cumulative hazard of a standard normal is `total`, exact in both tails."""
    survival = math.exp(-total)
    q = 0.5 - survival
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * polynomial(A, r) / polynomial(B, r)
    r = math.sqrt(total) if q > 0 else math.sqrt(-math.log(-math.expm1(-total)))
    top, bottom, x = (C, D, r - 1.6) if r <= 5 else (E, F, r - 5.0)
    z = polynomial(top, x) / polynomial(bottom, x)
    return z if q > 0 else -z


@compiled
def normal_hazard(z: float) -> float:
    """Return the cumulative hazard of a standard normal at z."""
    if z < 0:
        return -math.log1p(-0.5 * math.erfc(-z / SQRT2))
    if z < 37:
        return -math.log(0.5 * math.erfc(z / SQRT2))
    return 0.5 * z * z + math.log(z) + HALF_LOG_TWO_PI - math.log1p(-1 / (z * z))


@compiled
def first_at(times: Floats, t: float) -> int:
    """Return the first index at which times are t or later."""
    low, high = 0, len(times)
    while low < high:
        middle = (low + high) // 2
        if times[middle] < t:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def between(data: Floats, x: int, y: int, at: float) -> float:
    """Return y at a value of x, straight between nodes and beyond the last; infinite where x stands still.

    x and y are where in the data their NODES begin.
    """
    low, high = 0, NODES
    while low < high:
        middle = (low + high) // 2
        if data[x + middle] < at:
            low = middle + 1
        else:
            high = middle
    k = min(max(low, 1), NODES - 1)
    x, y = x + k, y + k
    step = data[x] - data[x - 1]
    if step <= 0:
        return math.inf if at > data[x] else float(data[y])
    return float(data[y - 1] + (data[y] - data[y - 1]) * (at - data[x - 1]) / step)


@compiled
def power(x: float, exponent: float) -> float:
    """Return x to an exponent above zero, for x not negative; twice as fast as pow, and as exact as a time need be."""
    return math.exp(exponent * math.log(x)) if x > 0 else 0.0


@compiled
def closed_hazard(kind: int, p: float, q: float, t: float) -> float:
    """Return the cumulative hazard of a family in closed form."""
    if kind == EXPONENTIAL:
        return p * t
    if kind == WEIBULL:
        return power(t / q, p)
    if kind == WEIBULL_PH:
        return q * power(t, p)
    if kind == GOMPERTZ:
        return q * (math.expm1(p * t) / p if p != 0 else t)
    if kind == LOG_NORMAL:
        return normal_hazard((math.log(t) - p) / q)
    return math.log1p(power(t / q, p))


@compiled
def closed_time(kind: int, p: float, q: float, total: float) -> float:
    """Return the time at which the cumulative hazard of a family in closed form is `total`; or infinity."""
    if kind == EXPONENTIAL:
        return total / p
    if kind == WEIBULL:
        return q * power(total, 1 / p)
    if kind == WEIBULL_PH:
        return power(total / q, 1 / p)
    if kind == GOMPERTZ:
        if p == 0:
            return total / q
        whole = p * total / q
        return math.log1p(whole) / p if whole > -1 else math.inf
    if kind == LOG_NORMAL:
        return math.exp(p + q * normal_time(total))
    return q * power(math.expm1(total), 1 / p)


@inlined
def numbers_at(about: Integers, data: Floats, j: int, d: int, n: int) -> int:
    """Return where the parameters, or the cumulative hazards of a table, of a draw and a patient begin."""
    at = about[j, NUMBERS] + d * about[j, NUMBERS_BY_DRAW] + n * about[j, NUMBERS_BY_PATIENT]
    return int(at + NODES * int(data[about[j, ROWS] + n]) if about[j, ROWS] >= 0 else at)


@inlined
def ratio_of(about: Integers, data: Floats, j: int, d: int, n: int) -> float:
    """Return by what the hazard is multiplied."""
    return float(data[about[j, RATIO] + d * about[j, RATIO_BY_DRAW] + n * about[j, RATIO_BY_PATIENT]])


@inlined
def accumulated(about: Integers, data: Floats, j: int, d: int, n: int, t: float) -> float:
    """Return the cumulative hazard at a time of the hazard's own clock."""
    kind = about[j, KIND]
    if kind == NEVER or t <= 0:
        return 0.0
    at, ratio = numbers_at(about, data, j, d, n), ratio_of(about, data, j, d, n)
    if kind == TABLE:
        return ratio * between(data, about[j, TIMES], at, t)
    return ratio * closed_hazard(kind, data[at], data[at + 1], t)


@inlined
def reached(about: Integers, data: Floats, j: int, d: int, n: int, total: float) -> float:
    """Return the time, on the hazard's own clock, at which the cumulative hazard is `total`; or infinity."""
    kind, ratio = about[j, KIND], ratio_of(about, data, j, d, n)
    if kind == NEVER or ratio <= 0:
        return math.inf
    at = numbers_at(about, data, j, d, n)
    if kind == TABLE:
        return between(data, at, about[j, TIMES], total / ratio)
    return closed_time(kind, data[at], data[at + 1], total / ratio)


@inlined
def latent(about: Integers, data: Floats, j: int, d: int, n: int, t: float, u: float) -> float:
    """Return when something would happen, after time t since the start, to a patient of luck u."""
    total, offset = -math.log(u), -t
    if about[j, FORWARD] > 0:
        offset = float(data[about[j, OFFSET] + n * about[j, OFFSET_BY_PATIENT]])
        total += accumulated(about, data, j, d, n, offset + t)
    return max(reached(about, data, j, d, n, total) - offset, t)


@compiled
def settle(about: Integers, data: Floats, d: int, kinds: Integers, known: Floats) -> None:
    """Note what of each hazard is the same for all patients of a draw, so that it is not looked up for each of them.

    Fills kinds (K,), LOOKED_UP where patients differ or the hazard is neither constant nor a power of time; and known
    (K, 4): of a cumulative hazard (t / scale)^shape, 1 / shape, log scale, shape, and the offset of its clock.
    """
    for j in range(len(about)):
        kind, ratio = about[j, KIND], ratio_of(about, data, j, d, 0)
        alike = (
            about[j, NUMBERS_BY_PATIENT] == 0
            and about[j, RATIO_BY_PATIENT] == 0
            and about[j, OFFSET_BY_PATIENT] == 0
        )
        if kind == NEVER or (alike and ratio <= 0):
            kinds[j] = NEVER
        elif not alike or kind > WEIBULL_PH:
            kinds[j] = LOOKED_UP
        else:
            at = numbers_at(about, data, j, d, 0)
            p = float(data[at])
            shape = 1.0 if kind == EXPONENTIAL else p
            force = p if kind == EXPONENTIAL else data[at + 1]  # scale, of WEIBULL
            kinds[j] = EXPONENTIAL if shape == 1 else WEIBULL
            known[j, 0] = 1 / shape
            known[j, 1] = (math.log(force) if kind == WEIBULL else -math.log(force) / shape) - math.log(
                ratio
            ) / shape
            known[j, 2] = shape
            known[j, 3] = data[about[j, OFFSET]] if about[j, FORWARD] > 0 else 0.0
            if shape == 1:
                known[j, 1] = math.exp(known[j, 1])  # no need of logarithms


@compiled
def due(about: Integers, data: Floats, j: int, d: int, n: int, t: float, u: float) -> float:
    """Return `latent`, called and not built in: a long kernel then compiles in a fraction of the time."""
    return latent(about, data, j, d, n, t, u)


@compiled
def factor(discount: Floats, t: float) -> float:
    """Return the discount factor; rows of `discount` are starts, forces, factors and areas at the starts."""
    k = discount.shape[1] - 1
    while k > 0 and t < discount[0, k]:
        k -= 1
    return float(discount[2, k]) * math.exp(-discount[1, k] * (t - discount[0, k]))


@compiled
def area(discount: Floats, t: float) -> float:
    """Return the discount factor integrated from 0 to t."""
    k = discount.shape[1] - 1
    while k > 0 and t < discount[0, k]:
        k -= 1
    force, level, before = float(discount[1, k]), float(discount[2, k]), float(discount[3, k])
    spent = t - float(discount[0, k])
    if force == 0:
        return before + level * spent
    return before - level * math.expm1(-force * spent) / force


@compiled
def summarise(block: Floats, out: Floats) -> None:
    """Fill out (4,) with means of costs and effects of a block (n, 2), and sums of squares about them."""
    n = len(block)
    cost = effect = 0.0
    for i in range(n):
        cost += block[i, 0]
        effect += block[i, 1]
    out[0], out[1] = cost / n, effect / n
    for i in range(n):
        out[2] += (block[i, 0] - out[0]) ** 2
        out[3] += (block[i, 1] - out[1]) ** 2
