"""A measure of reporting by row and column: organ classes against regimens, the reports in every cell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coley.report.clean import fold, shorten, text_width
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables
from coley.report.figures.signal import MEASURE_OPTIONS, STRONGEST_LESS, STRONGEST_MORE, Measure, measure
from coley.report.figures.vega import SIZE, SMALL, boxes, lines, text, view
from coley.report.palette import colour
from coley.report.words import counted, format_number

if TYPE_CHECKING:
    from collections.abc import Sequence

TALL = 38  # pixels of a row: two lines of text
NARROWEST, WIDEST = 58, 104  # pixels of a column
WIDE = 800  # pixels of all columns, beyond which their names stand aslant over narrow ones
SLANT = 60  # degrees
HEAD = 26  # characters of a name that stands aslant
LABEL = 30  # characters before the name of a row is folded
MOST_ROWS, MOST_COLUMNS = 30, 14  # more do not fit a sheet of paper at a size that can be read
HATCH = 7  # pixels between the lines of a cell with too few reports
SWATCH = 30  # pixels of a step in the key
LISTED = "†"  # stands at what is listed already
MIDDLE_TEXT = ("more 3",)
DARK_STEPS = ("more 4", "more 5", "less 3")


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows, columns and cells of a heat map, in order, as far as they are shown."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: dict[tuple[str, str], Row]
    hidden: tuple[int, int]


def grid(rows: Sequence[Row], options: Options) -> Grid:
    """Return the cells of a heat map in the order that the options ask for, else that of the table."""
    names = [_order(rows, "row", options.get("rows")), _order(rows, "column", options.get("columns"))]
    shown = [tuple(names[0][:MOST_ROWS]), tuple(names[1][:MOST_COLUMNS])]
    cells = {(row["row"], row["column"]): row for row in rows}
    return Grid(shown[0], shown[1], cells, (len(names[0]) - len(shown[0]), len(names[1]) - len(shown[1])))


def _order(rows: Sequence[Row], key: str, wanted: Sequence[str] | None) -> list[str]:
    present = list(dict.fromkeys(row[key] for row in rows))
    first = [name for name in wanted or () if name in present]
    return first + [name for name in present if name not in first]


def state(cell: Row | None, told: Measure) -> str:
    """Say what a cell is: "signal", "less", "chance", "few" reports, or "unseen" where it cannot be observed."""
    if cell is None or cell["n"] is None or cell.get("observable") is False:
        return "unseen"
    if cell["n"] < told.least or cell["value"] is None:
        return "few"
    if told.is_signal(cell):
        return "signal"
    return "less" if told.is_scarce(cell) else "chance"


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw one coloured cell a pair, its value over its number of reports, and the key of the colours."""
    told, shown = measure(options), grid(rows, options)
    labels = {name: fold(name, LABEL) for name in shown.rows}
    heads, wide, top = _heads(shown.columns)
    left = 16 + max(80.0, *(text_width(line, SIZE) for lines_ in labels.values() for line in lines_))
    width, height = wide * len(shown.columns), TALL * len(shown.rows)
    filled: list[Row] = []
    hatched: list[Row] = []
    values: dict[bool, list[Row]] = {True: [], False: []}
    counts: list[Row] = []
    for i, row in enumerate(shown.rows):
        for j, column in enumerate(shown.columns):
            cell = shown.cells.get((row, column))
            what = state(cell, told)
            box = {"x": wide * j, "x2": wide * (j + 1), "y": TALL * i, "y2": TALL * (i + 1)}
            middle = {"x": wide * (j + 0.5), "y": TALL * (i + 0.5)}
            if cell is None or what == "unseen":
                values[False].append({**middle, "text": "–", "colour": colour("muted")})
                filled.append({**box, "colour": colour("paper")})
            elif what == "few":
                filled.append({**box, "colour": colour("soft")})
                hatched += _hatch(box)
                counts.append({**middle, "text": f"n {cell['n']:,}", "colour": colour("muted")})
            else:
                step = told.step(cell)
                ink = colour(_ink(step))
                mark = "" if what in ("signal", "less") else "· "
                known = f" {LISTED}" if cell["listed"] else ""
                value = {**middle, "y": middle["y"] - 7, "text": f"{mark}{told.number(cell['value'])}{known}"}
                filled.append({**box, "colour": colour(step)})
                values[what == "signal"].append({**value, "colour": ink})
                counts.append({**middle, "y": middle["y"] + 9, "text": f"n {cell['n']:,}", "colour": ink})
    layers = [
        boxes(filled),
        lines(hatched, strokeWidth=1),
        *_rulings(shown, wide, width, height),
        text(_stacked(labels, shown.rows, -left, TALL, 0)),
        heads,
        text(values[False], align="center"),
        text(values[True], align="center", fontWeight="bold"),
        text(counts, align="center", fontSize=SMALL),
        *_key(told, left, top, _listed(shown, options)),
        *_below(shown, left, height),
    ]
    return Drawing(view(layers, width=width, height=height), _summary(shown, told, options))


