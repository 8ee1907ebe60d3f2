"""A measure as the reports came in, one panel a pair: the quarter in which each first crossed."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

from coley.model.errors import ColeyError
from coley.report.clean import shorten
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables
from coley.report.figures.scales import ratio_ticks
from coley.report.figures.signal import MEASURE_OPTIONS, Measure, measure
from coley.report.figures.vega import SMALL, layer, lines, note, paint, pixel, text, view
from coley.report.palette import colour
from coley.report.words import counted, format_number, join_words

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH = 640
LEFT = 62  # pixels left of the axes
PANEL, HEAD, FOOT = 92, 28, 46  # pixels: the curve, the name over it, the numbers of reports under it
MOST_PANELS = 10  # as many as fit two sheets of paper
REACH = 1.6  # doublings beyond the outermost value that an interval is drawn before it is clipped
MOST_YEARS = 12  # labels on the axis of quarters
QUARTER = re.compile(r"(\d{4})\s*[-/ ]?\s*Q([1-4])", re.IGNORECASE)
MOST_DOTS = 12  # quarters that are dotted too: a line through one of them cannot be seen
SPREAD = (0.05, 0.95)  # of values, so that the first handful of reports does not set the axis
NOTHING = "There is nothing to draw: no quarter is known."


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw the measure with its interval, the line of no effect, the first crossing and the reports so far."""
    told = measure(options)
    groups = list(dict.fromkeys(row["group"] for row in rows))
    shown = groups[:MOST_PANELS]
    panels = {group: _series([row for row in rows if row["group"] == group], told) for group in shown}
    quarters = [row["quarter"] for own in panels.values() for row in own]
    if not quarters:
        return Drawing(note(NOTHING), NOTHING)
    first, last = min(quarters), max(quarters)
    domain = _domain([row for own in panels.values() for row in own], told)
    x = {q: WIDTH * (q - first) / max(1, last - first) for q in range(first, last + 1)}
    layers: list[Row] = []
    for i, (group, own) in enumerate(panels.items()):
        top = i * (HEAD + PANEL + FOOT) + HEAD
        layers += _panel(group, own, told, x=x, top=top, domain=domain)
    height = len(shown) * (HEAD + PANEL + FOOT)
    layers += _foot(told, height, len(groups) - len(shown))
    return Drawing(view(layers, width=WIDTH, height=height), _summary(panels, told))


def quarter_number(quarter: Any) -> int:
    """Return a quarter as 4 * year + (quarter - 1), from such a number or from text.

    Raises
    ------
    ColeyError
        Where it is neither.

    Examples
    --------
    >>> quarter_number("2017Q2"), quarter_number(8069)
    (8069, 8069)
    """
    if isinstance(quarter, int) and not isinstance(quarter, bool):
        return quarter
    found = QUARTER.fullmatch(str(quarter).strip())
    if found is None:
        raise ColeyError(
            "A quarter of a timeline cannot be read.",
            where=f"column x: {quarter!r}",
            remedy="Write quarters as 2017Q2, or as the number 4 * year + (quarter - 1).",
        )
    return 4 * int(found[1]) + int(found[2]) - 1


def quarter_name(number: int) -> str:
    """Return the name of a quarter.

    >>> quarter_name(8069)
    '2017Q2'
    """
    return f"{number // 4}Q{number % 4 + 1}"


def _series(rows: list[Row], told: Measure) -> list[Row]:
    """Rows in order of time, with logarithms."""
    made = [
        {
            **row,
            "quarter": quarter_number(row["x"]),
            **{f"log_{name}": told.log2(row[name]) for name in ("value", "low", "high")},
        }
        for row in rows
        if row["x"] is not None
    ]
    return sorted(made, key=lambda row: int(row["quarter"]))


def crossing(own: Sequence[Row], told: Measure) -> Row | None:
    """Return the row of the first crossing: the one that is marked, else the first whose lower limit passes."""
    if any(row["crossed"] is not None for row in own):
        return next((row for row in own if row["crossed"]), None)
    return next((row for row in own if told.is_signal(row)), None)


