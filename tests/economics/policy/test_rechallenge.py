from __future__ import annotations

import numpy as np
import pytest

from coley.economics.policy.rechallenge import value_of_rechallenge
from coley.model.errors import InvalidSetting

K = 50_000
GIVEN = {"event_cost": 9000, "event_loss": 0.06, "fatal": 0.05, "remaining": 1.5, "kept": 0.4}


def test_against_simulated_patients():
    rng = np.random.default_rng(1)
    n = 400_000
    again = rng.random(n) < 0.288
    dead = again & (rng.random(n) < 0.05)
    effect = np.where(again, np.where(dead, -1.5, 0.4 * 0.5 - 0.06), 0.5)
    cost = np.where(again, 0.4 * 20_000 + 9000, 20_000)
    found = value_of_rechallenge(0.288, 0.5, 20_000, threshold=K, **GIVEN)
    assert found.effects[0, 1] == pytest.approx(effect.mean(), abs=4 * effect.std() / np.sqrt(n))
    assert found.costs[0, 1] == pytest.approx(cost.mean(), abs=4 * cost.std() / np.sqrt(n))
    assert found.net_benefit.value == pytest.approx(K * found.effects[0, 1] - found.costs[0, 1])


def test_at_the_bearable_recurrence_nothing_is_gained():
    bearable = value_of_rechallenge(0.2, 0.6, 20_000, threshold=K, **GIVEN).recurrence_bearable.value
    assert 0 < bearable < 1
    there = value_of_rechallenge(bearable, 0.6, 20_000, threshold=K, **GIVEN)
    assert there.net_benefit.value == pytest.approx(0, abs=1e-9)
    beyond = value_of_rechallenge(bearable + 0.01, 0.6, 20_000, threshold=K, **GIVEN)
    assert beyond.net_benefit.value < 0


def test_a_gain_too_small_bears_no_recurrence():
    assert value_of_rechallenge(0.2, 0.1, 20_000, threshold=K, **GIVEN).recurrence_bearable.value < 0


def test_draws():
    rng = np.random.default_rng(2)
    p = rng.beta(29, 71, 2000)
    found = value_of_rechallenge(p, rng.normal(0.5, 0.2, 2000), 15_000, threshold=K, **GIVEN)
    benefit = K * found.effects[:, 1] - found.costs[:, 1]
    assert found.probability == (benefit > 0).mean()
    assert 0.5 < found.probability < 1
    with pytest.raises(InvalidSetting, match="fraction from 0 to 1"):
        value_of_rechallenge(28.8, 0.5, 20_000, threshold=K, **GIVEN)


def test_limits_of_the_bearable_recurrence_are_those_of_the_draws_own():
    rng = np.random.default_rng(3)
    gain = rng.normal(0.5, 0.2, 999)
    found = value_of_rechallenge(0.3, gain, 15_000, threshold=K, **GIVEN)
    own = [
        value_of_rechallenge(0.3, one, 15_000, threshold=K, **GIVEN).recurrence_bearable.value for one in gain
    ]
    low, high = np.quantile(own, 0.025, method="lower"), np.quantile(own, 0.975, method="higher")
    assert (found.recurrence_bearable.low, found.recurrence_bearable.high) == pytest.approx((low, high))
    free = value_of_rechallenge(0.3, [0.5, -0.5], 0, threshold=K, event_cost=0, event_loss=0)
    assert (free.recurrence_bearable.low, free.recurrence_bearable.high) == (-np.inf, np.inf)
