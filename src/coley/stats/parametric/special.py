"""Incomplete gamma and beta functions in logarithms, also where the functions themselves underflow."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

HALF_LOG_TWO_PI = 0.9189385332046727
# Below this the ordinary functions lose digits to denormal numbers, and logarithms take over.
UNDERFLOW = 1e-290
# From here on four terms of Stirling's series are exact to rounding.
STIRLING = 16.0
# Terms of a series or of a continued fraction: far more than any place in the tails has needed.
TERMS = 2000


def stirling(a: Floats) -> Floats:
    """Return log gamma(a) less Stirling's (a - 1/2) log a - a + log(2 pi) / 2.

    Examples
    --------
    >>> stirling(np.array([1.0, 100.0])).round(8)
    array([0.08106147, 0.00083333])
    """
    from scipy.special import gammaln

    large = np.maximum(a, STIRLING)
    r = 1 / large
    series = r * (1 / 12 - r**2 * (1 / 360 - r**2 * (1 / 1260 - r**2 / 1680)))
    if (a >= STIRLING).all():
        return np.asarray(series)
    small = np.minimum(a, STIRLING)
    return np.where(
        a >= STIRLING, series, gammaln(small) - (small - 0.5) * np.log(small) + small - HALF_LOG_TWO_PI
    )


def log_gamma_kernel(a: Floats, log_ratio: Floats) -> Floats:
    """Return a log x - x - log gamma(a) for x = a exp(log_ratio), without the cancellation of large a."""
    with np.errstate(over="ignore"):
        return np.asarray(
            a * (log_ratio - np.expm1(log_ratio)) + 0.5 * np.log(a) - HALF_LOG_TWO_PI - stirling(a)
        )


def log_upper_gamma(a: Floats, log_ratio: Floats) -> Floats:
    """Return the logarithm of the regularised upper incomplete gamma Q(a, x) for x = a exp(log_ratio).

    Examples
    --------
    >>> log_upper_gamma(np.array([1.0, 1.0]), np.log([2.0, 2000.0])).round(6)
    array([   -2., -2000.])
    """
    from scipy.special import gammaincc

    return _log_tail(gammaincc, _upper_far, a, log_ratio)


def log_lower_gamma(a: Floats, log_ratio: Floats) -> Floats:
    """Return the logarithm of the regularised lower incomplete gamma P(a, x) for x = a exp(log_ratio).

    Examples
    --------
    >>> log_lower_gamma(np.array([1.0, 50.0]), np.log([1.0, 1e-9])).round(6).tolist()
    [-0.458675, -989.039909]
    """
    from scipy.special import gammainc

    return _log_tail(gammainc, _lower_far, a, log_ratio)


def _log_tail(
    function: Callable[[Floats, Floats], Floats],
    far: Callable[[Floats, Floats], Floats],
    a: Floats,
    log_ratio: Floats,
) -> Floats:
    a, log_ratio = np.broadcast_arrays(a, log_ratio)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        value = function(a, a * np.exp(log_ratio))
        out: Floats = np.log(value)
        deep = value < UNDERFLOW
        if deep.any():
            out = np.where(deep, -np.inf, out)
            out[deep] = far(a[deep], log_ratio[deep])
    return out


def _upper_far(a: Floats, log_ratio: Floats) -> Floats:
    """Legendre's continued fraction, evaluated from the front (Lentz)."""
    x = a * np.exp(log_ratio)
    b = x + 1 - a
    c, d = np.full_like(x, 1e300), 1 / b
    h = d
    for i in range(1, TERMS):
        an = -i * (i - a)
        b = b + 2
        d = 1 / (an * d + b)
        c = b + an / c
        change = c * d
        h = h * change
        if not (np.abs(change - 1) > 1e-15).any():  # NaN where x is infinite
            break
    return np.where(np.isfinite(x), log_gamma_kernel(a, log_ratio) + np.log(h), -np.inf)


def _lower_far(a: Floats, log_ratio: Floats) -> Floats:
    x = a * np.exp(log_ratio)
    term = np.ones_like(x)
    total = term
    for i in range(1, TERMS):
        term = term * x / (a + i)
        total = total + term
        if (term <= 1e-16 * total).all():
            break
    return np.asarray(log_gamma_kernel(a, log_ratio) - np.log(a) + np.log(total))


def log_lower_beta(a: Floats, b: Floats, log_odds: Floats) -> Floats:
    """Return the logarithm of the regularised incomplete beta I(a, b) at y with logit `log_odds`.

    Examples
    --------
    >>> log_lower_beta(np.array([1.0, 400.0]), np.array([1.0, 2.0]), np.array([0.0, -5.0])).round(6).tolist()
    [-0.693147, -1996.698877]
    """
    from scipy.special import betainc, betaln, expit

    a, b, log_odds = np.broadcast_arrays(a, b, log_odds)
    with np.errstate(divide="ignore", invalid="ignore", under="ignore"):
        y = expit(log_odds)
        value = betainc(a, b, y)
        out: Floats = np.log(value)
        deep = value < UNDERFLOW
        if deep.any():
            a, b, y, odds = a[deep], b[deep], y[deep], log_odds[deep]
            term = np.ones_like(y)
            total = term
            for i in range(TERMS):  # y^a (1 - y)^b / (a B(a, b)) times 2F1(a + b, 1; a + 1; y)
                term = term * y * (a + b + i) / (a + 1 + i)
                total = total + term
                if (term <= 1e-16 * total).all():
                    break
            front = a * -np.logaddexp(0, -odds) - b * np.logaddexp(0, odds)
            out = np.where(deep, -np.inf, out)
            out[deep] = front - np.log(a) - betaln(a, b) + np.log(total)
    return out
