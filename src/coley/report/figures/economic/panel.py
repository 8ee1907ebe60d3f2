"""One of several plots in a picture, each with axes of its own, at pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coley.report.figures.vega import SMALL, layer, lines, pixel, text
from coley.report.palette import colour

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coley.report.figures.kinds import Row
    from coley.report.palette import Stroke

FINEST = 0.5  # pixels


@dataclass(frozen=True, slots=True)
class Panel:
    """A plot: its place and size in pixels, and the ends of its axes.

    Attributes
    ----------
    left, top, width, height
        Pixels from the corner of the picture.
    x, y
        Ends of the axes; what lies beyond is cut off at the sides, and flattened above and below.
    log
        Whether the vertical axis is logarithmic.
    """

    left: float
    top: float
    width: float
    height: float
    x: tuple[float, float]
    y: tuple[float, float]
    log: bool = False

    def across(self, value: float) -> float:
        """Return pixels from the left of the picture."""
        low, high = self.x
        return round(self.left + self.width * (value - low) / (high - low), 2)

    def down(self, value: float) -> float:
        """Return pixels from the top of the picture.

        >>> Panel(0, 0, 100, 100, (0, 1), (0.01, 1), log=True).down(0.1)
        50.0
        """
        low, high = self.y
        value = min(max(value, low), high)
        if self.log:
            low, high, value = math.log(low), math.log(high), math.log(value)
        return round(self.top + self.height * (high - value) / (high - low), 2)

    def frame(self, across: Mapping[float, str], down: Mapping[float, str], *, title: str = "") -> list[Row]:
        """Return grid lines, ticks and their labels, and the title over them."""
        bottom, right = self.top + self.height, self.left + self.width
        line, grey, muted = colour("line"), colour("grey"), colour("muted")
        grid = [
            {"x": self.left, "x2": right, "y": self.down(v), "y2": self.down(v), "colour": line} for v in down
        ]
        base = {"x": self.left, "x2": right, "y": bottom, "y2": bottom, "colour": grey}
        ticks = [
            {"x": self.across(v), "x2": self.across(v), "y": bottom, "y2": bottom + 4, "colour": grey}
            for v in across
        ]
        beside = [
            {"x": self.left - 6, "y": self.down(v), "text": words, "colour": muted}
            for v, words in down.items()
        ]
        below = [
            {"x": self.across(v), "y": bottom + 13, "text": words, "colour": muted}
            for v, words in across.items()
        ]
        return [
            lines([*grid, base, *ticks], strokeWidth=1),
            text(beside, align="right", fontSize=SMALL),
            text(below, align="center", fontSize=SMALL),
            text([{"x": self.left, "y": self.top - 24, "text": title}] if title else [], fontWeight="bold"),
        ]

    def line(self, rows: Sequence[Row], stroke: Stroke, *, step: bool = False, **properties: object) -> Row:
        """Return rows {x, value} as a line, cut where the panel ends."""
        inside = self._cut(rows, ("value",), step=step)
        points = _spaced([{"x": self.across(row["x"]), "y": self.down(row["value"])} for row in inside])
        style = {
            "color": stroke.colour,
            "strokeWidth": 2.2,
            "strokeDash": list(stroke.dash),
            "strokeCap": "butt",
            "interpolate": "step-after" if step else "linear",
            **properties,
        }
        return layer("line", points, {"x": pixel("x"), "y": pixel("y")}, **style)

    def band(self, rows: Sequence[Row], shade: str, *, step: bool = False, **properties: object) -> Row:
        """Return rows {x, low, high} as an area, cut where the panel ends."""
        known = [row for row in rows if row["low"] is not None and row["high"] is not None]
        inside = self._cut(known, ("low", "high"), step=step)
        points = [
            {"x": self.across(row["x"]), "y": self.down(row["low"]), "y2": self.down(row["high"])}
            for row in inside
        ]
        points = _spaced(points)
        encoding = {"x": pixel("x"), "y": pixel("y"), "y2": {"field": "y2"}}
        style = {
            "color": shade,
            "opacity": 0.16,
            "interpolate": "step-after" if step else "linear",
            **properties,
        }
        return layer("area", points, encoding, **style)

    def _cut(self, rows: Sequence[Row], names: tuple[str, ...], *, step: bool) -> list[Row]:
        end = self.x[1]
        inside = [row for row in rows if row["x"] <= end]
        if not inside or len(inside) == len(rows) or inside[-1]["x"] == end:
            return inside
        a, b = inside[-1], rows[len(inside)]
        part = 0.0 if step else (end - a["x"]) / (b["x"] - a["x"])
        return [*inside, {"x": end, **{name: a[name] + part * (b[name] - a[name]) for name in names}}]


def _spaced(points: Sequence[Row]) -> list[Row]:
    """Return points of which no two lie closer side by side than can be seen; the first and the last stay."""
    kept: list[Row] = []
    for point in points:
        if kept and point["x"] - kept[-1]["x"] < FINEST:
            if len(kept) > 1:
                kept[-1] = {**point, "x": kept[-1]["x"]} if point is not points[-1] else point
        else:
            kept.append(point)
    return kept
