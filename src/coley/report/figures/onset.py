"""How soon after the first dose: the share of reports whose event had begun, day by day."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from coley.report.clean import shorten, text_width
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables, records
from coley.report.figures.legend import LINE, SAMPLE, sample
from coley.report.figures.scales import day_ticks
from coley.report.figures.vega import SIZE, SMALL, at, axis, layer, note, paint, text, view
from coley.report.palette import MOST_GROUPS, Stroke, colour, strokes
from coley.report.words import counted, format_interval, format_number

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT = 520, 280
LEFT = 130  # pixels left of the axis, for the names beside the numbers of reports
BAND = 0.14
STEPS = (1, 2, 7, 14, 30, 60, 90, 180, 365, 730)
MOST_TICKS = 10
NOTHING = "There is nothing to draw: no report has both dates."
APART = 42  # pixels that a number of reports takes


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw cumulative shares as steps, medians on them, a key with medians and shapes, and numbers below."""
    groups = list(dict.fromkeys(row["group"] for row in rows))
    shown = groups[:MOST_GROUPS]
    manner = strokes(shown)
    log = options.get("scale", "linear") == "log"
    known = [row for row in rows if row["time"] is not None and row["share"] is not None and row["time"] >= 0]
    if not known:
        return Drawing(note(NOTHING), NOTHING)
    last = float(options.get("cut_time") or max(row["time"] for row in known) or 1)
    medians = _table(options, tables, "medians_table", ("group", "median", "low", "high"))
    counts = _counts(options, tables, shown, last)
    ticks = _apart({time for own in counts.values() for time in own}, last, log=log) or ticks_to(
        last, log=log
    )
    x = at(
        "time",
        scale={"type": "symlog" if log else "linear", "constant": 1, "domain": [0, last], "nice": False},
        axis=axis(_title(options, log=log), values=ticks, offset=2, labelExpr="format(datum.value, ',')"),
    )
    y = at(
        "share",
        scale={"domain": [0, 1]},
        axis=axis(
            options.get("y_title", "Share of reports"),
            grid=True,
            domain=False,
            ticks=False,
            values=[0, 0.25, 0.5, 0.75, 1],
            labelExpr="format(datum.value * 100, '.0f') + ' %'",
        ),
    )
    layers: list[Row] = []
    for group in shown:
        own = sorted((row for row in known if row["group"] == group), key=lambda row: float(row["time"]))
        layers += _curve(own, x, y, manner[group], last)
    layers += [part for group in shown for part in _median(medians.get(group), x, y, manner[group], last)]
    layers += _key(shown, manner, medians)
    layers += _numbers(counts, manner, x, ticks, len(groups) - len(shown))
    return Drawing(view(layers, width=WIDTH, height=HEIGHT), _summary(groups, known, medians, options))


def ticks_to(last: float, *, log: bool) -> list[float]:
    """Return days to label up to the last one; log(day + 1) has a place for the day of the first dose.

    Examples
    --------
    >>> ticks_to(100, log=True), ticks_to(100, log=False)
    ([0, 1, 3, 7, 14, 30, 60], [0, 14, 28, 42, 56, 70, 84, 98])
    """
    if log:
        return [0, *day_ticks((1, last))]
    step = next((s for s in STEPS if last / s < MOST_TICKS), last)
    return [step * i for i in range(int(last / step) + 1)]


def _apart(times: set[float], last: float, *, log: bool) -> list[float]:
    """Return the times that have room under the axis, the last before those that crowd it."""

    def place(time: float) -> float:
        return WIDTH * (math.log1p(time) / math.log1p(last) if log else time / last)

    kept: list[float] = []
    for time in sorted(times, reverse=True):
        if not kept or place(kept[-1]) - place(time) >= APART:
            kept.append(time)
    return kept[::-1]


def _title(options: Options, *, log: bool) -> str:
    title = str(options.get("x_title", "Days since the first dose"))
    return f"{title}, logarithmic" if log else title


def _table(options: Options, tables: Tables, name: str, columns: tuple[str, ...]) -> dict[str, Row]:
    if options.get(name, "") not in tables:
        return {}
    optional = ("n", "shape", "shape_low", "shape_high")
    return {row["group"]: row for row in records(tables[options[name]], columns, optional)}


def _counts(
    options: Options, tables: Tables, groups: Sequence[str], last: float
) -> dict[str, dict[float, int]]:
    name = options.get("numbers_table", "")
    if name not in tables:
        return {}
    rows = records(tables[name], ("group", "time", "n"))
    return {
        g: {r["time"]: r["n"] for r in rows if r["group"] == g and r["n"] is not None and r["time"] <= last}
        for g in groups
    }


def _curve(own: list[Row], x: Row, y: Row, stroke: Stroke, last: float) -> list[Row]:
    """Return the steps of a group from no report to its end, and its band where it has limits."""
    inside = [row for row in own if row["time"] <= last]
    if not inside:
        return []
    start = {"time": 0.0, "share": 0.0, "low": 0.0, "high": 0.0}
    steps = [start, *inside, {**inside[-1], "time": last}]
    bounded = [row for row in steps if row["low"] is not None and row["high"] is not None]
    band = {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}
    made = []
    if len(bounded) > 1 and any(row["low"] is not None for row in inside):
        made.append(layer("area", bounded, band, interpolate="step-after", color=stroke.colour, opacity=BAND))
    line = layer(
        "line",
        steps,
        {"x": x, "y": y},
        interpolate="step-after",
        color=stroke.colour,
        strokeWidth=2.2,
        strokeDash=list(stroke.dash),
        strokeCap="butt",
    )
    return [*made, line]


