"""The clinical files of a cBioPortal study to the tables of patients and samples."""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from coley.model.errors import UnreadableInput
from coley.read.columns import ColumnMap
from coley.read.findings import Place
from coley.read.header import first_lines
from coley.read.kinds import head_of, kind_of, naming
from coley.read.mapping import canonical
from coley.read.raw import RawTable, read_raw
from coley.read.words import blank_out, spellings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import polars as pl

    from coley.model.answer import Check

PATIENT, SAMPLE = "PATIENT_ID", "SAMPLE_ID"
HEADER_LINES = 4  # display names, descriptions, types, priorities
RESERVED = ("MUTATION_COUNT", "FRACTION_GENOME_ALTERED")  # computed by the portal, and not by the study


@cache
def attributes(table: str) -> Mapping[str, tuple[str, ...]]:
    """Return, for each column of a table, the attributes that may hold it, best first.

    Examples
    --------
    >>> attributes("patients")["os_event"]
    ('OS_STATUS',)
    """
    text = files("coley.read").joinpath("resources", "cbioportal_attributes.csv").read_text(encoding="utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for row in csv.DictReader(text.splitlines()):
        if row["table"] == table:
            found[row["column"]] = (*found.get(row["column"], ()), row["attribute"])
    return found


def read_clinical(path: Path, key: str) -> tuple[RawTable, tuple[Check, ...]]:
    """Read a clinical file: its attributes in capitals, every spelling of missing as null.

    Parameters
    ----------
    path
        The file.
    key
        PATIENT_ID or SAMPLE_ID, which must be there once a row.

    Raises
    ------
    UnreadableInput
        Where the key is absent, empty or repeated.
    """
    raw = read_raw(path, delimiter="\t", comment="#")
    names = [name.strip().upper() for name in raw.frame.columns]
    frame = blank_out(raw.frame.rename(dict(zip(raw.frame.columns, names, strict=True))), spellings())
    raw = replace(raw, frame=frame)
    for name in {key, PATIENT}:
        if name not in names:
            raise UnreadableInput(
                f"{raw.file} has no column {name}.",
                where=f"{raw.file}; its columns: {naming(names)}",
                cause="Another file, or a header that is not on the line after the four that begin with #.",
            )
    ids = frame[key]
    for bad, what in (
        (ids.is_null(), f"no {key}"),
        (ids.is_duplicated() & ids.is_not_null(), f"a {key} of another row"),
    ):
        if bad.any():
            lines = naming(str(raw.line(row)) for row in bad.arg_true())
            raise UnreadableInput(
                f"{bad.sum()} rows of {raw.file} have {what}.",
                where=f"{raw.file}, lines {lines}",
                remedy=f"Give each {'patient' if key == PATIENT else 'sample'} one row.",
            )
    return raw, _check_header(path, raw)


def patients_of(patient: RawTable | None, sample: RawTable) -> tuple[pl.DataFrame, tuple[Check, ...]]:
    """Return the table of patients: the patient file, with what all samples of a patient agree upon."""
    notes: list[Check] = []
    if patient is None:
        first = sample.frame[PATIENT].is_first_distinct()
        patient = sample.filter(first)
        patient = replace(patient, frame=patient.frame.select(PATIENT))
        message = "There is no patient file; the patients are those of the samples."
        notes.append(Place(sample, PATIENT).check("no_patient_file", "pass", message))
    strangers = sorted(set(sample.frame[PATIENT].drop_nulls()) - set(patient.frame[PATIENT]))
    if strangers:
        message = f"{len(strangers)} patients have samples and no row in {patient.file}: {naming(strangers)}."
        notes.append(Place(sample, PATIENT).check("samples_of_unknown_patients", "warn", message))
    shared, found = _agreed(sample, patient)
    frame = patient.frame.join(shared, on=PATIENT, how="left", maintain_order="left")
    raw = replace(patient, frame=frame, notes=())
    table, more = canonical(raw, "patients", _columns(frame, "patients"), guess=False)
    return table, (*notes, *found, *_disease_free(raw), *more)


def samples_of(sample: RawTable, assayed: frozenset[str] | None) -> tuple[pl.DataFrame, tuple[Check, ...]]:
    """Return the table of samples, `sequenced` as the case lists say: null where none does."""
    import polars as pl

    flag = pl.lit(None, pl.String)
    if assayed is not None:
        flag = pl.col(SAMPLE).is_in(sorted(assayed)).cast(pl.String)
    frame = sample.frame.with_columns(sequenced=flag)
    columns = {**_columns(frame, "samples"), "sequenced": ColumnMap(column="sequenced")}
    return canonical(replace(sample, frame=frame), "samples", columns, guess=False)


def _columns(frame: pl.DataFrame, table: str) -> dict[str, ColumnMap | str]:
    found: dict[str, ColumnMap | str] = {}
    for column, names in attributes(table).items():
        held = [name for name in names if name in frame.columns and frame[name].null_count() < frame.height]
        if held:
            found[column] = ColumnMap(column=held[0])
    return found


def _agreed(sample: RawTable, patient: RawTable) -> tuple[pl.DataFrame, list[Check]]:
    """Return the attributes of samples by patient, null where the samples of a patient differ."""
    import polars as pl

    frame = sample.frame
    names = [name for name in frame.columns if name not in (PATIENT, SAMPLE, *patient.frame.columns)]
    by_patient = frame.group_by(PATIENT, maintain_order=True).agg(
        *(pl.col(name).drop_nulls().first().alias(name) for name in names),
        *(pl.col(name).drop_nulls().n_unique().alias(f"\0{name}") for name in names),
    )
    differ = {
        name: int((by_patient[f"\0{name}"] > 1).sum())
        for name in names
        if (by_patient[f"\0{name}"] > 1).any()
    }
    agreed = by_patient.select(
        PATIENT, *(pl.when(pl.col(f"\0{name}") <= 1).then(pl.col(name)).alias(name) for name in names)
    )
    if not differ:
        return agreed, []
    known = {name for several in attributes("patients").values() for name in several}
    telling = {name: n for name, n in differ.items() if name in known} or differ
    listed = naming(f"{name} ({n} patients)" for name, n in telling.items())
    note = Place(sample, naming(telling)).check(
        "samples_differ",
        "warn",
        f"Samples of one patient differ in {listed}; for these patients the value is missing. The samples keep theirs.",
        remedy="Keep one sample per patient (before treatment), or use the table of samples.",
    )
    return agreed, [note]


def _disease_free(raw: RawTable) -> tuple[Check, ...]:
    """Disease-free survival is another endpoint, of patients without tumour, and does not stand in for PFS."""
    columns = raw.frame.columns
    if "DFS_MONTHS" not in columns or "PFS_MONTHS" in columns:
        return ()
    message = (
        "DFS_MONTHS and DFS_STATUS were kept as covariates: disease-free is not progression-free survival."
    )
    return (Place(raw, "DFS_MONTHS").check("disease_free_survival", "pass", message),)


def _check_header(path: Path, raw: RawTable) -> tuple[Check, ...]:
    place = Place(raw, "")
    notes: list[Check] = []
    kind, _ = kind_of(head_of(path))
    lines = first_lines(path, gzipped=kind == "gzip", most=1 << 20)
    marked = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    if marked != HEADER_LINES:
        message = (
            f"{raw.file} has {marked} lines that begin with #, where the format wants {HEADER_LINES} (names, "
            "descriptions, types, priorities)."
        )
        notes.append(place.check("clinical_header", "warn", message, remedy="Nothing was read from them."))
    reserved = [name for name in RESERVED if name in raw.frame.columns]
    if reserved:
        message = f"{raw.file} has {naming(reserved)}, which the portal computes itself; kept as a covariate."
        notes.append(place.check("reserved_attributes", "pass", message))
    return tuple(notes)
