"""Ranges and codes of the dictionary, in every table."""

from __future__ import annotations

import polars as pl
import pytest

from coley.model.study import Study


@pytest.mark.parametrize(
    ("column", "value"),
    [("age_years", 154.0), ("ecog", 7), ("pdl1_tps", 140), ("albumin_g_dl", 41.0), ("ldh_uln", -0.5)],
)
def test_impossible_values(clean, findings, column, value):
    patients = clean(80)
    spoilt = patients.with_columns(
        pl.when(pl.int_range(pl.len()) == 20).then(value).otherwise(pl.col(column)).alias(column)
    )
    told = findings(spoilt)
    assert [(c.name, c.level, c.where.lines) for c in told] == [("impossible_value", "fail", (21,))]


def test_integers_that_are_none(clean, findings):
    told = findings(clean(40).with_columns(pl.col("ecog") + 0.5))
    assert [(c.name, c.where.column) for c in told] == [("impossible_value", "ecog")]


def test_grades(clean, only):
    patients = clean(30)
    events = pl.DataFrame({"patient_id": patients["patient_id"].head(3), "term": "rash", "grade": [1, 6, 0]})
    check = only(Study("s", {"patients": patients, "adverse_events": events}), "impossible_value")
    assert "adverse_events.grade is outside whole numbers 1 to 5" in check.message
    assert check.where.lines == (2, 3)


def test_unknown_codes(clean, findings):
    patients = clean(60).with_columns(pl.col("response").replace("PR", "Partial"))
    told = [c for c in findings(patients) if c.name == "unknown_code"]
    assert [(c.level, c.where.values) for c in told] == [("fail", ("Partial",))]
