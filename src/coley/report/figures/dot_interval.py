"""Two estimates of the same thing side by side: raw rates against shrunken ones."""

from __future__ import annotations

import math

from coley.report.clean import fold, shorten, text_width
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables
from coley.report.figures.legend import dots
from coley.report.figures.scales import PERCENT, PLAIN
from coley.report.figures.vega import SIZE, SMALL, at, axis, boxes, layer, paint, pixel, text, view
from coley.report.palette import GROUP_ROLES, colour
from coley.report.words import counted, format_interval, format_number

PLOT = 260
ROW = 34
LABEL = 28
APART = 5  # pixels from the middle of a row to each of its estimates


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw the series of each label one above the other; the last is the one to read."""
    labels = list(dict.fromkeys(row["label"] for row in rows))
    series = list(dict.fromkeys(row["series"] for row in rows))
    shades = _shades(series)
    unit = "proportion" if options.get("percent") else ""
    folded = {label: fold(label, LABEL) for label in labels}
    left = 18 + max(70.0, *(text_width(line, SIZE) for found in folded.values() for line in found))
    row_height = max(ROW, 2 * APART * len(series) + 8)
    y_of = {
        (label, name): row_height * (i + 0.5) + 2 * APART * (j - (len(series) - 1) / 2)
        for i, label in enumerate(labels)
        for j, name in enumerate(series)
    }
    known = [row for row in rows if row["value"] is not None]
    placed = [
        {**row, "y": y_of[row["label"], row["series"]], "colour": shades[row["series"]][0]}
        | {name: row["value"] if row[name] is None else row[name] for name in ("low", "high")}
        for row in known
    ]
    x = at(
        "value",
        scale={"domain": _domain(placed, options), "nice": False, "clamp": True},
        axis=axis(
            options.get("x_title", ""),
            tickCount=5,
            labelExpr=PERCENT if options.get("percent") else PLAIN,
        ),
    )
    bar = {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": pixel("y"), "color": paint()}
    height = row_height * len(labels)
    columns, width = _columns(rows, labels, series, row_height, unit)
    layers = [
        boxes(
            [
                {
                    "x": -left,
                    "x2": PLOT + width + 6,
                    "y": row_height * i,
                    "y2": row_height * (i + 1),
                    "colour": colour("soft"),
                }
                for i in range(0, len(labels), 2)
            ]
        ),
        *_reference(options, x),
        layer("rule", placed, bar, strokeWidth=1.6),
        *(
            layer(
                "point",
                [row for row in placed if row["series"] == name],
                {"x": x, "y": pixel("y"), "color": paint()},
                filled=shades[name][1],
                **({} if shades[name][1] else {"fill": colour("paper")}),
                size=46,
                strokeWidth=1.6,
                opacity=1,
            )
            for name in series
        ),
        text(
            [
                {
                    "x": -left,
                    "y": row_height * (i + 0.5) + 15 * (j - (len(folded[name]) - 1) / 2),
                    "text": line,
                }
                for i, name in enumerate(labels)
                for j, line in enumerate(folded[name])
            ]
        ),
        *columns,
    ]
    if len(series) > 1:
        layers += dots({str(name): shades[name] for name in series}, left=-left, width=left + 40)[0]
    return Drawing(view(layers, width=PLOT, height=height), _summary(rows, labels, series, unit))


def _shades(series: list[str]) -> dict[str, tuple[str, bool]]:
    """Give the last series the accent, filled; the one before it grey and hollow."""
    roles = ["accent", "grey", *GROUP_ROLES[1:]]
    return {name: (colour(roles[i % len(roles)]), i == 0) for i, name in enumerate(reversed(series))}


def _domain(placed: list[Row], options: Options) -> list[float]:
    numbers = [float(row[name]) for row in placed for name in ("value", "low", "high")]
    if options.get("reference") is not None:
        numbers.append(float(options["reference"]))
    if not numbers:
        return [0, 1]
    low, high = min(numbers), max(numbers)
    if options.get("percent") and low >= 0:
        return [0, min(1.0, math.ceil(high * 10) / 10) or 1.0]
    pad = 0.05 * (high - low) or 1.0
    return [low - pad, high + pad]


def _reference(options: Options, x: Row) -> list[Row]:
    if options.get("reference") is None:
        return []
    return [
        layer("rule", [{"value": options["reference"]}], {"x": x}, color=colour("grey"), strokeDash=[5, 3])
    ]


def _columns(
    rows: list[Row], labels: list[str], series: list[str], row_height: float, unit: str
) -> tuple[list[Row], float]:
    """Return n and the estimate of each series in text, and how wide they are."""
    cells: list[tuple[str, dict[str, str]]] = []
    if any(row["n"] is not None for row in rows):
        cells.append(("n", {row["label"]: format_number(row["n"]) for row in rows if row["n"] is not None}))
    for name in series:
        own = [row for row in rows if row["series"] == name]
        cells.append(
            (
                str(name),
                {r["label"]: format_interval(r["value"], r["low"], r["high"], unit=unit) for r in own},
            )
        )
    made, edge = [], 0.0
    for name, column in cells:
        title = shorten(name, 24)
        edge += 28 + max(text_width(cell, SIZE) * 0.94 for cell in (title, *column.values()))
        head = [{"x": PLOT + edge, "y": -14, "text": title, "colour": colour("muted")}]
        body = [
            {"x": PLOT + edge, "y": row_height * (i + 0.5), "text": column.get(label, "")}
            for i, label in enumerate(labels)
        ]
        made += [text(head, align="right", fontSize=SMALL), text(body, align="right")]
    return made, edge


def _summary(rows: list[Row], labels: list[str], series: list[str], unit: str) -> str:
    own = [row for row in rows if row["series"] == series[-1] and row["value"] is not None]
    start = f"{counted(len(labels), 'row')}, each {' and '.join(str(name) for name in series)}"
    if not own:
        return f"{start}; none could be estimated."
    least, most = (choose(own, key=lambda row: float(row["value"])) for choose in (min, max))
    ends = [
        f"{row['label']} {format_interval(row['value'], row['low'], row['high'], unit=unit)}"
        for row in (least, most)
    ]
    return f"{start}: {series[-1]} from {ends[0]} to {ends[1]}."


FIGURES.add(
    "dot_interval",
    FigureKind(
        "dot_interval",
        "Estimates of several series side by side, such as observed and shrunken rates.",
        ("label", "series", "value", "low", "high"),
        draw,
        optional=("n",),
        options={
            "percent": "true where values are fractions to be written in per cent",
            "x_title": "title of the axis",
            "reference": "where a line is drawn: the rate of all patients",
        },
    ),
)
