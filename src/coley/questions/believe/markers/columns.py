"""Markers from the table of patients and from the tables of mutations, clones and HLA alleles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coley.biology.markers import MarkerFact
from coley.biology.markers import markers as marker_facts
from coley.model.answer import Check
from coley.model.dictionary import table as dictionary_table
from coley.model.errors import ColeyError, InvalidSetting, MissingData, NotEstimable, UnreadableInput
from coley.questions.believe.markers.marker import Cut, Found, Marker

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from coley.questions.believe.cohorts import Cohorts

    Floats = NDArray[np.float64]
    Derived = tuple[pl.DataFrame, str, tuple[Check, ...]]

COUNT = "mutations"  # the column of a burden whose megabases nobody states
LEAST_OF_EITHER = 5  # patients with and without a binary marker: fewer are anecdotes
# A burden that came as a column is not counted again from the mutations: one idea is one marker.
SAME_IDEA = {"tmb": "tmb_per_mb"}


def column_markers(cohorts: Cohorts) -> Found:
    """Return every known marker that the study holds, by its table of facts."""
    found = Found()
    held: set[str] = set()
    for fact in marker_facts().values():
        if SAME_IDEA.get(fact.name) in held or fact.derive == "ici_genes":
            continue
        if fact.table == "patients":
            if cohorts.study.has("patients", fact.column):
                found += _from_column(cohorts, fact)
        elif fact.table in cohorts.study.tables:
            found += _from_table(cohorts, fact)
        held |= {marker.name for marker in found.markers}
    return found


def mutated_markers(cohorts: Cohorts, genes: Sequence[str]) -> Found:
    """Return the mutational status of genes, each as a marker."""
    from coley.biology.burden import gene_status

    if "mutations" not in cohorts.study.tables:
        return Found(
            refused=tuple((f"mutated:{gene}", "the study has no table of mutations") for gene in genes)
        )
    try:
        status = gene_status(
            cohorts.study.tables["mutations"], cohorts.study.tables.get("samples"), list(genes)
        )
    except (ColeyError, ValueError) as error:
        return Found(refused=tuple((f"mutated:{gene}", str(error).split("\n")[0]) for gene in genes))
    markers, refused = [], []
    for gene in genes:
        values = _per_patient(cohorts, status.table.select("patient_id", gene), gene)
        marker = Marker(f"mutated:{gene}", f"{gene} mutated", "dna", values, unit="yes or no")
        why = _unusable(marker)
        if why:
            refused.append((marker.name, why))
        else:
            markers.append(marker)
    return Found(tuple(markers), _warnings(status.checks), refused=tuple(refused))


def any_column(cohorts: Cohorts, column: str) -> Marker:
    """Return a column of patients that somebody named, as a marker without a claim.

    Raises
    ------
    InvalidSetting
        Where it is an outcome.
    UnreadableInput
        Where it holds neither numbers nor two values.
    """
    import polars as pl

    if column in dictionary_table("patients").role("outcome"):
        raise InvalidSetting(
            f"Column {column!r} is an outcome, and no marker of it.",
            where="setting 'markers' of question 'believe'",
            remedy="Name what was measured before treatment.",
        )
    series = cohorts.patients[column]
    if series.dtype == pl.Boolean or series.dtype.is_numeric():
        return Marker(column, column.replace("_", " "), "clinical", _numbers(series))
    words = sorted(str(v) for v in series.drop_nulls().unique())
    if len(words) != 2:
        raise UnreadableInput(
            f"Column {column!r} cannot be a marker: it holds {len(words)} different words.",
            where=f"values {', '.join(words[:5])}",
            remedy="Name a column of numbers, of yes and no, or of two words.",
        )
    values = series.replace_strict({words[0]: 0.0, words[1]: 1.0}, default=None, return_dtype=pl.Float64)
    return Marker(
        column, f"{column.replace('_', ' ')} {words[1]}", "clinical", _numbers(values), unit="yes or no"
    )


def _from_column(cohorts: Cohorts, fact: MarkerFact) -> Found:
    import polars as pl

    series = cohorts.patients[fact.column]
    if fact.levels:
        raw = _numbers(
            series.cast(pl.String).replace_strict(fact.levels, default=None, return_dtype=pl.Float64)
        )
    else:
        raw = _numbers(series)
    return _made(cohorts, fact, raw, ())


def _from_table(cohorts: Cohorts, fact: MarkerFact) -> Found:
    """Derive a marker from a table; what lacks is said, and never filled in."""
    try:
        frame, column, checks = DERIVED[fact.derive](cohorts, fact)
    except MissingData as error:
        return Found(cannot_tell=(f"{fact.label}: {error.what} {error.remedy}".strip(),))
    except (NotEstimable, UnreadableInput) as error:
        return Found(refused=((fact.name, error.what),))
    if column == COUNT:
        # Within one assay ranks are the same without megabases; cut-points and other assays are not.
        fact = replace(
            fact, label=f"{fact.label} (count; megabases not stated)", unit="mutations", cut_points=()
        )
    return _made(cohorts, fact, _per_patient(cohorts, frame, column), checks)


def _made(cohorts: Cohorts, fact: MarkerFact, raw: Floats, checks: tuple[Check, ...]) -> Found:
    try:
        values = fact.scaled(raw)
    except UnreadableInput as error:
        return Found(refused=((fact.name, error.what),))
    marker = Marker(
        name=fact.name,
        label=fact.label,
        kind=fact.kind,
        values=values,
        unit=fact.unit,
        logged=fact.transform == "log2p1",
        direction=fact.direction,
        claim=fact.claim,
        assays=_assays(cohorts, fact.assay_column),
        cuts=tuple(
            Cut(float(fact.scaled([c.value])[0]), f"{c.value:g} {c.unit}", c.source)
            for c in fact.cut_points
            if c.unit == fact.unit
        ),
        from_clinic=(fact.column,) if fact.table == "patients" else (),
        note=fact.caveat,
    )
    why = _unusable(marker)
    return Found(refused=((fact.name, why),)) if why else Found((marker,), _warnings(checks))


def _unusable(marker: Marker) -> str:
    known = marker.values[marker.known]
    if len(known) < 2 or np.ptp(known) == 0:
        return "it has one value in everybody"
    if marker.binary and min(known.sum(), len(known) - known.sum()) < LEAST_OF_EITHER:
        return f"fewer than {LEAST_OF_EITHER} patients have it, or lack it"
    return ""


def _assays(cohorts: Cohorts, column: str) -> dict[str, str]:
    """Return the assays of each cohort, as far as a column names them."""
    if not column or column not in cohorts.patients.columns:
        return {}
    import polars as pl

    pairs = pl.DataFrame(
        {"cohort": cohorts.label.tolist(), "assay": cohorts.patients[column].cast(pl.String)}
    )
    found: dict[str, str] = {}
    for cohort, names in (
        pairs.drop_nulls().group_by("cohort", maintain_order=True).agg(pl.col("assay")).iter_rows()
    ):
        found[str(cohort)] = ", ".join(sorted(set(names)))
    return found


def _warnings(checks: Sequence[Check]) -> tuple[Check, ...]:
    return tuple(check for check in checks if check.level != "pass")


def _numbers(series: pl.Series) -> Floats:
    import polars as pl

    return series.cast(pl.Float64, strict=False).to_numpy().astype(np.float64)


def _per_patient(cohorts: Cohorts, frame: pl.DataFrame, column: str) -> Floats:
    """Return a column of another table over the rows of the patients: the mean where several rows are one patient's."""
    import polars as pl

    means = (
        frame.drop_nulls("patient_id")
        .group_by(pl.col("patient_id").cast(pl.String))
        .agg(pl.col(column).cast(pl.Float64).mean())
    )
    patients = cohorts.patients.select(pl.col("patient_id").cast(pl.String))
    return _numbers(patients.join(means, on="patient_id", how="left", maintain_order="left")[column])


