"""Change of tumour burden: the best of each patient, and its course over time."""

from __future__ import annotations

from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables
from coley.report.figures.legend import swatches
from coley.report.figures.stacked_bar import RESPONSES
from coley.report.figures.vega import SMALL, at, axis, layer, paint, text, view
from coley.report.palette import colour, palette
from coley.report.words import counted, format_number

WIDTH, HEIGHT = 560, 260
PARTIAL, PROGRESSION = -30, 20  # per cent; RECIST 1.1 (Eisenhauer et al. 2009)
MOST_GROWTH = 100  # per cent; a bar beyond it is clipped and marked, or it would flatten all others
MISSING = "not recorded"


def draw_waterfall(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw the best change of each patient as a bar, worst first, coloured by response."""
    known = sorted(
        (row for row in rows if row["change_percent"] is not None), key=lambda r: -float(r["change_percent"])
    )
    wide = WIDTH / max(1, len(known))
    bars = [
        {
            "x": i + 0.5 - min(0.42, 0.5 - 0.1 / wide),
            "x2": i + 0.5 + min(0.42, 0.5 - 0.1 / wide),
            "change": min(float(row["change_percent"]), MOST_GROWTH),
            "zero": 0,
            "colour": _paint(row),
        }
        for i, row in enumerate(known)
    ]
    x = at("x", scale={"domain": [0, max(1, len(known))], "nice": False}, axis=None)
    encoding = {"x": x, "x2": {"field": "x2"}, "y": _y("change"), "y2": {"field": "zero"}, "color": paint()}
    over = [
        {"x": i + 0.5, "change": MOST_GROWTH}
        for i, row in enumerate(known)
        if row["change_percent"] > MOST_GROWTH
    ]
    mark = {"x": x, "y": _y("change")}
    layers = [
        *_limits(),
        layer("rect", bars, encoding, stroke=colour("grey"), strokeWidth=0.4 if wide > 4 else 0),
        layer(
            "point", over, mark, shape="triangle-up", filled=True, color=colour("ink"), size=24, yOffset=-5
        ),
        *_key(rows),
        text(
            [{"x": 0, "y": HEIGHT + 16, "text": _count(known, rows), "colour": colour("muted")}],
            fontSize=SMALL,
        ),
    ]
    return Drawing(view(layers, width=WIDTH, height=HEIGHT), _summary(known))


def draw_spider(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw the change of each patient over time as a line, coloured by response."""
    known = [row for row in rows if row["change_percent"] is not None and row["time"] is not None]
    points = [
        {**row, "change": min(float(row["change_percent"]), MOST_GROWTH), "colour": _paint(row)}
        for row in sorted(known, key=lambda row: float(row["time"]))
    ]
    x = at("time", scale={"nice": False}, axis=axis(options.get("x_title", "Months"), offset=2))
    encoding = {
        "x": x,
        "y": _y("change"),
        "color": paint(),
        "detail": {"field": "patient_id", "type": "nominal"},
    }
    layers = [
        *_limits(),
        layer("line", points, encoding, strokeWidth=1.4, opacity=0.85),
        layer(
            "point",
            points,
            {k: v for k, v in encoding.items() if k != "detail"},
            filled=True,
            size=12,
            opacity=0.9,
        ),
        *_key(rows),
    ]
    patients = {row["patient_id"]: row for row in points}
    return Drawing(view(layers, width=WIDTH, height=HEIGHT), _summary(list(patients.values())))


def _paint(row: Row) -> str:
    role = f"response {row['response']}"
    return colour(role if role in palette() else f"response {MISSING}")


def _y(field: str) -> Row:
    expression = "replace((datum.value > 0 ? '+' : '') + datum.value, '-', '−') + ' %'"
    title = "Change of the sum of diameters"
    ticks = [-100, -50, 0, 50, 100]
    return at(
        field,
        scale={"domain": [-100, MOST_GROWTH]},
        axis=axis(title, values=ticks, labelExpr=expression, domain=False, ticks=False, grid=True),
    )


def _limits() -> list[Row]:
    rows = [{"change": value} for value in (PARTIAL, PROGRESSION)]
    grey = colour("grey")
    words = [
        {"x": WIDTH + 6, "y": HEIGHT * (MOST_GROWTH - value) / 200, "text": label, "colour": colour("muted")}
        for value, label in ((PARTIAL, "−30 %"), (PROGRESSION, "+20 %"))
    ]
    return [
        layer("rule", rows, {"y": _y("change")}, color=grey, strokeDash=[5, 3]),
        text(words, fontSize=SMALL),
    ]


def _key(rows: list[Row]) -> list[Row]:
    present = [c for c in RESPONSES if any(row["response"] == c for row in rows)]
    entries = {f"{c}  {RESPONSES[c]}": colour(f"response {c}") for c in present}
    if any(row["response"] not in RESPONSES for row in rows):
        entries[MISSING] = colour(f"response {MISSING}")
    return swatches(entries, left=-60, width=WIDTH + 60)[0]


def _count(known: list[Row], rows: list[Row]) -> str:
    without = len(rows) - len(known)
    lacking = f"; {format_number(without)} without a measured change are not drawn" if without else ""
    return f"{format_number(len(known))} patients, from most growth to most shrinkage{lacking}"


def _summary(known: list[Row]) -> str:
    if not known:
        return "No patient has a measured change."
    shrunk = sum(1 for row in known if row["change_percent"] <= PARTIAL)
    grown = sum(1 for row in known if row["change_percent"] >= PROGRESSION)
    return f"{counted(len(known), 'patient')}: {shrunk} shrank by 30 % or more, {grown} grew by 20 % or more."


FIGURES.add(
    "waterfall",
    FigureKind(
        "waterfall",
        "Best change of tumour burden, one bar a patient, with the RECIST limits.",
        ("patient_id", "change_percent", "response"),
        draw_waterfall,
        value="change_percent",
    ),
)
FIGURES.add(
    "spider",
    FigureKind(
        "spider",
        "Change of tumour burden over time, one line a patient.",
        ("patient_id", "time", "change_percent", "response"),
        draw_spider,
        value="change_percent",
        options={"x_title": "title of the time axis, with its origin"},
    ),
)
