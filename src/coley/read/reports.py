"""Spontaneous reports as tables of a study: what fits in memory; the rest is for `coley signals`."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from coley.model.answer import Check, Where
from coley.model.errors import ColeyError, UnreadableInput
from coley.model.study import About, Study
from coley.read.format import Format
from coley.read.kinds import TABLE_SUFFIXES, files_in, suffix_of
from coley.read.sources import sources

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from coley.vigilance.reading import ReadingLog

MOST_ROWS = (
    5_000_000  # drug rows of about a million reports: some 2 GiB as frames, which is what Coley may use
)
HEAD = 1 << 16  # bytes by which a file is recognised
SUFFIXES = (*TABLE_SUFFIXES, ".zip")
# Headers that number reports and nothing else; "id" and "case_id" may be those of patients.
REPORT_KEYS = frozenset({"primaryid", "caseid", "isr", "safetyreportid", "report_id", "reportid"})
QUARTER = re.compile(
    r"(?:demo|drug|reac)\d\dq[1-4].*\.txt|(?:faers|aers)_ascii_\d{4}q[1-4].*\.zip", re.IGNORECASE
)


def frames_of(path: Path) -> tuple[dict[str, pl.DataFrame], tuple[Check, ...]]:
    """Return the tables reports, report_drugs, report_reactions ... of a file or folder, and what was found.

    Raises
    ------
    UnreadableInput
        Where nothing is recognised, or where there are more reports than memory should hold.
    """
    import polars as pl

    from coley.vigilance.reading import read_reports
    from coley.vigilance.schema import RAW

    with tempfile.TemporaryDirectory(prefix="coley-reports-") as scratch:
        store = Path(scratch) / "store"
        log = read_reports(path, store)
        if log.rows["drugs"] > MOST_ROWS:
            raise UnreadableInput(
                f"{log.rows['drugs']:,} drugs of reports are too many for the tables of a study.",
                where=str(path),
                remedy=f"Use `coley signals {path.name}`, which needs no more memory for more reports.",
            )
        frames = {
            name if name == "reports" else f"report_{name}": pl.read_parquet(store / name / "*.parquet")
            for name in RAW
            if log.rows[name]
        }
    return frames, (*notes_of(log), *remarks_of(log))


def notes_of(log: ReadingLog) -> tuple[Check, ...]:
    """Return what reading dropped, each with the lines it stood in, and what was wrong with whole files."""
    problems = [
        Check("reports", "fail", note.what, note.remedy, note.cause, Where(file=note.where))
        for note in log.problems
    ]
    dropped = [
        Check(
            "reports_dropped",
            "warn",
            f"{file.name}: {tally.count:,} {'line' if tally.count == 1 else 'lines'} dropped: {tally.reason}.",
            "Mend these lines in the file, if they matter.",
            where=Where(file.name, tally.lines, values=(tally.example,) if tally.example else ()),
        )
        for file in log.files
        if file.used
        for tally in file.dropped
    ]
    return (*problems, *dropped)


def remarks_of(log: ReadingLog) -> tuple[Check, ...]:
    """Return what a format cannot tell, and which files were left alone."""
    return tuple(
        Check("reading", "pass", f"{note.where}: {note.what}", note.remedy, note.cause)
        for note in log.notes
        if note.level == "note"
    )


def _sniff(path: Path) -> bool:
    """Say whether files are named as quarters of FAERS, or a header is one of reports."""
    files = files_in(path) if path.is_dir() else (path,)
    if any(QUARTER.fullmatch(file.name) for file in files):
        return True
    return _by_header(files, alone=not path.is_dir())


def _by_header(files: Sequence[Path], *, alone: bool) -> bool:
    from coley.vigilance.reading.formats import ANY_TABLE, FORMATS
    from coley.vigilance.reading.limits import Limits
    from coley.vigilance.reading.rows import header_of
    from coley.vigilance.reading.sources import find

    limits = Limits()
    for file in files:
        if suffix_of(file) not in SUFFIXES or file.name.startswith("."):
            continue
        for entry in find([file], file / "no store").entries:
            try:
                head = entry.head(limits, HEAD)
                claimed = next((name for name, known in FORMATS.items() if known.claim(entry, head)), "")
                names = set(header_of(entry, head).names)
            except (ColeyError, OSError):
                continue
            # A table that merely names a drug and an event may be one of patients: it must number reports, too.
            if claimed and (claimed != ANY_TABLE or (alone and names & REPORT_KEYS)):
                return True
    return False


def _read(path: Path) -> Study:
    frames, notes = frames_of(path)
    read = [(file, "reports") for file in (files_in(path) if path.is_dir() else (path,))]
    root = path if path.is_dir() else path.parent
    return Study(path.resolve().name.split(".")[0], frames, About(), sources(read, root), notes)


REPORTS = Format(
    name="reports",
    title="spontaneous reports: FAERS or AERS, VAERS, an export of the dashboard, DiAna's tables",
    looks_for="spontaneous reports (DEMO17Q2.txt ..., 2021VAERSDATA.csv ..., an export of the FAERS dashboard, tables "
    "of DiAna, one table with a number of the report, drug and event)",
    sniff=_sniff,
    read=_read,
)