def _burden(rule: str) -> Callable[[Cohorts, MarkerFact], Derived]:
    def derive(cohorts: Cohorts, fact: MarkerFact) -> Derived:
        from coley.biology.burden import per_patient, tmb

        tables = cohorts.study.tables
        size = _megabases(cohorts)
        burden = tmb(tables["mutations"], tables.get("samples"), megabases=size or 1.0, counted=rule)
        return per_patient(burden), "per_mb" if size else COUNT, burden.checks

    return derive


def _megabases(cohorts: Cohorts) -> float | dict[str, float] | None:
    """Return the assayed megabases of the study, or of each sample where cohorts were assayed differently."""
    about = cohorts.study.about
    if not about.cohorts:
        return about.panel_megabases
    from coley.read.samples import sample_patients

    ids = cohorts.study.tables["mutations"]["sample_id"].unique().to_list()
    if "samples" in cohorts.study.tables:
        ids = list(dict.fromkeys([*ids, *cohorts.study.tables["samples"]["sample_id"].to_list()]))
    label = dict(zip(cohorts.patients["patient_id"].to_list(), cohorts.label.tolist(), strict=True))
    sizes = {}
    for sample, patient, _ in sample_patients(cohorts.study, ids).iter_rows():
        size = about.of(label[patient]).panel_megabases
        if size:
            sizes[sample] = size
    return sizes or None


def _clonal(column: str) -> Callable[[Cohorts, MarkerFact], Derived]:
    def derive(cohorts: Cohorts, fact: MarkerFact) -> Derived:
        from coley.biology.burden import clonal_burden

        found = clonal_burden(cohorts.study.tables["clones"], cohorts.study.tables.get("samples"))
        return found.table, column, found.checks

    return derive


def _hla(column: str) -> Callable[[Cohorts, MarkerFact], Derived]:
    def derive(cohorts: Cohorts, fact: MarkerFact) -> Derived:
        from coley.biology.hla import class_one

        found = class_one(cohorts.study.tables["hla"])
        return found.table, column, found.checks

    return derive


DERIVED: dict[str, Callable[[Cohorts, MarkerFact], Derived]] = {
    "tmb": _burden("nonsynonymous"),
    "indel": _burden("indel"),
    "frameshift": _burden("frameshift"),
    "clonal": _clonal("clonal"),
    "subclonal": _clonal("subclonal"),
    "fully_heterozygous": _hla("fully_heterozygous"),
    "alleles": _hla("alleles"),
}
