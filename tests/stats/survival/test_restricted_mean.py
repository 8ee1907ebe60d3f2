from __future__ import annotations

import lifelines
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines.utils import restricted_mean_survival_time

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.survival.restricted_mean import restricted_mean_survival, rmst_difference


def test_means_and_errors_are_those_of_r(oracle):
    aml, veteran = oracle("aml"), oracle("veteran")
    for row in oracle("rmean").iter_rows(named=True):
        data = (
            aml.filter(group=row["group"]) if row["data"] == "aml" else veteran.filter(trt=int(row["group"]))
        )
        if row["tau"] > data["time"].max():
            with pytest.raises(NotEstimable):
                restricted_mean_survival(data["time"], data["status"], row["tau"])
            continue
        found = restricted_mean_survival(data["time"], data["status"], row["tau"])
        assert found.value == pytest.approx(row["rmean"], rel=1e-9), row
        assert found.se == pytest.approx(row["se"], rel=1e-9), row


def test_mean_is_that_of_lifelines():
    lung = lifelines.datasets.load_lung()
    time, event = lung["time"].to_numpy(float), lung["status"].to_numpy()
    theirs = restricted_mean_survival_time(lifelines.KaplanMeierFitter().fit(time, event), t=500)
    assert restricted_mean_survival(time, event, 500).value == pytest.approx(theirs, rel=1e-9)


def test_without_censoring_it_is_the_mean_of_capped_times():
    time = np.random.default_rng(2).exponential(5, 200)
    capped = np.minimum(time, 6)
    found = restricted_mean_survival(time, np.ones(200), 6)
    assert found.value == pytest.approx(capped.mean())
    assert found.se == pytest.approx(capped.std() / np.sqrt(200), rel=1e-9)  # Greenwood's form divides by n


def test_groups_are_contrasted_by_difference_and_ratio(oracle):
    veteran, rows = oracle("veteran"), oracle("rmean").filter(data="veteran", tau=365)
    (m1, s1), (m2, s2) = ((row["rmean"], row["se"]) for row in rows.iter_rows(named=True))
    found = rmst_difference(veteran["time"], veteran["status"], veteran["trt"] == 2, tau=365)
    assert found.interval.value == pytest.approx(m2 - m1)
    assert found.interval.se == pytest.approx(np.hypot(s1, s2))
    assert found.ratio.value == pytest.approx(m2 / m1)
    assert found.ratio.se == pytest.approx(np.hypot(s1 / m1, s2 / m2))
    turned = rmst_difference(veteran["time"], veteran["status"], veteran["trt"] == 1, tau=365)
    assert turned.interval.low == pytest.approx(-found.interval.high)
    assert turned.ratio.high == pytest.approx(1 / found.ratio.low)
    assert turned.p == pytest.approx(found.p)


def test_default_horizon_is_the_shorter_of_the_two_longest_follow_ups():
    time, event, treated = [1, 2, 9, 3, 4, 7], [1, 1, 0, 1, 1, 0], [1, 1, 1, 0, 0, 0]
    assert rmst_difference(time, event, treated).tau == 7
    assert rmst_difference(time, event, treated) == rmst_difference(time, event, treated, tau=7)


@given(
    st.lists(st.tuples(st.integers(1, 20), st.booleans()), min_size=2, max_size=30),
    st.floats(0.1, 1, exclude_max=True),
)
def test_it_lies_between_zero_and_the_horizon_and_follows_the_unit(rows, share):
    time, event = np.array([r[0] for r in rows], float), np.array([r[1] for r in rows])
    tau = share * time.max()
    one, two = restricted_mean_survival(time, event, tau), restricted_mean_survival(3 * time, event, 3 * tau)
    assert 0 <= one.low <= one.value <= one.high <= tau
    assert two.value == pytest.approx(3 * one.value)
    assert two.se == pytest.approx(3 * one.se, abs=1e-12)


def test_a_horizon_beyond_follow_up_is_refused():
    with pytest.raises(NotEstimable, match="before the horizon of 5"):
        restricted_mean_survival([1, 2, 3], [1, 0, 0], 5)
    assert restricted_mean_survival([1, 2, 3], [1, 1, 1], 5).value == 2  # nobody is left: the area is known
    with pytest.raises(NotEstimable):
        rmst_difference([1, 2, 3, 4], [1, 0, 1, 0], [0, 0, 1, 1], tau=3)
    for tau in (0, -1, np.nan, np.inf):
        with pytest.raises(InvalidSetting):
            restricted_mean_survival([1, 2], [1, 1], tau)


def test_groups_must_be_two():
    with pytest.raises(NotEstimable, match="no patient"):
        rmst_difference([1, 2], [1, 1], [1, 1], tau=1)
    with pytest.raises(UnreadableInput):
        rmst_difference([1, 2], [1, 1], ["a", "b"], tau=1)
    with pytest.raises(UnreadableInput):
        rmst_difference([1, 2, 3], [1, 1, 0], [0, 1, 2], tau=1)
    with pytest.raises(UnreadableInput):
        rmst_difference([1, 2, 3], [1, 1, 0], [0, 1], tau=1)


def test_intervals_cover_and_the_test_keeps_its_level():
    generator, n, runs, tau = np.random.default_rng(11), 80, 1500, 10.0
    truth = 8 * (1 - np.exp(-tau / 8))
    hits = rejected = 0
    for _ in range(runs):
        lived, censored = generator.exponential(8, 2 * n), generator.uniform(10, 25, 2 * n)
        time, event, treated = np.minimum(lived, censored), lived <= censored, np.arange(2 * n) % 2 == 0
        found = rmst_difference(time, event, treated, tau=tau)
        hits += found.treated.low <= truth <= found.treated.high
        rejected += found.p < 0.05
    error = 3 * np.sqrt(0.95 * 0.05 / runs)
    assert abs(hits / runs - 0.95) < error
    assert abs(rejected / runs - 0.05) < error
