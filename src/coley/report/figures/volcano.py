"""All pairs at a glance: how often against what was expected, and how surely; the foremost by name."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coley.report.clean import shorten, text_width
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables
from coley.report.figures.labels import Box, place
from coley.report.figures.legend import GAP, LINE
from coley.report.figures.scales import PLAIN
from coley.report.figures.signal import MEASURE_OPTIONS, Measure, measure
from coley.report.figures.vega import (
    SIZE,
    SMALL,
    at,
    axis,
    boxes,
    layer,
    lines,
    note,
    paint,
    pixel,
    text,
    view,
)
from coley.report.palette import GROUP_ROLES, colour
from coley.report.words import counted, format_number, format_p

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT = 620, 400
BIN = 8  # pixels of a square that stands for the pairs within it
MOST_SINGLE = 400  # points drawn one by one; each is 250 bytes, and more hide each other
MOST_KINDS = 6  # groups with a colour and a shape of their own
NAMED = 14  # names, where the options do not say how many
FURTHER = 4  # times as many are tried, as some find no room
SHAPES = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "circle")
FAINT = ((1, 0.22), (3, 0.4), (10, 0.62), (30, 0.85))  # pairs in a square to how dark it is
ROOT_TICKS = (0, 5, 20, 50, 100, 150, 200, 250, 300)
SMALLEST_P = 1e-300  # below it a number of 64 bits ends; it stands at the upper edge
CROWDED = 8  # pairs at that edge from which they tell nothing of each other, and their names hide one another
WIDEST = 12  # doublings; beyond them a point stands at the edge
TALL = 20  # of -log10 p from which the axis is a square root, or the signals of interest lie on the floor
NOTHING = "There is nothing to draw: no pair has both a value above 0 and a measure of certainty."


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw signals one by one and what is no signal as shaded squares, with names for the foremost."""
    told = measure(options)
    asked = str(
        options.get("y") or next((name for name in ("q", "p") if any(r[name] is not None for r in rows)), "n")
    )
    at_top = 0 if asked == "n" else sum(r[asked] is not None and r[asked] <= SMALLEST_P for r in rows)
    by = "n" if at_top >= CROWDED else asked
    placed, left_out = _place(rows, told, by)
    if not placed:
        return Drawing(note(NOTHING), NOTHING)
    plane = Plane.of(placed, by)
    for row in placed:
        row["px"], row["py"] = plane.x(row["x"]), min(plane.y(row["y"]), HEIGHT - 0.01)
    signals = sorted((r for r in placed if r["is_signal"]), key=lambda r: -_weight(r))
    others = [r for r in placed if not r["is_signal"]]
    single = signals[:MOST_SINGLE] if len(placed) > MOST_SINGLE else signals
    cloud = others if len(placed) > MOST_SINGLE else []
    plain = [] if cloud else others
    kinds = _kinds(single)
    frame = Box(2, 2, WIDTH - 2, HEIGHT - 4)
    wanted = int(options.get("labels", NAMED))
    names = [(shorten(row["label"], 44), row["px"], row["py"]) for row in single[: FURTHER * wanted]]
    kept_clear = [(row["px"], row["py"]) for row in (*single, *plain)]
    kept_clear += [(plane.x(0), y) for y in range(0, HEIGHT, 4)]
    labels = place(names, kept_clear, frame=frame, size=SMALL)[:wanted]
    last = [i for i, name in enumerate(names, 1) if labels and name[0] == labels[-1].text]
    tried = last[0] if len(labels) == wanted and last else len(names)
    layers = [
        *_axes(plane, told, by),
        *_thresholds(plane, options, told, by),
        *_squares(cloud, "grey"),
        *_squares(signals[len(single) :], "accent"),
        *_points(plain, {}, 22),
        *_points(single, kinds, 34),
        text([{"x": name.x, "y": name.y, "text": name.text} for name in labels], fontSize=SMALL),
        *_key(kinds, cloud=bool(cloud), more=len(signals) > len(single)),
        *_notes(
            rows,
            left_out,
            named=(len(labels), tried),
            at_edge=sum(abs(r["x"]) == WIDEST for r in placed),
            sure=f"{asked} is too small to tell apart for {at_top:,} pairs: heights are reports."
            if by != asked
            else "",
        ),
    ]
    return Drawing(view(layers, width=WIDTH, height=HEIGHT), _summary(rows, signals, told, by))


