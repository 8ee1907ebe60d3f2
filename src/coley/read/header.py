"""The names of the columns of a file, without reading the rest of it."""

from __future__ import annotations

import csv
import zlib
from typing import TYPE_CHECKING

from coley.model.errors import ColeyError
from coley.read.kinds import head_of, kind_of

if TYPE_CHECKING:
    from pathlib import Path

LONGEST = 1 << 22  # bytes of a header; a wider one belongs to a matrix that the readers will judge
_DELIMITERS = "\t,;|"


def header_of(path: Path, *, comment: str = "#") -> tuple[str, ...]:
    """Return the column names of delimited text, SAS or Parquet; nothing for anything else.

    Parameters
    ----------
    path
        The file; text may be gzipped.
    comment
        Lines before the header that begin with this are skipped.
    """
    try:
        kind, _ = kind_of(head_of(path))
        if kind in ("text", "gzip"):
            return _of_text(path, gzipped=kind == "gzip", comment=comment)
        if kind in ("xpt", "sas7bdat"):
            return _of_sas(path, kind)
        if kind == "parquet":
            return _of_parquet(path)
    except (ColeyError, OSError, zlib.error, EOFError, ValueError, csv.Error):
        return ()  # what is wrong with it is said when it is read
    return ()


def first_lines(path: Path, *, gzipped: bool, most: int = LONGEST) -> list[str]:
    """Return the lines in the first bytes of a text; the last of them may be cut short."""
    with path.open("rb") as stream:
        data = stream.read(most)
    if gzipped:
        data = zlib.decompressobj(wbits=31).decompress(data, most)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data[: len(data) // 2 * 2].decode("utf-16", "replace").splitlines()
    return data.decode("utf-8-sig", "replace").splitlines()


def _of_text(path: Path, *, gzipped: bool, comment: str) -> tuple[str, ...]:
    for most in (1 << 16, LONGEST):
        lines = [line for line in first_lines(path, gzipped=gzipped, most=most) if line.strip()]
        after = [line for line in lines if not (comment and line.startswith(comment))]
        if len(after) > 1:
            break
    if not after:
        return ()
    delimiter = max(_DELIMITERS, key=after[0].count)
    return tuple(name.strip() for name in next(csv.reader([after[0]], delimiter=delimiter)))


def _of_parquet(path: Path) -> tuple[str, ...]:
    import polars as pl

    try:
        return tuple(pl.read_parquet_schema(path))
    except pl.exceptions.PolarsError:
        return ()


def _of_sas(path: Path, kind: str) -> tuple[str, ...]:
    import pyreadstat

    reader = pyreadstat.read_xport if kind == "xpt" else pyreadstat.read_sas7bdat
    try:
        _, meta = reader(str(path), metadataonly=True, output_format="polars")
    except pyreadstat.ReadstatError:
        return ()
    return tuple(meta.column_names)
