"""Survival in the data and far beyond them."""

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
    family_names,
    framed,
    manner_of,
    modelled,
    panels,
    registry,
    risk_table,
)
from coley.report.figures.economic.strategies import thin
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables, records
from coley.report.figures.legend import LINE
from coley.report.figures.vega import note, view
from coley.report.palette import Stroke, colour
from coley.report.words import format_number, join_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coley.report.figures.economic.lifetime import Parts
    from coley.report.figures.economic.panel import Panel

NOTHING = "There is nothing to draw: no curve was observed or modelled."
SHARES = {0.0: "0 %", 0.25: "25 %", 0.5: "50 %", 0.75: "75 %", 1.0: "100 %"}
STEPS = Stroke(colour("ink"), (1, 0))  # over the curve of the model, which lies close by where it fits
FEW = 0.02  # shares below it are told with a decimal


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw Kaplan-Meier steps, the model with its band, the general population and the numbers at risk."""
    parts = by_kind(rows)
    if not any(parts.values()):
        return Drawing(note(NOTHING), NOTHING)
    manner, end = manner_of(parts, options), end_of_data(parts, options)
    plots = panels(parts, end, (0, 1))
    layers: list[Row] = []
    for i, panel in enumerate(plots):
        layers += framed(panel, SHARES, first=i == 0, title=str(options.get("endpoint", "")))
        layers += [*data_end(end, panel), *modelled(parts, manner, panel), *_steps(parts, manner, panel)]
        layers += registry(parts, manner, panel)
    layers += family_names(parts, manner, plots[-1])
    risk = _at_risk(options, tables, list(manner))
    below = HEAD + HEIGHT + 52
    layers += risk_table(risk, manner, plots[0], top=below)
    foot = below + (LINE * (len(risk) + 1) + 4 if risk else 0)
    words = "Thin steps: data (Kaplan–Meier). " * bool(parts["observed"]) + "Smooth lines: model."
    words += REGISTRY * bool(parts["registry"])
    layers += around(parts, manner, words=words, foot=foot)
    return Drawing(view(layers, width=WIDTH, height=HEAD + HEIGHT), _summary(parts, manner, end, options))


def _steps(parts: Parts, manner: Mapping[str, Stroke], panel: Panel) -> list[Row]:
    made = []
    start = {"x": 0.0, "value": 1.0, "low": 1.0, "high": 1.0}
    for name, stroke in manner.items():
        own = thin(parts["observed"].get(name, []))
        if own and own[0]["x"] > 0:
            own = [start, *own]
        made.append(panel.band(own, stroke.colour, step=True, opacity=0.12))
        made.append(panel.line(own, STEPS, step=True, strokeWidth=1.2))
    return made


def _at_risk(options: Options, tables: Tables, names: Sequence[str]) -> dict[str, dict[float, int]]:
    table = options.get("at_risk", "")
    if table not in tables:
        return {}
    rows = records(tables[table], ("strategy", "time", "at_risk"))
    counts = {n: {row["time"]: row["at_risk"] for row in rows if row["strategy"] == n} for n in names}
    return {name: own for name, own in counts.items() if own}


def _summary(parts: Parts, manner: Mapping[str, Stroke], end: float | None, options: Options) -> str:
    told = []
    for name in manner:
        own, seen = parts["model"].get(name, []), parts["observed"].get(name, [])
        words = []
        if seen:
            words.append(f"{_share(seen[-1]['value'])} in the data at {format_number(seen[-1]['x'])} years")
        if own and seen:
            nearest = min(own, key=lambda row: abs(float(row["x"]) - float(seen[-1]["x"])))
            words.append(f"{_share(nearest['value'])} then in the model")
        if own:
            words.append(f"{_share(own[-1]['value'])} at {format_number(own[-1]['x'])} years")
        if words:
            told.append(f"{name}, {join_words(words)}")
    title = options.get("endpoint", "Survival")
    beyond = f" The data end at {format_number(end)} years." if end is not None else ""
    return f"{title} in the data and as modelled: {'; '.join(told)}.{beyond}"


def _share(value: float) -> str:
    return f"{format_number(100 * value, decimals=0 if value >= FEW else 1)} %"


FIGURES.add(
    "extrapolation",
    FigureKind(
        "extrapolation",
        "Survival in the data, as modelled far beyond them, and of the general population.",
        ("strategy", "kind", "time", "value"),
        draw,
        optional=("low", "high", "family"),
        value="value",
        options={
            **LIFE_OPTIONS,
            "endpoint": "what the vertical axis shows: 'Overall survival'",
            "at_risk": "table with columns strategy, time (years), at_risk: the numbers under the axis",
        },
    ),
)
