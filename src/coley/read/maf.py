"""Mutation annotation format (MAF): one mutation per row; read alone, or as the table of mutations of a study."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from coley.model.study import WHERE_COLUMN, Study
from coley.read.columns import ColumnMap
from coley.read.findings import Place
from coley.read.format import Format
from coley.read.header import header_of
from coley.read.kinds import naming, stem_of
from coley.read.mapping import canonical
from coley.read.raw import RawTable, read_raw
from coley.read.sources import sources
from coley.read.tables import TABLE_READERS, filter_rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import polars as pl

    from coley.model.answer import Check
    from coley.read.manifest import Manifest, TableSpec

NEEDS = {"hugo_symbol", "tumor_sample_barcode"}  # without them, no file is a MAF
NO_MUTATION = ("none", "loh", "wildtype")  # Mutation_Status that cBioPortal does not load
SILENT = "Silent"
# What tells mutations apart (cBioPortal importer); without chromosome and position nothing does.
SAME = ("sample_id", "gene", "chromosome", "position", "classification", "alternate", "protein_change")
_TCGA = r"^(TCGA-[A-Z0-9]{2}-[A-Z0-9]{4})-\d{2}"  # patient and sample part of a TCGA barcode
_FURTHER = {"variant_type": "Variant_Type", "ncbi_build": "NCBI_Build", "mutation_status": "Mutation_Status"}


def sniff(path: Path) -> bool:
    """Say whether a file has the columns of a MAF."""
    if path.is_dir():
        return False
    return {name.lower() for name in header_of(path)} >= NEEDS


def read(path: Path) -> Study:
    """Return the study in a lone MAF: its mutations, and the samples that have any.

    Raises
    ------
    UnreadableInput
        Where the file cannot be understood.
    """
    frame, notes = mutations(read_raw(path))
    frames = {"mutations": frame, "samples": samples_of(frame)}
    ids = frames["samples"]
    message = (
        f"{ids.height} samples have mutations. A MAF does not say which samples were sequenced and have none: "
        "their burden is not zero but unknown here."
    )
    place = Place(RawTable(frame, path.name, 1), "Tumor_Sample_Barcode")
    note = place.check("samples_without_mutations", "warn", message, remedy="Supply a table of samples.")
    return Study(
        stem_of(path), frames, sources=sources([(path, "mutations")], path.parent), notes=(*notes, note)
    )


def mutations(
    raw: RawTable, columns: Mapping[str, ColumnMap | str] | None = None, **options: object
) -> tuple[pl.DataFrame, tuple[Check, ...]]:
    """Return the table of mutations, with what its rows tell about how the file was made.

    Parameters
    ----------
    raw
        A MAF, or a table with columns of other names.
    columns, options
        As for `canonical`; without them the columns of a MAF are recognised, and further ones left out.
    """
    raw, notes = _without_wildtype(raw)
    if columns is None:
        by_name = {name.lower(): name for name in raw.frame.columns}
        columns = {
            name: ColumnMap(column=by_name[given.lower()])
            for name, given in _FURTHER.items()
            if given.lower() in by_name
        }
        options = {"keep": False, **options}
    frame, found = canonical(raw, "mutations", columns, **options)  # type: ignore[arg-type]
    frame, more = _without_doublets(frame, raw)
    frame = _with_fraction(frame, raw)
    return frame, (*notes, *found, *more, *_vocabulary(frame, raw), *_builds(frame, raw))


def samples_of(mutations: pl.DataFrame) -> pl.DataFrame:
    """Return the samples that have mutations, with their patients.

    The patient is the sample, but for TCGA barcodes, which begin with that of the patient.

    Examples
    --------
    >>> import polars as pl
    >>> samples_of(pl.DataFrame({"sample_id": ["TCGA-D3-A2JP-06A-11D", "s2"]}))["patient_id"].to_list()
    ['TCGA-D3-A2JP', 's2']
    """
    import polars as pl

    ids = pl.col("sample_id")
    first = [WHERE_COLUMN] if WHERE_COLUMN in mutations.columns else []
    return mutations.unique("sample_id", keep="first", maintain_order=True).select(
        ids,
        ids.str.extract(_TCGA, 1).fill_null(ids).alias("patient_id"),
        pl.lit(value=True).alias("sequenced"),
        *first,
    )


@cache
def classifications() -> frozenset[str]:
    """Return the vocabulary of Variant_Classification.

    Examples
    --------
    >>> "Missense_Mutation" in classifications()
    True
    """
    text = files("coley.read").joinpath("resources", "maf_classifications.csv").read_text(encoding="utf-8")
    return frozenset(row["classification"] for row in csv.DictReader(text.splitlines()))


def _without_wildtype(raw: RawTable) -> tuple[RawTable, tuple[Check, ...]]:
    """Leave out rows that say that there is no somatic mutation, and germline variants."""
    import polars as pl

    name = next((name for name in raw.frame.columns if name.lower() == "mutation_status"), "")
    if not name:
        return raw, ()
    status = raw.frame[name].cast(pl.String).str.to_lowercase().str.strip_chars()
    notes: list[Check] = []
    place = Place(raw, name)
    no, germline = status.is_in(list(NO_MUTATION)), status == "germline"
    for mask, what in ((no, "mark no mutation (None, LOH, Wildtype)"), (germline, "are germline variants")):
        if mask.any():
            message = f"{mask.sum()} rows {what} and were left out."
            where = place.rows(mask.fill_null(value=False), raw.frame[name])
            notes.append(place.check("not_somatic", "warn", message, where=where))
    return raw.filter(~(no | germline).fill_null(value=False)), tuple(notes)


def _without_doublets(frame: pl.DataFrame, raw: RawTable) -> tuple[pl.DataFrame, tuple[Check, ...]]:
    import polars as pl

    if not {"chromosome", "position"} <= set(frame.columns):
        return frame, ()
    same = [name for name in SAME if name in frame.columns]
    known = frame["chromosome"].is_not_null() & frame["position"].is_not_null()
    doublet = ~frame.select(pl.struct(same).is_first_distinct()).to_series() & known
    if not doublet.any():
        return frame, ()
    rows = frame.filter(doublet)
    note = Place(raw, ", ".join(same)).check(
        "duplicate_mutations",
        "warn",
        f"{rows.height} rows repeat a mutation of their sample and were left out: {naming(rows[WHERE_COLUMN])}.",
        cause="Two callers, or two files, put below each other; counted twice they would inflate the burden.",
    )
    return frame.filter(~doublet), (note,)


def _with_fraction(frame: pl.DataFrame, raw: RawTable) -> pl.DataFrame:
    """Add the variant allele fraction where the reads say it and no column does."""
    import polars as pl

    depth = next((name for name in raw.frame.columns if name.lower() == "t_depth"), "")
    if "vaf" in frame.columns or "alt_reads" not in frame.columns:
        return frame
    alternate = pl.col("alt_reads").cast(pl.Float64)
    if "ref_reads" in frame.columns:
        total = alternate + pl.col("ref_reads")
    elif depth and raw.frame.height == frame.height:
        total = pl.lit(raw.frame[depth].cast(pl.String).cast(pl.Float64, strict=False))
    else:
        return frame
    vaf = pl.when(total > 0).then(alternate / total).alias("vaf")
    frame = frame.with_columns(vaf)
    return frame.select(*(name for name in frame.columns if name != WHERE_COLUMN), WHERE_COLUMN)


def _vocabulary(frame: pl.DataFrame, raw: RawTable) -> tuple[Check, ...]:
    if "classification" not in frame.columns or not frame.height:
        return ()
    place = Place(raw, "Variant_Classification")
    texts = frame["classification"]
    strange = texts.is_not_null() & ~texts.is_in(sorted(classifications()))
    notes: list[Check] = []
    if strange.any():
        words = naming(texts.filter(strange).unique().sort())
        message = f"{strange.sum()} mutations have a classification that MAF does not know: {words}."
        remedy = "Effects written in other words are not recognised as silent or as changing a protein."
        notes.append(place.check("classification_unknown", "warn", message, remedy=remedy))
    if not (texts == SILENT).any() and not strange.all():
        message = (
            "No mutation is Silent: synonymous mutations were removed before, so that a burden that counts them "
            "cannot be computed from this file."
        )
        notes.append(
            place.check("no_silent_mutations", "warn", message, cause="cBioPortal, among others, drops them.")
        )
    return tuple(notes)


def _builds(frame: pl.DataFrame, raw: RawTable) -> tuple[Check, ...]:
    if "ncbi_build" not in frame.columns:
        return ()
    seen = frame["ncbi_build"].cast(str).drop_nulls().unique().sort().to_list()
    if len(seen) < 2:
        return ()
    message = (
        f"The mutations are placed on several genome builds ({naming(seen)}); positions cannot be compared."
    )
    return (Place(raw, "NCBI_Build").check("genome_builds", "warn", message),)


def _table(
    path: Path, spec: TableSpec, manifest: Manifest, before: Mapping[str, pl.DataFrame]
) -> tuple[pl.DataFrame, tuple[Check, ...]]:
    missing = (*manifest.missing, *spec.missing)
    raw = read_raw(
        path, sheet=spec.sheet, delimiter=spec.delimiter, comment=spec.comment, encoding=spec.encoding
    )
    return mutations(
        filter_rows(raw, spec.where, missing=missing),
        spec.columns,
        missing=missing,
        guess=spec.guesses,
        keep=spec.keep == "all",
        ignore=spec.ignore,
    )


TABLE_READERS.add("mutations", _table)

MAF = Format(
    name="maf",
    title="Mutation annotation format",
    looks_for="a MAF (Hugo_Symbol, Tumor_Sample_Barcode)",
    sniff=sniff,
    read=read,
)
