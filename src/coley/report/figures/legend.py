"""Keys of figures: a sample beside each name, flowing over as many lines as they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.report.clean import shorten, text_width
from coley.report.figures.vega import SIZE, boxes, layer, lines, paint, pixel, text
from coley.report.palette import colour

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coley.report.figures.kinds import Row
    from coley.report.palette import Stroke

LINE = 20  # pixels between lines of text
SAMPLE = 28  # pixels of line that show a dash
SWATCH = 12
GAP = 18
LONGEST = 44  # characters of a name in a key


def swatches(entries: Mapping[str, str], *, left: float, width: float) -> tuple[list[Row], float]:
    """Return a key of filled squares that stands above the plot, and its height.

    Parameters
    ----------
    entries
        Name to colour.
    left, width
        Where the key begins and how wide it may grow, in pixels.
    """
    placed, height = _flow(list(entries), SWATCH, left, width)
    squares = [
        {"x": x, "y": y - SWATCH / 2, "x2": x + SWATCH, "y2": y + SWATCH / 2, "colour": entries[name]}
        for name, x, y in placed
    ]
    edged = boxes(squares, stroke=colour("grey"), strokeWidth=0.6)
    return [edged, _names(placed, SWATCH)], height


def samples(entries: Mapping[str, Stroke], *, left: float, width: float) -> tuple[list[Row], float]:
    """Return a key of line samples that stands above the plot, and its height."""
    placed, height = _flow(list(entries), SAMPLE, left, width)
    drawn = [sample(entries[name], x, y) for name, x, y in placed]
    return [*drawn, _names(placed, SAMPLE)], height


def sample(stroke: Stroke, x: float, y: float) -> Row:
    """Return a short line in the manner of a group."""
    ends = {"x": x, "y": y, "x2": x + SAMPLE, "y2": y, "colour": stroke.colour}
    return lines([ends], strokeWidth=2.2, strokeDash=list(stroke.dash))


def dots(entries: Mapping[str, tuple[str, bool]], *, left: float, width: float) -> tuple[list[Row], float]:
    """Return a key of dots, (colour, filled) each, that stands above the plot, and its height."""
    placed, height = _flow(list(entries), SWATCH, left, width)
    marks = [
        layer(
            "point",
            [{"x": x + SWATCH / 2, "y": y, "colour": entries[name][0]}],
            {"x": pixel("x"), "y": pixel("y"), "color": paint()},
            filled=entries[name][1],
            size=60,
            opacity=1,
        )
        for name, x, y in placed
    ]
    return [*marks, _names(placed, SWATCH)], height


def _names(placed: Sequence[tuple[str, float, float]], sample_width: float) -> Row:
    return text([{"x": x + sample_width + 7, "y": y, "text": shorten(n, LONGEST)} for n, x, y in placed])


def _flow(
    names: Sequence[str], sample_width: float, left: float, width: float
) -> tuple[list[tuple[str, float, float]], float]:
    rows: list[list[tuple[str, float]]] = [[]]
    x = left
    for name in names:
        step = sample_width + 7 + text_width(shorten(name, LONGEST), SIZE) + GAP
        if rows[-1] and x + step > left + width:
            rows.append([])
            x = left
        rows[-1].append((name, x))
        x += step
    height = LINE * len(rows)
    return [
        (name, x, -14 - height + LINE * (i + 0.5)) for i, row in enumerate(rows) for name, x in row
    ], height + 14
