"""cBioPortal study folders, each data file known by its meta file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.answer import Check, Where
from coley.model.errors import UnreadableInput
from coley.model.study import About, Study
from coley.read.cbioportal.clinical import PATIENT, SAMPLE, patients_of, read_clinical, samples_of
from coley.read.cbioportal.meta import STUDY, Meta, find_metas, sequenced_samples
from coley.read.cbioportal.timeline import timeline_tables
from coley.read.expression import expression, read_matrix
from coley.read.format import Format
from coley.read.kinds import TEXT_SUFFIXES, describe, files_in, naming, suffix_of
from coley.read.maf import mutations
from coley.read.raw import RawTable, read_raw
from coley.read.sources import sources

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import polars as pl

PATIENTS = ("CLINICAL", "PATIENT_ATTRIBUTES")
SAMPLES = ("CLINICAL", "SAMPLE_ATTRIBUTES")
TIMELINE = ("CLINICAL", "TIMELINE")
MUTATIONS = ("MUTATION_EXTENDED", "MAF")
EXPRESSION = ("MRNA_EXPRESSION", "CONTINUOUS")  # z-scores are relative to samples that nobody knows
READ = (PATIENTS, SAMPLES, TIMELINE, MUTATIONS, EXPRESSION)
_DATA = "data_"  # how data files are called by custom
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
    notes = [*_without_meta(path, metas), *_not_read(by_kind)]
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
    notes += _origin(frames["patients"])
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
            frames["samples"], more = _counted(frames["samples"], frames["mutations"], meta)
            notes += more
            opened.append((data, "mutations"))
    for meta in _one_expression(by_kind.get(EXPRESSION, []), notes):
        with _Reported(meta, notes):
            data = meta.data(path)
            gene = next((name for name in _GENES if name in _header(data)), None)
            matrix = read_matrix(data, delimiter="\t", gene=gene)
            frames["expression"], found, unit = expression(matrix, frames, unit="")
            notes += [*found, *_profile(meta)]
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


def _header(path: Path) -> tuple[str, ...]:
    from coley.read.header import header_of

    return header_of(path)


def _timeline(path: Path) -> RawTable:
    from dataclasses import replace

    from coley.read.words import blank_out, spellings

    raw = read_raw(path, delimiter="\t", comment="#")
    names = {name: name.strip().upper() for name in raw.frame.columns}
    raw = replace(raw, frame=blank_out(raw.frame.rename(names), spellings()))
    absent = [name for name in (PATIENT, "START_DATE", "EVENT_TYPE") if name not in raw.frame.columns]
    if absent:
        raise UnreadableInput(f"{raw.file} has no column {' or '.join(absent)}.", where=raw.file)
    return raw


def _counted(samples: pl.DataFrame, mutated: pl.DataFrame, meta: Meta) -> tuple[pl.DataFrame, list[Check]]:
    """Add the number of mutations: 0 for a sequenced sample without one, null for one that was not sequenced."""
    import polars as pl

    found = mutated.group_by("sample_id").agg(mutation_count=pl.len().cast(pl.Int64))
    notes: list[Check] = []
    strangers = sorted(set(found["sample_id"]) - set(samples["sample_id"]))
    if strangers:
        message = (
            f"{len(strangers)} samples have mutations and no row in the sample file: {naming(strangers)}."
        )
        where = Where(meta.values.get("data_filename", ""), (), "Tumor_Sample_Barcode", tuple(strangers[:10]))
        notes.append(Check("mutations_of_unknown_samples", "warn", message, where=where))
    joined = samples.join(found, on="sample_id", how="left", maintain_order="left")
    mutated_yet_not = joined["mutation_count"].is_not_null() & (joined["sequenced"] == False)  # noqa: E712
    if mutated_yet_not.any():
        names = joined["sample_id"].filter(mutated_yet_not)
        message = (
            f"{len(names)} samples have mutations although the case list of sequenced samples leaves them out: "
            f"{naming(names)}. They were taken as sequenced."
        )
        notes.append(Check("sequenced_contradicted", "warn", message))
    sequenced = pl.col("sequenced").fill_null(value=False) | pl.col("mutation_count").is_not_null()
    count = pl.when(sequenced).then(pl.col("mutation_count").fill_null(0))
    known = (
        pl.when(pl.col("mutation_count").is_not_null())
        .then(pl.lit(value=True))
        .otherwise(pl.col("sequenced"))
    )
    joined = joined.with_columns(mutation_count=count, sequenced=known)
    none, unknown = int((joined["mutation_count"] == 0).sum()), joined["mutation_count"].null_count()
    message = (
        f"Of {joined.height} samples, {joined.height - none - unknown} have mutations, {none} were sequenced and have "
        f"none, and of {unknown} the number of mutations is unknown because nothing says that they were sequenced."
    )
    notes.append(Check("assayed", "pass", message))
    return joined.select(*(name for name in joined.columns if name != "_where"), "_where"), notes


def _one_expression(metas: list[Meta], notes: list[Check]) -> Iterable[Meta]:
    if len(metas) > 1:
        rest = naming(meta.path.name for meta in metas[1:])
        message = f"Expression was read as {metas[0].path.name} says; left out: {rest}."
        notes.append(
            Check("expression_chosen", "warn", message, remedy="Move the meta files that are not wanted.")
        )
    return metas[:1]


def _profile(meta: Meta) -> list[Check]:
    """Quote what the profile is called: the only place in which cBioPortal states the unit."""
    name = meta.values.get("profile_name", "")
    about = meta.values.get("profile_description", "")
    if not (name or about):
        return []
    message = f"{meta.path.name} calls the expression {name!r} ({about[:120]})."
    return [Check("expression_profile", "pass", message, where=Where(meta.path.name))]


def _origin(patients: pl.DataFrame) -> list[Check]:
    if "os_months" not in patients.columns and "pfs_months" not in patients.columns:
        return []
    message = (
        "cBioPortal counts survival from diagnosis; immunotherapy cohorts often from first dose or sequencing. The files "
        "do not say which."
    )
    return [
        Check("time_origin_unknown", "warn", message, remedy='Say it: read(..., time_origin="first dose").')
    ]


def _without_meta(path: Path, metas: tuple[Meta, ...]) -> list[Check]:
    named = {meta.values.get("data_filename", "") for meta in metas}
    lost = [
        file.name
        for file in files_in(path)
        if file.parent == path
        and file.name.lower().startswith(_DATA)
        and suffix_of(file) in TEXT_SUFFIXES
        and file.name not in named
    ]
    if not lost:
        return []
    message = f"No meta file names {naming(lost)}: nobody says what they hold, and they were not read."
    remedy = "Add a meta file with genetic_alteration_type, datatype and data_filename."
    return [Check("data_without_meta", "warn", message, remedy, where=Where(lost[0]))]


def _not_read(by_kind: dict[tuple[str, str], list[Meta]]) -> list[Check]:
    rest = sorted({f"{kind[0]} / {kind[1]}" for kind in by_kind if kind not in READ and kind[0]})
    if not rest:
        return []
    return [Check("profiles_not_read", "pass", f"Data of these kinds were not read: {naming(rest)}.")]


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
