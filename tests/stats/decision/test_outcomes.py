"""Net benefit by hand, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.stats.decision.outcomes import names_of, net_benefit

C = np.array([[0.0, 100.0], [0.0, 200.0], [0.0, 300.0], [0.0, 400.0], [0.0, 500.0]])
E = np.array([[1.0, 1.2], [1.0, 1.4], [1.0, 1.1], [1.0, 1.0], [1.0, 1.3]])


def test_by_hand():
    found = net_benefit(C, E, [0, 1000], level=0.5)
    np.testing.assert_allclose(found.value, [[0, -300], [1000, 900]])
    np.testing.assert_allclose(found.low[1], [1000, 800])
    np.testing.assert_allclose(found.high[1], [1000, 1100])


def test_health_is_money_over_threshold():
    money, health = net_benefit(C, E, [500, 2000]), net_benefit(C, E, [500, 2000], health=True)
    k = np.array([[500], [2000]])
    for name in ("value", "low", "high"):
        np.testing.assert_allclose(getattr(health, name), getattr(money, name) / k)


def test_refusals():
    with pytest.raises(UnreadableInput, match="one shape"):
        net_benefit(C, E[:, :1], [1])
    with pytest.raises(UnreadableInput, match="1 costs or effects are missing") as caught:
        net_benefit(C, np.where(E == 1.4, np.nan, E), [1])
    assert "draw 1, strategy 1" in str(caught.value)
    for k, health in (([-1], False), ([np.nan], False), ([0], True), ([], False)):
        with pytest.raises(InvalidSetting, match="Thresholds"):
            net_benefit(C, E, k, health=health)
    with pytest.raises(InvalidSetting, match="names"):
        names_of(["a"], 2, stem="x")
