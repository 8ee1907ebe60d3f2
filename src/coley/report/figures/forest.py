"""Estimates with their intervals, one a row, the numbers in text beside them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from coley.report.clean import fold, shorten, text_width
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables
from coley.report.figures.scales import MOST_RATIOS, PERCENT, PLAIN, THOUSANDS, day_ticks, ratio_ticks
from coley.report.figures.vega import SIZE, SMALL, at, axis, boxes, layer, lines, paint, pixel, text, view
from coley.report.palette import colour
from coley.report.words import NOT_ESTIMABLE, counted, format_interval, format_number, format_p

if TYPE_CHECKING:
    from collections.abc import Sequence

PLOT = 210
ROW, CLOSE_ROW = 24, 20
MANY_ROWS = 24  # more stand closer, so that forty fit a sheet of paper
LABEL = 36  # characters before a label is folded
SPAN = 28  # pixels of the dotted sample in the key
LABELS_ON_AXIS = 7  # that have room side by side under the plot
REACH = "dotted: where a new cohort is expected"
LOG_REACH = 2.5  # an interval is drawn this many times beyond the outermost estimate, then clipped
LOG_LIMITS = (0.01, 100)  # nobody reads a ratio beyond these off an axis, unless the options say so
WHOLE = 10  # ratios whose lower limit is above need no two decimals: 1,450 (820–3,200)
DAY_LIMITS = (0.5, 3650)  # from within the first day to ten years
NO_REFERENCE = "none"


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw labels, points with intervals, n (events), the estimate in text and p."""
    log = options.get("scale", "log") == "log"
    given = options.get("reference", 1 if log else 0)
    reference = None if given == NO_REFERENCE else float(given)
    limits = tuple(options.get("limits", DAY_LIMITS if options.get("unit") == "days" else LOG_LIMITS))
    domain = _domain(rows, reference, limits, log=log)
    middle = PLOT / 2 if reference is None else _x(reference, domain, log=log)
    placed, height = _place(rows)
    indent = 14 if any(row["section"] for row in rows) else 0
    widest = max((text_width(line, SIZE) for row in placed for line in row["lines"]), default=0)
    left = max(100, min(300, widest)) + indent + 16
    columns = _columns(placed, options)
    right = PLOT + columns[-1][1] if columns else PLOT
    x = at(
        "value",
        scale={"type": "log" if log else "linear", "domain": list(domain), "nice": False, "zero": False},
        axis=axis(
            None,
            values=_ticks(domain, options) if log else None,
            tickCount=MOST_RATIOS if log else 5,
            labelExpr=PERCENT if options.get("percent") else THOUSANDS if log else PLAIN,
            orient="bottom",
            labelSeparation=2,
        ),
    )
    layers = [
        _stripes(placed, left, right),
        *([] if reference is None else [_reference(placed, middle)]),
        *_intervals(placed, x, domain),
        *_labels(placed, left, indent),
        *_text_columns(placed, columns),
        *_favours(options, middle, height),
        *_reach_key(rows, options, left),
    ]
    return Drawing(view(layers, width=PLOT, height=height), _summary(rows, options))


def _place(rows: list[Row]) -> tuple[list[Row], float]:
    """Give every row and every change of section its place from the top."""
    placed: list[Row] = []
    y, section = 0.0, None
    row_height = ROW if len(rows) <= MANY_ROWS else CLOSE_ROW
    for row in rows:
        if row["section"] and row["section"] != section:
            heading = fold(row["section"], 70, lines=1)
            placed.append(
                {"heading": heading[0], "lines": [], "y": y + row_height / 2 + 4, "tall": row_height}
            )
            y += row_height + 4
        section = row["section"]
        folded = fold(row["label"] or "", LABEL)
        tall = row_height + 14 * (len(folded) - 1)
        placed.append({**row, "heading": "", "lines": folded, "y": y + tall / 2, "tall": tall})
        y += tall
    return placed, y


def _ticks(domain: tuple[float, float], options: Options) -> list[float]:
    """Return the ticks of a logarithmic axis: days where values are days, else ratios."""
    if options.get("unit") == "days":
        return [float(day) for day in day_ticks(domain)]
    return ratio_ticks(domain, room=LABELS_ON_AXIS)


def _domain(
    rows: Sequence[Row], reference: float | None, limits: tuple[float, float], *, log: bool
) -> tuple[float, float]:
    def usable(name: str) -> list[float]:
        return [float(row[name]) for row in rows if row[name] is not None and (not log or row[name] > 0)]

    effectless = [] if reference is None else [reference]
    values = [*usable("value"), *effectless] or [1.0]
    lows, highs = [*usable("low"), *values], [*usable("high"), *values]
    if log:
        low = max(min(lows), min(values) / LOG_REACH, limits[0])
        high = min(max(highs), max(values) * LOG_REACH, limits[1])
        low, high = min([low, *(r / 1.25 for r in effectless)]), max([high, *(r * 1.25 for r in effectless)])
        return low / 1.08, high * 1.08
    spread = (max(values) - min(values)) or max(abs(v) for v in (*lows, *highs)) or 1.0
    low, high = max(min(lows), min(values) - spread), min(max(highs), max(values) + spread)
    pad = 0.05 * ((high - low) or 1.0)
    return low - pad, high + pad


