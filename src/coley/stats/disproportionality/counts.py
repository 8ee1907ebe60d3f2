"""The counts behind every measure of disproportionality: four numbers for each pair of exposure and event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


# What a measure of pairs needs, as the catalogue says it.
FOUR_COUNTS = "reports with both, with the exposure, with the event, and in all"


@dataclass(frozen=True, eq=False)
class PairCounts:
    """Reports with both, with the exposure, with the event, and in all; one row a pair.

    The four cells of the table follow: `both` (a), `only_exposed` (b), `only_event` (c), `neither` (d).

    Attributes
    ----------
    both, exposed, event, total
        (n,) or (strata, n) float64, numbers of reports.

    Examples
    --------
    >>> pair = PairCounts.of(2, exposed=51, event=26, total=1000)
    >>> float(pair.only_exposed[0]), float(pair.only_event[0]), float(pair.neither[0])
    (49.0, 24.0, 925.0)
    """

    both: Floats
    exposed: Floats
    event: Floats
    total: Floats

    @classmethod
    def of(cls, both: ArrayLike, *, exposed: ArrayLike, event: ArrayLike, total: ArrayLike) -> PairCounts:
        """Return counts from the two margins, having made sure that they can be a table.

        Parameters
        ----------
        both, exposed, event, total
            Numbers of reports, broadcast to one shape, (n,) or (strata, n).

        Raises
        ------
        UnreadableInput
            Where a count is negative or not finite, or the margins contradict each other.
        """
        cells = np.broadcast_arrays(
            *(np.atleast_1d(np.asarray(x, np.float64)) for x in (both, exposed, event, total))
        )
        counts = cls(*(np.ascontiguousarray(cell) for cell in cells))
        smallest = np.min(
            [counts.both, counts.only_exposed, counts.only_event, counts.neither], axis=0, initial=np.inf
        )
        wrong = ~(smallest >= 0) | ~np.isfinite(counts.total)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise UnreadableInput(
                "These counts cannot be a table of reports: a cell would be negative or is missing.",
                where=f"pair {row + 1}: both {counts.both.flat[row]:g}, exposed {counts.exposed.flat[row]:g}, "
                f"event {counts.event.flat[row]:g}, total {counts.total.flat[row]:g}",
                cause="counts of rows instead of reports, or margins from another selection of reports",
                remedy="Count each report once for each exposure and each event.",
            )
        return counts

    def each(self, change: Callable[[Floats], Floats]) -> PairCounts:
        """Return counts in which each of the four is changed alike: pairs chosen, strata summed, looks added up.

        Examples
        --------
        >>> pairs = PairCounts.of([2, 3], exposed=51, event=26, total=1000)
        >>> pairs.each(lambda x: x[1:]).both
        array([3.])
        """
        changed = (change(x) for x in (self.both, self.exposed, self.event, self.total))
        return PairCounts(*(np.ascontiguousarray(x) for x in changed))

    def __len__(self) -> int:
        return len(self.both)

    @property
    def only_exposed(self) -> Floats:
        """Reports with the exposure and without the event."""
        return self.exposed - self.both

    @property
    def only_event(self) -> Floats:
        """Reports with the event and without the exposure."""
        return self.event - self.both

    @property
    def neither(self) -> Floats:
        """Reports with neither."""
        return self.total - self.exposed - self.event + self.both

    @property
    def expected(self) -> Floats:
        """Reports expected with both if exposure and event were reported independently."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.exposed * self.event / self.total
