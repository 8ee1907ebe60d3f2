"""Restricted mean survival time: the area under a survival curve up to a horizon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import NotEstimable
from coley.model.method import method
from coley.stats.survival.kaplan_meier import SurvivalCurve, kaplan_meier
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
    area, variance = _area(kaplan_meier(time, event, level=level), tau)
    half = z_of(level) * np.sqrt(variance)
    return Interval(
        area, float(max(area - half, 0.0)), float(min(area + half, tau)), level, float(variance**0.5)
    )


@method(
    "rmst_difference",
    title="Difference of restricted mean survival times",
    summary="Time gained within a horizon, by the difference of areas under two Kaplan-Meier curves.",
    needs="time, event and one of two groups for each patient; a horizon within follow-up of both",
    limits="Says nothing about what comes after the horizon; in trials with delayed benefit it grows with it.",
    references=(UNO, ROYSTON),
)
def rmst_difference(
    time: ArrayLike, event: ArrayLike, treated: ArrayLike, *, tau: float, level: float = 0.95
) -> Difference:
    """Estimate the time gained within `tau` by the treated over the others.

    Parameters
    ----------
    time, event
        Of each patient.
    treated
        True for the first group of the difference.
    tau
        Horizon, in the unit of `time`.
    level
        Coverage of the interval.

    Raises
    ------
    NotEstimable
        Where follow-up of a group ends before the horizon.

    References
    ----------
    Uno et al. 2014.

    Examples
    --------
    >>> gained = rmst_difference([1, 2, 3, 4], [1, 1, 1, 1], [False, False, True, True], tau=4)
    >>> gained.interval.value
    2.0
    """
    first = np.asarray(treated, dtype=bool)
    time_, event_ = np.asarray(time, dtype=float), np.asarray(event)
    (one, v1), (two, v2) = (_area(kaplan_meier(time_[g], event_[g]), tau) for g in (first, ~first))
    se = float(np.sqrt(v1 + v2))
    half = z_of(level) * se
    value = one - two
    p = float(normal_two_sided(value / se)) if se > 0 else float("nan")
    return Difference(Interval(value, value - half, value + half, level, se), p)


def _area(curve: SurvivalCurve, tau: float) -> tuple[float, float]:
    """Area under a curve up to tau, and its variance (Greenwood's form)."""
    if not tau > 0:
        raise NotEstimable(f"A horizon of {tau:g} leaves no time to average over.")
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
