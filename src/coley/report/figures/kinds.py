"""What a kind of figure is, and the registry of kinds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from coley.model.errors import ColeyError, nearest
from coley.model.registry import Registry
from coley.report.clean import clean

if TYPE_CHECKING:
    import polars as pl

Row = dict[str, Any]
Options = Mapping[str, Any]
Tables = Mapping[str, "pl.DataFrame"]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure before it is SVG: a Vega-Lite specification, and what it shows in one or two sentences."""

    spec: Row
    summary: str


@dataclass(frozen=True, slots=True)
class FigureKind:
    """What a kind of figure shows and the table that it takes.

    Attributes
    ----------
    name, summary
        "kaplan_meier"; one sentence.
    columns
        Columns that the table must have.
    optional
        Columns that are used where the table has them.
    options
        Option to what it does.
    value
        The column without a single value of which there is nothing to draw.
    draw
        From rows, options and the answer's other tables to the drawing.
    """

    name: str
    summary: str
    columns: tuple[str, ...]
    draw: Callable[[list[Row], Options, Tables], Drawing]
    optional: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    value: str = ""


NOT_STATED = "not stated"  # stands for a group or label that is missing

FIGURES: Registry[FigureKind] = Registry("kind of figure")


def records(frame: pl.DataFrame, columns: tuple[str, ...], optional: tuple[str, ...] = ()) -> list[Row]:
    """Return the named columns as rows, text cleaned and what is not a finite number as None.

    Raises
    ------
    ColeyError
        Where a column is missing.
    """
    import polars as pl

    missing = [column for column in columns if column not in frame.columns]
    if missing:
        close = nearest(missing[0], frame.columns)
        raise ColeyError(
            f"The table of a figure lacks the columns {', '.join(missing)}.",
            where=f"columns present: {', '.join(frame.columns) or 'none'}",
            remedy=f"Rename {close!r} to {missing[0]!r}." if close else "Add them to the table.",
        )

    def value(cell: Any) -> Any:
        if isinstance(cell, float) and not math.isfinite(cell):
            return None
        return cell if cell is None or isinstance(cell, (bool, int, float)) else clean(cell)

    kept = frame.select([column for column in (*columns, *optional) if column in frame.columns])
    unnamed = {column: NOT_STATED for column in columns if frame.schema[column] == pl.String}
    blank = dict.fromkeys(optional)
    return [
        {**blank, **{name: unnamed.get(name) if cell is None else value(cell) for name, cell in row.items()}}
        for row in kept.iter_rows(named=True)
    ]
