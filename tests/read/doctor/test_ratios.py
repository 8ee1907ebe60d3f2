"""Columns made from other columns."""

from __future__ import annotations

import polars as pl
import pytest


def test_a_doubled_column(clean, only):
    check = only(clean(100).with_columns((pl.col("nlr") / 2).alias("NLR_original")), "exact_multiple")
    assert check.level == "warn"
    assert "nlr is exactly 2 times NLR_original" in check.message


def test_a_doubled_column_of_one_cohort(clean, only):
    half = pl.when(pl.col("cohort") == "site 1").then(pl.col("nlr") / 2).alias("NLR_original")
    assert (
        "2 times NLR_original in site 1"
        in only(clean(200, cohorts=3).with_columns(half), "exact_multiple").message
    )


@pytest.mark.parametrize("factor", [1.0, 10.0, 12.0, 100.0, 365.25, 30.4375])
def test_a_change_of_unit_is_no_fault(clean, findings, factor):
    assert findings(clean(100).with_columns((pl.col("age_years") * factor).alias("age_other"))) == []


def test_counts_per_megabase_are_no_fault(clean, findings):
    assert findings(clean(100).with_columns((pl.col("tmb_per_mb") * 38.3).alias("tmb_raw"))) == []


def test_a_multiple_with_one_exception_is_none(clean, findings):
    half = pl.when(pl.int_range(pl.len()) == 50).then(9.0).otherwise(pl.col("nlr") / 2).alias("NLR_original")
    assert findings(clean(100).with_columns(half)) == []


def test_nlr_and_its_parts(clean, findings):
    patients = clean(200).with_columns(pl.lit(1.5).alias("x") + pl.col("ldh_uln") / 10)
    parts = patients.with_columns(
        pl.col("x").round(2).alias("lymphocytes"), (pl.col("nlr") * pl.col("x")).round(2).alias("neutrophils")
    ).drop("x")
    assert "nlr_parts" not in {c.name for c in findings(parts)}
    derived = parts.with_columns(pl.col("nlr") / (pl.col("nlr") + 1) * 2)
    told = [c for c in findings(derived) if c.name == "nlr_parts"]
    assert [c.level for c in told] == ["fail"]
