"""The values that estimators return: an interval, a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


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


@dataclass(frozen=True, eq=False)
class Intervals:
    """Many estimates with their limits; NaN where nobody was counted.

    Indexed by a number (or iterated over), it gives an `Interval`.

    Attributes
    ----------
    value, low, high
        Arrays of one shape, at least one long.
    level
        Coverage of each interval.
    """

    value: Floats
    low: Floats
    high: Floats
    level: float

    def __len__(self) -> int:
        return len(self.value)

    def __getitem__(self, index: int) -> Interval:
        return Interval(float(self.value[index]), float(self.low[index]), float(self.high[index]), self.level)


@dataclass(frozen=True, slots=True)
class Test:
    """A test: its statistic, its degrees of freedom (NaN where it has none) and two-sided p."""

    statistic: float
    df: float
    p: float

    __test__ = False  # not a test class of pytest
