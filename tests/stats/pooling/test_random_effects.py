"""Pooling, against metafor, the published BCG example, and simulated cohorts whose truth is known."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import chi2
from scipy.stats import t as student

from coley.model.errors import InvalidSetting, NotEstimable, UnknownName, UnreadableInput
from coley.stats.pooling.random_effects import pool, pool_many

METHOD = {"REML": "reml", "PM": "paule_mandel", "DL": "dersimonian_laird"}


def test_equals_metafor(pooled_by_metafor):
    studies = pooled_by_metafor("studies")
    expected = pooled_by_metafor("pooled")
    assert len(expected) == 15
    for row in expected.iter_rows(named=True):
        here = studies.filter(pl.col("set") == row["set"])
        y, se = here["y"].to_numpy(), here["v"].sqrt().to_numpy()
        found = pool(y, se, method=METHOD[row["method"]])
        plain = pool(y, se, method=METHOD[row["method"]], guard=False)
        pairs = {
            "mean": found.interval.value,
            "low": found.interval.low,
            "high": found.interval.high,
            "p": found.p,
            "plain_low": plain.interval.low,
            "plain_high": plain.interval.high,
            "plain_p": plain.p,
            "wald_low": found.wald.low,
            "wald_high": found.wald.high,
            "fixed": found.fixed.value,
            "fixed_low": found.fixed.low,
            "fixed_high": found.fixed.high,
            "fixed_p": found.fixed_p,
            "q": found.q.statistic,
            "q_p": found.q.p,
            "tau2": found.tau2.value,
            "tau2_low": found.tau2.low,
            "tau2_high": found.tau2.high,
            "i2": found.i2.value,
            "i2_low": found.i2.low,
            "i2_high": found.i2.high,
            "prediction_low": found.prediction_t.low,
            "prediction_high": found.prediction_t.high,
        }
        for name, value in pairs.items():
            oracle = np.nan if row[name] is None else row[name]
            np.testing.assert_allclose(
                value, oracle, rtol=2e-6, atol=1e-7, err_msg=f"{name} of {row['set']}, {row['method']}"
            )


def test_the_published_bcg_example(bcg):
    # Viechtbauer, J Stat Softw 2010;36(3), section 3.1 (REML) with its confint(); Viechtbauer 2007 (interval)
    found = pool(*bcg)
    assert (round(found.interval.value, 4), round(found.wald.low, 4), round(found.wald.high, 4)) == (
        -0.7145,
        -1.0669,
        -0.3622,
    )
    assert (round(found.tau2.value, 4), round(found.tau2.low, 4), round(found.tau2.high, 4)) == (
        0.3132,
        0.1197,
        1.1115,
    )
    assert (round(found.q.statistic, 2), found.q.df, round(100 * found.i2.value, 2)) == (152.23, 12, 92.22)
    assert found.tau.high == pytest.approx(1.0543, abs=1e-4)


def test_one_cohort_and_two_say_what_they_do_not_know():
    one = pool([0.4, np.nan], [0.2, 0.1])
    assert (one.k, round(one.fixed.value, 12), one.weights[0]) == (1, 0.4, 1.0)
    assert np.isnan(one.weights[1])
    unknown = (one.interval, one.prediction, one.prediction_t, one.wald, one.tau2, one.i2, one.tau)
    assert all(np.isnan([i.value, i.low, i.high]).all() for i in unknown)
    assert np.isnan([one.p, one.q.statistic, one.q.p]).all()

    two = pool([0.2, 0.6], [0.1, 0.1])
    assert two.interval.value == pytest.approx(0.4)
    # one degree of freedom: half the difference times 12.706
    assert two.interval.high - two.interval.value == pytest.approx(0.2 * student.ppf(0.975, 1))
    assert np.isnan([two.prediction.low, two.prediction.high, two.prediction_t.low]).all()
    assert two.tau2.high > 100 * two.tau2.value


def test_many_rows_equal_one_by_one_and_holes_are_not_zeros():
    generator = np.random.default_rng(1)
    y = generator.normal(0.2, 0.4, (40, 16))
    se = generator.uniform(0.05, 0.6, y.shape)
    y[generator.random(y.shape) < 0.3] = np.nan
    se[3, 2], y[0], y[1, 1:], y[2, 2:] = np.nan, np.nan, np.nan, np.nan
    y[1, 0], y[2, :2], se[1:3] = 0.1, 0.2, 0.3
    many = pool_many(y, se)
    assert many.k[:3].tolist() == [0, 1, 2]
    for i in range(1, 40):
        here = np.isfinite(y[i]) & np.isfinite(se[i])
        alone, row = pool(y[i, here], se[i, here]), many[i]
        for name in ("interval", "prediction", "prediction_t", "wald", "fixed", "tau2", "i2", "q"):
            a, b = getattr(alone, name), getattr(row, name)
            np.testing.assert_allclose(
                [getattr(a, f) for f in a.__dataclass_fields__],
                [getattr(b, f) for f in b.__dataclass_fields__],
                rtol=1e-9,
                atol=1e-12,
            )
        np.testing.assert_allclose(alone.weights, row.weights[here])
        assert (alone.k, np.isnan(row.weights[~here]).all()) == (here.sum(), True)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-3, 3), st.floats(0.05, 2)), min_size=2, max_size=9),
    st.floats(0.01, 100),
    st.floats(-5, 5),
)
def test_units_origin_order_and_the_top_of_the_likelihood(rows, unit, shift):
    y, se = np.array(rows).T
    found, other = pool(y, se), pool((unit * y + shift)[::-1], unit * se[::-1])
    for a, b in zip(
        [other.interval.value, other.interval.low, other.prediction.high],
        [found.interval.value, found.interval.low, found.prediction.high],
        strict=True,
    ):
        np.testing.assert_allclose(a, unit * b + shift, rtol=1e-5, atol=1e-5 * unit)
    np.testing.assert_allclose(other.i2.value, found.i2.value, atol=1e-5)
    assert other.q.p == pytest.approx(found.q.p)

    def likelihood(tau2):
        w = 1 / (se**2 + tau2)
        return 0.5 * (np.log(w).sum() - np.log(w.sum()) - w @ (y - w @ y / w.sum()) ** 2)

    best = max(likelihood(t) for t in np.linspace(0, 3 * found.tau2.value + 3, 400))
    assert likelihood(found.tau2.value) >= best - 1e-9


def test_the_guard_never_shortens_and_holds_the_wald_interval():
    generator = np.random.default_rng(4)
    y, se = generator.normal(0, 0.2, (300, 6)), np.full((300, 6), 0.25)
    guarded, plain = pool_many(y, se), pool_many(y, se, guard=False)
    lengths = [m.interval.high - m.interval.low for m in (guarded, plain, guarded)]
    assert (lengths[0] >= lengths[1] - 1e-12).all()
    assert (plain.interval.high - plain.interval.low < plain.fixed.high - plain.fixed.low).any()
    assert (guarded.interval.high > guarded.wald.high).all()
    assert (guarded.prediction_t.high >= guarded.interval.high).all()


def simulated(k, tau, *, unequal, sets=1000):
    """Cohorts around a true mean of 0.3, and the true effect of one more; unequal: one is 25 times the smallest."""
    generator = np.random.default_rng(k)
    se = 0.1 + 0.4 * ((np.arange(k) * 5) % 7) / 7 if unequal else np.full(k, 0.25)
    y = generator.normal(0.3, tau, (sets, k)) + generator.normal(0, se, (sets, k))
    return y, np.broadcast_to(se, y.shape), generator.normal(0.3, tau, sets)


def covered(intervals, truth):
    return float(((intervals.low <= truth) & (truth <= intervals.high)).mean())


@pytest.mark.parametrize("k", [5, 12])
@pytest.mark.parametrize("tau", [0.1, 0.3])
@pytest.mark.parametrize("unequal", [False, True])
def test_coverage_of_mean_and_of_a_new_cohort(k, tau, unequal):
    """1,000 sets: a standard error of 0.7 points."""
    y, se, new = simulated(k, tau, unequal=unequal)
    found, plain = pool_many(y, se), pool_many(y, se, guard=False)
    assert 0.93 < covered(found.prediction, new) < 0.997
    assert 0.93 < covered(found.tau2, tau**2) < 0.97
    assert covered(found.wald, 0.3) < covered(found.interval, 0.3)
    if unequal:  # Hartung-Knapp falls short where one cohort outweighs the others; the guard helps
        assert covered(found.interval, 0.3) > 0.92
        assert covered(plain.interval, 0.3) > 0.90
    else:  # exact without the guard, which adds length where there is little heterogeneity
        assert 0.93 < covered(plain.interval, 0.3) < 0.97
        assert covered(found.interval, 0.3) > 0.93


def test_the_t_interval_of_prediction_falls_short_where_ours_does_not():
    y, se, new = simulated(8, 0.2, unequal=True)
    found = pool_many(y, se)
    assert covered(found.prediction_t, new) < 0.89
    assert covered(found.prediction, new) > 0.93


@pytest.mark.parametrize("name", ["bcg", "few", "alike"])
def test_prediction_equals_draws(pooled_by_metafor, name):
    """The same distribution drawn: chi-squared, the variance at which Q equals it, a mean, a new effect."""
    here = pooled_by_metafor("studies").filter(pl.col("set") == name)
    y, v = here["y"].to_numpy(), here["v"].to_numpy()

    def q(tau2, less=0.0):
        w = 1 / (v + tau2)
        return w @ (y - w @ y / w.sum()) ** 2 - less

    generator = np.random.default_rng(3)
    drawn = []
    for chance in (np.arange(2000) + 0.5) / 2000:
        c = chi2.ppf(chance, len(y) - 1)
        tau2 = brentq(q, 0, 1e5, args=(c,)) if q(0.0) > c else 0.0
        w = 1 / (v + tau2)
        drawn.append(generator.normal(w @ y / w.sum(), np.sqrt(tau2 + 1 / w.sum()), 300))
    found = pool(y, np.sqrt(v))
    assert [np.mean(np.array(drawn) < limit) for limit in (found.prediction.low, found.prediction.high)] == (
        pytest.approx([0.025, 0.975], abs=0.001)
    )


def test_refusals():
    with pytest.raises(UnreadableInput, match="one standard error"):
        pool([0.1, 0.2], [0.1])
    with pytest.raises(UnreadableInput, match="positive"):
        pool([0.1, 0.2], [0.1, 0.0])
    with pytest.raises(UnreadableInput, match="finite"):
        pool([0.1, np.inf], [0.1, 0.1])
    with pytest.raises(UnreadableInput, match="one row"):
        pool([[0.1, 0.2]], [[0.1, 0.1]])
    with pytest.raises(NotEstimable, match="nothing to pool"):
        pool([np.nan], [0.1])
    with pytest.raises(UnknownName, match="paule_mandle"):
        pool([0.1, 0.2], [0.1, 0.1], method="paule_mandle")
    with pytest.raises(InvalidSetting, match="level"):
        pool([0.1, 0.2], [0.1, 0.1], level=95)
