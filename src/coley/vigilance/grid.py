"""A grid of exposures by events, zeros included, against the comparator that was chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import MissingData
from coley.stats.disproportionality.counts import PairCounts

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from coley.vigilance.counting import Counts

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Grid:
    """Every exposure with every event; the counts run over events first, then over exposures.

    Attributes
    ----------
    exposures, events
        Names of rows and columns.
    counts
        len(exposures) * len(events) pairs.
    """

    exposures: tuple[str, ...]
    events: tuple[str, ...]
    counts: PairCounts

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Exposure and event of each pair, in the order of the counts."""
        return [(exposure, event) for exposure in self.exposures for event in self.events]

    def at(self, exposure: str, event: str) -> int:
        """Return the place of a pair among the counts."""
        return self.exposures.index(exposure) * len(self.events) + self.events.index(event)


@dataclass(frozen=True, eq=False)
class StrataGrid:
    """The same grid within each stratum.

    Attributes
    ----------
    exposures, events
        As in `Grid`.
    strata
        Values of the strata, one tuple each.
    counts
        (strata, pairs).
    """

    exposures: tuple[str, ...]
    events: tuple[str, ...]
    strata: tuple[tuple[object, ...], ...]
    counts: PairCounts


def grid(
    counts: Counts, exposures: Sequence[str], events: Sequence[str], *, family: str | None = None
) -> Grid:
    """Return the counts of each exposure with each event against a comparator.

    Parameters
    ----------
    counts
        Unstratified numbers of reports.
    exposures, events
        What to count; what no report names counts 0.
    family
        None: every other report is the comparator, those of kindred drugs included. The name of an exposure
        that takes in all of `exposures`: the comparator is the reports without it, so that kindred drugs
        do not hide a reaction that they share.

    Raises
    ------
    MissingData
        Where no report lies outside the family.
    """
    whole = strata_grid(counts, exposures, events, family=family)
    counted = whole.counts
    return Grid(
        whole.exposures,
        whole.events,
        PairCounts(counted.both[0], counted.exposed[0], counted.event[0], counted.total[0]),
    )


def strata_grid(
    counts: Counts, exposures: Sequence[str], events: Sequence[str], *, family: str | None = None
) -> StrataGrid:
    """Return the counts of each exposure with each event within each stratum, as `grid` does.

    Raises
    ------
    MissingData
        Where no report lies outside the family.
    """
    exposures, events = tuple(exposures), tuple(events)
    rows = list(dict.fromkeys([*exposures, *([family] if family is not None else [])]))
    strata = [tuple(row) for row in counts.total.select(counts.by).rows()] if counts.by else [()]
    place = {stratum: k for k, stratum in enumerate(strata)}
    row, column = ({name: k for k, name in enumerate(names)} for names in (rows, events))
    total = counts.total["n"].to_numpy().astype(np.float64)
    both = np.zeros((len(strata), len(rows), len(events)))
    exposed = np.zeros((len(strata), len(rows)))
    event = np.zeros((len(strata), len(events)))
    _fill(both, counts.both, ("exposure", "event"), (row, column), by=counts.by, place=place)
    _fill(exposed, counts.exposed, ("exposure",), (row,), by=counts.by, place=place)
    _fill(event, counts.event, ("event",), (column,), by=counts.by, place=place)
    if family is None:
        events_in, reports_in = event[:, None, :], total[:, None, None]
    else:
        own = row[family]
        outside = total - exposed[:, own]
        if not outside.sum() > 0:
            raise MissingData(
                f"Every report names {family}: there is nothing to compare with.",
                cause="the reports were selected by these drugs",
                remedy="Supply the whole database, or compare these drugs with each other.",
            )
        # Reports of the exposure itself, and all that lie outside its family.
        events_in = (event - both[:, own])[:, None, :] + both[:, : len(exposures)]
        reports_in = outside[:, None, None] + exposed[:, : len(exposures), None]
    shape = (len(strata), len(exposures), len(events))

    def flat(cells: Floats) -> Floats:
        return np.ascontiguousarray(np.broadcast_to(cells, shape).reshape(len(strata), -1))

    return StrataGrid(
        exposures,
        events,
        tuple(strata),
        PairCounts.of(
            flat(both[:, : len(exposures)]),
            exposed=flat(exposed[:, : len(exposures), None]),
            event=flat(events_in),
            total=flat(reports_in),
        ),
    )


def _fill(
    cells: Floats,
    frame: pl.DataFrame,
    keys: tuple[str, ...],
    places: tuple[dict[str, int], ...],
    *,
    by: tuple[str, ...],
    place: dict[tuple[object, ...], int],
) -> None:
    """Put the numbers of a long frame into an array of zeros; rows of other exposures or events stay out."""
    import polars as pl

    wanted = [pl.col(key).is_in(list(known)) for key, known in zip(keys, places, strict=True)]
    chosen = frame.filter(*wanted)
    if not chosen.height:
        return
    strata = [place[stratum] for stratum in chosen.select(by).rows()] if by else [0] * chosen.height
    index = [
        chosen[key].replace_strict(known, return_dtype=pl.Int64).to_numpy()
        for key, known in zip(keys, places, strict=True)
    ]
    cells[(np.asarray(strata), *index)] = chosen["n"].to_numpy()
