"""Curves with bands, lines of reference and axes on the units before a logarithm: what several kinds draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from coley.report.figures.scales import BACK
from coley.report.figures.vega import axis, layer
from coley.report.palette import colour

if TYPE_CHECKING:
    from coley.report.figures.kinds import Options, Row
    from coley.report.palette import Stroke

MOST_X_TICKS = 8


def band(
    rows: Sequence[Row], x: Row, y: Row, *, colour: str, positive: bool = False, **properties: object
) -> Row:
    """Return the interval of each row as an area; `positive` leaves out what a logarithm cannot show."""
    known = [
        row
        for row in rows
        if row["x"] is not None
        and row["low"] is not None
        and row["high"] is not None
        and (not positive or row["low"] > 0)
    ]
    encoding = {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
    return layer("area", known, encoding, **{"color": colour, "opacity": 0.16, **properties})


def curve(
    rows: Sequence[Row], x: Row, y: Row, *, stroke: Stroke, positive: bool = False, **properties: object
) -> Row:
    """Return the values of the rows as a line in the manner of its group."""
    known = [
        row
        for row in rows
        if row["x"] is not None and row["value"] is not None and (not positive or row["value"] > 0)
    ]
    style = {
        "color": stroke.colour,
        "strokeWidth": 2.2,
        "strokeDash": list(stroke.dash),
        "strokeCap": "butt",
        **properties,
    }
    return layer("line", known, {"x": x, "y": y}, **style)


def diagonal(x: Row, y: Row, *, top: float) -> Row:
    """Return the line on which what is read equals what was said."""
    ends = [{"x": 0.0, "value": 0.0}, {"x": top, "value": top}]
    return layer("line", ends, {"x": x, "y": y}, color=colour("grey"), strokeWidth=1.4, strokeDash=[5, 3])


def x_axis(rows: Sequence[Row], options: Options, **more: object) -> Row:
    """Return the horizontal axis; one of a logarithm is labelled in the units before it."""
    title = options.get("x_title", "")
    back = BACK.get(options.get("x_back", ""))
    known = [float(row["x"]) for row in rows if row["x"] is not None]
    if back is None or not known:
        return axis(title, **{"offset": 2, "tickCount": MOST_X_TICKS, **more})
    return axis(title, offset=2, values=back.ticks(min(known), max(known)), labelExpr=back.label)


def x_before(x: float, options: Options) -> float:
    """Return a place on the horizontal axis in the units of its labels."""
    back = BACK.get(options.get("x_back", ""))
    return x if back is None else back.undo(x)
