from __future__ import annotations

import warnings

import lifelines
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coley.model.errors import NotEstimable, UnknownName, UnreadableInput
from coley.stats.competing import aalen_johansen, gray
from coley.stats.survival.kaplan_meier import kaplan_meier
from coley.stats.survival.log_rank import log_rank


def simulated(generator, n):
    """Two constant cause-specific hazards, 0.06 and 0.04, and censoring; F1(t) = .6 (1 - exp(-.1 t))."""
    lived, censored = generator.exponential(10, n), generator.uniform(5, 30, n)
    cause = np.where(generator.random(n) < 0.6, 1, 2)
    return np.minimum(lived, censored), np.where(lived <= censored, cause, 0)


def test_incidence_and_variance_are_those_of_cmprsk(oracle):
    risks, expected = oracle("risks"), oracle("cuminc")
    for (group,), rows in expected.group_by("group"):
        chosen = risks if group == "all" else risks.filter(group=group)
        found = aalen_johansen(chosen["time"], chosen["cause"])
        for row in rows.drop_nulls().iter_rows(named=True):
            step, cause = found.free.position(row["time"]), found.causes.index(row["cause"])
            assert found.incidence[cause, step] == pytest.approx(row["incidence"], rel=1e-9), row
            assert found.se[cause, step] ** 2 == pytest.approx(row["variance"], rel=1e-9), row


def test_gray_is_that_of_cmprsk(oracle):
    risks = oracle("risks")
    two = risks.filter(pl.col("group") != "b")
    for row in oracle("gray").iter_rows(named=True):
        data = two if row["case"] == "two" else risks
        strata = data["stratum"] if row["case"] == "strata" else None
        found = gray(data["time"], data["cause"], data["group"], of=row["cause"], strata=strata)
        assert found.statistic == pytest.approx(row["statistic"], rel=1e-9), row
        assert found.df == row["df"]
        assert found.p == pytest.approx(row["p"], rel=1e-9), row


def test_incidence_is_that_of_lifelines():
    time, cause = simulated(np.random.default_rng(8), 200)
    found = aalen_johansen(time, cause)
    for k in (1, 2):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = lifelines.AalenJohansenFitter(calculate_variance=True).fit(
                time, cause, event_of_interest=k
            )
        expected = theirs.cumulative_density_[f"CIF_{k}"].to_numpy()
        np.testing.assert_allclose(found.incidence[k - 1], expected, rtol=1e-9, atol=1e-12)


def test_five_patients_by_hand():
    # at risk 5, 4, 3, 2, 1; free of both 1, 4/5, 3/5, 3/5, 3/10
    found = aalen_johansen([1, 2, 3, 4, 5], [1, 2, 0, 1, 0])
    np.testing.assert_allclose(found.incidence[0], [0, 1 / 5, 1 / 5, 1 / 5, 1 / 5 + 3 / 10, 1 / 2])
    np.testing.assert_allclose(found.incidence[1], [0, 0, 1 / 5, 1 / 5, 1 / 5, 1 / 5])
    assert found.se[0, 1] == pytest.approx(
        np.sqrt(0.2 * 0.8 / 5 + 0.2**2 / 5)
    )  # Aalen's: d/n^2, without the (1 - d/n)


rows = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), min_size=1, max_size=40)


@given(rows, st.randoms())
def test_shares_add_up_and_order_does_not_matter(data, random):
    time, cause = np.array([r[0] for r in data], float), np.array([r[1] for r in data])
    found = aalen_johansen(time, cause, causes=[1, 2, 3])
    np.testing.assert_allclose(found.incidence.sum(axis=0) + found.free.survival, 1)
    assert (np.diff(found.incidence, axis=1) >= 0).all()
    inside = np.isfinite(found.low)
    assert (found.low[inside] <= found.incidence[inside] + 1e-12).all()
    assert (found.incidence[inside] <= found.high[inside] + 1e-12).all()
    shuffled = random.sample(data, len(data))
    again = aalen_johansen([2.0 * r[0] for r in shuffled], [r[1] for r in shuffled], causes=[3, 2, 1])
    np.testing.assert_array_equal(found.incidence, again.incidence[::-1])
    np.testing.assert_array_equal(found.se, again.se[::-1])


def test_a_single_cause_is_one_minus_kaplan_meier():
    time, cause = simulated(np.random.default_rng(9), 100)
    found, curve = aalen_johansen(time, cause > 0), kaplan_meier(time, cause > 0)
    np.testing.assert_allclose(found.incidence[0], 1 - curve.survival, atol=1e-12)


