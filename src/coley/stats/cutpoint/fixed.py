"""A cut-point that was chosen elsewhere: its effect as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable
from coley.model.method import method
from coley.stats.cutpoint.candidates import examined
from coley.stats.cutpoint.outcomes import Outcome
from coley.stats.survival.cox import COX
from coley.stats.tails import z_of
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

CAMPBELL = (
    "Campbell I. Chi-squared and Fisher-Irwin tests of two-by-two tables with small sample recommendations. "
    "Stat Med 2007;26:3661-3675."
)


@dataclass(frozen=True, slots=True)
class FixedCutpoint:
    """Patients at or above a cut that was given, against those below.

    Attributes
    ----------
    cut
        Patients with this value or more are "high".
    effect_name
        "log hazard ratio" or "difference of rates", high against low.
    effect
        With its ordinary interval; NaN where all events are on one side.
    p
        Two-sided, of the log-rank test or the chi-squared test with the factor N - 1.
    n, events
        Of all patients.
    n_high, events_high
        Of those at or above the cut.
    """

    cut: float
    effect_name: str
    effect: Interval
    p: float
    n: int
    events: int
    n_high: int
    events_high: int


@method(
    "fixed_cutpoint",
    title="Groups by a cut-point that was given",
    summary="Compares patients at or above a published cut of a marker with those below it.",
    needs="a marker, survival or a yes or no outcome, and a cut chosen without these data",
    limits="Wrong if the cut was chosen on these patients: use `best_cutpoint`, which pays for the choice. A "
    "cut discards what the marker tells within each group.",
    references=(COX, CAMPBELL),
)
def fixed_cutpoint(marker: ArrayLike, outcome: Outcome, cut: float, *, level: float = 0.95) -> FixedCutpoint:
    """Compare patients at or above a given cut with those below it.

    Parameters
    ----------
    marker
        One number per patient.
    outcome
        `Survival` or `Response` of the same patients.
    cut
        As published, in the unit of the marker.
    level
        Coverage of the interval.

    Raises
    ------
    UnreadableInput
        Where a marker is missing, or there is not one for each patient.
    InvalidSetting
        For a cut that is not a number.
    NotEstimable
        Where all patients are on one side of the cut.

    References
    ----------
    Cox 1972; Newcombe 1998, method 10; Campbell 2007.

    Examples
    --------
    >>> from coley.stats.cutpoint.outcomes import Response
    >>> tmb, responded = [2, 4, 5, 8, 11, 12, 15, 30], [0, 0, 1, 0, 1, 0, 1, 1]
    >>> found = fixed_cutpoint(tmb, Response.of(responded), 10)
    >>> found.effect.value, round(found.effect.low, 2), round(found.effect.high, 2)
    (0.5, -0.14, 0.79)
    """
    z_of(level)
    values = examined(marker, len(outcome.event))
    if not isinstance(cut, (int, float, np.number)) or not np.isfinite(cut):
        raise InvalidSetting(f"A cut must be a number, not {cut!r}.")
    high = values >= cut
    if high.all() or not high.any():
        raise NotEstimable(
            f"All {len(high)} patients are {'at or above' if high.all() else 'below'} the cut of {cut:g}.",
            where=f"values from {values.min():g} to {values.max():g}",
            cause="a marker in another unit than the cut, or a cohort that was selected by it",
        )
    return FixedCutpoint(
        cut=float(cut),
        effect_name=outcome.effect_name,
        effect=outcome.effect(high, level),
        p=outcome.p(high),
        n=len(high),
        events=int(outcome.event.sum()),
        n_high=int(high.sum()),
        events_high=int(outcome.event[high].sum()),
    )
