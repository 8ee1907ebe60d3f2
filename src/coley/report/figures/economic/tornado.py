"""One input at a time: how far each, at the ends of its interval, moves the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.report.clean import fold, shorten, text_width
from coley.report.figures.economic.money import Money, money
from coley.report.figures.economic.strategies import spoken
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables
from coley.report.figures.legend import swatches
from coley.report.figures.vega import SIZE, SMALL, at, axis, boxes, layer, lines, note, text, view
from coley.report.palette import colour
from coley.report.words import counted, decimals_for, format_number, join_words

if TYPE_CHECKING:
    from collections.abc import Sequence

PLOT, BAR, ROW = 400, 17, 32
MOST_INPUTS = 15
NAME = 44  # letters of an input on one line
WORDS = 24  # letters of an end that is no number
LOW, HIGH = "input at its low end", "input at its high end"
NOTHING = "There is nothing to draw: no input has an interval."


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw one bar an input around the base case, the widest on top, with the input's ends beside it."""
    chosen = options.get("strategy")
    known = [
        {**row, "name": row["label"] or spoken(row["input"]), "width": abs(row["at_high"] - row["at_low"])}
        for row in rows
        if (chosen is None or row["strategy"] == chosen)
        and all(row[column] is not None for column in ("at_low", "at_high", "base"))
    ]
    if not known:
        return Drawing(note(NOTHING), NOTHING)
    known.sort(key=lambda row: (-float(row["width"]), str(row["name"])))
    shown, base = known[:MOST_INPUTS], float(known[0]["base"])
    values = [row[column] for row in shown for column in ("at_low", "at_high")]
    amounts = money(values, str(options.get("currency", "")))
    ends = _ends([*values, base], shown)
    names = [fold(row["name"], NAME) for row in shown]
    left = 16 + max(text_width(line, SIZE) for name in names for line in name)
    height = ROW * len(shown)
    title = str(options.get("x_title", "Net benefit per patient"))
    layers = [
        _axis(ends, amounts, title),
        *_turn(ends, height=height),
        *_bars(shown, names, base=base, ends=ends, left=left),
        *_base(base, ends, amounts, height=height),
        *swatches({LOW: colour("low end"), HIGH: colour("high end")}, left=-left, width=PLOT + left)[0],
    ]
    words = [f"{counted(len(known) - len(shown), 'further input')} of less weight: in the table."]
    words = words if len(known) > len(shown) else []
    if ends[0] < 0 < ends[1]:
        words.insert(0, "Dashed: 0, where the choice turns.")
    below = [{"x": -left, "y": height + 58, "text": " ".join(words), "colour": colour("muted")}]
    layers.append(text(below if words else [], fontSize=SMALL))
    return Drawing(view(layers, width=PLOT, height=height), _summary(shown, base, amounts, title))


def _ends(values: Sequence[float], shown: Sequence[Row]) -> tuple[float, float]:
    """Return the ends of the axis, with room for what stands beside the bars."""
    low, high = min(values), max(values)
    words = max(text_width(told, SMALL) for row in shown for told in _inputs(row))
    span = (high - low) or abs(high) or 1.0
    room = span * (words + 12) / (PLOT - 2 * words - 24)
    return low - room, high + room


def _inputs(row: Row) -> tuple[str, str]:
    """Return the low and the high end of an input, in words or with as many decimals as its interval deserves."""
    if row["low_words"] and row["high_words"]:
        return shorten(row["low_words"], WORDS), shorten(row["high_words"], WORDS)
    decimals = decimals_for(row["low"], row["high"])
    ends = [row[end] for end in ("low", "high") if row[end] is not None]
    while decimals and all(round(end, decimals) == round(end, decimals - 1) for end in ends):
        decimals -= 1
    low, high = (format_number(row[end], decimals=decimals, missing="") for end in ("low", "high"))
    return low, high


