"""One file of FAERS or AERS to tables, block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import UnreadableInput
from coley.vigilance.reading import kernels
from coley.vigilance.reading.blocks import blocks
from coley.vigilance.reading.columns import Columns
from coley.vigilance.reading.layout import delimiter_of, layout_of, names_of, wrong_delimiter
from coley.vigilance.reading.log import Counter
from coley.vigilance.reading.mend import REASONS, Mender

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    import pyarrow as pa
    from numpy.typing import NDArray

    from coley.vigilance.reading.layout import Layout
    from coley.vigilance.reading.limits import Limits
    from coley.vigilance.reading.mend import Line

_DOLLAR = ord("$")


class AsciiReader:
    """Reads one `$`-delimited file; its counters tell what became of the lines once it is exhausted.

    Parameters
    ----------
    where
        Name of the file for messages.
    limits
        Bounds of memory.
    fixed
        Layout of a file that has one column and may have no header; else it is told by the header.
    """

    def __init__(self, where: str, limits: Limits, fixed: Layout | None = None) -> None:
        self.where, self._limits = where, limits
        self.dropped, self.altered = Counter(limits.examples), Counter(limits.examples)
        self.lines = self.header = self.kept = self.joined = self.split = 0
        self._fixed = fixed
        self.layout: Layout | None = None

    def tables(self, stream: BinaryIO) -> Iterator[pa.Table]:
        """Yield the rows of the file as tables of its relation.

        Raises
        ------
        UnreadableInput
            Where the first line is not the header of a table of FAERS.
        """
        reading = blocks(stream, self._limits.block_bytes, self._limits.line_bytes, on_long=self._too_long)
        mender: Mender | None = None
        for block, first_line, n_lines in reading:
            body, line = block, first_line
            self.lines += n_lines
            if mender is None:
                end = _after_first_line(block)
                first = block[:end].tobytes()
                self.layout = self._fixed or self._layout(first)
                mender = Mender(len(self.layout.slot_of_field), self.dropped, self.altered)
                if not (self._fixed and first.strip(b" \t\r\n$").isdigit()):
                    self.header, body, line, n_lines = 1, block[end:], first_line + 1, n_lines - 1
            assert self.layout is not None
            yield from self._rows(body, (line, n_lines), self.layout, mender)
        if mender is not None:
            mender.close()
            self.joined, self.split = mender.joined, mender.split

    def _layout(self, line: bytes) -> Layout:
        text = line.decode("utf-8", "replace")
        if "\r" in text.rstrip("\r\n"):
            raise UnreadableInput(
                "Lines end with a carriage return alone.",
                where=f"{self.where}, line 1",
                cause="The file was saved by an old program of the Macintosh.",
                remedy="Take the file as the FDA publishes it.",
            )
        seen = delimiter_of(text)
        if seen != "$":
            raise wrong_delimiter(text, self.where) if seen else self._no_header(text)
        return layout_of(names_of(text, "$"), self.where)

    def _rows(
        self, body: NDArray[np.uint8], span: tuple[int, int], layout: Layout, mender: Mender
    ) -> Iterator[pa.Table]:
        first_line, n_lines = span
        starts, stops, rows, odd = self._split(body, n_lines, layout)
        if len(rows):
            yield self._table(body, (starts, stops), first_line + rows.astype(np.int64), layout)
        mended = mender.feed(body, odd, first_line) if len(odd) else []
        if mended:
            yield from self._again(mended, layout)

    def _again(self, mended: list[Line], layout: Layout) -> Iterator[pa.Table]:
        numbers = np.array([line.number for line in mended], np.int64)
        text = np.frombuffer(b"\n".join(line.text for line in mended), np.uint8)
        starts, stops, rows, odd = self._split(text, len(mended), layout)
        for row, _, _, status in odd.tolist():
            self.dropped.add(REASONS[status], [int(numbers[row])])
        if len(rows):
            yield self._table(text, (starts, stops), numbers[rows], layout)

    def _split(self, text: NDArray[np.uint8], n_lines: int, layout: Layout):  # type: ignore[no-untyped-def]
        return kernels.split(
            text, _DOLLAR, layout.slot_of_field, layout.n_slots, n_lines, self._limits.line_bytes
        )

    def _table(
        self,
        text: NDArray[np.uint8],
        bounds: tuple[NDArray[np.int32], NDArray[np.int32]],
        lines: NDArray[np.int64],
        layout: Layout,
    ) -> pa.Table:
        self.kept += len(lines)
        return Columns(text, bounds, lines, self.altered).table(layout)

    def _too_long(self, line: int) -> None:
        if self.layout is None:
            raise UnreadableInput(
                f"The first line is longer than {self._limits.line_bytes:,} bytes.",
                where=self.where,
                cause="A file without line ends, or no table at all.",
                remedy="Take the file as the FDA publishes it.",
            )
        self.lines += 1
        self.dropped.add(REASONS[kernels.TOO_LONG], [line])

    def _no_header(self, text: str) -> UnreadableInput:
        return UnreadableInput(
            "The first line is not the header of a table of FAERS or AERS.",
            where=f"{self.where}, line 1: {text[:80]!r}",
            cause="A file of another kind, or one that was cut at the front.",
            remedy="Take the file as the FDA publishes it.",
        )


def _after_first_line(block: NDArray[np.uint8]) -> int:
    ends = np.flatnonzero(block[: 1 << 20] == 10)
    return int(ends[0]) + 1 if len(ends) else len(block)
