"""Interaction on the absolute scale: how much more a treatment gains in one class than in the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.model.registry import Registry
from coley.stats.interaction.arms import arms
from coley.stats.survival.contrast import ZOU, milestone_difference
from coley.stats.survival.restricted_mean import ROYSTON, UNO, rmst_difference
from coley.stats.tails import normal_two_sided
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class AbsoluteInteraction:
    """Differences of treated and others in two classes of a marker, and the difference of those.

    Attributes
    ----------
    measure
        "milestone" (survival at a time) or "restricted_mean" (time free of the event within it).
    at
        The milestone or horizon.
    positive, negative
        Treated minus others in the class marked 1 and in the class marked 0.
    difference, p
        Positive minus negative, and its two-sided p.
    """

    measure: str
    at: float
    positive: Interval
    negative: Interval
    difference: Interval
    p: float


MEASURES: Registry[Callable[..., Interval]] = Registry("measure of survival")
MEASURES.add("milestone", lambda *rows, at, level: milestone_difference(*rows, at=at, level=level).interval)
MEASURES.add("restricted_mean", lambda *rows, at, level: rmst_difference(*rows, tau=at, level=level).interval)


@method(
    "absolute_interaction",
    title="Difference of differences in survival",
    summary="How much more the treatment gains, in survival at a time or in time within a horizon, in one class of a "
    "marker than in the other.",
    needs="time, event, arm and class of each patient of two arms; a time within follow-up of all four groups",
    limits="One time of the curve, to be chosen before looking; a class made by a cut-point that was searched for "
    "gives too small a p.",
    references=(ZOU, UNO, ROYSTON),
)
def absolute_interaction(
    time: ArrayLike,
    event: ArrayLike,
    treated: ArrayLike,
    *,
    positive: ArrayLike,
    at: float,
    measure: str = "milestone",
    level: float = 0.95,
) -> AbsoluteInteraction:
    """Estimate the difference, between two classes, of what a treatment gains.

    Parameters
    ----------
    time, event, treated
        Of each patient.
    positive
        1 or True in the class of interest.
    at
        The milestone or the horizon, in the unit of `time`.
    measure
        "milestone" or "restricted_mean".
    level
        Coverage of the intervals.

    Returns
    -------
    AbsoluteInteraction
        NaN where the time lies beyond follow-up of a group.

    Raises
    ------
    UnreadableInput, NotEstimable, InvalidSetting
        Where the input cannot be used or a group is empty.

    References
    ----------
    The interval of the difference of two independent intervals: Zou and Donner 2008, eq. 4.

    Examples
    --------
    >>> time, event = [1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 1, 1, 1, 1, 1, 1]
    >>> arm, high = [0, 0, 1, 1, 0, 0, 1, 1], [0, 1, 0, 1, 0, 1, 0, 1]
    >>> found = absolute_interaction(time, event, arm, positive=high, at=6.5)
    >>> found.positive.value, found.negative.value, found.difference.value
    (0.5, 0.5, 0.0)
    """
    rows: tuple[Any, ...] = (np.asarray(time), np.asarray(event))
    both = arms(np.size(time), treated, positive)
    if not both.classes:
        raise InvalidSetting(
            "A difference of differences needs two classes, 0 and 1.",
            remedy="For a continuous marker use effect_curve.",
        )
    one, two = (
        MEASURES[measure](*(r[g] for r in (*rows, both.treated)), at=at, level=level)
        for g in (both.marker == 1, both.marker == 0)
    )
    value, se = one.value - two.value, float(np.hypot(one.se, two.se))
    difference = Interval(
        value,
        value - float(np.hypot(one.value - one.low, two.high - two.value)),
        value + float(np.hypot(one.high - one.value, two.value - two.low)),
        level,
        se,
    )
    p = float(normal_two_sided(value / se)) if se > 0 else float("nan")
    return AbsoluteInteraction(measure, float(at), one, two, difference, p)
