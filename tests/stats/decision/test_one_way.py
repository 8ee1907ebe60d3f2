"""Tornado and grid on a model whose answers are known by hand."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.stats.decision.one_way import one_way, two_way

BASE = np.array([100.0, 0.2, 5.0])
LOW, HIGH = np.array([80.0, 0.05, 1.0]), np.array([120.0, 0.3, 6.0])
NAMES = ["cost", "gain", "idle"]


def model(p):
    zero = np.zeros(len(p))
    return np.column_stack([zero, p[:, 0], 2 * p[:, 0]]), np.column_stack([zero, p[:, 1], p[:, 1] ** 2])


def test_tornado_by_hand():
    found = one_way(model, BASE, (LOW, HIGH), threshold=1000, names=NAMES)
    assert found.names == ("gain", "cost", "idle")
    np.testing.assert_allclose(found.benefit_low, [-50, 120, 100])
    np.testing.assert_allclose(found.benefit_high, [200, 80, 100])
    np.testing.assert_allclose(found.icer_low, [2000, 400, 500])
    np.testing.assert_allclose(found.icer_high, [100 / 0.3, 600, 500])
    assert found.changes_choice.tolist() == [True, False, False]
    np.testing.assert_allclose(found.break_even, [0.1, np.nan, np.nan], rtol=1e-12)
    assert (found.base_benefit, found.base_icer) == (100, 500)


def test_break_even_of_a_curved_model_and_other_strategies():
    found = one_way(model, BASE, (LOW, HIGH), threshold=4000, strategy=2, names=NAMES)
    crossing = found.break_even[found.names.index("gain")]
    assert 4000 * crossing**2 == pytest.approx(200, rel=1e-10)
    # Turned round, every bar changes sign and stays where it was.
    turned = one_way(model, BASE, (LOW, HIGH), threshold=4000, strategy=0, comparator=2, names=NAMES)
    np.testing.assert_allclose(turned.benefit_low, -found.benefit_low)
    np.testing.assert_allclose(turned.break_even, found.break_even)


def test_one_call_for_all_bars():
    calls = []

    def counted(p):
        calls.append(len(p))
        return model(p)

    one_way(counted, BASE, (BASE, BASE), threshold=1000)
    assert calls == [7]


def test_grid_by_hand():
    costs, gains = [50.0, 150.0, 450.0], [0.1, 0.4]
    found = two_way(model, BASE, (0, 1), values=(costs, gains), threshold=1000)
    for i, cost in enumerate(costs):
        for j, gain in enumerate(gains):
            benefit = [0, 1000 * gain - cost, 1000 * gain**2 - 2 * cost]
            np.testing.assert_allclose(found.benefit[i, j], benefit, atol=1e-9)
            assert found.best[i, j] == np.argmax(benefit)


def test_refusals():
    with pytest.raises(InvalidSetting, match=r"'gain', 0\.2, lies outside"):
        one_way(model, BASE, (LOW, [120, 0.1, 6]), threshold=1, names=NAMES)
    with pytest.raises(InvalidSetting, match="as many low"):
        one_way(model, BASE, (LOW[:2], HIGH), threshold=1)
    with pytest.raises(InvalidSetting, match="not two of 3"):
        one_way(model, BASE, (LOW, HIGH), threshold=1, strategy=3)
    with pytest.raises(UnreadableInput, match="missing"):
        one_way(lambda p: (model(p)[0], model(p)[1] * np.nan), BASE, (LOW, HIGH), threshold=1)
    with pytest.raises(UnreadableInput, match="rows for 7"):
        one_way(lambda p: model(p[:2]), BASE, (LOW, HIGH), threshold=1)
    with pytest.raises(InvalidSetting, match="Two different"):
        two_way(model, BASE, (1, 1), values=([1], [1]), threshold=1)
