"""Numbers that claim to be probabilities, and cohorts that claim to be a test."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from coley.read.doctor.examination import Findings
from coley.read.doctor.rows import found, place, word
from coley.read.linter.case import AT, VALUE, in_training
from coley.read.linter.facts import limit
from coley.read.linter.predictions import is_probability, nowhere
from coley.read.linter.rule import rule

if TYPE_CHECKING:
    from coley.read.linter.case import Case, Score


def _claimed(case: Case) -> list[Score]:
    """Return the scores that claim to be probabilities, by their name or in the protocol."""
    said = set(case.protocol.probabilities)
    return [s for s in case.scores if is_probability(s.column) or not said.isdisjoint({s.name, s.column})]


@rule(
    "not_probabilities",
    title="Probabilities between 0 and 1",
    looks_for="probabilities below 0 or above 1",
    applies=lambda case: bool(_claimed(case)),
)
def not_probabilities(case: Case) -> Findings:
    """Find values outside 0 and 1 in columns of probabilities."""
    import polars as pl

    checks: Findings = []
    for score in _claimed(case):
        bad = score.rows.filter((pl.col(VALUE) < 0) | (pl.col(VALUE) > 1))
        if not bad.height:
            continue
        values = score.rows[VALUE]
        percent = bool(((values >= 0) & (values <= 100)).all())
        checks.append(
            found(
                "not_probabilities",
                "fail",
                f"{score.name} claims to be a probability; {bad.height} of {len(values)} values are below 0 or above 1 "
                f"({word(values.min())} to {word(values.max())}).",
                cause="Percentages."
                if percent
                else "A linear predictor or another score, not a probability.",
                remedy="Divide by 100."
                if percent
                else "Call it a score, or calibrate it on training patients.",
                where=place(bad, score.column),
            )
        )
    return checks


@rule(
    "miscalibrated",
    title="Calibration",
    looks_for="probabilities that are too high, too low or too sure",
    applies=lambda case: bool(_claimed(case)) and bool(np.isfinite(case.label).any()),
)
def miscalibrated(case: Case) -> Findings:
    """Test probabilities of response against what happened (in the large, and Spiegelhalter's test)."""
    checks: Findings = []
    split = case.role("split")
    for score in _claimed(case):
        rows = score.single
        if split is not None:
            rows = rows.filter(~in_training(split))
        y = case.label[rows[AT].to_numpy().astype(np.intp)]
        p = rows[VALUE].to_numpy().astype(float)[np.isfinite(y)]
        y = y[np.isfinite(y)]
        if len(y) < limit("calibration.n") or ((p < 0) | (p > 1)).any():
            continue
        spread = float(np.sum(p * (1 - p)))
        sure = float(np.sum((1 - 2 * p) ** 2 * p * (1 - p)))
        if min(spread, sure) < limit("calibration.variance"):
            continue  # a sum of so few uncertain outcomes is not normal
        large = float(np.sum(y - p)) / math.sqrt(spread)
        shape = float(np.sum((y - p) * (1 - 2 * p))) / math.sqrt(sure)
        if max(abs(large), abs(shape)) < limit("calibration.z"):
            continue
        brier, null = float(np.mean((y - p) ** 2)), float(y.mean() * (1 - y.mean()))
        checks.append(
            found(
                "miscalibrated",
                "warn",
                f"{score.name} says {p.mean():.0%} and {y.mean():.0%} of {len(y)} responded (z {large:.1f}; "
                f"Spiegelhalter z {shape:.1f}); its Brier score is {brier:.3f}, that of a constant {null:.3f}.",
                cause="Classes were balanced in training, these patients differ, or the model is too sure.",
                remedy="Recalibrate intercept and slope on training patients, or call it a score.",
                where=place(rows, score.column),
            )
        )
    return checks


@rule(
    "in_sample",
    title="Cohorts of training",
    looks_for="predictions of cohorts that the model was trained on, among those it is judged on",
    applies=lambda case: bool(case.protocol.trained_on),
)
def in_sample(case: Case) -> Findings:
    """Find training cohorts among the predictions that no split marks as training."""
    import polars as pl

    trained = {name.strip().lower() for name in case.protocol.trained_on}
    rows = case.frame.filter(pl.col(AT).is_not_null())
    split, column = case.role("split"), case.role("cohort")
    if split is not None:
        rows = rows.filter(~in_training(split))
    if column is None:
        if "cohort" not in case.patients.columns:
            return []
        column = "_cohort"
        rows = rows.with_columns(case.patients["cohort"].cast(pl.String).gather(rows[AT]).alias(column))
    inside = rows.filter(pl.col(column).str.strip_chars().str.to_lowercase().is_in(sorted(trained)))
    if not inside.height:
        return []
    names = inside[column].unique().sort().to_list()
    return [
        found(
            "in_sample",
            "warn",
            f"The model was trained on {', '.join(names)}, and {inside.height} of {rows.height} predictions are "
            "of these patients.",
            cause="Performance in training patients is no test.",
            remedy="Judge it in the other cohorts, or mark these rows as training in a column split.",
            where=nowhere(case.predictions.file, column.strip("_"), names[:5]),
        )
    ]
