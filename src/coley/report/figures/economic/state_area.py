"""Where the patients of each strategy are over time: shares of states, stacked, a panel a strategy."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from coley.report.clean import shorten
from coley.report.figures.economic.lifetime import year_ticks
from coley.report.figures.economic.panel import Panel
from coley.report.figures.economic.strategies import STRATEGY_OPTIONS, left_out, strategy_strokes, thin
from coley.report.figures.kinds import FIGURES, Drawing, FigureKind, Options, Row, Tables
from coley.report.figures.legend import swatches
from coley.report.figures.vega import SMALL, lines, note, text, view
from coley.report.palette import colour
from coley.report.words import format_number, join_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PLOT, HEIGHT = 280, 150
ACROSS, DOWN = 48, 74  # pixels between panels
LEFT = 60
COLUMNS = 2
MOST_POINTS = 160  # of the rim of one state
FREE, PROGRESSED, DEAD = "progression-free", "progressed", "dead"
SPARE = ("state 4", "state 5", "state 6")
SHARES = {0.0: "0 %", 0.5: "50 %", 1.0: "100 %"}
NOTHING = "There is nothing to draw: no share of a state is known."


def draw(rows: list[Row], options: Options, tables: Tables) -> Drawing:
    """Draw one panel a strategy, the states in the same order and colours in each."""
    known = [
        {**row, "x": float(row["time"]), "state": state_name(row["state"])}
        for row in rows
        if row["time"] is not None and row["share"] is not None
    ]
    if not known:
        return Drawing(note(NOTHING), NOTHING)
    manner = strategy_strokes((row["strategy"] for row in known), options)
    states = _states(known, options)
    last = max(row["x"] for row in known) or 1.0
    layers: list[Row] = []
    told = []
    for i, name in enumerate(manner):
        panel = _place(i, last)
        own = [row for row in known if row["strategy"] == name]
        layers += _panel(own, list(states), panel, title=shorten(name, 40))
        layers += _areas(own, states, panel)
        layers += _over(panel)
        told.append(f"{name}, {_years(own, list(states))}")
    layers += swatches(
        {name: colour(role) for name, role in states.items()}, left=-LEFT, width=_width(len(manner))
    )[0]
    lowest = _place(len(manner) - 1, last)
    foot = lowest.top + HEIGHT + 52
    layers += left_out((row["strategy"] for row in known), manner, x=-LEFT, y=foot)
    summary = (
        f"Shares of patients over {format_number(last)} years, as areas (undiscounted): {'; '.join(told)}."
    )
    return Drawing(view(layers, width=_width(len(manner)) - LEFT, height=foot - 20), summary)


def state_name(state: object) -> str:
    """Return a state as it is written on the page.

    >>> state_name("Progression_free"), state_name("death")
    ('progression-free', 'dead')
    """
    plain = str(state).strip().replace("_", "-")
    return {
        "progression-free": FREE,
        "progression free": FREE,
        "progressed": PROGRESSED,
        "death": DEAD,
        "dead": DEAD,
    }.get(plain.lower(), plain)


def _states(rows: Sequence[Row], options: Options) -> dict[str, str]:
    """Return state to role of colour, from the lowest area to the highest."""
    present = {str(row["state"]) for row in rows}
    listed = [state_name(state) for state in options.get("states", ())]
    others = sorted(present - {FREE, PROGRESSED, DEAD} - set(listed))
    order = [*dict.fromkeys(listed), FREE, PROGRESSED, *others, DEAD]
    fixed = {FREE: f"state {FREE}", PROGRESSED: f"state {PROGRESSED}", DEAD: f"state {DEAD}"}
    spare = [name for name in dict.fromkeys(order) if name not in fixed]
    given = {name: SPARE[i % len(SPARE)] for i, name in enumerate(spare)}
    return {name: fixed.get(name) or given[name] for name in dict.fromkeys(order) if name in present}


def _width(panels: int) -> float:
    return LEFT + (PLOT if panels == 1 else COLUMNS * PLOT + ACROSS)


def _place(i: int, last: float) -> Panel:
    row, column = divmod(i, COLUMNS)
    return Panel(column * (PLOT + ACROSS), 24 + row * (HEIGHT + DOWN), PLOT, HEIGHT, (0, last), (0, 1))


def _panel(own: Sequence[Row], states: Sequence[str], panel: Panel, *, title: str) -> list[Row]:
    ticks = year_ticks(panel.x[1], panel.width)
    made = panel.frame({tick: f"{tick:g}" for tick in ticks}, SHARES)
    head = [{"x": panel.left, "y": panel.top - 12, "text": title}]
    middle = {
        "x": panel.left + panel.width / 2,
        "y": panel.top + panel.height + 30,
        "text": "Years",
        "colour": colour("muted"),
    }
    return [*made, text(head, fontWeight="bold"), text([middle], align="center", fontSize=SMALL)]


def _areas(own: Sequence[Row], states: Mapping[str, str], panel: Panel) -> list[Row]:
    """Return the states stacked; a state that is not known at a time has no share then."""
    shares: dict[float, dict[str, float]] = {}
    for row in own:
        shares.setdefault(row["x"], {})[row["state"]] = float(row["share"])
    times = thin([{"x": time} for time in sorted(shares)], MOST_POINTS)
    below = dict.fromkeys((row["x"] for row in times), 0.0)
    made = []
    for name, role in states.items():
        area = []
        for row in times:
            low = below[row["x"]]
            high = low + shares[row["x"]].get(name, 0.0)
            area.append({"x": row["x"], "low": low, "high": high})
            below[row["x"]] = high
        made.append(panel.band(area, colour(role), opacity=1, stroke=colour("paper"), strokeWidth=0.8))
    return made


def _over(panel: Panel) -> list[Row]:
    """Return thin lines over the areas, by which shares are read."""
    right = panel.left + panel.width
    marks = [
        {
            "x": panel.left,
            "x2": right,
            "y": panel.down(share),
            "y2": panel.down(share),
            "colour": colour("ink"),
        }
        for share in (0.25, 0.5, 0.75)
    ]
    return [lines(marks, strokeWidth=1, opacity=0.14)]


def _years(own: Sequence[Row], states: Sequence[str]) -> str:
    """Return the mean years in each state but the last, by the trapezoidal rule on the rows."""
    told = []
    for state in states:
        rim = sorted((row["x"], float(row["share"])) for row in own if row["state"] == state)
        area = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(rim))
        if state != DEAD and rim:
            told.append(f"{format_number(area)} years {state}")
    return join_words(told) if told else "no state with a share"


FIGURES.add(
    "state_area",
    FigureKind(
        "state_area",
        "Shares of patients in each state over time, stacked, a panel a strategy.",
        ("strategy", "state", "time", "share"),
        draw,
        value="share",
        options={
            **STRATEGY_OPTIONS,
            "states": "states from the lowest area to the highest; progression-free, progressed, others, dead where "
            "not given",
        },
    ),
)
