"""How well every possible cut-point separates, with the chosen one, its uncertainty and the published ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coley.report.clean import clean
from coley.report.figures.curves import curve, x_axis, x_before
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables
from coley.report.figures.legend import samples
from coley.report.figures.scales import PLAIN
from coley.report.figures.vega import at, axis, layer, view
from coley.report.palette import Stroke, colour
from coley.report.words import format_interval, format_number

WIDTH, HEIGHT = 540, 230
SOLID, CRITICAL = (1, 0), (2, 2)
PUBLISHED = ((7, 3), (9, 3, 2, 3), (12, 4), (6, 2, 2, 2))  # more vertical lines than this hide the curve


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw |z| along the cut-point, what chance alone reaches, and the cuts that matter."""
    x = at("x", scale={"zero": False, "nice": False}, axis=x_axis(rows, options, labelExpr=PLAIN))
    y = at(
        "value",
        scale={"zero": True, "nice": True},
        axis=axis(
            options.get("y_title", "Separation (|z|)"), grid=True, domain=False, ticks=False, tickCount=5
        ),
    )
    known = [row for row in rows if row["x"] is not None]
    places = [float(row["x"]) for row in known] or [0.0, 1.0]
    ends = (min(places), max(places))
    key: dict[str, Stroke] = {}
    layers: list[Row] = []
    spread = _spread(options)
    if spread:
        low, high = (min(max(end, ends[0]), ends[1]) for end in spread)
        area = {"x": {**x, "field": "low"}, "x2": {"field": "high"}}
        layers.append(layer("rect", [{"low": low, "high": high}], area, color=colour("accent"), opacity=0.12))
    if options.get("critical") is not None:
        name = str(options.get("critical_name", "reached by chance in 1 of 20 searches"))
        key[name] = Stroke(colour("grey"), CRITICAL)
        line = [{"value": float(options["critical"])}]
        layers.append(layer("rule", line, {"y": y}, color=colour("grey"), strokeDash=list(CRITICAL)))
    marked = _marked(options)
    key = {name: stroke for _, name, stroke in marked} | key
    inside = [(place, stroke) for place, _, stroke in marked if ends[0] <= place <= ends[1]]
    layers += [
        layer(
            "rule",
            [{"x": place}],
            {"x": x},
            color=stroke.colour,
            strokeDash=list(stroke.dash),
            strokeWidth=1.8,
        )
        for place, stroke in inside
    ]
    ordered = [row for _, row in sorted(zip(places, known, strict=False), key=lambda pair: pair[0])]
    layers.append(curve(ordered, x, y, stroke=Stroke(colour("ink"), SOLID), strokeWidth=1.8))
    layers += samples(key, left=-50, width=WIDTH + 50)[0] if key else []
    return Drawing(view(layers, width=WIDTH, height=HEIGHT), _summary(rows, options, marked))


def _spread(options: Options) -> tuple[float, float] | None:
    """Return the range of the chosen cut, where both of its ends are known."""
    low, high = options.get("chosen_range") or (None, None)
    return None if low is None or high is None else (float(low), float(high))


def _marked(options: Options) -> list[tuple[float, str, Stroke]]:
    """Return place, name and stroke of the cut-points to be marked."""
    made = []
    if options.get("chosen") is not None:
        place, spread = float(options["chosen"]), _spread(options)
        low, high = (x_before(end, options) for end in spread) if spread else (None, None)
        name = f"best here: {format_interval(x_before(place, options), low, high)}"
        made.append((place, name, Stroke(colour("accent"), SOLID)))
    published: Mapping[str, Any] = options.get("published") or {}
    for (name, value), dash in zip(published.items(), PUBLISHED, strict=False):
        made.append((float(value), f"published: {clean(name)}", Stroke(colour("grey"), dash)))
    return made


def _summary(rows: list[Row], options: Options, marked: list[tuple[float, str, Stroke]]) -> str:
    known = [row for row in rows if row["x"] is not None and row["value"] is not None]
    if not known:
        return "No cut-point could be judged."
    top = max(known, key=lambda row: float(row["value"]))
    place = format_number(x_before(float(top["x"]), options))
    said = f"{len(known)} cut-points; the largest |z| is {format_number(top['value'])}, at {place}"
    if options.get("critical") is not None:
        said += f", against {format_number(options['critical'])} that chance alone reaches"
    return "; ".join([said, *(name for _, name, _ in marked)]) + "."


FIGURES.add(
    "cutpoint",
    FigureKind(
        "cutpoint",
        "How well every possible cut-point separates, with the chosen and the published ones.",
        ("x", "value"),
        draw,
        value="value",
        options={
            "x_title": "title of the horizontal axis",
            "x_back": "'log2(x + 1)' where x was so transformed: the axis is labelled in the units before",
            "y_title": "title of the vertical axis; 'Separation (|z|)' where not given",
            "chosen": "the best cut-point of these data, on the scale of x",
            "chosen_range": "[low, high]: where resamples put it",
            "published": "name to value, on the scale of x, of each published cut-point",
            "critical": "the |z| that the best of as many cuts reaches by chance alone in 5 of 100 searches",
            "critical_name": "what that line is called in the key",
        },
    ),
)
