"""From each cell of a heat map down to the reports behind it, as lists that need no script."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from coley.report.clean import clean
from coley.report.figures.heat_map import Grid, grid, state
from coley.report.figures.kinds import FIGURES, records
from coley.report.figures.signal import Measure, measure
from coley.report.tables import Shown, shown
from coley.report.words import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from coley.model.answer import Figure

REPORTS_TABLE = "reports_table"  # the option that names the table of reports
KEYS = ("row", "column")
FEW = 5  # reports shown of a cell: enough to see what kind they are; the rest is in the file
MOST_CELLS = 150  # with a list of their own in the page, signals first
STATE_WORDS = {"signal": "signal", "less": "reported less than expected", "chance": "no signal"}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its anchor, its number of reports in words, and the first of its reports.

    Attributes
    ----------
    anchor
        "3-2": third row, second column.
    column
        The name of its column.
    count
        Number of reports; "–" where it cannot be observed.
    estimate
        The measure with its interval and what it amounts to.
    signal
        True for a signal.
    rows
        Cells of the first reports in words; none where the cell has no list.
    more
        What is not shown, in words.
    """

    anchor: str
    column: str
    count: str
    estimate: str
    signal: bool
    rows: tuple[tuple[str, ...], ...]
    more: str


@dataclass(frozen=True, slots=True)
class Drill:
    """The cells of a heat map by row, and the heads of their lists."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    heads: tuple[str, ...]
    numeric: tuple[bool, ...]
    rule: str
    table: Shown


def drill(
    figure: Figure, tables: Mapping[str, pl.DataFrame], paths: Mapping[str, str] = MappingProxyType({})
) -> Drill | None:
    """Return the lists behind a heat map; None where the figure has none.

    Parameters
    ----------
    figure
        A heat map whose option `reports_table` names a table.
    tables
        The answer's tables.
    paths
        Table to the CSV beside the page that holds it.

    Raises
    ------
    ColeyError
        Where a table lacks a column.
    """
    name = figure.options.get(REPORTS_TABLE, "")
    if figure.kind != "heat_map" or name not in tables:
        return None
    kind, told = FIGURES[figure.kind], measure(figure.options)
    cells = grid(records(tables[figure.table], kind.columns, kind.optional), figure.options)
    records(tables[name].head(0), KEYS)  # names the column that is missing
    listed = _lists(tables[name])
    chosen = _chosen(cells, told, listed)
    example = shown(name, tables[name].head(0).drop(KEYS))
    rows = tuple(
        (row, tuple(_cell(cells, told, listed, chosen, (i, j)) for j in range(len(cells.columns))))
        for i, row in enumerate(cells.rows)
    )
    numeric = tuple(
        not plain and number for plain, number in zip(_plain(tables[name]), example.numeric, strict=True)
    )
    return Drill(
        cells.columns, rows, example.heads, numeric, told.rule, shown(name, tables[name], paths.get(name, ""))
    )


def _lists(frame: pl.DataFrame) -> dict[tuple[str, str], pl.DataFrame]:
    """Return the reports of each cell, under the names that the heat map shows."""
    parts = frame.partition_by(KEYS, as_dict=True, include_key=False)
    return {(clean(row), clean(column)): part for (row, column), part in parts.items()}


def _chosen(
    cells: Grid, told: Measure, listed: Mapping[tuple[str, str], pl.DataFrame]
) -> frozenset[tuple[str, str]]:
    """Return the cells that have a list in the page: signals first, then in the order of the map."""
    every = [(row, column) for row in cells.rows for column in cells.columns if (row, column) in listed]
    every.sort(key=lambda key: state(cells.cells.get(key), told) != "signal")
    return frozenset(every[:MOST_CELLS])


def _cell(
    cells: Grid,
    told: Measure,
    listed: Mapping[tuple[str, str], pl.DataFrame],
    chosen: frozenset[tuple[str, str]],
    place: tuple[int, int],
) -> Cell:
    key = cells.rows[place[0]], cells.columns[place[1]]
    found, what = cells.cells.get(key), state(cells.cells.get(key), told)
    reports = 0 if found is None or found["n"] is None else int(found["n"])
    estimate = ""
    if found is not None and what in STATE_WORDS:
        estimate = f"{told.short} {told.interval(found)}, {STATE_WORDS[what]}"
    part = listed[key] if key in chosen else None
    rows = () if part is None else shown("", _readable(part.head(FEW))).rows
    held = 0 if part is None else part.height
    return Cell(
        anchor=f"{place[0] + 1}-{place[1] + 1}",
        column=key[1],
        count="–" if what == "unseen" else f"{reports:,}",
        estimate=estimate,
        signal=what == "signal",
        rows=rows,
        more=_more(len(rows), held, max(reports, held)),
    )


def _more(listed: int, held: int, reports: int) -> str:
    """Say what a list leaves out.

    >>> _more(5, 50, 1403)
    '5 of 1,403 reports; 50 of them are in the CSV.'
    >>> _more(3, 3, 3)
    ''
    """
    if listed == reports:
        return ""
    start = f"{listed} of {counted(reports, 'report')}"
    return (
        f"{start}; all are in the CSV." if held == reports else f"{start}; {held:,} of them are in the CSV."
    )


def _plain(frame: pl.DataFrame) -> tuple[bool, ...]:
    """Say of each column of a report whether its numbers are names: keys and dates."""
    return tuple(name.endswith(("_id", "_date")) for name in frame.drop(KEYS, strict=False).columns)


def _readable(frame: pl.DataFrame) -> pl.DataFrame:
    """Write keys and dates of whole digits as they are read, not as amounts."""
    import polars as pl

    written = [
        pl.col(name).cast(pl.String).map_elements(_date, return_dtype=pl.String)
        if name.endswith("_date")
        else pl.col(name).cast(pl.String)
        for name, plain in zip(frame.columns, _plain(frame), strict=True)
        if plain
    ]
    return frame.with_columns(written)


def _date(digits: str) -> str:
    """Set off year, month and day, as many as are known.

    >>> _date("20170630"), _date("201706"), _date("2017"), _date("2017-06-30")
    ('2017-06-30', '2017-06', '2017', '2017-06-30')
    """
    if not digits.isdigit() or len(digits) not in (6, 8):
        return digits
    return "-".join(part for part in (digits[:4], digits[4:6], digits[6:]) if part)
