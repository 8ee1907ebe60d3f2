"""Restricted mean survival time: the area under a survival curve up to a horizon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable
from coley.model.method import method
from coley.stats.survival.kaplan_meier import SurvivalCurve, kaplan_meier
from coley.stats.survival.two_groups import two_curves
from coley.stats.tails import normal_two_sided, z_of
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

UNO = (
    "Uno H, Claggett B, Tian L, et al. Moving beyond the hazard ratio in quantifying the between-group "
    "difference in survival analysis. J Clin Oncol 2014;32:2380-2385."
)
ROYSTON = (
    "Royston P, Parmar MKB. Restricted mean survival time: an alternative to the hazard ratio. "
    "BMC Med Res Methodol 2013;13:152."
)


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of two groups, first minus second, with its two-sided p."""

    interval: Interval
    p: float


@dataclass(frozen=True, slots=True)
class RestrictedMeans:
    """Restricted means of two groups and what lies between them.

    Attributes
    ----------
    interval, p
        Difference, treated minus others, in the unit of time, and its two-sided p.
    ratio, ratio_p
        Treated to others, with the interval made on the log scale (its `se` is of the log).
    treated, others
        Each group's own restricted mean.
    tau
        The horizon used.
    """

    interval: Interval
    p: float
    ratio: Interval
    ratio_p: float
    treated: Interval
    others: Interval
    tau: float


@method(
    "restricted_mean_survival",
    title="Restricted mean survival time",
    summary="Mean time free of the event within a horizon: the area under the Kaplan-Meier curve.",
    needs="time and event of each patient; a horizon within follow-up",
    limits="Says nothing about what comes after the horizon, and depends on it: state it.",
    references=(ROYSTON,),
)
def restricted_mean_survival(
    time: ArrayLike, event: ArrayLike, tau: float, *, level: float = 0.95
) -> Interval:
    """Estimate the mean time free of the event within `tau`.

    Parameters
    ----------
    time, event
        Of each patient.
    tau
        Horizon, in the unit of `time`.
    level
        Coverage of the interval.

    Raises
    ------
    InvalidSetting
        Where the horizon is not a positive number.
    NotEstimable
        Where follow-up ends before the horizon with patients still free of the event.

    References
    ----------
    Royston and Parmar 2013; variance as Klein and Moeschberger, Survival Analysis 2003, eq. 4.5.2.

    Examples
    --------
    >>> round(restricted_mean_survival([1, 2, 3, 4], [1, 1, 1, 1], 3).value, 3)
    2.25
    """
    return _restricted_mean(kaplan_meier(time, event, level=level), tau)


@method(
    "rmst_difference",
    title="Difference of restricted mean survival times",
    summary="Time gained within a horizon, by the difference of areas under two Kaplan-Meier curves; also their ratio.",
    needs="time, event and one of two groups for each patient; a horizon within follow-up of both",
    limits="Says nothing about what comes after the horizon; in trials with delayed benefit it grows with it.",
    references=(UNO, ROYSTON),
)
def rmst_difference(
    time: ArrayLike,
    event: ArrayLike,
    treated: ArrayLike,
    *,
    tau: float | None = None,
    level: float = 0.95,
) -> RestrictedMeans:
    """Estimate the time gained within `tau` by the treated over the others.

    Parameters
    ----------
    time, event
        Of each patient.
    treated
        True for the first group of the difference.
    tau
        Horizon, in the unit of `time`; by default the shorter of the two groups' longest follow-up, which is
        where the two curves can last be compared.
    level
        Coverage of the intervals.

    Raises
    ------
    InvalidSetting
        Where the horizon is not a positive number.
    NotEstimable
        Where a group is empty, or its follow-up ends before the horizon.

    References
    ----------
    Uno et al. 2014; Royston and Parmar 2013.

    Examples
    --------
    >>> gained = rmst_difference([1, 2, 3, 4], [1, 1, 1, 1], [False, False, True, True], tau=4)
    >>> gained.interval.value, round(gained.ratio.value, 3)
    (2.0, 2.333)
    """
    one, two = two_curves(time, event, treated, level=level)
    horizon = float(min(one.time[-1], two.time[-1])) if tau is None else float(tau)
    a, b = (_restricted_mean(curve, horizon) for curve in (one, two))
    z, se = z_of(level), float(np.hypot(a.se, b.se))
    value, log = a.value - b.value, float(np.log(a.value / b.value))
    log_se = float(np.hypot(a.se / a.value, b.se / b.value))
    ratio, low, high = np.exp([log, log - z * log_se, log + z * log_se]).tolist()
    return RestrictedMeans(
        interval=Interval(value, value - z * se, value + z * se, level, se),
        p=_p(value, se),
        ratio=Interval(ratio, low, high, level, log_se),
        ratio_p=_p(log, log_se),
        treated=a,
        others=b,
        tau=horizon,
    )


def _p(value: float, se: float) -> float:
    """Two-sided; NaN where nothing varies, so that nothing can be tested."""
    return float(normal_two_sided(value / se)) if se > 0 else float("nan")


def _restricted_mean(curve: SurvivalCurve, tau: float) -> Interval:
    area, variance = _area(curve, tau)
    se = float(np.sqrt(variance))
    half = z_of(curve.level) * se
    return Interval(area, max(area - half, 0.0), min(area + half, tau), curve.level, se)


def _area(curve: SurvivalCurve, tau: float) -> tuple[float, float]:
    """Area under a curve up to tau, and its variance (Greenwood's form)."""
    if not 0 < tau < np.inf:
        raise InvalidSetting(
            f"A horizon of {tau!r} leaves no time to average over.",
            remedy="Choose a positive one within follow-up.",
        )
    if tau > curve.time[-1] and curve.survival[-1] > 0:
        raise NotEstimable(
            f"Follow-up ends at {curve.time[-1]:g}, before the horizon of {tau:g}, with patients free of the event.",
            remedy=f"Choose a horizon of at most {curve.time[-1]:g}.",
        )
    inside = curve.time < tau
    edges = np.append(curve.time[inside], tau)
    pieces = np.diff(edges) * curve.survival[inside]
    beyond = pieces[::-1].cumsum()[::-1]  # area from each time to tau
    deaths, at_risk = curve.events[inside], curve.at_risk[inside]
    left = at_risk - deaths
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where((deaths > 0) & (left > 0), deaths / (at_risk * left), 0.0)
    return float(pieces.sum()), float(terms @ beyond**2)
