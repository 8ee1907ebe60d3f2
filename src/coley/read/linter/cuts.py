"""Cut-points chosen where they are judged: a cut that is the best of all, in the same rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.dictionary import normalise
from coley.model.errors import NotEstimable
from coley.read.doctor.examination import Findings
from coley.read.doctor.rows import found, place, word
from coley.read.linter.case import AT, VALUE, in_training
from coley.read.linter.facts import limit, words
from coley.read.linter.ranks import null_residuals
from coley.read.linter.repeats import OVER_REPEATS
from coley.read.linter.rule import rule
from coley.stats.cutpoint.candidates import Candidates
from coley.stats.cutpoint.maximum import permutation_p, two_class_p

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    import polars as pl

    from coley.model.answer import Check, Level
    from coley.read.linter.case import Case, Score
    from coley.read.linter.protocol import Cut

    Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Best:
    """A cut that is the best of many in some rows.

    Attributes
    ----------
    low, high
        The scores on either side of the gap in which it lies.
    by
        What it maximises.
    tried
        Number of cuts.
    p, corrected
        Of the difference at the cut as if it had been given (NaN for a group of fewer than one in ten), and of the
        largest difference of all cuts.
    """

    low: float
    high: float
    by: str
    tried: int
    p: float
    corrected: float


@rule(
    "optimal_cut",
    title="Cut-points",
    looks_for="a cut that is the best of all in the very rows it is judged on",
    applies=lambda case: (
        bool(case.predictions.calls or case.protocol.cuts) and case.role("patient_id") is not None
    ),
)
def optimal_cut(case: Case) -> Findings:
    """Find cuts that maximise Youden's index or the log-rank statistic in the same rows."""
    checks: Findings = []
    for cut in case.protocol.cuts:
        score = case.score(cut.score)
        if score is not None:
            checks += _stated(case, score, cut)
    for column in case.predictions.calls:
        told = [t for score in case.scores if (t := _called(case, score, column)) is not None]
        if told and all(told):  # a score and its probability are cut alike; usual in one is usual
            checks += told[0]
    return checks


def _stated(case: Case, score: Score, cut: Cut) -> Findings:
    where = normalise(cut.chosen_on)
    rows = _judged(case, score)
    best = _best_at(case, rows, cut.value)
    if where in words("parts")["everyone"]:
        here = best or next(_candidates(case, rows), None)
        tail = (
            ""
            if here is None
            else f" The best of all {here.tried} has {here.by}: {_worth(case, score, here)}."
        )
        return [
            _check(
                score, rows, "fail", f"The cut {cut.value:g} was chosen on the rows it is judged on.{tail}"
            )
        ]
    if best is None or _best_at(case, _training(case, score), cut.value):
        return []
    values = np.unique(rows[VALUE].to_numpy().astype(float))
    own = np.isclose(cut.value, [*values, (best.low + best.high) / 2], rtol=1e-9, atol=0).any()
    precise = own and _digits(cut.value) >= limit("cut.digits")
    if not precise and (where or not _rare(rows, best)):
        return []
    how = ", and it is a value of these very rows" if precise else ""
    return [
        _check(
            score,
            rows,
            "fail" if precise else "warn",
            f"{_told(case, score, f'The cut {cut.value:g}', best)}{how}.",
        )
    ]


def _called(case: Case, score: Score, column: str) -> Findings | None:
    """Judge a column of calls: one cut for all, or one for each cohort; None where it does not cut this score."""
    import polars as pl

    rows = _judged(case, score).filter(pl.col(column).is_not_null())
    gap = _gap(rows, column)
    if gap is not None:
        best = _best_at(case, rows, gap[1])
        trained = _training(case, score)
        if best is None or not _rare(rows, best) or _best_at(case, trained, gap[1]):
            return []
        return [_check(score, rows, "warn", f"{_told(case, score, f'The cut behind {column}', best)}.")]
    cohort = case.role("cohort") or ("_cohort" if "_cohort" in rows.columns else None)
    if cohort is None:
        return None
    parts = [
        part for _, part in rows.group_by(cohort, maintain_order=True) if part.height >= limit("cut.smallest")
    ]
    gaps = [_gap(part, column) for part in parts]
    if None in gaps:
        return None
    hits, log10_p = 0, 0.0
    for part, own in zip(parts, gaps, strict=True):
        best = None if own is None else _best_at(case, part, own[1])
        if best is not None:
            hits += 1
            log10_p += math.log10(min(1.0, limit("cut.peak") / best.tried))
    log10_p += math.log10(math.comb(len(parts), hits)) if parts else 0.0
    if hits < 2 or log10_p > limit("cut.log10_p"):
        return []
    return [
        _check(
            score,
            rows,
            "fail",
            f"{column} cuts {score.name} at another place in each cohort, in {hits} of {len(parts)} at the best "
            f"cut of its own rows (by chance 1e{log10_p:.0f}).",
        )
    ]


def _check(score: Score, rows: pl.DataFrame, level: Level, message: str) -> Check:
    return found(
        "optimal_cut",
        level,
        message,
        cause="The cut was chosen to look best in these patients; at a nominal 5 % such cuts are significant in 37 to "
        "47 % of useless scores.",
        remedy="Cut where training patients or a publication say, or report the corrected p and the score uncut.",
        where=place(rows, score.column),
    )


