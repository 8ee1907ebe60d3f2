"""What a payer risks, held to groups of simulated patients."""

from __future__ import annotations

import numpy as np
import pytest

from coley.economics.policy.paid_back import PaidBack
from coley.economics.policy.payers_risk import payers_risk
from coley.model.errors import InvalidSetting


def two_kinds(failure, failing, others, refund):
    p, failing, others = np.broadcast_arrays(*(np.atleast_1d(one) for one in (failure, failing, others)))
    spent = np.stack([failing, others], axis=1).astype(float)
    return PaidBack(np.stack([p, 1 - p], axis=1), spent, spent * [refund, 0.0])


def test_payers_risk_is_that_of_simulated_patients():
    """Groups of 40 patients, each patient drawn; parameters uncertain."""
    rng = np.random.default_rng(11)
    draws, patients = 40_000, 40
    p = rng.beta(30, 20, draws)
    failing, others = rng.normal(30_000, 2000, draws), rng.normal(90_000, 4000, draws)
    found = payers_risk(two_kinds(p, failing, others, 0.8), patients, budget=48_000, seed=3)
    failed = rng.random((draws, patients)) < p[:, None]
    net = np.where(failed, 0.2 * failing[:, None], others[:, None]).mean(axis=1)
    listed = np.where(failed, failing[:, None], others[:, None]).mean(axis=1)
    flat = (1 - found.discount) * listed
    assert found.discount == pytest.approx(1 - net.mean() / listed.mean(), abs=3e-3)
    assert found.refund.interval.value == pytest.approx(found.flat.interval.value)
    for made, seen in ((found.refund, net), (found.flat, flat)):
        assert made.interval.value == pytest.approx(seen.mean(), rel=5e-3)
        assert made.sd == pytest.approx(seen.std(), rel=0.02)
        assert made.each.std() == pytest.approx(made.sd, rel=0.02)
        assert made.above_budget == pytest.approx((seen > 48_000).mean(), abs=0.012)
        ends = np.quantile(seen, [0.025, 0.975])
        assert (made.interval.low, made.interval.high) == pytest.approx(tuple(ends), rel=0.01)


def test_three_courses_are_drawn_together():
    """One of three courses for every patient; the variance of a multinomial, known parameters."""
    chance, spent, back = np.array([[0.2, 0.3, 0.5]]), np.array([[1e4, 3e4, 9e4]]), np.array([[1e4, 1e4, 0]])
    wide = PaidBack(*(np.repeat(one, 20_000, axis=0) for one in (chance, spent, back)))
    found = payers_risk(wide, 25)
    net = (spent - back)[0]
    variance = (chance[0] * net**2).sum() - (chance[0] * net).sum() ** 2
    assert found.refund.sd_chance == pytest.approx(np.sqrt(variance / 25))
    assert found.refund.sd == pytest.approx(found.refund.sd_chance)
    assert found.refund.each.std() == pytest.approx(found.refund.sd, rel=0.02)


def test_a_refund_evens_out_only_where_failures_are_dear():
    """Paying back short treatments widens the payer's spread; paying back long ones narrows it."""
    short = payers_risk(two_kinds(0.5, 20_000, 100_000, 1.0), 50)
    long = payers_risk(two_kinds(0.5, 60_000, 40_000, 0.5), 50)
    assert short.refund.sd > short.flat.sd
    assert long.refund.sd_chance == pytest.approx(10_000 * 0.5 / np.sqrt(50))
    many = payers_risk(two_kinds(0.5, 20_000, 100_000, 1.0), 5000)
    assert many.refund.sd_chance == pytest.approx(short.refund.sd_chance / 10)
    assert np.isnan(many.refund.above_budget)


def test_nobody_is_no_risk():
    with pytest.raises(InvalidSetting, match="number of patients"):
        payers_risk(two_kinds(0.5, 1.0, 2.0, 1.0), 0)
    with pytest.raises(InvalidSetting, match="level"):
        payers_risk(two_kinds(0.5, 1.0, 2.0, 1.0), 10, level=95)