def _place(rows: list[Row], told: Measure, by: str) -> tuple[list[Row], int]:
    """Give each row its coordinates; how many have none is counted."""
    placed = []
    for row in rows:
        x, y = told.log2(row["value"]), row[by]
        if x is None or y is None or y < 0 or (by == "n" and y < 1):
            continue
        height = math.log10(y) if by == "n" else -math.log10(max(y, SMALLEST_P))
        x = min(max(x, -WIDEST), WIDEST)
        placed.append({**row, "x": x, "y": height, "is_signal": told.is_signal(row)})
    return placed, len(rows) - len(placed)


def _weight(row: Row) -> float:
    """Distance from no effect times certainty: what is both strange and sure is named first (Xiao et al. 2014)."""
    return abs(float(row["x"])) * float(row["y"])


@dataclass(frozen=True, slots=True)
class Plane:
    """The way from logarithms to pixels; the axes of the picture are told the same.

    Attributes
    ----------
    low, high
        Ends of the horizontal axis, in doublings.
    top
        Upper end of the vertical axis.
    root
        True where it is the square root that is drawn.
    """

    low: float
    high: float
    top: float
    root: bool

    @classmethod
    def of(cls, placed: Sequence[Row], by: str) -> Plane:
        """Return the plane that holds every point."""
        xs, ys = ([float(row[name]) for row in placed] for name in ("x", "y"))
        top = max(1.0, *ys) * 1.06
        return cls(min(-1.0, *xs) - 0.3, max(1.0, *xs) + 0.3, top, by != "n" and top > TALL)

    def x(self, value: float) -> float:
        """Pixels from the left."""
        return WIDTH * (value - self.low) / (self.high - self.low)

    def y(self, value: float) -> float:
        """Pixels from above."""
        share = max(value, 0.0) / self.top
        return HEIGHT * (1 - (math.sqrt(share) if self.root else share))


def _axes(plane: Plane, told: Measure, by: str) -> list[Row]:
    """Return both axes on invisible points; a ratio is labelled as the ratio that its logarithm stands for."""
    low, high = plane.low, plane.high
    every = 1 if high - low <= 9 else 2 if high - low <= 16 else 4
    ticks = [i for i in range(math.ceil(low), math.floor(high) + 1) if i % every == 0]
    ratio = "(datum.value < 0 ? '1/' : '') + format(pow(2, abs(datum.value)), ',')"
    name = f"{told.name}, log2" if told.logarithm else f"{told.name}, logarithmic"
    x = at(
        "x",
        scale={"domain": [low, high], "nice": False, "zero": False},
        axis=axis(name, values=ticks, labelExpr=PLAIN if told.logarithm else ratio, offset=2),
    )
    title, label = "Reports, logarithmic", "format(pow(10, datum.value), ',')"
    steps: list[int] | None = list(range(int(plane.top) + 1))
    if by != "n":
        title, label = f"−log10 {by}{', square-root scale' if plane.root else ''}", PLAIN
        steps = [step for step in ROOT_TICKS if step <= plane.top] if plane.root else None
    y = at(
        "y",
        scale={"domain": [0, plane.top], "nice": False, **({"type": "sqrt"} if plane.root else {})},
        axis=axis(title, grid=True, domain=False, ticks=False, labelExpr=label, values=steps, tickCount=6),
    )
    return [layer("point", [{"x": low, "y": 0}], {"x": x, "y": y}, color=colour("paper"), opacity=0)]