def _domain(rows: Sequence[Row], told: Measure) -> tuple[float, float]:
    values = sorted(row["log_value"] for row in rows if row["log_value"] is not None) or [0.0]
    low, high = (values[round(share * (len(values) - 1))] for share in SPREAD)
    threshold = told.log2(told.threshold) or 0.0
    return min(low - REACH, threshold - 1, 0.0), max(high + REACH, threshold + 1)


def _panel(
    group: str, own: list[Row], told: Measure, *, x: dict[int, float], top: float, domain: tuple[float, float]
) -> list[Row]:
    low, high = domain

    def y(value: float) -> float:
        return top + PANEL * (high - min(max(value, low), high)) / (high - low)

    found = crossing(own, told)
    band = [
        {
            "x": x[r["quarter"]],
            "y": y(r["log_low"] if r["log_low"] is not None else low),
            "y2": y(r["log_high"]),
        }
        for r in own
        if r["log_high"] is not None
    ]
    curve = [{"x": x[r["quarter"]], "y": y(r["log_value"])} for r in own if r["log_value"] is not None]
    place = {"x": pixel("x"), "y": pixel("y")}
    shade = colour("accent" if found else "grey")
    none = y(told.log2(told.threshold) or 0.0)
    made = [
        *_frame(x, top, domain, told),
        layer("area", band, {**place, "y2": {"field": "y2"}}, color=shade, opacity=0.18),
        lines([{"x": 0, "x2": WIDTH, "y": none, "y2": none, "colour": colour("grey")}], strokeDash=[5, 3]),
        layer("line", curve, place, color=shade, strokeWidth=2.2, strokeJoin="round"),
        *(_dotted(curve, band, shade) if len(curve) <= MOST_DOTS else []),
        text([{"x": -LEFT, "y": top - 13, "text": shorten(group, 46)}], fontWeight="bold"),
        text([{"x": WIDTH, "y": top - 13, "text": _status(own, found, told), "colour": colour("muted")}],
             align="right", fontSize=SMALL),
        *_numbers(own, x, top),
    ]  # fmt: skip
    if found:
        at_x = x[found["quarter"]]
        mark = {"x": at_x, "x2": at_x, "y": top, "y2": top + PANEL, "colour": colour("ink")}
        name = quarter_name(found["quarter"])
        right = at_x > WIDTH - 60
        high_up = found["log_value"] is not None and y(found["log_value"]) < top + PANEL / 2
        beside = {"x": at_x + (-6 if right else 6), "y": top + (PANEL - 9 if high_up else 9), "text": name}
        made += [
            lines([mark], strokeWidth=1.4),
            text([beside], align="right" if right else "left", fontSize=SMALL),
        ]
        if found["log_value"] is not None:
            dot = {"x": at_x, "y": y(found["log_value"]), "colour": colour("ink")}
            made.append(layer("point", [dot], {**place, "color": paint()}, filled=True, size=48, opacity=1))
    return made


def _dotted(curve: list[Row], band: list[Row], shade: str) -> list[Row]:
    """Return each quarter as a point with its interval."""
    bars = [{"x": row["x"], "x2": row["x"], "y": row["y"], "y2": row["y2"], "colour": shade} for row in band]
    place = {"x": pixel("x"), "y": pixel("y")}
    return [
        lines(bars, strokeWidth=1, opacity=0.5),
        layer("point", curve, place, color=shade, filled=True, size=24, opacity=1),
    ]


