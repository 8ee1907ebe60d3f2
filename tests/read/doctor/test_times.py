"""Units and grain of survival times."""

from __future__ import annotations

import polars as pl
import pytest

from coley.model.study import DAYS_PER_MONTH

FACTOR = {"days": DAYS_PER_MONTH, "weeks": DAYS_PER_MONTH / 7, "years": 1 / 12}


@pytest.mark.parametrize("unit", ["days", "weeks", "years"])
@pytest.mark.parametrize("n", [60, 400])
def test_the_first_progression_is_a_clock(clean, findings, unit, n):
    patients = clean(n, seed=n).with_columns(pl.col("pfs_months", "os_months") * FACTOR[unit])
    told = [c for c in findings(patients) if c.name == "time_unit" and c.where.column == "pfs_months"]
    assert len(told) == 1
    assert told[0].level == "fail"
    assert f"looks like {unit}" in told[0].message
    assert f'unit = "{unit}"' in told[0].remedy


def test_days_are_found_without_response_or_events(clean, findings):
    patients = clean(80).select("patient_id", (pl.col("os_months") * DAYS_PER_MONTH).round())
    assert [(c.name, c.level) for c in findings(patients)] == [("time_unit", "fail")]


def test_one_cohort_in_days_is_named_and_the_others_are_not(clean, findings):
    patients = clean(300, cohorts=3)
    days = pl.col("cohort") == "site 1"
    patients = patients.with_columns(
        pl.when(days).then((pl.col(c) * DAYS_PER_MONTH).round()).otherwise(pl.col(c)).alias(c)
        for c in ("pfs_months", "os_months")
    )
    told = findings(patients)
    assert {c.name for c in told} == {"time_unit"}
    assert {c.where.column for c in told} == {"pfs_months", "os_months"}
    for check in told:
        assert "site 1" in check.message
        assert "site 0" not in check.message


def test_pfs_in_months_and_os_in_days(clean, findings):
    patients = clean(200).with_columns(pl.col("os_months") * DAYS_PER_MONTH)
    messages = " ".join(c.message for c in findings(patients) if c.name == "time_unit")
    assert "os_months looks like days" in messages
    assert "os_months is exactly 30.44 times pfs_months" in messages
    assert "pfs_months looks like" not in messages


def test_long_follow_up_in_months_is_no_fault(clean, findings):
    patients = clean(300).with_columns((pl.col("os_months") * 6).alias("os_months"))  # up to 17 years
    assert [c for c in findings(patients) if c.name.startswith("time")] == []


def test_single_times_beyond_25_years(clean, only):
    os = pl.when(pl.int_range(pl.len()) == 11).then(3650.0).otherwise(pl.col("os_months")).alias("os_months")
    check = only(clean(100).with_columns(os), "time_too_long")
    assert check.level == "fail"
    assert check.where.lines == (12,)


def test_whole_months_are_named_once_for_all_cohorts(clean, findings):
    patients = clean(200, cohorts=2).with_columns(
        pl.col("os_months").ceil(), pl.col("pfs_months").floor().clip(1)
    )
    told = [c for c in findings(patients) if c.name == "time_grain"]
    assert [c.where.column for c in told] == ["pfs_months", "os_months"]
    assert "200 patients" in told[0].message


def test_half_months_are_no_whole_months(clean, findings):
    patients = clean(200).with_columns((pl.col("os_months") * 2).ceil() / 2)
    assert "time_grain" not in {c.name for c in findings(patients)}
