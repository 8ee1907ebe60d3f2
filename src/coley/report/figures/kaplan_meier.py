"""Survival curves with their numbers at risk on the same axis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coley.report.clean import shorten
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables, records
from coley.report.figures.legend import LINE, SAMPLE, sample
from coley.report.figures.scales import MOST_TICKS, month_ticks
from coley.report.figures.vega import SMALL, at, axis, layer, lines, text, view
from coley.report.palette import MOST_GROUPS, Stroke, colour, strokes
from coley.report.words import counted, format_interval, format_number, join_words

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT = 500, 280
LEFT = 136  # pixels left of the axis, for the names beside the numbers at risk
BAND = 0.13  # opacity; bands of many groups lie over each other and must be fainter
MOST_MILESTONES = 2  # as many columns as fit beside the median


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw step curves, interval bands, censoring ticks, a key with medians and the numbers at risk."""
    groups = list(dict.fromkeys(row["group"] for row in rows))
    shown = groups[:MOST_GROUPS]
    manner = strokes(shown, control=options.get("control", ""))
    curves = {group: _steps([row for row in rows if row["group"] == group]) for group in shown}
    last = max((curve[-1]["time"] for curve in curves.values()), default=0)
    cut = float(options.get("cut_time") or last or 1)
    risk = _at_risk(options, tables, shown)
    ticks = _ticks(risk, cut)
    medians = _medians(options, tables)
    room = MOST_MILESTONES if medians else 2 * MOST_MILESTONES
    milestones = [month for month in options.get("milestones", ()) if month <= cut][-room:]
    key = _key_table(curves, manner, risk, medians, milestones)
    shade = BAND / max(1, len(shown) - 2)
    layers = [
        *_rules(milestones, cut),
        *(
            part
            for group in shown
            for part in _curve(curves[group], manner[group], cut, ticks, options, shade)
        ),
        *key,
        *_risk_table(risk, manner, ticks, len(groups) - len(shown)),
    ]
    return Drawing(view(layers, width=WIDTH, height=HEIGHT), _summary(groups, curves, medians, options))


def _steps(rows: list[Row]) -> list[Row]:
    """Rows in order of time, from 100 % at month 0."""
    rows = sorted((row for row in rows if row["time"] is not None), key=lambda row: float(row["time"]))
    start = {"time": 0.0, "survival": 1.0, "low": 1.0, "high": 1.0, "censored": 0}
    return rows if rows and rows[0]["time"] <= 0 else [start, *rows]


def survival_at(curve: Sequence[Row], time: float) -> float | None:
    """Read a step curve; None beyond its last time."""
    if time > curve[-1]["time"]:
        return None
    value: float | None = [row["survival"] for row in curve if row["time"] <= time][-1]
    return value