def _ink(step: str) -> str:
    if step in MIDDLE_TEXT:
        return "on middle step"
    return "on dark step" if step in DARK_STEPS else "on pale step"


def _hatch(box: Row) -> list[Row]:
    """Return slanting lines within a box: they are told from a fill by everybody, on paper too."""
    wide, tall = box["x2"] - box["x"], box["y2"] - box["y"]
    made = []
    for shift in range(HATCH, int(wide + tall), HATCH):
        x0, y0 = (shift, 0.0) if shift <= wide else (wide, shift - wide)
        x1, y1 = (0.0, shift) if shift <= tall else (shift - tall, tall)
        made.append(
            {
                "x": box["x"] + x0,
                "y": box["y"] + y0,
                "x2": box["x"] + x1,
                "y2": box["y"] + y1,
                "colour": colour("line"),
            }
        )
    return made


def _rulings(shown: Grid, wide: float, width: float, height: float) -> list[Row]:
    """Return the seams between cells, in the colour of paper, so that neighbours of one colour stay apart."""
    paper = colour("paper")
    seams = [{"x": 0, "x2": width, "y": TALL * i, "y2": TALL * i} for i in range(len(shown.rows) + 1)]
    seams += [{"x": wide * j, "x2": wide * j, "y": 0, "y2": height} for j in range(len(shown.columns) + 1)]
    return [lines([{**seam, "colour": paper} for seam in seams], strokeWidth=2)]


def _stacked(
    labels: dict[str, list[str]], names: Sequence[str], x: float, tall: float, top: float
) -> list[Row]:
    return [
        {"x": x, "y": top + tall * (i + 0.5) + 15 * (j - (len(labels[name]) - 1) / 2), "text": line}
        for i, name in enumerate(names)
        for j, line in enumerate(labels[name])
    ]


def _heads(names: Sequence[str]) -> tuple[Row, float, float]:
    """Return the names of the columns, how wide a column is for them, and where they begin above the map."""
    folded = [fold(name, 14, lines=3) for name in names]
    widest = max(text_width(line, SMALL) for lines_ in folded for line in lines_)
    wide = min(WIDEST, max(NARROWEST, widest + 12))
    if wide * len(names) > WIDE:
        words = [shorten(name, HEAD) for name in names]
        tall = max(text_width(word, SMALL) for word in words) * math.sin(math.radians(SLANT))
        rows = [{"x": NARROWEST * (j + 0.5), "y": -8, "text": word} for j, word in enumerate(words)]
        return text(rows, angle=-SLANT, fontSize=SMALL), NARROWEST, -14 - tall
    rows = [
        {"x": wide * (j + 0.5), "y": -12 - 15 * (len(lines_) - 1 - i), "text": line}
        for j, lines_ in enumerate(folded)
        for i, line in enumerate(lines_)
    ]
    return text(rows, align="center", fontSize=SMALL), wide, -10 - 15 * max(map(len, folded))


def _listed(shown: Grid, options: Options) -> str:
    """Say what the mark of listed pairs means, where there are any."""
    if not any(cell["listed"] for cell in shown.cells.values()):
        return ""
    return f"{LISTED}  {shorten(options.get('listed_title', 'listed already'), 40)}"


