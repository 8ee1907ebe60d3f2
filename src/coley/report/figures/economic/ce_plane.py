"""The cost-effectiveness plane: draws of added cost against added effect, with their mean and ellipse."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from coley.report.clean import text_width
from coley.report.figures.economic.money import Money, money
from coley.report.figures.economic.strategies import STRATEGY_OPTIONS, left_out, strategy_strokes, thin
from coley.report.figures.economic.thresholds import THRESHOLD_OPTIONS
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables, records
from coley.report.figures.legend import dots
from coley.report.figures.scales import PLAIN
from coley.report.figures.vega import SMALL, at, axis, layer, lines, note, paint, pixel, text, view
from coley.report.palette import colour
from coley.report.words import counted, format_number

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT = 540, 360
LEFT = 70
MOST_DRAWS = 1500  # more only blacken the picture
SHEETS = 6  # draws lie on so many transparent layers: where many lie, the picture is darker
OUTER = 0.005  # of the draws on each side do not set the axes
MARGIN = 0.06  # of the axis beyond what it holds
QUADRANTS = {
    "worse_and_costlier": ("worse, dearer", "left", "top"),
    "better_and_costlier": ("better, dearer", "right", "top"),
    "worse_and_cheaper": ("worse, cheaper", "left", "bottom"),
    "better_and_cheaper": ("better, cheaper", "right", "bottom"),
}
NOTHING = "There is nothing to draw: no draw and no mean has both a cost and an effect."


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw the draws, the mean and the ellipse of each strategy, the thresholds and the quadrants."""
    known = [row for row in rows if row["effect"] is not None and row["cost"] is not None]
    known = [row for row in known if row["kind"] in ("draw", "ellipse", "mean")]
    manner = strategy_strokes((row["strategy"] for row in known), options)
    shown = [row for row in known if row["strategy"] in manner]
    if not shown:
        return Drawing(note(NOTHING), NOTHING)
    amounts = money([row["cost"] for row in shown], str(options.get("currency", "")))
    frame = _Frame(_ends(shown, "effect"), _ends(shown, "cost"))
    most = max(MOST_DRAWS // len(manner), 1)
    layers = [_axes(frame, amounts, options), *_zero(frame), *_thresholds(frame, options, amounts)]
    outside = 0
    for name, stroke in manner.items():
        own = sorted(
            (row for row in shown if row["strategy"] == name and row["kind"] == "draw"),
            key=lambda row: (row["effect"], row["cost"]),
        )
        inside = [row for row in own if frame.holds(row)]
        outside += len(own) - len(inside)
        layers += _cloud([frame.place(row) for row in thin(inside, most)], stroke.colour)
    for name, stroke in manner.items():
        own = [row for row in shown if row["strategy"] == name]
        layers += _middle(own, frame, stroke.colour)
    layers += _quadrants(frame, options, tables, names=list(manner))
    layers += dots(
        {name: (stroke.colour, True) for name, stroke in manner.items()}, left=-LEFT, width=WIDTH + LEFT
    )[0]
    if outside:
        words = f"{counted(outside, 'draw')} {'lies' if outside == 1 else 'lie'} outside the picture."
        layers.append(
            text([{"x": -LEFT, "y": HEIGHT + 58, "text": words, "colour": colour("muted")}], fontSize=SMALL)
        )
    layers += left_out((row["strategy"] for row in known), manner, x=-LEFT, y=HEIGHT + 76)
    return Drawing(view(layers, width=WIDTH, height=HEIGHT), _summary(shown, list(manner), amounts, options))


class _Frame:
    """The part of the plane that is drawn."""

    def __init__(self, effect: tuple[float, float], cost: tuple[float, float]) -> None:
        self.effect, self.cost = effect, cost

    def x(self, effect: float) -> float:
        low, high = self.effect
        return WIDTH * (effect - low) / (high - low)

    def y(self, cost: float) -> float:
        low, high = self.cost
        return HEIGHT * (high - cost) / (high - low)

    def holds(self, row: Row) -> bool:
        return bool(
            self.effect[0] <= row["effect"] <= self.effect[1] and self.cost[0] <= row["cost"] <= self.cost[1]
        )

    def place(self, row: Row) -> tuple[float, float]:
        return round(self.x(row["effect"]), 1), round(self.y(row["cost"]), 1)


def _ends(rows: Sequence[Row], name: str) -> tuple[float, float]:
    """Return the ends of an axis that holds 0, means and ellipses, and all but the outermost draws."""
    ordered = sorted(row[name] for row in rows if row["kind"] == "draw")
    outer = int(OUTER * len(ordered))
    inner = ordered[outer : len(ordered) - outer]
    held = [0.0, *inner, *(row[name] for row in rows if row["kind"] != "draw")]
    low, high = min(held), max(held)
    room = (MARGIN * (high - low)) or 1.0
    return low - room, high + room


def _axes(frame: _Frame, amounts: Money, options: Options) -> Row:
    effect = str(options.get("effect", "QALY"))
    x = at(
        "x",
        scale={"domain": list(frame.effect), "nice": False, "zero": False},
        axis=axis(f"Added {effect}s", labelExpr=PLAIN, tickCount=7, offset=2),
    )
    y = at(
        "y",
        scale={"domain": list(frame.cost), "nice": False, "zero": False},
        axis=axis(
            amounts.title("Added cost"),
            labelExpr=amounts.label,
            tickCount=6,
            grid=True,
            domain=False,
            ticks=False,
        ),
    )
    corner = [{"x": frame.effect[0], "y": frame.cost[0]}]
    return layer("point", corner, {"x": x, "y": y}, color=colour("paper"), opacity=0)


def _zero(frame: _Frame) -> list[Row]:
    x, y = frame.x(0), frame.y(0)
    grey = colour("grey")
    return [
        lines(
            [
                {"x": x, "x2": x, "y": 0, "y2": HEIGHT, "colour": grey},
                {"x": 0, "x2": WIDTH, "y": y, "y2": y, "colour": grey},
            ],
            strokeWidth=1.2,
        )
    ]


def _thresholds(frame: _Frame, options: Options, amounts: Money) -> list[Row]:
    """Return each threshold as the line on which a strategy is just worth its cost, named where it leaves the frame."""
    effect = str(options.get("effect", "QALY"))
    drawn: list[Row] = []
    right: list[Row] = []
    above: list[Row] = []
    for k in sorted({float(k) for k in options.get("thresholds", ()) if k > 0}):
        begin = max(frame.effect[0], frame.cost[0] / k)
        end = min(frame.effect[1], frame.cost[1] / k)
        if begin >= end:
            continue
        ends = {
            "x": frame.x(begin),
            "y": frame.y(k * begin),
            "x2": frame.x(end),
            "y2": frame.y(k * end),
            "colour": colour("muted"),
        }
        drawn.append(ends)
        words = (
            f"{amounts.number(k)} per {effect}" if amounts.factor == 1 else f"{format_number(k)} per {effect}"
        )
        if frame.x(end) > WIDTH - 1:
            right.append({"x": WIDTH + 6, "y": ends["y2"], "text": words, "colour": colour("muted")})
        else:
            above.append({"x": ends["x2"], "y": -8, "text": words, "colour": colour("muted")})
    right = _apart(right, "y", least=14)
    above = _apart(above, "x", least=text_width("1,000,000 per QALY", SMALL))
    return [
        lines(drawn, strokeDash=[5, 3], strokeWidth=1.2),
        text(right, fontSize=SMALL),
        text(above, fontSize=SMALL, align="center"),
    ]


def _apart(labels: list[Row], along: str, *, least: float) -> list[Row]:
    kept: list[Row] = []
    for one in sorted(labels, key=lambda row: float(row[along])):
        if not kept or one[along] - kept[-1][along] >= least:
            kept.append(one)
    return kept


def _cloud(points: Sequence[tuple[float, float]], shade: str) -> list[Row]:
    """Return points as a few paths of very short lines with round ends: a tenth of the size of so many marks."""
    made = []
    for sheet in range(SHEETS):
        rows: list[Row] = []
        for x, y in points[sheet::SHEETS]:
            rows += [
                {"i": len(rows), "x": x, "y": y},
                {"i": len(rows) + 1, "x": x + 0.1, "y": y},
                {"i": len(rows) + 2, "x": None, "y": None},
            ]
        if rows:
            encoding = {"x": pixel("x"), "y": pixel("y"), "order": {"field": "i", "type": "quantitative"}}
            made.append(
                layer(
                    "line",
                    rows,
                    encoding,
                    color=shade,
                    strokeWidth=3.4,
                    strokeCap="round",
                    opacity=0.38,
                    invalid="break-paths-show-path-domains",
                )
            )
    return made


def _middle(own: Sequence[Row], frame: _Frame, shade: str) -> list[Row]:
    """Return the ellipse, its points in order around the middle whatever their order was, and the mean."""
    made = []
    rim = [frame.place(row) for row in own if row["kind"] == "ellipse"]
    if rim:
        mx, my = (sum(values) / len(rim) for values in zip(*rim, strict=True))
        rim = sorted(set(rim), key=lambda point: math.atan2(point[1] - my, point[0] - mx))
        closed = [{"i": i, "x": x, "y": y} for i, (x, y) in enumerate([*rim, rim[0]])]
        encoding = {"x": pixel("x"), "y": pixel("y"), "order": {"field": "i", "type": "quantitative"}}
        made.append(layer("line", closed, encoding, color=shade, strokeWidth=1.8))
    spots = [frame.place(row) for row in own if row["kind"] == "mean"]
    if spots:
        marks = [{"x": x, "y": y, "colour": shade} for x, y in spots]
        encoding = {"x": pixel("x"), "y": pixel("y"), "color": paint()}
        halo = [{**mark, "colour": colour("paper")} for mark in marks]
        made.append(layer("point", halo, encoding, filled=True, size=190, opacity=1))
        made.append(layer("point", marks, encoding, filled=True, size=100, opacity=1))
    return made


def _quadrants(frame: _Frame, options: Options, tables: Tables, *, names: list[str]) -> list[Row]:
    """Name the corners that have room, with the share of the draws in them where one strategy is shown."""
    table = options.get("quadrants_table", "")
    shares: Row = {}
    if table in tables and len(names) == 1:
        found = [r for r in records(tables[table], ("strategy", *QUADRANTS)) if r["strategy"] == names[0]]
        shares = found[0] if found else {}
    x0, y0 = frame.x(0), frame.y(0)
    left: list[Row] = []
    right: list[Row] = []
    for key, (words, side, end) in QUADRANTS.items():
        share = shares.get(key)
        if share is not None:
            words = f"{words}: {format_number(100 * share, decimals=0)} %"
        wide, tall = (x0 if side == "left" else WIDTH - x0), (y0 if end == "top" else HEIGHT - y0)
        if wide < text_width(words, SMALL) + 12 or tall < 20:
            continue
        y = 11 if end == "top" else HEIGHT - 11
        one = {"x": 6 if side == "left" else WIDTH - 6, "y": y, "text": words, "colour": colour("muted")}
        (left if side == "left" else right).append(one)
    halo: Row = {"stroke": colour("paper"), "strokeWidth": 4}
    return [
        text(words, fontSize=SMALL, align=side, **around)
        for words, side in ((left, "left"), (right, "right"))
        for around in (halo, {})
    ]


def _summary(rows: Sequence[Row], names: Sequence[str], amounts: Money, options: Options) -> str:
    effect = str(options.get("effect", "QALY"))
    parts = []
    for name in names:
        own = [row for row in rows if row["strategy"] == name]
        mean = next((row for row in own if row["kind"] == "mean"), None)
        if mean is None:
            parts.append(f"{name}, {counted(sum(r['kind'] == 'draw' for r in own), 'draw')}")
            continue
        parts.append(
            f"{name}, mean {format_number(mean['effect'])} {effect}s and {amounts.say(mean['cost'])}"
        )
    return f"Added cost against added {effect}s: {'; '.join(parts)}."


FIGURES.add(
    "ce_plane",
    FigureKind(
        "ce_plane",
        "Added cost against added effect: draws, mean and ellipse of each strategy, and the thresholds.",
        ("strategy", "kind", "effect", "cost"),
        draw,
        options={
            **STRATEGY_OPTIONS,
            **THRESHOLD_OPTIONS,
            "quadrants_table": "table with columns strategy, better_and_costlier, better_and_cheaper, "
            "worse_and_cheaper, worse_and_costlier: shares of all draws, written where one strategy is shown",
        },
    ),
)
