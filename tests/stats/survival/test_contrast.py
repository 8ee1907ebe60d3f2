from __future__ import annotations

import lifelines
import numpy as np
import pytest
from lifelines.statistics import survival_difference_at_fixed_point_in_time_test
from statsmodels.duration.survfunc import SurvfuncRight

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.survival.contrast import milestone_difference, quantile_difference, survival_difference


@pytest.fixture(scope="module")
def lung():
    frame = lifelines.datasets.load_lung()
    return frame["time"].to_numpy(float), frame["status"].to_numpy(), frame["sex"].to_numpy() == 2


def trial(generator, n, scale=(10.0, 10.0), until=(6.0, 30.0)):
    treated = np.arange(n) % 2 == 0
    lived = generator.exponential(np.where(treated, *scale))
    censored = generator.uniform(*until, n)
    return np.minimum(lived, censored), lived <= censored, treated


def test_milestone_interval_is_the_hybrid_of_the_two_of_r(oracle):
    aml, expected = oracle("aml"), oracle("survfit")

    def at(case, time):
        rows = expected.filter(case=case).filter(expected.filter(case=case)["time"] <= time)
        return rows.row(-1, named=True)

    a, b = at("aml_maintained", 24), at("aml_nonmaintained", 24)
    found = milestone_difference(aml["time"], aml["status"], aml["group"] == "Maintained", at=24)
    value = a["survival"] - b["survival"]
    assert found.interval.value == pytest.approx(value)
    low = value - np.hypot(a["survival"] - a["low"], b["high"] - b["survival"])
    high = value + np.hypot(a["high"] - a["survival"], b["survival"] - b["low"])
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high))
    assert found.interval.se == pytest.approx(np.hypot(a["se"], b["se"]))


def test_milestone_p_is_that_of_lifelines(lung):
    time, event, women = lung
    fits = [lifelines.KaplanMeierFitter().fit(time[g], event[g]) for g in (women, ~women)]
    shared_times = np.intersect1d(time[women], time[~women])  # between steps theirs interpolates the variance
    assert len(shared_times) > 10
    for at in shared_times[2::3]:
        theirs = survival_difference_at_fixed_point_in_time_test(at, *fits)
        assert milestone_difference(time, event, women, at=at).p == pytest.approx(theirs.p_value, rel=1e-6)


def test_difference_along_time_is_that_of_statsmodels(lung):
    time, event, women = lung
    band = survival_difference(time, event, women)
    one, two = (SurvfuncRight(time[g], event[g]) for g in (women, ~women))
    for at in (100, 300, 600):
        i = np.searchsorted(band.time, at, side="right") - 1
        a, b = (np.searchsorted(s.surv_times, at, side="right") - 1 for s in (one, two))
        value = one.surv_prob[a] - two.surv_prob[b]
        half = 1.959963984540054 * np.hypot(one.surv_prob_se[a], two.surv_prob_se[b])
        assert (band.value[i], band.low[i], band.high[i]) == pytest.approx(
            (value, value - half, value + half)
        )
    assert band.time[-1] <= min(time[women].max(), time[~women].max())


def test_turning_the_groups_turns_the_sign(lung):
    time, event, women = lung
    one, two = (
        milestone_difference(time, event, women, at=365),
        milestone_difference(time, event, ~women, at=365),
    )
    assert one.interval.value == pytest.approx(-two.interval.value)
    assert one.interval.low == pytest.approx(-two.interval.high)
    assert one.p == pytest.approx(two.p)
    m, w = quantile_difference(time, event, ~women), quantile_difference(time, event, women)
    assert (m.value, m.low, m.high) == pytest.approx((-w.value, -w.high, -w.low))


def test_median_difference_of_lung_cancer_patients(lung):
    # medians 426 (348 to 550) and 270 (212 to 310): documentation of R's survival, survfit(Surv(time, status) ~ sex)
    found = quantile_difference(*lung)
    assert found.value == 426 - 270
    assert found.low < 0.7 * found.value < found.value < found.high


def test_what_was_not_reached_stays_missing():
    late = quantile_difference([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 0, 0], [0, 0, 0, 1, 1, 1])
    assert np.isnan(late.value)
    beyond = milestone_difference([1, 2, 3, 4], [1, 0, 1, 0], [0, 0, 1, 1], at=3)
    assert np.isnan(beyond.interval.value)
    assert np.isnan(beyond.p)


def test_a_group_without_events_still_has_an_uncertain_difference():
    found = milestone_difference([1, 2, 9, 9, 9, 9, 9, 9], [1, 1] + [0] * 6, [0] * 4 + [1] * 4, at=5).interval
    assert found.value == 0.5
    assert found.low < 0 < found.high
    assert found.high <= 1


def test_milestone_difference_covers():
    generator, runs, at, hits, rejected = np.random.default_rng(21), 1500, 8.0, 0, 0
    truth = np.exp(-at / 14) - np.exp(-at / 8)
    for _ in range(runs):
        found = milestone_difference(*trial(generator, 100, (14, 8)), at=at).interval
        hits += found.low <= truth <= found.high
        rejected += milestone_difference(*trial(generator, 100), at=at).p < 0.05
    error = 3 * np.sqrt(0.95 * 0.05 / runs)
    assert abs(hits / runs - 0.95) < error
    assert rejected / runs < 0.05 + error


def test_median_difference_covers():
    generator, runs, hits = np.random.default_rng(22), 1000, 0
    truth = np.log(2) * (12 - 8)
    for _ in range(runs):
        found = quantile_difference(*trial(generator, 200, (12, 8), (10.0, 40.0)))
        low, high = np.nan_to_num(found.low, nan=-np.inf), np.nan_to_num(found.high, nan=np.inf)
        hits += low <= truth <= high
    assert hits / runs > 0.95 - 3 * np.sqrt(0.95 * 0.05 / runs)
    assert hits / runs < 0.98  # conservative, as Brookmeyer and Crowley's own interval, but not wastefully


def test_unusable_groups_are_refused():
    with pytest.raises(NotEstimable):
        milestone_difference([1, 2], [1, 1], [0, 0], at=1)
    with pytest.raises(UnreadableInput):
        survival_difference([1, 2], [1, 1], ["x", "y"])
    with pytest.raises(InvalidSetting):
        milestone_difference([1, 2], [1, 1], [0, 1], at=-1)
    with pytest.raises(InvalidSetting):
        quantile_difference([1, 2], [1, 1], [0, 1], share=1.5)
