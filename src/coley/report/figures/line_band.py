"""A quantity along a number, with its interval as a band."""

from __future__ import annotations

from coley.report.figures.curves import band, curve, x_axis, x_before
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables
from coley.report.figures.legend import samples
from coley.report.figures.scales import MOST_RATIOS, PERCENT, PLAIN, month_ticks, ratio_ticks
from coley.report.figures.vega import SMALL, at, axis, layer, text, view
from coley.report.palette import MOST_GROUPS, colour, strokes
from coley.report.words import format_number

WIDTH, HEIGHT = 540, 250
LOG_LIMITS = (0.02, 50)  # a ratio beyond these is clipped: an interval near 0 would flatten the rest


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw lines (steps where asked) with bands, and the line of no effect."""
    groups = list(dict.fromkeys(row["group"] for row in rows))
    shown = groups[:MOST_GROUPS]
    manner = strokes(shown, control=options.get("control", ""))
    log = options.get("scale", "linear") == "log"
    months = _months(rows, options.get("x_title", ""))
    ticks = {"values": months} if months else {}
    x = at("x", scale={"zero": False, "nice": False}, axis=x_axis(rows, options, labelExpr=PLAIN, **ticks))
    scale = {"type": "log" if log else "linear", "zero": False, "clamp": True, "nice": not log}
    domain = _domain(rows, options, log=log)
    y = at(
        "value",
        scale={**scale, **({"domain": domain} if domain else {})},
        axis=axis(
            options.get("y_title", ""),
            grid=True,
            domain=False,
            ticks=False,
            labelExpr=PERCENT if options.get("percent") else PLAIN,
            values=ratio_ticks(domain) if domain else None,
            tickCount=MOST_RATIOS if log else 5,
        ),
    )
    step = "step-after" if options.get("step") else "linear"
    layers = []
    for group in shown:
        own = [row for row in rows if row["group"] == group]
        stroke = manner[group]
        layers.append(band(own, x, y, colour=stroke.colour, positive=log, interpolate=step))
        layers.append(curve(own, x, y, stroke=stroke, positive=log, interpolate=step))
    if options.get("reference") is not None:
        line = layer(
            "rule", [{"value": options["reference"]}], {"y": y}, color=colour("grey"), strokeDash=[5, 3]
        )
        layers.append(line)
    if len(shown) > 1:
        layers += samples({str(g): manner[g] for g in shown}, left=-50, width=WIDTH + 50)[0]
    if len(groups) > len(shown):
        sentence = f"{len(groups) - len(shown)} further groups are in the table."
        below = [{"x": 0, "y": HEIGHT + 62, "text": sentence, "colour": colour("muted")}]
        layers.append(text(below, fontSize=SMALL))
    return Drawing(view(layers, width=WIDTH, height=HEIGHT), _summary(rows, options))


def _months(rows: list[Row], title: str) -> list[float] | None:
    """Ticks in months where the axis says that it counts months from 0."""
    known = [float(row["x"]) for row in rows if row["x"] is not None]
    counted = title.startswith("Months") and known and min(known) >= 0
    return month_ticks(max(known)) if counted else None


def _domain(rows: list[Row], options: Options, *, log: bool) -> list[float] | None:
    if not log:
        return None
    numbers = [
        row[name]
        for row in rows
        for name in ("value", "low", "high")
        if row[name] is not None and row[name] > 0
    ]
    numbers.append(options.get("reference") or 1)
    low, high = max(min(numbers), LOG_LIMITS[0]), min(max(numbers), LOG_LIMITS[1])
    return [low / 1.1, high * 1.1]


def _summary(rows: list[Row], options: Options) -> str:
    """Say where each curve begins and ends."""
    factor, sign = (100, " %") if options.get("percent") else (1, "")

    def read(row: Row) -> str:
        place = format_number(x_before(float(row["x"]), options))
        return f"{format_number(row['value'] * factor)}{sign} at {place}"

    told = []
    for group in list(dict.fromkeys(row["group"] for row in rows))[:MOST_GROUPS]:
        known = [r for r in rows if r["group"] == group and r["value"] is not None and r["x"] is not None]
        if known:
            told.append(f"{f'{group} ' if group else ''}from {read(known[0])} to {read(known[-1])}")
    if not told:
        return "No value could be estimated."
    title = options.get("y_title") or "Value"
    return f"{title} along {options.get('x_title') or 'x'}: {'; '.join(told)}."


FIGURES.add(
    "line_band",
    FigureKind(
        "line_band",
        "A quantity along a number (time, a marker), with its interval as a band.",
        ("x", "value", "low", "high"),
        draw,
        optional=("group",),
        value="value",
        options={
            "x_title": "title of the horizontal axis",
            "x_back": "'log2(x + 1)' where x was so transformed: the axis is labelled in the units before",
            "y_title": "title of the vertical axis",
            "reference": "where a line of no effect is drawn",
            "scale": "'linear' (default) or 'log'",
            "step": "true where a value holds until the next x: a hazard ratio by period",
            "percent": "true where values are fractions to be written in per cent",
            "control": "the group that is the control arm",
        },
    ),
)
