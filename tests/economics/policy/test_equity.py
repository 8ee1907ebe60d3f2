from __future__ import annotations

import numpy as np
import pytest

from coley.economics.policy.equity import equity_weighted, severity_weighted
from coley.economics.population.shortfall import severity_weight, shortfall
from coley.model.errors import InvalidSetting, UnreadableInput


@pytest.fixture
def drawn():
    rng = np.random.default_rng(1)
    return rng.normal(30_000, 3000, 1000), rng.normal(0.9, 0.1, 1000)


def test_a_weight_on_effects_is_a_weight_on_the_threshold(drawn):
    cost, effect = drawn
    found = severity_weighted(cost, effect, 1.7, thresholds=[20_000, 30_000])
    plain = severity_weighted(cost, effect, 1.0, thresholds=[34_000, 51_000])
    assert found.probability == pytest.approx(plain.probability)
    assert found.net_benefit == pytest.approx(plain.net_benefit)
    assert found.icer.value == pytest.approx(plain.icer.value / 1.7)
    assert found.icer.low == pytest.approx(plain.icer.low / 1.7)
    assert found.weight == pytest.approx(1.7)


def test_a_weight_a_draw_follows_each_draws_shortfall(drawn):
    cost, effect = drawn
    lost = shortfall(np.linspace(0.2, 2.5, 1000), 9.0)
    weights = severity_weight(lost)
    found = severity_weighted(cost, effect, weights, thresholds=[25_000])
    assert set(np.unique(weights)) == {1.0, 1.2, 1.7}
    assert found.effects == pytest.approx(effect * weights)
    assert 1 < found.weight < 1.7


def test_equal_weights_are_the_mean_over_subgroups():
    rng = np.random.default_rng(2)
    cost, effect = rng.normal(2e4, 2e3, (500, 3)), rng.normal(0.5, 0.1, (500, 3))
    shares = [0.5, 0.3, 0.2]
    found = equity_weighted(cost, effect, [1, 1, 1], shares=shares, thresholds=[50_000])
    assert found.effects == pytest.approx(effect @ shares)
    assert found.weight == pytest.approx(1)
    doubled = equity_weighted(cost, effect, [2, 2, 2], shares=shares, thresholds=[50_000])
    assert doubled.icer.value == pytest.approx(found.icer.value / 2)
    order = [2, 0, 1]
    other = equity_weighted(
        cost[:, order], effect[:, order], [3, 1, 2], shares=np.array(shares)[order], thresholds=[50_000]
    )
    same = equity_weighted(cost, effect, [1, 2, 3], shares=shares, thresholds=[50_000])
    assert other.net_benefit == pytest.approx(same.net_benefit)


def test_bad_weights(drawn):
    with pytest.raises(InvalidSetting, match="weight is positive"):
        severity_weighted(*drawn, 0.0, thresholds=[1])
    table = np.ones((5, 2))
    with pytest.raises(InvalidSetting, match="add up to 1 and"):
        equity_weighted(table, table, [1, 1], shares=[0.5, 0.6], thresholds=[1])
    with pytest.raises(UnreadableInput, match="draws x subgroups"):
        equity_weighted(table, table, [1, 1, 1], shares=[0.5, 0.3, 0.2], thresholds=[1])
