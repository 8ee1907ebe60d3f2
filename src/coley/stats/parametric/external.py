"""External data in the likelihood: survivors counted over intervals, as registries publish them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.method import method
from coley.stats.parametric.data import ORIGIN, SurvivalData

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from coley.stats.parametric.family import Floats

JACKSON_EXTERNAL = (
    "Jackson C, Stevens J, Ren S, et al. Extrapolating survival from randomized trials using external data: a review "
    "of methods. Med Decis Making 2017;37:377-390."
)


@method(
    "external_counts",
    title="External survival counts in the likelihood",
    summary="Adds to a cohort's likelihood how many of an external population at risk survived each interval.",
    needs="follow-up of the cohort, and at risk and survivors by interval of the same clock",
    limits="Takes the external population's hazard, at those times, to be the cohort's own. Discount its counts where "
    "it is only alike.",
    references=(JACKSON_EXTERNAL,),
)
def add_counts(
    data: SurvivalData,
    *,
    start: ArrayLike,
    stop: ArrayLike,
    at_risk: ArrayLike,
    survivors: ArrayLike,
    discount: float = 1.0,
    background_between: ArrayLike | None = None,
) -> SurvivalData:
    """Return the follow-up with external counts added to it, as two rows an interval.

    Survivors are rows watched from `start` and censored at `stop`, the others rows whose event is in between; their
    numbers are weights. The likelihood is then the binomial of S(stop) / S(start), up to a constant. A fit's `n` and
    `events` stay those of the cohort; its criteria compare only with fits of the same counts.

    Parameters
    ----------
    data
        The cohort.
    start, stop
        (K,) ends of the intervals, on the clock and in the unit of the cohort.
    at_risk, survivors
        (K,) alive at `start`, and of them at `stop`.
    discount
        Weight of an external person against one of the cohort, above 0 and at most 1 (a power prior).
    background_between
        (K,) cumulative hazard of the general population from `start` to `stop`, where the cohort has a background.

    Raises
    ------
    UnreadableInput
        Where intervals or counts are impossible, or a background is missing or not wanted.
    InvalidSetting
        Where the discount is out of range.

    References
    ----------
    Jackson et al. 2017.

    Examples
    --------
    >>> from coley.stats.parametric.data import survival_data
    >>> from coley.stats.parametric.families import FAMILIES
    >>> from coley.stats.parametric.fitting import fit
    >>> cohort = survival_data([0.5, 1, 2, 3], [1, 1, 0, 0])
    >>> both = add_counts(cohort, start=[3], stop=[10], at_risk=[200], survivors=[100])
    >>> round(fit(FAMILIES["exponential"], both).estimates["rate"].value, 3)  # log(2) / 7 is .099
    0.1
    """
    columns = [np.atleast_1d(np.asarray(c, dtype=float)) for c in (start, stop, at_risk, survivors)]
    begin, end, exposed, alive = columns
    if len({column.shape for column in columns}) > 1 or begin.ndim != 1 or not np.isfinite(columns).all():
        raise UnreadableInput("External counts need start, stop, at_risk and survivors of each interval.")
    wrong = (begin < 0) | (end <= begin) | (alive < 0) | (alive > exposed)
    if wrong.any():
        raise UnreadableInput(
            "An interval must end after it begins, and no more survive it than were at risk.",
            where=f"intervals {np.flatnonzero(wrong)[:5].tolist()}",
            cause="deaths given for survivors, or another unit of time",
        )
    if not 0 < discount <= 1:
        raise InvalidSetting(f"External people cannot count {discount!r} of one of the cohort's.")
    between = None if background_between is None else np.asarray(background_between, dtype=float)
    if (between is None) != (data.background is None) or (
        between is not None and between.shape != begin.shape
    ):
        raise UnreadableInput(
            "External counts need a background where the cohort has one, and only there.",
            remedy="Give `background_between`: the life table's cumulative hazard over each interval.",
        )
    k, n = len(begin), len(data.time)
    none = np.full(n, np.nan)
    people = np.concatenate([alive, exposed - alive])
    hazard, gaps = data.background, data.background_between
    return replace(
        data,
        time=np.concatenate([data.time, end, np.maximum(begin, ORIGIN)]),
        event=np.concatenate([data.event, np.zeros(k, bool), np.ones(k, bool)]),
        upper=np.concatenate([_or(data.upper, none), np.full(k, np.nan), end]),
        entry=np.concatenate([_or(data.entry, np.zeros(n)), begin, begin]),
        weights=np.concatenate([data.weight(), discount * people]),
        external=np.concatenate([_or(data.external, none), people]),
        background=None if hazard is None else np.concatenate([hazard, np.zeros(2 * k)]),
        background_between=None
        if between is None
        else np.concatenate([_or(gaps, np.zeros(n)), 0 * between, between]),
    )


def _or(column: Floats | None, otherwise: Floats) -> Floats:
    return otherwise if column is None else column
