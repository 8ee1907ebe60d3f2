"""Columns that know the outcome, and scores."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest


@pytest.mark.parametrize(
    ("column", "what"),
    [
        (pl.col("os_event").cast(pl.Int64) * 3 + 1, "os_event"),
        ((pl.col("os_months") > 6).cast(pl.Int64), "os_months"),
        (pl.col("response").is_in(["CR", "PR"]) + pl.col("age_years") / 1000, "response"),
    ],
)
def test_a_copy_of_the_outcome(clean, findings, column, what):
    told = [c for c in findings(clean(200).with_columns(column.alias("leak"))) if c.name == "mirrors_outcome"]
    assert [(c.level, c.where.column) for c in told] == [("warn", "leak")]
    assert f"leak separates {what}" in told[0].message


def test_a_strong_marker_is_none(clean, findings):
    patients = clean(300)
    rng = np.random.default_rng(3)
    marker = patients["response"].is_in(["CR", "PR"]).cast(pl.Float64) * 2 + rng.normal(size=300)  # AUC 0.92
    assert findings(patients.with_columns(marker.alias("marker"))) == []


def test_a_logistic_score(clean, only):
    points = 0.037 * pl.col("tmb_per_mb") + 0.54 * pl.col("albumin_g_dl") - 0.033 * pl.col("nlr") - 2
    check = only(clean(400).with_columns((1 / (1 + (-points).exp())).alias("LORIS")), "published_score")
    assert check.level == "warn"
    assert "tmb_per_mb" in check.message
    assert "platelets" not in check.message


def test_a_score_of_another_model(clean, only):
    bent = (pl.col("albumin_g_dl") - 3.9) * (pl.col("nlr").log() - 1.3) * 3 + (
        pl.col("tmb_per_mb") / 8
    ).tanh() * 2
    patients = clean(1500).with_columns((1 / (1 + (-bent).exp())).alias("model_probability"))
    assert "smooth model" in only(patients, "published_score").message


def test_one_measurement_under_two_names_is_no_score(clean, findings):
    rng = np.random.default_rng(1)
    patients = clean(1500)
    again = (patients["purity"].clip(0.02, 0.97) + rng.normal(0, 0.005, 1500)).clip(0.01, 0.99)
    assert findings(patients.with_columns(again.alias("cellularity"))) == []
