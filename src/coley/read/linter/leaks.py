"""What nobody could have known at baseline: scores, covariates and features that know the outcome."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from coley.model.dictionary import normalise
from coley.read.doctor.examination import Findings
from coley.read.doctor.mirrors import mirrors_outcome
from coley.read.doctor.rows import found, patients_word, place
from coley.read.linter.case import AT
from coley.read.linter.facts import limit, rows, words
from coley.read.linter.features import features_at, numbers_of
from coley.read.linter.predictions import nowhere
from coley.read.linter.ranks import area, centred_ranks, log10_two_sided
from coley.read.linter.rule import rule

if TYPE_CHECKING:
    import numpy.typing as npt
    import polars as pl

    from coley.read.linter.case import Case

    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.intp]

REMEDY = "Leave out of the model whatever is made from the outcome or recorded after the origin of time."


@rule(
    "knows_outcome",
    title="Predictions that know the outcome",
    looks_for="predictions that are a function of the outcome or of follow-up",
    applies=lambda case: True,
)
def knows_outcome(case: Case) -> Findings:
    """Find scores better than any prediction can be."""
    checks: Findings = []
    for score in case.scores:
        told = _knows_time(case, score.values, score.at) or _knows_label(case, score.values, score.at)
        if told:
            checks.append(
                found(
                    "knows_outcome",
                    "fail",
                    f"{score.name} {told}; no prediction reaches that.",
                    cause="The outcome, or something recorded after it, went into the score.",
                    remedy=REMEDY,
                    where=place(score.single, score.column),
                )
            )
    return checks


def _knows_time(case: Case, values: Floats, at: Indices) -> str:
    """Compare with the time that was observed, censored or not: even a perfect prognosis does not know follow-up."""
    for endpoint in ("os", "pfs"):
        follow_up = case.time(endpoint)
        if follow_up is None:
            continue
        time = follow_up[0][at]
        known = np.isfinite(time)
        if known.sum() < limit("leak.n"):
            continue
        rho = float(centred_ranks(values[known]) @ centred_ranks(time[known]))
        if abs(rho) > limit("leak.time"):
            return (
                f"follows {endpoint.upper()} (rank correlation {rho:.3f}, {patients_word(int(known.sum()))})"
            )
    return ""


def _knows_label(case: Case, values: Floats, at: Indices) -> str:
    """Test the AUC against the best that is believable; with few patients, perfection can be luck."""
    y = case.label[at]
    known = np.isfinite(y)
    positive, x = y[known] > 0, values[known]
    ones, zeros = int(positive.sum()), int((~positive).sum())
    if min(ones, zeros) < limit("leak.n"):
        return ""
    auc = area(x, positive)
    auc = max(auc, 1 - auc)
    if auc == 1.0 and _clumps(x, positive) > limit("leak.gap"):
        return f"falls into two clumps that are the responders and the others ({patients_word(len(x))})"
    best = limit("leak.best_auc")
    q1, q2 = best / (2 - best), 2 * best**2 / (1 + best)
    variance = (best * (1 - best) + (ones - 1) * (q1 - best**2) + (zeros - 1) * (q2 - best**2)) / (
        ones * zeros
    )
    if (auc - best) / math.sqrt(variance) < limit("leak.z"):
        return ""
    return f"separates response with an AUC of {auc:.4f} ({ones} responders of {patients_word(len(x))})"


def _clumps(x: Floats, positive: npt.NDArray[np.bool_]) -> float:
    """Return the gap between the classes in standard deviations within them, of probabilities on the logit scale."""
    scales = [x]
    if ((x > 0) & (x < 1)).all():
        scales.append(np.log(x / (1 - x)))
    gaps = []
    for v in scales:
        low, high = sorted((v[positive], v[~positive]), key=lambda part: float(part.mean()))
        within = math.sqrt(float(np.concatenate([low - low.mean(), high - high.mean()]).var()))
        gaps.append(float(high.min() - low.max()) / within if within > 0 else math.inf)
    return min(gaps)


@rule(
    "mirrors_outcome",
    title="Covariates that know the outcome",
    looks_for="covariates and features that separate the outcomes almost without fault",
    applies=lambda case: True,
)
def mirrors(case: Case) -> Findings:
    """Let the doctor look at the covariates of the truth; look at the features alike."""
    checks: Findings = list(mirrors_outcome(case.predicted))
    frame = features_at(case)
    names = numbers_of(frame)
    if not names or not frame.height:
        return checks
    at = frame[AT].to_numpy().astype(np.intp)
    for name in _suspects(case, frame, names):
        values = frame[name].fill_null(np.nan).to_numpy()
        held = np.isfinite(values)
        told = _feature_knows(case, values[held], at[held], len(names))
        if told:
            checks.append(
                found(
                    "mirrors_outcome",
                    "warn",
                    f"The feature {name} {told}; no baseline measurement does.",
                    cause="It was made from the outcome, or recorded after it.",
                    remedy=REMEDY,
                    where=nowhere("features", name),
                )
            )
    return checks


def _suspects(case: Case, frame: pl.DataFrame, names: list[str]) -> list[str]:
    """Return the features that may pass the limits, by one matrix product: there may be 20,000 of them."""
    at = frame[AT].to_numpy().astype(np.intp)
    outcomes = [case.label[at], *(t[0][at] for e in ("os", "pfs") if (t := case.time(e)) is not None)]
    targets = np.column_stack([centred_ranks(y) for y in outcomes])
    ranks = frame.select(_ranks_of_columns(names)).to_numpy()
    known_ranks = np.isfinite(ranks)
    count = np.maximum(known_ranks.sum(axis=0), 1)
    away = np.where(known_ranks, ranks - np.where(known_ranks, ranks, 0.0).sum(axis=0) / count, 0.0)
    size = np.sqrt((away**2).sum(axis=0))
    rho = np.abs(targets.T @ away) / np.where(size > 0, size, np.inf)
    # the largest rank correlation that a label of these shares can have is sqrt(3 p (1 - p))
    known = np.isfinite(outcomes[0])
    share = float(outcomes[0][known].mean()) if known.any() else 0.0
    most = np.array([math.sqrt(3 * share * (1 - share)), *[1.0] * (len(outcomes) - 1)])
    suspect = (rho > limit("leak.suspect") * most[:, None]).any(axis=0)
    return [names[i] for i in np.flatnonzero(suspect)]


def _ranks_of_columns(names: list[str]) -> pl.Expr:
    """Return the ranks of columns as numbers; missing stays missing."""
    import polars as pl

    return pl.col(names).cast(pl.Float64).rank("average").fill_null(np.nan)


def _feature_knows(case: Case, values: Floats, at: Indices, tried: int) -> str:
    y = case.label[at]
    known = np.isfinite(y)
    positive = y[known] > 0
    ones, zeros = int(positive.sum()), int((~positive).sum())
    if min(ones, zeros) >= limit("leak.n"):
        auc = area(values[known], positive)
        z = (auc - 0.5) / math.sqrt((ones + zeros + 1) / (12 * ones * zeros))
        rare = log10_two_sided(z) + math.log10(tried) < limit("leak.log10_p")
        if max(auc, 1 - auc) > limit("leak.area") and rare:
            return f"separates response in {max(auc, 1 - auc):.1%} of pairs ({patients_word(ones + zeros)})"
    return _knows_time(case, values, at)


@rule(
    "post_baseline",
    title="Features from after baseline",
    looks_for="features named after something that is known only later",
    applies=lambda case: case.features is not None or bool(case.protocol.features),
)
def post_baseline(case: Case) -> Findings:
    """Compare the names of the features with those of outcomes, follow-up and treatment given."""
    frame = case.features
    columns = [] if frame is None else [c for c in frame.columns if not c.startswith("_")]
    names = case.protocol.features or columns
    why = {row["name"]: row["reason"] for row in rows("post_baseline")}
    checks: Findings = []
    for kind, known in words("post_baseline").items():
        spellings = set(map(normalise, known))
        hits = [name for name in names if normalise(name) in spellings]
        if hits:
            checks.append(
                found(
                    "post_baseline",
                    "fail" if case.protocol.features else "warn",
                    f"{', '.join(hits[:5])} among the features {'are' if len(hits) > 1 else 'is'} not known at "
                    "baseline.",
                    cause=why[kind],
                    remedy=REMEDY,
                    where=nowhere(case.protocol.file if case.protocol.features else "features", hits[0]),
                )
            )
    return checks
