"""Two inputs together: which strategy to choose where, and by how much it leads."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from coley.report.clean import shorten
from coley.report.figures.economic.money import Money, money
from coley.report.figures.economic.strategies import STRATEGY_OPTIONS, left_out, strategy_strokes
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables
from coley.report.figures.legend import swatches
from coley.report.figures.vega import SMALL, boxes, layer, lines, note, pixel, text, view
from coley.report.palette import colour
from coley.report.words import format_number, join_words

if TYPE_CHECKING:
    from collections.abc import Sequence

PLOT = (540, 340)  # pixels
NARROWEST, LOWEST = 46, 18  # pixels of a cell that holds an amount
PALE = 0.32  # of a fill, on which ink is read
APART = 52  # pixels from one number of the horizontal axis to the next, at least
LEFT = 64  # pixels left of the plot where a key begins
MOST_DECIMALS = 4
TITLE = 70  # letters of a title of an axis
NOTHING = "There is nothing to draw: no net benefit is known over both inputs."


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw one cell a pair of values, filled with the colour of the best strategy, its lead written in it."""
    chosen = options.get("analysis")
    known = [
        {**row, "x": float(row["x"]), "y": float(row["y"]), "benefit": float(row["net_benefit"])}
        for row in rows
        if (chosen is None or row["analysis"] == chosen)
        and all(row[column] is not None for column in ("x", "y", "net_benefit"))
    ]
    if not known:
        return Drawing(note(NOTHING), NOTHING)
    xs, ys = (sorted({row[axis] for row in known}) for axis in ("x", "y"))
    manner = strategy_strokes([row["strategy"] for row in known], options)
    cells = [cell for cell in _cells(known) if cell["strategy"] in manner]
    amounts = money([cell["lead"] for cell in cells], str(options.get("currency", "")))
    wide, tall = PLOT[0] / len(xs), PLOT[1] / len(ys)
    filled, leads = [], []
    for cell in cells:
        i, j = xs.index(cell["x"]), ys.index(cell["y"])
        box = {"x": wide * i, "x2": wide * (i + 1), "y": PLOT[1] - tall * (j + 1), "y2": PLOT[1] - tall * j}
        filled.append({**box, "colour": manner[cell["strategy"]].colour})
        if cell["lead"] is not None and wide >= NARROWEST and tall >= LOWEST:
            middle = {"x": wide * (i + 0.5), "y": PLOT[1] - tall * (j + 0.5)}
            leads.append({**middle, "text": amounts.number(cell["lead"])})
    layers = [
        boxes(filled, opacity=PALE),
        *_base(xs, ys, options),
        text(leads, align="center", fontSize=SMALL),
        *_axes(xs, ys, options),
        *swatches(
            {name: manner[name].colour for name in manner if any(c["strategy"] == name for c in cells)},
            left=-LEFT,
            width=PLOT[0] + LEFT,
        )[0],
        *left_out([row["strategy"] for row in known], manner, x=-LEFT, y=PLOT[1] + 64),
    ]
    return Drawing(view(layers, width=PLOT[0], height=PLOT[1]), _summary(cells, amounts))


def _cells(rows: Sequence[Row]) -> list[Row]:
    """Return for each pair of values the best strategy, and its lead over the next (None where there is none)."""
    places: dict[tuple[float, float], list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row["x"], row["y"], str(row["strategy"]))):
        places.setdefault((row["x"], row["y"]), []).append(row)
    cells = []
    for (x, y), here in places.items():
        first, *others = sorted(here, key=lambda row: -float(row["benefit"]))
        lead = first["benefit"] - others[0]["benefit"] if others else None
        cells.append({"x": x, "y": y, "strategy": str(first["strategy"]), "lead": lead})
    return cells


