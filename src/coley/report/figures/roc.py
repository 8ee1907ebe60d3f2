"""Sensitivity against false alarms, with the area under each curve in the key."""

from __future__ import annotations

from coley.report.figures.curves import band, curve, diagonal
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables
from coley.report.figures.legend import samples
from coley.report.figures.scales import PERCENT
from coley.report.figures.vega import SMALL, at, axis, text, view
from coley.report.palette import MOST_GROUPS, Stroke, colour, strokes
from coley.report.words import counted, format_interval

SIDE = 300
CHANCE = "no better than chance"


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw a curve a group over the diagonal of chance."""
    groups = list(dict.fromkeys(row["group"] for row in rows))
    shown = groups[:MOST_GROUPS]
    manner = strokes(shown)
    scale = {"domain": [0, 1], "nice": False, "clamp": True}
    ticks = {"tickCount": 5, "labelExpr": PERCENT, "grid": True, "ticks": False}
    x = at("x", scale=scale, axis=axis(options.get("x_title", "1 − specificity"), **ticks, offset=4))
    y = at("value", scale=scale, axis=axis(options.get("y_title", "Sensitivity"), **ticks, domain=False))
    layers = [diagonal(x, y, top=1)]
    key = {}
    for group in shown:
        own = [row for row in rows if row["group"] == group]
        known = sorted(
            (r for r in own if r["x"] is not None and r["value"] is not None),
            key=lambda r: (r["x"], r["value"]),
        )
        layers += [
            band(known, x, y, colour=manner[group].colour),
            curve(known, x, y, stroke=manner[group]),
        ]
        area = _area(own)
        key[f"{group}, {area}" if area else str(group)] = manner[group]
    key[CHANCE] = Stroke(colour("grey"), (5, 3))
    layers += samples(key, left=-50, width=SIDE + 240)[0]
    if len(groups) > len(shown):
        sentence = f"{len(groups) - len(shown)} further groups are in the table."
        below = [{"x": 0, "y": SIDE + 62, "text": sentence, "colour": colour("muted")}]
        layers.append(text(below, fontSize=SMALL))
    return Drawing(view(layers, width=SIDE, height=SIDE), _summary(rows, groups))


def _area(own: list[Row]) -> str:
    """Return the area under a curve in words, where the table has it."""
    row = next((row for row in own if row["auc"] is not None), None)
    return f"AUC {format_interval(row['auc'], row['auc_low'], row['auc_high'], unit='ratio')}" if row else ""


def _summary(rows: list[Row], groups: list[str]) -> str:
    areas = [f"{group} {_area([r for r in rows if r['group'] == group])}".strip() for group in groups]
    return f"ROC curves of {counted(len(groups), 'group')}: {'; '.join(areas[:MOST_GROUPS])}."


FIGURES.add(
    "roc",
    FigureKind(
        "roc",
        "Sensitivity against one less specificity, with the area under each curve.",
        ("group", "x", "value"),
        draw,
        optional=("low", "high", "auc", "auc_low", "auc_high"),
        value="value",
        options={
            "x_title": "title of the horizontal axis; '1 − specificity' where not given",
            "y_title": "title of the vertical axis; 'Sensitivity' where not given",
        },
    ),
)
