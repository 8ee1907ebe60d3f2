"""One file, whatever its format, to a table of its own words, each row with its line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from coley.model.answer import Check
from coley.model.errors import UnreadableInput, nearest
from coley.read.facts import limits
from coley.read.kinds import HEAD, WORKBOOK_SUFFIXES, head_of, kind_of, suffix_of

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table as its file has it.

    Attributes
    ----------
    frame
        Text for delimited files and workbooks, so that leading zeros survive; typed for Parquet and SAS.
        An empty cell is null; other spellings of missing are left as they are unless `missing` named them.
    file
        Name for messages: "clinical.tsv.gz", "AllData.xlsx[Ravi_NSCLC]".
    first_line
        Line of the first row.
    notes
        What was noticed on the way (encoding, repeated column names, short rows).
    lines
        Line of each row, where they do not follow one another; empty where they do.
    delimiter
        Of delimited text.
    """

    frame: pl.DataFrame
    file: str
    first_line: int
    notes: tuple[Check, ...] = ()
    lines: Sequence[int] = ()
    delimiter: str = ""

    def line(self, row: int) -> int:
        """Return the line of a row; the first row is row 0."""
        return self.lines[row] if self.lines else self.first_line + row

    def filter(self, mask: pl.Series) -> RawTable:
        """Return the table with only the rows in which `mask` holds; they keep their lines."""
        kept = [self.line(row) for row in mask.arg_true().to_list()]
        return replace(self, frame=self.frame.filter(mask), lines=kept, first_line=kept[0] if kept else 2)

    def where(self) -> pl.Series:
        """Return "file:line" of every row."""
        import polars as pl

        lines = self.lines or range(self.first_line, self.first_line + self.frame.height)
        return f"{self.file}:" + pl.Series("_where", lines, dtype=pl.Int64).cast(pl.String)


def read_raw(
    path: str | Path,
    *,
    sheet: str | None = None,
    delimiter: str | None = None,
    comment: str | None = None,
    encoding: str = "",
    missing: Iterable[str] = (),
) -> RawTable:
    """Read one table from a file.

    Parameters
    ----------
    path
        Delimited text (also gzipped), XLSX, Parquet, SAS transport or SAS data set, told apart by
        content.
    sheet
        Of a workbook; its first sheet where not given.
    delimiter, encoding
        Of delimited text; found where not given.
    comment
        Lines before the header that begin with this are skipped.
    missing
        Spellings that become null at once.

    Raises
    ------
    UnreadableInput
        For a file that is not there, is empty, is none of these, or is too large.
    """
    path = Path(path)
    head = head_of(path)
    kind, title = kind_of(head)
    if kind == "text" or (kind == "gzip" and suffix_of(path) not in (".xlsx", ".parquet")):
        table = _text(path, delimiter=delimiter, comment=comment, encoding=encoding)
    elif kind in ("zip", "ole") and suffix_of(path) in WORKBOOK_SUFFIXES:
        table = _sheet(path, sheet)
    elif kind == "parquet":
        table = _parquet(path)
    elif kind in ("xpt", "sas7bdat"):
        table = _sas(path, kind)
    else:
        raise _foreign(path, kind, title)
    return _blank_out(table, missing)


def _text(path: Path, *, delimiter: str | None, comment: str | None, encoding: str) -> RawTable:
    from coley.read.text import parse, read_bytes

    data = read_bytes(path)
    kind, title = kind_of(data[:HEAD])
    if kind != "text":
        raise _foreign(path, kind, title)
    found = parse(data, path.name, delimiter=delimiter, comment=comment, encoding=encoding)
    return _table(found.frame, path.name, found.lines, notes=found.notes, delimiter=found.delimiter)


