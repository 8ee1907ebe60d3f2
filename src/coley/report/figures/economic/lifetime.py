"""Curves over a life: what is drawn of them, the panels for the data and for the whole horizon, what stands around."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from coley.report.clean import shorten
from coley.report.figures.economic.panel import Panel
from coley.report.figures.economic.strategies import STRATEGY_OPTIONS, left_out, strategy_strokes, thin
from coley.report.figures.legend import LINE, samples
from coley.report.figures.vega import SMALL, layer, lines, paint, pixel, text
from coley.report.palette import Stroke, colour
from coley.report.words import format_number

if TYPE_CHECKING:
    from coley.report.figures.kinds import Options, Row

    Parts = Mapping[str, Mapping[str, list[Row]]]

LEFT = 136  # pixels left of the plots, for the names beside the numbers at risk
PLOT, GAP, HEIGHT = 270, 52, 260
WIDTH = 2 * PLOT + GAP
HEAD = 14  # pixels over the plots, for what they show
KINDS = ("observed", "model", "alternative", "registry", "population")
STEPS_YEARS = (0.25, 0.5, 1, 2, 5, 10, 20)
APART = 30  # pixels between ticks: a number at risk of four digits fits
POPULATION = Stroke(
    colour("ink"), (3, 5)
)  # in the colour of text, as no strategy is, and more sparsely dashed than any
LONGEST_FAMILY = 24  # letters, its weight among them
REGISTRY = " Diamonds: registry."
FAINTEST = 0.13  # opacity of bands that lie over each other
BESIDE = 0.6  # of the horizon: data that reach so far need no panel of their own

LIFE_OPTIONS = {
    **STRATEGY_OPTIONS,
    "follow_up_years": "where the data end; the last observed time where not given",
}


def by_kind(rows: Sequence[Row]) -> Parts:
    """Return kind to strategy to its rows in order of time, with x for a curve."""
    known = [
        {**row, "x": float(row["time"])}
        for row in rows
        if row["time"] is not None and row["value"] is not None and row["kind"] in KINDS
    ]
    known.sort(key=lambda row: (row["kind"], str(row["strategy"]), str(row["family"] or ""), row["x"]))
    found: dict[str, dict[str, list[Row]]] = {kind: {} for kind in KINDS}
    for (kind, name), own in groupby(known, key=lambda row: (row["kind"], str(row["strategy"]))):
        found[kind][name] = list(own)
    return found


def names_of(parts: Parts) -> list[str]:
    """Return the strategies that have a curve of any kind; the general population is none."""
    return [name for kind, own in parts.items() if kind != "population" for name in own]


def manner_of(parts: Parts, options: Options) -> dict[str, Stroke]:
    """Return the strokes of the strategies."""
    return strategy_strokes(names_of(parts), options)


def end_of_data(parts: Parts, options: Options) -> float | None:
    """Return the years where the data end; None where there are none."""
    if options.get("follow_up_years") is not None:
        return float(options["follow_up_years"])
    return max((row["x"] for rows in parts["observed"].values() for row in rows), default=None)


def panels(parts: Parts, end: float | None, y: tuple[float, float], *, log: bool = False) -> list[Panel]:
    """Return a panel as long as the data and one of the whole horizon; one alone where the data reach far into it."""
    times = [row["x"] for own in parts.values() for rows in own.values() for row in rows]
    last = max(times, default=0.0) or 1.0
    if end is None or end <= 0 or end > BESIDE * last:
        return [Panel(0, HEAD, WIDTH, HEIGHT, (0, last), y, log=log)]
    return [
        Panel(0, HEAD, PLOT, HEIGHT, (0, end), y, log=log),
        Panel(PLOT + GAP, HEAD, PLOT, HEIGHT, (0, last), y, log=log),
    ]


def year_ticks(last: float, width: float) -> list[float]:
    """Return ticks in years, set so far apart that numbers at risk fit under them.

    >>> year_ticks(7, 270), year_ticks(30, 270)
    ([0, 1, 2, 3, 4, 5, 6, 7], [0, 5, 10, 15, 20, 25, 30])
    """
    step = next((s for s in STEPS_YEARS if width * s / last >= APART), STEPS_YEARS[-1])
    return [step * i for i in range(int(last / step + 1e-9) + 1)]


def framed(panel: Panel, down: Mapping[float, str], *, first: bool, title: str) -> list[Row]:
    """Return the axes of a panel; those of years have their title below."""
    ticks = year_ticks(panel.x[1], panel.width)
    made = panel.frame({tick: f"{tick:g}" for tick in ticks}, down)
    middle, bottom = panel.left + panel.width / 2, panel.top + panel.height
    below = [{"x": middle, "y": bottom + 32, "text": "Years", "colour": colour("muted")}]
    over = [{"x": -LEFT, "y": panel.top - 14, "text": title, "colour": colour("muted")}] if first else []
    return [*made, text(below, align="center", fontSize=SMALL), text(over, fontSize=SMALL)]


def modelled(parts: Parts, manner: Mapping[str, Stroke], panel: Panel) -> list[Row]:
    """Return the bands, the general population, alternative families and the curves of the model."""
    curves = {name: thin(parts["model"].get(name, [])) for name in manner}
    shade = max(0.22 / max(1, len(manner) - 1), FAINTEST)
    made = [panel.band(curves[name], manner[name].colour, opacity=shade) for name in manner]
    made += [panel.line(thin(own), POPULATION, strokeWidth=1.6) for own in parts["population"].values()]
    for name, stroke in manner.items():
        for _, own in groupby(parts["alternative"].get(name, []), key=lambda row: row["family"]):
            made.append(panel.line(thin(list(own)), stroke, strokeWidth=1, opacity=0.7))
    made += [
        panel.line(curves[name], stroke, strokeWidth=2.4) for name, stroke in reversed(list(manner.items()))
    ]
    return made


def registry(parts: Parts, manner: Mapping[str, Stroke], panel: Panel) -> list[Row]:
    """Return what a registry saw as hollow diamonds with limits."""
    marks, limits = [], []
    for name, stroke in manner.items():
        for row in parts["registry"].get(name, []):
            if row["x"] > panel.x[1]:
                continue
            x = panel.across(row["x"])
            marks.append({"x": x, "y": panel.down(row["value"]), "colour": stroke.colour})
            if row["low"] is not None and row["high"] is not None:
                ends = {"y": panel.down(row["low"]), "y2": panel.down(row["high"])}
                limits.append({"x": x, "x2": x, **ends, "colour": stroke.colour})
    place = {"x": pixel("x"), "y": pixel("y"), "color": paint()}
    style = {"shape": "diamond", "size": 46, "filled": False, "strokeWidth": 1.4, "opacity": 1}
    return [lines(limits, strokeWidth=1), layer("point", marks, place, **style)] if marks else []


def family_names(parts: Parts, manner: Mapping[str, Stroke], panel: Panel) -> list[Row]:
    """Name alternative families beside their ends, apart from each other."""
    ends: list[Row] = []
    for name, stroke in manner.items():
        for family, own in groupby(parts["alternative"].get(name, []), key=lambda row: row["family"]):
            last = list(own)[-1]
            words = shorten(family, LONGEST_FAMILY) if family else ""
            ends.append({"y": panel.down(last["value"]), "text": words, "colour": stroke.colour})
    ends.sort(key=lambda row: (float(row["y"]), str(row["text"])))
    for above, below in pairwise(ends):
        below["y"] = max(below["y"], above["y"] + SMALL + 1)
    lowest = panel.top + panel.height - SMALL / 2  # under it stand the years
    for end in reversed(ends):
        end["y"] = min(end["y"], lowest)
        lowest = end["y"] - SMALL - 1
    x = panel.left + panel.width + 5
    return [text([{"x": x, **end} for end in ends], fontSize=SMALL)]


def data_end(end: float | None, panel: Panel) -> list[Row]:
    """Return a line where the data end, and words on what lies on each side."""
    if end is None or end >= panel.x[1]:
        return []
    x, bottom = panel.across(end), panel.top + panel.height
    mark = [{"x": x, "x2": x, "y": panel.top - 14, "y2": bottom, "colour": colour("muted")}]
    left = [{"x": x - 6, "y": panel.top - 10, "text": "data", "colour": colour("muted")}]
    right = [{"x": x + 6, "y": panel.top - 10, "text": "model alone →", "colour": colour("muted")}]
    return [
        lines(mark, strokeWidth=1, strokeDash=[5, 3]),
        text(left, align="right", fontSize=SMALL),
        text(right, fontSize=SMALL),
    ]


def around(parts: Parts, manner: Mapping[str, Stroke], *, words: str, foot: float) -> list[Row]:
    """Return the key over the plots, and under them what else is drawn and what is in the table alone."""
    entries = {**manner, **dict.fromkeys(parts["population"], POPULATION)}
    made = samples(entries, left=-LEFT, width=WIDTH + LEFT)[0]
    below = [{"x": -LEFT, "y": foot, "text": words, "colour": colour("muted")}]
    return [*made, text(below, fontSize=SMALL), *left_out(names_of(parts), manner, x=-LEFT, y=foot + 18)]


def risk_table(
    risk: Mapping[str, Mapping[float, int]], manner: Mapping[str, Stroke], panel: Panel, *, top: float
) -> list[Row]:
    """Return the numbers at risk under the ticks of their years."""
    if not risk:
        return []
    head = [{"x": -LEFT, "y": top, "text": "Number at risk", "colour": colour("muted")}]
    made = [text(head, fontSize=SMALL)]
    ticks = year_ticks(panel.x[1], panel.width)
    for i, (name, counts) in enumerate(risk.items(), 1):
        y = top + LINE * i
        name_ = [{"x": -LEFT, "y": y, "text": shorten(name, 18), "colour": manner[name].colour}]
        cells = [
            {"x": panel.across(tick), "y": y, "text": format_number(counts[tick])}
            for tick in ticks
            if tick in counts
        ]
        made += [text(name_, fontSize=SMALL), text(cells, align="center", fontSize=SMALL)]
    return made
