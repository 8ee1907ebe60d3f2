"""Lives side by side, one lane a patient: treatment, what came of it, progression and death."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from coley.report.clean import shorten, text_width
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables
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
from coley.report.palette import colour
from coley.report.words import counted, format_number, join_words

if TYPE_CHECKING:
    from collections.abc import Sequence

PLOT, LANE, BAR = 430, 22, 11
MOST_LANES = 40  # as many as fit a sheet of paper
LEFT = 34  # pixels for the numbers of the patients
BESIDE = 34  # letters of what stands to the right of a lane
NOTHING = "There is nothing to draw: no life is told."
# Stretches of a life, and moments in it: what a reader of swimmer plots expects, in the order of the key.
STRETCHES = {
    "on treatment": "accent",
    "treatment withheld": "tint",
    "off treatment": "line",
    "after progression": "state progressed",
}
MOMENTS = {
    "stopped for irAE": ("stroke", "harm", 0),
    "irAE, grade 1-2": ("triangle-up", "grade 2", 85),
    "irAE, grade 3+": ("triangle-up", "grade 4", 95),
    "admitted": ("square", "ink", 40),
    "rechallenge": ("circle", "group 3", 70),
    "progression": ("diamond", "group 2", 60),
    "death": ("cross", "ink", 75),
    "alive at the end": ("triangle-right", "grey", 60),
}
LINE, GAP = 20, 20


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw one lane a patient, the longest on top, with marks for what happened and words for which irAEs."""
    lanes: dict[object, list[Row]] = {}
    for row in sorted(rows, key=_order):
        if row["start"] is not None and (row["kind"] in MOMENTS or row["kind"] in STRETCHES):
            lanes.setdefault(row["patient"], []).append(row)
    lanes = {patient: own for patient, own in lanes.items() if any(_stretch(row) for row in own)}
    if not lanes:
        return Drawing(note(NOTHING), NOTHING)
    shown = sorted(lanes, key=lambda patient: -_end(lanes[patient]))[:MOST_LANES]
    longest = float(options.get("until") or max(_end(lanes[patient]) for patient in shown))
    height = LANE * len(shown)
    bars: list[Row] = []
    marks: dict[str, list[Row]] = {kind: [] for kind in MOMENTS}
    names, beside = [], []
    for i, patient in enumerate(shown):
        y = LANE * (i + 0.5)
        bars += [
            {
                "x": PLOT * row["start"] / longest,
                "x2": PLOT * min(row["end"], longest) / longest,
                "y": y - BAR / 2,
                "y2": y + BAR / 2,
                "colour": colour(STRETCHES[row["kind"]]),
            }
            for row in lanes[patient]
            if _stretch(row)
        ]
        for row in lanes[patient]:
            if row["kind"] in MOMENTS:
                up = LANE * 0.36 if row["kind"] == "admitted" else 0.0
                marks[row["kind"]].append({"x": PLOT * row["start"] / longest, "y": y - up})
        names.append({"x": -8, "y": y, "text": str(patient), "colour": colour("muted")})
        beside.append({"x": PLOT + 16, "y": y, "text": shorten(_words(lanes[patient]), BESIDE)})
    x = at(
        "v",
        scale={"domain": [0, longest], "nice": False},
        axis=axis(str(options.get("x_title", "Months since the start")), tickCount=7, offset=4),
    )
    used = {row["kind"] for patient in shown for row in lanes[patient]}
    layers = [
        layer("point", [{"v": 0}], {"x": x}, opacity=0, color=colour("paper")),
        boxes(bars, stroke=colour("grey"), strokeWidth=0.5),
        *(_marks(kind, placed) for kind, placed in marks.items() if placed),
        text(names, align="right", fontSize=SMALL),
        text(beside, fontSize=SMALL),
        text([{"x": -LEFT, "y": -6, "text": "patient", "colour": colour("muted")}], fontSize=SMALL),
        *_key(used),
    ]
    return Drawing(
        view(layers, width=PLOT, height=height), _summary([lanes[p] for p in shown], longest, options)
    )