def _key(told: Measure, left: float, top: float, listed: str) -> list[Row]:
    """Return the steps of colour with their edges, and what pale, hatched and empty cells mean."""
    steps = [
        *(f"less {i}" for i in range(STRONGEST_LESS, 0, -1)),
        *(f"more {i}" for i in range(1, STRONGEST_MORE + 1)),
    ]
    edges = [*range(1 - STRONGEST_LESS, STRONGEST_MORE)]
    written = [_edge(edge, told) for edge in edges]
    y, grey = top - 68, colour("muted")
    title = f"{told.name}; reports in each cell as n"
    bar = [
        {"x": SWATCH * i - left, "x2": SWATCH * (i + 1) - left, "y": y, "y2": y + 13, "colour": colour(step)}
        for i, step in enumerate(steps)
    ]
    marks = [
        {"x": SWATCH * (i + 1) - left, "y": y + 23, "text": words, "colour": grey}
        for i, words in enumerate(written)
    ]
    x = SWATCH * len(steps) + 14 - left
    made = [
        text([{"x": -left, "y": y - 14, "text": title}], fontSize=SMALL),
        boxes(bar),
        text(marks, align="center", fontSize=SMALL),
        text([{"x": x, "y": y + 7, "text": f"signal: {told.rule}", "colour": grey}], fontSize=SMALL),
    ]
    x, y = -left, y + 40
    pair = SWATCH / 2
    pales = [
        {"x": x + pair * i, "x2": x + pair * (i + 1), "y": y, "y2": y + 13, "colour": colour(step)}
        for i, step in enumerate(("less weak", "more weak"))
    ]
    made += [boxes(pales, stroke=colour("grey"), strokeWidth=0.5)]
    x, row = _entry(x + SWATCH, y, "· no signal")
    made.append(row)
    few = {"x": x, "x2": x + SWATCH, "y": y, "y2": y + 13}
    made += [
        boxes([{**few, "colour": colour("soft")}], stroke=colour("grey"), strokeWidth=0.5),
        lines(_hatch(few), strokeWidth=1),
    ]
    x, row = _entry(x + SWATCH, y, f"fewer than {told.least} reports")
    made.append(row)
    for words in ("–  not observable or not given", listed):
        x, row = _entry(x, y, words)
        made.append(row)
    return made


def _entry(x: float, y: float, words: str) -> tuple[float, Row]:
    made = text([{"x": x + 7, "y": y + 7, "text": words, "colour": colour("muted")}], fontSize=SMALL)
    return x + 7 + text_width(words, SMALL) + 18, made


def _edge(edge: int, told: Measure) -> str:
    if told.logarithm:
        return format_number(edge)
    return f"1/{2**-edge}" if edge < 0 else str(2**edge)


def _below(shown: Grid, left: float, height: float) -> list[Row]:
    hidden = [f"{n} further {name}" for n, name in zip(shown.hidden, ("rows", "columns"), strict=True) if n]
    if not hidden:
        return []
    words = f"{' and '.join(hidden)} are in the table."
    return [text([{"x": -left, "y": height + 18, "text": words, "colour": colour("muted")}], fontSize=SMALL)]


def _summary(shown: Grid, told: Measure, options: Options) -> str:
    """Say how many cells are signals, which is the strongest, and how many cannot tell."""
    every = [shown.cells.get((row, column)) for row in shown.rows for column in shown.columns]
    states = [state(cell, told) for cell in every]
    names = [shorten(options.get(f"{name}_title", name), 40) for name in ("row", "column")]
    where = f"by {names[0]} ({len(shown.rows)}) and {names[1]} ({len(shown.columns)})"
    signals = [cell for cell in every if cell and state(cell, told) == "signal"]
    told_of = f"{counted(states.count('signal'), 'signal')} ({told.rule})"
    parts = [f"{told.name} {where}: {told_of}"]
    if signals:
        top = max(signals, key=lambda cell: float(cell["value"]))
        parts.append(
            f"the strongest is {shorten(top['row'], 60)} with {shorten(top['column'], 60)}, "
            f"{told.interval(top)} in {counted(top['n'], 'report')}"
        )
    for what, words in (
        ("less", "reported less than expected"),
        ("few", f"with fewer than {told.least} reports"),
        ("unseen", "not observable or not given"),
    ):
        if states.count(what):
            parts.append(f"{counted(states.count(what), 'cell')} {words}")
    return "; ".join(parts) + "."


FIGURES.add(
    "heat_map",
    FigureKind(
        "heat_map",
        "A measure of reporting by row and column, strong where the lower limit passes, with numbers of reports.",
        ("row", "column", "value", "low", "high", "n"),
        draw,
        optional=("signal", "observable", "listed"),
        value="n",
        options={
            **MEASURE_OPTIONS,
            "rows": "order of the rows, as a list of names; the rest follows in the order of the table",
            "columns": "order of the columns",
            "row_title": "what a row is: 'organ class'",
            "column_title": "what a column is: 'regimen'",
            "listed_title": "what it means that a pair is listed: 'in the US label'",
            "reports_table": "table with columns row, column and any others: the reports behind each cell",
        },
    ),
)
