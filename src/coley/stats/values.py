"""The values that estimators return: an interval, a test."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its confidence limits; NaN where the data do not determine it.

    Attributes
    ----------
    value, low, high
        Estimate and limits, in the unit of the quantity.
    level
        Coverage of the interval.
    se
        Standard error on the scale on which the interval was made; NaN where there is none.
    """

    value: float
    low: float
    high: float
    level: float = 0.95
    se: float = float("nan")


@dataclass(frozen=True, slots=True)
class Test:
    """A test: its statistic, its degrees of freedom (NaN where it has none) and two-sided p."""

    statistic: float
    df: float
    p: float

    __test__ = False  # not a test class of pytest
