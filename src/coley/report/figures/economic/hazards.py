"""The hazard in the data, as modelled, and of the general population."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.report.figures.economic.lifetime import (
    HEAD,
    HEIGHT,
    LIFE_OPTIONS,
    REGISTRY,
    WIDTH,
    around,
    by_kind,
    data_end,
    end_of_data,
    framed,
    manner_of,
    modelled,
    panels,
    registry,
)
from coley.report.figures.economic.strategies import thin
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables
from coley.report.figures.vega import layer, lines, note, pixel, view
from coley.report.palette import Stroke
from coley.report.words import format_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coley.report.figures.economic.lifetime import Parts
    from coley.report.figures.economic.panel import Panel

NOTHING = "There is nothing to draw: no hazard above 0 was observed or modelled."
MOST_DOTS = 16  # intervals of an observed hazard that are drawn one by one; more become a line
DECADES = 5  # of hazards at most; what lies below is flattened
ROOM = 1.5  # times the highest hazard
TICKS = [(m * 10.0**e, f"{m * 10.0**e:.{max(-e, 0)}f}") for e in range(-5, 3) for m in (1, 2, 5)]
MOST_TICKS = 9


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw observed hazards as dots with limits, the model with its band, and the general population."""
    parts = by_kind(rows)
    domain = _domain(parts)
    if domain is None:
        return Drawing(note(NOTHING), NOTHING)
    manner, end = manner_of(parts, options), end_of_data(parts, options)
    layers: list[Row] = []
    for i, panel in enumerate(panels(parts, end, domain, log=True)):
        title = "Events per year at risk, logarithmic"
        layers += framed(panel, _ticks(domain), first=i == 0, title=title)
        layers += [*data_end(end, panel), *modelled(parts, manner, panel)]
        for name, stroke in manner.items():
            layers += _observed(parts["observed"].get(name, []), stroke, panel)
        layers += registry(parts, manner, panel)
    words = "Dots: data, by interval, with 95 % limits. " * bool(parts["observed"]) + "Lines: model."
    words += REGISTRY * bool(parts["registry"])
    layers += around(parts, manner, words=words, foot=HEAD + HEIGHT + 52)
    return Drawing(view(layers, width=WIDTH, height=HEAD + HEIGHT), _summary(parts, manner))


def _ticks(domain: tuple[float, float]) -> dict[float, str]:
    inside = {tick: words for tick, words in TICKS if domain[0] <= tick <= domain[1]}
    if len(inside) <= MOST_TICKS:
        return inside
    return {tick: words for tick, words in inside.items() if words.strip("0.") == "1"}


def _observed(own: list[Row], stroke: Stroke, panel: Panel) -> list[Row]:
    solid = Stroke(stroke.colour, (1, 0))
    if len(own) > MOST_DOTS:
        smooth = thin([row for row in own if row["value"] > 0])
        return [panel.band(smooth, stroke.colour, opacity=0.1), panel.line(smooth, solid, strokeWidth=1.1)]
    inside = [row for row in own if row["x"] <= panel.x[1]]
    limits = [
        {
            "x": panel.across(row["x"]),
            "x2": panel.across(row["x"]),
            "y": panel.down(row["low"]),
            "y2": panel.down(row["high"]),
            "colour": stroke.colour,
        }
        for row in inside
        if row["low"] is not None and row["high"] is not None
    ]
    dots = [{"x": panel.across(r["x"]), "y": panel.down(r["value"])} for r in inside if r["value"] > 0]
    place = {"x": pixel("x"), "y": pixel("y")}
    return [
        lines(limits, strokeWidth=1.3),
        layer("point", dots, place, color=stroke.colour, filled=True, size=44, opacity=1),
    ]


def _domain(parts: Parts) -> tuple[float, float] | None:
    values = [
        float(row["value"])
        for own in parts.values()
        for rows in own.values()
        for row in rows
        if row["value"] > 0
    ]
    if not values:
        return None
    low, high = min(values), max(values)
    return max(low / ROOM, high / 10**DECADES), high * ROOM


def _summary(parts: Parts, manner: Mapping[str, Stroke]) -> str:
    told = []
    for name in manner:
        own = parts["model"].get(name, [])
        if own:
            top, last = max(own, key=lambda row: float(row["value"])), own[-1]
            told.append(
                f"{name} as modelled highest at {format_number(top['x'])} years, {format_number(top['value'])}, "
                f"and {format_number(last['value'])} at {format_number(last['x'])} years"
            )
    for name, own in parts["population"].items():
        told.append(f"{name} {format_number(own[0]['value'])} to {format_number(own[-1]['value'])}")
    return f"Events per year at risk: {'; '.join(told)}." if told else "Events per year at risk."


FIGURES.add(
    "hazards",
    FigureKind(
        "hazards",
        "The hazard as observed by interval, as modelled, and of the general population.",
        ("strategy", "kind", "time", "value"),
        draw,
        optional=("low", "high", "family"),
        value="value",
        options=LIFE_OPTIONS,
    ),
)
