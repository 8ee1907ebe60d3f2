"""Rows that were confused: what the file says of its patients, or what it predicts, fits another arrangement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.dictionary import table as dictionary_table
from coley.read.doctor.examination import Findings
from coley.read.doctor.rows import found, patients_word, place
from coley.read.linter.case import AT, Score, flags_of
from coley.read.linter.evidence import evidence_of
from coley.read.linter.facts import limit
from coley.read.linter.orders import arrangements, orders_of
from coley.read.linter.ranks import log10_hypergeometric
from coley.read.linter.rule import rule

if TYPE_CHECKING:
    import numpy.typing as npt
    import polars as pl

    from coley.read.linter.case import Case

    Floats = npt.NDArray[np.float64]

REMEDY = "Join the scores to the patients by the id that came with each score, never by position."


@rule(
    "misaligned_rows",
    title="Rows that belong together",
    looks_for="predictions that fit the truth in another arrangement of the rows and not by their ids",
    applies=lambda case: case.role("patient_id") is not None,
)
def misaligned_rows(case: Case) -> Findings:
    """Compare the association by key with that under sorts, shifts and joins by position."""
    checks: Findings = []
    for score in case.scores:
        groups = _groups(case, score)
        for label, part in groups:
            checks += _misaligned(case, part, label=label, tries=len(groups) * len(case.scores))
    return checks


def _groups(case: Case, score: Score) -> list[tuple[str, Score]]:
    """Return the whole and, where there are several, each cohort large enough: one may have been shifted."""
    import polars as pl

    parts = [("", score)]
    if "cohort" in case.patients.columns:
        cohorts = case.patients["cohort"].cast(pl.String)[score.at]
        names = cohorts.drop_nulls().value_counts(name="n").filter(pl.col("n") >= limit("aligned.smallest"))
        if len(names) > 1:
            for name in names["cohort"].sort():
                rows = score.single.filter((cohorts == name).fill_null(value=False))
                parts.append((f" in {name}", Score(score.name, score.column, rows)))
    return [part for part in parts if len(part[1].at) >= limit("aligned.smallest")]


def _misaligned(case: Case, score: Score, *, label: str, tries: int) -> Findings:
    evidence = evidence_of(case, score.at)
    if not evidence.sources or np.ptp(score.values) == 0:
        return []
    ways = list(arrangements(orders_of(case, score)))
    tried = len(ways) * len(evidence.sources) * tries
    by_key = evidence.by_key(score.values)
    # each source for itself: in a study sorted by outcome a shift keeps the response and loses the covariates
    enough = np.minimum(
        limit("aligned.log10_p") - np.log10(max(tried, 1)),
        limit("aligned.ratio") * by_key - limit("aligned.gain"),
    )
    hits = [
        (float(p), own, what, way.how)
        for way in ways
        for p, own, most, what in zip(
            evidence.arranged(score.values, way), by_key, enough, evidence.sources, strict=True
        )
        if p <= most
    ]
    if not hits:
        return []
    other, own, what, how = min(hits)
    return [
        found(
            "misaligned_rows",
            "fail",
            f"{score.name}{label} fits {what} of the patients it is given to with p {_power(own)}, and would fit with "
            f"p {_power(other)} ({tried} comparisons) if {how}.",
            cause="The rows were sorted, shifted or re-labelled between the scores and their ids.",
            remedy=REMEDY,
            where=place(score.single, score.column),
        )
    ]


def _power(log10_p: float) -> str:
    return f"1e{log10_p:.0f}" if log10_p < -3 else f"{10**log10_p:.2g}"


@rule(
    "labels_disagree",
    title="Outcomes in the file",
    looks_for="labels that are not those of the study",
    applies=lambda case: case.role("label") is not None and case.role("patient_id") is not None,
)
def labels_disagree(case: Case) -> Findings:
    """Compare the labels of the file with the study's, by key and in other arrangements."""
    import polars as pl

    column = str(case.role("label"))
    told = flags_of(case.frame[column]).cast(pl.Float64)
    frame = case.frame.with_columns(told.alias("_told")).filter(
        pl.col("_told").is_not_null() & pl.col(AT).is_not_null()
    )
    truth = case.label[frame[AT].to_numpy().astype(np.intp)] if frame.height else np.zeros(0)
    frame, truth = frame.filter(pl.Series(np.isfinite(truth), dtype=pl.Boolean)), truth[np.isfinite(truth)]
    wrong = frame["_told"].to_numpy() != truth
    if not wrong.any():
        return []
    how = ""
    if len(truth) >= limit("aligned.smallest") and wrong.all():
        how = "every label is the opposite of the study's"
    else:
        how = _arranged(case, frame, column)
    n, share = int(wrong.sum()), float(wrong.mean())
    return [
        found(
            "labels_disagree",
            "fail" if how or share > limit("label.slips") else "warn",
            f"{n} of {len(truth)} labels in {column} are not those of the study{'; ' if how else ''}{how}.",
            cause="The rows were sorted, shifted or re-labelled after the labels were added."
            if how and not wrong.all()
            else "Response was coded or defined in another way.",
            remedy=REMEDY if how and not wrong.all() else "Use the study's outcomes, or say why they differ.",
            where=place(frame.filter(pl.Series(wrong)), column),
        )
    ]


