from __future__ import annotations

import lifelines
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from coley.model.errors import ColeyError, InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.survival.kaplan_meier import kaplan_meier, reverse_kaplan_meier

TIGHT = {"rtol": 1e-9, "atol": 1e-12}


def cohorts(oracle):
    aml, veteran = oracle("aml"), oracle("veteran")
    return {
        "aml_maintained": aml.filter(group="Maintained"),
        "aml_nonmaintained": aml.filter(group="Nonmaintained"),
        "veteran_90": veteran,
        "veteran_entry": veteran,
        "flat": pl.DataFrame({"time": range(1, 9), "status": [1] * 8}),
        "last": pl.DataFrame({"time": range(1, 5), "status": [1, 1, 0, 0]}),
    }


def fit(case, rows):
    entry = rows["entry"] if case == "veteran_entry" else None
    return kaplan_meier(
        rows["time"], rows["status"], entry=entry, level=0.9 if case == "veteran_90" else 0.95
    )


@pytest.mark.parametrize("case", ["aml_maintained", "aml_nonmaintained", "veteran_90", "veteran_entry"])
def test_curve_is_that_of_r(oracle, case):
    curve = fit(case, cohorts(oracle)[case])
    expected = oracle("survfit").filter(case=case)
    step = np.searchsorted(curve.time, expected["time"])
    assert len(curve.time) == expected.height + 1  # time 0 is ours
    for ours, theirs in (
        (curve.time, "time"),
        (curve.at_risk, "n"),
        (curve.events, "events"),
        (curve.survival, "survival"),
        (curve.se, "se"),
        (curve.low, "low"),
        (curve.high, "high"),
    ):
        wanted = expected[theirs].cast(pl.Float64).fill_null(np.nan).to_numpy().copy()
        if theirs in ("low", "high"):  # before the first event R gives no limits; the curve draws 1
            wanted[expected["survival"].to_numpy() == 1] = 1.0
        np.testing.assert_allclose(ours[step], wanted, **TIGHT, err_msg=theirs)


@pytest.mark.parametrize(
    "case", ["aml_maintained", "aml_nonmaintained", "veteran_90", "veteran_entry", "flat", "last"]
)
def test_quantiles_are_those_of_r(oracle, case):
    curve = fit(case, cohorts(oracle)[case])
    for row in oracle("quantile").filter(case=case).iter_rows(named=True):
        found = curve.quantile(row["share"])
        for ours, theirs in ((found.value, "value"), (found.low, "low"), (found.high, "high")):
            wanted = np.nan if row[theirs] is None else row[theirs]
            np.testing.assert_allclose(ours, wanted, err_msg=f"{row['share']} {theirs}")


def test_curve_is_that_of_lifelines_and_statsmodels():
    lung = lifelines.datasets.load_lung()
    time, event = lung["time"].to_numpy(float), lung["status"].to_numpy()
    theirs = lifelines.KaplanMeierFitter().fit(time, event)
    curve = kaplan_meier(time, event)
    np.testing.assert_allclose(curve.survival, theirs.survival_function_.to_numpy().ravel(), **TIGHT)
    band = theirs.confidence_interval_.to_numpy()[1:]
    np.testing.assert_allclose(curve.low[1:], band[:, 0], **TIGHT)
    np.testing.assert_allclose(curve.high[1:], band[:, 1], **TIGHT)
    stats = SurvfuncRight(time, event)
    np.testing.assert_allclose(curve.at(stats.surv_times)[0], stats.surv_prob, **TIGHT)
    np.testing.assert_allclose(curve.se[curve.position(stats.surv_times)], stats.surv_prob_se, **TIGHT)
    assert curve.quantile(0.5).value == 310  # printed in the documentation of R's survival


def test_delayed_entry_is_that_of_lifelines():
    generator = np.random.default_rng(1)
    entry = generator.exponential(2, 300)
    time, event = entry + generator.exponential(5, 300), generator.random(300) < 0.7
    theirs = lifelines.KaplanMeierFitter().fit(time, event, entry=entry)
    curve = kaplan_meier(time, event, entry=entry)
    expected = theirs.survival_function_at_times(curve.time).to_numpy()
    np.testing.assert_allclose(
        curve.survival[1:], expected[1:], rtol=1e-9
    )  # theirs begins with the first entry


def test_entry_at_zero_changes_nothing():
    plain, entered = kaplan_meier([1, 2, 3], [1, 0, 1]), kaplan_meier([1, 2, 3], [1, 0, 1], entry=[0, 0, -1])
    np.testing.assert_array_equal(plain.survival, entered.survival)
    np.testing.assert_array_equal(plain.at_risk, entered.at_risk)


def test_reverse_curve_gives_follow_up(oracle):
    aml, expected = oracle("aml"), oracle("quantile").filter(case="reverse", share=0.5)
    found = reverse_kaplan_meier(aml["time"], aml["status"]).quantile()
    assert found.value == expected["value"][0]
    assert found.low == expected["low"][0]


def test_nothing_is_known_beyond_follow_up_unless_nobody_is_left():
    alive, gone = kaplan_meier([1, 2], [1, 0]), kaplan_meier([1, 2], [1, 1])
    assert np.isnan(alive.milestone(2.1).value)
    assert np.isnan(alive.at([2.1])[0]).all()
    assert gone.milestone(5).value == 0