def _thresholds(plane: Plane, options: Options, told: Measure, by: str) -> list[Row]:
    """Return the line of no effect and, where the options set one, that of the p value."""
    x = plane.x(0)
    drawn = [{"x": x, "x2": x, "y": 0, "y2": HEIGHT, "colour": colour("grey")}]
    y, name = None, ""
    if by == "n":
        y, name = plane.y(math.log10(told.least)), counted(told.least, "report")
    elif options.get("p_threshold"):
        y, name = plane.y(-math.log10(float(options["p_threshold"]))), f"{by} {options['p_threshold']:g}"
    if y is not None:
        drawn.append({"x": 0, "x2": WIDTH, "y": y, "y2": y, "colour": colour("grey")})
    words = [
        {"x": x - 8, "y": HEIGHT + 52, "text": "← reported less than expected", "colour": colour("muted")},
        {"x": x + 8, "y": HEIGHT + 52, "text": "reported more →", "colour": colour("muted")},
    ]
    end = [{"x": WIDTH + 6, "y": y, "text": name, "colour": colour("muted")}] if y is not None else []
    return [
        lines(drawn, strokeDash=[5, 3]),
        text(end, fontSize=SMALL),
        text(words[:1], align="right", fontSize=SMALL),
        text(words[1:], fontSize=SMALL),
    ]


