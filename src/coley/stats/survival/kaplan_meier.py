"""The Kaplan-Meier estimator and what is read off its curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable
from coley.model.method import method
from coley.stats.survival.follow_up import follow_up
from coley.stats.tails import z_of
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

EXACT = 1e-9  # a curve this close to a quantile stands on it; products of many fractions round by 1e-15


@dataclass(frozen=True, eq=False)
class SurvivalCurve:
    """A step function of survival, with log-log intervals.

    Attributes
    ----------
    n
        Patients.
    time
        Distinct times of follow-up, rising, beginning with 0.
    survival, low, high
        Just after each time; the limits are NaN where survival is 0 and 1 before the first event.
    at_risk, events, censored
        At risk just before each time; events and censored at it.
    log_variance
        Greenwood's variance of the log of survival.
    level
        Coverage of the pointwise interval.
    """

    n: int
    time: Floats
    survival: Floats
    low: Floats
    high: Floats
    at_risk: Integers
    events: Integers
    censored: Integers
    log_variance: Floats
    level: float

    @property
    def se(self) -> Floats:
        """Greenwood's standard error of survival; NaN where survival is 0."""
        alive = self.survival > 0
        return np.where(alive, self.survival * np.sqrt(np.where(alive, self.log_variance, 0.0)), np.nan)

    def position(self, at: ArrayLike) -> NDArray[np.intp]:
        """Return the index of the step on which each time lies.

        Raises
        ------
        InvalidSetting
            Where a time is negative or not a number.
        """
        times = np.asarray(at, dtype=float)
        if not (times >= 0).all():
            raise InvalidSetting(
                f"Survival begins at time 0; {at!r} lies outside.", remedy="Give times from 0 on."
            )
        return np.searchsorted(self.time, times, side="right") - 1

    def at(self, times: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Return survival and its limits at each time; NaN beyond the last follow-up, unless nobody is left."""
        step = self.position(times)
        unknown = (np.asarray(times, dtype=float) > self.time[-1]) & (self.survival[-1] > 0)
        survival, low, high = (
            np.where(unknown, np.nan, part[step]) for part in (self.survival, self.low, self.high)
        )
        return survival, low, high

    def milestone(self, at: float) -> Interval:
        """Return survival at a time with its interval; NaN beyond the last follow-up, unless nobody is left.

        The `se` is that of survival itself (Greenwood). Where survival is still 1 or already 0, the curve has
        no limits of its own: the lower limit at 1 is the exact binomial one for those at risk, and the upper
        limit at 0 is the one just before the last event, which survival cannot exceed afterwards.
        """
        i = int(self.position(at))
        if at > self.time[-1] and self.survival[-1] > 0:
            return Interval(np.nan, np.nan, np.nan, self.level)
        value = float(self.survival[i])
        if value == 1:
            return Interval(1.0, self._exact_low(at), 1.0, self.level)
        if value == 0:
            before = int(np.flatnonzero(self.survival > 0)[-1]) if self.survival[0] > 0 else None
            high = 1.0 if before is None else float(self.high[before])
            if high == 1:  # they all went at once
                high = 1 - (0.5 - self.level / 2) ** (1 / self.n)
            return Interval(0.0, 0.0, high, self.level)
        return Interval(value, float(self.low[i]), float(self.high[i]), self.level, float(self.se[i]))

    def _exact_low(self, at: float) -> float:
        followed = self.n_at_risk(at)
        return float((0.5 - self.level / 2) ** (1 / followed)) if followed else float("nan")

    def n_at_risk(self, at: float) -> int:
        """Return how many are followed up to a time or beyond it."""
        i = int(np.searchsorted(self.time, at, side="left"))
        return int(self.at_risk[i]) if i < len(self.time) else 0

    def quantile(self, share: float = 0.5) -> Interval:
        """Return the time by which a share of patients has had the event, with its interval.

        The limits are where the pointwise band crosses (Brookmeyer and Crowley 1982). Where curve or band
        stands exactly on the line, the middle of that step is taken, up to the last follow-up where it is the
        last step, as R's survfit does. NaN where the line is not reached.

        Raises
        ------
        InvalidSetting
            Where the share is not between 0 and 1.
        """
        if not 0 < share < 1:
            raise InvalidSetting(
                f"A share of {share!r} has no quantile.",
                remedy="Choose one between 0 and 1: 0.5 for the median.",
            )
        value, low, high = (self._crosses(curve, 1 - share) for curve in (self.survival, self.low, self.high))
        return Interval(value, low, high, self.level)

    def _crosses(self, curve: Floats, line: float) -> float:
        known = np.isfinite(curve)
        reached = np.flatnonzero(known & (curve <= line + EXACT))
        if not len(reached):
            return float("nan")
        first = reached[0]
        if curve[first] < line - EXACT:
            return float(self.time[first])
        lower = np.flatnonzero(known & (curve < line - EXACT))
        end = self.time[lower[0]] if len(lower) else self.time[known][-1]
        return float((self.time[first] + end) / 2)


@method(
    "kaplan_meier",
    title="Kaplan-Meier estimator",
    summary="Survival over time from times to an event of which some are censored, with log-log intervals.",
    needs="time and event of each patient; optionally entry times",
    limits="Assumes that the censored fare as those who stay; the tail rests on the few still at risk.",
    references=(
        "Kaplan EL, Meier P. Nonparametric estimation from incomplete observations. "
        "J Am Stat Assoc 1958;53:457-481.",
        "Kalbfleisch JD, Prentice RL. The Statistical Analysis of Failure Time Data. 2nd ed. Wiley 2002.",
    ),
)
def kaplan_meier(
    time: ArrayLike, event: ArrayLike, *, entry: ArrayLike | None = None, level: float = 0.95
) -> SurvivalCurve:
    """Estimate a survival curve.

    Parameters
    ----------
    time
        End of follow-up, in any unit.
    event
        1 or True where the event happened then; events come before censorings at the same time.
    entry
        Start of follow-up: at risk in (entry, time].
    level
        Coverage of the pointwise intervals.

    Raises
    ------
    UnreadableInput
        Where a value is missing, negative or impossible.
    NotEstimable
        Where there is no patient.

    References
    ----------
    Kaplan and Meier 1958; log-log interval: Kalbfleisch and Prentice 2002, section 1.4.

    Examples
    --------
    >>> curve = kaplan_meier([1, 2, 2, 3, 5], [1, 1, 0, 1, 0])
    >>> curve.survival.round(3)
    array([1. , 0.8, 0.6, 0.3, 0.3])
    >>> curve.quantile(0.5).value
    3.0
    """
    rows = follow_up(time, event, entry=entry)
    if not len(rows.time):
        raise NotEstimable("A survival curve needs at least one patient.")
    times, position = np.unique(np.append(0.0, rows.time), return_inverse=True)
    position = position[1:]
    events = np.bincount(position[rows.event], minlength=len(times))
    left = np.bincount(position, minlength=len(times))
    at_risk = left[::-1].cumsum()[::-1]
    if rows.entry is not None:
        late = np.sort(rows.entry[rows.entry > 0])  # whoever entered by time 0 was there from the start
        at_risk = at_risk - (len(late) - np.searchsorted(late, times, side="left"))
    with np.errstate(divide="ignore", invalid="ignore"):
        survival = np.asarray(np.cumprod(np.where(events > 0, 1 - events / at_risk, 1.0)), dtype=np.float64)
        steps = np.where(events > 0, events / (at_risk * (at_risk - events)), 0.0)
        variance = np.cumsum(steps)
        log = np.log(survival)
        spread = z_of(level) * np.sqrt(variance) / np.abs(log)
        low, high = np.exp(log * np.exp(spread)), np.exp(log * np.exp(-spread))
    untouched, ended = survival == 1, survival == 0
    return SurvivalCurve(
        n=len(rows.time),
        time=times,
        survival=survival,
        low=np.where(ended, np.nan, np.where(untouched, 1.0, low)),
        high=np.where(ended, np.nan, np.where(untouched, 1.0, high)),
        at_risk=at_risk,
        events=events,
        censored=left - events,
        log_variance=variance,
        level=level,
    )


def reverse_kaplan_meier(time: ArrayLike, event: ArrayLike, *, level: float = 0.95) -> SurvivalCurve:
    """Estimate the curve of follow-up: the censored are its events, so its median is the median follow-up.

    References
    ----------
    Schemper M, Smith TL. Control Clin Trials 1996;17:343-346.

    Examples
    --------
    >>> reverse_kaplan_meier([1, 2, 3, 4], [1, 0, 1, 0]).quantile(0.5).value
    4.0
    """
    rows = follow_up(time, event)
    return kaplan_meier(rows.time, ~rows.event, level=level)
