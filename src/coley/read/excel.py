"""Workbooks to frames of text, after a look at what they would become in memory."""

from __future__ import annotations

import re
import zipfile
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

from coley.model.errors import UnreadableInput
from coley.read.facts import limits

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

CHUNK = 1 << 20  # bytes unpacked at a time
_REFERENCE = re.compile(rb'\br="([A-Z]{0,3})([0-9]{1,9})"')  # of a row or a cell
_LONGEST_REFERENCE = 20  # bytes; a reference may be cut by the end of a chunk


def list_sheets(path: Path) -> tuple[str, ...]:
    """Return the names of the sheets of a workbook.

    Raises
    ------
    UnreadableInput
        For a file that is no workbook, or would fill the memory.
    """
    return tuple(_open(path).sheet_names)


def read_sheet(path: Path, sheet: str) -> pl.DataFrame:
    """Return one sheet as text, without a header: row 1 of the frame is row 1 of the sheet.

    Raises
    ------
    UnreadableInput
        For a file that is no workbook, or would fill the memory.
    """
    workbook = _open(path)
    try:
        loaded = workbook.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
        frame: pl.DataFrame = loaded.to_polars()
    except Exception as error:  # fastexcel raises errors of its own, all of them about the file
        raise _broken(path, str(error)) from None
    return frame


def check_workbook(path: Path) -> None:
    """Make sure that unpacking a workbook cannot fill the memory.

    Its parts are unpacked piece by piece and counted, because the sizes that a ZIP archive declares may be
    false, and the farthest cell is looked for, because a sheet is held as a rectangle.

    Raises
    ------
    UnreadableInput
        Where it could.
    """
    most = limits()
    if not zipfile.is_zipfile(path):
        return  # the older binary format is not compressed
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            declared = sum(part.file_size for part in parts)
            if len(parts) > most["archive_members"] or declared > most["archive_bytes"]:
                raise _bomb(path, f"{len(parts):,} parts of {declared / 2**20:,.0f} MB together")
            for part in parts:
                ratio = part.file_size / max(part.compress_size, 1)
                if part.file_size > most["archive_ratio_from"] and ratio > most["archive_ratio"]:
                    raise _bomb(path, f"{part.filename} unpacks to {ratio:,.0f} times its size")
            left = most["archive_bytes"]
            for part in parts:
                left -= _unpack(archive, part, path, left)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise _broken(path, str(error)) from None


def _unpack(archive: zipfile.ZipFile, part: zipfile.ZipInfo, path: Path, left: int) -> int:
    """Unpack one part without keeping it; return its size and refuse a sheet with too many cells."""
    sheet = part.filename.startswith("xl/worksheets/")
    size = last_row = last_column = 0
    tail = b""
    with archive.open(part) as stream:
        while piece := stream.read(CHUNK):
            size += len(piece)
            if size > left:
                raise _bomb(path, f"more than {limits()['archive_bytes'] / 2**20:,.0f} MB")
            if sheet:
                for letters, digits in set(_REFERENCE.findall(tail + piece)):
                    last_row, last_column = max(last_row, int(digits)), max(last_column, _column(letters))
                tail = (tail + piece)[-_LONGEST_REFERENCE:]
    if last_row * last_column > limits()["cells"]:
        raise _bomb(path, f"a sheet of {last_row:,} rows and {last_column:,} columns")
    return size


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


@lru_cache(maxsize=16)  # a workbook of many sheets is examined once, unless it changes
def _check_once(path: Path, size: int, changed: int) -> None:
    check_workbook(path)


def _open(path: Path):  # type: ignore[no-untyped-def]  # fastexcel has no stubs that mypy --strict accepts
    import fastexcel

    state = path.stat()
    _check_once(path, state.st_size, state.st_mtime_ns)
    try:
        return fastexcel.read_excel(path)
    except Exception as error:  # see read_sheet
        raise _broken(path, str(error)) from None


def _bomb(path: Path, how: str) -> UnreadableInput:
    return UnreadableInput(
        f"{path.name} would fill the memory: {how}.",
        where=str(path),
        cause="A workbook made to do harm, or formats applied to millions of empty cells.",
        remedy="Copy the filled cells to a new workbook, or export the sheet as CSV.",
    )


def _broken(path: Path, cause: str) -> UnreadableInput:
    return UnreadableInput(
        f"{path.name} is not a workbook that can be read.",
        where=str(path),
        cause=cause.splitlines()[0] if cause else "",
        remedy="Open it in a spreadsheet and save it again as XLSX, or export CSV.",
    )