def _squares(rows: Sequence[Row], role: str) -> list[Row]:
    """Return one square for each part of the plane that holds pairs, darker where there are more."""
    counts = Counter((int(row["px"] // BIN), int(row["py"] // BIN)) for row in rows)
    made = []
    for i, (least, opacity) in enumerate(FAINT):
        most = FAINT[i + 1][0] if i + 1 < len(FAINT) else math.inf
        squares = [
            {"x": BIN * a, "x2": BIN * (a + 1), "y": BIN * b, "y2": BIN * (b + 1), "colour": colour(role)}
            for (a, b), n in sorted(counts.items())
            if least <= n < most
        ]
        if squares:
            made.append(boxes(squares, opacity=opacity))
    return made


def _kinds(rows: Sequence[Row]) -> dict[str, tuple[str, str]]:
    """Give the groups with most signals a colour and a shape; the rest share one."""
    names = [name for name, _ in Counter(r["group"] for r in rows if r["group"] is not None).most_common()]
    kinds = {str(name): (colour(GROUP_ROLES[i]), SHAPES[i]) for i, name in enumerate(names[:MOST_KINDS])}
    if len(names) > MOST_KINDS or (names and any(row["group"] is None for row in rows)):
        kinds["other"] = (colour("muted"), SHAPES[-1])
    return kinds


def _points(rows: Sequence[Row], kinds: dict[str, tuple[str, str]], size: float) -> list[Row]:
    """Return one mark a pair, in the colour and the shape of its group; hollow where it is no signal."""
    other = kinds.get("other", (colour("accent"), "circle"))
    groups: dict[tuple[str, str, bool], list[Row]] = {}
    for row in rows:
        shade, shape = kinds.get(str(row["group"]), other)
        if not row["is_signal"]:
            shade, shape = colour("grey"), "circle"
        spot = {"x": round(row["px"], 1), "y": round(row["py"], 1), "colour": shade}
        groups.setdefault((shade, shape, row["is_signal"]), []).append(spot)
    encoding = {"x": pixel("x"), "y": pixel("y"), "color": paint()}
    return [
        layer("point", spots, encoding, shape=shape, filled=solid, size=size, opacity=0.85, strokeWidth=1.2)
        for (_, shape, solid), spots in groups.items()
    ]


def _key(kinds: dict[str, tuple[str, str]], *, cloud: bool, more: bool) -> list[Row]:
    """Return the groups with their marks and what squares are, above the plot."""
    entries = list(kinds.items()) or [("signal", (colour("accent"), "circle"))]
    words = [(name, ("point", *manner)) for name, manner in entries]
    words.append(
        ("no signal, counted in squares: stronger is more", ("square", colour("grey"), ""))
        if cloud
        else ("no signal", ("hollow", colour("grey"), "circle"))
    )
    if more:
        words.append(("further signals, counted in squares", ("square", colour("accent"), "")))
    x, line, flowing = -50.0, 0, []
    for name, manner in words:
        name = shorten(name, 48)
        step = 12 + 7 + text_width(name, SIZE) + GAP
        if x > -50 and x + step > WIDTH:
            x, line = -50.0, line + 1
        flowing.append((name, manner, x, line))
        x += step
    top = -14 - LINE * (line + 1)
    made = []
    for name, (sort, shade, shape), x, row in flowing:
        y = top + LINE * (row + 0.5)
        if sort == "square":
            made.append(
                boxes([{"x": x + 2, "x2": x + 10, "y": y - 4, "y2": y + 4, "colour": shade}], opacity=0.62)
            )
        else:
            spot = [{"x": x + 6, "y": y, "colour": shade}]
            encoding = {"x": pixel("x"), "y": pixel("y"), "color": paint()}
            made.append(
                layer("point", spot, encoding, shape=shape, filled=sort == "point", size=50, opacity=1)
            )
        made.append(text([{"x": x + 19, "y": y, "text": name}]))
    return made


def _notes(
    rows: Sequence[Row], left_out: int, *, named: tuple[int, int], at_edge: int, sure: str
) -> list[Row]:
    """Say below the picture what is not in it."""
    words = [sure] if sure else []
    found, tried = named
    if tried:
        room = (
            f"{found} of the foremost {tried}, as far as there is room"
            if found < tried
            else f"the foremost {tried}"
        )
        words.append(f"Named: {room}.")
    if at_edge:
        words.append(
            f"{counted(at_edge, 'pair')} beyond {2**WIDEST:,} times stand{'s' if at_edge == 1 else ''} at the edge."
        )
    if left_out:
        are = "is" if left_out == 1 else "are"
        words.append(f"{counted(left_out, 'pair')} of {len(rows):,} without a value {are} left out.")
    placed = [{"x": -50, "y": HEIGHT + 76, "text": " ".join(words), "colour": colour("muted")}]
    return [text(placed, fontSize=SMALL)] if words else []


def _summary(rows: Sequence[Row], signals: Sequence[Row], told: Measure, by: str) -> str:
    start = f"{told.name} of {counted(len(rows), 'pair')}: {counted(len(signals), 'signal')} ({told.rule})"
    if any(row["signal"] is not None for row in rows):
        start = f"{told.name} of {counted(len(rows), 'pair')}: {counted(len(signals), 'signal')}"

    def tell(row: Row) -> str:
        sure = counted(row["n"], "report") if row["n"] is not None else ""
        tested = f"{by} {format_p(row[by])}" if by != "n" else ""
        value = f"{told.short} {format_number(row['value'])}"
        return f"{row['label']}, {', '.join(part for part in (value, sure, tested) if part)}"

    if not signals:
        return f"{start}."
    return f"{start}; foremost {'; '.join(tell(row) for row in signals[:3])}."


FIGURES.add(
    "volcano",
    FigureKind(
        "volcano",
        "Pairs by a measure of reporting and by certainty: signals as points, the rest as shaded squares.",
        ("label", "value", "low", "n"),
        draw,
        optional=("p", "q", "group", "signal"),
        value="value",
        options={
            **MEASURE_OPTIONS,
            "y": "'q', 'p' (as -log10) or 'n' (reports); the first of them that the table has where not given. "
            "Where many stand at 0 it is 'n' in any case",
            "p_threshold": "where a line of significance is drawn, such as 0.05",
            "labels": "how many of the foremost are to be named; 14 where not given",
        },
    ),
)
