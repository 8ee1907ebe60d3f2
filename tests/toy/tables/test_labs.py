from __future__ import annotations

import polars as pl
import pytest


def test_tests_of_day_zero_are_those_of_the_patient(study):
    zero = study.study.table("labs").filter(pl.col("day") == 0)
    for test, column in {
        "Albumin": "albumin_g_dl",
        "Haemoglobin": "haemoglobin_g_dl",
        "Platelets": "platelets",
        "Neutrophils": "neutrophils",
        "Lymphocytes": "lymphocytes",
    }.items():
        both = zero.filter(pl.col("test") == test).join(study.study.patients, on="patient_id")
        assert both.height == study.study.patients.height
        assert (both["value"] == both[column]).all(), test
    ldh = (
        zero.filter(pl.col("test") == "LDH").join(study.study.patients, on="patient_id").drop_nulls("ldh_uln")
    )
    assert ((ldh["value"] / ldh["upper_normal"] - ldh["ldh_uln"]).abs() < 1e-6).all()


@pytest.mark.parametrize(
    ("term", "test", "least", "greatest"),
    [
        ("Alanine aminotransferase increased", "ALT", 1.0, 40),
        ("Hypothyroidism", "TSH", 1.3, 40),
        ("Lipase increased", "Lipase", 1.0, 12),
        ("Nephritis", "Creatinine", 1.0, 10),
    ],
)
def test_the_laboratory_shows_the_event(study, term, test, least, greatest):
    events = study.study.table("adverse_events").filter(pl.col("term") == term)
    labs = study.study.table("labs").filter(pl.col("test") == test)
    both = events.join(labs, left_on=["patient_id", "start_day"], right_on=["patient_id", "day"])
    assert both.height == events.height > 1
    multiple = both["value"] / both["upper_normal"]
    assert multiple.is_between(least, greatest).all()
    worse = both.with_columns(multiple.alias("m"))
    if test == "ALT":
        for grade, low, high in ((1, 1, 3), (2, 2.9, 5.1), (3, 5, 20)):
            assert worse.filter(pl.col("grade") == grade)["m"].is_between(low, high).all()


def test_hyperthyroidism_suppresses_tsh(study):
    events = study.study.table("adverse_events").filter(pl.col("term") == "Hyperthyroidism")
    labs = study.study.table("labs").filter(pl.col("test") == "TSH")
    both = events.join(labs, left_on=["patient_id", "start_day"], right_on=["patient_id", "day"])
    assert both.height > 1
    assert (both["value"] < both["lower_normal"]).all()


def test_healthy_organs_test_normal(study):
    ill = study.study.table("adverse_events").filter("immune_related")["patient_id"]
    labs = study.study.table("labs").filter(~pl.col("patient_id").is_in(ill.implode()))
    for test in ("ALT", "TSH", "Lipase", "Troponin T", "Creatinine"):
        part = labs.filter(pl.col("test") == test)
        assert (part["value"] > part["upper_normal"]).mean() < 0.06, test


def test_one_result_of_a_test_on_a_day(study):
    assert not study.study.table("labs").select("patient_id", "day", "test").is_duplicated().any()
    assert (study.study.table("labs")["value"] >= 0).all()
