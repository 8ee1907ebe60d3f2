"""Identifiers and joins."""

from __future__ import annotations

import polars as pl
import pytest

from coley.model.study import Study


@pytest.mark.parametrize("start", [0, 1])
def test_row_numbers(clean, only, start):
    patients = clean(60).with_columns((pl.int_range(pl.len()) + start).cast(pl.String).alias("patient_id"))
    assert only(patients, "row_number_ids").level == "warn"


def test_row_numbers_behind_the_name_of_the_cohort(clean, only):
    patients = clean(90, cohorts=2).sort("cohort")
    number = (pl.int_range(pl.len()).over("cohort") + 1).cast(pl.String)
    patients = patients.with_columns((pl.col("cohort") + ":" + number).alias("patient_id"))
    assert "site 0, site 1" in only(patients, "row_number_ids").message


@pytest.mark.parametrize("form", ["OAK-{:04d}", "{:05d}7", "PT{}"])
def test_numbered_pseudonyms_are_ids(clean, findings, form):
    ids = [form.format(k * 3 + 1) for k in range(60)]
    assert findings(clean(60).with_columns(pl.Series("patient_id", ids))) == []


def test_two_spellings_of_one_id(clean, only):
    ids = [f"AB-{k:03d}" for k in range(50)]
    ids[30] = "ab-7 "
    check = only(clean(50).with_columns(pl.Series("patient_id", ids)), "id_spelling")
    assert check.level == "warn"
    assert check.where.lines == (8, 31)


def test_ids_in_two_rows(clean, findings):
    patients = clean(50)
    patients = pl.concat([patients, patients.head(1).with_columns(pl.lit(41.5).alias("age_years"))])
    told = [c for c in findings(patients) if c.name == "id_spelling"]
    assert [(c.level, c.where.lines) for c in told] == [("fail", (1, 51))]


def test_powers_of_ten(clean, only):
    ids = [f"1.{k:05d}E+10" for k in range(50)]
    assert only(clean(50).with_columns(pl.Series("patient_id", ids)), "id_spelling").level == "fail"


def table(patients, extra=()):
    ids = [*patients["patient_id"], *extra]
    return pl.DataFrame({"patient_id": ids, "day": 0, "drug": "nivolumab", "mg": 240.0})


def test_side_tables_join(clean, findings, only):
    patients = clean(50)
    assert findings(Study("s", {"patients": patients, "doses": table(patients)})) == []
    unknown = only(Study("s", {"patients": patients, "doses": table(patients, ["zz"])}), "unknown_patients")
    assert (unknown.level, unknown.where.values, unknown.where.lines) == ("warn", ("zz",), (51,))
    part = only(Study("s", {"patients": patients, "doses": table(patients.head(30))}), "unknown_patients")
    assert "20 of 50 patients have no row in doses" in part.message
    foreign = table(patients).with_columns(pl.format("X{}", pl.col("patient_id")).alias("patient_id"))
    assert only(Study("s", {"patients": patients, "doses": foreign}), "unknown_patients").level == "fail"


def test_samples_may_be_named_after_patients(clean, findings, only):
    patients = clean(40)
    genes = {"gene": ["TP53"] * 40}
    named = pl.DataFrame({"sample_id": [f"{p}-T01-IM3" for p in patients["patient_id"]], **genes})
    assert findings(Study("s", {"patients": patients, "mutations": named})) == []
    foreign = pl.DataFrame({"sample_id": [f"T{p}" for p in patients["patient_id"]], **genes})
    assert only(Study("s", {"patients": patients, "mutations": foreign}), "unknown_patients").level == "fail"


def test_a_patient_entered_twice(clean, only):
    patients = clean(120)
    again = patients.sample(3, seed=1).with_columns(
        pl.format("again {}", pl.col("patient_id")).alias("patient_id")
    )
    check = only(pl.concat([patients, again]), "duplicate_patients")
    assert check.level == "warn"
    assert "6 rows" in check.message


def test_agreement_in_few_coarse_columns_is_chance(clean, findings):
    patients = clean(2000).select(
        "patient_id", pl.col("age_years").round(), pl.col("os_months").floor() + 1.5, pl.col("pdl1_tps")
    )
    assert "duplicate_patients" not in {c.name for c in findings(patients)}
