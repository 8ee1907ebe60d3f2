"""Certainty equivalents of normal net benefit, and mixes against the pure strategies that they are made of."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting
from coley.stats.decision.acceptability import expected_loss
from coley.stats.decision.preferences import certainty_equivalent, market_mix


def test_normal_net_benefit_loses_half_its_variance_times_aversion():
    rng = np.random.default_rng(1)
    benefit = rng.normal([0.0, 10.0], [1.0, 20.0], (400_000, 2))
    found = certainty_equivalent(0 * benefit, benefit, 1, aversion=[0, 0.01, 0.1])
    exact = np.array([0, 10]) - np.array([[0], [0.01], [0.1]]) * np.array([1, 400]) / 2
    np.testing.assert_allclose(found.value, exact, atol=0.3)
    assert found.best.tolist() == [1, 1, 0]


def test_large_net_benefits_do_not_overflow():
    benefit = 1e6 + np.random.default_rng(2).normal(size=(1000, 2))
    found = certainty_equivalent(0 * benefit, benefit, 1, aversion=1.0)
    np.testing.assert_allclose(found.value, 1e6 - 0.5, atol=0.2)


def test_a_pure_mix_is_the_strategy_and_mixes_lie_between():
    rng = np.random.default_rng(3)
    c, e = rng.normal(size=(2, 500, 3))
    loss = expected_loss(c, e, [0.5, 2]).loss
    for s in range(3):
        pure = market_mix(c, e, [0.5, 2], shares=np.eye(3)[s])
        np.testing.assert_allclose(pure.loss, loss[:, s])
    mix = market_mix(c, e, [0.5, 2], shares=[0.2, 0.3, 0.5])
    np.testing.assert_allclose(mix.loss, loss @ [0.2, 0.3, 0.5])
    np.testing.assert_allclose(mix.forgone, mix.loss - loss.min(axis=1))


@pytest.mark.real
def test_smoking_group_counselling_alone(smoking):
    costs, effects, expected = smoking
    found = market_mix(costs, effects, 250, shares=[0, 0, 0, 1])
    assert found.loss[0] == pytest.approx(expected["evpi"]["250"], rel=1e-9)
    assert found.forgone[0] == pytest.approx(0, abs=1e-9)


def test_refusals():
    e = np.array([[0.0, 1.0], [0.0, 3.0]])
    with pytest.raises(InvalidSetting, match="Risk aversion"):
        certainty_equivalent(0 * e, 1e6 * e, 1, aversion=1)
    with pytest.raises(InvalidSetting, match="Risk aversion"):
        certainty_equivalent(0 * e, e, 1, aversion=-1)
    with pytest.raises(InvalidSetting, match="sum to 1"):
        market_mix(0 * e, e, 1, shares=[0.5, 0.6])
