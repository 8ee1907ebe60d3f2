"""Intervals of measures that lie between 0 and 1, from a standard error."""

from __future__ import annotations

from math import exp, isfinite, log

from coley.stats.tails import z_of
from coley.stats.values import Interval

NAN = float("nan")


def logit_interval(value: float, se: float, *, level: float) -> Interval:
    """Return the interval that is symmetric on the logit scale; its `se` is that of the logit.

    It stays within 0 and 1. The limits are NaN where the value is 0 or 1 or the standard error is 0: no
    spread was seen, and none can be inferred.

    Examples
    --------
    >>> found = logit_interval(0.8, 0.05, level=0.95)
    >>> round(found.low, 3), round(found.high, 3)
    (0.684, 0.881)
    """
    z = z_of(level)
    if not (0 < value < 1 and se > 0 and isfinite(se)):
        return Interval(value, NAN, NAN, level)
    centre, spread = log(value / (1 - value)), se / (value * (1 - value))
    low, high = (1 / (1 + exp(-(centre + side * z * spread))) for side in (-1, 1))
    return Interval(value, low, high, level, spread)


def wald_interval(
    value: float, se: float, *, level: float, least: float = -float("inf"), most: float = float("inf")
) -> Interval:
    """Return the symmetric interval, cut off at the range of the measure; NaN limits without a spread.

    Examples
    --------
    >>> found = wald_interval(0.9, 0.1, level=0.95, most=1.0)
    >>> round(found.low, 3), found.high
    (0.704, 1.0)
    """
    half = z_of(level) * se
    if not (se > 0 and isfinite(se)):
        return Interval(value, NAN, NAN, level)
    return Interval(value, max(value - half, least), min(value + half, most), level, se)