def _told(case: Case, score: Score, cut: str, best: Best) -> str:
    return (
        f"{cut} (between {word(best.low)} and {word(best.high)}) is of all {best.tried} cuts of {score.name} the "
        f"one with {best.by} in these rows: {_worth(case, score, best)}"
    )


def _worth(case: Case, score: Score, best: Best) -> str:
    """Return what the cut is worth before and after correction, and what was claimed of it."""
    claimed = [
        claim
        for claim in case.protocol.claims
        if normalise(claim.test) not in OVER_REPEATS
        and (not claim.score or case.score(claim.score) is score)
        and (not claim.endpoint or claim.endpoint.lower() in best.by.lower() or best.by.endswith("index"))
    ]
    said = f" ({claimed[0].test} claimed with p {word(claimed[0].p)})" if claimed else ""
    return f"p {best.p:.2g} as if it had been given{said}, {best.corrected:.2g} corrected for the choice"


def _judged(case: Case, score: Score) -> pl.DataFrame:
    """Return the rows that are not training, one per patient, with the cohort of the truth."""
    return _part(case, score, training=False)


def _training(case: Case, score: Score) -> pl.DataFrame:
    return _part(case, score, training=True)


def _part(case: Case, score: Score, *, training: bool) -> pl.DataFrame:
    import polars as pl

    split, rows = case.role("split"), score.single
    if split is None:
        rows = rows.clear() if training else rows
    else:
        rows = rows.filter(in_training(split) if training else ~in_training(split))
    if "cohort" in case.patients.columns:
        rows = rows.with_columns(case.patients["cohort"].cast(pl.String).gather(rows[AT]).alias("_cohort"))
    return rows


def _gap(rows: pl.DataFrame, column: str) -> tuple[float, float] | None:
    """Return the scores on either side of the cut that a column of calls makes; None where it is no cut."""
    high = rows[column].to_numpy().astype(float) > 0
    values = rows[VALUE].to_numpy().astype(float)
    if len(np.unique(rows[column].to_numpy())) != 2:
        return None
    for one, other in ((high, ~high), (~high, high)):
        if one.any() and other.any() and values[other].max() < values[one].min():
            return float(values[other].max()), float(values[one].min())
    return None


def _best_at(case: Case, rows: pl.DataFrame, value: float) -> Best | None:
    """Return what a cut maximises in some rows; None where another cut is better in every respect."""
    return next((b for b in _candidates(case, rows) if b.low < value <= b.high), None)


def _candidates(case: Case, rows: pl.DataFrame) -> Iterator[Best]:
    """Yield the best cut by each criterion: Youden's index, and the log-rank statistic of each endpoint."""
    if rows.height < limit("cut.smallest"):
        return
    at = rows[AT].to_numpy().astype(np.intp)
    values = rows[VALUE].to_numpy().astype(float)
    outcomes = {"the largest Youden index": case.label[at]}
    for endpoint in ("pfs", "os"):
        follow_up = case.time(endpoint)
        if follow_up is not None:
            outcomes[f"the largest log-rank statistic of {endpoint.upper()}"] = null_residuals(
                follow_up[0][at], follow_up[1][at]
            )
    for by, x in outcomes.items():
        known = np.isfinite(x)
        best = _of(values[known], x[known], by) if known.sum() >= limit("cut.smallest") else None
        if best is not None:
            yield best


def _of(values: Floats, x: Floats, by: str) -> Best | None:
    """Return the cut with the largest Youden index, or the largest standardised statistic of scores x."""
    try:
        candidates = Candidates.of(values, len(values), limit("cut.margin"))
    except NotEstimable:
        return None
    profile = candidates.profile(x[None])
    z, high = profile.z[0], profile.n_high[0]
    allowed = np.isfinite(z)
    if by.endswith("index"):  # Youden's is sought over all cuts
        size = np.abs(profile.difference[0]) * high * (len(x) - high)
        p = two_class_p(candidates, x)
    else:
        size = np.abs(z)
        p = permutation_p(candidates, x, samples=int(limit("cut.permutations")), seed=1)[0]
    tried = int(np.isfinite(size).sum())
    if tried < limit("cut.fewest"):
        return None
    at = int(np.nanargmax(size))
    naive = math.erfc(abs(float(z[at])) / math.sqrt(2)) if allowed[at] else math.nan
    return Best(float(candidates.values[at - 1]), float(candidates.values[at]), by, tried, naive, p)


def _rare(rows: pl.DataFrame, best: Best) -> bool:
    """Say whether a cut elsewhere would hardly have fallen into this gap: many cuts, and no usual one in it."""
    values = rows[VALUE].to_numpy().astype(float)
    quartiles = np.quantile(values, [0.1, 0.2, 0.25, 1 / 3, 0.5, 2 / 3, 0.75, 0.8, 0.9])
    spread = float(quartiles[6] - quartiles[2]) or 1.0
    step = 10.0 ** math.floor(math.log10(spread)) / 2
    usual = [*quartiles, values.mean(), round(best.high / step) * step, round(best.low / step) * step]
    in_gap = any(best.low < u <= best.high for u in usual)
    return not in_gap and limit("cut.peak") / best.tried <= limit("cut.chance")


def _digits(value: float) -> int:
    """Return the significant digits with which a number is written.

    Examples
    --------
    >>> _digits(0.5), _digits(0.43217)
    (1, 5)
    """
    return len(f"{value:.12g}".split("e")[0].replace(".", "").replace("-", "").strip("0"))
