"""Impossible, contradictory and missing times."""

from __future__ import annotations

import polars as pl
import pytest


def at(rows, value, column):
    return pl.when(pl.int_range(pl.len()).is_in(rows)).then(value).otherwise(pl.col(column)).alias(column)


@pytest.mark.parametrize("value", [-1.0, float("inf"), float("nan")])
def test_impossible_times(clean, findings, value):
    told = [
        c
        for c in findings(clean(50).with_columns(at([3, 5], value, "os_months")))
        if c.name == "time_impossible"
    ]
    assert [(c.level, c.where.lines) for c in told] == [("fail", (4, 6))]


def test_follow_up_of_zero_is_looked_at(clean, findings):
    patients = clean(50).with_columns(at([3], 0.0, "os_months"), at([3], 0.0, "pfs_months"))
    told = [c for c in findings(patients) if c.name == "time_impossible"]
    assert [(c.level, c.where.column) for c in told] == [("warn", "pfs_months"), ("warn", "os_months")]


def test_one_os_before_pfs_is_a_slip(clean, only):
    patients = clean(200)
    row = patients.with_row_index().filter((pl.col("os_months") > 12) & (pl.col("response") == "SD"))[
        "index"
    ][0]
    patients = patients.with_columns(at([row], pl.col("os_months") + 2, "pfs_months"))
    check = only(patients, "os_before_pfs")
    assert check.level == "warn"
    assert check.where.lines == (row + 1,)


def test_interchanged_columns_are_a_fault(clean, findings):
    patients = clean(200).rename({"os_months": "pfs_months", "pfs_months": "os_months"})
    told = [c for c in findings(patients) if c.name == "os_before_pfs"]
    assert [c.level for c in told] == ["fail"]
    assert "interchanged" in told[0].cause


def test_rounding_is_no_contradiction(clean, findings):
    patients = clean(300)
    days = patients.with_columns((pl.col("pfs_months") * 30.4375 / 30).alias("pfs_months"))
    short = days.filter(pl.col("os_months") < 6)  # 30-day months: 1.5 % apart
    assert "os_before_pfs" not in {c.name for c in findings(short)}
    whole = patients.with_columns(pl.col("os_months").floor())
    assert "os_before_pfs" not in {c.name for c in findings(whole)}


def test_event_without_time_and_time_without_event(clean, findings):
    patients = clean(100)
    dead = patients.with_row_index().filter(pl.col("os_event"))["index"].to_list()[:3]
    patients = patients.with_columns(at(dead[:2], None, "os_months"), at(dead[2:], None, "os_event"))
    told = {c.message.split(" in ")[0]: c.level for c in findings(patients) if c.name == "time_missing"}
    assert told == {"os_event without os_months": "warn", "os_months without os_event": "warn"}


def test_times_known_only_of_the_dead(clean, findings):
    alive = ~pl.col("os_event")
    patients = clean(200).with_columns(
        pl.when(alive).then(None).otherwise(pl.col("os_months")).alias("os_months"),
        pl.when(alive).then(None).otherwise(pl.col("os_event")).alias("os_event"),
    )
    told = [c for c in findings(patients) if c.name == "time_missing"]
    assert [c.level for c in told] == ["fail"]
    assert "known only where the event was seen" in told[0].message


@pytest.mark.parametrize("value", [True, False])
def test_nobody_or_everybody_dead_is_looked_at(clean, findings, value):
    patients = (
        clean(80).drop("pfs_event", "pfs_months", "response").with_columns(pl.lit(value).alias("os_event"))
    )
    told = findings(patients)
    assert [(c.name, c.level) for c in told] == [("time_missing", "warn")]
