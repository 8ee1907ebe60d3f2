"""Times to onset without a model: quantiles, and the dose before which each event came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.onset.times import OnsetTimes
from coley.stats.proportions import WILSON, wilson
from coley.stats.tails import z_of
from coley.stats.values import Intervals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from coley.stats.onset.times import Floats

HAHN_MEEKER = "Hahn GJ, Meeker WQ. Statistical intervals: a guide for practitioners. New York: Wiley; 1991."
HYNDMAN = "Hyndman RJ, Fan Y. Sample quantiles in statistical packages. Am Stat 1996;50:361-365."


@method(
    "onset_quantiles",
    title="Sample quantiles with distribution-free intervals",
    summary="Median and quartiles of times to onset, with limits that are times of other reports.",
    needs="days from start to event, one a report",
    limits="Describes reports as they are: events after the data were closed are missed. Few reports set no limit.",
    references=(HYNDMAN, HAHN_MEEKER),
)
def onset_quantiles(
    days: ArrayLike, shares: Sequence[float] = (0.25, 0.5, 0.75), *, level: float = 0.95
) -> Intervals:
    """Return sample quantiles of times to onset with intervals from order statistics.

    Parameters
    ----------
    days
        Whole days from start to event, one a report (count a report once, however many of its rows say so).
    shares
        Of which quantiles are wanted.
    level
        Coverage, at least; a limit is NaN where there are too few reports to set it.

    Raises
    ------
    UnreadableInput
        Where a day is missing, negative or not whole.
    NotEstimable
        Where there is no report.
    InvalidSetting
        Where a share is not between 0 and 1.

    References
    ----------
    Hyndman and Fan 1996, definition 7; Hahn and Meeker 1991, section 5.2.

    Examples
    --------
    >>> found = onset_quantiles([3, 5, 9, 14, 20, 21, 30, 60, 61, 90])
    >>> found.value, found.low, found.high
    (array([10.25, 20.5 , 52.5 ]), array([nan,  5., 20.]), array([21., 61., nan]))
    """
    wanted = np.asarray(shares, dtype=float)
    if not ((wanted > 0) & (wanted < 1)).all():
        raise InvalidSetting(f"Quantiles are of shares between 0 and 1, not {list(shares)}.")
    z_of(level)
    times = OnsetTimes.of(days)
    ordered = np.repeat(times.begin, times.weight.astype(int))
    low, high = _ranks(len(ordered), wanted, (1 - level) / 2)
    padded = np.concatenate([[np.nan], ordered, [np.nan]])
    return Intervals(np.quantile(ordered, wanted), padded[low], padded[high], level)


def _ranks(n: int, shares: Floats, tail: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the ranks of the limits (from 1; 0 and n + 1 where there is none), exact by the binomial.

    The r-th smallest lies above the quantile with the chance that fewer than r of n lie below it.
    """
    from scipy.special import bdtr

    fewer = bdtr(np.arange(n)[:, None], n, shares)  # row r - 1: P(fewer than r below)
    low = (fewer <= tail).sum(axis=0)
    high = 1 + n - (fewer >= 1 - tail).sum(axis=0)
    return low, np.where(fewer[-1] >= 1 - tail, high, n + 1)


@dataclass(frozen=True, eq=False)
class OnsetByDose:
    """Reports by the last dose before the event.

    Attributes
    ----------
    dose
        1, 2 and so on, up to the largest seen.
    reports
        Events after that dose and before the next.
    share
        Of all reports, with Wilson intervals.
    """

    dose: NDArray[np.intp]
    reports: NDArray[np.intp]
    share: Intervals


def dose_number(days: ArrayLike, every: float) -> NDArray[np.intp]:
    """Return the number of the last dose given by the day of the event, under a regular schedule.

    An event on the day of a dose counts after it.

    Parameters
    ----------
    days
        Whole days from the first dose to the event.
    every
        Days between doses (21 for every three weeks).

    Raises
    ------
    InvalidSetting
        Where `every` is not positive.
    UnreadableInput
        Where a day is missing, negative or not whole.

    Examples
    --------
    >>> dose_number([0, 20, 21, 50], 21)
    array([1, 1, 2, 3])
    """
    if not every > 0:
        raise InvalidSetting(f"Doses cannot be {every!r} days apart.", remedy="21 for one every three weeks.")
    OnsetTimes.of(days)
    number: NDArray[np.intp] = (
        np.floor_divide(np.atleast_1d(np.asarray(days, float)), every).astype(np.intp) + 1
    )
    return number


@method(
    "onset_by_dose",
    title="Onset by number of doses",
    summary="Shares of reports by the number of doses given before the event, under a regular schedule.",
    needs="days from first dose to event, and the days between doses",
    limits="The schedule is assumed: doses that were delayed or left out are not known to it.",
    references=(WILSON,),
)
def onset_by_dose(days: ArrayLike, every: float, *, level: float = 0.95) -> OnsetByDose:
    """Count reports by the number of doses before the event.

    Parameters
    ----------
    days, every
        As for `dose_number`.
    level
        Coverage of each interval.

    Raises
    ------
    InvalidSetting
        Where `every` is not positive.
    UnreadableInput
        Where a day is missing, negative or not whole.

    Examples
    --------
    >>> found = onset_by_dose([0, 20, 21, 50], 21)
    >>> found.reports, found.share.value
    (array([2, 1, 1]), array([0.5 , 0.25, 0.25]))
    """
    number = dose_number(days, every)
    reports = np.bincount(number)[1:]
    return OnsetByDose(np.arange(1, len(reports) + 1), reports, wilson(reports, len(number), level=level))
