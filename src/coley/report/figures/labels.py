"""Names beside points, placed so that none lies over another or over a point that is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coley.report.clean import text_width

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GAP = 7  # pixels between a point and its name
TALL = 14  # pixels of a line of text
# Where a name is tried, in order: right, left, above, below; (x shift, y shift, where the text is anchored)
PLACES = ((GAP, 0, 0.0), (-GAP, 0, 1.0), (0, -TALL, 0.5), (0, TALL, 0.5), (GAP, -10, 0.0), (GAP, 10, 0.0))


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels."""

    x: float
    y: float
    x2: float
    y2: float

    def meets(self, other: Box) -> bool:
        """Say whether two rectangles share a pixel."""
        return self.x < other.x2 and other.x < self.x2 and self.y < other.y2 and other.y < self.y2

    def within(self, other: Box) -> bool:
        """Say whether this rectangle lies inside the other."""
        return self.x >= other.x and self.x2 <= other.x2 and self.y >= other.y and self.y2 <= other.y2


@dataclass(frozen=True, slots=True)
class Label:
    """A name with the left edge of its text and the middle of its line."""

    text: str
    x: float
    y: float


def place(
    names: Iterable[tuple[str, float, float]],
    points: Sequence[tuple[float, float]],
    *,
    frame: Box,
    size: float,
) -> list[Label]:
    """Return the names for which there is room, the first ones first.

    Parameters
    ----------
    names
        Text with the point that it belongs to, the most important first.
    points
        Every point that must stay visible.
    frame
        The part of the picture that names may cover.
    size
        Of the font, in pixels.

    Examples
    --------
    >>> frame = Box(0, 0, 200, 100)
    >>> [(l.text, l.x) for l in place([("a", 50, 50), ("b", 50, 50)], [(50, 50)], frame=frame, size=12)]
    [('a', 57.0), ('b', 36.4)]
    """
    taken = [Box(x - 4, y - 4, x + 4, y + 4) for x, y in points]
    kept: list[Label] = []
    for name, x, y in names:
        wide = text_width(name, size)
        for right, down, anchor in PLACES:
            left = x + right - anchor * wide
            box = Box(left, y + down - TALL / 2, left + wide, y + down + TALL / 2)
            if box.within(frame) and not any(box.meets(other) for other in taken):
                taken.append(box)
                kept.append(Label(name, float(left), float(y + down)))
                break
    return kept
