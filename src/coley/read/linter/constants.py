"""Predictions and covariates that nobody computed or measured: one value for all, or for the missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.read.doctor.constants import constant
from coley.read.doctor.examination import Findings
from coley.read.doctor.rows import found, in_groups, patients_word, place, word
from coley.read.linter.case import AT, VALUE
from coley.read.linter.facts import limit
from coley.read.linter.rule import rule

if TYPE_CHECKING:
    import polars as pl

    from coley.model.answer import Check
    from coley.read.linter.case import Case, Score

GROUPS = ("cohort", "fold", "split")


@rule(
    "constant_predictions",
    title="One prediction for everybody",
    looks_for="predictions that are the same for all patients, a cohort or a fold, or filled in where missing",
    applies=lambda case: True,
)
def constant_predictions(case: Case) -> Findings:
    """Find scores of one value, over all or within a group, and a value far more frequent than the others."""
    checks: Findings = []
    for score in case.scores:
        checks += _constant(case, score) or _filled(score)
    return checks


def _constant(case: Case, score: Score) -> Findings:
    import polars as pl

    rows = score.rows
    if rows.height >= limit("constant.smallest") and rows[VALUE].n_unique() == 1:
        return [_all_same(score, rows, "")]
    for role in GROUPS:
        column = case.role(role)
        held = rows if column else _with_cohort(case, rows) if role == "cohort" else None
        if held is None:
            continue
        column = column or "_cohort"
        same = held.filter(
            (pl.col(VALUE).n_unique().over(column) == 1)
            & (pl.len().over(column) >= limit("constant.smallest"))
            & pl.col(column).is_not_null()
        )
        if same.height:
            names = same[column].unique().sort().to_list()
            return [_all_same(score, same, in_groups([f"{role} {name}" for name in names[:5]]))]
    return []


def _with_cohort(case: Case, rows: pl.DataFrame) -> pl.DataFrame | None:
    import polars as pl

    if "cohort" not in case.patients.columns:
        return None
    cohorts = case.patients.select(pl.col("cohort").cast(pl.String).alias("_cohort")).with_row_index(AT)
    return rows.join(
        cohorts.with_columns(pl.col(AT).cast(pl.Int64)), on=AT, how="left", maintain_order="left"
    )


def _all_same(score: Score, rows: pl.DataFrame, where: str) -> Check:
    return found(
        "constant_predictions",
        "fail",
        f"{score.name} is {word(rows[VALUE][0])} in all {rows.height} rows{where}.",
        cause="The model had no input there, or failed and a default was written.",
        remedy="Leave these predictions missing: they tell nothing about these patients.",
        where=place(rows, score.column),
    )


def _filled(score: Score) -> Findings:
    import polars as pl

    counts = score.single[VALUE].value_counts(name="n").sort(VALUE)
    if counts.height < limit("filled.distinct"):
        return []
    at = int(counts["n"].arg_max() or 0)
    count, mode = int(counts["n"][at]), float(counts[VALUE][at])
    second = int(counts["n"].sort(descending=True)[1])
    if (
        at in (0, counts.height - 1)
        or count < limit("filled.count")
        or count < limit("filled.ratio") * second
    ):
        return []  # the ends are limits of the scale
    return [
        found(
            "constant_predictions",
            "warn",
            f"{score.name} is {word(mode)} in {count} of {patients_word(len(score.at))}; the next most frequent value "
            f"occurs {'once' if second == 1 else f'{second} times'}.",
            cause="Missing predictions were filled with a default, a median or a mean.",
            remedy="Leave them missing: patients without a prediction do not count for or against it.",
            where=place(score.single.filter(pl.col(VALUE) == mode), score.column),
        )
    ]


@rule(
    "constant_covariates",
    title="Covariates that nobody measured",
    looks_for="measurements with one value for all patients of a cohort",
    applies=lambda case: case.predicted.has("patients", "patient_id"),
)
def constant_covariates(case: Case) -> Findings:
    """Let the doctor look for imputed columns among the patients that were predicted."""
    from dataclasses import replace

    return [replace(check, name="constant_covariates") for check in constant(case.predicted)]
