"""Net benefit of treating by a model, beside treating everybody and treating nobody."""

from __future__ import annotations

from coley.report.figures.curves import band, curve
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables
from coley.report.figures.legend import samples
from coley.report.figures.scales import PERCENT, PLAIN
from coley.report.figures.vega import at, axis, view
from coley.report.palette import MOST_GROUPS, Stroke, colour, strokes
from coley.report.words import format_number

WIDTH, HEIGHT = 540, 250
ALL, NONE = "treat all", "treat none"
BELOW = 0.35  # of the most that can be gained; deeper losses of treating everybody are clipped
LEAST_BELOW = 0.03


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw the models with their bands; the two rivals that need no model are grey."""
    everybody, nobody = options.get("all", ALL), options.get("none", NONE)
    groups = list(dict.fromkeys(row["group"] for row in rows))
    models = [group for group in groups if group not in (everybody, nobody)][:MOST_GROUPS]
    grey = colour("grey")
    rivals = {everybody: Stroke(grey, (8, 3)), nobody: Stroke(grey, (2, 2))}
    manner = {**strokes(models), **{name: rivals[name] for name in groups if name in rivals}}
    x = at(
        "x",
        scale={"zero": False, "nice": False},
        axis=axis(options.get("x_title", "Threshold"), labelExpr=PERCENT, tickCount=8, offset=2),
    )
    y = at(
        "value",
        scale={"domain": _domain(rows, models), "nice": False},
        axis=axis(
            options.get("y_title", "Net benefit"),
            grid=True,
            domain=False,
            ticks=False,
            labelExpr=PLAIN,
            tickCount=5,
        ),
    )
    own = {group: [row for row in rows if row["group"] == group] for group in manner}
    layers = [band(own[g], x, y, colour=manner[g].colour, clip=True) for g in models]
    layers += [
        curve(own[g], x, y, stroke=manner[g], clip=True, strokeWidth=2.2 if g in models else 1.6)
        for g in reversed(manner)
    ]
    layers += samples({str(g): manner[g] for g in manner}, left=-50, width=WIDTH + 50)[0]
    return Drawing(
        view(layers, width=WIDTH, height=HEIGHT), _summary(rows, models, everybody=everybody, nobody=nobody)
    )


def _domain(rows: list[Row], models: list[str]) -> list[float]:
    numbers = [float(row[name]) for row in rows for name in ("value", "high") if row[name] is not None] or [
        0.0
    ]
    lows = [
        float(row[name])
        for row in rows
        if row["group"] in models
        for name in ("value", "low")
        if row[name] is not None
    ]
    most = max(*numbers, LEAST_BELOW)
    floor = -max(BELOW * most, LEAST_BELOW)
    return [min(0.0, max(floor, min(lows, default=floor))) - 0.02 * most, 1.05 * most]


def better(rows: list[Row], model: str, *, everybody: str = ALL, nobody: str = NONE) -> list[float]:
    """Return the thresholds at which a model lies above both of its rivals."""
    value = {(row["group"], row["x"]): row["value"] for row in rows if row["value"] is not None}
    places = [x for group, x in value if group == model and x is not None]
    return [
        x
        for x in places
        if value[model, x] > max(value.get((everybody, x), 0.0), value.get((nobody, x), 0.0))
    ]


def _summary(rows: list[Row], models: list[str], *, everybody: str, nobody: str) -> str:
    told = []
    for model in models:
        places = better(rows, model, everybody=everybody, nobody=nobody)
        if not places:
            told.append(f"{model} is nowhere above both {everybody} and {nobody}")
            continue
        low, high = (f"{format_number(100 * end, decimals=0)} %" for end in (min(places), max(places)))
        told.append(
            f"{model} lies above both {everybody} and {nobody} at {len(places)} thresholds, {low} to {high}"
        )
    return f"Net benefit by threshold: {'; '.join(told)}." if told else "Net benefit by threshold."


FIGURES.add(
    "decision_curve",
    FigureKind(
        "decision_curve",
        "Net benefit of treating by a model, beside treating everybody and nobody.",
        ("group", "x", "value", "low", "high"),
        draw,
        value="value",
        options={
            "x_title": "title of the horizontal axis: 'Chance of response from which one would treat'",
            "y_title": "title of the vertical axis; 'Net benefit' where not given",
            "all": "the group that is treating everybody; 'treat all' where not given",
            "none": "the group that is treating nobody; 'treat none' where not given",
        },
    ),
)
