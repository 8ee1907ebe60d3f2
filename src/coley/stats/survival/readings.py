"""What is read off one survival curve: its quantiles and its milestones, as methods with sources of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.method import method
from coley.stats.survival.kaplan_meier import kaplan_meier

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from coley.stats.values import Interval


@method(
    "survival_quantile",
    title="Quantile of survival time",
    summary="The time by which a share of patients has had the event, the median above all, with its interval.",
    needs="time and event of each patient",
    limits="Not reached where too few have had the event; one point of the curve, blind to a plateau after it.",
    references=(
        "Brookmeyer R, Crowley J. A confidence interval for the median survival time. Biometrics 1982;38:29-41.",
    ),
)
def survival_quantile(
    time: ArrayLike, event: ArrayLike, share: float = 0.5, *, level: float = 0.95
) -> Interval:
    """Estimate the time by which a share of patients has had the event.

    Parameters
    ----------
    time, event
        Of each patient.
    share
        Share of patients; 0.5 for the median.
    level
        Coverage of the interval.

    Raises
    ------
    InvalidSetting
        Where the share is not between 0 and 1.

    References
    ----------
    Brookmeyer and Crowley 1982, with log-log limits of the curve.

    Examples
    --------
    >>> survival_quantile([1, 2, 3, 4, 5, 6, 7], [1, 1, 1, 1, 1, 1, 1])
    Interval(value=4.0, low=1.0, high=6.0, level=0.95, se=nan)
    """
    return kaplan_meier(time, event, level=level).quantile(share)


@method(
    "milestone_survival",
    title="Survival at a milestone",
    summary="The share of patients still free of the event at a time, with its log-log interval.",
    needs="time and event of each patient; a milestone within follow-up",
    limits="One moment of the curve; choose it before looking.",
    references=(
        "Kalbfleisch JD, Prentice RL. The Statistical Analysis of Failure Time Data. 2nd ed. Wiley 2002.",
        "Chen TT. Milestone survival: a potential intermediate endpoint for immune checkpoint inhibitors. "
        "J Natl Cancer Inst 2015;107:djv156.",
    ),
)
def milestone_survival(time: ArrayLike, event: ArrayLike, at: float, *, level: float = 0.95) -> Interval:
    """Estimate the share of patients free of the event at a time.

    Parameters
    ----------
    time, event
        Of each patient.
    at
        The milestone, in the unit of `time`.
    level
        Coverage of the interval.

    Raises
    ------
    InvalidSetting
        Where the milestone is negative.

    References
    ----------
    Kalbfleisch and Prentice 2002, section 1.4.

    Examples
    --------
    >>> milestone_survival([1, 2, 3, 4, 5, 6], [1, 1, 0, 1, 0, 0], 3.5).value.__round__(4)
    0.6667
    """
    return kaplan_meier(time, event, level=level).milestone(at)
