from __future__ import annotations

import numpy as np
import polars as pl

from coley.model.study import DAYS_PER_MONTH


def test_doses_begin_at_day_zero_and_end_with_treatment(study):
    doses = study.study.table("doses")
    first = doses.group_by("patient_id").agg(pl.col("day").min())
    assert (first["day"] == 0).all()
    assert first.height == study.study.patients.height
    end = study.study.patients.select("patient_id", "os_months", "pfs_months", "pfs_event")
    joined = doses.join(end, on="patient_id")
    assert (joined["day"] < joined["os_months"] * DAYS_PER_MONTH + 0.02).all()
    progressed = joined.filter("pfs_event")
    assert (progressed["day"] < progressed["pfs_months"] * DAYS_PER_MONTH + 0.02).all()


def test_amounts_are_flat_or_by_surface(study):
    doses = study.study.table("doses").join(
        study.study.patients.select("patient_id", "weight_kg"), on="patient_id"
    )
    assert set(doses.filter(pl.col("drug") == "nivolumab")["mg"]) == {240.0}
    chemo = doses.filter(pl.col("drug") == "docetaxel").unique("patient_id")
    assert chemo["mg"].is_between(75 * 1.2, 75 * 2.9).all()
    assert np.corrcoef(chemo["mg"], chemo["weight_kg"])[0, 1] > 0.9


def test_intervals_are_those_of_the_label(study):
    doses = study.study.table("doses").sort("patient_id", "day")
    gap = doses.with_columns(pl.col("day").diff().over("patient_id").alias("gap")).drop_nulls("gap")
    for drug, interval in (("nivolumab", 14), ("docetaxel", 21)):
        gaps = gap.filter(pl.col("drug") == drug)["gap"]
        assert gaps.min() >= interval
        assert (gaps == interval).mean() > 0.85
    assert doses.filter(pl.col("drug") == "nivolumab").group_by("patient_id").len()["len"].max() <= 52
