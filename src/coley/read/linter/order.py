"""Predictions that rise or fall along the rows of the study: the score was sorted, the ids were not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.read.doctor.chance import ranks_of
from coley.read.doctor.examination import Findings
from coley.read.doctor.rows import found, patients_word, place
from coley.read.linter.case import LABEL
from coley.read.linter.evidence import SMALLEST, covariates
from coley.read.linter.facts import limit
from coley.read.linter.orders import FILE, orders_of
from coley.read.linter.ranks import centred_ranks, log10_hypergeometric, trend
from coley.read.linter.rule import rule

if TYPE_CHECKING:
    import numpy.typing as npt

    from coley.read.linter.case import Case, Score

    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.intp]


OR = ", and the score follows it; or the rows were confused."


@rule(
    "monotone_in_row_order",
    title="Predictions along the rows",
    looks_for="predictions that rise or fall along the rows of the study",
    applies=lambda case: True,
)
def monotone_in_row_order(case: Case) -> Findings:
    """Find scores that were sorted, and given the ids of an order that was not."""
    checks: Findings = []
    for score in case.scores:
        if case.role("patient_id") is None:
            checks += _by_position(case, score)
        elif len(score.at) >= limit("group.smallest_order"):
            checks += _by_key(case, score)
    return checks


def _by_key(case: Case, score: Score) -> Findings:
    orders = {name: ranks for name, ranks in orders_of(case, score).items() if name != FILE}
    strata = _strata(case, score)
    for name, ranks in orders.items():
        rho, log10_p, exact = trend(score.values, ranks, strata)
        log10_p += np.log10(len(orders) * len(case.scores))
        if abs(rho) < limit("rank.trend") or log10_p > limit("rank.log10_p"):
            continue
        why = _reason(case, score, ranks, strata)
        if why == "made of":
            return []
        how = f"{'rises' if rho > 0 else 'falls'} {'without exception' if exact else f'(rank correlation {rho:.3f})'}"
        within = " within each cohort and outcome" if len(np.unique(strata)) > 1 else ""
        return [
            found(
                "monotone_in_row_order",
                "warn" if why else "fail",
                f"{score.name} {how} along {name}{within} ({patients_word(len(score.at))}); "
                f"in rows listed by patient the probability of that is 1e{min(log10_p, 0):.0f}.",
                cause=why
                or "The scores came back sorted by score and were given the ids in their unsorted order, so each "
                "patient has somebody else's score (unless the study itself was sorted by this score).",
                remedy="Join the scores to the patients by the id that came with each score, never by position.",
                where=place(score.single, score.column),
            )
        ]
    return []


def _by_position(case: Case, score: Score) -> Findings:
    values = score.rows["_value"].to_numpy().astype(float)
    rho, log10_p, _ = trend(values, np.arange(len(values)), np.zeros(len(values), dtype=np.intp))
    if abs(rho) < limit("rank.trend") or log10_p + np.log10(len(case.scores)) > limit("rank.log10_p"):
        return []
    return [
        found(
            "monotone_in_row_order",
            "fail",
            f"{score.name} {'rises' if rho > 0 else 'falls'} along the rows of a file without ids: it was sorted.",
            cause="The scores were sorted, and the ids that went with them left behind.",
            remedy="Write the id of each patient beside the score.",
            where=place(score.rows, score.column),
        )
    ]


def _strata(case: Case, score: Score) -> Indices:
    """Return a number for each cohort and outcome: a study may be sorted by either, and scores differ."""
    import polars as pl

    frame = case.patients[score.at]
    keys = [pl.col(LABEL).cast(pl.Int8).fill_null(2)]
    if "cohort" in frame.columns:
        keys.append(pl.col("cohort").cast(pl.String).fill_null(""))
    return frame.select(pl.struct(keys).rank("dense"))[:, 0].to_numpy().astype(np.intp)


def _reason(case: Case, score: Score, ranks: Indices, strata: Indices) -> str:
    """Say why an innocent score might follow the rows of the study; "made of" where a covariate explains it."""
    n = len(score.at)
    measured = []
    for name, values in covariates(case).items():
        column = values[score.at]
        if not np.isfinite(column).all():
            continue
        distinct, ranked = len(np.unique(column)), centred_ranks(column)
        if abs(float(centred_ranks(score.values) @ ranked)) > limit("rank.same"):
            pairs = len(np.unique(np.column_stack([column, score.values]), axis=0))
            return "made of" if distinct < n and pairs == distinct else f"The study is sorted by {name}{OR}"
        if distinct > min(limit("rank.measurement"), n / 2):
            measured.append(ranked)
    measured = measured[: int(n / limit("aligned.patients_per_covariate"))]
    if measured:
        basis, sizes, _ = np.linalg.svd(np.column_stack(measured), full_matrices=False)
        along = _within(ranks.astype(float), strata) @ basis[:, sizes > SMALLEST]
        if float(along @ along) > limit("rank.study_explained"):
            return f"The study is sorted by this score or by what it is made of{OR}"
    return ""


def _within(values: Floats, strata: Indices) -> Floats:
    """Return ranks within strata, centred and of unit length."""
    made = np.zeros(len(values))
    for stratum in np.unique(strata):
        rows = strata == stratum
        ranks = ranks_of(values[rows])
        made[rows] = (ranks - ranks.mean()) / max(len(ranks), 1)
    length = float(np.sqrt(made @ made))
    return made / length if length else made


@rule(
    "sorted_outcomes",
    title="Outcomes along the rows",
    looks_for="patients sorted by outcome, so that any drift along the rows looks like a prediction",
    applies=lambda case: bool(np.isfinite(case.label).any()),
)
def sorted_outcomes(case: Case) -> Findings:
    """Find studies sorted by outcome, where the file of predictions has the same order."""
    score = case.scores[0] if case.scores else None
    if score is None or len(score.at) < limit("group.smallest_order") or (np.diff(score.at) < 0).any():
        return []
    known = np.isfinite(case.label[score.at])
    y = case.label[score.at][known]
    ones = int(y.sum())
    steps = np.diff(y)
    if (steps != 0).sum() != 1 or log10_hypergeometric(ones, ones, ones, len(y)) > limit("rank.log10_p"):
        return []
    if trend(score.values[known], np.arange(len(y)), np.zeros(len(y), dtype=np.intp))[2]:
        return []  # the other rule has it
    return [
        found(
            "sorted_outcomes",
            "warn",
            f"The rows are sorted by outcome: {'the' if y[0] else 'those without a response, then the'} "
            f"{ones} responders{', then the others' if y[0] else ''} ({patients_word(len(y))}).",
            cause="The table was sorted by response before the ids were written.",
            remedy="Shuffle the rows before predicting: whatever drifts with the row number now looks like a "
            "prediction, and rows that were confused cannot be told from good ones.",
            where=place(score.single, score.column),
        )
    ]