def _axis(ends: tuple[float, float], amounts: Money, title: str) -> Row:
    scale = {"domain": list(ends), "nice": False, "zero": False}
    x = at("v", scale=scale, axis=axis(amounts.title(title), labelExpr=amounts.label, tickCount=5, grid=True))
    return layer("point", [{"v": ends[0]}], {"x": x}, opacity=0, color=colour("paper"))


def _bars(
    shown: Sequence[Row], names: Sequence[list[str]], *, base: float, ends: tuple[float, float], left: float
) -> list[Row]:
    def x(value: float) -> float:
        return round(PLOT * (value - ends[0]) / (ends[1] - ends[0]), 2)

    bars, heads = [], []
    beside: dict[str, list[Row]] = {"left": [], "right": []}
    for i, (row, name) in enumerate(zip(shown, names, strict=True)):
        y = ROW * (i + 0.5)
        sides = [("low end", float(row["at_low"])), ("high end", float(row["at_high"]))]
        for role, value in sorted(sides, key=lambda side: -abs(side[1] - base)):  # the shorter one on top
            a, b = sorted((x(base), x(value)))
            bars.append({"x": a, "x2": b, "y": y - BAR / 2, "y2": y + BAR / 2, "colour": colour(role)})
        told = dict(zip(("low end", "high end"), _inputs(row), strict=True))
        outer = sorted(sides, key=lambda side: side[1])
        for side, (role, value) in zip(("left", "right"), outer, strict=True):
            edge = min(x(value), x(base)) - 5 if side == "left" else max(x(value), x(base)) + 5
            beside[side].append({"x": edge, "y": y, "text": told[role], "colour": colour("muted")})
        heads += [
            {"x": -left, "y": y + 15 * (j - (len(name) - 1) / 2), "text": line} for j, line in enumerate(name)
        ]
    halo: Row = {"stroke": colour("paper"), "strokeWidth": 4}
    return [
        boxes(bars, stroke=colour("grey"), strokeWidth=0.6),
        *(
            text(words, align=align, fontSize=SMALL, **around)
            for words, align in ((beside["left"], "right"), (beside["right"], "left"))
            for around in (halo, {})
        ),
        text(heads),
    ]


def _turn(ends: tuple[float, float], *, height: float) -> list[Row]:
    """Return the line of a net benefit of nothing, where it lies in the picture."""
    if not ends[0] < 0 < ends[1]:
        return []
    x = PLOT * -ends[0] / (ends[1] - ends[0])
    mark = {"x": x, "x2": x, "y": 0, "y2": height, "colour": colour("muted")}
    return [lines([mark], strokeDash=[5, 3], strokeWidth=1.2)]


def _base(base: float, ends: tuple[float, float], amounts: Money, *, height: float) -> list[Row]:
    """Return the line of the base case with its amount."""
    x = PLOT * (base - ends[0]) / (ends[1] - ends[0])
    mark = {"x": x, "x2": x, "y": 0, "y2": height, "colour": colour("ink")}
    words = {"x": x, "y": -8, "text": f"base case {amounts.number(base)}"}
    return [lines([mark], strokeWidth=1.4), text([words], align="center", fontSize=SMALL)]


def _summary(shown: Sequence[Row], base: float, amounts: Money, title: str) -> str:
    told = [
        f"{row['name']} from {amounts.number(row['at_low'])} to {amounts.number(row['at_high'])}"
        for row in shown[:3]
    ]
    return f"{title}, {amounts.say(base)} in the base case; moved most by {join_words(told)}."


FIGURES.add(
    "tornado",
    FigureKind(
        "tornado",
        "How far each input, at the ends of its interval, moves the answer.",
        ("input", "low", "high", "at_low", "at_high", "base"),
        draw,
        optional=("strategy", "label", "low_words", "high_words"),
        value="at_low",
        options={
            "strategy": "the strategy whose rows are drawn; all rows where not given",
            "currency": "'USD'",
            "x_title": "what moves; 'Net benefit per patient' where not given",
        },
    ),
)
