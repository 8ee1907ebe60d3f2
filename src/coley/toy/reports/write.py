"""Relations to quarterly ASCII files in the layouts of AERS and FAERS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.toy.reports.layouts import FILES, layout_of, written_columns

if TYPE_CHECKING:
    import polars as pl

NEWLINES = ("\n", "\r\n")


class QuarterFiles:
    """The files of a database, to which parts are appended; what an earlier run left there is replaced.

    Parameters
    ----------
    folder
        Where one folder a quarter is made, `faers_ascii_2013Q1/ascii/DEMO13Q1.txt`, or `aers_ascii_...` with
        `.TXT` for the layouts before 2012Q4.
    newline
        CRLF as FDA has it, or LF.
    padded
        Whether columns that no analysis reads are filled too.
    """

    def __init__(self, folder: Path, *, newline: str = "\r\n", padded: bool = True) -> None:
        if newline not in NEWLINES:
            raise InvalidSetting(f"Lines cannot end in {newline!r}.", remedy=r"Use '\n' or '\r\n'.")
        self.folder, self.newline, self.padded = folder, newline, padded
        self.begun: set[Path] = set()

    def append(self, frames: Mapping[str, pl.DataFrame]) -> None:
        """Append the relations of `schema.RAW`; each row goes to the quarter of its report."""
        import polars as pl

        reports = frames["reports"]
        quarters = reports["quarter"].unique().sort()
        place = pl.DataFrame({"quarter": quarters, "at": np.arange(len(quarters))})
        reports = reports.join(place, on="quarter", maintain_order="left")
        keys = reports.select("report_id", "case_id", "at")
        for file, relation in FILES.items():
            frame = reports
            if relation != "reports":
                frame = frames[relation].join(keys, on="report_id", maintain_order="left")
            if not frame["at"].is_sorted():
                frame = frame.sort("at", maintain_order=True)
            text = written_columns(relation, frame, padded=self.padded)
            edges = frame["at"].search_sorted(np.arange(len(quarters) + 1), side="left").to_numpy()
            for quarter, start, end in zip(quarters, edges[:-1], edges[1:], strict=True):
                self._write(quarter, file, text[start:end])

    def withdraw(self, case_ids: pl.Series, quarter: str) -> None:
        """Write the list of withdrawn cases, which comes with one quarter."""
        if layout_of(quarter).legacy:
            return
        path = self.folder_of(quarter) / "Deleted" / f"ADR{quarter[2:]}DeletedCases.txt"
        with self._opened(path) as handle:
            handle.write("".join(f"{case}{self.newline}" for case in case_ids).encode())

    def folder_of(self, quarter: str) -> Path:
        """Return the folder of a quarter."""
        era = "aers" if layout_of(quarter).legacy else "faers"
        return self.folder / f"{era}_ascii_{quarter}"

    def _write(self, quarter: str, file: str, text: pl.DataFrame) -> None:
        import polars as pl

        layout = layout_of(quarter)
        path = self.folder_of(quarter) / "ascii" / f"{file}{quarter[2:]}.{'TXT' if layout.legacy else 'txt'}"
        empty = pl.lit(None, pl.String)
        wanted = [
            (pl.col(name.lower()) if name.lower() in text.columns else empty).alias(name)
            for name in layout.columns[file]
        ]
        closing = [empty.alias("")] if layout.legacy else []
        with self._opened(path, layout.columns[file]) as handle:
            text.select(*wanted, *closing).write_csv(
                handle, include_header=False, separator="$", quote_style="never", line_terminator=self.newline
            )

    def _opened(self, path: Path, header: tuple[str, ...] = ()) -> FileIO:
        """Return a file at its end; new ones begin with their header. None stays open: there are hundreds."""
        if path in self.begun:
            return path.open("ab", buffering=0)
        self.begun.add(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.open("wb", buffering=0)  # the frame is written past any buffer of ours
        if header:
            handle.write(("$".join(header) + self.newline).encode())
        return handle


def write_faers(
    folder: Path,
    frames: Mapping[str, pl.DataFrame],
    *,
    newline: str = "\r\n",
    zipped: bool = False,
    padded: bool = True,
) -> list[Path]:
    """Write a database as quarterly ASCII files: reading them back gives the same relations.

    Parameters
    ----------
    folder
        Where to write; it is made.
    frames
        The relations of `schema.RAW`; text must hold neither a dollar sign nor a line break. Columns that the
        layout of a quarter does not have are not written.
    newline
        CRLF as FDA has it, or LF.
    zipped
        One zip a quarter instead of a folder.
    padded
        Whether columns that no analysis reads (lot numbers, forms, licence numbers) are filled too.

    Returns
    -------
    The folder, or the zip, of each quarter.

    Raises
    ------
    InvalidSetting
        For a line ending that no extract has.

    Notes
    -----
    Withdrawn cases come as a list with the last quarter, as FDA publishes them; AERS had no such list. Ages are
    written in years, some in decades or months; durations in days or weeks; all of them give the same number back.

    Examples
    --------
    >>> import tempfile
    >>> from coley.toy.reports import ReportDesign, simulate_reports
    >>> toy = simulate_reports(ReportDesign(n_cases=50, quarters=2))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in write_faers(Path(folder), toy.raw)]
    ['faers_ascii_2013Q1', 'faers_ascii_2013Q2']
    """
    quarters = frames["reports"]["quarter"].unique().sort().to_list()
    files = QuarterFiles(folder, newline=newline, padded=padded)
    files.append(frames)
    files.withdraw(frames["deleted"]["case_id"], quarters[-1])
    written = [files.folder_of(quarter) for quarter in quarters]
    return [_zip(path) for path in written] if zipped else written


def _zip(folder: Path) -> Path:
    """Replace a folder by a zip of the same name, with a fixed time so that equal files give equal zips."""
    import zipfile

    target = folder.with_name(folder.name + ".zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in _inside(folder):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), (2026, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as sink:
                while block := source.read(1 << 20):
                    sink.write(block)
            path.unlink()
    for path in sorted((p for p in folder.rglob("*") if p.is_dir()), reverse=True):
        path.rmdir()
    folder.rmdir()
    return target


def _inside(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file())
