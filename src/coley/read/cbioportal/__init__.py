"""cBioPortal study folders, each data file known by its meta file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from coley.model.answer import Check, Where
from coley.model.errors import UnreadableInput
from coley.model.study import About, Study
from coley.read.cbioportal.clinical import PATIENT, SAMPLE, patients_of, read_clinical, samples_of
from coley.read.cbioportal.meta import STUDY, Meta, find_metas, sequenced_samples
from coley.read.cbioportal.profiles import (
    count_mutations,
    data_without_meta,
    kinds_not_read,
    one_expression,
    profile,
    time_origin,
)
from coley.read.cbioportal.timeline import timeline_tables
from coley.read.expression import expression, read_matrix
from coley.read.format import Format
from coley.read.header import header_of
from coley.read.kinds import describe, files_in, naming
from coley.read.maf import mutations
from coley.read.raw import RawTable, read_raw
from coley.read.sources import sources
from coley.read.words import blank_out, spellings

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

PATIENTS = ("CLINICAL", "PATIENT_ATTRIBUTES")
SAMPLES = ("CLINICAL", "SAMPLE_ATTRIBUTES")
TIMELINE = ("CLINICAL", "TIMELINE")
MUTATIONS = ("MUTATION_EXTENDED", "MAF")
EXPRESSION = ("MRNA_EXPRESSION", "CONTINUOUS")  # z-scores are relative to samples that nobody knows
READ = (PATIENTS, SAMPLES, TIMELINE, MUTATIONS, EXPRESSION)
_GENES = ("Hugo_Symbol", "Entrez_Gene_Id")


def sniff(path: Path) -> bool:
    """Say whether a folder holds meta files, or data files named as in such studies."""
    if path.is_file():
        return False
    if find_metas(path):
        return True
    names = {file.name.lower() for file in files_in(path) if file.parent == path}
    return any(name.startswith("data_clinical") for name in names)


def read(path: Path) -> Study:
    """Return the study in a cBioPortal folder.

    Raises
    ------
    UnreadableInput
        Where the sample file is missing or cannot be read. What else is missing is reported, and the study read
        without it.
    """
    metas = find_metas(path)
    by_kind: dict[tuple[str, str], list[Meta]] = {}
    for meta in metas:
        by_kind.setdefault(meta.kind, []).append(meta)
    study = next((meta for meta in metas if STUDY in meta.values), None)
    notes = [*data_without_meta(path, metas), *kinds_not_read(by_kind, READ)]
    opened: list[tuple[Path, str]] = []
    if SAMPLES not in by_kind:
        raise _no_samples(path, metas)
    sample, found = read_clinical(by_kind[SAMPLES][0].data(path), SAMPLE)
    opened.append((by_kind[SAMPLES][0].data(path), "samples"))
    notes += found
    patient: RawTable | None = None
    if PATIENTS in by_kind:
        patient, found = read_clinical(by_kind[PATIENTS][0].data(path), PATIENT)
        opened.append((by_kind[PATIENTS][0].data(path), "patients"))
        notes += found
    frames: dict[str, pl.DataFrame] = {}
    frames["patients"], found = patients_of(patient, sample)
    notes += [*sample.notes, *(patient.notes if patient else ()), *found]
    notes += time_origin(frames["patients"])
    assayed, found = (
        sequenced_samples(path, sample.frame[SAMPLE].to_list()) if MUTATIONS in by_kind else (None, ())
    )
    notes += found
    frames["samples"], found = samples_of(sample, assayed)
    notes += [note for note in found if note not in notes]
    unit = ""
    for meta in by_kind.get(MUTATIONS, ())[:1]:
        with _Reported(meta, notes):
            data = meta.data(path)
            frames["mutations"], found = mutations(read_raw(data, delimiter="\t", comment="#"))
            notes += found
            frames["samples"], more = count_mutations(frames["samples"], frames["mutations"], meta)
            notes += more
            opened.append((data, "mutations"))
    for meta in one_expression(by_kind.get(EXPRESSION, []), notes):
        with _Reported(meta, notes):
            data = meta.data(path)
            gene = next((name for name in _GENES if name in header_of(data)), None)
            matrix = read_matrix(data, delimiter="\t", gene=gene)
            frames["expression"], found, unit = expression(matrix, frames, unit="")
            notes += [*found, *profile(meta)]
            opened.append((data, "expression"))
    lines: list[RawTable] = []
    for meta in by_kind.get(TIMELINE, ()):
        with _Reported(meta, notes):
            data = meta.data(path)
            lines.append(_timeline(data))
            opened.append((data, "timeline"))
    tables, found = timeline_tables(lines)
    about = _about(study, unit)
    name = (study.values.get("cancer_study_identifier") if study else "") or path.resolve().name
    return Study(name, {**frames, **tables}, about, sources(opened, path), (*notes, *found))


class _Reported:
    """Turn what is wrong with a file that the study can do without into a finding."""

    def __init__(self, meta: Meta, notes: list[Check]) -> None:
        self.meta, self.notes = meta, notes

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> bool:
        if not isinstance(error, UnreadableInput):
            return False
        file = self.meta.values.get("data_filename", self.meta.path.name)
        message = f"{' / '.join(self.meta.kind)} was not read: {error.what}"
        self.notes.append(
            Check("file_not_read", "warn", message, error.remedy, error.cause or error.where, Where(file))
        )
        return True


def _timeline(path: Path) -> RawTable:
    raw = read_raw(path, delimiter="\t", comment="#")
    names = {name: name.strip().upper() for name in raw.frame.columns}
    raw = replace(raw, frame=blank_out(raw.frame.rename(names), spellings()))
    absent = [name for name in (PATIENT, "START_DATE", "EVENT_TYPE") if name not in raw.frame.columns]
    if absent:
        raise UnreadableInput(f"{raw.file} has no column {' or '.join(absent)}.", where=raw.file)
    return raw


def _no_samples(path: Path, metas: tuple[Meta, ...]) -> UnreadableInput:
    kinds = naming(f"{meta.path.name} ({' / '.join(filter(None, meta.kind)) or 'study'})" for meta in metas)
    return UnreadableInput(
        "No meta file describes the clinical data of the samples.",
        where=f"{path}: {describe(files_in(path))}; meta files: {kinds or 'none'}",
        cause=f"Looked for a meta file with genetic_alteration_type: {SAMPLES[0]} and datatype: {SAMPLES[1]}.",
        remedy="Add meta_clinical_sample.txt, with data_filename: data_clinical_sample.txt.",
    )


def _about(study: Meta | None, unit: str) -> About:
    values = study.values if study else {}
    return About(
        title=values.get("name", ""),
        citation=" ".join(
            filter(None, (values.get("citation", ""), f"PMID {values['pmid']}" if values.get("pmid") else ""))
        ),
        expression_unit=unit,
    )


CBIOPORTAL = Format(
    name="cbioportal",
    title="A cBioPortal study folder",
    looks_for="a cBioPortal study (meta_study.txt, meta_clinical_sample.txt ...)",
    sniff=sniff,
    read=read,
)