def _curve(
    curve: list[Row], stroke: Stroke, cut: float, ticks: list[float], options: Options, shade: float
) -> list[Row]:
    inside = [row for row in curve if row["time"] <= cut]
    if curve[-1]["time"] > cut:  # the step that crosses the cut ends at it
        inside = [*inside, {**inside[-1], "time": cut, "censored": 0}]
    inside = [row for row in inside if row["survival"] is not None]
    percent = {"labelExpr": "format(datum.value * 100, '.0f') + ' %'", "values": [0, 0.25, 0.5, 0.75, 1]}
    x = at(
        "time",
        scale={"domain": [0, cut], "nice": False},
        axis=axis(options.get("x_title", "Months"), values=ticks, offset=2),
    )
    y = at(
        "survival",
        scale={"domain": [0, 1]},
        axis=axis(options.get("endpoint", "Survival"), grid=True, domain=False, ticks=False, **percent),
    )
    band = {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
    bounded = [row for row in inside if row["low"] is not None and row["high"] is not None]
    censored = [row for row in inside if row.get("censored")]
    return [
        layer("area", bounded, band, interpolate="step-after", color=stroke.colour, opacity=shade),
        layer(
            "line",
            inside,
            {"x": x, "y": y},
            interpolate="step-after",
            color=stroke.colour,
            strokeWidth=2.2,
            strokeDash=list(stroke.dash),
            strokeCap="butt",
        ),
        layer(
            "tick",
            censored,
            {"x": x, "y": y},
            orient="vertical",
            color=stroke.colour,
            size=8,
            thickness=1,
            opacity=0.75,
        ),
    ]


def _rules(milestones: Sequence[float], cut: float) -> list[Row]:
    marks = [
        {"x": WIDTH * m / cut, "x2": WIDTH * m / cut, "y": 0, "y2": HEIGHT, "colour": colour("grey")}
        for m in milestones
    ]
    return [lines(marks, strokeWidth=1, strokeDash=[2, 3], opacity=0.8)] if marks else []


def _at_risk(options: Options, tables: Tables, groups: Sequence[str]) -> dict[str, dict[float, int]]:
    name = options.get("at_risk_table", "")
    if name not in tables:
        return {}
    rows = records(tables[name], ("group", "time", "at_risk"))
    return {g: {row["time"]: row["at_risk"] for row in rows if row["group"] == g} for g in groups}


def _ticks(risk: dict[str, dict[float, int]], cut: float) -> list[float]:
    times = sorted({time for counts in risk.values() for time in counts if time <= cut})
    if len(times) < 2:
        return month_ticks(cut)
    every = -(-len(times) // MOST_TICKS)
    return times[::every]


def _medians(options: Options, tables: Tables) -> dict[str, str]:
    name = options.get("medians_table", "")
    if name not in tables:
        return {}
    rows = records(tables[name], ("group", "median", "low", "high"))
    return {
        row["group"]: format_interval(row["median"], row["low"], row["high"], unit="months").replace(
            " months", ""
        )
        for row in rows
    }


def _key_table(
    curves: dict[str, list[Row]],
    manner: dict[str, Stroke],
    risk: dict[str, dict[float, int]],
    medians: dict[str, str],
    milestones: Sequence[float],
) -> list[Row]:
    """Return a key that is a table: sample, group, n, median and survival at the milestones."""
    top = -18 - LINE * len(curves)
    columns: list[tuple[str, float, dict[str, str]]] = []
    edge = WIDTH
    for month in reversed(milestones):
        read = {g: survival_at(curve, month) for g, curve in curves.items()}
        cells = {g: "–" if s is None else f"{format_number(100 * s, decimals=0)} %" for g, s in read.items()}
        columns.append((f"{month:g} mo", edge, cells))
        edge -= 58
    if medians:
        columns.append(("median (95 % CI), months", edge, medians))
        edge -= 168
    counts = {g: format_number(c[min(c)]) for g, c in risk.items() if c}
    if counts:
        columns.append(("n", edge, counts))
        edge -= 44
    longest = int((edge + LEFT - SAMPLE - 8) / (0.54 * 13))
    rows = {g: top + LINE * (i + 0.5) for i, g in enumerate(curves)}
    made: list[Row] = [sample(manner[g], -LEFT, y) for g, y in rows.items()]
    made.append(
        text([{"x": SAMPLE + 8 - LEFT, "y": y, "text": shorten(g, longest)} for g, y in rows.items()])
    )
    for title, x, cells in columns:
        head = [{"x": x, "y": top - LINE / 2, "text": title, "colour": colour("muted")}]
        body = [{"x": x, "y": y, "text": cells.get(g, "")} for g, y in rows.items()]
        made += [text(head, align="right", fontSize=SMALL), text(body, align="right")]
    return made


def _risk_table(
    risk: dict[str, dict[float, int]], manner: dict[str, Stroke], ticks: list[float], hidden: int
) -> list[Row]:
    top = HEIGHT + 62
    made: list[Row] = []
    if risk:
        title = [{"x": -LEFT, "y": top, "text": "Number at risk", "colour": colour("muted")}]
        made.append(text(title, fontSize=SMALL))
        for i, (group, counts) in enumerate(risk.items(), 1):
            y = top + LINE * i
            name = [{"x": -LEFT, "y": y, "text": shorten(group, 17), "colour": manner[group].colour}]
            cells = [{"x": t, "y": y, "text": format_number(counts[t])} for t in ticks if t in counts]
            made += [text(name, fontSize=SMALL), text(cells, align="center", x=at("x"), fontSize=SMALL)]
    if hidden:
        y = top + LINE * (len(risk) + 1)
        sentence = f"{hidden} further groups are in the table: more lines than these cannot be told apart."
        made.append(text([{"x": -LEFT, "y": y, "text": sentence, "colour": colour("muted")}], fontSize=SMALL))
    return made


def _summary(
    groups: list[str], curves: dict[str, list[Row]], medians: dict[str, str], options: Options
) -> str:
    endpoint = options.get("endpoint", "Survival")
    parts = []
    for group, curve in curves.items():
        if group in medians:
            parts.append(f"{group}, median {medians[group]} months")
        else:
            end: Any = curve[-1]
            left = format_number(None if end["survival"] is None else 100 * end["survival"], decimals=0)
            parts.append(f"{group}, {left} % at {format_number(end['time'])} months")
    where = counted(len(groups), "group")
    return f"Kaplan–Meier curves of {endpoint[:1].lower()}{endpoint[1:]} in {where}: {join_words(parts)}."


FIGURES.add(
    "kaplan_meier",
    FigureKind(
        "kaplan_meier",
        "Survival over time by group, with interval bands, censoring ticks and numbers at risk.",
        ("group", "time", "survival", "low", "high"),
        draw,
        optional=("censored",),
        value="survival",
        options={
            "endpoint": "title of the vertical axis: 'Overall survival'",
            "x_title": "title of the time axis, with its origin: 'Months since randomisation'",
            "at_risk_table": "table with columns group, time, at_risk: the numbers under the axis",
            "medians_table": "table with columns group, median, low, high, in months",
            "milestones": "months at which survival is read off, as [12, 24]",
            "cut_time": "where the curves end, in months",
            "control": "the group that is the control arm: grey and dashed",
        },
    ),
)
