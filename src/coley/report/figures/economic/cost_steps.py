"""From nothing to the added cost, category by category."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.report.clean import fold, text_width
from coley.report.figures.economic.money import Money, money
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables
from coley.report.figures.legend import swatches
from coley.report.figures.vega import SIZE, at, axis, boxes, layer, lines, note, text, view
from coley.report.palette import colour
from coley.report.words import join_words

if TYPE_CHECKING:
    from collections.abc import Sequence

PLOT, BAR, ROW = 400, 17, 30
NAME = 32  # letters of a category on one line
MOST_CATEGORIES = 14
TOTAL, OTHERS = "in all", "all others"
NOTHING = "There is nothing to draw: no category costs more with one strategy than with the other."


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw what each category adds or saves against the comparator, from the largest, and the sum."""
    steps = differences(
        rows, strategy=str(options.get("strategy", "")), control=str(options.get("control", ""))
    )
    if not steps:
        return Drawing(note(NOTHING), NOTHING)
    total = sum(value for _, value in steps)
    shown = steps[:MOST_CATEGORIES]
    if len(steps) > len(shown):
        shown = [*steps[: MOST_CATEGORIES - 1], (OTHERS, sum(v for _, v in steps[MOST_CATEGORIES - 1 :]))]
    ends = [0.0]
    for _, value in shown:
        ends.append(ends[-1] + value)
    amounts = money([*ends, *(value for _, value in shown)], str(options.get("currency", "")))
    names = [fold(name, NAME) for name, _ in [*shown, (TOTAL, total)]]
    left = 16 + max(text_width(line, SIZE) for name in names for line in name)
    title = str(options.get("x_title", "Added cost per patient"))
    layers = [*_axis(ends, amounts, title), *_bars(shown, ends, names, left=left, amounts=amounts)]
    key = {"added": colour("cost added"), "saved": colour("cost saved")}
    if all(value > 0 for _, value in shown):
        key.pop("saved")
    layers += swatches(key, left=-left, width=PLOT + left)[0]
    told = [f"{name} {amounts.say(value)}" for name, value in shown[:4]]
    height = ROW * (len(shown) + 1)
    return Drawing(
        view(layers, width=PLOT, height=height),
        f"{title}, {amounts.say(total)} in all: {join_words(told)}{' and more' if len(shown) > 4 else ''}.",
    )


def differences(rows: Sequence[Row], *, strategy: str, control: str) -> list[tuple[str, float]]:
    """Return category and what it costs more with the strategy than with the comparator, the largest first."""
    sums: dict[str, float] = {}
    signs = {control: -1.0, strategy: 1.0}
    for row in rows:
        sign = signs.get(str(row["strategy"]))
        if sign is not None and row["value"] is not None:
            name = str(row["category"])
            sums[name] = sums.get(name, 0.0) + sign * float(row["value"])
    return sorted(((n, v) for n, v in sums.items() if v != 0), key=lambda step: (-abs(step[1]), step[0]))


def _ends(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = 0.05 * (high - low)
    return (low - room if low < 0 else 0.0), (high + room if high > 0 else 0.0)


def _axis(ends: Sequence[float], amounts: Money, title: str) -> list[Row]:
    scale = {"domain": list(_ends(ends)), "nice": False, "zero": False}
    shown = axis(amounts.title(title), labelExpr=amounts.label, tickCount=5, grid=True)
    x = at("v", scale=scale, axis=shown)
    return [layer("point", [{"v": 0.0}], {"x": x}, opacity=0, color=colour("paper"))]


def _bars(
    shown: Sequence[tuple[str, float]],
    ends: Sequence[float],
    names: Sequence[list[str]],
    *,
    left: float,
    amounts: Money,
) -> list[Row]:
    low, high = _ends(ends)

    def x(value: float) -> float:
        return round(PLOT * (value - low) / (high - low), 2)

    bars, joins, heads, values = [], [], [], []
    rows = [(a, a + value, value) for a, (_, value) in zip(ends, shown, strict=False)]
    for i, (a, b, value) in enumerate([*rows, (0.0, ends[-1], ends[-1])]):
        y, last = ROW * (i + 0.5), i == len(rows)
        role = "muted" if last else "cost added" if value > 0 else "cost saved"
        start, end = sorted((x(a), x(b)))
        bars.append({"x": start, "x2": end, "y": y - BAR / 2, "y2": y + BAR / 2, "colour": colour(role)})
        if not last:
            joins.append(
                {"x": x(b), "x2": x(b), "y": y + BAR / 2, "y2": y + ROW - BAR / 2, "colour": colour("grey")}
            )
        values.append(
            {"x": PLOT + 12, "y": y, "text": ("+" if value > 0 and not last else "") + amounts.number(value)}
        )
        heads += [
            {"x": -left, "y": y + 15 * (j - (len(names[i]) - 1) / 2), "text": line}
            for j, line in enumerate(names[i])
        ]
    zero = {"x": x(0), "x2": x(0), "y": 0, "y2": ROW * len(names), "colour": colour("grey")}
    return [
        lines([zero], strokeWidth=1.2),
        boxes(bars, stroke=colour("grey"), strokeWidth=0.6),
        lines(joins, strokeWidth=1),
        text(heads),
        text(values),
    ]


FIGURES.add(
    "cost_steps",
    FigureKind(
        "cost_steps",
        "What each category adds to the cost of a strategy against its comparator, or saves.",
        ("strategy", "category", "value"),
        draw,
        value="value",
        options={
            "strategy": "label of the strategy",
            "control": "label of the comparator",
            "currency": "'USD'; empty for QALYs",
            "x_title": "what is added; 'Added cost per patient' where not given",
        },
    ),
)
