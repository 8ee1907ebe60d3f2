"""The cuts that a marker allows, and the standardised statistic of every one of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Profile:
    """Statistics of cuts: resamples x distinct marker values; z is NaN where a cut is not admissible.

    Attributes
    ----------
    z
        Standardised difference of the mean scores of those at or above each value and those below.
    difference
        The difference itself, of cuts that are not admissible too.
    n_high
        Patients at or above each value.
    """

    z: Floats
    difference: Floats
    n_high: Floats

    @property
    def best(self) -> Integers:
        """The cut with the largest absolute z of each resample; -1 where there is no admissible one."""
        size = np.where(np.isnan(self.z), -1.0, np.abs(self.z))
        chosen: Integers = size.argmax(axis=1)
        chosen[size.max(axis=1) <= 0] = -1
        return chosen

    @property
    def largest(self) -> Floats:
        """The largest absolute z of each resample, 0 where there is no admissible cut."""
        largest: Floats = np.where(np.isnan(self.z), 0.0, np.abs(self.z)).max(axis=1)
        return largest


@dataclass(frozen=True, eq=False)
class Candidates:
    """The distinct values of a marker: at each, patients can be cut into those at or above it and those below.

    Attributes
    ----------
    values
        Distinct values, ascending.
    code
        Of each patient: the number of his value.
    min_share
        Least share of patients on either side.
    """

    values: Floats
    code: Integers
    min_share: float
    _order: Integers
    _starts: Integers

    @classmethod
    def of(cls, marker: ArrayLike, n: int, min_share: float) -> Candidates:
        """Examine a marker.

        Raises
        ------
        UnreadableInput
            Where a value is missing or infinite, or there is not one for each patient.
        InvalidSetting
            Where the least share is not between 0 and a half.
        NotEstimable
            Where no cut leaves the least share on either side.
        """
        values = examined(marker, n)
        if not 0 < min_share < 0.5:
            raise InvalidSetting(
                f"The least share of patients on either side of a cut cannot be {min_share!r}.",
                remedy="Choose one above 0 and below 0.5; 0.1 is customary.",
            )
        order = np.argsort(values, kind="stable")
        distinct, starts, code = np.unique(values[order], return_index=True, return_inverse=True)
        of_patient = np.empty_like(code)
        of_patient[order] = code
        found = cls(distinct, of_patient, min_share, order, starts)
        if np.isnan(found.profile(np.linspace(0.0, 1.0, n)[None]).z).all():
            raise NotEstimable(
                f"No cut leaves {min_share:.0%} of patients on either side.",
                where=f"{len(distinct)} distinct values in {n} patients",
                cause="most patients share one value of the marker",
                remedy="Use the marker as it is measured, or a cut that was published.",
            )
        return found

    def profile(self, scores: Floats, weights: Floats | None = None) -> Profile:
        """Return the statistics of all cuts, for rows of scores and, if given, of resampling weights.

        The mean and variance are those of the sum over a group when scores are dealt anew among patients.
        """
        weight = np.ones((1, scores.shape[1])) if weights is None else weights
        here = self._by_value(weight)
        n = here.sum(axis=1, keepdims=True)
        high = np.cumsum(here[:, ::-1], axis=1)[:, ::-1]
        total = (weight * scores).sum(axis=1, keepdims=True)
        squares = (weight * scores * scores).sum(axis=1, keepdims=True)
        above = np.cumsum(self._by_value(weight * scores)[:, ::-1], axis=1)[:, ::-1]
        low, least = n - high, self.min_share * n - 1e-9
        allowed = (here > 0) & (high >= least) & (low >= least) & (low > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            excess = above - high / n * total
            variance = high * low / (n * (n - 1)) * (squares - total * total / n)
            z = np.where(allowed & (variance > 0), excess / np.sqrt(variance), np.nan)
            difference = np.where(low > 0, excess * n / (high * low), np.nan)
        return Profile(z, difference, np.broadcast_to(high, z.shape))

    def _by_value(self, rows: Floats) -> Floats:
        summed: Floats = np.add.reduceat(rows[:, self._order], self._starts, axis=1)
        return summed


def examined(marker: ArrayLike, n: int) -> Floats:
    """Return a marker as numbers, one for each of `n` patients.

    Raises
    ------
    UnreadableInput
        Where a value is missing or infinite, or there is not one for each patient.
    """
    try:
        values = np.asarray(marker, dtype=float)
    except (TypeError, ValueError):
        values = np.full(np.shape(marker), np.nan)
    if values.shape != (n,) or not np.isfinite(values).all():
        raise UnreadableInput(
            f"The marker needs one finite number for each of {n} patients.",
            where=f"shape {values.shape}, {int((~np.isfinite(values)).sum())} values missing or infinite",
            remedy="Leave out patients whose marker is unknown, and say how many.",
        )
    return values