def _median(middle: Row | None, x: Row, y: Row, stroke: Stroke, last: float) -> list[Row]:
    """Return a dot at half of the reports and a line from it down to its day."""
    if middle is None or middle["median"] is None or middle["median"] > last:
        return []
    spot = [{"time": middle["median"], "share": 0.5, "floor": 0.0, "colour": stroke.colour}]
    down = {"x": x, "y": y, "y2": {"field": "floor"}, "color": paint()}
    return [
        layer("rule", spot, down, strokeDash=[2, 3], strokeWidth=1.2),
        layer("point", spot, {"x": x, "y": y, "color": paint()}, filled=True, size=64, opacity=1),
    ]


def _key(groups: Sequence[str], manner: dict[str, Stroke], medians: dict[str, Row]) -> list[Row]:
    """Return a key that is a table: sample, group, reports, median with quartiles and Weibull shape."""
    found: list[tuple[str, dict[str, str]]] = []
    if any(row["n"] is not None for row in medians.values()):
        found.append(("reports", {g: format_number(r["n"], missing="") for g, r in medians.items()}))
    if medians:
        found.append(("median (quartiles), days", {g: _middle(r) for g, r in medians.items()}))
    if any(row["shape"] is not None for row in medians.values()):
        shapes = {
            g: format_interval(r["shape"], r["shape_low"], r["shape_high"], unit="ratio")
            for g, r in medians.items()
        }
        found.append(("Weibull shape (95 % CI)", shapes))
    top, edge = -18 - LINE * len(groups), float(WIDTH)
    rows = {g: top + LINE * (i + 0.5) for i, g in enumerate(groups)}
    made: list[Row] = []
    for title, cells in reversed(found):
        head = [{"x": edge, "y": top - LINE / 2, "text": title, "colour": colour("muted")}]
        body = [{"x": edge, "y": y, "text": cells.get(g, "")} for g, y in rows.items()]
        made += [text(head, align="right", fontSize=SMALL), text(body, align="right")]
        edge -= 20 + max(text_width(cell, SIZE) for cell in (title, *cells.values()))
    longest = max(10, int((edge + LEFT - SAMPLE - 8) / (0.55 * SIZE)))
    made += [sample(manner[g], -LEFT, y) for g, y in rows.items()]
    names = [{"x": SAMPLE + 8 - LEFT, "y": y, "text": shorten(g, longest)} for g, y in rows.items()]
    return [*made, text(names)]


def _middle(row: Row) -> str:
    return format_interval(row["median"], row["low"], row["high"], unit="days").replace(" days", "")


def _numbers(
    counts: dict[str, dict[float, int]], manner: dict[str, Stroke], x: Row, ticks: list[float], hidden: int
) -> list[Row]:
    """Return the reports whose event had begun by each day, on the axis of the plot."""
    y, made = HEIGHT + 62, []
    if any(counts.values()):
        title = [{"x": -LEFT, "y": y, "text": "Reports so far", "colour": colour("muted")}]
        made.append(text(title, fontSize=SMALL))
        for group, own in counts.items():
            y += LINE
            name = [{"x": -LEFT, "y": y, "text": shorten(group, 17), "colour": manner[group].colour}]
            cells = [
                {"time": time, "y": y, "text": format_number(n)} for time, n in own.items() if time in ticks
            ]
            made += [
                text(name, fontSize=SMALL),
                text(cells, align="center", x={**x, "field": "time"}, fontSize=SMALL),
            ]
        y += LINE
    if hidden:
        sentence = f"{counted(hidden, 'further group')} {'is' if hidden == 1 else 'are'} in the table."
        made.append(text([{"x": -LEFT, "y": y, "text": sentence, "colour": colour("muted")}], fontSize=SMALL))
    return made


def _summary(groups: list[str], known: list[Row], medians: dict[str, Row], options: Options) -> str:
    parts: list[str] = []
    for group in groups[:MOST_GROUPS]:
        if group in medians:
            of = f" of {counted(medians[group]['n'], 'report')}" if medians[group]["n"] is not None else ""
            parts.append(f"{group}, median {_middle(medians[group])} days{of}")
            continue
        own: list[Any] = [row for row in known if row["group"] == group]
        if own:
            end = max(own, key=lambda row: float(row["time"]))
            share = format_number(100 * end["share"], decimals=0)
            parts.append(f"{group}, {share} % by day {format_number(end['time'])}")
    title = str(options.get("x_title", "Days since the first dose"))
    title = title[:1].lower() + title[1:]
    return (
        f"Share of reports by {title} in {counted(len(groups), 'group')}: {'; '.join(parts) or 'none known'}."
    )


FIGURES.add(
    "onset",
    FigureKind(
        "onset",
        "Share of reports whose event had begun, by day since the first dose, with medians and numbers.",
        ("group", "time", "share"),
        draw,
        optional=("low", "high"),
        value="share",
        options={
            "scale": "'linear' (default) or 'log', which is log(day + 1) so that day 0 has its place",
            "x_title": "title of the time axis: 'Days since the first dose' where not given",
            "y_title": "title of the vertical axis: 'Share of reports' where not given",
            "medians_table": "table with columns group, median, low, high (quartiles, days), and where known n, "
            "shape, shape_low, shape_high of the Weibull distribution",
            "numbers_table": "table with columns group, time, n: reports whose event had begun by that day",
            "cut_time": "where the curves end, in days",
        },
    ),
)
