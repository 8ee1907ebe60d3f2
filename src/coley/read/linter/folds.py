"""Cross-validation: folds whose predictions must not be pooled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.read.doctor.chance import ranks_of
from coley.read.doctor.examination import Findings
from coley.read.doctor.rows import found, place
from coley.read.linter.case import AT, VALUE
from coley.read.linter.facts import limit
from coley.read.linter.ranks import area
from coley.read.linter.rule import rule
from coley.stats.tails import chi2_tail

if TYPE_CHECKING:
    import numpy.typing as npt
    import polars as pl

    from coley.read.linter.case import Case, Score

    Floats = npt.NDArray[np.float64]


def _one_run(case: Case, score: Score) -> pl.DataFrame:
    """Return the rows of the first repeat, or all where there is one."""
    import polars as pl

    repeat = case.role("repeat")
    rows = score.rows.filter(pl.col(str(case.role("fold"))).is_not_null())
    if repeat is None or not rows.height:
        return rows
    return rows.filter(pl.col(repeat).eq_missing(rows[repeat][0]))


@rule(
    "pooled_leave_one_out",
    title="Leave-one-out",
    looks_for="one patient per fold, where a pooled AUC is biased",
    applies=lambda case: case.role("fold") is not None,
)
def pooled_leave_one_out(case: Case) -> Findings:
    """Find folds of one patient each."""
    import polars as pl

    fold = str(case.role("fold"))
    for score in case.scores:
        rows = _one_run(case, score)
        alone = rows.filter(pl.len().over(fold) == 1)
        if alone.height < limit("loo.n") or alone.height < limit("loo.share") * rows.height:
            continue
        known = rows.filter(pl.col(AT).is_not_null())
        labels = case.label[known[AT].to_numpy().astype(np.intp)]
        kept = np.isfinite(labels)
        auc = area(known[VALUE].to_numpy().astype(float)[kept], labels[kept] > 0)
        seen = f" (here {auc:.2f}, which is therefore no estimate)" if np.isfinite(auc) else ""
        return [
            found(
                "pooled_leave_one_out",
                "fail",
                f"{fold} holds one patient in each of {alone.height} folds: an AUC over the pooled predictions is "
                f"biased{seen}.",
                cause="The model for a responder was fitted without that responder, so its predictions start lower; "
                "a useless feature in a logistic model gets a mean AUC of 0.28 to 0.31 this way.",
                remedy="Use repeated stratified cross-validation and average the AUC of the folds, or leave out pairs "
                "of one responder and one other (Airola et al., Comput Stat Data Anal 2011;55:1828).",
                where=place(alone, fold),
            )
        ]
    return []


@rule(
    "fold_scales_differ",
    title="One scale over the folds",
    looks_for="folds whose predictions have another level or spread, which a pooled AUC mixes",
    applies=lambda case: case.role("fold") is not None,
)
def fold_scales_differ(case: Case) -> Findings:
    """Compare the predictions of the folds; folds that are cohorts may differ in their patients."""
    checks: Findings = []
    for score in case.scores:
        checks += _scales(case, score)
    return checks


def _scales(case: Case, score: Score) -> Findings:
    import polars as pl

    fold = str(case.role("fold"))
    rows = _one_run(case, score)
    rows = rows.filter(pl.len().over(fold) >= limit("fold.smallest"))
    k = rows[fold].n_unique()
    if k < 2 or _are_cohorts(case, rows, fold):
        return []
    values = rows[VALUE].to_numpy().astype(float)
    names, group = np.unique(rows[fold].to_numpy().astype(str), return_inverse=True)
    medians = np.array([np.median(values[group == g]) for g in range(k)])
    # both are exact in random folds: no median of a fold's own enters, which would move skewed values
    level, spread = _kruskal(values, group), _kruskal(np.abs(values - np.median(values)), group)
    p = 2 * min(level, spread) * len(case.scores)
    if p > limit("fold.p"):
        return []
    low, high = int(medians.argmin()), int(medians.argmax())
    what = "level" if level <= spread else "spread"
    return [
        found(
            "fold_scales_differ",
            "warn",
            f"The {what} of {score.name} differs between the {k} folds (p {p:.1g}); medians from {medians[low]:.3g} "
            f"(fold {names[low]}) to {medians[high]:.3g} (fold {names[high]}).",
            cause="Each fold has a model of its own, with a scale of its own.",
            remedy="Average the AUC of the folds; do not pool their predictions.",
            where=place(rows, fold),
        )
    ]


def _are_cohorts(case: Case, rows: pl.DataFrame, fold: str) -> bool:
    """Say whether each fold lies within one cohort, as in leave-one-cohort-out."""
    import polars as pl

    column = case.role("cohort")
    cohorts = rows[column] if column else None
    if cohorts is None and "cohort" in case.patients.columns:
        known = rows.filter(pl.col(AT).is_not_null())
        cohorts = case.patients["cohort"].cast(pl.String).gather(known[AT])
        rows = known
    if cohorts is None or cohorts.n_unique() < 2:
        return False
    per_fold = (
        pl.DataFrame({"fold": rows[fold], "cohort": cohorts})
        .group_by("fold")
        .agg(pl.col("cohort").n_unique())
    )
    return bool((per_fold["cohort"] == 1).all())


def _kruskal(values: Floats, group: npt.NDArray[np.intp]) -> float:
    """Return the p of the Kruskal-Wallis test."""
    ranks = ranks_of(values)
    away = ranks - ranks.mean()
    variance = float(away @ away) / (len(values) - 1)
    if not variance:
        return 1.0
    sums, sizes = np.bincount(group, weights=away), np.bincount(group)
    return chi2_tail(float(np.sum(sums**2 / sizes)) / variance, len(sizes) - 1)
