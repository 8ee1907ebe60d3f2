"""Whose sample it is, and which one stands for a patient."""

from __future__ import annotations

import polars as pl

from coley.model.study import Study
from coley.read.samples import baseline_samples, sample_patients

PATIENTS = pl.DataFrame({"patient_id": ["p", "q", "r"]})


def study(**samples: list[object]) -> Study:
    tables = {"patients": PATIENTS}
    return Study("s", {**tables, "samples": pl.DataFrame(samples)} if samples else tables)


def test_a_sample_with_the_id_of_a_patient_is_that_patients() -> None:
    assert sample_patients(study(), ["q", "nobody", "p"])["patient_id"].to_list() == ["q", "p"]


def test_the_table_of_samples_goes_before_the_likeness_of_ids() -> None:
    known = study(sample_id=["p"], patient_id=["q"])
    assert sample_patients(known, ["p"])["patient_id"].to_list() == ["q"]


def test_samples_on_treatment_are_left_out_and_named() -> None:
    known = study(sample_id=["a", "b"], patient_id=["p", "q"], timepoint=["pre", "on"])
    kept, checks = baseline_samples(known, ["a", "b"])
    assert kept.rows() == [("a", "p")]
    assert [c.name for c in checks] == ["samples_after_treatment"]
    assert "b" in checks[0].message


def test_one_sample_a_patient_whatever_the_order_of_columns() -> None:
    known = study(sample_id=["a2", "a1"], patient_id=["p", "p"], timepoint=["pre", None])
    for ids in (["a1", "a2"], ["a2", "a1"]):
        kept, checks = baseline_samples(known, ids)
        assert kept.rows() == [("a1", "p")]
        assert [c.name for c in checks] == ["several_samples_a_patient"]