def _frame(x: dict[int, float], top: float, domain: tuple[float, float], told: Measure) -> list[Row]:
    """Return grid lines and labels of a panel: the measure to the left."""
    low, high = domain
    ticks: list[tuple[float, str]]
    if told.logarithm:
        step = max(1, round((high - low) / 4))
        ticks = [
            (float(v), format_number(v)) for v in range(math.ceil(low), math.floor(high) + 1) if v % step == 0
        ]
    else:
        ticks = [(math.log2(v), f"{v:,g}") for v in ratio_ticks((2**low, 2**high), room=4)]
    places = [(top + PANEL * (high - value) / (high - low), words) for value, words in ticks]
    line = colour("line")
    grid = [{"x": 0, "x2": WIDTH, "y": place, "y2": place, "colour": line} for place, _ in places]
    labels = [{"x": -8, "y": place, "text": words, "colour": colour("muted")} for place, words in places]
    return [lines(grid, strokeWidth=1), text(labels, align="right", fontSize=SMALL)]


def _years(x: dict[int, float]) -> list[int]:
    """First quarters of the years that are labelled; the first quarter of all where no year begins."""
    years = [quarter for quarter in x if quarter % 4 == 0] or list(x)[:1]
    return years[:: -(-len(years) // MOST_YEARS)]


def _numbers(own: Sequence[Row], x: dict[int, float], top: float) -> list[Row]:
    """Return the reports so far under each year, and the years."""
    y = top + PANEL
    base = [{"x": 0, "x2": WIDTH, "y": y, "y2": y, "colour": colour("grey")}]
    known = {row["quarter"]: row["n"] for row in own if row["n"] is not None}
    years = _years(x)
    ticks = [{"x": x[q], "x2": x[q], "y": y, "y2": y + 4, "colour": colour("grey")} for q in years]
    names = [{"x": x[q], "y": y + 12, "text": str(q // 4), "colour": colour("muted")} for q in years]
    counts = [{"x": x[q], "y": y + 27, "text": f"{known[q]:,}"} for q in years if q in known]
    head = [{"x": -LEFT, "y": y + 27, "text": "reports", "colour": colour("muted")}]
    return [
        lines([*base, *ticks], strokeWidth=1),
        text(names, align="center", fontSize=SMALL),
        text(counts, align="center", fontSize=SMALL),
        text(head, fontSize=SMALL),
    ]


def _status(own: Sequence[Row], found: Row | None, told: Measure) -> str:
    if not own:
        return "no quarter with a value"
    end = own[-1]
    now = f"{quarter_name(end['quarter'])}: {told.interval(end)}"
    if found is None:
        return f"not crossed by {now}"
    count = f" at {counted(found['n'], 'report')}" if found["n"] is not None else ""
    return f"crossed in {quarter_name(found['quarter'])}{count}; {now}"


def _foot(told: Measure, height: float, hidden: int) -> list[Row]:
    words = f"{told.name}, logarithmic, of all reports up to each quarter; dashed: {format_number(told.threshold)}."
    if hidden:
        words += f" {counted(hidden, 'further pair')} {'is' if hidden == 1 else 'are'} in the table."
    return [text([{"x": -LEFT, "y": height + 8, "text": words, "colour": colour("muted")}], fontSize=SMALL)]


def _summary(panels: dict[str, list[Row]], told: Measure) -> str:
    crossed, never = [], []
    for group, own in panels.items():
        found = crossing(own, told)
        if found is None:
            never.append(str(group))
            continue
        count = f" at {counted(found['n'], 'report')}" if found["n"] is not None else ""
        crossed.append(f"{group} first in {quarter_name(found['quarter'])}{count}")
    start = f"{told.name} by quarter of {counted(len(panels), 'pair')}"
    parts = [f"crossed: {'; '.join(crossed)}"] if crossed else []
    parts += [f"not crossed: {join_words(never)}"] if never else []
    return f"{start}. {'. '.join(part[:1].upper() + part[1:] for part in parts)}."


FIGURES.add(
    "timeline",
    FigureKind(
        "timeline",
        "A measure of reporting as the reports came in, a panel a pair, with the quarter of first crossing.",
        ("group", "x", "value", "low", "high"),
        draw,
        optional=("n", "crossed", "signal"),
        value="value",
        options=dict(MEASURE_OPTIONS),
    ),
)
