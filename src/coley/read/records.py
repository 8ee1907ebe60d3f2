"""Where the records of a delimited text are: offsets, lines and numbers of fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
    newlines = np.flatnonzero(array == _NEWLINE)
    delimiters = np.flatnonzero(array == delimiter[0])
    quotes = np.flatnonzero(array == _QUOTE)
    quoted = quotes.size > 0
    ends = newlines
    if quoted:
        if not _in_order(array, quotes, delimiter[0]):
            return None
        ends = newlines[_outside(newlines, quotes)]
        delimiters = delimiters[_outside(delimiters, quotes)]
    starts = np.concatenate([[0], ends[:-1] + 1])
    fields = np.searchsorted(delimiters, ends) - np.searchsorted(delimiters, starts) + 1
    return Records(starts, ends, np.searchsorted(newlines, starts), fields, quoted)


def _outside(positions: NDArray[np.int64], quotes: NDArray[np.int64]) -> NDArray[np.bool_]:
    outside: NDArray[np.bool_] = np.searchsorted(quotes, positions) % 2 == 0
    return outside


def _in_order(array: NDArray[np.uint8], quotes: NDArray[np.int64], delimiter: int) -> bool:
    if quotes.size % 2:
        return False
    edges = (_NEWLINE, delimiter, _QUOTE)
    before = array[np.maximum(quotes[0::2] - 1, 0)]
    after = array[np.minimum(quotes[1::2] + 1, array.size - 1)]
    opens = np.isin(before, edges) | (quotes[0::2] == 0)
    return bool(opens.all() and np.isin(after, edges).all())
