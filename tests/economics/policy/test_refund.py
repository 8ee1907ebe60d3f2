from __future__ import annotations

import numpy as np
import pytest

from coley.economics.policy.increment import increment
from coley.economics.policy.payers_risk import payers_risk
from coley.economics.policy.refund import nonresponder_cost, refund_at_threshold, refundable_cost
from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput

RATE, PER_YEAR = 0.9, 120_000.0  # of progression, and of the drug's cost


def _curves(steps=4000, years=4.0):
    times = np.linspace(0, years, steps + 1)
    return times, np.exp(-RATE * times), PER_YEAR * times


def test_refundable_cost_is_that_of_simulated_patients():
    """200,000 patients who progress at random and are paid for until then; two stages."""
    rng = np.random.default_rng(5)
    progress = rng.exponential(1 / RATE, 200_000)
    paid = PER_YEAR * progress
    back = np.where(progress <= 0.5, 1.0, np.where(progress <= 1.0, 0.4, 0.0)) * paid
    found = refundable_cost(*_curves(), stages=[(0.5, 1.0), (1.0, 0.4)])[0]
    assert abs(found - back.mean()) < 4 * back.std() / np.sqrt(len(back))


def test_refundable_cost_against_its_integral():
    found = refundable_cost(*_curves(), stages=[(1.0, 1.0)])[0]
    exact = PER_YEAR * (1 / RATE - np.exp(-RATE) * (1 + 1 / RATE))
    assert found == pytest.approx(exact, rel=1e-6)


def test_stages_add_up_and_draws_are_kept_apart():
    times, free, cost = _curves()
    two = refundable_cost(times, [free, free**2], cost, stages=[(1.0, 0.5), (2.0, 0.5)])
    one = refundable_cost(times, free**2, cost, stages=[(2.0, 0.5)])
    assert two.shape == (2,)
    assert two[1] == pytest.approx(one[0])


def test_cost_of_nonresponders_is_that_of_simulated_patients():
    """Half a year; responders are those who stay and, of them, 60 %."""
    rng = np.random.default_rng(6)
    stop = rng.exponential(1 / RATE, 200_000)
    responds = (stop > 0.5) & (rng.random(200_000) < 0.6)
    spent = np.where(responds, 0.0, PER_YEAR * np.minimum(stop, 0.5))
    found = nonresponder_cost(*_curves(), response=responds.mean(), by_years=0.5)[0]
    assert abs(found - spent.mean()) < 5 * spent.std() / np.sqrt(len(spent))


def test_without_a_response_all_who_were_treated_until_the_date_are_refunded():
    times, free, cost = _curves()
    found = nonresponder_cost(times, [free, free], cost, response=[0.0, 0.3], by_years=1.0)
    assert found[0] == pytest.approx(PER_YEAR * (1 - np.exp(-RATE)) / RATE, rel=1e-6)
    assert found[0] - found[1] == pytest.approx(0.3 * PER_YEAR)
    with pytest.raises(InvalidSetting, match="More patients respond"):
        nonresponder_cost(times, free, cost, response=0.7, by_years=1.0)
    with pytest.raises(UnreadableInput, match="time of the grid"):
        nonresponder_cost(times, free, cost, response=0.1, by_years=1.00005)


def test_refund_meets_the_threshold():
    rng = np.random.default_rng(2)
    drug = rng.normal(90_000, 5000, 1000)
    added = increment(drug + 6000, rng.normal(0.9, 0.15, 1000), drug)
    back = drug * rng.beta(20, 60, 1000)
    k = np.array([75_000, 95_000, 100_000, 150_000])
    found = refund_at_threshold(added, back, k, probabilities=(0.6, 0.9))
    for i, worth in enumerate(k):
        net = added.net_benefit(worth)
        if found.expected[i] > 0:
            assert (net + found.expected[i] * back).mean() == pytest.approx(0, abs=1e-6)
        else:
            assert net.mean() >= 0
        for j, p in enumerate((0.6, 0.9)):
            share = found.with_probability[j, i]
            assert ((net + (share + 1e-9) * back) >= 0).mean() >= p
            if share > 0:
                assert ((net + (share - 1e-6) * back) >= 0).mean() < p
    assert found.expected[0] > 1  # out of reach, and said
    assert found.net_price[0] == pytest.approx(1 - back.mean() / drug.mean())
    assert found.expected[-1] == 0
    assert found.net_price[-1] == 1


def test_payers_risk_is_that_of_simulated_patients():
    """Groups of 40 patients, each patient drawn; parameters uncertain."""
    rng = np.random.default_rng(11)
    draws, patients = 40_000, 40
    p = rng.beta(30, 20, draws)
    failing, other = rng.normal(30_000, 2000, draws), rng.normal(90_000, 4000, draws)
    found = payers_risk(p, (failing, other), patients, refund=0.8, budget=48_000, seed=3)
    failed = rng.random((draws, patients)) < p[:, None]
    net = np.where(failed, 0.2 * failing[:, None], other[:, None]).mean(axis=1)
    listed = np.where(failed, failing[:, None], other[:, None]).mean(axis=1)
    discount = net.mean() / listed.mean()
    assert found.mean == pytest.approx(net.mean(), rel=5e-3)
    assert found.sd == pytest.approx(net.std(), rel=0.02)
    assert found.net_cost.std() == pytest.approx(found.sd, rel=0.02)
    assert found.sd_discount == pytest.approx((discount * listed).std(), rel=0.02)
    assert found.above_budget == pytest.approx((net > 48_000).mean(), abs=0.012)


def test_a_refund_evens_out_only_where_failures_are_dear():
    """Paying back short treatments widens the payer's spread; paying back long ones narrows it."""
    short = payers_risk(0.5, (20_000, 100_000), 50, refund=1.0)
    long = payers_risk(0.5, (60_000, 40_000), 50, refund=0.5)
    assert short.sd > short.sd_discount
    assert long.sd_chance == pytest.approx(10_000 * 0.5 / np.sqrt(50))
    many = payers_risk(0.5, (20_000, 100_000), 5000, refund=1.0)
    assert many.sd_chance == pytest.approx(short.sd_chance / 10)


def test_bad_refunds():
    times, free, cost = _curves()
    with pytest.raises(UnreadableInput, match="not extrapolated"):
        refundable_cost(times, free, cost, stages=[(5.0, 1.0)])
    with pytest.raises(UnreadableInput, match="must fall"):
        refundable_cost(times, free[::-1], cost, stages=[(0.5, 1.0)])
    with pytest.raises(UnreadableInput, match="time of the grid"):
        refundable_cost([0, 1, 2], [1, 0.5, 0.2], [0, 1, 2], stages=[(0.5, 1.0)])
    with pytest.raises(InvalidSetting, match="rising times"):
        refundable_cost(times, free, cost, stages=[(1.0, 1.0), (0.5, 0.5)])
    with pytest.raises(InvalidSetting, match="percentage"):
        refundable_cost(times, free, cost, stages=[(1.0, 50)])
    added = increment(50_000, 0.5, 45_000)
    with pytest.raises(NotEstimable, match="no refund changes"):
        refund_at_threshold(added, 0.0, 50_000)
    with pytest.raises(InvalidSetting, match="More would be refunded"):
        refund_at_threshold(added, 46_000, 50_000)
    with pytest.raises(InvalidSetting, match="number of patients"):
        payers_risk(0.5, (1.0, 2.0), 0, refund=1.0)
