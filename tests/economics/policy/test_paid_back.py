"""What is paid back, held to simulated patients and to sums over doses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.economics.policy.paid_back import nonresponder_cost, refundable_cost
from coley.model.errors import InvalidSetting, UnreadableInput

RATE, DOSE = 0.9, 5000.0  # of progression a year; of a dose
TIMES = np.arange(26) * 4 / 52  # every four weeks for two years
AMOUNTS = np.full(26, DOSE)
FREE = np.exp(-RATE * TIMES)


def simulated(rate=RATE, n=400_000, seed=5):
    return np.random.default_rng(seed).exponential(1 / rate, n)


def near(found, values):
    return abs(found - values.mean()) < 4 * values.std() / np.sqrt(len(values))


def test_staged_refunds_are_those_of_simulated_patients():
    """Each patient gets the doses due before failing; what was paid until then comes back by stage."""
    failed = simulated()
    doses = np.searchsorted(TIMES, failed, side="left")
    paid = DOSE * doses
    back = np.where(failed <= 0.5, 0.8, np.where(failed <= 1.0, 0.4, 0.0)) * paid
    found = refundable_cost(
        AMOUNTS, FREE, free=FREE, free_at_ends=np.exp(-RATE * np.array([0.5, 1.0])), shares=[0.8, 0.4]
    )
    assert near(found.refund[0], back)
    assert near(found.spending[0], paid)
    assert found.refunded[0] == pytest.approx(1 - np.exp(-RATE))
    mean = (found.chance * found.spent).sum()
    sd = np.sqrt((found.chance * (found.spent - mean) ** 2).sum())
    assert sd == pytest.approx(paid.std(), rel=5e-3)
    both = (found.chance * found.spent * found.back).sum()
    assert both == pytest.approx((paid * back).mean(), rel=0.01), "who costs what gets what back"


def test_refund_is_a_sum_over_doses():
    """A dose is paid back for those who fail after it and by the date."""
    ends = np.exp(-RATE * 0.5)
    found = refundable_cost(AMOUNTS, FREE, free=FREE, free_at_ends=[ends], shares=[1.0])
    assert found.refund[0] == pytest.approx(DOSE * np.clip(FREE - ends, 0, None).sum())
    assert found.spending[0] == pytest.approx(DOSE * FREE.sum())
    assert found.chance.sum() == pytest.approx(1)


def test_who_stops_before_failing_is_refunded_what_was_spent():
    """Treatment ends earlier than failure does, in the same order of patients."""
    failed = simulated(seed=6)
    stopped = failed * 0.6
    paid = DOSE * np.searchsorted(TIMES, stopped, side="left")
    found = refundable_cost(
        AMOUNTS, np.exp(-RATE / 0.6 * TIMES), free=FREE, free_at_ends=[np.exp(-RATE * 0.5)], shares=[1.0]
    )
    assert near(found.refund[0], np.where(failed <= 0.5, paid, 0.0))
    assert near(found.spending[0], paid)


def test_doses_after_failure_are_spent_and_not_paid_back():
    failed = simulated(seed=7)
    stopped = failed / 0.6
    paid = DOSE * np.searchsorted(TIMES, stopped, side="left")
    before = DOSE * np.searchsorted(TIMES, failed, side="left")
    found = refundable_cost(
        AMOUNTS, np.exp(-RATE * 0.6 * TIMES), free=FREE, free_at_ends=[np.exp(-RATE * 0.5)], shares=[1.0]
    )
    assert near(found.refund[0], np.where(failed <= 0.5, before, 0.0))
    assert near(found.spending[0], paid)


@settings(max_examples=40, deadline=None)
@given(
    rates=st.lists(st.floats(0.01, 5), min_size=1, max_size=4),
    first=st.floats(0.05, 1.0),
    more=st.floats(0.05, 1.0),
    shares=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_stages_add_up(rates, first, more, shares):
    """Two stages are the first with the difference of the shares, and both with the second."""
    rate = np.array(rates)[:, None]
    free = np.exp(-rate * TIMES)
    ends = np.exp(-rate * np.array([first, first + more]))
    money = np.linspace(1000, 9000, 26) * rate

    def refund(at, parts):
        return refundable_cost(money, free, free=free, free_at_ends=at, shares=parts).refund

    two = refund(ends, shares)
    alone = shares[0] * refund(ends[:, :1], [1.0]) - shares[1] * refund(ends[:, :1], [1.0])
    assert two == pytest.approx(alone + shares[1] * refund(ends[:, 1:], [1.0]), rel=1e-9, abs=1e-6)
    whole = refundable_cost(money, free, free=free, free_at_ends=ends, shares=shares)
    assert (whole.chance >= 0).all()
    assert whole.chance.sum(axis=1) == pytest.approx(np.ones(len(rate)))
    assert (whole.back <= whole.spent + 1e-6).all()
    assert whole.spending == pytest.approx((money * free).sum(axis=1))


def test_cost_of_nonresponders_is_that_of_simulated_patients():
    """By month 6, of those still treated 60 % have responded; one draw of each of two rates."""
    rng = np.random.default_rng(8)
    before = int((TIMES < 0.5).sum())
    rates = np.array([[RATE], [0.3]])
    at_date = np.exp(-rates[:, 0] * 0.5)
    found = nonresponder_cost(
        AMOUNTS,
        np.exp(-rates * TIMES),
        before=before,
        treated_at_date=at_date,
        response=0.6 * at_date,
        share=0.5,
    )
    for i, rate in enumerate(rates[:, 0]):
        stopped = rng.exponential(1 / rate, 400_000)
        responds = (stopped > 0.5) & (rng.random(400_000) < 0.6)
        doses = np.searchsorted(TIMES, stopped, side="left")
        paid, early = DOSE * doses, DOSE * np.minimum(doses, before)
        back = np.where(responds, 0.0, 0.5 * early)
        assert near(found.refund[i], back)
        assert near(found.spending[i], paid)
        assert near(found.refunded[i], ~responds)
        assert (found.chance[i] * found.spent[i] * found.back[i]).sum() == pytest.approx(
            (paid * back).mean(), rel=0.01
        )
    assert found.chance.sum(axis=1) == pytest.approx([1, 1])


def test_without_a_response_all_doses_until_the_date_are_refunded():
    found = nonresponder_cost(
        AMOUNTS, [FREE, FREE], before=7, treated_at_date=np.exp(-RATE / 2), response=[0.0, 0.3]
    )
    assert found.refund[0] == pytest.approx(DOSE * FREE[:7].sum())
    assert found.refund[0] - found.refund[1] == pytest.approx(0.3 * 7 * DOSE)


def test_what_cannot_be_paid_back():
    with pytest.raises(InvalidSetting, match="More patients respond"):
        nonresponder_cost(AMOUNTS, FREE, before=7, treated_at_date=0.6, response=0.7)
    with pytest.raises(UnreadableInput, match="must fall from 1"):
        refundable_cost(AMOUNTS, FREE[::-1], free=FREE, free_at_ends=[0.5], shares=[1.0])
    with pytest.raises(UnreadableInput, match="free at the ends must fall"):
        refundable_cost(AMOUNTS, FREE, free=FREE, free_at_ends=[0.4, 0.6], shares=[1.0, 0.5])
    with pytest.raises(UnreadableInput, match="every stage its share"):
        refundable_cost(AMOUNTS, FREE, free=FREE, free_at_ends=[0.6, 0.4], shares=[1.0])
    with pytest.raises(UnreadableInput, match="Every dose needs"):
        nonresponder_cost(AMOUNTS[:-1], FREE, before=7, treated_at_date=0.6, response=0.1)
    with pytest.raises(InvalidSetting, match="percentage"):
        refundable_cost(AMOUNTS, FREE, free=FREE, free_at_ends=[0.6], shares=[50])
    with pytest.raises(UnreadableInput, match="none missing"):
        refundable_cost([np.nan], [1.0], free=[1.0], free_at_ends=[0.6], shares=[1.0])
