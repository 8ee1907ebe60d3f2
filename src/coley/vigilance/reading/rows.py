"""Tables with quotation marks, and workbooks, to frames of text in batches; every line is accounted for."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING

from coley.model.errors import UnreadableInput
from coley.vigilance.reading.blocks import blocks
from coley.vigilance.reading.limits import Limits
from coley.vigilance.reading.log import Counter, FileLog
from coley.vigilance.reading.mend import REENCODED
from coley.vigilance.reading.workbooks import WORKBOOK, load_sheet, sheet_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO

    import polars as pl

    from coley.vigilance.reading.sources import Entry

LINE = "line_number"  # column of each batch: the line on which the row begins
_LONGEST_CELL = 1 << 17  # characters; a longer one is a quotation mark that was never closed
_DELIMITERS = (",", ";", "\t", "|")
_BATCH = 50_000  # rows


@dataclass(frozen=True, slots=True)
class Header:
    """The delimiter of a table (empty for a workbook) and its names: lower case, words joined by underscores."""

    delimiter: str
    names: tuple[str, ...]


@lru_cache(maxsize=16)  # each format asks for it
def header_of(entry: Entry, head: bytes) -> Header:
    """Return the header of a table, by its first line; without names where it is none."""
    if head.startswith(WORKBOOK):
        return Header("", tuple(plain(name) for name in sheet_names(entry)))
    line = head.replace(b"\r", b"\n").split(b"\n", 1)[0].decode("utf-8", "replace").lstrip("\ufeff")
    split = {mark: next(csv.reader([line], delimiter=mark), []) for mark in _DELIMITERS}
    mark = max(split, key=lambda each: len(split[each]))
    return Header(mark, tuple(plain(name) for name in split[mark]))


def plain(name: str) -> str:
    """Return a header as lower-case words joined by underscores.

    Examples
    --------
    >>> plain("Reported to Manufacturer?"), plain("AE lab")
    ('reported_to_manufacturer', 'ae_lab')
    """
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


class Rows:
    """Reads one table in batches; its counters tell what became of the lines once it is exhausted.

    Parameters
    ----------
    entry, header
        The file and its header.
    """

    def __init__(self, entry: Entry, header: Header, limits: Limits) -> None:
        self.entry, self._header, self._limits = entry, header, limits
        self.dropped, self.altered = Counter(limits.examples), Counter(limits.examples)
        self._lines = self._kept = self._joined = 0
        self._zero: set[int] = set()

    @property
    def names(self) -> tuple[str, ...]:
        """The headers."""
        return self._header.names

    @property
    def delimiter(self) -> str:
        """What separates cells; empty for a workbook."""
        return self._header.delimiter

    def batches(
        self, wanted: set[str], passed: Callable[[int], None] | None = None
    ) -> Iterator[pl.DataFrame]:
        """Yield frames of text with the wanted columns and the line number; missing and blank cells are null.

        Raises
        ------
        UnreadableInput
            Where a wanted name stands in the header twice, or a quotation mark is not closed.
        """
        import polars as pl

        names = self._header.names
        for name in wanted:
            if names.count(name) > 1:
                raise UnreadableInput(
                    f"The header names {name} {names.count(name)} times.",
                    where=f"{self.entry.name}, line 1",
                    remedy="Leave one of them.",
                )
        places = [(name, names.index(name)) for name in sorted(wanted) if name in names]
        if not self._header.delimiter:
            yield self._sheet(places)
            return
        with self.entry.open(self._limits, passed) as stream:
            rows = self._rows(stream)
            while batch := list(islice(rows, _BATCH)):
                numbers, cells = zip(*batch, strict=True)
                columns = list(zip(*cells, strict=True))
                frame = pl.DataFrame(
                    {LINE: numbers, **{name: columns[at] for name, at in places}},
                    schema={LINE: pl.Int64, **{name: pl.String for name, _ in places}},
                )
                yield _blank_to_null(frame)

    def log(self, fmt: str, relation: str, quarter: str = "") -> FileLog:
        """Return what became of the lines."""
        return FileLog(
            name=self.entry.name,
            format=fmt,
            relation=relation,
            quarter=quarter,
            lines=self._lines,
            header=min(1, self._lines),
            kept=self._kept,
            joined=self._joined,
            dropped=self.dropped.tallies(),
            altered=self.altered.tallies(),
        )

    def drop(self, reason: str, lines: list[int]) -> None:
        """Take rows that were kept so far for dropped."""
        self._kept -= len(lines)
        self.dropped.add(reason, lines)

    def _rows(self, stream: BinaryIO) -> Iterator[tuple[int, list[str]]]:
        csv.field_size_limit(_LONGEST_CELL)  # of the whole process: others set their own before they read
        reader = csv.reader(self._decoded(stream), delimiter=self._header.delimiter)
        width, before = len(self._header.names), 0
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise UnreadableInput(
                    "A cell does not end, or a line ends within it.",
                    where=f"{self.entry.name}, line {before + 1} and after",
                    cause=f"A quotation mark that is not closed, or carriage returns alone ({error}).",
                    remedy="Close or remove the mark, or export the table again.",
                ) from None
            first, span = before + 1, reader.line_num - before
            before = reader.line_num
            if first == 1:
                continue
            reason = ""
            if not cells or cells == [""]:
                reason = "blank line"
            elif len(cells) != width:
                reason = ("fewer" if len(cells) < width else "more") + " fields than the header"
            elif self._zero and self._zero.intersection(range(first, before + 1)):
                reason = "zero bytes"
            if reason:
                self.dropped.add(reason, range(first, before + 1))
            else:
                self._kept += 1
                self._joined += span - 1
                yield first, cells

    def _decoded(self, stream: BinaryIO) -> Iterator[str]:
        size, longest = self._limits.block_bytes, self._limits.line_bytes
        for block in blocks(stream, size, longest, on_long=self._refuse):
            data = block.data.tobytes().removesuffix(b"\n")
            self._lines += block.n_lines
            try:
                if b"\0" in data:
                    raise UnicodeError
                lines: Iterable[str] = data.decode("utf-8").split("\n")
            except UnicodeError:
                lines = (self._line(line, at) for at, line in enumerate(data.split(b"\n"), block.first_line))
            for line in lines:
                yield line + "\n"

    def _line(self, line: bytes, number: int) -> str:
        if b"\0" in line:
            self._zero.add(number)
            line = line.replace(b"\0", b"")
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            self.altered.add(REENCODED, [number])
            return line.decode("cp1252", "replace")

    def _refuse(self, number: int) -> None:
        raise UnreadableInput(
            f"A line is longer than {self._limits.line_bytes:,} bytes.",
            where=f"{self.entry.name}, line {number}",
            cause="A file without line ends, or no table at all.",
            remedy="Export the table again.",
        )

    def _sheet(self, places: list[tuple[str, int]]) -> pl.DataFrame:
        import polars as pl

        frame = load_sheet(self.entry, self._limits)
        self._lines, self._kept = frame.height + 1, frame.height
        cells = {name: frame.to_series(at).cast(pl.String) for name, at in places}
        return _blank_to_null(
            pl.DataFrame({LINE: pl.int_range(2, frame.height + 2, dtype=pl.Int64, eager=True), **cells})
        )


def _blank_to_null(frame: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    text = pl.col(pl.String).str.strip_chars()
    return frame.with_columns(pl.when(text != "").then(text))


def concat(frames: Iterator[pl.DataFrame]) -> pl.DataFrame | None:
    """Return batches as one frame, or None where there are none."""
    import polars as pl

    first = next(frames, None)
    return None if first is None else pl.concat(chain([first], frames))
