"""Follow-up as a parametric likelihood needs it: exact, right- and interval-censored, truncated, with background."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import NotEstimable, UnreadableInput
from coley.stats.parametric.family import Outline
from coley.stats.survival.follow_up import follow_up

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.stats.parametric.family import Floats

# Stands for time zero in logarithms; no family tells the two apart.
ORIGIN = 1e-300


@dataclass(frozen=True, eq=False)
class SurvivalData:
    """Follow-up of n patients, examined.

    Attributes
    ----------
    time
        (n,) of the event, or of the end of follow-up; the lower limit where the event is known to an interval.
    event
        (n,) whether the event was seen.
    upper
        (n,) upper limit of the event's time, NaN where it is known exactly or was not seen; None without any.
    entry
        (n,) time from which the patient was watched; None where everybody was from zero.
    weights
        (n,) or None.
    background
        (n,) hazard of the general population at `time`, per unit of time; None to leave it out.
    background_between
        (n,) cumulative hazard of the general population from `time` to `upper`; None without intervals.
    external
        (n,) people of an external population that a row counts, NaN in the rows of the cohort's own patients,
        which come first; None without such people.
    """

    time: Floats
    event: NDArray[np.bool_]
    upper: Floats | None = None
    entry: Floats | None = None
    weights: Floats | None = None
    background: Floats | None = None
    background_between: Floats | None = None
    external: Floats | None = None

    @property
    def patients(self) -> int:
        """Rows of the cohort's own patients; those of external people come after them."""
        return len(self.time) if self.external is None else int(np.isnan(self.external).sum())

    @property
    def n(self) -> int:
        """Patients of positive weight; external people are none."""
        return int((self.weight()[: self.patients] > 0).sum())

    @property
    def events(self) -> int:
        """Events among them."""
        own = slice(self.patients)
        return int((self.event[own] & (self.weight()[own] > 0)).sum())

    @property
    def horizon(self) -> float:
        """The longest follow-up."""
        return float(self.time.max())

    def weight(self) -> Floats:
        """Return the weight of each patient."""
        return np.ones(len(self.time)) if self.weights is None else self.weights

    def pull(self) -> Floats:
        """Return by how much each row's score moves an estimate, where squares of moves add up to a variance.

        People that are counted in one row are still many, whose moves have nothing to do with each other.
        """
        if self.external is None:
            return self.weight()
        return np.asarray(self.weight() / np.sqrt(np.fmax(self.external, 1.0)))

    def outline(self) -> Outline:
        """Return the survival curve without a model; events in an interval count in its middle."""
        weight = self.weight()
        middle = self.time
        if self.upper is not None:
            middle = np.where(np.isnan(self.upper), self.time, (self.time + self.upper) / 2)
        counted = self.event & (weight > 0)
        times, place = np.unique(middle[counted], return_inverse=True)
        dead = np.bincount(place, weights=weight[counted])
        order = np.argsort(middle)
        left = np.concatenate([np.cumsum(weight[order][::-1])[::-1], [0.0]])
        at_risk = left[np.searchsorted(middle[order], times, side="left")]
        start = np.zeros(len(middle)) if self.entry is None else self.entry
        if self.entry is not None:
            order = np.argsort(start)
            late = np.concatenate([np.cumsum(weight[order][::-1])[::-1], [0.0]])
            at_risk = at_risk - late[np.searchsorted(start[order], times, side="left")]
        rate = float(dead.sum() / (weight * (middle - start)).sum())
        return Outline(times, -np.cumsum(dead / np.maximum(at_risk, dead)), rate)


def survival_data(
    time: ArrayLike,
    event: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    background: ArrayLike | None = None,
    background_between: ArrayLike | None = None,
) -> SurvivalData:
    """Examine follow-up and return it.

    Parameters
    ----------
    time
        (n,) time of the event or of the end of follow-up, in any unit.
    event
        (n,) 1 the event happened, 0 right-censored.
    entry
        (n,) time from which each patient was under observation (left truncation).
    upper
        (n,) where the event happened at an unknown moment in (time, upper]; NaN or equal to `time` elsewhere.
    weights
        (n,) of the patients' contributions.
    background
        (n,) hazard of the general population at each patient's age at `time`, per unit of time: the model is
        then of the excess hazard.
    background_between
        (n,) cumulative background hazard over (time, upper], where there are intervals and a background.

    Raises
    ------
    UnreadableInput
        Where lengths differ, a value is missing, negative or impossible, or an event is at time zero.
    NotEstimable
        Where there is no event.

    Examples
    --------
    >>> data = survival_data([2.0, 5.0, 7.0], [1, 0, 1])
    >>> data.n, data.events, data.horizon
    (3, 2, 7.0)
    """
    rows = follow_up(time, event, entry=entry, weights=weights)
    n = len(rows.time)
    if not (rows.event & (rows.weights > 0 if rows.weights is not None else True)).any():
        raise NotEstimable(
            "There is no event: no distribution of its time can be fitted.",
            where=f"{n} patients",
            remedy="Check the coding of events (1 happened, 0 censored).",
        )
    if rows.entry is not None and (rows.entry < 0).any():
        raise UnreadableInput(
            "A parametric model has no time before zero, and an entry lies there.",
            where=f"rows {np.flatnonzero(rows.entry < 0)[:5].tolist()}",
            remedy="Count time from an origin that comes before every entry.",
        )
    later = _column("upper", upper, n, gaps=True)
    if later is not None:
        later = np.where(later == rows.time, np.nan, later)
        given = ~np.isnan(later)
        wrong = given & ((later < rows.time) | ~rows.event | np.isinf(later))
        if wrong.any():
            raise UnreadableInput(
                "An interval must end after it begins, and be of an event.",
                where=f"rows {np.flatnonzero(wrong)[:5].tolist()}",
                cause="a patient without the event, whose interval has no end",
                remedy="Give such a patient event 0 and no upper limit.",
            )
        later = later if given.any() else None
    exact = rows.event if later is None else rows.event & np.isnan(later)
    if (exact & (rows.time == 0)).any():
        raise UnreadableInput(
            "An event is at time zero, where most distributions have no density or an infinite one.",
            where=f"rows {np.flatnonzero(exact & (rows.time == 0))[:5].tolist()}",
            cause="times rounded down to whole months or days",
            remedy="Add half a unit of rounding to such times, or give them as intervals from 0.",
        )
    hazard = _column("background", background, n)
    between = _column("background_between", background_between, n)
    if hazard is not None and later is not None and between is None:
        raise UnreadableInput(
            "Events known to an interval need the background accumulated over it.",
            remedy="Give `background_between`: the cumulative hazard of the life table from `time` to `upper`.",
        )
    return SurvivalData(
        np.maximum(rows.time, ORIGIN), rows.event, later, rows.entry, rows.weights, hazard, between
    )


def _column(name: str, values: ArrayLike | None, n: int, *, gaps: bool = False) -> Floats | None:
    if values is None:
        return None
    column = np.asarray(values, dtype=float)
    column = np.full(n, float(column)) if column.ndim == 0 else column
    bad = (column < 0) if gaps else ~np.isfinite(column) | (column < 0)
    if column.shape != (n,) or bad.any():
        raise UnreadableInput(
            f"{name!r} needs one number per patient that is not negative.",
            where=f"shape {column.shape} for {n} patients; unusable at rows {np.flatnonzero(bad)[:5].tolist()}",
        )
    return column
