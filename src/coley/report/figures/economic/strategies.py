"""Strategies: each has one colour and one dash in all figures of a page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from coley.report.figures.vega import SMALL, text
from coley.report.palette import MOST_GROUPS, Stroke, colour, strokes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from coley.report.figures.kinds import Options, Row

MOST_POINTS = 600  # of one curve: finer than a pixel

STRATEGY_OPTIONS = {
    "strategies": "labels of all strategies of the model in their order: each keeps its colour in every figure, "
    "also in those that leave one out; alphabetic order where not given",
    "control": "label of the comparator: grey and dashed",
}


def strategy_strokes(names: Iterable[object], options: Options) -> dict[str, Stroke]:
    """Return the strokes of those strategies that a figure shows, at most as many as can be told apart.

    Parameters
    ----------
    names
        Of the strategies in the table, in any order and repeated as often as they are.
    options
        `STRATEGY_OPTIONS`.

    Examples
    --------
    >>> every = {"strategies": ["old", "new", "newer"], "control": "old"}
    >>> strategy_strokes(["newer"], every)["newer"] == strategy_strokes(["old", "new", "newer"], every)["newer"]
    True
    """
    present = {str(name) for name in names}
    listed = [str(name) for name in options.get("strategies", ())]
    order = [*dict.fromkeys(listed), *sorted(present - set(listed))]
    given = strokes(order, control=str(options.get("control", "")))
    return {name: given[name] for name in order if name in present and name in order[:MOST_GROUPS]}


def left_out(names: Iterable[object], shown: Iterable[str], *, x: float, y: float) -> list[Row]:
    """Say how many strategies are in the table alone."""
    hidden = len({str(name) for name in names} - set(shown))
    if not hidden:
        return []
    further = "1 further strategy is" if hidden == 1 else f"{hidden} further strategies are"
    sentence = f"{further} in the table: more than these cannot be told apart."
    return [text([{"x": x, "y": y, "text": sentence, "colour": colour("muted")}], fontSize=SMALL)]


def thin(rows: Sequence[Row], most: int = MOST_POINTS) -> list[Row]:
    """Return at most `most` rows at even steps, the first and the last among them.

    >>> [row["x"] for row in thin([{"x": i} for i in range(10)], 4)]
    [0, 3, 6, 9]
    """
    if len(rows) <= most:
        return list(rows)
    return [rows[round(i * (len(rows) - 1) / (most - 1))] for i in range(most)]


def spoken(name: object) -> str:
    """Return the path of an input as words.

    >>> spoken("costs.progressed_per_month"), spoken("strategies.new.adverse_events.colitis, grade 3.probability")
    ('costs · progressed per month', 'new · adverse events · colitis, grade 3 · probability')
    """
    path = re.sub(r"\.(?=[^\W\d])", " · ", str(name).removeprefix("strategies."))
    return path.replace("_", " ")
