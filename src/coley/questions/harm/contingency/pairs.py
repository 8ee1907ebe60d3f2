"""The pairs of a table that name a drug and an event, with their counts; sums of all others only form the margins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import MissingData
from coley.stats.disproportionality.counts import PairCounts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.vigilance.reading.contingency import Contingency

# Cells up to which a table is taken whole, those never counted included. Larger tables are nearly always lists in which
# most cells are empty, and every step would be spent on these.
WHOLE_CELLS = 100_000
FEW = 5  # names that an error tells


@dataclass(frozen=True, eq=False)
class Pairs:
    """Named pairs of a table.

    Attributes
    ----------
    table
        The table they are of.
    drug, event
        (n,) where the drug and the event of each pair stand in the names of the table.
    counts
        Of the n pairs, with margins over the whole table.
    whole
        Whether pairs that were never counted are among them.
    """

    table: Contingency
    drug: NDArray[np.int64]
    event: NDArray[np.int64]
    counts: PairCounts
    whole: bool

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def least(self) -> int:
        """Smallest count that is listed."""
        return 0 if self.whole else 1

    @property
    def named_drugs(self) -> tuple[int, ...]:
        """Where drugs stand that are no sum of others."""
        return tuple(k for k in range(len(self.table.drugs)) if k not in self.table.other_drugs)

    @property
    def named_events(self) -> tuple[int, ...]:
        """Where events stand that are no sum of others."""
        return tuple(k for k in range(len(self.table.events)) if k not in self.table.other_events)


def named_pairs(table: Contingency) -> Pairs:
    """Return the pairs of a table that name a drug and an event.

    Raises
    ------
    MissingData
        Where none of them is ever counted, or all counts are of one drug or of one event.
    """
    counted = len(np.unique(table.drug)), len(np.unique(table.event))
    if min(counted) < 2:
        raise MissingData(
            "A pair needs other drugs and other events to be compared with.",
            where=f"counts above zero: {counted[0]:,} drugs, {counted[1]:,} events",
            remedy="Give a column of all other drugs, named Other, and a row for each event.",
        )
    whole = len(table.drugs) * len(table.events) <= WHOLE_CELLS
    drug, event, counts = table.pairs(zeros=whole)
    named = ~np.isin(drug, table.other_drugs) & ~np.isin(event, table.other_events)
    own = PairCounts(*(x[named] for x in (counts.both, counts.exposed, counts.event, counts.total)))
    if not own.both.sum() > 0:
        raise MissingData(
            "The table counts no pair of a named drug with a named event.",
            where=f"drugs {', '.join(table.drugs[:FEW])}; events {', '.join(table.events[:FEW])}",
            remedy="Give a column for each drug beside that of all others, and a row for each event.",
        )
    return Pairs(table, drug[named], event[named], own, whole)
