from __future__ import annotations

import lifelines
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lifelines.statistics import logrank_test, multivariate_logrank_test
from statsmodels.duration.survfunc import survdiff

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.survival.log_rank import MAX_COMBO_WEIGHTS, fleming_harrington, log_rank, max_combo


@pytest.fixture(scope="module")
def lung():
    frame = lifelines.datasets.load_lung().dropna(subset=["ph.ecog"])
    return (
        frame["time"].to_numpy(float),
        frame["status"].to_numpy(),
        frame["sex"].to_numpy(),
        frame["ph.ecog"].to_numpy(),
    )


def test_statistics_are_those_of_r(oracle):
    aml, veteran = oracle("aml"), oracle("veteran")
    a = (aml["time"], aml["status"], aml["group"])
    cells, arms = (
        (veteran["time"], veteran["status"], veteran["celltype"]),
        (veteran["time"], veteran["status"], veteran["trt"]),
    )
    ours = {
        "aml": log_rank(*a),
        "aml_rho1": fleming_harrington(*a, rho=1),
        "cells": log_rank(*cells),
        "cells_rho1": fleming_harrington(*cells, rho=1),
        "trt_strata": log_rank(*arms, strata=veteran["celltype"]),
        "cells_strata_rho1": fleming_harrington(*cells, rho=1, strata=veteran["trt"]),
    }
    expected = oracle("survdiff")
    assert set(ours) == set(expected["case"])
    for row in expected.iter_rows(named=True):
        assert ours[row["case"]].statistic == pytest.approx(row["statistic"], rel=1e-9), row
        assert ours[row["case"]].df == row["df"]


def test_log_rank_is_that_of_lifelines(lung):
    time, event, sex, ecog = lung
    theirs = logrank_test(time[sex == 1], time[sex == 2], event[sex == 1], event[sex == 2])
    ours = log_rank(time, event, sex)
    assert ours.statistic == pytest.approx(theirs.test_statistic, rel=1e-9)
    assert ours.p == pytest.approx(theirs.p_value, rel=1e-9)
    many = multivariate_logrank_test(time, ecog, event)
    assert log_rank(time, event, ecog).statistic == pytest.approx(many.test_statistic, rel=1e-9)
    assert log_rank(time, event, ecog).p == pytest.approx(many.p_value, rel=1e-9)


@pytest.mark.parametrize(("rho", "gamma"), [(1, 0), (0, 1), (1, 1), (0.5, 0.5), (0, 2)])
def test_weighted_tests_are_those_of_lifelines(oracle, rho, gamma):
    data = oracle("veteran").unique(
        subset="time", keep="first", maintain_order=True
    )  # theirs falters at ties
    theirs = multivariate_logrank_test(
        data["time"].to_numpy(),
        data["trt"].to_numpy(),
        data["status"].to_numpy(),
        weightings="fleming-harrington",
        p=rho,
        q=gamma,
    )
    ours = fleming_harrington(data["time"], data["status"], data["trt"], rho=rho, gamma=gamma)
    assert ours.statistic == pytest.approx(theirs.test_statistic, rel=1e-9)


def test_stratified_weighted_test_is_that_of_statsmodels(lung):
    time, event, sex, ecog = lung
    for rho in (0.5, 1.0):
        statistic, p = survdiff(time, event, sex, weight_type="fh", fh_p=rho, strata=np.where(ecog > 0, 1, 0))
        ours = fleming_harrington(time, event, sex, rho=rho, strata=np.where(ecog > 0, 1, 0))
        assert ours.statistic == pytest.approx(statistic, rel=1e-9)
        assert ours.p == pytest.approx(p, rel=1e-6)


def test_components_of_the_max_combo_are_the_weighted_tests(lung):
    time, event, sex, ecog = lung
    for strata in (None, np.where(ecog > 0, 1, 0)):
        combo = max_combo(time, event, sex == 2, strata=strata)
        for z, (rho, gamma) in zip(combo.z, MAX_COMBO_WEIGHTS, strict=True):
            alone = fleming_harrington(time, event, sex, rho=rho, gamma=gamma, strata=strata)
            assert z**2 == pytest.approx(alone.statistic, rel=1e-9)
            assert z > 0  # women live longer here
        assert combo.statistic == max(combo.z)
        assert combo.weights == MAX_COMBO_WEIGHTS[int(np.argmax(combo.z))]


def test_covariance_of_two_tests_is_the_variance_of_the_one_with_the_mean_weights(lung):
    # w(r1,g1) w(r2,g2) = w((r1+r2)/2, (g1+g2)/2)^2: each correlation can be had from three variances (Karrison 2016)
    time, event, sex, _ = lung
    wanted = max_combo(time, event, sex == 2, weights=((0, 0), (1, 0), (0, 1))).correlation
    pairs = (((0, 0), (1, 0), (0.5, 0)), ((0, 0), (0, 1), (0, 0.5)), ((1, 0), (0, 1), (0.5, 0.5)))
    cells = (wanted[0][1], wanted[0][2], wanted[1][2])

    def variance(weight):
        # a score and its z differ by the standard error alone; recount the score here, event by event
        order = np.unique(time[event == 1])
        s, score = 1.0, 0.0
        for t in order:
            n, d = (time >= t).sum(), ((time == t) & (event == 1)).sum()
            n1, d1 = ((time >= t) & (sex == 2)).sum(), ((time == t) & (event == 1) & (sex == 2)).sum()
            score += s ** weight[0] * (1 - s) ** weight[1] * (d1 - d * n1 / n)
            s *= 1 - d / n
        z = max_combo(time, event, sex == 2, weights=(weight,)).z[0]
        return (score / z) ** 2

    for (one, two, middle), cell in zip(pairs, cells, strict=True):
        assert cell == pytest.approx(variance(middle) / np.sqrt(variance(one) * variance(two)), rel=1e-8)


