from __future__ import annotations

import polars as pl

from coley.model.study import DAYS_PER_MONTH


def with_patients(study, name):
    os_day = (pl.col("os_months") * DAYS_PER_MONTH).round(0).cast(pl.Int64).alias("os_day")
    return study.study.table(name).join(
        study.study.patients.select("patient_id", "arm", "os_event", os_day), on="patient_id"
    )


def test_events_begin_after_the_first_dose_and_end_in_sight(study):
    events = with_patients(study, "adverse_events")
    assert (events["start_day"] >= 1).all()
    assert (events["start_day"] <= events["os_day"]).all()
    ended = events.filter(pl.col("end_day").is_not_null())
    assert (ended["end_day"] >= ended["start_day"]).all()
    assert (ended["end_day"] <= ended["os_day"]).all()


def test_outcome_agrees_with_end_and_death(study, trial):
    events = with_patients(study, "adverse_events")
    ongoing = events["outcome"] == "not recovered/not resolved"
    assert (ongoing == events["end_day"].is_null()).all()
    fatal = events.filter(pl.col("grade") == 5)
    assert (fatal["outcome"] == "fatal").all()
    assert fatal["os_event"].all()
    assert (fatal["end_day"] == fatal["os_day"]).all()
    assert events.filter((pl.col("grade") < 5) & (pl.col("outcome") == "fatal")).height == 0


def test_a_death_of_toxicity_is_an_event_of_grade_five():
    import coley.toy as toy

    design = toy.Design(arms=(toy.COMBINATION, toy.CHEMOTHERAPY), irae_scale=3.0)
    out = toy.simulate(800, seed=3, design=design)
    truth = out.truth.individuals.join(out.study.patients.select("patient_id", "os_event"), on="patient_id")
    killed = truth.filter((pl.col("death_cause") == "immune-related toxicity") & pl.col("os_event"))
    graded = out.study.table("adverse_events").filter(pl.col("grade") == 5)
    assert killed.height > 5
    assert set(killed["patient_id"]) == set(graded["patient_id"])


def test_an_event_that_stops_treatment_stops_the_doses(study):
    events = study.study.table("adverse_events")
    doses = study.study.table("doses")
    stopped = (
        events.filter(pl.col("action") == "drug withdrawn")
        .group_by("patient_id")
        .agg(pl.col("start_day").min())
    )
    assert stopped.height > 3
    after = doses.join(stopped, on="patient_id").filter(pl.col("day") >= pl.col("start_day"))
    assert after.height == 0


def test_no_dose_while_treatment_is_held(study):
    held = study.study.table("adverse_events").filter(
        (pl.col("action") == "drug interrupted") & pl.col("immune_related")
    )
    given = study.study.table("doses").join(held.select("patient_id", "start_day"), on="patient_id")
    since = given["day"] - given["start_day"]
    assert held.height > 3
    assert ((since < 0) | (since >= 28)).all()


def test_most_immune_related_events_belong_to_the_immune_arm(study):
    events = with_patients(study, "adverse_events").filter("immune_related")
    patients = dict(events.group_by("arm").agg(pl.col("patient_id").n_unique()).iter_rows())
    assert patients["ICI"] > 3 * patients["chemotherapy"] > 0


def test_severe_events_are_held_or_withdrawn_on_treatment(study):
    severe = study.study.table("adverse_events").filter((pl.col("grade") >= 3) & pl.col("immune_related"))
    assert "dose not changed" not in set(severe["action"])
