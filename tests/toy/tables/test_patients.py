"""Response and progression are re-derived from the table of lesions, row by row, by code of its own."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

MONTH = 30.4375


def derive(rows: list[dict]) -> tuple[str, int | None, int | None, int]:
    """RECIST 1.1 for one patient: best response, day of PD, last evaluable day, number of scans."""
    by_day: dict[int, list[dict]] = {}
    for row in rows:
        by_day.setdefault(row["day"], []).append(row)
    days = sorted(by_day)
    baseline = sum(r["diameter_mm"] for r in by_day[days[0]] if r["role"] == "target")
    nadir, best, last = baseline, "NE", None
    rank = ["CR", "PR", "SD", "PD", "NE"]
    for day in days[1:]:
        scan = by_day[day]
        targets = [r for r in scan if r["role"] == "target"]
        others = [r for r in scan if r["role"] == "non-target"]
        new = any(r["role"] == "new" and r["state"] != "absent" for r in scan)
        read = all(r["state"] != "not evaluable" for r in targets)
        total = round(sum(r["diameter_mm"] for r in targets), 1) if read else None
        eps = 1e-9
        if new or (read and total >= 1.2 * nadir - eps and total - nadir >= 5 - eps):
            call = "PD"
        elif not read:
            call = "NE"
        elif all(r["state"] == "absent" or (r["node"] and r["diameter_mm"] < 10) for r in targets + others):
            call = "CR"
        elif total <= 0.7 * baseline + eps:
            call = "PR"
        else:
            call = "SD"
        if call != "NE":
            last = day
        if rank.index(call) < rank.index(best):
            best = call
        if call == "PD":
            return best, day, last, len(days)
        nadir = min(nadir, total) if read else nadir
    return best, None, last, len(days)


@pytest.fixture(scope="module")
def derived(study):
    lesions = study.study.table("lesions")
    return {key: derive(part.rows(named=True)) for (key,), part in lesions.group_by("patient_id")}


def test_response_follows_from_the_lesions(study, derived):
    for row in study.study.patients.iter_rows(named=True):
        assert derived[row["patient_id"]][0] == row["response"], row["patient_id"]
    assert set(study.study.patients["response"]) == {"CR", "PR", "SD", "PD", "NE"}


def test_pfs_follows_from_lesions_and_death(study, derived):
    for row in study.study.patients.iter_rows(named=True):
        _, progressed, last, _ = derived[row["patient_id"]]
        if progressed is not None:
            expected, event = progressed / MONTH, True
        elif row["os_event"]:
            expected, event = row["os_months"], True
        else:
            expected, event = (last or 1) / MONTH, False
        assert row["pfs_event"] == event, row["patient_id"]
        assert row["pfs_months"] == pytest.approx(expected, abs=0.00051), row["patient_id"]


def test_survival_is_never_shorter_than_progression_free_survival(study):
    frame = study.study.patients
    assert (frame["os_months"] >= frame["pfs_months"]).all()
    assert frame.filter(pl.col("os_event") & ~pl.col("pfs_event")).height == 0
    assert (frame["pfs_months"] > 0).all()


def test_death_in_the_table_is_death_in_the_truth(study):
    both = study.study.patients.join(study.truth.individuals, on="patient_id")
    dead = both.filter("os_event")
    assert ((dead["os_months"] - dead["death_months"]).abs() < 0.00051).all()
    alive = both.filter(~pl.col("os_event"))
    assert (alive["death_months"] > alive["os_months"]).all()


def test_nothing_is_scanned_after_death_or_before_screening(study):
    last = study.study.patients.select("patient_id", (pl.col("os_months") * MONTH + 0.02).alias("end"))
    lesions = study.study.table("lesions").join(last, on="patient_id")
    assert (lesions["day"] <= lesions["end"]).all()
    assert lesions["day"].min() >= -21


def test_baseline_lesions_follow_recist(study):
    lesions, patients = study.study.table("lesions"), study.study.patients
    first = lesions.filter(pl.col("day") < 0)
    targets = first.filter(pl.col("role") == "target")
    per_patient = targets.group_by("patient_id").agg(pl.col("diameter_mm").sum().round(1), pl.len())
    both = patients.join(per_patient, on="patient_id")
    assert both.height == patients.height
    np.testing.assert_allclose(both["sld_mm"], both["diameter_mm"], atol=1e-9)
    assert per_patient["len"].max() <= 5
    assert targets.group_by("patient_id", "organ").len()["len"].max() <= 2
    assert (targets.filter(~pl.col("node"))["diameter_mm"] >= 10).all()
    assert (targets.filter("node")["diameter_mm"] >= 15).all()
    assert "new" not in set(first["role"])
    liver = set(first.filter(pl.col("organ") == "liver")["patient_id"])
    assert liver == set(patients.filter("liver_metastases")["patient_id"])
    organs = first.group_by("patient_id").agg(pl.col("organ").n_unique())
    assert (
        (patients.join(organs, on="patient_id").select(pl.col("organ") == pl.col("metastatic_sites")))
        .to_series()
        .all()
    )


def test_states_and_diameters_agree(study):
    lesions = study.study.table("lesions")
    for state, good in {
        "absent": pl.col("diameter_mm") == 0,
        "too small": pl.col("diameter_mm") == 5,
        "not evaluable": pl.col("diameter_mm").is_null(),
        "measured": pl.col("diameter_mm") >= 5,
    }.items():
        part = lesions.filter(pl.col("state") == state)
        assert part.height > 0, state
        assert part.select(good.all()).item(), state


def test_one_reading_of_a_lesion_at_a_scan(study):
    assert not study.study.table("lesions").select("patient_id", "lesion_id", "day").is_duplicated().any()


def test_nlr_is_the_ratio_of_its_parts(study):
    frame = study.study.patients
    assert ((frame["neutrophils"] / frame["lymphocytes"] - frame["nlr"]).abs() <= 0.00501).all()


def test_prior_therapy_agrees_with_its_lines(study):
    frame = study.study.patients
    assert (frame["prior_systemic"] == (frame["prior_lines"] > 0)).all()
    stained = frame.filter(pl.col("pdl1_tps").is_not_null())
    assert (stained["pdl1_cps"] >= stained["pdl1_tps"]).all()
    assert 0.02 < frame["pdl1_tps"].null_count() / frame.height < 0.2


def test_factors_are_not_rounded_to_whole_numbers(study):
    for name in ("age_years", "albumin_g_dl", "nlr", "ldh_uln", "sld_mm", "os_months", "pfs_months"):
        values = study.study.patients[name].drop_nulls()
        assert (values == values.round(0)).mean() < 0.25, name
