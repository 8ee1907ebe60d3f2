"""What was observed against what was promised, on equal axes, with the line of perfect calibration."""

from __future__ import annotations

import math

from coley.report.figures.curves import band, curve, diagonal
from coley.report.figures.kinds import FIGURES, NOT_STATED, Drawing, FigureKind, Options, Row, Tables, records
from coley.report.figures.legend import samples
from coley.report.figures.scales import PERCENT
from coley.report.figures.vega import at, axis, lines, view
from coley.report.palette import MOST_GROUPS, Stroke, colour, strokes
from coley.report.words import format_number

SIDE = 300
SPREAD = 26  # pixels of height for the histogram of predictions
BINS = 40
PERFECT = "perfect calibration"


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw a curve and band a group over the diagonal, and how many patients were promised what."""
    groups = list(dict.fromkeys(row["group"] for row in rows))[:MOST_GROUPS]
    manner = strokes(groups)
    top = _top(rows)
    scale = {"domain": [0, top], "nice": False, "clamp": True}
    ticks = {"tickCount": 5, "labelExpr": PERCENT, "grid": True, "ticks": False}
    x = at("x", scale=scale, axis=axis(options.get("x_title", "Predicted"), **ticks, offset=4))
    y = at("value", scale=scale, axis=axis(options.get("y_title", "Observed"), **ticks, domain=False))
    layers = [diagonal(x, y, top=top)]
    for group in groups:
        own = [row for row in rows if row["group"] == group]
        layers += [band(own, x, y, colour=manner[group].colour), curve(own, x, y, stroke=manner[group])]
    key = {str(g if g is not None else options.get("name", "observed")): manner[g] for g in groups}
    key[PERFECT] = Stroke(colour("grey"), (5, 3))
    layers += samples(key, left=-50, width=SIDE + 140)[0]
    layers += _spread(options, tables, top)
    return Drawing(view(layers, width=SIDE, height=SIDE), _summary(rows, groups))


def _top(rows: list[Row]) -> float:
    """Return the end of both axes: 1 unless everything lies in the lower half."""
    numbers = [row[name] for row in rows for name in ("x", "value", "high") if row[name] is not None]
    most = max(numbers, default=1.0)
    return 1.0 if most > 0.5 else max(0.1, math.ceil(most * 10) / 10)


def _spread(options: Options, tables: Tables, top: float) -> list[Row]:
    """Return a histogram of the predictions along the lower axis: where the curve rests on patients."""
    name = options.get("predictions_table", "")
    if name not in tables:
        return []
    known = [float(row["x"]) for row in records(tables[name], ("x",)) if row["x"] is not None]
    counts = [0] * BINS
    for value in known:
        if 0 <= value <= top:
            counts[min(BINS - 1, int(value / top * BINS))] += 1
    most = max(counts) or 1
    return [
        lines(
            [
                {
                    "x": (i + 0.5) * SIDE / BINS,
                    "x2": (i + 0.5) * SIDE / BINS,
                    "y": SIDE,
                    "y2": SIDE - SPREAD * count / most,
                    "colour": colour("muted"),
                }
                for i, count in enumerate(counts)
                if count
            ],
            strokeWidth=2,
        )
    ]


def _summary(rows: list[Row], groups: list[str | None]) -> str:
    told = []
    for group in groups:
        known = [r for r in rows if r["group"] == group and r["x"] is not None and r["value"] is not None]
        if not known:
            continue
        read = [known[0], known[len(known) // 2], known[-1]] if len(known) > 2 else known
        said = ", ".join(
            f"{format_number(100 * r['value'], decimals=0)} % where {format_number(100 * r['x'], decimals=0)} %"
            for r in read
        )
        name = f"{group}: " if group not in (None, NOT_STATED) else ""
        told.append(f"{name}observed {said} was predicted")
    return f"Calibration. {'; '.join(told)}." if told else "No value could be estimated."


FIGURES.add(
    "calibration",
    FigureKind(
        "calibration",
        "What was observed against what was predicted, on equal axes.",
        ("x", "value", "low", "high"),
        draw,
        optional=("group",),
        value="value",
        options={
            "x_title": "title of the horizontal axis: 'Predicted probability of response'",
            "y_title": "title of the vertical axis: 'Observed share of responders'",
            "name": "what the one curve is called in the key where there is no column group",
            "predictions_table": "name of a table with the prediction of each patient in column x",
        },
    ),
)
