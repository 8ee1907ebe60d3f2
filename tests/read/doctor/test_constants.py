"""Constants, fills and caps."""

from __future__ import annotations

import polars as pl
import pytest


def within(cohort, value, column):
    return pl.when(pl.col("cohort") == cohort).then(value).otherwise(pl.col(column)).alias(column)


def test_a_constant_column(clean, only):
    check = only(clean(60).with_columns(pl.lit(3.8).alias("albumin_g_dl")), "constant")
    assert check.level == "fail"
    assert "3.8 in 60 of 60 patients" in check.message


def test_a_column_that_is_constant_in_two_of_three_cohorts(clean, only):
    patients = clean(300, cohorts=3).with_columns(
        pl.when(pl.col("cohort") == "site 2").then(pl.col("nlr")).otherwise(6.2).alias("nlr")
    )
    check = only(patients, "constant")
    assert check.message.startswith("nlr is 6.2 in ")
    assert " in site " in check.message
    assert "site 2" not in check.message


def test_one_value_for_nearly_everybody(clean, findings):
    patients = clean(200).with_columns(
        pl.when(pl.int_range(pl.len()) > 8).then(250.0).otherwise(pl.col("platelets")).alias("platelets")
    )
    assert [(c.name, c.level) for c in findings(patients)] == [("constant", "fail")]


@pytest.mark.parametrize("column", ["ecog", "liver_metastases", "sex"])
def test_a_constant_class_is_no_fault(clean, findings, column):
    patients = clean(100)
    same = patients.with_columns(pl.lit(patients[column][0]).alias(column))
    assert findings(same) == []


def test_many_zeros_are_measurements(clean, findings):
    zeros = pl.when(pl.int_range(pl.len()) % 20 > 0).then(0).otherwise(pl.col("pdl1_tps")).alias("pdl1_tps")
    assert findings(clean(300).with_columns(zeros)) == []


def test_a_median_that_replaced_missing_values(clean, only):
    patients = clean(300)
    median = patients["ldh_uln"].median()
    patients = patients.with_columns(
        pl.when(pl.int_range(pl.len()) % 4 == 0).then(median).otherwise(pl.col("ldh_uln")).alias("ldh_uln")
    )
    check = only(patients, "filled")
    assert check.level == "warn"
    assert 75 <= int(check.message.split(" in ")[1].split()[0]) <= 85


@pytest.mark.parametrize(("column", "cap"), [("age_years", 75.0), ("nlr", 10.0), ("tmb_per_mb", 20.0)])
def test_caps(clean, only, column, cap):
    patients = clean(600, seed=2).with_columns(pl.col(column).clip(upper_bound=cap))
    check = only(patients, "capped")
    assert check.message.startswith(f"{column} is capped at {cap:g}")


def test_a_capped_cohort_is_named_beside_the_others(clean, only):
    patients = clean(900, cohorts=2).with_columns(
        within("site 1", pl.col("nlr").clip(upper_bound=9.0), "nlr")
    )
    check = only(patients, "capped")
    assert check.message.startswith("nlr in site 1 is capped at 9")
    assert "other cohorts reach" in check.message


def test_the_end_of_a_percentage_is_no_cap(clean, findings):
    full = pl.when(pl.int_range(pl.len()) % 5 == 0).then(100).otherwise(pl.col("pdl1_tps")).alias("pdl1_tps")
    assert findings(clean(300).with_columns(full)) == []
