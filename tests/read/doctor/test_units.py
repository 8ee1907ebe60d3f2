"""Units of measurements and of headers."""

from __future__ import annotations

import polars as pl
import pytest


@pytest.mark.parametrize(
    ("column", "factor", "unit"),
    [
        ("albumin_g_dl", 10, "g/L"),
        ("haemoglobin_g_dl", 10, "g/L"),
        ("platelets", 1000, "cells/uL"),
        ("pdl1_tps", 0.01, "fraction"),
        ("ldh_uln", 240, "U/L"),
        ("tmb_per_mb", 38, "mutations"),
        ("age_years", 365.25, "days"),
        ("age_years", 12, "months"),
    ],
)
def test_another_unit(clean, findings, column, factor, unit):
    told = [c for c in findings(clean(100).with_columns(pl.col(column) * factor)) if c.name == "unit"]
    assert [(c.level, c.where.column) for c in told] == [("fail", column)]
    assert f"looks like {unit}" in told[0].message
    assert f'unit = "{unit}"' in told[0].remedy


def test_one_cohort_in_another_unit(clean, findings):
    albumin = pl.when(pl.col("cohort") == "site 1").then(10).otherwise(1) * pl.col("albumin_g_dl")
    told = [
        c
        for c in findings(clean(300, cohorts=3).with_columns(albumin.alias("albumin_g_dl")))
        if c.name == "unit"
    ]
    assert len(told) == 1
    assert "in site 1 looks like g/L" in told[0].message


def test_fractions_among_percentages(clean, findings):
    mixed = (
        pl.when(pl.int_range(pl.len()) % 3 == 0).then(pl.col("pdl1_tps") / 100).otherwise(pl.col("pdl1_tps"))
    )
    told = [
        c
        for c in findings(clean(200).with_columns(mixed.alias("pdl1_tps")))
        if c.name == "percent_and_fraction"
    ]
    assert [c.level for c in told] == ["fail"]


def test_less_than_one_percent_is_a_percentage(clean, findings):
    few = pl.when(pl.int_range(pl.len()) % 3 == 0).then(0.5).otherwise(pl.col("pdl1_tps")).alias("pdl1_tps")
    assert "percent_and_fraction" not in {c.name for c in findings(clean(200).with_columns(few))}


@pytest.mark.parametrize(
    ("header", "source"),
    [
        ("Age at Which Sequencing was Reported (Days)", "age_years"),
        ("age_months", "age_years"),
        ("Follow-up (days)", "ecog"),
        ("Albumin (g/L)", "albumin_g_dl"),
    ],
)
def test_headers_that_contradict_their_values(clean, findings, header, source):
    told = findings(clean(100).with_columns(pl.col(source).alias(header)))
    assert ("header_unit", "warn", header) in [(c.name, c.level, c.where.column) for c in told]


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Age (days)", pl.col("age_years") * 365.25),
        ("Overall survival, days", (pl.col("os_months") * 30.4375)),
        ("Albumin (g/L)", pl.col("albumin_g_dl") * 10),
        ("stage_days_old", pl.col("platelets")),
        ("Percentage of days", pl.col("pdl1_tps")),
        ("dosage (days)", pl.col("ldh_uln")),
    ],
)
def test_headers_that_do_not(clean, findings, header, value):
    assert findings(clean(100).with_columns(value.alias(header))) == []


def test_infants(clean, findings):
    told = [c for c in findings(clean(100).with_columns(pl.col("age_years") / 365.25)) if c.level == "fail"]
    assert [c.name for c in told] == ["header_unit"]
