"""The Weibull distribution of times to onset: how late events come, and whether their rate falls or rises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.onset.likelihood import (
    Evaluate,
    Value,
    by_quantile,
    by_shape,
    climb,
    holding,
    log_likelihood,
)
from coley.stats.onset.profile import FARTHEST, INTERVALS, Find
from coley.stats.onset.times import OnsetTimes
from coley.stats.tails import z_of
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from coley.stats.onset.times import Floats

WEIBULL = "Weibull W. A statistical distribution function of wide applicability. J Appl Mech 1951;18:293-297."
LEROY = (
    "Leroy F, Dauxois JY, Théophile H, Haramburu F, Tubert-Bitter P. Estimating time-to-onset of adverse drug "
    "reactions from spontaneous reporting databases. BMC Med Res Methodol 2014;14:17."
)
VENZON = (
    "Venzon DJ, Moolgavkar SH. A method for computing profile-likelihood-based confidence intervals. "
    "J R Stat Soc C 1988;37:87-94."
)
SAUZET = (
    "Sauzet O, Carvajal A, Escudero A, Molokhia M, Cornelius VR. Illustration of the Weibull shape parameter "
    "signal detection tool using electronic healthcare record data. Drug Saf 2013;36:995-1006."
)
# A standard error of the log shape with which nothing is told: the likelihood climbs for ever, as where all
# onsets fall on one day or on two that follow each other.
ENDLESS = 10.0
# The log cumulative hazard at the largest limit below which no data can tell the scale from a larger one.
FLAT, FLATTEST = -15.0, -30.0
# A shape within these limits is a constant rate for practical ends: a quarter up, or as much down. The margins
# are those of bioequivalence (0.80 to 1.25), by convention.
CONSTANT = 0.8, 1.25


@dataclass(frozen=True, eq=False)
class WeibullOnset:
    """A Weibull distribution fitted to times to onset; NaN where the data do not determine a number.

    Attributes
    ----------
    shape
        Below 1 the rate of events falls with time, above 1 it rises; the se is of its logarithm.
    scale, median
        In days; the scale is the time by which 63 % of onsets have come.
    hazard
        "early failure", "random", "wear-out" or "cannot be told"; see `hazard_type`.
    n, loglik
        Reports, and the maximised log-likelihood.
    interval
        "profile" or "wald".
    top, times
        The maximum and the data, from which `quantile` works.
    """

    shape: Interval
    scale: Interval
    median: Interval
    hazard: str
    n: int
    loglik: float
    interval: str
    top: Value
    times: OnsetTimes

    def quantile(self, p: float) -> Interval:
        """Return the time by which a share `p` of onsets have come, with its interval.

        Raises
        ------
        InvalidSetting
            Where `p` is not between 0 and 1.
        """
        if not 0 < p < 1:
            raise InvalidSetting(f"A quantile is of a share between 0 and 1, not {p!r}.")
        found = INTERVALS[self.interval]
        return _quantile(
            self.times, self.top, c=float(np.log(-np.log1p(-p))), find=found, level=self.shape.level
        )


@method(
    "weibull_onset",
    title="Weibull distribution of times to onset",
    summary="Scale, shape and median of times from start to event by maximum likelihood, onsets being known to the "
    "day and, where asked, reported only if they came before the data were closed.",
    needs="whole days from start to event; for truncation, days from start to the closing of the data",
    limits="Describes reported onsets, not the risk of an event. Without truncation, late onsets of recent starts "
    "are missed and the median is too short; delays of reporting are not modelled.",
    references=(WEIBULL, LEROY, SAUZET, VENZON),
)
def weibull_onset(
    days: ArrayLike, *, limit: ArrayLike | None = None, level: float = 0.95, interval: str = "profile"
) -> WeibullOnset:
    """Fit a Weibull distribution to times to onset.

    An onset on day d is known to lie in [d, d + 1), so that one on the day of the start is no zero time. A
    report with a limit counts by its chance among onsets up to the end of that day.

    Parameters
    ----------
    days
        Whole days from start to event of each report; 0 is the day of the start.
    limit
        Whole days from start to the closing of the data, one a report or one for all; None for no truncation.
    level
        Coverage of the intervals.
    interval
        "profile" for limits from the profile likelihood, "wald" for limits on the log scale.

    Raises
    ------
    UnreadableInput
        Where a day is missing, negative, not whole, or after its limit.
    NotEstimable
        Where there is no report.
    InvalidSetting
        Where level or interval are none.

    References
    ----------
    Leroy et al. 2014, eq. 3 (truncation); Sauzet et al. 2013 (shape).

    Examples
    --------
    >>> fit = weibull_onset([0, 2, 5, 6, 9, 13, 14, 20, 21, 34, 45, 60, 90])
    >>> round(fit.shape.value, 3), round(fit.median.value, 1), fit.hazard
    (0.916, 16.1, 'cannot be told')
    """
    if interval not in INTERVALS:
        raise InvalidSetting(f"There is no interval {interval!r}.", remedy=f"Known: {', '.join(INTERVALS)}.")
    z_of(level)
    times = OnsetTimes.of(days, limit=limit)
    top, found = _maximum(times), INTERVALS[interval]
    scale, median = (
        _quantile(times, top, c=c, find=found, level=level) for c in (0.0, float(np.log(np.log(2))))
    )
    shape = _shape(times, top, find=found, level=level)
    kind = hazard_type(shape)
    return WeibullOnset(shape, scale, median, kind, times.n, top.value, interval, top, times)


def hazard_type(shape: Interval) -> str:
    """Name the course of the rate of events after the start, from the interval of the Weibull shape.

    An interval that includes 1 shows a constant rate only where it is narrow (0.80 to 1.25).

    Parameters
    ----------
    shape
        Estimate with limits; NaN gives "cannot be told".

    References
    ----------
    Sauzet et al. 2013.

    Examples
    --------
    >>> [hazard_type(Interval(*s)) for s in ((0.7, 0.6, 0.8), (1.0, 0.9, 1.1), (1.0, 0.5, 1.9), (2, 1.2, 3))]
    ['early failure', 'random', 'cannot be told', 'wear-out']
    """
    if shape.high < 1:
        return "early failure"
    if shape.low > 1:
        return "wear-out"
    return "random" if CONSTANT[0] <= shape.low and shape.high <= CONSTANT[1] else "cannot be told"


def _maximum(times: OnsetTimes) -> Value:
    """Return the maximum; on the flat, where reports are truncated too early to tell the scale, a place there."""
    middle = np.log(np.average(times.begin + 0.5, weights=times.weight))
    top = climb(lambda place: log_likelihood(times, place), np.array([middle, 0.0]), inside=30.0)
    if _scale_told(times, top):
        return top
    # on the flat the distribution is (t / limit)^shape, whatever the scale
    largest = float(np.log(times.until[np.isfinite(times.until)].max()))
    flat = climb(
        holding(by_quantile(times, FLATTEST), largest), np.array([min(top.place[1], 0.0)]), inside=FARTHEST
    )
    return log_likelihood(times, np.array([largest - FLATTEST * np.exp(-flat.place[0]), flat.place[0]]))


def _scale_told(times: OnsetTimes, top: Value) -> bool:
    closed = np.isfinite(times.until)
    if not closed.all():
        return True
    return bool(np.exp(top.place[1]) * (np.log(times.until.max()) - top.place[0]) > FLAT)


def _log_shape_se(times: OnsetTimes, top: Value) -> float:
    """Return the standard error of the log shape; NaN where the data do not tell the shape."""
    information = -top.hessian if _scale_told(times, top) else -top.hessian[1:, 1:]
    se = float(np.sqrt(_inverse(information)[-1, -1]))
    return se if se < ENDLESS else np.nan


def _shape(times: OnsetTimes, top: Value, *, find: Find, level: float) -> Interval:
    se = _log_shape_se(times, top)
    if np.isnan(se):
        return Interval(np.nan, np.nan, np.nan, level)
    return _limits(by_shape(times), top.place[::-1], se, find=find, level=level)


def _quantile(times: OnsetTimes, top: Value, *, c: float, find: Find, level: float) -> Interval:
    if np.isnan(_log_shape_se(times, top)) or not _scale_told(times, top):
        return Interval(np.nan, np.nan, np.nan, level)
    bend = c * np.exp(-top.place[1])
    direction = np.array([1.0, -bend])
    se = float(np.sqrt(direction @ _inverse(-top.hessian) @ direction))
    place = np.array([top.place[0] + bend, top.place[1]])
    return _limits(by_quantile(times, c), place, se, find=find, level=level)


def _limits(evaluate: Evaluate, place: Floats, se: float, *, find: Find, level: float) -> Interval:
    low, high = find(evaluate, evaluate(place), se, level=level)
    return Interval(float(np.exp(place[0])), float(np.exp(low)), float(np.exp(high)), level, se)


def _inverse(information: Floats) -> Floats:
    try:
        inverse = np.linalg.inv(information)
    except np.linalg.LinAlgError:
        return np.full_like(information, np.nan)
    return np.where(np.diag(inverse).min() > 0, inverse, np.nan)
