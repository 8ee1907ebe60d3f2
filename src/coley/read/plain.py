"""Tables without a manifest: each file or sheet is known by its columns; several of patients are cohorts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coley.model.answer import Check, Level, Where
from coley.model.dictionary import tables as dictionary_tables
from coley.model.errors import UnreadableInput
from coley.model.study import WHERE_COLUMN, Study
from coley.read.columns import candidates
from coley.read.facts import limits
from coley.read.findings import merged
from coley.read.format import Format
from coley.read.kinds import (
    TABLE_SUFFIXES,
    WORKBOOK_SUFFIXES,
    describe,
    files_in,
    head_of,
    kind_of,
    naming,
    stem_of,
    suffix_of,
)
from coley.read.mapping import OWN_NAME, canonical
from coley.read.raw import RawTable, read_raw
from coley.read.sources import sources

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import polars as pl

NOTES_SHOWN = 3  # what was found instead; more would hide the message
MATCHES = 2  # recognised columns, one of them the key, by which a table among several is known


@dataclass(frozen=True, slots=True)
class _Part:
    """A file or sheet, what it was recognised as, and the cohort it would be."""

    path: Path
    cohort: str
    raw: RawTable
    table: str


def sniff(path: Path) -> bool:
    """Say whether the file, or any file of the folder, may hold a table."""
    if path.is_file():
        return suffix_of(path) in TABLE_SUFFIXES or kind_of(head_of(path))[0] in ("text", "parquet", "lfs")
    return any(suffix_of(file) in TABLE_SUFFIXES for file in files_in(path))


def read(path: Path) -> Study:
    """Return the study in a file, or in the files of a folder, recognised by their columns.

    Raises
    ------
    UnreadableInput
        Where no table of patients is recognised, or two that may hold the same patients.
    """
    files = [path] if path.is_file() else _table_files(path)
    parts: list[_Part] = []
    notes: list[Check] = []
    for file in files:
        try:
            for part in _parts(file, alone=path.is_file()):
                if part.table:
                    parts.append(part)
                else:
                    notes.append(_unknown(part))
        except UnreadableInput as error:
            if path.is_file():
                raise
            notes.append(_unreadable(file, error))
    if path.is_dir():
        parts, left = _settle(parts)
        notes += left
    patients = [part for part in parts if part.table == "patients"]
    if not patients:
        raise _no_patients(path, files, notes)
    frame, found = _cohorts(patients, linked=len(parts) > len(patients))
    notes += found
    frames = {"patients": frame}
    for part in parts:
        if part.table == "patients":
            continue
        if part.table in frames:
            notes.append(_second(part))
            continue
        frames[part.table], more = canonical(part.raw, part.table)
        notes += more
    opened = [(part.path, part.table) for part in parts]
    folder = path.parent if path.is_file() else path
    name = stem_of(path) if path.is_file() else path.resolve().name
    return Study(name, frames, sources=sources(opened, folder), notes=tuple(merged(notes)))


def recognise(columns: Sequence[str], *, least: int = 1) -> str:
    """Return the table of the dictionary that a header most likely belongs to, or "".

    Parameters
    ----------
    columns
        The header.
    least
        Number of columns that must be recognised.

    Examples
    --------
    >>> recognise(["USUBJID", "AEDECOD", "AETOXGR", "AESTDY"])
    'adverse_events'
    >>> recognise(["date", "camera"])
    ''
    """
    best, most = "", least - 1
    for name, table in dictionary_tables().items():
        found = candidates(table, columns)
        different = len({matches[0].map.column for matches in found.values()})
        telling = len(table.required) > MATCHES or set(found) & set(
            table.role("measure", "outcome", "baseline")
        )
        if all(column in found for column in table.required) and (telling or least == 1) and different > most:
            best, most = name, different
    return best


def _table_files(folder: Path) -> list[Path]:
    files = [file for file in files_in(folder) if suffix_of(file) in TABLE_SUFFIXES]
    return files[: limits()["tables_in_folder"]]


def _parts(file: Path, *, alone: bool) -> Iterator[_Part]:
    if suffix_of(file) in WORKBOOK_SUFFIXES and kind_of(head_of(file))[0] in ("zip", "ole"):
        from coley.read.excel import list_sheets

        sheets: Sequence[str | None] = list_sheets(file)
    else:
        sheets = (None,)
    for sheet in sheets:
        try:
            raw = read_raw(file, sheet=sheet)
        except UnreadableInput:
            if len(sheets) == 1:
                raise
            continue  # an empty sheet among others
        least = 1 if alone and len(sheets) == 1 else MATCHES
        yield _Part(file, sheet or stem_of(file), raw, recognise(raw.frame.columns, least=least))


def _settle(parts: list[_Part]) -> tuple[list[_Part], list[Check]]:
    """Decide which of several files are tables of patients, and which merely name patients.

    A table of patients has one row each, and outcomes where any file has them; a file about patients of
    another file that has more outcomes is no cohort of its own.
    """
    patients = [part for part in parts if part.table == "patients"]
    if len(patients) < 2:
        return parts, []
    known = dictionary_tables()["patients"]
    outcomes = set(known.role("outcome"))
    found = [candidates(known, part.raw.frame.columns) for part in patients]
    ids = [
        part.raw.frame[str(names["patient_id"][0].map.column)].cast(str)
        for part, names in zip(patients, found, strict=True)
    ]
    n_outcomes = [len(outcomes & set(names)) for names in found]
    single = [i for i in range(len(patients)) if not ids[i].is_duplicated().any()]
    if not single:
        return parts, []
    most = max(n_outcomes[i] for i in single)
    main = next(i for i in single if n_outcomes[i] == most)
    chosen = [
        patients[i]
        for i in single
        if n_outcomes[i] == most
        or (n_outcomes[i] and _workbook(patients[i]) == _workbook(patients[main]))  # sheets stay cohorts
        or (n_outcomes[i] and not ids[i].is_in(ids[main].to_list()).any())
    ]
    left = [part for part in patients if part not in chosen]
    return [part for part in parts if part not in left], [_beside(part) for part in left]


def _workbook(part: _Part) -> str:
    return part.raw.file.partition("[")[0]


def _beside(part: _Part) -> Check:
    return Check(
        "table_left_out",
        "warn",
        f"{part.raw.file} holds patient ids, but several rows per patient or no outcomes; it was left out.",
        remedy='Say in a study.toml what it is, or join it (combine = "join").',
        where=Where(part.raw.file),
    )


def _cohorts(parts: Sequence[_Part], *, linked: bool) -> tuple[pl.DataFrame, list[Check]]:
    """Stack the tables of patients as cohorts; patients of two cohorts with the same id are told apart."""
    import polars as pl

    if len(parts) == 1:
        frame, notes = canonical(parts[0].raw, "patients")
        return frame, list(notes)
    frames: list[pl.DataFrame] = []
    found: list[Check] = []
    for part in parts:
        frame, notes = canonical(part.raw, "patients")
        if "cohort" in frame.columns:
            frame = frame.rename({"cohort": f"cohort{OWN_NAME}"})
        frames.append(frame.insert_column(1, pl.lit(part.cohort).alias("cohort")))
        found += notes
    stacked = pl.concat(frames, how="diagonal_relaxed")
    ids = stacked["patient_id"]
    repeated = int(ids.is_duplicated().sum())
    names = naming(part.cohort for part in parts)
    several = len({part.path for part in parts}) > 1
    if repeated and several:
        raise UnreadableInput(
            f"Several files hold tables of patients, and {repeated} rows share a patient_id across them.",
            where=naming(dict.fromkeys(part.path.name for part in parts)),
            cause="Versions of one table, parts of one table, or cohorts that number their patients alike.",
            remedy="Write a study.toml that says how they belong together (combine), or keep one of them.",
        )
    if repeated and linked:
        raise UnreadableInput(
            "Patients of different sheets share ids, so that the other tables cannot be linked to them.",
            where=names,
            remedy="Give each patient an id of their own, or read the sheets one by one with a study.toml.",
        )
    if repeated:
        stacked = stacked.with_columns(patient_id=pl.concat_str("cohort", pl.lit(":"), "patient_id"))
    file = parts[0].path.name
    found.append(
        Check(
            "cohorts",
            "warn" if repeated or several else "pass",
            f"{len(parts)} tables of patients were stacked as cohorts: {names}."
            + (" Their ids collide and were prefixed with the cohort." if repeated else ""),
            cause="Ids that are row numbers say nothing about who a patient is." if repeated else "",
            remedy="Make sure that no patient is in two cohorts before pooling them.",
            where=Where(file, (), "patient_id"),
        )
    )
    return stacked.select(*(c for c in stacked.columns if c != WHERE_COLUMN), WHERE_COLUMN), found


def _unknown(part: _Part) -> Check:
    return Check(
        "table_not_recognised",
        "pass" if suffix_of(part.path) == ".txt" else "warn",  # as often prose as a table
        f"{part.raw.file} was not recognised as any table; its columns: {naming(part.raw.frame.columns)}.",
        remedy="Name it in a study.toml where it is wanted.",
        where=Where(part.raw.file),
    )


def _second(part: _Part) -> Check:
    return Check(
        "table_twice",
        "warn",
        f"{part.raw.file} looks like a second table {part.table}; it was left out.",
        remedy="Say in a study.toml how the two belong together.",
        where=Where(part.raw.file),
    )


def _unreadable(file: Path, error: UnreadableInput) -> Check:
    level: Level = "pass" if suffix_of(file) == ".txt" else "warn"  # as often prose as a table
    return Check("file_not_read", level, error.what, error.remedy, error.cause, Where(file.name))


def _no_patients(path: Path, files: Sequence[Path], notes: Sequence[Check]) -> UnreadableInput:
    seen = " ".join(note.message for note in notes[:NOTES_SHOWN])
    held = describe(files_in(path) if path.is_dir() else files)
    return UnreadableInput(
        f"No table of patients was recognised in {path.name}.",
        where=f"{path}: {held}",
        cause=f"Looked for a column of patient ids (patient_id, subject, USUBJID ...). {seen}".strip(),
        remedy="Write a study.toml that names the file and its columns, or name them as the dictionary does.",
    )


PLAIN = Format(
    name="plain",
    title="Plain tables",
    looks_for="CSV, TSV, XLSX, Parquet or SAS tables whose columns say what they are",
    sniff=sniff,
    read=read,
)
