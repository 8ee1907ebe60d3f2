"""External data: survivors of a registry by interval, and a curve held against them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coley.stats.proportions import wilson
from coley.stats.tails import chi2_tail, z_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.projection.curve import Curve

    Floats = NDArray[np.float64]

NOBODY = 1e-300  # stands for a survival of none, in logarithms


@dataclass(frozen=True, eq=False)
class Counts:
    """Survivors of an external population by interval, on the clock of a curve.

    Attributes
    ----------
    start_years, stop_years
        (K,) ends of the intervals, in order and not over each other.
    at_risk, survivors
        (K,) alive at the start of each, and of them at its end.
    source
        Registry or paper.
    """

    start_years: Floats
    stop_years: Floats
    at_risk: Floats
    survivors: Floats
    source: str = ""

    @property
    def deaths(self) -> float:
        """Deaths in all intervals."""
        return float((self.at_risk - self.survivors).sum())

    def within(self, years: float) -> Counts:
        """Return the intervals that end by a time."""
        kept = self.stop_years <= years
        return replace(
            self,
            start_years=self.start_years[kept],
            stop_years=self.stop_years[kept],
            at_risk=self.at_risk[kept],
            survivors=self.survivors[kept],
        )


@dataclass(frozen=True, eq=False)
class Seen:
    """What a registry saw at times, with limits; NaN where nothing determines them.

    Attributes
    ----------
    times_years, value, low, high
        (K,) each.
    """

    times_years: Floats
    value: Floats
    low: Floats
    high: Floats


def lived_through(curve: Curve, counts: Counts) -> Floats:
    """Return the share of those alive at the start of each interval whom a curve lets live through it, (K,).

    Parameters
    ----------
    curve
        One draw; its survival is read linearly between the times of its grid.
    counts
        Of the registry.

    Examples
    --------
    >>> from coley.economics.projection.curve import curve
    >>> half = curve([0, 1, 2, 3], [1.0, 0.5, 0.25, 0.125])
    >>> lived_through(half, Counts(np.array([1.0]), np.array([3.0]), np.array([9.0]), np.array([2.0])))
    array([0.25])
    """
    begin, end = (_alive(curve, at) for at in (counts.start_years, counts.stop_years))
    return np.asarray(end / begin, dtype=np.float64)


def expected_deaths(curve: Curve, counts: Counts) -> float:
    """Return the deaths that a curve expects among the people of a registry.

    Examples
    --------
    >>> from coley.economics.projection.curve import curve
    >>> half = curve([0, 1, 2, 3], [1.0, 0.5, 0.25, 0.125])
    >>> expected_deaths(half, Counts(np.array([1.0]), np.array([3.0]), np.array([8.0]), np.array([2.0])))
    6.0
    """
    return float(counts.at_risk @ (1 - lived_through(curve, counts)))


def out_of_step(curve: Curve, counts: Counts) -> tuple[float, int]:
    """Return how probable deaths so unlike those of a curve would be by chance, and the interval that is most unlike.

    Pearson's chi-squared over the intervals, each with its own chance of death; a curve that was fitted to the counts
    lies closer to them than one that was not, which is not allowed for.

    Examples
    --------
    >>> from coley.economics.projection.curve import curve
    >>> half = curve([0, 1, 2, 3], [1.0, 0.5, 0.25, 0.125])
    >>> ends = np.array([1.0, 2.0, 3.0])
    >>> p, worst = out_of_step(half, Counts(ends[:-1], ends[1:], np.array([100.0, 50]), np.array([50.0, 40])))
    >>> round(p, 5), worst
    (0.00012, 1)
    """
    lived = lived_through(curve, counts)
    spread = np.sqrt(np.maximum(counts.at_risk * lived * (1 - lived), NOBODY))
    apart = (counts.survivors - counts.at_risk * lived) / spread
    return chi2_tail(float(apart @ apart), len(apart)), int(np.abs(apart).argmax())


def shares(counts: Counts, *, level: float = 0.95) -> Seen:
    """Return the share of each interval's people who lived through it, at its end, with Wilson's limits."""
    found = wilson(counts.survivors, counts.at_risk, level=level)
    return Seen(counts.stop_years, counts.survivors / counts.at_risk, found.low, found.high)


def continued(curve: Curve, counts: Counts, *, level: float = 0.95) -> Seen:
    """Return survival at the ends of the intervals as a registry's people would continue a curve.

    From where the registry begins it is the curve's times what its people lived through, interval by interval; limits
    are Greenwood's on the logarithm, of the registry alone. Over a gap between intervals it falls as the curve does.

    Examples
    --------
    >>> from coley.economics.projection.curve import curve
    >>> half = curve([0, 1, 2], [1.0, 0.5, 0.25])
    >>> continued(half, Counts(np.array([1.0]), np.array([2.0]), np.array([10.0]), np.array([8.0]))).value
    array([0.4])
    """
    begin, end = (np.log(_alive(curve, at)) for at in (counts.start_years, counts.stop_years))
    gaps = begin - np.r_[0.0, end[:-1]]  # before the first interval, and between two
    share = counts.survivors / counts.at_risk
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.cumsum(gaps + np.log(share))
        half = z_of(level) * np.sqrt(np.cumsum((1 - share) / (share * counts.at_risk)))
        low, high = np.exp(logs - half), np.minimum(np.exp(logs + half), 1.0)
    alive = np.exp(logs)
    known = alive > 0
    return Seen(counts.stop_years, alive, np.where(known, low, np.nan), np.where(known, high, np.nan))


def hazards(counts: Counts, *, level: float = 0.95) -> Seen:
    """Return deaths per year at risk in the middle of each interval that somebody survived, with limits.

    The hazard is taken as constant within an interval; limits are those of the share that lived through it.

    Examples
    --------
    >>> hazards(Counts(np.array([1.0]), np.array([2.0]), np.array([100.0]), np.array([90.0]))).value.round(4)
    array([0.1054])
    """
    lived, width = shares(counts, level=level), counts.stop_years - counts.start_years
    with np.errstate(divide="ignore"):
        rate, high, low = (np.abs(np.log(share)) / width for share in (lived.value, lived.low, lived.high))
    known = np.isfinite(rate)
    middle = (counts.start_years + counts.stop_years) / 2
    return Seen(middle[known], rate[known], low[known], np.where(np.isfinite(high), high, np.nan)[known])


def _alive(curve: Curve, at: Floats) -> Floats:
    return np.asarray(np.interp(at, curve.times_years, np.maximum(curve.survival[0], NOBODY)))
