"""What it is worth to know more: of everything, over thresholds; of each input, at one threshold."""

from __future__ import annotations

from coley.report.clean import fold, text_width
from coley.report.figures.curves import band, curve
from coley.report.figures.economic.money import money
from coley.report.figures.economic.strategies import spoken, thin
from coley.report.figures.economic.thresholds import HEIGHT, THRESHOLD_OPTIONS, WIDTH, Along, read
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables
from coley.report.figures.vega import SIZE, SMALL, at, axis, boxes, layer, lines, note, text, view
from coley.report.palette import Stroke, colour
from coley.report.words import counted, join_words

Z = 1.96  # of an interval of 95 %
BAR, ROW, PLOT = 14, 30, 380
MOST_INPUTS = 15
NAME = 44  # letters of an input on one line
DIAMOND = {
    "shape": "diamond",
    "filled": True,
    "size": 46,
    "opacity": 1,
    "color": colour("paper"),
    "stroke": colour("ink"),
    "strokeWidth": 1.2,
}
NOTHING = "No uncertain input, known for certain, would change the choice at this threshold."


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw the value of perfect information over thresholds; that of all patients on an axis to the right."""
    along = Along.of(rows, options)
    own = thin(sorted((_limits(row) for row in rows if _known(row)), key=lambda row: float(row["x"])))
    amounts = money([row["high"] for row in own], str(options.get("currency", "")))
    most = max((row["high"] for row in own), default=0.0) or 1.0
    shown = axis(
        amounts.title("Per patient"),
        grid=True,
        domain=False,
        ticks=False,
        labelExpr=amounts.label,
        tickCount=5,
    )
    x = along.encode()
    y = at("value", scale={"domain": [0, most * 1.05], "nice": False}, axis=shown)
    layers = [
        *along.rules(options),
        band(own, x, y, colour=colour("muted"), opacity=0.25),
        curve(own, x, y, stroke=Stroke(colour("ink"), (1, 0))),
        *_people(own, most=most * 1.05, currency=str(options.get("currency", ""))),
    ]
    return Drawing(view(layers, width=WIDTH, height=HEIGHT), _summary(own, options, along=along))


def _known(row: Row) -> bool:
    return row["threshold"] is not None and row["per_person"] is not None


def _limits(row: Row) -> Row:
    value, se = float(row["per_person"]), float(row["se"] or 0.0)
    return {
        "x": float(row["threshold"]),
        "value": value,
        "low": max(value - Z * se, 0.0),
        "high": value + Z * se,
        "population": row["population"],
    }


def _people(own: list[Row], *, most: float, currency: str) -> list[Row]:
    """Return the axis to the right: the same curve, times the patients whom the decision concerns."""
    known = [row for row in own if row["population"] is not None and row["value"] > 0]
    if not known:
        return []
    top = max(known, key=lambda row: float(row["value"]))
    end = float(top["population"]) / float(top["value"]) * most
    amounts = money([end], currency)
    places = {
        HEIGHT * (1 - amount / end): words for amount, words in amounts.ticks((0, end), 0.7 * HEIGHT).items()
    }
    muted = colour("muted")
    marks = [{"x": WIDTH, "x2": WIDTH + 4, "y": y, "y2": y, "colour": colour("grey")} for y in places]
    labels = [{"x": WIDTH + 8, "y": y, "text": words, "colour": muted} for y, words in places.items()]
    title = [{"x": WIDTH + 8, "y": -24, "text": amounts.title("All patients"), "colour": muted}]
    return [lines(marks), text(labels, fontSize=SMALL), text(title, align="right", fontSize=SMALL)]


def _summary(own: list[Row], options: Options, *, along: Along) -> str:
    amounts = money([row["value"] for row in own], str(options.get("currency", "")))
    top = max(own, key=lambda row: float(row["value"]))
    parts = [f"highest at {along.say(top['x'])}, {amounts.say(top['value'])} per patient"]
    for threshold in along.references(options):
        value = read(own, threshold)
        if value is not None:
            parts.append(f"at {along.say(threshold)} {amounts.say(value)}")
    return f"Value of perfect information: {'; '.join(parts)}."


def draw_bars(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw the value of knowing each input, with the error of its estimate and what held on other draws."""
    known = [
        {**row, "name": row["label"] or spoken(row["input"])} for row in rows if row["value"] is not None
    ]
    worth = [row for row in known if row["value"] > 0]
    if not worth:
        return Drawing(note(NOTHING), NOTHING)
    worth.sort(key=lambda row: (-float(row["value"]), str(row["name"])))
    shown = worth[:MOST_INPUTS]
    amounts = money([row["value"] for row in shown], str(options.get("currency", "")))
    top = 1.04 * max(row["value"] + Z * (row["se"] or 0.0) for row in shown)
    names = [fold(row["name"], NAME) for row in shown]
    left = 16 + max(text_width(line, SIZE) for lines_ in names for line in lines_)
    bars, whiskers, values, labels, dots = [], [], [], [], []
    for i, (row, name) in enumerate(zip(shown, names, strict=True)):
        y = ROW * (i + 0.5)
        wide = PLOT * row["value"] / top
        bars.append({"x": 0, "x2": wide, "y": y - BAR / 2, "y2": y + BAR / 2, "colour": colour("muted")})
        if row["se"]:
            ends = (max(row["value"] - Z * row["se"], 0.0), row["value"] + Z * row["se"])
            whiskers.append(
                {
                    "x": PLOT * ends[0] / top,
                    "x2": PLOT * ends[1] / top,
                    "y": y,
                    "y2": y,
                    "colour": colour("ink"),
                }
            )
        if row["held_out"] is not None:
            dots.append({"x": PLOT * max(row["held_out"], 0.0) / top, "y": y})
        labels += [
            {"x": -left, "y": y + 15 * (j - (len(name) - 1) / 2), "text": line} for j, line in enumerate(name)
        ]
        values.append({"x": PLOT + 12, "y": y, "text": amounts.number(row["value"])})
    height = ROW * len(shown)
    scale = {"domain": [0, top], "nice": False, "range": [0, PLOT]}
    title = amounts.title("Value of knowing it, per patient")
    x = at("x", scale=scale, axis=axis(title, labelExpr=amounts.label, tickCount=5, grid=True))
    place = {
        "x": {"field": "x", "type": "quantitative", "scale": None},
        "y": {"field": "y", "type": "quantitative", "scale": None},
    }
    layers = [
        layer("point", [{"x": 0}], {"x": x}, opacity=0, color=colour("paper")),
        boxes(bars),
        lines(whiskers, strokeWidth=1.6),
        layer(
            "point",
            dots,
            place,
            shape="diamond",
            filled=True,
            size=46,
            opacity=1,
            color=colour("paper"),
            stroke=colour("ink"),
            strokeWidth=1.2,
        ),
        text(labels),
        text(values),
        *_notes(len(worth) - len(shown), len(known) - len(worth), left=left, y=height + 56, held=bool(dots)),
    ]
    first = [f"{row['name']} {amounts.say(row['value'])}" for row in shown[:3]]
    return Drawing(
        view(layers, width=PLOT, height=height),
        f"Value of knowing one input for certain, per patient: {join_words(first)}.",
    )


