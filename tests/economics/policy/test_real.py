"""Guided treatment on patients: OAK, which was randomised, and the cohorts of LORIS, which were not.

Prices are those of facts of 2018 (IVI-NSCLC, after its slip of unit: 444.027 USD per mL of atezolizumab, 20 mL a dose;
34.38 USD per mL of 10 mg docetaxel; 136.15 USD for an infusion), utilities of second-line and progressed disease those
of Nafees 2008 (0.6532, 0.4734). At such prices and within so short a time no usual threshold is met by either
marker; 500,000 USD is one at which the choice is open, and says nothing of what a payer should pay. The horizon is 20
months, within follow-up of every group.
"""

from __future__ import annotations

import logging

import numpy as np
import polars as pl
import pytest

from coley.economics.policy.assay import accuracy_from_counts, assay
from coley.economics.policy.biomarker_guided import Worth, biomarker_guided, value_of_test
from coley.economics.policy.gains import gains_if_caused, randomised_gains
from coley.economics.policy.marker_guided import marker_guided
from coley.economics.policy.score_guided import score_guided
from coley.stats.judging.decision_curve import decision_curve
from coley.stats.survival.pseudo_values import pseudo_values
from coley.stats.survival.restricted_mean import rmst_difference

pytestmark = pytest.mark.real

HORIZON = 20.0  # months
DOSES_A_YEAR = 365.25 / 21
DRUG = {True: DOSES_A_YEAR * (444.027 * 20 + 136.15), False: DOSES_A_YEAR * (3.438 * 75 * 1.8 + 136.15)}
THRESHOLD = 500_000.0


@pytest.fixture(scope="module")
def oak(shared):
    path = shared / "oak" / "clinical.tsv.gz"
    if not path.is_file():
        pytest.skip("OAK is not among the real cohorts")
    table = pl.read_csv(path, separator="\t", null_values=["."], infer_schema_length=0)
    return table.with_columns(
        pl.col("OS", "PFS", "btmb").cast(pl.Float64),
        died=1 - pl.col("OS.CNSR").cast(pl.Int64),
        failed=1 - pl.col("PFS.CNSR").cast(pl.Int64),
        treated=pl.col("TRT01P") == "MPDL3280A",
    )


MARKERS = {
    "pdl1": (pl.col("TC3IC3") != "UNKNOWN", pl.col("TC3IC3") == "TC3 or IC3"),
    "btmb": ((pl.col("BEP") == "Y") & pl.col("btmb").is_not_null(), pl.col("btmb") >= 16),
}


def _marked(oak, name):
    evaluable, positive = MARKERS[name]
    table = oak.filter(evaluable)
    return table, table.select(positive).to_series().to_numpy()


def _net_benefit(table, groups):
    years = {
        name: pseudo_values(table[time].to_numpy(), table[event].to_numpy(), HORIZON, groups=groups) / 12
        for name, time, event in (("os", "OS", "died"), ("pfs", "PFS", "failed"))
    }
    qalys = 0.6532 * years["pfs"] + 0.4734 * (years["os"] - years["pfs"])
    cost = np.where(table["treated"].to_numpy(), DRUG[True], DRUG[False]) * years["pfs"]
    return THRESHOLD * qalys - cost


@pytest.mark.parametrize(
    ("name", "n", "positives", "gain", "low", "high", "interaction"),
    [
        ("pdl1", 841, 137, 5.06, 2.71, 7.41, True),
        ("btmb", 642, 160, 3.80, 1.62, 5.98, False),
    ],
)
def test_months_gained_by_marker_are_the_arms_restricted_means(
    oak, name, n, positives, gain, low, high, interaction
):
    table, marker = _marked(oak, name)
    assert (len(table), marker.sum()) == (n, positives)
    arm = table["treated"].to_numpy()
    months = pseudo_values(table["OS"].to_numpy(), table["died"].to_numpy(), HORIZON, groups=2 * marker + arm)
    found = marker_guided(marker, randomised_gains(months, arm, strata=marker))
    for part, one in ((marker, found.among_positive), (~marker, found.among_negative)):
        of_arms = rmst_difference(
            table["OS"].to_numpy()[part], table["died"].to_numpy()[part], arm[part], tau=HORIZON
        ).interval
        assert one.value == pytest.approx(of_arms.value, abs=0.02)
        assert one.se == pytest.approx(of_arms.se, rel=0.05)
    assert found.among_positive.value == pytest.approx(gain, abs=0.01)
    assert found.among_positive.low == pytest.approx(low, abs=0.03)
    assert found.among_positive.high == pytest.approx(high, abs=0.03)
    assert (found.difference.low > 0) is interaction
    assert found.randomised