def _sheet(path: Path, sheet: str | None) -> RawTable:
    import polars as pl

    from coley.read.excel import list_sheets, read_sheet
    from coley.read.text import clean_names, drop_blank

    sheets = list_sheets(path)
    if sheet is None:
        sheet = sheets[0]
    elif sheet not in sheets:
        close = nearest(sheet, sheets)
        raise UnreadableInput(
            f"{path.name} has no sheet {sheet!r}.",
            where=f"sheets: {', '.join(sheets)}",
            remedy=f"Did you mean {close!r}?" if close else "Name one of its sheets.",
        )
    file = path.name if len(sheets) == 1 else f"{path.name}[{sheet}]"
    cells = read_sheet(path, sheet)
    cells, lines = drop_blank(cells, range(1, cells.height + 1))
    if not cells.height or not cells.width:
        raise UnreadableInput(f"{file} is empty.", where=file, remedy="Supply a sheet with a header row.")
    header = cells.row(0)
    names, notes = clean_names(header, file)
    frame = cells[1:].rename(dict(zip(cells.columns, names, strict=True)))
    unnamed = [name for name, given in zip(names, header, strict=True) if given is None]
    frame = frame.drop(name for name in unnamed if frame[name].null_count() == frame.height)
    return _table(frame.with_columns(pl.all().cast(pl.String)), file, list(lines)[1:], notes=notes)


def _parquet(path: Path) -> RawTable:
    import polars as pl

    try:
        lazy = pl.scan_parquet(path)
        width, height = len(lazy.collect_schema()), int(lazy.select(pl.len()).collect().item())
        if width * height > limits()["cells"] * 4:  # numbers take a quarter of the memory that text takes
            raise UnreadableInput(
                f"{path.name} is too large: {height:,} rows and {width:,} columns.",
                where=str(path),
                cause="Coley keeps a study in memory.",
                remedy="Keep the rows and columns that are needed.",
            )
        frame = lazy.collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnreadableInput(
            f"{path.name} is a Parquet file that cannot be read.",
            where=str(path),
            cause=str(error).splitlines()[0],
        ) from None
    return RawTable(frame, path.name, 1)


def _sas(path: Path, kind: str) -> RawTable:
    import pyreadstat

    if path.stat().st_size > limits()["text_bytes"]:
        raise UnreadableInput(f"{path.name} is too large.", where=str(path), remedy="Keep what is needed.")
    reader = pyreadstat.read_xport if kind == "xpt" else pyreadstat.read_sas7bdat
    try:
        frame, _ = reader(str(path), output_format="polars")
    except (pyreadstat.ReadstatError, UnicodeDecodeError, ValueError) as error:
        raise UnreadableInput(
            f"{path.name} is a SAS file that cannot be read.", where=str(path), cause=str(error)
        ) from None
    return RawTable(frame, path.name, 1)


def _table(
    frame: pl.DataFrame, file: str, lines: Sequence[int], *, notes: tuple[Check, ...], delimiter: str = ""
) -> RawTable:
    first = lines[0] if len(lines) else 2
    in_turn = not len(lines) or lines[-1] - first == len(lines) - 1
    return RawTable(frame, file, first, notes, () if in_turn else lines, delimiter)


def _blank_out(table: RawTable, missing: Iterable[str]) -> RawTable:
    import polars as pl
    import polars.selectors as cs

    spellings = {spelling.strip().lower() for spelling in missing}
    if not spellings:
        return table
    text = cs.string()
    frame = table.frame.with_columns(
        pl.when(~text.str.strip_chars().str.to_lowercase().is_in(sorted(spellings))).then(text).name.keep()
    )
    return replace(table, frame=frame)


def _foreign(path: Path, kind: str, title: str) -> UnreadableInput:
    if kind == "lfs":
        return UnreadableInput(
            f"{path.name} is {title}.",
            where=str(path),
            cause="The repository was cloned without git-LFS, which keeps large files elsewhere.",
            remedy="Run `git lfs pull` in the clone, or download the file itself.",
        )
    remedy = (
        "Unpack it and name the table inside." if kind in ("zip", "bzip2", "xz", "zstd", "7z", "rar") else ""
    )
    return UnreadableInput(
        f"{path.name} is {title}, not a table that Coley reads.",
        where=str(path),
        remedy=remedy or "Export the table as CSV, TSV, XLSX or Parquet.",
    )