def _notes(hidden: int, nothing: int, *, left: float, y: float, held: bool) -> list[Row]:
    words = ["Lines: 95 % of Monte Carlo error."]
    if held:
        words.append("Diamonds: the value on draws that the estimate was not made from.")
    second = []
    if hidden:
        second.append(f"{counted(hidden, 'further input')} {'is' if hidden == 1 else 'are'} in the table.")
    if nothing:
        second.append(f"{counted(nothing, 'input')} would change nothing.")
    placed = [
        {"x": -left, "y": y + 17 * i, "text": " ".join(line), "colour": colour("muted")}
        for i, line in enumerate((words, second))
        if line
    ]
    return [text(placed, fontSize=SMALL)]


FIGURES.add(
    "information",
    FigureKind(
        "information",
        "What perfect information would be worth over thresholds, per patient and for all of them.",
        ("threshold", "per_person", "se"),
        draw,
        optional=("population",),
        value="per_person",
        options=THRESHOLD_OPTIONS,
    ),
)
FIGURES.add(
    "information_bars",
    FigureKind(
        "information_bars",
        "What it would be worth to know each input for certain, at one threshold.",
        ("input", "value", "se"),
        draw_bars,
        optional=("held_out", "label"),
        value="value",
        options={"currency": "'USD'"},
    ),
)
