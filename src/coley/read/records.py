"""Where the records of a delimited text are: offsets, lines and numbers of fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHUNK = 1 << 24  # bytes of text that are searched at a time
_NEWLINE, _QUOTE = 10, 34


@dataclass(frozen=True, slots=True)
class Records:
    """The records of a text.

    Attributes
    ----------
    starts, ends
        (n,) byte offsets; `ends` is that of the line feed.
    lines
        (n,) line on which each begins; the first is line 0.
    widths
        (n,) number of fields.
    quoted
        Whether quotation marks enclose fields; otherwise they are letters like any other.
    """

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    lines: NDArray[np.int64]
    widths: NDArray[np.int64]
    quoted: bool


def scan(text: bytes, delimiter: bytes) -> Records | None:
    r"""Return the records of a text that ends in a line feed; None where its quotation marks are in disorder.

    Quotation marks are in order where each opens at the beginning of a field and closes at the end of one
    (RFC 4180), doubled marks within.

    Examples
    --------
    >>> found = scan(b'a,b\n"x,\ny",2\n3\n', b",")
    >>> found.lines.tolist(), found.widths.tolist(), found.quoted
    ([0, 1, 3], [2, 2, 1], True)
    """
    array = np.frombuffer(text, dtype=np.uint8)
    divides = array == delimiter[0]  # masks of one byte each: positions would take eight times the text
    newlines = np.flatnonzero(array == _NEWLINE)
    quotes = np.flatnonzero(array == _QUOTE)
    ends = newlines
    if quotes.size:
        if not _in_order(array, quotes, delimiter[0]):
            return None
        ends = newlines[np.searchsorted(quotes, newlines) % 2 == 0]
        inside = np.logical_xor.accumulate(array == _QUOTE)
        divides &= ~inside
    starts = np.concatenate([[0], ends[:-1] + 1])
    widths = np.diff(_counts(divides, ends), prepend=0) + 1
    return Records(starts, ends, np.searchsorted(newlines, starts), widths, bool(quotes.size))


def _counts(mask: NDArray[np.bool_], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how often the mask holds before each end, piece by piece to save memory."""
    counts = np.empty(ends.size, dtype=np.int64)
    seen = 0
    for low in range(0, mask.size, CHUNK):
        places = np.flatnonzero(mask[low : low + CHUNK])
        first, last = np.searchsorted(ends, [low, low + CHUNK])
        counts[first:last] = seen + np.searchsorted(places, ends[first:last] - low)
        seen += places.size
    return counts


def _in_order(array: NDArray[np.uint8], quotes: NDArray[np.int64], delimiter: int) -> bool:
    if quotes.size % 2:
        return False
    edges = (_NEWLINE, delimiter, _QUOTE)
    before = array[np.maximum(quotes[0::2] - 1, 0)]
    after = array[np.minimum(quotes[1::2] + 1, array.size - 1)]
    opens = np.isin(before, edges) | (quotes[0::2] == 0)
    return bool(opens.all() and np.isin(after, edges).all())
