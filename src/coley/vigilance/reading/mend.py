"""Lines that are not good: those that can be mended without doubt are, the others are counted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from coley.vigilance.reading import kernels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from coley.vigilance.reading.log import Counter

REASONS = {
    kernels.BLANK: "blank line",
    kernels.FEWER: "fewer fields than the header",
    kernels.MORE: "more fields than the header",
    kernels.BAD_KEY: "no number in the key",
    kernels.ZERO_BYTE: "zero bytes",
    kernels.TOO_LONG: "longer than a line can be",
}
SPLIT = "two reports on one line, split"
REENCODED = "not UTF-8, read as Windows-1252"
_MOST_JOINED = 20  # lines of one report; more is no field that somebody typed
# A line that begins like this is a report of its own, so it is not the rest of the line before it. Reports have
# had seven digits or more since 1997; a shorter number may be part of a sentence.
_OWN_KEY = re.compile(rb"\s*\d{6,18}\s*\$")


class Line(NamedTuple):
    """One line of the file, or several joined."""

    number: int
    text: bytes


class Mender:
    """Joins lines that were broken by a line feed within a field, and re-encodes lines that are not UTF-8.

    Two or more lines in succession are joined only where each has too few fields, together they have exactly
    the right number, and none but the first begins with a key.

    Two reports stand on one line in some files of AERS, where a line feed is missing. They are split only where
    each then has the right number of fields, closed by a delimiter as in all lines of AERS, and the second begins
    with a key.
    """

    def __init__(self, n_fields: int, counter: Counter, altered: Counter) -> None:
        self._n_fields = n_fields
        self._counter, self._altered = counter, altered
        self._open: list[Line] = []
        self.joined = self.split = 0

    def feed(self, block: NDArray, odd: NDArray, first_line: int) -> list[Line]:  # type: ignore[type-arg]
        """Return what can be kept of the odd lines of a block, and count the others."""
        mended: list[Line] = []
        for line, start, stop, status in odd.tolist():
            number = first_line + line
            if status in (kernels.FEWER, kernels.BLANK):
                mended += self._broken(Line(number, block[start:stop].tobytes()))
            elif status == kernels.NOT_UTF8:
                mended.append(Line(number, block[start:stop].tobytes()))
            elif status == kernels.MORE and (two := self._two(block[start:stop].tobytes())):
                self.split += 1
                self._altered.add(SPLIT, [number])
                mended += [Line(number, text) for text in two]
            else:
                self._counter.add(REASONS[status], [number])
        return [self._encoded(line) for line in mended]

    def close(self) -> None:
        """Count the lines that still wait for their rest."""
        for line in self._open:
            self._counter.add(REASONS[kernels.FEWER if line.text.strip() else kernels.BLANK], [line.number])
        self._open = []

    def _broken(self, line: Line) -> Iterable[Line]:
        own = bool(_OWN_KEY.match(line.text))
        if not self._open or own or line.number != self._open[-1].number + 1:
            self.close()
        if not self._open and not own:
            self._counter.add(REASONS[kernels.FEWER if line.text.strip() else kernels.BLANK], [line.number])
            return ()
        self._open.append(line)
        whole = b" ".join(part.text.rstrip(b"\r") for part in self._open)
        if not self._complete(whole):
            if whole.count(b"$") > self._n_fields or len(self._open) == _MOST_JOINED:
                self.close()
            return ()
        first, self.joined = self._open[0].number, self.joined + len(self._open) - 1
        self._altered.add("broken over several lines, joined", [first])
        self._open = []
        return (Line(first, whole),)

    def _two(self, text: bytes) -> tuple[bytes, ...]:
        fields = text.removesuffix(b"$").split(b"$")
        if len(fields) != 2 * self._n_fields:
            return ()
        first, second = (b"$".join(half) for half in (fields[: self._n_fields], fields[self._n_fields :]))
        return (first, second) if _OWN_KEY.match(first) and _OWN_KEY.match(second + b"$") else ()

    def _complete(self, text: bytes) -> bool:
        marks = text.count(b"$")
        return marks == self._n_fields - 1 or (marks == self._n_fields and text.endswith(b"$"))

    def _encoded(self, line: Line) -> Line:
        try:
            line.text.decode()
        except UnicodeDecodeError:
            self._altered.add(REENCODED, [line.number])
            return Line(line.number, line.text.decode("cp1252", "replace").encode())
        return line
