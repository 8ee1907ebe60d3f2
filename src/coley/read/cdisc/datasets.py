"""The data sets of a CDISC folder: recognised by their variables, read as text, none counted twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coley.model.answer import Check, Where
from coley.model.errors import UnreadableInput
from coley.read.cdisc.facts import kinds
from coley.read.facts import limits
from coley.read.header import header_of
from coley.read.kinds import TABLE_SUFFIXES, files_in, naming, suffix_of
from coley.read.raw import RawTable, read_raw
from coley.read.words import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import polars as pl

STANDARD = (
    "STUDYID",
    "DOMAIN",
    "PARAMCD",
)  # one of them is in every CDISC data set, and hardly anywhere else
SUBJECT = "USUBJID"
_BLANK = frozenset(("", "."))  # how SAS writes a missing value
_BLANK_IN_TEXT = _BLANK | {"na"}  # how R does; no variable that is read has NA among its terms


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One file of a data set: its path and its cells as text, missing is null."""

    path: Path
    raw: RawTable


@dataclass(frozen=True, slots=True)
class Datasets:
    """The data sets of a study: name to files, and what was noticed."""

    parts: Mapping[str, tuple[Part, ...]]
    notes: tuple[Check, ...]

    def get(self, *names: str) -> tuple[str, tuple[Part, ...]]:
        """Return the first of the named data sets that is there, with its files."""
        for name in names:
            if name in self.parts:
                return name, self.parts[name]
        return "", ()


def dataset_of(path: Path) -> str:
    """Return which data set a file is, by its variables; "" where it is none that is read."""
    variables = header_of(path)
    if not set(STANDARD).intersection(variables):
        return ""
    return next((kind.name for kind in kinds().values() if kind.fits(variables, path.name)), "")


def candidates(path: Path) -> list[Path]:
    """Return the files that may be data sets."""
    if path.is_file():
        return [path]
    files = [file for file in files_in(path) if suffix_of(file) in TABLE_SUFFIXES]
    return files[: limits()["tables_in_folder"]]


def load(path: Path) -> Datasets:
    """Read the data sets of a file or folder.

    Raises
    ------
    UnreadableInput
        For a file that is known as a data set and cannot be read.
    """
    found: dict[str, list[Part]] = {}
    others: list[str] = []
    for file in candidates(path):
        name = dataset_of(file)
        if name and name != "SUPP":
            found.setdefault(name, []).append(Part(file, _as_words(read_raw(file))))
        else:
            others.append(file.name)
    notes: list[Check] = []
    if others:
        message = f"Not read, because they are no data sets of a kind that is read: {naming(others)}."
        notes.append(Check("datasets_not_read", "pass", message))
    parts: dict[str, tuple[Part, ...]] = {}
    for name, several in found.items():
        parts[name], more = _together(name, several)
        notes += more
    return Datasets(parts, tuple(notes))


def _as_words(raw: RawTable) -> RawTable:
    import polars as pl

    blank = _BLANK_IN_TEXT if raw.delimiter else _BLANK
    frame = pl.DataFrame([words(column, blank, column=column.name) for column in raw.frame])
    if SUBJECT in frame.columns and frame[SUBJECT].null_count():
        missing = frame[SUBJECT].is_null()
        raise UnreadableInput(
            f"{raw.file} has {missing.sum()} rows without {SUBJECT}.",
            where=f"{raw.file}, lines {naming(str(raw.line(row)) for row in missing.arg_true())}",
            remedy="Fill in the subject: rows are joined by it and never by position.",
        )
    return replace(raw, frame=frame)


def _together(name: str, parts: Sequence[Part]) -> tuple[tuple[Part, ...], list[Check]]:
    """Keep all files of a data set that was split; of files that share rows, keep the one with most subjects."""
    if len(parts) == 1:
        return tuple(parts), []
    kept: list[Part] = []
    seen: set[tuple[str | None, ...]] = set()
    for part in sorted(parts, key=lambda part: (part.raw.frame[SUBJECT].n_unique(), part.raw.frame.height))[
        ::-1
    ]:
        keys = _keys(name, part.raw.frame)
        if seen.isdisjoint(keys):
            kept.append(part)
            seen |= keys
    kept = [part for part in parts if part in kept]
    rest = [part for part in parts if part not in kept]
    notes: list[Check] = []
    if len(kept) > 1:
        message = f"{name} lies in {len(kept)} files without a common row: {_names(kept)}; all were read."
        notes.append(Check("dataset_split", "pass", message))
    if rest:
        note = Check(
            "dataset_versions",
            "warn",
            f"{len(parts)} files hold the data set {name} and share rows; {_names(kept)} was read, with the most "
            f"subjects. Left out: {_names(rest)}.",
            cause="Versions of one data set, or assessments by different criteria.",
            remedy="Move the files that are not wanted to another folder.",
            where=Where(kept[0].path.name),
        )
        notes.append(note)
    return tuple(kept), notes


def _keys(name: str, frame: pl.DataFrame) -> set[tuple[str | None, ...]]:
    """Return what tells the rows apart: the sequence number; in analysis data the parameter and its date too."""
    names = [f"{name[-2:]}SEQ"] + (["ASEQ", "PARAMCD", "AVISITN", "ADT"] if len(name) > 2 else [])
    return set(frame.select(SUBJECT, *(column for column in names if column in frame.columns)).iter_rows())


def _names(parts: Sequence[Part]) -> str:
    return naming(part.path.name for part in parts)