def test_treating_by_pdl1_beats_treating_all_and_btmb_is_no_proven_predictor(oak):
    results = {}
    for name in MARKERS:
        table, marker = _marked(oak, name)
        arm = table["treated"].to_numpy()
        gains = randomised_gains(_net_benefit(table, 2 * marker + arm), arm, strata=marker)
        results[name] = marker_guided(marker, gains, cost=500.0)
    pdl1, btmb = results["pdl1"], results["btmb"]
    assert pdl1.none_to_all.high < 0  # at list price and within 20 months, treating everybody loses
    assert pdl1.beats_all > 0.999
    assert pdl1.among_positive.value > pdl1.among_negative.high
    assert btmb.beats_all > 0.95
    assert pdl1.beats_none > btmb.beats_none
    assert btmb.difference.low < 0 < btmb.difference.high
    assert 0.5 < btmb.beats_none < 0.8
    # positive and negative patients make up all
    for one in results.values():
        share = one.positives / one.n
        assert one.none_to_all.value == pytest.approx(
            share * one.among_positive.value + (1 - share) * one.among_negative.value
        )
        assert one.over_none.value == pytest.approx(share * one.among_positive.value - 500)


def test_selecting_by_pdl1_raises_the_gain_about_as_much_as_published(oak):
    """Aguiar 2017 (Ann Oncol 28:2256): up to 183 % more QALYs per treated patient where PD-L1 selects; over a lifetime,
    from published curves of four trials, so that only the order of size can agree."""
    table, marker = _marked(oak, "pdl1")
    arm = table["treated"].to_numpy()
    years = {
        name: pseudo_values(table[time].to_numpy(), table[event].to_numpy(), HORIZON, groups=2 * marker + arm)
        / 12
        for name, time, event in (("os", "OS", "died"), ("pfs", "PFS", "failed"))
    }
    qalys = 0.6532 * years["pfs"] + 0.4734 * (years["os"] - years["pfs"])
    found = marker_guided(marker, randomised_gains(qalys, arm, strata=marker))
    assert 1.5 < found.among_positive.value / found.none_to_all.value < 4.5


def test_a_cutoff_of_btmb_that_is_searched_for_promises_more_than_it_keeps(oak):
    table, _ = _marked(oak, "btmb")
    arm = table["treated"].to_numpy()
    gains = randomised_gains(_net_benefit(table, arm), arm)
    found = score_guided(table["btmb"].to_numpy(), gains, cost=3000.0)
    assert found.apparent >= 0 > found.corrected.value
    assert found.corrected.low < 0 < found.corrected.high


TERMS = {  # of the pan-cancer LORIS (Chang 2024), from the source of the data; any other type has none
    "Bladder": -0.3323, "Breast": -0.3323, "Colorectal": -0.102, "Endometrial": -0.0079, "Esophageal": 0.55,
    "Gastric": 0.2306, "Head & Neck": 0.0678, "Hepatobiliary": -0.1189, "Melanoma": -0.0086, "Mesothelioma": 0.1255,
    "NSCLC": 0.0008, "Ovarian": -0.052, "Pancreatic": -1.1169, "Renal": 0.5451, "Sarcoma": 0.0542, "SCLC": -0.0033,
}  # fmt: skip


@pytest.fixture(scope="module")
def cohorts(shared):
    """Chance of response by LORIS, response and TMB of the patients of two cohorts that it was not fitted to."""
    workbook = shared / "loris2024" / "AllData.xlsx"
    if not workbook.is_file():
        pytest.skip("the LORIS workbook is not among the real cohorts")
    logging.getLogger("fastexcel").setLevel(logging.ERROR)  # it warns of columns that are empty
    found = {}
    for name in ("Chowell_test", "MSK1"):
        table = pl.read_excel(workbook, sheet_name=name).with_columns(
            index=0.0371 * pl.col("TMB").clip(upper_bound=50)
            - 0.8775 * pl.col("Systemic_therapy_history")
            + 0.5382 * pl.col("Albumin")
            - 0.033 * pl.col("NLR").clip(upper_bound=25)
            + 0.0049 * pl.col("Age").clip(upper_bound=85)
            + pl.col("CancerType").replace_strict(TERMS, default=0.0)
            - 2.0886
        )
        table = table.drop_nulls("index")
        chance = 1 / (1 + np.exp(-table["index"].to_numpy()))
        found[name] = chance, table["Response"].to_numpy(), table["TMB"].to_numpy()
    return found


