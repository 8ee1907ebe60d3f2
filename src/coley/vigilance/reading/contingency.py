"""Ready tables of counts, events by drugs or a list of pairs: they have no reports behind them any more."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import UnreadableInput
from coley.stats.disproportionality.counts import PairCounts
from coley.vigilance.reading.limits import Limits
from coley.vigilance.reading.rows import LINE, Header, Rows, concat, header_of
from coley.vigilance.reading.sources import find
from coley.vigilance.reading.tables import roles_of
from coley.vigilance.reading.workbooks import sheet_names

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import polars as pl
    from numpy.typing import NDArray

_HEAD = 1 << 16  # bytes by which the table is recognised
# How tables name the sum of what they do not list: Other, other_drugs, Other AEs, All others.
_OTHERS = re.compile(r"(all[ _-]?)?others?([ _-]\w+)?", re.IGNORECASE)
_MOST_CELLS = 100_000_000  # of a dense table, 800 MB
_MOST_NAMES = 5
# First header of a matrix, whose first column names the events; a blank one is "unnamed" in a workbook or after pandas.
EVENT_HEADS = frozenset({"", "ae", "event", "pt", "column_1", "x", "unnamed_0"})


@dataclass(frozen=True, slots=True, eq=False)
class Contingency:
    """Counts of drug-event pairs, and what their margins are.

    Attributes
    ----------
    drugs, events
        The names, in the order of the file.
    drug, event
        (n,) int64, of each pair with a count above zero, where its drug and event stand in the names.
    count
        (n,) float64.
    other_drugs, other_events
        Where in the names stand sums of all that the table does not list.
    margins_of
        "pairs": a report with two drugs or two events counts several times in the margins, so totals are not
        numbers of reports. A table without its reports cannot do better.
    """

    drugs: tuple[str, ...]
    events: tuple[str, ...]
    drug: NDArray[np.int64]
    event: NDArray[np.int64]
    count: NDArray[np.float64]
    other_drugs: tuple[int, ...] = ()
    other_events: tuple[int, ...] = ()
    margins_of: str = "pairs"

    def matrix(self) -> NDArray[np.float64]:
        """Return the counts as events by drugs.

        Raises
        ------
        UnreadableInput
            Where the matrix would not fit into memory.
        """
        if len(self.events) * len(self.drugs) > _MOST_CELLS:
            raise UnreadableInput(
                f"{len(self.events):,} events by {len(self.drugs):,} drugs are too many for a matrix.",
                remedy="Work with the list of pairs.",
            )
        matrix = np.zeros((len(self.events), len(self.drugs)))
        matrix[self.event, self.drug] = self.count
        return matrix

    def pairs(self, *, zeros: bool = False) -> tuple[NDArray[np.int64], NDArray[np.int64], PairCounts]:
        """Return drug and event of each pair and its counts, margins taken over the whole table.

        Parameters
        ----------
        zeros
            Whether to list pairs that were never counted, too.
        """
        total = self.count.sum()
        by_drug = np.bincount(self.drug, self.count, len(self.drugs))
        by_event = np.bincount(self.event, self.count, len(self.events))
        drug, event, both = self.drug, self.event, self.count
        if zeros:
            both = self.matrix().ravel()
            event, drug = np.divmod(np.arange(both.size), len(self.drugs))
        counts = PairCounts.of(both, exposed=by_drug[drug], event=by_event[event], total=total)
        return drug, event, counts


def read_contingency(path: Path, *, limits: Limits | None = None) -> Contingency:
    r"""Read a table of counts: a matrix of events (rows) by drugs (columns), or a list of drug, event and count.

    Parameters
    ----------
    path
        A CSV file, which may be compressed by gzip, or a workbook. A matrix has the names of events in its first
        column; a list has columns for drug, event and count (n11).
    limits
        Bounds of memory and of trust.

    Raises
    ------
    UnreadableInput
        Where it is neither, or a count is missing, negative or not whole, or a name stands there twice.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as name:
    ...     file = Path(name) / "statins.csv"
    ...     _ = file.write_text(",Atorvastatin,Other\nRhabdomyolysis,20,300\nMyalgia,50,900\n")
    ...     table = read_contingency(file)
    >>> table.drugs, table.other_drugs, table.matrix().tolist()
    (('Atorvastatin', 'Other'), (1,), [[20.0, 300.0], [50.0, 900.0]])
    """
    limits = limits or Limits()
    entry = find([path], path / "no store").entries[0]
    header = header_of(entry, entry.head(limits, _HEAD))
    roles = roles_of(header.names)
    if {"drug", "event", "count"} <= set(roles):
        return _from_list(Rows(entry, header, limits), roles)
    if len(header.names) > 1 and header.names[0] in EVENT_HEADS:
        return _from_matrix(Rows(entry, _numbered(header), limits), entry.head(limits, _HEAD))
    raise UnreadableInput(
        "This is no table of counts.",
        where=f"{entry.name}, line 1: {', '.join(header.names[:_MOST_NAMES])}",
        remedy="Give a matrix whose first column names the events, or a list with drug, event and count.",
    )


def _numbered(header: Header) -> Header:
    """Return the header with places for names, so that drugs with like names do not fall together."""
    return Header(header.delimiter, tuple(f"c{number}" for number in range(len(header.names))))


def _from_list(source: Rows, roles: dict[str, str]) -> Contingency:
    import polars as pl

    drug, event, count = (roles[role] for role in ("drug", "event", "count"))
    frame = _all(source, {drug, event, count})
    _named(frame, drug, source, kind="drug")
    _named(frame, event, source)
    frame = frame.with_columns(_whole(frame, count, source))
    summed = frame.group_by(drug, event, maintain_order=True).agg(pl.col(count).sum())
    if summed.height < frame.height:
        raise UnreadableInput(
            f"{frame.height - summed.height:,} pairs of drug and event stand there more than once.",
            where=source.entry.name,
            remedy="Sum their counts, if they are counts of different reports.",
        )
    drugs, events = (frame[name].unique(maintain_order=True) for name in (drug, event))
    counted = summed.filter(pl.col(count) > 0)
    return _contingency(
        drugs.to_list(),
        events.to_list(),
        (_places(counted[drug], drugs), _places(counted[event], events), counted[count].to_numpy()),
    )


def _from_matrix(source: Rows, head: bytes) -> Contingency:
    import csv

    names = source.names
    if source.delimiter:
        line = head.split(b"\n", 1)[0].decode("utf-8", "replace").lstrip("\ufeff").rstrip("\r")
        titles: Sequence[str] = next(csv.reader([line], delimiter=source.delimiter))
    else:
        titles = sheet_names(source.entry)
    drugs = [name.strip() for name in titles[1:]]
    frame = _all(source, set(names))
    events = _named(frame, names[0], source).to_list()
    if "" in drugs:
        raise _nameless("drug", f"{source.entry.name}, line 1, column {drugs.index('') + 2}")
    for kind, labels in (("drug", drugs), ("event", events)):
        twice = next((label for label in labels if labels.count(label) > 1), None)
        if twice is not None:
            raise UnreadableInput(
                f"The {kind} {twice!r} stands there twice.", where=source.entry.name, remedy="Sum or rename."
            )
    matrix = np.column_stack([_whole(frame, name, source).to_numpy() for name in names[1:]])
    event, drug = np.nonzero(matrix)
    return _contingency(drugs, events, (drug, event, matrix[event, drug]))


def _contingency(
    drugs: Sequence[str],
    events: Sequence[str],
    triples: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]],
) -> Contingency:
    drug, event, count = triples
    return Contingency(
        tuple(drugs),
        tuple(events),
        drug.astype(np.int64),
        event.astype(np.int64),
        count.astype(np.float64),
        _others(drugs),
        _others(events),
    )


def _others(names: Sequence[str]) -> tuple[int, ...]:
    return tuple(at for at, name in enumerate(names) if _OTHERS.fullmatch(name.strip()))


def _all(source: Rows, wanted: set[str]) -> pl.DataFrame:
    frame = concat(source.batches(wanted))
    lost = source.dropped.tallies()
    if frame is None or lost:
        raise UnreadableInput(
            "The table has no row."
            if frame is None
            else f"{lost[0].count:,} lines cannot be read: {lost[0].reason}.",
            where=f"{source.entry.name}, line {lost[0].lines[0] if lost else 1}",
            cause="A table that was cut off or edited." if lost else "",
            remedy="Export the table again; sums of a table with lost lines would be wrong.",
        )
    return frame


def _named(frame: pl.DataFrame, name: str, source: Rows, *, kind: str = "event") -> pl.Series:
    """Return a column of names, having made sure that each row has one."""
    if frame[name].null_count():
        line = frame.filter(frame[name].is_null())[LINE][0]
        raise _nameless(kind, f"{source.entry.name}, line {line}")
    return frame[name]


def _nameless(kind: str, where: str) -> UnreadableInput:
    return UnreadableInput(
        f"A {kind} has no name.", where=where, cause="A blank cell.", remedy="Name it, or leave it out."
    )


def _whole(frame: pl.DataFrame, name: str, source: Rows) -> pl.Series:
    import polars as pl

    values = frame[name].cast(pl.Float64, strict=False)
    wrong = values.is_null() | values.is_nan() | (values < 0) | (values != values.round())
    if wrong.any():
        bad = frame.filter(wrong).row(0, named=True)
        raise UnreadableInput(
            f"{bad[name]!r} is no count.",
            where=f"{source.entry.name}, line {bad[LINE]}",
            cause="An empty cell, a share or a rate.",
            remedy="Counts are whole numbers from 0; where none was reported, write 0.",
        )
    return values


def _places(values: pl.Series, names: pl.Series) -> NDArray[np.int64]:
    import polars as pl

    return values.replace_strict(names, np.arange(len(names)), return_dtype=pl.Int64).to_numpy()