def _x(value: float, domain: tuple[float, float], *, log: bool) -> float:
    low, high = (math.log(d) for d in domain) if log else domain
    return PLOT * ((math.log(value) if log else value) - low) / (high - low)


def _reference(placed: list[Row], x: float) -> Row:
    """Return the line of no effect, which makes way for headings."""
    rows = [row for row in placed if not row["heading"]]
    return lines(
        [
            {
                "x": x,
                "x2": x,
                "y": row["y"] - row["tall"] / 2,
                "y2": row["y"] + row["tall"] / 2,
                "colour": colour("grey"),
            }
            for row in rows
        ]
    )


def _stripes(placed: list[Row], left: float, right: float) -> Row:
    bars = [row for row in placed if not row["heading"]][::2]
    return boxes(
        [
            {
                "x": -left,
                "x2": right + 6,
                "y": r["y"] - r["tall"] / 2,
                "y2": r["y"] + r["tall"] / 2,
                "colour": colour("soft"),
            }
            for r in bars
        ]
    )


def _intervals(placed: list[Row], x: Row, domain: tuple[float, float]) -> list[Row]:
    low, high = domain
    most = max((row.get("n") or 0 for row in placed), default=0) or 1
    drawn, arrows = [], []
    for row in placed:
        if row["heading"] or row["value"] is None:
            continue
        shade = colour("accent") if row.get("highlight") else colour("muted")
        # A bound that is unknown reaches as far as the axis: the data do not exclude it.
        ends = (
            row["low"] if row["low"] is not None else -math.inf,
            row["high"] if row["high"] is not None else math.inf,
        )
        if row["low"] is None and row["high"] is None:
            ends = (row["value"], row["value"])
        drawn.append(
            {
                "value": row["value"] if low <= row["value"] <= high else None,
                "low": min(max(ends[0], low), high),
                "high": max(min(ends[1], high), low),
                "y": row["y"],
                "colour": shade,
                "reach_low": _clip(row["reach_low"], low, high),
                "reach_high": _clip(row["reach_high"], low, high),
                # Area with the patients behind it, so that the eye does not go to the least certain row.
                "size": 34 + 60 * math.sqrt((row.get("n") or most) / most),
            }
        )
        arrows += [{"value": low, "y": row["y"], "colour": shade, "angle": 270}] if ends[0] < low else []
        arrows += [{"value": high, "y": row["y"], "colour": shade, "angle": 90}] if ends[1] > high else []
    reaching = [row for row in drawn if row["reach_low"] is not None and row["reach_high"] is not None]
    reach = {
        "x": {**x, "field": "reach_low"},
        "x2": {"field": "reach_high"},
        "y": pixel("y"),
        "color": paint(),
    }
    bar = {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": pixel("y"), "color": paint()}
    point = {"x": x, "y": pixel("y"), "color": paint(), "size": {**pixel("size")}}
    angle = {"field": "angle", "type": "quantitative", "scale": None}
    clipped = {"x": x, "y": pixel("y"), "color": paint(), "angle": angle}
    return [
        layer("rule", reaching, reach, strokeWidth=1.2, strokeDash=[2, 2]),
        layer("rule", drawn, bar, strokeWidth=2 if reaching else 1.6),
        layer(
            "point",
            [row for row in drawn if row["value"] is not None],
            point,
            shape="square",
            filled=True,
            opacity=1,
        ),
        layer("point", arrows, clipped, shape="triangle", filled=True, size=46, opacity=1),
    ]


def _reach_key(rows: Sequence[Row], options: Options, left: float) -> list[Row]:
    """Return what the dotted lines mean, above the labels, where there are any."""
    if all(row["reach_low"] is None or row["reach_high"] is None for row in rows):
        return []
    words = shorten(options.get("reach_title", REACH), 48)
    dotted = [{"x": -left, "x2": SPAN - left, "y": -14, "y2": -14, "colour": colour("muted")}]
    name = [{"x": SPAN + 7 - left, "y": -14, "text": words, "colour": colour("muted")}]
    return [lines(dotted, strokeWidth=1.4, strokeDash=[2, 2]), text(name, fontSize=SMALL)]


def _clip(value: float | None, low: float, high: float) -> float | None:
    return None if value is None else min(max(value, low), high)


def _labels(placed: list[Row], left: float, indent: float) -> list[Row]:
    headings = [{"x": -left, "y": row["y"], "text": row["heading"]} for row in placed if row["heading"]]
    plain: list[Row] = []
    bold: list[Row] = []
    for row in placed:
        for i, line in enumerate(row["lines"]):
            y = row["y"] + 14 * (i - (len(row["lines"]) - 1) / 2)
            (bold if row.get("highlight") else plain).append({"x": indent - left, "y": y, "text": line})
    return [
        text(headings, fontWeight="bold", fontSize=SMALL),
        text(plain),
        text(bold, fontWeight="bold"),
    ]


def _columns(placed: list[Row], options: Options) -> list[tuple[str, float, list[str]]]:
    """Return title, right edge from the plot's end and cells of each text column."""
    rows = [row for row in placed if not row["heading"]]
    counted = any(row["events"] is not None for row in rows)
    head = shorten(options.get("n_title", "n"), 14)
    found = [
        (
            f"{head} ({shorten(options.get('events_title', 'events'), 14)})" if counted else head,
            [_count(row) for row in rows],
        ),
        (
            shorten(options.get("value_title", "Estimate (95 % CI)"), 34),
            [_estimate(row, options) for row in rows],
        ),
    ]
    if any(row["note"] is not None for row in rows):
        cells = ["" if row["note"] is None else shorten(row["note"], 30) for row in rows]
        found.append((shorten(options.get("note_title", ""), 34), cells))
    if any(row["p"] is not None for row in rows):
        found.append((options.get("p_title", "p"), [format_p(row["p"]) for row in rows]))
    if any(row["cohorts"] is not None for row in rows):
        found.insert(0, ("Cohorts", [format_number(row["cohorts"], missing="") for row in rows]))
    columns, edge = [], 0.0
    for title, cells in found:
        edge += 18 + max(text_width(cell, SIZE) for cell in (title, *cells))
        columns.append((title, edge, cells))
    return columns


def _estimate(row: Row, options: Options) -> str:
    """Write the estimate of a row with its interval, in the units that the options name."""
    unit = str(options.get("unit", ""))
    if options.get("percent"):
        unit = "proportion"
    elif not unit and options.get("scale", "log") == "log":
        unit = "" if row["low"] is not None and row["low"] >= WHOLE else "ratio"
    told = format_interval(row["value"], row["low"], row["high"], unit=unit, missing=NOT_ESTIMABLE)
    return told.replace(f" {unit}", "") if options.get("unit") else told


def _count(row: Row) -> str:
    if row["n"] is None:
        return ""
    return format_number(row["n"]) + (
        f" ({format_number(row['events'])})" if row["events"] is not None else ""
    )


def _text_columns(placed: list[Row], columns: list[tuple[str, float, list[str]]]) -> list[Row]:
    rows = [row for row in placed if not row["heading"]]
    made = []
    for title, edge, cells in columns:
        x = PLOT + edge
        made.append(
            text(
                [{"x": x, "y": -14, "text": title, "colour": colour("muted")}], align="right", fontSize=SMALL
            )
        )
        plain = [
            {
                "x": x,
                "y": row["y"],
                "text": cell,
                "colour": colour("muted" if cell == NOT_ESTIMABLE else "ink"),
            }
            for row, cell in zip(rows, cells, strict=True)
        ]
        made.append(text(plain, align="right"))
    return made


def _favours(options: Options, middle: float, height: float) -> list[Row]:
    y, grey = height + 34, colour("muted")
    made = []
    if options.get("favours_left"):
        words = f"← {shorten(options['favours_left'], 30)}"
        made.append(
            text([{"x": middle - 8, "y": y, "text": words, "colour": grey}], align="right", fontSize=SMALL)
        )
    if options.get("favours_right"):
        words = f"{shorten(options['favours_right'], 30)} →"
        made.append(text([{"x": middle + 8, "y": y, "text": words, "colour": grey}], fontSize=SMALL))
    return made


def _summary(rows: list[Row], options: Options) -> str:
    known = [row for row in rows if row["value"] is not None]
    title = options.get("value_title", "Estimate")
    start = f"{title} in {counted(len(rows), 'row')}, {len(known)} of them estimable"
    if not known:
        return f"{start}."
    least, most = min(known, key=lambda r: float(r["value"])), max(known, key=lambda r: float(r["value"]))
    ends = [f"{_named(r)} {_estimate(r, options)}" for r in (least, most)]
    return f"{start}: from {ends[0]} to {ends[1]}."


def _named(row: Row) -> str:
    return f"{row['section']}, {row['label']}" if row["section"] else str(row["label"])


FIGURES.add(
    "forest",
    FigureKind(
        "forest",
        "Estimates with their intervals, one a row, against a line of no effect.",
        ("label", "value", "low", "high", "n"),
        draw,
        optional=("section", "events", "p", "highlight", "reach_low", "reach_high", "cohorts", "note"),
        options={
            "scale": "'log' (default) for ratios or 'linear'",
            "reference": "value of no effect: 1 or 0 where not given; 'none' where there is none, as of days",
            "limits": "what a logarithmic axis never reaches beyond: [0.01, 100] where not given",
            "unit": "'days' where values are days",
            "n_title": "head of n: 'reports'",
            "note_title": "head of the column note: 'Weibull shape (95 % CI)'",
            "events_title": "what events are called in the head of n: 'responders'",
            "reach_title": "what the dotted line means; 'where a new cohort is expected' where not given",
            "p_title": "head of the column of p values",
            "value_title": "head of the text column: 'Hazard ratio (95 % CI)'",
            "favours_left": "what stands under the axis to the left of the reference",
            "favours_right": "and to the right",
            "percent": "true where values are fractions to be written in per cent",
        },
    ),
)