def test_delayed_entry_counts_only_those_at_risk():
    found = aalen_johansen([2, 4, 6], [1, 2, 1], entry=[0, 3, 0])
    np.testing.assert_allclose(found.incidence[0], [0, 1 / 2, 1 / 2, 1 / 2 + 1 / 4])
    np.testing.assert_allclose(found.incidence[1], [0, 0, 1 / 4, 1 / 4])


def test_milestones_are_read_with_limits_even_before_the_first_event():
    found = aalen_johansen([1, 2, 3, 4, 5], [1, 2, 0, 1, 0])
    assert found.milestone(2.5, 2).value == pytest.approx(0.2)
    none = found.milestone(1.5, 2)
    assert (none.value, none.low) == (0, 0)
    assert none.high == pytest.approx(1 - 0.025**0.25)  # Clopper and Pearson for 0 of 4
    assert np.isnan(found.milestone(6, 1).value)
    assert aalen_johansen([1, 2], [1, 2]).milestone(6, 1).value == 0.5
    with pytest.raises(UnknownName):
        found.milestone(1, 3)


def test_log_log_interval_covers():
    generator, runs, at = np.random.default_rng(10), 1500, 8.0
    truth, hits = 0.6 * (1 - np.exp(-0.1 * at)), 0
    for _ in range(runs):
        found = aalen_johansen(*simulated(generator, 100)).milestone(at, 1)
        hits += found.low <= truth <= found.high
    assert abs(hits / runs - 0.95) < 3 * np.sqrt(0.95 * 0.05 / runs)


def test_gray_keeps_its_level_and_sees_what_the_log_rank_test_sees_without_competition():
    generator, runs, rejected = np.random.default_rng(12), 1000, 0
    for _ in range(runs):
        time, cause = simulated(generator, 120)
        rejected += gray(time, cause, generator.integers(0, 3, 120)).p < 0.05
    assert abs(rejected / runs - 0.05) < 3 * np.sqrt(0.95 * 0.05 / runs)
    time, cause = simulated(generator, 4000)
    group = generator.integers(0, 2, 4000)
    slower = np.where(group == 1, 1.15 * time, time)
    assert gray(slower, cause > 0, group).statistic == pytest.approx(
        log_rank(slower, cause > 0, group).statistic, rel=0.03
    )


def test_gray_is_blind_to_order_and_labels():
    time, cause = simulated(np.random.default_rng(13), 90)
    group = np.arange(90) % 3
    turn = np.random.default_rng(14).permutation(90)
    one = gray(time, cause, group)
    two = gray(2 * time[turn], cause[turn], np.array(["z", "b", "m"])[group[turn]])
    assert two.statistic == pytest.approx(one.statistic, rel=1e-9)


def test_what_cannot_be_estimated_is_refused():
    with pytest.raises(NotEstimable, match="no event of any cause"):
        aalen_johansen([1, 2], [0, 0])
    with pytest.raises(NotEstimable):
        aalen_johansen([], [])
    with pytest.raises(UnreadableInput, match=r"\[2\]"):
        aalen_johansen([1, 2], [1, 2], causes=[1])
    for bad in ([1, -1], [1, 0.5], [1, np.nan], ["a", "b"]):
        with pytest.raises(UnreadableInput):
            aalen_johansen([1, 2], bad)
    with pytest.raises(NotEstimable):
        gray([1, 2], [1, 1], ["a", "a"])
    with pytest.raises(NotEstimable):
        gray([1, 2], [2, 2], ["a", "b"])
    with pytest.raises(UnreadableInput):
        gray([1, 2], [1, 2], ["a"])


@pytest.mark.real
def test_printed_values_of_tidycmprsk_come_out(shared):
    folder = shared / "tidycmprsk_trial_cif"
    trial = pl.read_csv(folder / "trial.csv")
    code = trial["death_cr"].replace_strict({"censor": 0, "death from cancer": 1, "death other causes": 2})
    found = aalen_johansen(trial["ttdeath"], code)
    expected = pl.read_csv(folder / "expected_cuminc.csv")
    assert expected.height == 8
    for row in expected.iter_rows(named=True):
        reading = found.milestone(row["time"], 1 if row["outcome"] == "death from cancer" else 2)
        assert found.free.n_at_risk(row["time"]) == row["n_risk"]
        assert reading.value == pytest.approx(row["estimate"], abs=6e-4), row
        if row["estimate"] > 0:
            assert reading.se == pytest.approx(row["std_error"], abs=6e-4), row
            assert reading.low == pytest.approx(row["ci_low"], abs=6e-4), row
            assert reading.high == pytest.approx(row["ci_high"], abs=6e-4), row
