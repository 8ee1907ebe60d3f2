"""Net benefit by counting, its intervals by simulation, and what must hold of it always."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.judging.decision_curve import decision_curve
from coley.stats.proportions import wilson

AT = [0.1, 0.25, 0.4]


def cohort(rng, n):
    x = rng.normal(-1, 1, n)
    return expit(x), rng.random(n) < expit(x)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=30).filter(
        lambda rows: len({label for _, label in rows}) == 2
    )
)
def test_equals_counting(rows):
    p, y = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    curve = decision_curve({"model": p}, y, AT)
    for k, t in enumerate(AT):
        true, false = (y & (p >= t)).sum(), (~y & (p >= t)).sum()
        assert curve.net_benefit[0, k] == pytest.approx((true - false * t / (1 - t)) / len(y), abs=1e-12)
        everybody = y.mean() - (1 - y.mean()) * t / (1 - t)
        assert curve.net_benefit[1, k] == pytest.approx(everybody, abs=1e-12)
        assert curve.net_benefit[2, k] == 0
        assert curve.gain[0, k] == pytest.approx(curve.net_benefit[0, k] - max(everybody, 0), abs=1e-12)
        assert curve.treated[0, k] == (p >= t).mean()
    assert (curve.gain_low <= curve.gain + 1e-12).all()
    assert (curve.gain <= curve.gain_high + 1e-12).all()


@pytest.mark.parametrize("right", [2, 15])
def test_limits_are_those_of_a_product_of_two_proportions(right):
    y = np.arange(100) < 30
    chosen = np.isin(
        np.arange(100), [*range(right), *range(40, 60 - right)]
    )  # 20 treated, `right` of them rightly
    found = decision_curve({"m": chosen.astype(float)}, y, [0.25])
    share, rate = wilson(20, 100)[0], wilson(right, 20)[0]
    per_patient = {name: 4 / 3 * getattr(rate, name) - 1 / 3 for name in ("value", "low", "high")}
    each, least, most = per_patient.values()
    fewer, more = (share.low, share.high) if each > 0 else (share.high, share.low)
    value = share.value * each
    low = value - np.sqrt((each * (share.value - fewer)) ** 2 + (share.value * (each - least)) ** 2)
    high = value + np.sqrt((each * (share.value - more)) ** 2 + (share.value * (each - most)) ** 2)
    got = found.net_benefit[0, 0], found.low[0, 0], found.high[0, 0]
    assert got == pytest.approx((value, low, high), abs=1e-12)


def test_coverage_of_net_benefit_and_of_the_gain_over_the_better_naive_strategy():
    rng = np.random.default_rng(41)
    p, y = cohort(rng, 200_000)
    truth = decision_curve({"m": p}, y, AT)
    benefit, gain, above = np.zeros(3), np.zeros(3), np.zeros(3)
    for _ in range(500):
        p, y = cohort(rng, 300)
        found = decision_curve({"m": p}, y, AT)
        benefit += (found.low[0] <= truth.net_benefit[0]) & (truth.net_benefit[0] <= found.high[0])
        gain += (found.gain_low[0] <= truth.gain[0]) & (truth.gain[0] <= found.gain_high[0])
        above += found.gain_low[0] > truth.gain[0]
    assert (np.abs(benefit / 500 - 0.95) < 0.03).all(), benefit
    assert (gain / 500 > 0.92).all(), gain
    assert (above / 500 < 0.04).all()  # it seldom promises more than there is


def test_right_probabilities_are_worth_at_least_as_much_as_either_naive_strategy():
    p, y = cohort(np.random.default_rng(42), 100_000)
    curve = decision_curve({"right": p, "too high": np.sqrt(p)}, y, np.arange(5, 51, 5) / 100)
    assert (curve.gain[0] > -0.001).all()
    assert (curve.gain[1] < 0).any()  # miscalibrated, with the same ranking
    assert (curve.gain[1] <= curve.gain[0] + 0.001).all()


def test_treating_everybody_is_treating_everybody():
    y = np.arange(40) < 12
    curve = decision_curve({"certain": np.ones(40)}, y)
    np.testing.assert_allclose(curve.net_benefit[0], curve.net_benefit[1])
    np.testing.assert_allclose(curve.low[0], curve.low[1])
    assert curve.names == ("certain", "treat all", "treat none")
    assert (curve.n, curve.positives) == (40, 12)


def test_a_handful_of_patients_is_no_certainty():
    p, y = np.array([0.05] * 3 + [0.5] * 57), np.arange(60) >= 40
    curve = decision_curve({"spares three": p}, y, [0.1])  # none of the three had the outcome
    assert curve.gain[0, 0] == pytest.approx(3 / 60 / 9)
    assert curve.gain_low[0, 0] < 0 < curve.gain_high[0, 0]
    same = decision_curve({"spares nobody": np.full(60, 0.5)}, y, [0.1])
    assert same.gain[0, 0] == 0
    assert same.gain_low[0, 0] < 0 < same.gain_high[0, 0]


def test_row_order_does_not_matter():
    p, y = cohort(np.random.default_rng(43), 50)
    one, two = decision_curve({"m": p}, y), decision_curve({"m": p[::-1]}, y[::-1])
    np.testing.assert_allclose(one.gain_low, two.gain_low, atol=1e-12)


def test_refusals():
    with pytest.raises(UnreadableInput, match="between 0 and 1"):
        decision_curve({"score": [3, 1]}, [0, 1])
    for at in ([0.0], [0.5, 1.0], [np.nan], []):
        with pytest.raises(InvalidSetting, match="threshold"):
            decision_curve({"m": [0.1, 0.2]}, [0, 1], at)
    with pytest.raises(InvalidSetting, match="treat all"):
        decision_curve({"treat all": [0.1, 0.2]}, [0, 1])
    with pytest.raises(InvalidSetting, match="one model"):
        decision_curve({}, [0, 1])
    with pytest.raises(NotEstimable, match="alike"):
        decision_curve({"m": [0.1, 0.2]}, [1, 1])
