"""The hazard ratio of two groups, period by period: how an effect begins, and whether it lasts."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import NotEstimable
from coley.stats.survival.cox import cox
from coley.stats.survival.two_groups import two_groups
from coley.stats.values import Interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of follow-up with the hazard ratio in it; NaN where a group has no event there.

    Attributes
    ----------
    start, end
        Its limits, in the unit of time; the last one ends with follow-up.
    n, events
        Patients at risk at its start, and events within.
    ratio
        Hazard ratio, treated to others.
    """

    start: float
    end: float
    n: int
    events: int
    ratio: Interval


def hazard_ratio_by_period(
    time: ArrayLike, event: ArrayLike, treated: ArrayLike, *, cuts: Sequence[float], level: float = 0.95
) -> tuple[Period, ...]:
    """Estimate the hazard ratio within each period between cuts, by Cox regression of those at risk there.

    Parameters
    ----------
    time, event
        Of each patient.
    treated
        True for the treated.
    cuts
        Rising times that divide follow-up; cuts beyond it are ignored.
    level
        Coverage of each interval.

    Raises
    ------
    UnreadableInput
        Where a value is missing or negative.

    References
    ----------
    A Cox model with a coefficient that is constant between cuts; Therneau and Grambsch, Modeling Survival
    Data 2000, section 6.5.

    Examples
    --------
    >>> periods = hazard_ratio_by_period([1, 2, 3, 4, 5, 6, 7, 8], [1] * 8, [1, 0, 1, 0, 0, 1, 0, 1], cuts=[4])
    >>> [(p.start, p.end, p.n, p.events) for p in periods]
    [(0.0, 4.0, 8, 4), (4.0, 8.0, 4, 4)]
    """
    rows, first = two_groups(time, event, treated)
    group = first.astype(float)
    last = float(rows.time.max(initial=0.0))
    edges = [0.0, *(float(cut) for cut in cuts if 0 < cut < last), last]
    periods = []
    for start, end in pairwise(edges):
        at_risk = rows.time > start if start > 0 else np.ones(len(rows.time), dtype=bool)
        until = np.minimum(rows.time[at_risk], end)
        happened = rows.event[at_risk] & (rows.time[at_risk] <= end)
        try:
            ratio = cox(until, happened, group[at_risk], level=level, names=["treated"]).hazard_ratios[0]
        except NotEstimable:
            ratio = Interval(float("nan"), float("nan"), float("nan"), level)
        periods.append(Period(start, end, int(at_risk.sum()), int(happened.sum()), ratio))
    return tuple(periods)
