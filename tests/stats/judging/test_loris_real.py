"""LORIS on its nine cohorts: the published formula, its AUCs with three kinds of interval, and its calibration.

The expected values were recomputed elsewhere from the same workbook (Chang et al., Nature Cancer 2024; formula of
the README of rootchang/LORIS at eb87300f); their intervals are percentiles of 2000 bootstraps.
"""

from __future__ import annotations

import logging

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from coley.stats.judging.auc_bootstrap import auc_bootstrap
from coley.stats.judging.calibration import brier_score, calibration
from coley.stats.judging.concordance import harrell_c
from coley.stats.judging.precision_recall import average_precision
from coley.stats.judging.recalibration import recalibrate
from coley.stats.judging.roc import auc, auc_difference

pytestmark = pytest.mark.real

LORIS = {  # n, AUC and its bootstrap limits, C for overall survival, average precision, Brier raw and recalibrated
    "Chowell_test": (515, 0.7542, 0.704, 0.801, 0.677, 0.558, 0.191, 0.152),
    "MSK1": (453, 0.6995, 0.644, 0.754, 0.696, 0.405, 0.222, 0.177),
    "MSK2": (100, 0.6370, 0.447, 0.808, 0.681, 0.355, 0.199, 0.126),
    "Kato_panCancer": (35, 0.7933, 0.609, 0.944, 0.641, 0.362, 0.161, 0.114),
    "Shim_NSCLC": (190, 0.5890, 0.500, 0.682, 0.593, 0.418, 0.226, 0.206),
    "Vanguri_NSCLC": (246, 0.6642, 0.589, 0.741, 0.631, 0.369, 0.221, 0.180),
    "Ravi_NSCLC": (309, 0.7245, 0.666, 0.781, 0.634, 0.651, 0.215, 0.217),
    "Pradat_panCancer": (57, 0.7105, 0.554, 0.855, 0.584, 0.805, 0.270, 0.407),
}
TMB = {  # AUC and its bootstrap limits, C for overall survival, p of the difference of AUCs
    "Chowell_test": (0.6477, 0.588, 0.703, 0.554, "<.001"),
    "MSK1": (0.5368, 0.476, 0.599, 0.481, "<.001"),
    "MSK2": (0.5224, 0.345, 0.691, 0.491, 0.32),
    "Kato_panCancer": (0.6600, 0.383, 0.956, 0.689, 0.15),
    "Shim_NSCLC": (0.6010, 0.510, 0.692, 0.480, 0.76),
    "Vanguri_NSCLC": (0.6113, 0.531, 0.689, 0.498, 0.23),
    "Ravi_NSCLC": (0.7036, 0.647, 0.762, 0.575, 0.50),
    "Pradat_panCancer": (0.4127, 0.255, 0.561, 0.438, "<.001"),
}


@pytest.fixture(scope="module")
def cohorts(shared, loris_index):
    workbook = shared / "loris2024" / "AllData.xlsx"
    if not workbook.is_file():
        pytest.skip("the LORIS workbook is not among the real cohorts")
    logging.getLogger("fastexcel").setLevel(logging.ERROR)  # it warns of columns that are empty
    return {
        sheet: loris(pl.read_excel(workbook, sheet_name=sheet), loris_index)
        for sheet in ("Chowell_train", *LORIS)
    }


def loris(table, index):
    """Patients for whom all of the formula is known, with their LORIS."""
    table = table.with_columns(index=index).drop_nulls("index")
    return table.with_columns(pl.Series("loris", expit(table["index"].to_numpy())))


@pytest.mark.parametrize("name", LORIS)
def test_areas_and_their_intervals(cohorts, name):
    data = cohorts[name]
    assert len(data) == LORIS[name][0]
    for score, (value, low, high) in (("loris", LORIS[name][1:4]), ("TMB", TMB[name][:3])):
        found, drawn = (
            auc(data[score], data["Response"]),
            auc_bootstrap(data[score], data["Response"], stratified=False),
        )
        assert found.value == pytest.approx(value, abs=0.002)
        # the bootstrap agrees with that of others, whose resamples differ; more loosely with 5 and 14 responders
        rough = 0.035 if found.positives < 20 else 0.012
        assert (drawn.low, drawn.high) == pytest.approx((low, high), abs=rough)
        if min(found.positives, found.n - found.positives) >= 40:
            assert (found.interval.low, found.interval.high) == pytest.approx((low, high), abs=0.012)
            assert drawn.se == pytest.approx(found.wald.se, rel=0.06)


@pytest.mark.parametrize("name", LORIS)
def test_paired_difference_concordance_and_average_precision(cohorts, name):
    data = cohorts[name]
    found = auc_difference(data["loris"], data["TMB"], data["Response"])
    expected = TMB[name][4]
    assert found.test.p < 0.001 if expected == "<.001" else found.test.p == pytest.approx(expected, abs=0.006)
    followed = data.drop_nulls(["OS_Months", "OS_Event"])
    for score, value in (("loris", LORIS[name][4]), ("TMB", TMB[name][3])):
        c = harrell_c(-followed[score].to_numpy(), followed["OS_Months"], followed["OS_Event"])
        assert c.value == pytest.approx(value, abs=0.002)
    ap = average_precision(data["loris"], data["Response"])
    assert ap.value == pytest.approx(LORIS[name][5], abs=0.002)
    assert ap.value > ap.prevalence


def test_recalibration_learnt_on_the_training_cohort(cohorts):
    train = cohorts["Chowell_train"]
    learnt = recalibrate(train["loris"], train["Response"])
    assert (learnt.slope, learnt.intercept) == pytest.approx((1.18, -0.88), abs=0.01)
    for name, row in LORIS.items():
        data = cohorts[name]
        raw, again = (brier_score(p, data["Response"]) for p in (data["loris"], learnt.apply(data["loris"])))
        assert (raw.brier.value, again.brier.value) == pytest.approx(row[6:], abs=0.0015)
    beaten = [brier_score(cohorts[n]["loris"], cohorts[n]["Response"]).scaled.value < 0 for n in LORIS]
    assert sum(beaten) == 7  # as published, LORIS is worse than a constant in all cohorts but Ravi's
    judged = calibration(cohorts["Chowell_test"]["loris"], cohorts["Chowell_test"]["Response"])
    assert judged.observed_expected.value == pytest.approx(0.247 / 0.439, abs=0.003)
    assert judged.observed_expected.high < 1
    assert np.isfinite(judged.slope.value)
