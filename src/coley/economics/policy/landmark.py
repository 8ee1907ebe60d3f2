"""What patients with a response live longer than those without, among those alive at a landmark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.model.method import method
from coley.stats.survival.pseudo_values import pseudo_values
from coley.stats.tails import z_of
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

ANDERSON = (
    "Anderson JR, Cain KC, Gelber RD. Analysis of survival by tumor response. J Clin Oncol 1983;1:710-719."
)
FEWEST = 5  # patients in a group: fewer have no standard error worth the name
MONTHS_PER_YEAR = 12


@dataclass(frozen=True, eq=False)
class ByResponse:
    """Patients with a response against those without, from the landmark to the horizon.

    Attributes
    ----------
    months, qalys
        What those with a response have more, on average.
    responders, others
        Patients of both groups who were alive and followed at the landmark.
    """

    months: Interval
    qalys: Interval
    responders: int
    others: int


@method(
    "landmark_by_response",
    title="Survival by response from a landmark",
    summary="Patients alive at a fixed time are grouped by response, and their mean time alive and QALYs from then to "
    "a horizon are compared.",
    needs="response, and times and events of progression and death of each patient",
    limits="It is no effect of treatment: patients who respond would often have lived longer anyway. Responses first "
    "seen after the landmark still favour responders, who had to live to have them.",
    references=(ANDERSON,),
)
def landmark_by_response(
    progression: tuple[ArrayLike, ArrayLike],
    death: tuple[ArrayLike, ArrayLike],
    response: ArrayLike,
    *,
    landmark: float,
    horizon: float,
    utilities: tuple[float, float] = (1.0, 1.0),
    level: float = 0.95,
) -> ByResponse:
    """Compare patients by response from a landmark on.

    Parameters
    ----------
    progression, death
        Times in months and events of progression-free and overall survival.
    response
        (n,) 1 or True where the patient responded.
    landmark, horizon
        Months from the start between which is counted; both within follow-up.
    utilities
        Free of progression, and after it.
    level
        Coverage of the intervals, which are normal.

    Raises
    ------
    UnreadableInput
        Where a response is missing.
    InvalidSetting
        Where the landmark does not lie before the horizon.
    NotEstimable
        Where a group has fewer than five patients at the landmark, or its follow-up ends before the horizon.

    References
    ----------
    Anderson et al 1983; restricted means and their differences by pseudo-values.

    Examples
    --------
    >>> time, died = [2, 9, 9, 9, 9, 9, 5, 5, 5, 5, 5], [1] * 11
    >>> found = landmark_by_response((time, died), (time, died), [0] + [1] * 5 + [0] * 5, landmark=3, horizon=12)
    >>> found.months.value, found.responders, found.others
    (4.0, 5, 5)
    """
    y = np.asarray(response)
    if y.ndim != 1 or not len(y) or not np.isin(y, (0, 1)).all():
        raise UnreadableInput("A response is 0 or 1, and none is missing.")
    if not 0 <= landmark < horizon:
        raise InvalidSetting(
            f"The landmark lies from 0 to before the horizon: {landmark:g} and {horizon:g} do not."
        )
    (free, failed), (alive, died) = (
        (np.asarray(time, dtype=np.float64), np.asarray(event).astype(bool))
        for time, event in (progression, death)
    )
    there = alive >= landmark
    responded = y[there].astype(bool)
    sizes = int(responded.sum()), int((~responded).sum())
    if min(sizes) < FEWEST:
        raise NotEstimable(
            f"At the landmark a group has fewer than {FEWEST} patients.",
            where=f"month {landmark:g}: {sizes[0]} with a response, {sizes[1]} without",
        )
    left = horizon - landmark
    # whoever progressed before the landmark has no time free of progression after it
    free_months = pseudo_values(
        np.maximum(free[there] - landmark, 0.0), failed[there], left, groups=responded
    )
    months = pseudo_values(alive[there] - landmark, died[there], left, groups=responded)
    qalys = (utilities[0] * free_months + utilities[1] * (months - free_months)) / MONTHS_PER_YEAR
    return ByResponse(_difference(months, responded, level), _difference(qalys, responded, level), *sizes)


def _difference(values: Floats, group: NDArray[np.bool_], level: float) -> Interval:
    one, other = values[group], values[~group]
    value = float(one.mean() - other.mean())
    se = float(np.hypot(*(part.std(ddof=1) / np.sqrt(len(part)) for part in (one, other))))
    half = z_of(level) * se
    return Interval(value, value - half, value + half, level, se)