@pytest.fixture(scope="module")
def loris(cohorts):
    return cohorts["Chowell_test"]


COST = 60_000.0  # of treatment, made up; what a response is worth follows from the threshold probability


@pytest.mark.parametrize("t", [0.2, 0.3, 0.4])
def test_loris_by_cutoff_is_its_decision_curve(loris, t):
    chance, response, _ = loris
    gains = gains_if_caused(response, COST / t, COST)
    curve = decision_curve({"loris": chance}, response, [t])
    fixed = marker_guided(chance >= t, gains)
    to_money = COST * (1 - t) / t
    assert fixed.over_none.value == pytest.approx(curve.net_benefit[0, 0] * to_money)
    assert fixed.none_to_all.value == pytest.approx(curve.net_benefit[1, 0] * to_money)
    assert not fixed.randomised


def test_a_chosen_cutoff_of_loris_holds_on_patients_not_used_for_it_and_that_of_tmb_hardly(loris):
    """At a fifth: a response is worth five treatments. LORIS says more than is so (weighted classes in its fit), so
    that its best cut-off lies far above a fifth."""
    chance, response, tmb = loris
    gains = gains_if_caused(response, COST / 0.2, COST)
    by_loris, by_tmb = (score_guided(score, gains, cost=300.0) for score in (chance, tmb))
    assert by_loris.n == 515
    assert by_loris.best.value == pytest.approx(0.464, abs=1e-3)
    assert by_loris.none_to_all.value == pytest.approx(COST * (response.mean() / 0.2 - 1))
    assert by_loris.apparent == pytest.approx(13_331, abs=1)
    assert 0 < by_loris.corrected.value < by_loris.apparent
    assert by_loris.beats_all > 0.97
    assert by_tmb.apparent > 0
    assert by_tmb.corrected.value < 0.3 * by_tmb.apparent
    assert by_tmb.beats_all < 0.8
    at_a_fifth = marker_guided(chance >= 0.2, gains, cost=300.0)
    assert at_a_fifth.over_all.value < by_loris.corrected.value


def test_two_by_two_and_patients_agree(loris):
    """The same table of LORIS at a cut-off, once as counts with beta distributions and once patient by patient."""
    chance, response, _ = loris
    positive, responder = chance >= 0.45, response == 1
    gains = gains_if_caused(response, COST / 0.3, COST)
    by_patients = marker_guided(positive, gains, cost=300.0)
    counts = (
        ((positive & responder).sum(), (positive & ~responder).sum()),
        (
            (~positive & ~responder).sum(),
            (~positive & responder).sum(),
        ),
    )
    accuracy = accuracy_from_counts(*counts, draws=20_000, seed=1)
    guided = biomarker_guided(accuracy, Worth(COST, COST, 1 / 0.3, 0), Worth(0, 0, 0, 0), assay=assay(300.0))
    by_counts = value_of_test(guided, [COST])
    assert by_counts.over_none.value[0] == pytest.approx(by_patients.over_none.value, abs=250)
    assert by_counts.over_all.value[0] == pytest.approx(by_patients.over_all.value, abs=250)
    width = by_patients.over_none.high - by_patients.over_none.low
    assert by_counts.over_none.high[0] - by_counts.over_none.low[0] == pytest.approx(width, rel=0.1)
    assert by_counts.beats_all[0] == pytest.approx(by_patients.beats_all, abs=0.03)


def test_a_cutoff_taken_from_one_cohort_to_another_keeps_part_of_its_promise(cohorts):
    """The best cut-off of the 515, fixed, on the 453 of MSK1."""
    chance, response, _ = cohorts["Chowell_test"]
    chosen = score_guided(chance, gains_if_caused(response, COST / 0.25, COST), cost=300.0)
    there, responded, _ = cohorts["MSK1"]
    carried = marker_guided(
        there >= chosen.best.value, gains_if_caused(responded, COST / 0.25, COST), cost=300.0
    )
    assert carried.n == 453
    better = min(carried.over_all.value, carried.over_none.value)
    assert 0 < better < chosen.apparent
    assert better == pytest.approx(15_594, abs=1)
    assert chosen.corrected.low < better < chosen.corrected.high