def _order(row: Row) -> tuple[int, str, float, str, str]:
    """Return where a row stands whatever its place in the table: patient 2 before patient 10."""
    patient = str(row["patient"])
    return len(patient), patient, float(row["start"] or 0), str(row["kind"]), str(row["label"])


def _stretch(row: Row) -> bool:
    return row["kind"] in STRETCHES and row["end"] is not None and row["end"] > row["start"]


def _end(own: Sequence[Row]) -> float:
    return max(float(row["end"]) for row in own if _stretch(row))


def _words(own: Sequence[Row]) -> str:
    """Return the irAEs of a patient in their order: "rash 1-2; colitis 3+"."""
    told = [
        f"{row['label']} {row['kind'].rsplit(' ', 1)[1]}"
        for row in sorted(own, key=lambda row: float(row["start"]))
        if row["kind"].startswith("irAE, grade") and row["label"]
    ]
    return "; ".join(told)


def _marks(kind: str, placed: Sequence[Row]) -> Row:
    shape, role, size = MOMENTS[kind]
    if shape == "stroke":
        reach = BAR / 2 + 3
        ends = [{"x": p["x"], "x2": p["x"], "y": p["y"] - reach, "y2": p["y"] + reach} for p in placed]
        return lines([{**end, "colour": colour(role)} for end in ends], strokeWidth=2.6)
    turned = {"angle": 45} if shape == "cross" else {}
    edge = "ink" if shape == "triangle-up" else "paper"  # else a mild irAE is lost on the lane behind it
    encoding = {"x": pixel("x"), "y": pixel("y"), "color": paint()}
    painted = [{**p, "colour": colour(role)} for p in placed]
    return layer(
        "point", painted, encoding, shape=shape, filled=True, size=size, opacity=1, stroke=colour(edge),
        strokeWidth=0.8, **turned,
    )  # fmt: skip


def _key(used: set[str]) -> list[Row]:
    """Return the key above the lanes: the stretches on one line, the moments on as many as they need."""
    lines_of: list[list[str]] = [[kind for kind in STRETCHES if kind in used], []]
    x = 0.0
    for kind in MOMENTS:
        if kind not in used:
            continue
        step = 16 + text_width(kind, SIZE) + GAP
        if lines_of[-1] and x + step > PLOT + 150:
            lines_of.append([])
            x = 0.0
        lines_of[-1].append(kind)
        x += step
    drawn: list[Row] = []
    for i, kinds in enumerate(line for line in lines_of if line):
        x, y = -float(LEFT), -24 - LINE * (sum(1 for line in lines_of if line) - i - 0.5)
        for kind in kinds:
            if kind in STRETCHES:
                shade = colour(STRETCHES[kind])
                drawn.append(
                    boxes(
                        [{"x": x, "x2": x + 12, "y": y - 6, "y2": y + 6, "colour": shade}],
                        stroke=colour("grey"),
                        strokeWidth=0.5,
                    )
                )
            else:
                drawn.append(_marks(kind, [{"x": x + 6, "y": y}]))
            drawn.append(text([{"x": x + 18, "y": y, "text": kind}]))
            x += 18 + text_width(kind, SIZE) + GAP
    return drawn


def _summary(shown: Sequence[Sequence[Row]], longest: float, options: Options) -> str:
    def having(*kinds: str) -> int:
        return sum(any(row["kind"] in kinds for row in own) for own in shown)

    who = f"{counted(len(shown), 'patient')} followed for {format_number(longest)} months"
    tally = Counter(
        {
            "had an irAE": having("irAE, grade 1-2", "irAE, grade 3+"),
            "had one of grade 3 or above": having("irAE, grade 3+"),
            "stopped for one": having("stopped for irAE"),
            "progressed": having("progression"),
            "died": having("death"),
        }
    )
    return f"{who}: {join_words([f'{n} {what}' for what, n in tally.items()])}."


FIGURES.add(
    "swimmer",
    FigureKind(
        "swimmer",
        "Lives side by side: treatment, irAEs, stops, progression and death, a lane a patient.",
        ("patient", "kind", "start", "end"),
        draw,
        optional=("label",),
        value="start",
        options={
            "until": "months at which every lane is cut; the longest life where not given",
            "x_title": "'Months since the start' where not given",
        },
    ),
)
