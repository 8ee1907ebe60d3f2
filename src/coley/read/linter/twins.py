"""The same patients twice: under two ids on both sides of a split, or in two cohorts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.study import WHERE_COLUMN
from coley.read.doctor.examination import Findings
from coley.read.doctor.fingerprints import GROUP, twins
from coley.read.doctor.ids import duplicate_patients
from coley.read.doctor.overlap import cohorts_share_patients
from coley.read.doctor.rows import ROW, TABLE, data_columns, found, patients_word, place
from coley.read.linter.case import AT, LABEL
from coley.read.linter.facts import limit
from coley.read.linter.rule import rule

if TYPE_CHECKING:
    import polars as pl

    from coley.read.linter.case import Case

PARTS = ("split", "fold")


@rule(
    "twins_across_split",
    title="One patient under two ids",
    looks_for="patients of the training part who are in the test part under another id",
    applies=lambda case: any(case.role(part) for part in PARTS) and case.role("repeat") is None,
)
def twins_across_split(case: Case) -> Findings:
    """Compare the covariates of the patients on both sides of the split."""
    import polars as pl

    part = next(column for role in PARTS if (column := case.role(role)))
    sides = case.frame.filter(pl.col(AT).is_not_null() & pl.col(part).is_not_null()).unique(AT, keep="first")
    if not 1 < sides[part].n_unique() <= limit("twins.parts"):
        return []
    frame = (
        case.patients.with_row_index(AT)
        .with_columns(pl.col(AT).cast(pl.Int64))
        .join(sides.select(AT, pl.col(part).alias(GROUP)), on=AT, maintain_order="left")
        .drop(AT)
    )
    pairs = _identical(frame)
    if not pairs.height:
        found_twins = twins(frame.drop(LABEL))
        pairs = (
            pl.concat([hit.pairs.select(ROW, ROW + "_right") for hit in found_twins])
            if found_twins
            else pairs
        )
    if not pairs.height:
        return []
    rows = frame.filter(pl.col(ROW).is_in(pl.concat([pairs[ROW], pairs[ROW + "_right"]]).implode()))
    return [
        found(
            "twins_across_split",
            "fail",
            f"{patients_word(pairs.height)} of one {part} {'have' if pairs.height > 1 else 'has'} the measurements "
            f"of a patient of another {part} under another id.",
            cause="One patient has two ids (two samples, two publications), or rows were copied before the split.",
            remedy="Keep each patient once, fit again, and judge on patients the model has not seen.",
            where=place(rows, "patient_id"),
        )
    ]


def _identical(frame: pl.DataFrame) -> pl.DataFrame:
    """Return pairs of rows of two groups that agree in every value, where chance would not do that."""
    import polars as pl

    names = [
        c for c in data_columns(frame) if c not in ("patient_id", GROUP, LABEL, ROW, TABLE, WHERE_COLUMN)
    ]
    telling = [c for c in names if frame[c].n_unique() > limit("twins.distinct")]
    empty = pl.DataFrame({ROW: [], ROW + "_right": []})
    if len(telling) < limit("twins.columns") or _by_chance(frame, names) > limit("twins.chance"):
        return empty
    keyed = frame.filter(pl.sum_horizontal(pl.col(telling).is_not_null()) >= limit("twins.columns")).select(
        ROW, GROUP, pl.struct(names).hash().alias("_key")
    )
    keyed = keyed.filter(pl.col("_key").is_duplicated())
    return (
        keyed.join(keyed, on="_key")
        .filter(pl.col(GROUP) < pl.col(GROUP + "_right"))
        .select(ROW, ROW + "_right")
    )


def _by_chance(frame: pl.DataFrame, columns: list[str]) -> float:
    """Expect how many pairs of different patients agree in all columns, were the columns independent."""
    n = frame.height
    used = [c for c in columns if c != "pfs_months" or "os_months" not in columns]  # one time, not two
    pairs = n * (n - 1) / 2
    for column in used:
        counts = frame[column].value_counts(name="_n")["_n"].to_numpy().astype(float)
        pairs *= float(np.sum(counts * (counts - 1))) / (n * (n - 1)) or 1 / n**2
    return pairs


@rule(
    "twins",
    title="One patient entered twice",
    looks_for="patients who are in the study under two ids, or in two of its cohorts",
    applies=lambda case: case.role("patient_id") is not None,
)
def twins_in_truth(case: Case) -> Findings:
    """Let the doctor look for copies among the patients that were predicted."""
    study = case.predicted
    checks = duplicate_patients(study) if study.has("patients", "patient_id") else []
    if study.has("patients", "patient_id", "cohort"):
        checks += cohorts_share_patients(study)
    return checks
