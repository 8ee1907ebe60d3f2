"""Two survival curves compared at milestones, at quantiles and along time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.method import method
from coley.stats.survival.restricted_mean import Difference
from coley.stats.survival.two_groups import two_curves
from coley.stats.tails import normal_two_sided, z_of
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.stats.survival.kaplan_meier import SurvivalCurve

    Floats = NDArray[np.float64]


ZOU = (
    "Zou GY, Donner A. Construction of confidence limits about effect measures: a general approach. "
    "Stat Med 2008;27:1693-1702."
)


@dataclass(frozen=True, eq=False)
class Band:
    """A difference of survival along time with pointwise limits."""

    time: Floats
    value: Floats
    low: Floats
    high: Floats


@method(
    "milestone_difference",
    title="Difference of survival at a milestone",
    summary="Difference of two Kaplan-Meier estimates at a time, with a hybrid of their own log-log limits.",
    needs="time, event and one of two groups for each patient; a time within follow-up of both",
    limits="One moment of the curve; choose it before looking.",
    references=(
        ZOU,
        "Klein JP, Logan B, Harhoff M, Andersen PK. Analyzing survival curves at a fixed point in time. "
        "Stat Med 2007;26:4505-4519.",
    ),
)
def milestone_difference(
    time: ArrayLike, event: ArrayLike, treated: ArrayLike, *, at: float, level: float = 0.95
) -> Difference:
    """Estimate how much more of the treated are free of the event at a time.

    Parameters
    ----------
    time, event
        Of each patient.
    treated
        True for the first group of the difference.
    at
        The milestone, in the unit of `time`.
    level
        Coverage of the interval.

    Returns
    -------
    Difference
        NaN where the milestone lies beyond follow-up of a group. The p compares the complementary
        log-logs (Klein 2007, test 4), which holds its level in small groups; it is NaN where survival of a
        group is 0 or 1.

    Examples
    --------
    >>> found = milestone_difference([1, 2, 3, 4], [1, 1, 1, 0], [False, False, True, True], at=2.5)
    >>> found.interval.value
    1.0
    """
    one, two = two_curves(time, event, treated, level=level)
    a, b = one.milestone(at), two.milestone(at)
    return Difference(_hybrid(a, b, float(np.hypot(a.se, b.se))), _log_log_p(a, b))


@method(
    "quantile_difference",
    title="Difference of median survival times",
    summary="Difference of the times by which a share of each group has had the event, from their own intervals.",
    needs="time, event and one of two groups for each patient; both curves must reach the quantile",
    limits="Undetermined while a limit is not reached; blind to a plateau that comes later.",
    references=(
        "Brookmeyer R, Crowley J. A confidence interval for the median survival time. Biometrics 1982;38:29-41.",
        ZOU,
    ),
)
def quantile_difference(
    time: ArrayLike, event: ArrayLike, treated: ArrayLike, *, share: float = 0.5, level: float = 0.95
) -> Interval:
    """Estimate how much later a share of the treated has had the event.

    Parameters
    ----------
    time, event
        Of each patient.
    treated
        True for the first group of the difference.
    share
        Share of patients; 0.5 for the median.
    level
        Coverage of the interval.

    Returns
    -------
    Interval
        NaN where a quantile, or the limit that is needed, is not reached.

    Examples
    --------
    >>> quantile_difference([1, 2, 3, 4, 5, 6], [1] * 6, [0, 0, 0, 1, 1, 1]).value
    3.0
    """
    one, two = two_curves(time, event, treated, level=level)
    return _hybrid(one.quantile(share), two.quantile(share))


def survival_difference(
    time: ArrayLike, event: ArrayLike, treated: ArrayLike, *, level: float = 0.95
) -> Band:
    """Return the difference of two survival curves along time, with pointwise Greenwood limits.

    Parameters
    ----------
    time, event, treated
        Of each patient.
    level
        Coverage of the pointwise interval.

    Examples
    --------
    >>> survival_difference([1, 2, 3, 4], [1, 1, 1, 1], [False, True, False, True]).value
    array([0. , 0.5, 0. , 0.5])
    """
    one, two = two_curves(time, event, treated, level=level)
    reach = min(one.time[-1], two.time[-1])
    times = np.union1d(one.time, two.time)
    times = times[times <= reach]
    (s1, v1), (s2, v2) = (_on(curve, times) for curve in (one, two))
    value = s1 - s2
    half = z_of(level) * np.sqrt(v1 + v2)
    if (s1[-1] == 0) and (s2[-1] == 0):
        times, value, half = times[:-1], value[:-1], half[:-1]
    return Band(times, value, value - half, value + half)


def _on(curve: SurvivalCurve, times: Floats) -> tuple[Floats, Floats]:
    step = np.searchsorted(curve.time, times, side="right") - 1
    survival = curve.survival[step]
    variance = np.where(
        survival > 0, survival**2 * np.where(survival > 0, curve.log_variance[step], 0.0), 0.0
    )
    return survival, variance


def _hybrid(a: Interval, b: Interval, se: float = float("nan")) -> Interval:
    """Interval of a difference from the two intervals (Zou and Donner 2008, eq. 4): as skewed as they are."""
    value = a.value - b.value
    low = value - float(np.hypot(a.value - a.low, b.high - b.value))
    high = value + float(np.hypot(a.high - a.value, b.value - b.low))
    return Interval(value, low, high, a.level, se)


def _log_log_p(a: Interval, b: Interval) -> float:
    if not (0 < a.value < 1 and 0 < b.value < 1):
        return float("nan")
    transformed = [np.log(-np.log(m.value)) for m in (a, b)]
    spread = [m.se / (m.value * abs(np.log(m.value))) for m in (a, b)]
    return float(normal_two_sided((transformed[0] - transformed[1]) / np.hypot(*spread)))
