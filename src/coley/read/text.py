"""Delimited text of any encoding, line end and delimiter to a frame of text, with the line of every row."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from coley.model.answer import Check, Where
from coley.model.errors import UnreadableInput
from coley.read.cells import plain_text
from coley.read.encoding import to_utf8
from coley.read.facts import limits
from coley.read.kinds import naming

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import polars as pl

    from coley.read.records import Records

DELIMITERS = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "pipe"}
SAMPLE_LINES = 50  # lines on which the delimiter is decided
ROW_NAME = "row_name"  # of the first column where the header is one field short, as R writes it


@dataclass(frozen=True, slots=True)
class Delimited:
    """A table of text: the frame, the line of each row, what was noticed, and the delimiter."""

    frame: pl.DataFrame
    lines: Sequence[int]
    notes: tuple[Check, ...]
    delimiter: str


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file, unpacked where it is gzipped, and never more than the limit.

    Raises
    ------
    UnreadableInput
        For a file above the limit (found without reading it whole) and for a broken gzip file.
    """
    most = limits()["text_bytes"]
    size = path.stat().st_size
    if size > most:
        raise _too_large(path, f"{size / 2**20:,.0f} MB")
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
        stream.seek(0)
        if not packed:
            return stream.read(most + 1)
        try:
            data = gzip.GzipFile(fileobj=stream).read(most + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise UnreadableInput(
                f"{path.name} is a gzip file that is broken or was cut off.",
                where=str(path),
                cause=str(error),
                remedy="Fetch or copy it again.",
            ) from None
    if len(data) > most:
        raise _too_large(path, f"more than {most / 2**20:,.0f} MB when unpacked")
    return data


def parse(
    data: bytes, file: str, *, delimiter: str | None = None, comment: str | None = None, encoding: str = ""
) -> Delimited:
    r"""Turn the bytes of a delimited text into a frame of text.

    Parameters
    ----------
    data
        The unpacked bytes.
    file
        Name for messages.
    delimiter
        One character; without it, it is found among tab, comma, semicolon and pipe.
    comment
        Lines before the header that begin with this are skipped; "#" is found without it.
    encoding
        Name of the encoding where it is known; found otherwise.

    Raises
    ------
    UnreadableInput
        For text that is no table: empty, binary, too wide, or with rows longer than the header.

    Examples
    --------
    >>> table = parse(b"patient_id;age\n0040;61\n\n0041;70\n", "small.csv")
    >>> table.frame["patient_id"].to_list(), list(table.lines)
    (['0040', '0041'], [2, 4])
    """
    text, notes = to_utf8(data, file, encoding=encoding)
    del data
    text, before = _body(text, file, comment or _comment(text))
    mark = delimiter or _sniff(text)
    _check_width(text, mark, file)
    from coley.read.records import scan

    records = scan(text, mark.encode())
    if records is None and mark == "\t":  # in tab-separated files quotation marks are mostly letters
        records = scan(text.replace(b'"', b"'"), b"\t")
    if records is None:
        return _row_by_row(text, mark, file, before=before, notes=notes)
    _check_cells(len(records.widths), int(records.widths[0]), file)
    header = text[: records.ends[0]].decode()
    fields = next(csv.reader(io.StringIO(header), delimiter=mark)) if records.quoted else header.split(mark)
    names, found = clean_names(fields, file)
    if len(records.widths) > 1 and (records.widths[1:] == len(names) + 1).all():
        names = [ROW_NAME, *names]
    lines = records.lines + 1 + before
    found += _check_rows(text, records, lines.tolist(), names, mark, file)
    frame = _frame(memoryview(text)[records.ends[0] + 1 :], names, mark, quoted=records.quoted)
    if frame.height != len(lines) - 1:  # polars sees other rows than the scan did: believe the slow reader
        return _row_by_row(text, mark, file, before=before, notes=notes)
    frame, kept = drop_blank(frame, lines[1:].tolist())
    return Delimited(frame, kept, (*notes, *found), mark)


def clean_names(header: Sequence[str | None], file: str) -> tuple[list[str], tuple[Check, ...]]:
    """Return column names that are stripped, not empty and unique, and a note on those that were changed.

    Examples
    --------
    >>> clean_names(["id", " age ", "", "age"], "a.csv")[0]
    ['id', 'age', 'column_3', 'age_2']
    """
    names: list[str] = []
    used: set[str] = set()
    changed: list[str] = []
    for position, given in enumerate(header, start=1):
        plain = plain_text((given or "").strip()) or f"column_{position}"
        name, copy = plain, 1
        while name in used:
            copy += 1
            name = f"{plain}_{copy}"
        if copy > 1:
            changed.append(f"{plain} -> {name}")
        used.add(name)
        names.append(name)
    if not changed:
        return names, ()
    note = Check(
        "column_names",
        "warn",
        f"{file} uses {len(changed)} column names more than once; renamed: {naming(changed)}.",
        remedy="Give each column a name of its own.",
        where=Where(file, (), naming(changed)),
    )
    return names, (note,)


def drop_blank(frame: pl.DataFrame, lines: Sequence[int]) -> tuple[pl.DataFrame, Sequence[int]]:
    """Return the frame and the lines without the rows that hold nothing."""
    import polars as pl

    if not frame.width or not frame.height:
        return frame, lines
    held = frame.select(~pl.all_horizontal(pl.all().is_null())).to_series()
    if held.all():
        return frame, lines
    return frame.filter(held), [line for line, kept in zip(lines, held, strict=True) if kept]


def _comment(text: bytes) -> str | None:
    """Return "#" where lines before the header begin with it, and the header itself does not."""
    lines = text[: 1 << 20].lstrip(b"\n").split(b"\n", 64)
    marked = next((i for i, line in enumerate(lines) if not line.startswith(b"#")), 0)
    if marked == 1 and any(mark.encode() in lines[0] for mark in DELIMITERS):
        width = max(lines[0].count(mark.encode()) for mark in DELIMITERS)
        return None if width == max(lines[1].count(mark.encode()) for mark in DELIMITERS) else "#"
    return "#" if marked else None


def _body(text: bytes, file: str, comment: str | None) -> tuple[bytes, int]:
    """Return the text from its header to one last line feed, and the number of lines before it."""
    start = 0
    while start < len(text):
        end = text.find(b"\n", start)
        line = text[start : end if end >= 0 else len(text)].strip()
        if line and not (comment and line.startswith(comment.encode())):
            break
        start = end + 1 if end >= 0 else len(text)
    body = text[start:].rstrip(b"\n")
    if not body.strip():
        raise UnreadableInput(
            f"{file} is empty.", where=file, remedy="Supply a table with a header line and one row per line."
        )
    return body + b"\n", text.count(b"\n", 0, start)


def _sniff(text: bytes) -> str:
    """Return the delimiter that divides the first lines into the same number of fields, the most of them."""
    end = -1
    for _ in range(SAMPLE_LINES):
        end = text.find(b"\n", end + 1)
        if end < 0:
            break
    sample = text[: end if end >= 0 else len(text)].decode("utf-8", "ignore")

    def merit(mark: str) -> tuple[float, int]:
        rows = [row for row in csv.reader(io.StringIO(sample), delimiter=mark) if row]
        width = len(rows[0])
        same = sum(len(row) == width for row in rows) / len(rows)
        return (same if width > 1 else 0.0, width)

    if b"\t" in text[: text.find(b"\n")] and merit("\t")[0] == 1.0:
        return "\t"  # free text may hold commas, hardly ever tabs
    try:
        return max(DELIMITERS, key=merit)
    except csv.Error:
        return ","


def _check_width(text: bytes, mark: str, file: str) -> None:
    width = text.count(mark.encode(), 0, text.find(b"\n")) + 1
    if width > limits()["columns"]:
        raise UnreadableInput(
            f"{file} has {width:,} columns; at most {limits()['columns']:,} are read.",
            where=f"{file}, header",
            cause="A matrix with genes in columns, or a file without line ends.",
            remedy="Transpose it (one row per gene), or keep only the columns that are needed.",
        )


def _check_cells(rows: int, columns: int, file: str) -> None:
    if rows * columns > limits()["cells"]:
        raise UnreadableInput(
            f"{file} is too large: {rows:,} rows and {columns:,} columns.",
            where=file,
            cause="Coley keeps a study in memory.",
            remedy="Keep the rows and columns that are needed, or convert the file to Parquet.",
        )


def _check_rows(
    text: bytes, records: Records, lines: list[int], names: list[str], mark: str, file: str
) -> tuple[Check, ...]:
    """Refuse rows with more fields than the header has names; note those with fewer."""
    import numpy as np

    long = [int(i) for i in np.flatnonzero(records.widths > len(names)) if i]
    worst = [
        i
        for i in long
        if text[records.starts[i] : records.ends[i]].rstrip(mark.encode()).count(mark.encode()) >= len(names)
    ]
    if worst:
        raise _ragged(file, [lines[i] for i in worst], len(names), int(records.widths[worst[0]]))
    blank = records.ends - records.starts == 0
    short = [int(i) for i in np.flatnonzero((records.widths < len(names)) & ~blank) if i]
    return (_short(file, [lines[i] for i in short], len(names)),) if short else ()


def _ragged(file: str, lines: list[int], wanted: int, found: int) -> UnreadableInput:
    return UnreadableInput(
        f"{len(lines)} rows of {file} have more fields than the header: {found} instead of {wanted}.",
        where=f"{file}, lines {naming(map(str, lines))}",
        cause="A delimiter within a value that is not quoted, or another delimiter than was found.",
        remedy="Put the value in quotation marks, or name the delimiter in study.toml.",
    )


def _short(file: str, lines: list[int], wanted: int) -> Check:
    return Check(
        "short_rows",
        "warn",
        f"{len(lines)} rows of {file} have fewer fields than the header ({wanted}); the rest is missing.",
        remedy="Check that their values stand in the right columns.",
        where=Where(file, tuple(lines[: limits()["lines_named"]])),
    )


def _frame(body: memoryview, names: list[str], mark: str, *, quoted: bool) -> pl.DataFrame:
    import polars as pl

    if not body:
        return pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    header = mark.join(f"c{i}" for i in range(len(names)))  # names that need no quotation
    frame = pl.read_csv(
        b"".join([header.encode(), b"\n", body]),
        infer_schema=False,
        separator=mark,
        quote_char='"' if quoted else None,
        truncate_ragged_lines=True,  # only empty fields are left beyond the header: see _check_rows
    )
    frame.columns = names
    return frame


def _row_by_row(text: bytes, mark: str, file: str, *, before: int, notes: tuple[Check, ...]) -> Delimited:
    """Read text whose quotation marks are in disorder, slowly and forgivingly."""
    import polars as pl

    csv.field_size_limit(limits()["field_bytes"])
    reader = csv.reader(io.StringIO(text.decode(), newline=""), delimiter=mark)
    names, found = clean_names(next(reader), file)
    rows: list[list[str | None]] = []
    lines: list[int] = []
    widths: Counter[int] = Counter()
    long: list[int] = []
    short: list[int] = []
    line = reader.line_num
    try:
        for row in reader:
            first, line = line + 1 + before, reader.line_num
            while len(row) > len(names) and not row[-1]:
                row.pop()
            if len(row) > len(names):
                long.append(first)
                widths[len(row)] += 1
            elif 0 < len(row) < len(names):
                short.append(first)
            rows.append(
                [value or None for value in islice(row, len(names))] + [None] * (len(names) - len(row))
            )
            lines.append(first)
    except csv.Error as error:
        raise UnreadableInput(
            f"{file} cannot be divided into fields.",
            where=f"{file}, line {line + 1 + before}",
            cause=f"A quotation mark that is never closed ({error}).",
            remedy="Remove or double the quotation mark.",
        ) from None
    if long:
        raise _ragged(file, long, len(names), widths.most_common(1)[0][0])
    if short:
        found += (_short(file, short, len(names)),)
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    frame, kept = drop_blank(frame, lines)
    return Delimited(frame, kept, (*notes, *found), mark)


def _too_large(path: Path, size: str) -> UnreadableInput:
    return UnreadableInput(
        f"{path.name} is too large: {size}; at most {limits()['text_bytes'] / 2**20:,.0f} MB are read.",
        where=str(path),
        cause="Coley keeps a study in memory.",
        remedy="Keep the columns that are needed, or convert the file to Parquet.",
    )
