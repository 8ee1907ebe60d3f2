"""The same patients twice."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.model.study import DAYS_PER_MONTH, Study
from coley.read.doctor.chance import log10_tail


def renamed(patients, prefix="new"):
    return patients.with_columns(
        pl.format("{}-{}", pl.lit(prefix), pl.int_range(pl.len()) * 7919 % 100_003).alias("patient_id")
    )


def test_a_stacked_study_with_the_same_patients_in_two_cohorts(clean, only):
    patients = clean(300).with_columns(pl.lit("first paper").alias("cohort"))
    again = renamed(patients.sample(80, seed=1, shuffle=True)).with_columns(
        pl.lit("second paper").alias("cohort")
    )
    fresh = renamed(clean(100, seed=9), "other").with_columns(pl.lit("second paper").alias("cohort"))
    changed = pl.concat([again, fresh]).with_columns(pl.col("purity") * 0.9)
    check = only(pl.concat([patients, changed]), "cohorts_share_patients")
    assert check.level == "fail"
    assert check.message.startswith(
        "80 of 300 patients of first paper are also in second paper (180 patients)"
    )


@pytest.mark.parametrize(
    "copy",
    [
        pytest.param([pl.col("age_years").floor()], id="age in completed years"),
        pytest.param([pl.col("os_months", "pfs_months").round(1)], id="times to a decimal"),
        pytest.param([(pl.col("os_months", "pfs_months") * DAYS_PER_MONTH).round()], id="times in days"),
        pytest.param(
            [pl.lit(None, dtype=pl.Float64).alias("nlr"), pl.col("platelets") + 3], id="other columns"
        ),
    ],
)
def test_another_study_with_the_same_patients(clean, findings, copy):
    first = Study("first", {"patients": clean(250)})
    shared = renamed(first.patients.sample(90, seed=2, shuffle=True)).with_columns(*copy)
    second = Study(
        "second", {"patients": pl.concat([shared, renamed(clean(150, seed=77), "z")], how="vertical_relaxed")}
    )
    told = [c for c in findings(first, second) if c.name == "studies_share_patients"]
    assert [c.level for c in told] == ["warn"]
    n = int(told[0].message.split()[0])
    assert 80 <= n <= 92


@pytest.mark.parametrize("seed", range(10))
def test_two_studies_of_different_patients(clean, findings, seed):
    one, two = (Study(str(s), {"patients": clean(400, seed=s)}) for s in (seed, seed + 500))
    assert [c for c in findings(one, two) if c.name == "studies_share_patients"] == []


def test_ids_that_name_patients(clean, findings):
    first = clean(100).select("patient_id", "age_years", "response")
    second = (
        first.head(40).select("patient_id", pl.col("age_years") + 1).with_columns(pl.lit("x").alias("arm"))
    )
    [check] = findings(Study("first", {"patients": first}), Study("second", {"patients": second}))
    assert check.name == "studies_share_patients"
    assert (
        "40 of 100 patients of first are also in second (40 patients): they have the same id" in check.message
    )
    assert "agree within 3 years in 100%" in check.message


def test_sample_ids_are_cut_to_patients(clean, findings):
    first = clean(100).select(pl.format("P-00{}", pl.col("patient_id")).alias("patient_id"))
    second = first.head(40).select(pl.col("patient_id") + "-T01-IM6")
    [check] = findings(Study("first", {"patients": first}), Study("second", {"patients": second}))
    assert check.message.startswith("40 of 100")


def test_ids_that_merely_count_are_no_evidence(clean, findings):
    def counted(seed):
        return clean(80, seed=seed).with_columns(
            pl.format("Pt{}", pl.int_range(pl.len()) * 2 + 1).alias("patient_id")
        )

    one, two = (Study(str(s), {"patients": counted(s)}) for s in (1, 2))
    assert findings(one, two) == []
    with_same_ages = Study("same", {"patients": counted(1).select("patient_id", "age_years")})
    assert [c.name for c in findings(one, with_same_ages)] == ["studies_share_patients"]


@given(seen=st.integers(0, 60), expected=st.floats(1e-6, 50))
@settings(deadline=None)
def test_the_bound_on_chance_is_a_bound(seen, expected):
    from scipy.stats import poisson

    exact = poisson.logsf(seen - 1, expected) / 2.302585092994046
    assert log10_tail(seen, expected) >= exact - 1e-9
