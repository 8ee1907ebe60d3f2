"""Reversed event codes, with and without the columns that betray them."""

from __future__ import annotations

import polars as pl
import pytest

BOTH = ("pfs_event", "os_event")


def flip(patients, *columns):
    return patients.with_columns(~pl.col(c) for c in columns)


@pytest.mark.parametrize("columns", [("pfs_event",), ("os_event",), BOTH])
@pytest.mark.parametrize("n", [100, 150, 500])
def test_reversed_columns_are_named(clean, findings, columns, n):
    told = [c for c in findings(flip(clean(n, seed=n), *columns)) if c.name == "event_code"]
    assert [c.level for c in told] == ["fail"]
    assert told[0].message.startswith(
        f"{' and '.join(columns)} {'are' if len(columns) > 1 else 'is'} reversed"
    )


@pytest.mark.parametrize("columns", [("pfs_event",), ("os_event",), BOTH])
def test_reversed_columns_are_named_without_response(clean, findings, columns):
    patients = flip(clean(300, seed=5).drop("response"), *columns)
    told = [c for c in findings(patients) if c.name == "event_code"]
    assert len(told) == 1
    assert told[0].message.startswith(" and ".join(columns))


def test_reversed_deaths_are_named_by_their_times_alone(clean, only):
    check = only(flip(clean(300).select("patient_id", "os_months", "os_event"), "os_event"), "event_code")
    assert check.level == "fail"
    assert "longest times end in an event" in check.message


def test_reversed_deaths_are_named_by_response_alone(clean, only):
    check = only(flip(clean(600).select("patient_id", "response", "os_event"), "os_event"), "event_code")
    assert check.level == "fail"
    assert "responders have the event" in check.message


def test_evidence_is_counted(clean, findings):
    patients = flip(clean(200, seed=3), "pfs_event")
    progressed = patients.filter(pl.col("response") == "PD")
    [told] = [c for c in findings(patients) if c.name == "event_code"]
    n = progressed.height
    assert f"{n} of {n} patients with best response PD have no PFS event" in told.message


def test_a_reversed_cohort_among_sound_ones_is_named(clean, findings):
    patients = clean(400, cohorts=3).with_columns(
        pl.when(pl.col("cohort") == "site 2").then(~pl.col(c)).otherwise(pl.col(c)).alias(c) for c in BOTH
    )
    [told] = [c for c in findings(patients) if c.name == "event_code"]
    assert "site 2: " in told.message
    assert "site 0" not in told.message


def test_time_to_progression_is_not_a_reversed_column(clean, only):
    """Deaths left out of PFS contradict it, but the column is not the wrong way round."""
    progression = pl.col("pfs_event") & ~((pl.col("pfs_months") == pl.col("os_months")) & pl.col("os_event"))
    check = only(clean(300).with_columns(progression.alias("pfs_event")), "death_without_pfs_event")
    assert check.level == "warn"
    assert "time to progression" in check.cause


def test_a_few_contradictions_are_no_reversal(clean, findings):
    patients = clean(200)
    progressed = patients.with_row_index().filter(pl.col("response") == "PD")["index"].to_list()[:3]
    event = pl.when(pl.int_range(pl.len()).is_in(progressed)).then(False).otherwise(pl.col("pfs_event"))
    assert "event_code" not in {c.name for c in findings(patients.with_columns(event.alias("pfs_event")))}


@pytest.mark.parametrize("seed", range(8))
def test_independent_censoring_is_no_reversal(findings, seed):
    """With exponential death and exponential loss to follow-up the times of both have one distribution."""
    import numpy as np

    rng = np.random.default_rng(seed)
    death, loss = rng.exponential(14, 400), rng.exponential(14, 400)
    patients = pl.DataFrame(
        {
            "patient_id": [f"E{k * 37 % 9973}" for k in range(400)],
            "os_months": np.minimum(death, loss),
            "os_event": death < loss,
        }
    )
    assert findings(patients) == []
