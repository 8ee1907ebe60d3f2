"""Who was predicted: ids that are absent, unknown or repeated, and patients who were left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.read.doctor.examination import Findings
from coley.read.doctor.rows import ROW, found, patients_word, place, word
from coley.read.linter.case import AT
from coley.read.linter.facts import limit
from coley.read.linter.predictions import nowhere
from coley.read.linter.ranks import log10_hypergeometric
from coley.read.linter.rule import rule

if TYPE_CHECKING:
    import polars as pl

    from coley.read.linter.case import Case


@rule(
    "ids",
    title="Patient identifiers",
    looks_for="ids that are absent, missing, row numbers, or unknown to the study",
    applies=lambda case: True,
)
def ids(case: Case) -> Findings:
    """Find predictions that cannot be given to a patient."""
    import polars as pl

    column = case.role("patient_id")
    if column is None:
        return [
            found(
                "ids",
                "fail",
                f"The predictions have no column of patient ids ({case.frame.height:,} rows, "
                f"{patients_word(case.patients.height)} in {case.truth.name}).",
                cause="They were written in the order of some other table.",
                remedy="Write the id of each patient beside the score; a place in a file proves nothing.",
                where=nowhere(case.predictions.file),
            )
        ]
    checks: Findings = []
    missing = case.frame.filter(pl.col(column).is_null())
    if missing.height:
        checks.append(
            found(
                "ids",
                "fail",
                f"{missing.height} rows have no id.",
                cause="Rows were added below the table, or ids lost in a join.",
                remedy="Name the patient in each row, or leave the row out.",
                where=place(missing, column),
            )
        )
    unknown = case.frame.filter(pl.col(AT).is_null() & pl.col(column).is_not_null())
    given = case.frame.height - missing.height
    if unknown.height:
        share = unknown.height / max(given, 1)
        numbers = _row_numbers(case.frame[column]) and share > limit("join.unknown_share")
        checks.append(
            found(
                "ids",
                "fail" if share > limit("label.slips") else "warn",
                f"{unknown.height:,} of {given:,} rows bear an id that {case.truth.name} does not have"
                + (": the ids count the rows of some table." if numbers else "."),
                cause="The index of a frame was written, not the patients' ids."
                if numbers
                else "Other patients, ids of samples, or ids spelt in another way.",
                remedy="Write the study's own ids beside the scores.",
                where=place(unknown, column),
            )
        )
    if case.spelt:
        checks.append(
            found(
                "ids",
                "warn",
                "The ids agree with the study's only without case, blanks, punctuation and leading zeros.",
                cause="A spreadsheet or a script changed them.",
                remedy="Spell each patient in one way.",
                where=place(case.frame.filter(pl.col(AT).is_not_null()), column),
            )
        )
    return checks


def _row_numbers(values: pl.Series) -> bool:
    import polars as pl

    numbers = values.cast(pl.Int64, strict=False).drop_nulls().unique().sort()
    return (
        len(numbers) == values.n_unique()
        and len(numbers) > 1
        and numbers[0] in (0, 1, 2)
        and bool((numbers.diff().drop_nulls() == 1).all())
    )


@rule(
    "repeated_patients",
    title="One row per patient",
    looks_for="rows of one patient that would be counted as several patients",
    applies=lambda case: case.role("patient_id") is not None,
)
def repeated_patients(case: Case) -> Findings:
    """Find patients with several rows that no repeat, fold or method tells apart, and claims that count rows."""
    import polars as pl

    column = str(case.role("patient_id"))
    keys = [column, *(c for r in ("repeat", "fold", "split", "method", "cohort") if (c := case.role(r)))]
    twice = case.frame.filter(pl.col(column).is_not_null() & pl.struct(keys).is_duplicated())
    patients = case.frame[AT].drop_nulls().n_unique()
    checks: Findings = []
    if twice.height:
        n = twice[column].n_unique()
        checks.append(
            found(
                "repeated_patients",
                "fail",
                f"{patients_word(n)} {'have' if n > 1 else 'has'} {twice.height} rows that no repeat, fold or method "
                f"tells apart ({case.frame.height:,} rows in all).",
                cause="One row per sample, a join that multiplied rows, or repeats without a column that says so.",
                remedy="Keep one row per patient, or add a column repeat: rows of one patient are no further patients.",
                where=place(twice.sort(column, maintain_order=True), column),
            )
        )
    for claim in case.protocol.claims:
        if claim.n is not None and claim.n > patients > 0:
            checks.append(
                found(
                    "repeated_patients",
                    "fail",
                    f"The {claim.test} with p {word(claim.p)} is said to rest on n = {claim.n:,}; there are "
                    f"predictions of {patients_word(patients)} in {case.frame.height:,} rows.",
                    cause="Repeats of the same patients were counted as independent patients.",
                    remedy="Average over the repeats of each patient first; n is the number of patients.",
                    where=nowhere(case.protocol.file, "claims"),
                )
            )
    return checks


@rule(
    "split_shares_patients",
    title="Training and test",
    looks_for="patients who are in training and in test",
    applies=lambda case: case.role("split") is not None and case.role("patient_id") is not None,
)
def split_shares_patients(case: Case) -> Findings:
    """Find ids in more than one part of the split, within a fold and repeat."""
    import polars as pl

    split, column = str(case.role("split")), str(case.role("patient_id"))
    keys = [column, *(c for r in ("repeat", "fold", "method") if (c := case.role(r)))]
    frame = case.frame.filter(pl.col(column).is_not_null() & pl.col(split).is_not_null())
    both = frame.filter(pl.col(split).n_unique().over(keys) > 1)
    if not both.height:
        return []
    n = both[column].n_unique()
    parts = both[split].unique().sort().to_list()
    return [
        found(
            "split_shares_patients",
            "fail",
            f"{patients_word(n)} {'are' if n > 1 else 'is'} in {' and in '.join(parts)}.",
            cause="Samples, and not patients, were split; or rows were copied before the split.",
            remedy="Split by patient, fit again, and judge on patients the model has not seen.",
            where=place(both.sort(column, maintain_order=True), column),
        )
    ]


@rule(
    "left_out",
    title="Patients without a prediction",
    looks_for="patients left out whose outcome differs from that of the others",
    applies=lambda case: case.role("patient_id") is not None and bool(np.isfinite(case.label).any()),
)
def left_out(case: Case) -> Findings:
    """Compare the outcomes of those predicted and those not, in the cohorts that were predicted at all."""
    import polars as pl

    at = case.frame[AT].drop_nulls().unique()
    frame = case.patients.with_columns(pl.int_range(pl.len()).is_in(at.implode()).alias("_in"))
    if "cohort" in frame.columns:
        frame = frame.filter(pl.col("_in").any().over(pl.col("cohort").cast(pl.String).fill_null("")))
    known = frame.filter(pl.col("_label").is_not_null())
    out = known.filter(~pl.col("_in"))
    if not out.height or out.height == known.height:
        return []
    responders, seen = int(known["_label"].sum()), int(out["_label"].sum())
    log10_p = log10_hypergeometric(seen, out.height, responders, known.height)
    if log10_p > limit("left_out.log10_p"):
        return []
    return [
        found(
            "left_out",
            "warn",
            f"{patients_word(out.height)} of {known.height:,} have no prediction, and {seen / out.height:.0%} of "
            f"them responded against {(responders - seen) / (known.height - out.height):.0%} of the "
            f"others (p 1e{log10_p:.0f}).",
            cause="Whether a patient was predicted had to do with the outcome.",
            remedy="Predict all patients, or say who was left out and why.",
            where=place(out.sort(ROW), "patient_id"),
        )
    ]
