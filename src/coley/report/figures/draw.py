"""From a figure of an answer to SVG."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from coley.model.errors import ColeyError
from coley.report.clean import clean
from coley.report.figures.kinds import FIGURES, Drawing, records
from coley.report.figures.vega import note, to_svg

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from coley.model.answer import Figure

EMPTY = "There is nothing to draw: the table has no rows."


def draw(figure: Figure, tables: Mapping[str, pl.DataFrame]) -> str:
    """Draw a figure as one self-contained SVG on white.

    Parameters
    ----------
    figure
        Kind, name of the table and options.
    tables
        The answer's tables.

    Returns
    -------
    str
        SVG text with an accessible name; the same input gives the same text.

    Raises
    ------
    UnknownName
        For a kind that is not registered.
    ColeyError
        Where the table, or a column of it, is missing.

    Examples
    --------
    >>> import polars as pl
    >>> from coley.model.answer import Figure
    >>> rates = pl.DataFrame({"label": ["all"], "value": [0.2], "low": [0.1], "high": [0.35], "n": [40]})
    >>> draw(Figure("forest", "rates", options={"scale": "linear", "percent": True}), {"rates": rates})[:4]
    '<svg'
    """
    drawing = _drawing(figure, tables)
    title = f"{clean(figure.title)}. " if figure.title else ""
    prefix = (
        "f"
        + sha256(f"{figure.kind}|{figure.table}|{figure.title}".encode("utf-8", "replace")).hexdigest()[:8]
    )
    return to_svg(drawing.spec, label=title + drawing.summary, prefix=prefix)


def describe(figure: Figure, tables: Mapping[str, pl.DataFrame]) -> str:
    """Return what a figure shows, in words, for those who do not see it.

    Raises
    ------
    UnknownName, ColeyError
        As `draw`.
    """
    return _drawing(figure, tables).summary


def _drawing(figure: Figure, tables: Mapping[str, pl.DataFrame]) -> Drawing:
    kind = FIGURES[figure.kind]
    if figure.table not in tables:
        raise ColeyError(
            f"Figure {figure.kind!r} is to be drawn from table {figure.table!r}, which the answer lacks.",
            where=f"tables present: {', '.join(sorted(tables)) or 'none'}",
        )
    rows = records(tables[figure.table], kind.columns, kind.optional)
    if not rows:
        return Drawing(note(EMPTY), EMPTY)
    if kind.value and all(row[kind.value] is None for row in rows):
        sentence = "There is nothing to draw: no value could be estimated."
        return Drawing(note(sentence), sentence)
    return kind.draw(rows, figure.options, tables)
