"""Days from start to event, and the last day that each report could have told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import NotEstimable, UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class OnsetTimes:
    """Distinct pairs of onset and limit, with the number of reports of each.

    An onset on day d lies somewhere in [d, d + 1), the start being at the beginning of day 0. A report with
    the limit L exists only because its event had happened by the end of day L: it is truncated at L + 1.

    Attributes
    ----------
    begin, end
        The interval that holds the onset, in days.
    until
        Where the report is truncated, in days; infinite where it is not.
    weight
        Reports.

    Examples
    --------
    >>> times = OnsetTimes.of([0, 4, 4], limit=[30, 9, 9])
    >>> times.begin, times.until, times.weight
    (array([0., 4.]), array([31., 10.]), array([1., 2.]))
    """

    begin: Floats
    end: Floats
    until: Floats
    weight: Floats

    @classmethod
    def of(cls, days: ArrayLike, *, limit: ArrayLike | None = None) -> OnsetTimes:
        """Return the distinct times, having made sure that they can be times to onset.

        Parameters
        ----------
        days
            Whole days from start to event of each report; 0 is the day of the start.
        limit
            Whole days from the start to the day on which the data were closed, one a report or one for all;
            None takes every onset to have been reported however late.

        Raises
        ------
        UnreadableInput
            Where a day is missing, negative, not whole, or after its limit.
        NotEstimable
            Where there is no report.
        """
        onset = np.atleast_1d(np.asarray(days, dtype=float)).ravel()
        last = np.full(len(onset), np.inf) if limit is None else np.asarray(limit, dtype=float)
        last = np.broadcast_to(last, onset.shape)
        if not len(onset):
            raise NotEstimable("There is no report with a time to onset.")
        bad = ~((onset >= 0) & (onset == np.floor(onset)) & (onset <= last) & np.isfinite(onset))
        if bad.any():
            raise UnreadableInput(
                "Times to onset are whole days from 0, the day of the start, to the day the data were closed.",
                where=f"{int(bad.sum())} of {len(onset)} reports, the first with day {onset[bad][0]:g} and "
                f"limit {last[bad][0]:g}",
                cause="an event dated before the start, a missing date, or a source that counts from day 1",
                remedy="Leave such reports out and say how many; subtract 1 where the day of the start is 1.",
            )
        rows, weight = np.unique(np.stack([onset, last + 1]), axis=1, return_counts=True)
        return cls(rows[0], rows[0] + 1, rows[1], weight.astype(float))

    @property
    def n(self) -> int:
        """Reports."""
        return int(self.weight.sum())