def test_max_combo_p_pays_for_the_choice(lung):
    time, event, sex, _ = lung
    combo = max_combo(time, event, sex == 2)
    best = min(fleming_harrington(time, event, sex, rho=r, gamma=g).p for r, g in MAX_COMBO_WEIGHTS)
    assert best < combo.p < 4 * best
    alone = max_combo(time, event, sex == 2, weights=((0, 0),))
    assert alone.p == pytest.approx(log_rank(time, event, sex).p, rel=1e-9)


def test_one_sided_max_combo_sees_benefit_only(lung):
    time, event, sex, _ = lung
    both, good, bad = (
        max_combo(time, event, sex == 2),
        max_combo(time, event, sex == 2, one_sided=True),
        max_combo(time, event, sex == 1, one_sided=True),
    )
    assert good.p == pytest.approx(both.p / 2, rel=1e-2)
    assert bad.p > 0.9


def test_equal_weights_make_a_singular_covariance(lung):
    time, event, sex, _ = lung
    once, twice = (max_combo(time, event, sex == 2, weights=((0, 1),) * k) for k in (1, 3))
    assert twice.p == pytest.approx(once.p, rel=1e-9)


def test_max_combo_with_a_single_event_time_is_the_log_rank_test():
    # every late weight is 0 at the first event: those tests have no variance and are left out
    found = max_combo([1, 1, 1, 2, 2, 2, 2, 2], [1, 1, 1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1, 1, 1])
    assert found.p == pytest.approx(
        log_rank([1, 1, 1, 2, 2, 2, 2, 2], [1, 1, 1, 0, 0, 0, 0, 0], [0] * 4 + [1] * 4).p
    )


def test_delayed_benefit_is_seen_by_the_late_weight():
    generator, n = np.random.default_rng(4), 400
    treated = np.arange(n) % 2 == 0
    early = generator.exponential(6, n)
    lived = np.where(treated & (early > 4), 4 + generator.exponential(14, n), early)
    censored = generator.uniform(12, 36, n)
    found = max_combo(np.minimum(lived, censored), lived <= censored, treated)
    assert found.weights == (0.0, 1.0)
    assert found.p < log_rank(np.minimum(lived, censored), lived <= censored, treated).p


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.booleans(), st.sampled_from("abc"), st.sampled_from("xy")),
        min_size=12,
        max_size=40,
    ),
    st.randoms(),
)
def test_order_labels_and_units_do_not_matter(rows, random):
    def of(rows, rename=lambda x: x, unit=1.0):
        return fleming_harrington(
            [unit * r[0] for r in rows],
            [r[1] for r in rows],
            [rename(r[2]) for r in rows],
            rho=1,
            gamma=0.5,
            strata=[r[3] for r in rows],
        )

    try:
        one = of(rows)
    except NotEstimable:
        return
    two = of(random.sample(rows, len(rows)), rename={"a": "z", "b": "m", "c": "k"}.get, unit=2.0)
    assert one.statistic == pytest.approx(two.statistic, rel=1e-6, abs=1e-8)
    assert one.df == two.df
    assert 0 <= one.p <= 1


def test_tests_keep_their_level():
    generator, n, runs = np.random.default_rng(5), 100, 800
    rejected = np.zeros(3)
    for _ in range(runs):
        lived, censored = generator.weibull(0.8, n) * 10, generator.uniform(3, 30, n)
        time, event, treated = np.minimum(lived, censored), lived <= censored, generator.random(n) < 0.5
        p = (
            log_rank(time, event, treated).p,
            max_combo(time, event, treated).p,
            max_combo(time, event, treated, one_sided=True).p,
        )
        rejected += np.array(p) < 0.05
    assert (np.abs(rejected / runs - 0.05) < 3 * np.sqrt(0.95 * 0.05 / runs)).all(), rejected / runs


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(NotEstimable, match="two groups"):
        log_rank([1, 2], [1, 1], ["a", "a"])
    with pytest.raises(NotEstimable, match="more than one group"):
        log_rank([1, 2, 3], [0, 0, 0], ["a", "a", "b"])
    with pytest.raises(NotEstimable, match="more than one group"):
        log_rank([1, 2, 3], [1, 1, 1], ["a", "a", "b"], strata=[0, 0, 1])
    with pytest.raises(NotEstimable):
        max_combo([1, 2], [1, 1], [1, 1])
    with pytest.raises(InvalidSetting):
        fleming_harrington([1, 2], [1, 1], [0, 1], rho=-1)
    with pytest.raises(UnreadableInput):
        log_rank([1, 2], [1, 1], ["a", "b", "c"])
    with pytest.raises(UnreadableInput):
        log_rank([1, 2], [1, 1], ["a", "b"], strata=[1])
