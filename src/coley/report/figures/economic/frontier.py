"""Cost against effect of every strategy, with the efficient frontier and its ratios."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from coley.report.clean import shorten
from coley.report.figures.economic.money import Money, money
from coley.report.figures.economic.strategies import STRATEGY_OPTIONS, strategy_strokes
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables
from coley.report.figures.labels import Box, place
from coley.report.figures.scales import PLAIN
from coley.report.figures.vega import SIZE, SMALL, at, axis, layer, lines, note, paint, pixel, text, view
from coley.report.palette import colour
from coley.report.words import format_number, join_words

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT = 540, 320
ROOM = 0.16  # of the axis beyond the outermost strategies, for their names
ON = ("reference", "on the frontier")
LONGEST = 34  # letters of a name in the plot
NOTHING = "There is nothing to draw: no strategy has both a cost and an effect."


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw each strategy, filled on the frontier and hollow off it, and the ratio of each step along it."""
    known = [row for row in rows if row["cost"] is not None and row["qalys"] is not None]
    if not known:
        return Drawing(note(NOTHING), NOTHING)
    known.sort(key=lambda row: (float(row["cost"]), float(row["qalys"]), str(row["strategy"])))
    manner = strategy_strokes((row["strategy"] for row in known), options)
    amounts = money([row["cost"] for row in known], str(options.get("currency", "")))
    effect = str(options.get("effect", "QALY"))
    xs, ys = _ends([row["qalys"] for row in known]), _ends([row["cost"] for row in known])
    made = [
        {
            **row,
            "x": round(WIDTH * (row["qalys"] - xs[0]) / (xs[1] - xs[0]), 1),
            "y": round(HEIGHT * (ys[1] - row["cost"]) / (ys[1] - ys[0]), 1),
            "colour": manner[row["strategy"]].colour if row["strategy"] in manner else colour("muted"),
            "on": row["status"] in ON,
        }
        for row in known
    ]
    along = sorted((row for row in made if row["on"]), key=lambda row: float(row["qalys"]))
    steps = [
        {"x": a["x"], "y": a["y"], "x2": b["x"], "y2": b["y"], "colour": colour("ink")}
        for a, b in pairwise(along)
    ]
    place_ = {"x": pixel("x"), "y": pixel("y"), "color": paint()}
    right = axis(f"{effect}s", labelExpr=PLAIN, tickCount=7, grid=True, offset=2)
    up = axis(
        amounts.title("Cost"), labelExpr=amounts.label, tickCount=6, grid=True, domain=False, ticks=False
    )
    x = at("a", scale={"domain": list(xs), "nice": False, "zero": False}, axis=right)
    y = at("b", scale={"domain": list(ys), "nice": False, "zero": False}, axis=up)
    layers = [
        layer("point", [{"a": xs[0], "b": ys[0]}], {"x": x, "y": y}, color=colour("paper"), opacity=0),
        lines(steps, strokeWidth=1.6),
        layer(
            "point", [r for r in made if not r["on"]], place_, filled=False, size=90, strokeWidth=2, opacity=1
        ),
        layer("point", [r for r in made if r["on"]], place_, filled=True, size=110, opacity=1),
        *_names(made, along, amounts, effect),
    ]
    if any(not row["on"] for row in made):
        words = "Hollow: off the frontier; another strategy, or a mixture of two, costs no more and does no worse."
        layers.append(
            text([{"x": -70, "y": HEIGHT + 58, "text": words, "colour": colour("muted")}], fontSize=SMALL)
        )
    return Drawing(view(layers, width=WIDTH, height=HEIGHT), _summary(along, made, amounts, effect))


def _ends(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = ROOM * (high - low) or abs(high) * ROOM or 1.0
    return low - room if low < 0 or low - room > 0 else 0.0, high + room


def _names(made: Sequence[Row], along: Sequence[Row], amounts: Money, effect: str) -> list[Row]:
    """Return the names beside the strategies, and the ratio at the middle of each step of the frontier."""
    points = [(row["x"], row["y"]) for row in made]
    wanted, middles = [], []
    for row in made:
        off = f" ({row['status']})" if not row["on"] else ""
        wanted.append((shorten(row["strategy"], LONGEST) + off, row["x"], row["y"]))
    for a, b in pairwise(along):
        if b["icer"] is not None:
            middle = ((a["x"] + b["x"]) / 2, (a["y"] + b["y"]) / 2)
            middles.append((f"{format_number(b['icer'])} per {effect}", *middle))
    frame = Box(4, -20, WIDTH + 60, HEIGHT - 4)
    beside = [*points, *(point for a, b in pairwise(along) for point in _way(a, b))]
    placed = place([*wanted, *middles], beside, frame=frame, size=SIZE)
    ratios = {words for words, _, _ in middles}
    names = [{"x": label.x, "y": label.y, "text": label.text} for label in placed if label.text not in ratios]
    told = [
        {"x": label.x, "y": label.y, "text": label.text, "colour": colour("muted")}
        for label in placed
        if label.text in ratios
    ]
    return [text(names), text(told, fontSize=SMALL)]


def _way(a: Row, b: Row) -> list[tuple[float, float]]:
    """Return points along a step of the frontier, which names must leave free."""
    n = max(int(math.hypot(b["x"] - a["x"], b["y"] - a["y"]) / 8), 1)
    return [(a["x"] + (b["x"] - a["x"]) * i / n, a["y"] + (b["y"] - a["y"]) * i / n) for i in range(n + 1)]


def _summary(along: Sequence[Row], made: Sequence[Row], amounts: Money, effect: str) -> str:
    steps = []
    for row in along:
        ratio = f", {format_number(row['icer'])} per {effect} more" if row["icer"] is not None else ""
        steps.append(
            f"{row['strategy']} {amounts.say(row['cost'])} for {format_number(row['qalys'])} {effect}s{ratio}"
        )
    off = [f"{row['strategy']} {row['status']}" for row in made if not row["on"]]
    beside = f" Off it: {join_words(off)}." if off else ""
    return f"The efficient frontier: {'; '.join(steps)}.{beside}"


FIGURES.add(
    "frontier",
    FigureKind(
        "frontier",
        "Cost against effect of every strategy, with the efficient frontier.",
        ("strategy", "cost", "qalys", "status"),
        draw,
        optional=("icer",),
        value="cost",
        options={
            **STRATEGY_OPTIONS,
            "currency": "'USD'",
            "effect": "what is bought; 'QALY' where not given",
        },
    ),
)