def _axes(xs: Sequence[float], ys: Sequence[float], options: Options) -> list[Row]:
    """Return the values of both inputs at the middles of the cells, as many as there is room for, and the titles."""
    wide, tall = PLOT[0] / len(xs), PLOT[1] / len(ys)
    muted = colour("muted")
    below = [
        {"x": wide * (i + 0.5), "y": PLOT[1] + 14, "text": words, "colour": muted}
        for i, words in _numbers(xs, every=-int(-APART // wide))
    ]
    beside = [
        {"x": -8, "y": PLOT[1] - tall * (j + 0.5), "text": words, "colour": muted}
        for j, words in _numbers(ys, every=-int(-LOWEST // tall))
    ]
    across = {"x": PLOT[0] / 2, "y": PLOT[1] + 38, "colour": muted}
    up = {"x": -LEFT - 4, "y": PLOT[1] / 2, "colour": muted}
    return [
        text(below, align="center", fontSize=SMALL),
        text(beside, align="right", fontSize=SMALL),
        text([{**across, "text": _title(options, "x")}], align="center", fontSize=SMALL),
        text([{**up, "text": _title(options, "y")}], align="center", fontSize=SMALL, angle=270),
    ]


def _title(options: Options, axis: str) -> str:
    return shorten(options.get(f"{axis}_title", axis), TITLE)


def _numbers(values: Sequence[float], *, every: int) -> list[tuple[int, str]]:
    """Return places and words of values, with the fewest decimals that tell them to a fiftieth of a step."""
    step = min((b - a for a, b in pairwise(values)), default=abs(values[0]) or 1.0)
    decimals = next(
        (d for d in range(MOST_DECIMALS) if all(abs(round(v, d) - v) <= step / 50 for v in values)),
        MOST_DECIMALS,
    )
    return [(i, format_number(values[i], decimals=decimals)) for i in range(0, len(values), max(every, 1))]


def _base(xs: Sequence[float], ys: Sequence[float], options: Options) -> list[Row]:
    """Return the base case as faint lines that cross in it and end in triangles, as far as it lies in the picture."""
    given = options.get("base")
    if not given or len(xs) < 2 or len(ys) < 2:
        return []
    places = []
    for value, values, pixels in zip(given, (xs, ys), PLOT, strict=True):
        step = (values[-1] - values[0]) / (len(values) - 1)
        place = (value - values[0]) / step + 0.5
        if not 0 <= place <= len(values):
            return []
        places.append(pixels * place / len(values))
    x, y = places[0], PLOT[1] - places[1]
    crossing = [
        {"x": 0, "x2": PLOT[0], "y": y, "y2": y, "colour": colour("line")},
        {"x": x, "x2": x, "y": 0, "y2": PLOT[1], "colour": colour("line")},
    ]
    mark = {"x": pixel("x"), "y": pixel("y")}
    ends = {"down": {"x": x, "y": -5}, "left": {"x": PLOT[0] + 6, "y": y}}
    triangles = [
        layer(
            "point", [at], mark, shape=f"triangle-{way}", filled=True, size=60, opacity=1, color=colour("ink")
        )
        for way, at in ends.items()
    ]
    words = [{"x": PLOT[0] + 14, "y": y, "text": "base case"}]
    return [lines(crossing, strokeDash=[2, 4], strokeWidth=0.8), *triangles, text(words, fontSize=SMALL)]


def _summary(cells: Sequence[Row], amounts: Money) -> str:
    names = sorted({cell["strategy"] for cell in cells})
    told = []
    for name in names:
        own = [cell for cell in cells if cell["strategy"] == name]
        most = max((cell["lead"] for cell in own if cell["lead"] is not None), default=None)
        lead = f", leading by at most {amounts.say(most)}" if most is not None else ""
        told.append(f"{name} in {len(own)} of {len(cells)} cells{lead}")
    return f"To choose: {join_words(told)}."


FIGURES.add(
    "choice_map",
    FigureKind(
        "choice_map",
        "Which strategy has the highest net benefit where, over two inputs varied together.",
        ("x", "y", "strategy", "net_benefit"),
        draw,
        optional=("analysis",),
        value="net_benefit",
        options={
            "analysis": "the analysis whose rows are drawn; all rows where not given",
            "x_title": "what varies from left to right",
            "y_title": "what varies from below to above",
            "base": "both inputs in the base case, [x, y]",
            "currency": "'USD'",
            **STRATEGY_OPTIONS,
        },
    ),
)
