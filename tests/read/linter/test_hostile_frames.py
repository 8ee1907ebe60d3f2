"""Whatever the columns hold, the linter ends in checks or in one of Coley's own errors."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from coley.model.errors import ColeyError
from coley.model.study import Study
from coley.read.linter import lint

Make = Callable[[np.random.Generator, int], pl.Series]


def picked(values: list[Any], dtype: Any = None) -> Make:
    return lambda rng, n: pl.Series([values[i] for i in rng.integers(0, len(values), n)], dtype=dtype)


COLUMNS: list[Make] = [
    lambda rng, n: pl.Series(rng.normal(size=n)),
    lambda rng, n: pl.Series(rng.integers(-(2**62), 2**62, n)),
    picked([0, 1, 2]),
    picked([None]),
    picked([0.3]),
    picked(["a", "b", "NA", "", None], pl.String),
    picked(["1", "2", "x"], pl.Categorical),
    picked(["train", "Test", "validation", None], pl.String),
    picked([float("nan"), float("inf"), -float("inf"), 0.5, 1.0]),
    picked([True, False, None], pl.Boolean),
    picked([datetime.date(2020, 1, 1), None], pl.Date),
    picked([[1, 2], []], pl.List(pl.Int64)),
    picked([b"x"], pl.Binary),
]
NAMES = (
    "patient_id", "cohort", "fold", "split", "repeat", "method", "label", "call", "score", "probability", "x",
    "tmb_per_mb", "_row", "_at", "_value", "_label", "_where", "_cohort", "_told",
)  # fmt: skip
PROTOCOL = {
    "steps": ["split"], "features": ["f1", "f2"], "cut": 0.5, "trained_on": ["a"],
    "claims": [{"test": "t", "p": 0.01, "score": "score", "against": "x"}],
}  # fmt: skip


def some(rng: np.random.Generator, n: int) -> pl.Series:
    return COLUMNS[rng.integers(len(COLUMNS))](rng, n)


@pytest.mark.parametrize("seed", range(6))
def test_any_columns(simulate, seed: int) -> None:
    ended = []
    for case in range(12):
        rng = np.random.default_rng(100 * seed + case)
        n = int(rng.choice([1, 2, 20, 60]))
        patients = simulate(max(n, 8), case)
        truth = patients.drop("_score", "_p", "_y")
        for name in rng.choice(truth.columns[1:], rng.integers(0, 6), replace=False):
            truth = truth.with_columns(some(rng, truth.height).alias(str(name)))
        if rng.random() < 0.1:
            truth = truth.with_columns(pl.lit("same").alias("patient_id"))
        frame = pl.DataFrame(
            {str(c): some(rng, n) for c in rng.choice(NAMES, rng.integers(1, 9), replace=False)}
        )
        if rng.random() < 0.8:
            frame = frame.with_columns(patients["patient_id"].head(n), pl.Series("score", rng.normal(size=n)))
        features = patients.select("patient_id").with_columns(
            some(rng, patients.height).alias(f"f{k}") for k in range(4)
        )
        others: dict[str, Any] = {"features": features} if rng.random() < 0.5 else {}
        if rng.random() < 0.5:
            others["protocol"] = PROTOCOL
        try:
            lint(frame, Study("hostile", {"patients": truth}), **others)
            ended.append("checks")
        except ColeyError as error:
            ended.append(error.remedy)
    assert "checks" in ended
    assert all(ended)
