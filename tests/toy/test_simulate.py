from __future__ import annotations

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import coley.toy as toy
from coley.model.dictionary import tables
from coley.toy.simulate import TABLES


def test_every_table_of_the_dictionary_is_there(study):
    assert set(study.study.tables) == set(tables()) - {
        "scores"
    }  # those are computed elsewhere, from what the toy holds


@pytest.mark.parametrize("name", list(TABLES))
def test_columns_kinds_codes_and_ranges_follow_the_dictionary(study, name):
    frame = study.study.tables[name]
    known = tables()[name]
    assert frame.height > 0
    assert set(known.required) <= set(frame.columns)
    for column in known.columns.values():
        if column.name not in frame.columns:
            continue
        values = frame[column.name].drop_nulls()
        assert values.len() > 0, column.name
        if column.codes:
            assert set(values.unique()) <= set(column.codes), column.name
        if column.kind == "flag":
            assert values.dtype == pl.Boolean, column.name
        if column.kind in ("number", "integer"):
            assert values.dtype.is_numeric(), column.name
            assert values.is_finite().all() if values.dtype.is_float() else True
            assert column.low is None or values.min() >= column.low, column.name
            assert column.high is None or values.max() <= column.high, column.name
        if column.kind == "text":
            assert values.dtype == pl.String, column.name


def test_no_column_of_the_patients_is_one_value_for_all(study):
    frame = study.study.patients
    assert [name for name in frame.columns if frame[name].n_unique() < 2] == []


def test_the_same_seed_gives_the_same_study_and_another_seed_another():
    a, b, c = (toy.simulate(80, seed=seed).study.tables for seed in (5, 5, 6))
    for name in a:
        assert_frame_equal(a[name], b[name])
    assert not a["patients"]["os_months"].equals(c["patients"]["os_months"])


def test_patients_stay_who_they_are_when_the_study_grows():
    few, many = toy.simulate(40, seed=9), toy.simulate(100, seed=9)
    ids = few.study.patients["patient_id"]
    samples = few.study.table("samples")["sample_id"]
    for name, frame in few.study.tables.items():
        larger = many.study.table(name)
        if name == "expression":
            larger = larger.select(frame.columns)
        elif "patient_id" in larger.columns:
            larger = larger.filter(pl.col("patient_id").is_in(ids.implode()))
        else:
            larger = larger.filter(pl.col("sample_id").is_in(samples.implode()))
        assert_frame_equal(frame, larger)
    truth = many.truth.individuals.filter(pl.col("patient_id").is_in(ids.implode()))
    assert_frame_equal(few.truth.individuals, truth)


def test_the_light_path_gives_the_same_patients(study):
    light = toy.simulate_outcomes(600, seed=11)
    assert_frame_equal(light.select(study.study.patients.columns), study.study.patients)


def test_first_irae_of_the_light_path_is_that_of_the_table(study):
    light = toy.simulate_outcomes(600, seed=11)
    first = (
        study.study.table("adverse_events")
        .filter("immune_related")
        .group_by("patient_id")
        .agg(pl.col("start_day").min())
    )
    joined = light.join(first, on="patient_id", how="left", maintain_order="left")
    assert joined.filter("irae_event")["start_day"].null_count() == 0
    assert joined.filter(~pl.col("irae_event"))["start_day"].null_count() == (~light["irae_event"]).sum()
    days = joined.filter("irae_event")
    assert ((days["irae_months"] * 30.4375 - days["start_day"]).abs() < 0.02).all()


def test_about_says_what_no_table_says(study):
    about = study.study.about
    assert (about.randomised, about.control_arm, about.time_origin) == (True, "chemotherapy", "randomisation")
    single = toy.simulate(20, design=toy.single_arm()).study
    assert (single.about.randomised, single.about.control_arm) == (False, "")
    assert single.patients["arm"].unique().to_list() == ["ICI"]


def test_three_arms_can_be_simulated():
    design = toy.Design(arms=(toy.ICI, toy.CHEMOTHERAPY, toy.COMBINATION))
    out = toy.simulate(300, seed=2, design=design)
    drugs = out.study.table("doses").join(out.study.patients.select("patient_id", "arm"), on="patient_id")
    given = {arm: set(part["drug"]) for (arm,), part in drugs.group_by("arm")}
    assert given["ICI combination"] == {"nivolumab", "ipilimumab"}
    assert given["chemotherapy"] == {"docetaxel"}
    assert out.truth.potential.height == 900


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_doctor_has_nothing_to_say_about_a_clean_study(seed):
    from coley.read.doctor.run import examine

    for design in (toy.Design(), toy.single_arm()):
        checks = examine(toy.simulate(300, seed=seed, design=design).study)
        assert checks
        assert [(c.name, c.message) for c in checks if c.level != "pass"] == []


def test_a_study_written_to_a_folder_is_read_back_as_it_was(tmp_path):
    import coley
    from coley.read.write import write_study

    study = toy.simulate(60, seed=8).study
    write_study(study, tmp_path / "toy")
    again = coley.read(tmp_path / "toy")
    assert set(again.tables) == set(study.tables)
    for name, frame in study.tables.items():
        back = again.table(name).select(frame.columns)
        assert_frame_equal(back, frame, check_dtypes=False, abs_tol=1e-9)
    assert again.about.panel_megabases == study.about.panel_megabases
    assert again.about.control_arm == "chemotherapy"


@pytest.mark.parametrize("patients", [2, 3])
def test_the_smallest_and_the_barest_studies_have_all_their_tables(patients):
    bare = toy.Design(
        irae_scale=0, new_lesion_hazard=0, dropout_per_month=0, accrual_months=0, follow_up_months=6
    )
    for design in (bare, toy.Design(dropout_per_month=2.0), toy.Design(panel_megabases=0.01)):
        assert set(toy.simulate(patients, design=design).study.tables) == set(TABLES)