def test_limits_at_one_and_zero_are_not_points():
    certain = kaplan_meier([5] * 10, [0] * 10).milestone(3)
    assert (certain.value, certain.high) == (1, 1)
    assert certain.low == pytest.approx(0.6915029)  # Clopper and Pearson for 10 of 10
    dead = kaplan_meier(range(1, 11), [1] * 10)
    at_end, before = dead.milestone(10), dead.milestone(9)
    assert (at_end.value, at_end.low, at_end.high) == (0, 0, before.high)
    at_once = kaplan_meier([2] * 10, [1] * 10).milestone(2)
    assert at_once.high == pytest.approx(1 - 0.6915029)


def test_n_at_risk_counts_those_followed_so_far_or_beyond():
    curve = kaplan_meier([1, 2, 2, 4], [1, 0, 1, 0])
    assert [curve.n_at_risk(t) for t in (0, 1, 1.5, 2, 3, 4, 5)] == [4, 4, 3, 3, 1, 1, 0]


times = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=40)


@given(times)
def test_curve_falls_from_one_within_its_band(rows):
    time, event = np.array([r[0] for r in rows], float), np.array([r[1] for r in rows])
    curve = kaplan_meier(time, event)
    assert (np.diff(curve.survival) <= 0).all()
    assert curve.survival.min() >= 0
    known = np.isfinite(curve.low)
    assert (curve.low[known] <= curve.survival[known] + 1e-12).all()
    assert (curve.high[known] >= curve.survival[known] - 1e-12).all()
    assert curve.events.sum() + curve.censored.sum() == len(rows)
    assert (curve.at_risk[:-1] - curve.events[:-1] - curve.censored[:-1] == curve.at_risk[1:]).all()


@given(times, st.randoms())
def test_order_of_rows_and_unit_of_time_do_not_matter(rows, random):
    shuffled = random.sample(rows, len(rows))
    one = kaplan_meier([r[0] for r in rows], [r[1] for r in rows])
    two = kaplan_meier([4.0 * r[0] for r in shuffled], [r[1] for r in shuffled])
    np.testing.assert_array_equal(one.survival, two.survival)
    np.testing.assert_array_equal(4 * one.time, two.time)
    np.testing.assert_array_equal(one.low, two.low)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=40))
def test_without_censoring_the_curve_is_the_share_left(values):
    curve = kaplan_meier(values, [1] * len(values))
    share = [(np.array(values) > t).mean() for t in curve.time]
    np.testing.assert_allclose(curve.survival, share, atol=1e-12)


def test_log_log_interval_covers_at_a_milestone():
    generator, n, runs, at = np.random.default_rng(7), 60, 1500, 6.0
    truth, hits = np.exp(-at / 8), 0
    for _ in range(runs):
        lived, censored = generator.exponential(8, n), generator.uniform(4, 20, n)
        found = kaplan_meier(np.minimum(lived, censored), lived <= censored).milestone(at)
        hits += found.low <= truth <= found.high
    assert abs(hits / runs - 0.95) < 3 * np.sqrt(0.95 * 0.05 / runs)


@pytest.mark.parametrize(
    ("time", "event", "error"),
    [
        ([], [], NotEstimable),
        ([1, np.nan], [1, 0], UnreadableInput),
        ([1, np.inf], [1, 0], UnreadableInput),
        ([1, -2], [1, 0], UnreadableInput),
        ([1, 2], [1], UnreadableInput),
        ([1, 2], [1, 2], UnreadableInput),
        ([1, 2], [1, np.nan], UnreadableInput),
    ],
)
def test_unusable_follow_up_is_refused(time, event, error):
    with pytest.raises(error):
        kaplan_meier(time, event)


def test_position_of_bad_rows_is_told():
    with pytest.raises(UnreadableInput, match=r"\[1, 3\]"):
        kaplan_meier([1, -1, 2, np.nan], [1, 1, 0, 0])


def test_impossible_readings_are_refused():
    curve = kaplan_meier([1, 2, 3], [1, 0, 1])
    for share in (0, 1, -0.5, np.nan):
        with pytest.raises(InvalidSetting):
            curve.quantile(share)
    for at in (-1, np.nan):
        with pytest.raises(InvalidSetting):
            curve.milestone(at)
    with pytest.raises(ColeyError):
        kaplan_meier([1, 2], [1, 1], level=1.5)
    with pytest.raises(UnreadableInput):
        kaplan_meier([1, 2], [1, 1], entry=[0, 2])


@pytest.mark.real
def test_published_curves_give_their_medians_and_milestones(shared):
    folder = shared / "km_curves"
    index = pl.read_csv(folder / "INDEX.csv").filter(pl.col("file").str.starts_with("kmdata/"))
    assert index.height == 20
    for row in index.iter_rows(named=True):
        arm = pl.read_csv(folder / row["file"]).filter(arm=row["arm"])
        curve = kaplan_meier(arm["time"], arm["event"])
        assert (curve.n, curve.events.sum()) == (row["n"], row["events"])
        median = curve.quantile().value
        assert (
            np.isnan(median) if np.isinf(row["median"]) else median == pytest.approx(row["median"], rel=6e-3)
        ), row
        for month in (12, 24):
            beyond = curve.milestone(min(month, curve.time[-1])).value  # the index carries the last step on
            assert beyond == pytest.approx(row[f"S{month}"], abs=6e-4), (row, month)
