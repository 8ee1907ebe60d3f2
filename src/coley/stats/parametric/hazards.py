"""The hazard without a model, to hold fitted ones against: by intervals, and smoothed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable
from coley.model.method import method
from coley.stats.survival.follow_up import follow_up
from coley.stats.tails import z_of
from coley.stats.values import Intervals

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

GARWOOD = "Garwood F. Fiducial limits for the Poisson distribution. Biometrika 1936;28:437-442."
RAMLAU_HANSEN = (
    "Ramlau-Hansen H. Smoothing counting process intensities by means of kernel functions. Ann Stat "
    "1983;11:453-466."
)
KLEIN = (
    "Klein JP, Moeschberger ML. Survival analysis: techniques for censored and truncated data. 2nd ed. New York: "
    "Springer; 2003."
)


@dataclass(frozen=True, eq=False)
class OccurrenceRates:
    """Events and time at risk by interval.

    Attributes
    ----------
    begin, end
        (K,) of each interval; an event at its end is its own.
    events, exposure
        (K,) counted in it, and time at risk there.
    rate
        (K,) events per unit of time with exact Poisson limits; NaN where nobody was at risk.
    """

    begin: Floats
    end: Floats
    events: NDArray[np.intp]
    exposure: Floats
    rate: Intervals


@method(
    "occurrence_exposure",
    title="Occurrence/exposure rates",
    summary="The hazard by interval: events over time at risk, with exact Poisson limits.",
    needs="times, events and the ends of intervals",
    limits="Within an interval the hazard is taken as constant.",
    references=(GARWOOD,),
)
def occurrence_exposure(
    time: ArrayLike,
    event: ArrayLike,
    breaks: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    level: float = 0.95,
) -> OccurrenceRates:
    """Return the hazard by interval.

    Parameters
    ----------
    time, event, entry
        (n,) as for `survival_data`.
    breaks
        (K + 1,) rising edges of the intervals.
    level
        Coverage, at least.

    Raises
    ------
    UnreadableInput
        Where follow-up cannot be understood.
    InvalidSetting
        Where edges do not rise.

    References
    ----------
    Garwood 1936.

    Examples
    --------
    >>> found = occurrence_exposure([2, 3, 5, 8], [1, 1, 1, 0], [0, 4, 8])
    >>> found.events.tolist(), found.exposure.tolist(), found.rate.value.round(3).tolist()
    ([2, 1], [13.0, 5.0], [0.154, 0.2])
    """
    from scipy.special import gammaincinv

    z_of(level)
    rows = follow_up(time, event, entry=entry)
    edges = np.asarray(breaks, dtype=float)
    if edges.ndim != 1 or len(edges) < 2 or not (np.diff(edges) > 0).all() or edges[0] < 0:
        raise InvalidSetting("Edges of intervals must rise from zero or later.", where=f"{breaks!r}")
    begin, end = edges[:-1], edges[1:]
    start = np.zeros(len(rows.time)) if rows.entry is None else rows.entry
    lived = np.clip(rows.time[:, None], begin, end) - np.clip(start[:, None], begin, end)
    exposure = np.maximum(lived, 0).sum(axis=0)
    dead = ((rows.time[:, None] > begin) & (rows.time[:, None] <= end) & rows.event[:, None]).sum(axis=0)
    tail = (1 - level) / 2
    watched = np.where(exposure > 0, exposure, np.nan)
    low = np.where(dead > 0, gammaincinv(np.maximum(dead, 1), tail), 0.0) / watched
    rate = Intervals(dead / watched, low, gammaincinv(dead + 1, 1 - tail) / watched, level)
    return OccurrenceRates(begin, end, dead, exposure, rate)


@method(
    "smoothed_hazard",
    title="Kernel-smoothed hazard",
    summary="Smooths the steps of the Nelson-Aalen estimator by an Epanechnikov kernel, corrected at both ends.",
    needs="times and events",
    limits="A smoothed hazard is biased where the hazard bends within a bandwidth; the interval does not know of "
    "that. Few at risk make its end unsteady.",
    references=(RAMLAU_HANSEN, KLEIN),
)
def smoothed_hazard(
    time: ArrayLike,
    event: ArrayLike,
    times: ArrayLike,
    *,
    bandwidth: float | None = None,
    entry: ArrayLike | None = None,
    level: float = 0.95,
) -> Intervals:
    """Return a smooth hazard without a model.

    Parameters
    ----------
    time, event, entry
        (n,) as for `survival_data`.
    times
        (T,) at which the hazard is wanted; NaN beyond the last event.
    bandwidth
        Half the width of the kernel, in the unit of time. By default a fifth of the time of the last event,
        narrowed by the fifth root of the number of events over 20, the rate at which error is least.
    level
        Coverage of each interval, on the scale of the logarithm.

    Raises
    ------
    UnreadableInput
        Where follow-up cannot be understood.
    NotEstimable
        Where there is no event.
    InvalidSetting
        Where the bandwidth is not above zero.

    References
    ----------
    Ramlau-Hansen 1983; Klein and Moeschberger 2003, section 6.2 (kernels at the ends).

    Examples
    --------
    >>> found = smoothed_hazard([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 0, 1, 1, 0, 1, 1], [2.0, 4.0], bandwidth=3.0)
    >>> found.value.round(3)
    array([0.097, 0.125])
    """
    rows = follow_up(time, event, entry=entry)
    at = np.atleast_1d(np.asarray(times, dtype=float))
    if not rows.event.any():
        raise NotEstimable(
            "There is no event: the hazard cannot be smoothed.", where=f"{len(rows.time)} patients"
        )
    moments, place = np.unique(rows.time[rows.event], return_inverse=True)
    dead = np.bincount(place)
    ordered = np.sort(rows.time)
    at_risk = len(ordered) - np.searchsorted(ordered, moments, side="left")
    if rows.entry is not None:
        at_risk = at_risk - (len(ordered) - np.searchsorted(np.sort(rows.entry), moments, side="left"))
    end = float(moments[-1])
    width = 0.2 * end * (dead.sum() / 20) ** -0.2 if bandwidth is None else float(bandwidth)
    if not (np.isfinite(width) and width > 0):
        raise InvalidSetting(f"A bandwidth cannot be {bandwidth!r}.", remedy="Give a time above zero.")
    low, high = np.maximum(-1.0, (at - end) / width), np.minimum(1.0, at / width)
    kernel = _kernel((at[:, None] - moments) / width, low[:, None], high[:, None]) / width
    value = kernel @ (dead / at_risk)
    se = np.sqrt(kernel**2 @ (dead / at_risk**2))
    outside = (at < 0) | (at > end)
    value = np.where(outside, np.nan, np.maximum(value, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.where(value > 0, np.exp(z_of(level) * se / value), np.nan)
    return Intervals(value, value / spread, value * spread, level)


def _kernel(x: Floats, low: Floats, high: Floats) -> Floats:
    """Return Epanechnikov's kernel, tilted so that on [low, high] it has mass one and mean zero."""

    def moment(k: int) -> Floats:
        def primitive(u: Floats) -> Floats:
            return 0.75 * (u ** (k + 1) / (k + 1) - u ** (k + 3) / (k + 3))

        return np.asarray(primitive(high) - primitive(low))

    a0, a1, a2 = moment(0), moment(1), moment(2)
    determinant = a0 * a2 - a1 * a1
    inside = (x >= low) & (x <= high)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(inside, 0.75 * (1 - x * x) * (a2 - a1 * x) / determinant, 0.0)
