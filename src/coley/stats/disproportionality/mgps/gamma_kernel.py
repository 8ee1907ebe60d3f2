"""The incomplete gamma function, for loops over pairs; numba, imported by no one until a score is asked for."""

from __future__ import annotations

from collections.abc import Callable
from math import erfc, exp, inf, log1p, pi, sqrt
from typing import Any

from numba import njit

compiled: Callable[[Callable[..., Any]], Callable[..., Any]] = njit(
    cache=True, nogil=True, error_model="numpy"
)
# Series and continued fraction stop here; and above this shape Stirling's series is exact to the last digit.
DIGITS, STIRLING = 1e-16, 30.0
# Above this shape Temme's expansion with two terms errs by less than 1e-12; below it a series needs few terms.
TEMME = 1e4
MAX_TERMS = 100_000


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
def mass(a: float, x: float, log_x: float, log_factorial: float) -> float:
    """Return x^a exp(-x) / Gamma(a + 1), of which large shapes need no logarithm: it would lose digits."""
    if x <= 0.0:
        return 0.0
    if a < STIRLING:
        return exp(a * log_x - x - log_factorial)
    correction = 1 / (12 * a) - 1 / (360 * a**3) + 1 / (1260 * a**5)
    return exp(-a * _bend((x - a) / a) - correction) / sqrt(2 * pi * a)


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
    lower: float = 0.5 * erfc(-eta * sqrt(a / 2)) - rest
    return lower


@compiled
def below(a: float, x: float, mass_at: float) -> float:
    """Return the regularised lower incomplete gamma function, by its series or its continued fraction."""
    if mass_at == 0.0:
        return 0.0 if x < a else 1.0
    if a > TEMME:
        lower: float = _by_temme(a, x)
        return lower
    if x < a + 1:
        term = total = 1.0
        for k in range(1, MAX_TERMS):
            term *= x / (a + k)
            total += term
            if term < DIGITS * total:
                break
        return mass_at * total
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
    return 1 - a * mass_at * h