def _arranged(case: Case, frame: pl.DataFrame, column: str) -> str:
    """Return the arrangement in which all labels agree; empty where there is none or chance might do it."""
    part = Score(column, column, frame.rename({"_told": "_value"}))
    told, truth = part.values, case.label[part.at]
    ones = int(told.sum())
    if ones != int(truth.sum()) or log10_hypergeometric(ones, ones, ones, len(told)) > limit(
        "aligned.log10_p"
    ):
        return ""
    same = (way.how for way in arrangements(orders_of(case, part)) if (told == truth[way.owner]).all())
    first = next(same, "")
    return f"all {patients_word(len(told))} would agree if {first}" if first else ""


@rule(
    "measurements_disagree",
    title="Measurements in the file",
    looks_for="measurements beside the scores that the study has for other patients",
    applies=lambda case: case.role("patient_id") is not None and bool(_carried(case)),
)
def measurements_disagree(case: Case) -> Findings:
    """Compare measurements that both tables hold, by key and in other arrangements."""
    import polars as pl

    for name in _carried(case):
        theirs = case.patients[name].cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
        frame = case.frame.filter(pl.col(name).is_not_null()).with_columns(pl.col(name).alias("_value"))
        part = Score(name, name, frame)
        truth = theirs[part.at]
        if len(truth) < limit("aligned.smallest") or len(np.unique(truth)) < limit("twins.distinct"):
            continue
        if _agree(part.values, truth) > limit("measured.wrong"):
            continue
        for way in arrangements(orders_of(case, part)):
            share = _agree(part.values, truth[way.owner])
            if share > limit("measured.right"):
                return [
                    found(
                        "measurements_disagree",
                        "fail",
                        f"{name} in the file is that of the study in {_agree(part.values, truth):.0%} of "
                        f"{patients_word(len(truth))}, and would be in {share:.0%} if {way.how}.",
                        cause="The ids were sorted, shifted or re-labelled; the scores beside them are suspect alike.",
                        remedy=REMEDY,
                        where=place(part.single, name),
                    )
                ]
    return []


def _carried(case: Case) -> list[str]:
    """Return the numbers of the data dictionary that the file holds beside its scores, and the study too."""
    kinds = case.frame.schema
    known = dictionary_table("patients").columns
    return [
        name
        for name, kind in kinds.items()
        if kind.is_float()
        and name in known
        and name in case.patients.columns
        and name not in case.predictions.scores
        and case.patients.schema[name].is_numeric()
    ]


def _agree(one: Floats, other: Floats) -> float:
    """Return the share of values that agree to four digits."""
    return float(np.isclose(one, other, rtol=1e-4, atol=1e-9).mean())
