from __future__ import annotations

import polars as pl
import pytest

from coley.toy.tables.money import prices


def test_drug_costs_are_doses_times_price(study):
    costs, doses = study.study.table("costs"), study.study.table("doses")
    for drug in ("nivolumab", "docetaxel"):
        paid = costs.filter(pl.col("item") == drug)["amount"].sum()
        assert paid == pytest.approx(
            doses.filter(pl.col("drug") == drug)["mg"].sum() * prices()[drug], rel=1e-6
        )
    infusions = doses.select("patient_id", "day").n_unique()
    assert costs.filter(pl.col("item") == "administration").height == infusions


def test_every_severe_immune_related_event_is_an_admission(study):
    severe = study.study.table("adverse_events").filter((pl.col("grade") >= 3) & pl.col("immune_related"))
    admitted = study.study.table("costs").filter(pl.col("item") == "admission")
    assert admitted.height == severe.height > 5
    assert set(admitted.select("patient_id", "day").rows()) == set(
        severe.select("patient_id", "start_day").rows()
    )


def test_nothing_is_paid_after_death_and_nothing_is_free(study):
    end = study.study.patients.select("patient_id", (pl.col("os_months") * 30.4375 + 0.02).alias("end"))
    costs = study.study.table("costs").join(end, on="patient_id")
    assert (costs["day"] <= costs["end"]).all()
    assert (costs["amount"] > 0).all()


def test_utility_falls_with_progression(study):
    joined = study.study.table("utilities").join(study.study.patients, on="patient_id")
    assert (joined["day"] <= joined["os_months"] * 30.4375 + 0.02).all()
    after = pl.col("pfs_event") & (pl.col("day") >= pl.col("pfs_months") * 30.4375)
    means = dict(joined.group_by(after.alias("after")).agg(pl.col("utility").mean()).iter_rows())
    assert means[False] - means[True] > 0.07
    assert joined["utility"].max() <= 1
