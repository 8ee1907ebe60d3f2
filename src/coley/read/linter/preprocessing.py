"""What was learnt before the split: the order of the steps, scaled features, selected features."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from coley.model.dictionary import normalise
from coley.read.doctor.examination import Findings
from coley.read.doctor.rows import found
from coley.read.kinds import naming
from coley.read.linter.case import AT, in_training
from coley.read.linter.facts import limit, rows, words
from coley.read.linter.features import features_at, named_features, numbers_of
from coley.read.linter.predictions import nowhere
from coley.read.linter.ranks import null_residuals
from coley.read.linter.rule import rule

if TYPE_CHECKING:
    import numpy.typing as npt
    import polars as pl

    from coley.model.answer import Check, Level
    from coley.read.linter.case import Case

    Floats = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]


@rule(
    "protocol_order",
    title="Order of the steps",
    looks_for="steps that learnt from patients the model is judged on",
    applies=lambda case: bool(case.protocol.steps),
)
def protocol_order(case: Case) -> Findings:
    """Find steps before the split, or on all patients."""
    why = {row["name"]: row["reason"] for row in rows("steps") if row["learns"] == "yes"}
    steps = case.protocol.steps
    split = next((i for i, step in enumerate(steps) if step.kind == "split"), None)
    apart = split is not None or bool(case.protocol.trained_on)
    checks: Findings = []
    for i, step in enumerate(steps):
        everyone = normalise(step.on) in words("parts")["everyone"]
        early = split is not None and i < split and not step.on
        if step.kind not in why or not (everyone or early):
            continue
        how = f"was done on {step.on}" if everyone else "comes before the split"
        checks.append(
            found(
                "protocol_order",
                "fail",
                f"Step {i + 1} of {len(steps)}, {step.step}, {how}: it learnt from the test patients.",
                cause=why[step.kind],
                remedy="Do this step within each training part, and apply what it learnt to the test part.",
                where=nowhere(case.protocol.file, "steps", (step.step,)),
            )
        )
    if not apart and not checks:
        checks.append(
            found(
                "protocol_order",
                "warn",
                "The protocol names no split and no cohorts that the model was trained on.",
                cause="The predictions may be of the patients that the model was fitted to.",
                remedy='Name the step "split", or the cohorts under trained_on.',
                where=nowhere(case.protocol.file, "steps"),
            )
        )
    return checks


@rule(
    "scaled_before_split",
    title="Scaling",
    looks_for="features whose mean and spread over training and test together are exactly 0 and 1",
    applies=lambda case: case.features is not None and case.role("split") is not None,
)
def scaled_before_split(case: Case) -> Findings:
    """Compare mean and spread (or the ends) of features over all patients and over the training part."""
    import polars as pl

    frame, training = _split_features(case)
    if frame is None or min(training.sum(), (~training).sum()) < limit("scaled.smallest"):
        return []
    names = [c for c in numbers_of(frame) if frame[c].n_unique() > limit("scaled.distinct")]
    if not names:
        return []
    x = frame.select(pl.col(names).cast(pl.Float64).fill_null(np.nan)).to_numpy()
    checks: Findings = []
    for how, scaled in (
        ("mean 0 and standard deviation 1", _standard),
        ("smallest value 0 and largest 1", _ends),
    ):
        together, alone, other = scaled(x), scaled(x[training]), scaled(x[~training])
        early = [name for name, t, a in zip(names, together, alone, strict=True) if t and not a]
        apart = [name for name, a, o in zip(names, alone, other, strict=True) if a and o]
        if len(early) >= (1 if scaled is _standard else limit("scaled.ends")):
            checks.append(
                _scaled(case, early, f"{how} over training and test together, and not over training alone")
            )
        elif len(apart) >= (1 if scaled is _standard else limit("scaled.ends")):
            checks.append(
                _scaled(case, apart, f"{how} over training and over test, each by itself", level="warn")
            )
    return checks


def _scaled(case: Case, names: list[str], how: str, *, level: Level = "fail") -> Check:
    cause = (
        "They were scaled before the split, so the test patients shaped the training data."
        if level == "fail"
        else "Each part was scaled by its own patients: the same measurement became two values."
    )
    return found(
        "scaled_before_split",
        level,
        f"{len(names)} feature{'s have' if len(names) > 1 else ' has'} {how}: {naming(names)}.",
        cause=cause,
        remedy="Learn mean and spread from the training part alone, and apply them to the test part.",
        where=nowhere("features", names[0]),
    )


def _standard(x: Floats) -> Flags:
    mean, variance = np.nanmean(x, axis=0), np.nanvar(x, axis=0)
    n = np.isfinite(x).sum(axis=0)
    near = limit("scaled.tolerance")
    return np.asarray(
        (np.abs(mean) < near)
        & ((np.abs(variance - 1) < near) | (np.abs(variance * n / np.maximum(n - 1, 1) - 1) < near))
    )


def _ends(x: Floats) -> Flags:
    """Say which columns reach from 0 to 1, each end with one patient alone."""
    return np.asarray(
        (np.nanmin(x, axis=0) == 0)
        & (np.nanmax(x, axis=0) == 1)
        & ((x == 0).sum(axis=0) == 1)
        & ((x == 1).sum(axis=0) == 1)
    )


@rule(
    "selected_before_split",
    title="Selection of features",
    looks_for="selected features that are the best over training and test together, not those of training",
    applies=lambda case: (
        case.features is not None and case.role("split") is not None and bool(case.protocol.features)
    ),
)
def selected_before_split(case: Case) -> Findings:
    """Compare the selection with the best features by training alone and by all patients."""
    import polars as pl

    frame, training = _split_features(case)
    if frame is None or not training.any() or training.all():
        return []
    chosen = named_features(case, frame)
    names = numbers_of(frame)
    k, p = len(chosen), len(names)
    if k < limit("selected.smallest") or p < limit("selected.pool") * k:
        return []
    raw = frame.select(pl.col(names).cast(pl.Float64).fill_null(strategy="mean").fill_null(0.0)).to_numpy()
    ranked = frame.select(pl.col(names).rank("average").fill_null(strategy="mean").fill_null(0.0)).to_numpy()
    is_chosen = np.isin(names, chosen)
    sides = [
        _sides(x, y, training, is_chosen)
        for y in _outcomes(case, frame[AT].to_numpy().astype(np.intp))
        for x in (raw, ranked)
    ]
    told = max((side for side in sides if side is not None), default=None)
    if told is None:
        return []
    share, leaked, honest, p_sign = told
    if share < limit("selected.share") or not leaked or p_sign > limit("selected.p"):
        return []
    return [
        found(
            "selected_before_split",
            "fail",
            f"{share:.0%} of the {k} selected features are the {k} best of {p:,} over training and test together; "
            f"{leaked} of them are not among the best in training, and {honest} the other way round (p {p_sign:.1g}).",
            cause="Features were selected before the split, with the outcomes of the test patients.",
            remedy="Select within each training part; the performance of this selection must be judged anew.",
            where=nowhere(case.protocol.file, "features", chosen[:5]),
        )
    ]


def _outcomes(case: Case, at: npt.NDArray[np.intp]) -> list[Floats]:
    """Return the outcomes by which features may have been selected."""
    outcomes = [case.label[at]]
    for endpoint in ("os", "pfs"):
        follow_up = case.time(endpoint)
        if follow_up is not None:
            outcomes.append(null_residuals(follow_up[0][at], follow_up[1][at]))
    return outcomes


def _sides(x: Floats, y: Floats, training: Flags, chosen: Flags) -> tuple[float, int, int, float] | None:
    """Compare a selection with the best by all patients and the best by training.

    Returns
    -------
    Share of the selection among the best by all; selected features that are among the best by all alone, and by
    training alone; the probability of so many of the first by a fair coin. None where there is nothing to compare.
    """
    known = np.isfinite(y)
    if (known & training).sum() < limit("scaled.smallest") or np.ptp(y[known]) == 0:
        return None
    k = int(chosen.sum())
    best_all, best_train = _top(x[known], y[known], k), _top(x[known & training], y[known & training], k)
    leaked = int((chosen & best_all & ~best_train).sum())
    honest = int((chosen & best_train & ~best_all).sum())
    n = leaked + honest
    p_sign = sum(math.comb(n, i) for i in range(leaked, n + 1)) / 2**n
    return float((chosen & best_all).sum()) / k, leaked, honest, p_sign


def _top(x: Floats, y: Floats, k: int) -> Flags:
    """Mark the k columns with the largest correlation with y."""
    away, target = x - x.mean(axis=0), y - y.mean()
    size = np.sqrt((away**2).sum(axis=0))
    strength = np.abs(target @ away) / np.where(size > 0, size, np.inf)
    marked = np.zeros(x.shape[1], dtype=bool)
    marked[np.argsort(-strength, kind="stable")[:k]] = True
    return marked


def _split_features(case: Case) -> tuple[pl.DataFrame | None, Flags]:
    """Return the features with the part of each patient; None where no patient has both."""
    import polars as pl

    split = str(case.role("split"))
    sides = case.frame.filter(pl.col(AT).is_not_null() & pl.col(split).is_not_null()).unique(AT, keep="first")
    frame = features_at(case).join(
        sides.select(AT, pl.col(split).alias("_part")), on=AT, maintain_order="left"
    )
    if not frame.height:
        return None, np.zeros(0, dtype=bool)
    training = frame.select(in_training("_part")).to_series().to_numpy()
    return frame.drop("_part"), training
