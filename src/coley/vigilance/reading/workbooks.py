"""The first sheet of a workbook as text, after a look at what it would become in memory."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

from coley.model.errors import UnreadableInput
from coley.vigilance.reading.limits import Limits
from coley.vigilance.reading.sources import Entry

if TYPE_CHECKING:
    import polars as pl

WORKBOOK = b"PK\x03\x04"  # how an XLSX begins, as every ZIP archive
_BOOK = "xl/workbook.xml"  # the part that only a workbook has
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')  # of a cell
_LONGEST_REFERENCE = 20  # bytes; it may be cut by the end of a piece
_FAR_ROWS = 10_000


def sheet_names(entry: Entry) -> tuple[str, ...]:
    """Return the names in the first row; none for a document of another kind, or one within an archive."""
    if entry.member:
        return ()
    with zipfile.ZipFile(entry.path) as archive:
        if _BOOK not in archive.namelist():
            return ()
    return tuple(load_sheet(entry, Limits(), rows=0).columns)


def load_sheet(entry: Entry, limits: Limits, *, rows: int | None = None) -> pl.DataFrame:
    """Return the rows below the header, all of them or the first few.

    Raises
    ------
    UnreadableInput
        Where the workbook cannot be read or would fill the memory.
    """
    import fastexcel

    _check(entry, limits)  # even the header is read through a rectangle of the whole sheet
    try:
        book = fastexcel.read_excel(entry.path)
        frame: pl.DataFrame = book.load_sheet(0, dtypes="string", n_rows=rows).to_polars()
    except Exception as error:  # fastexcel raises errors of its own, all of them about the file
        raise UnreadableInput(
            f"{entry.path.name} is not a workbook that can be read.",
            where=entry.name,
            cause=next(iter(str(error).splitlines()), ""),
            remedy="Save it again as XLSX, or export CSV.",
        ) from None
    return frame


def _check(entry: Entry, limits: Limits) -> None:
    """Make sure that unpacking a workbook cannot fill the memory, by unpacking it without keeping it.

    Raises
    ------
    UnreadableInput
        Where it could: a part that unpacks to too much, or a cell so far out that the sheet between is too large.
    """
    last_row = last_column = 0
    with zipfile.ZipFile(entry.path) as archive:
        parts = archive.infolist()
    for part in parts:
        inner = Entry(entry.name, entry.path, part.filename, part.compress_size)
        tail = b""
        with inner.open(limits) as stream:
            while piece := stream.read(1 << 20):
                for letters, digits in set(_REFERENCE.findall(tail + piece)):
                    last_row, last_column = max(last_row, int(digits)), max(last_column, len(letters))
                tail = piece[-_LONGEST_REFERENCE:]
    # Three letters name columns from 703 on; no export of reports has so many.
    if last_column > 2 and last_row > _FAR_ROWS:
        raise UnreadableInput(
            f"The workbook has a sheet of {last_row:,} rows and more than 702 columns.",
            where=entry.name,
            cause="A single cell far out, or a workbook made to fill the memory.",
            remedy="Copy the filled cells to a new workbook, or export CSV.",
        )
