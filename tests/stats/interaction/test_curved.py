"""A bent interaction: against R, straight truth and bent truth."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting
from coley.stats.interaction.curved import curved_interaction


def test_equals_r(veteran, by_r):
    v, row = veteran, by_r("curved").row(0, named=True)
    found = curved_interaction(v["time"], v["status"], v["arm"], marker=v["karno"], knots=[30, 50, 70, 90])
    assert (found.interaction.df, found.nonlinearity.df) == (3, 2)
    assert found.interaction.statistic == pytest.approx(row["interaction"], rel=1e-6)
    assert found.nonlinearity.statistic == pytest.approx(row["nonlinearity"], rel=1e-6)
    for x in (40, 75):
        value = np.exp(np.interp(x, found.marker, np.log(found.effect.value)))
        assert value == pytest.approx(row[f"at{x}"], rel=5e-3)  # the grid steps by 1.4 points


def test_straight_and_bent(trial):
    p = [
        curved_interaction(*trial(250, change=0.4, seed=s)[:3], marker=trial(250, change=0.4, seed=s)[3])
        for s in range(60)
    ]
    assert np.mean([f.nonlinearity.p < 0.05 for f in p]) < 0.14  # three standard errors above 5 %
    generator = np.random.default_rng(1)
    arm, x = np.arange(1500) % 2, generator.normal(size=1500)
    time = generator.exponential(np.exp(-arm * (0.5 * x**2 - 0.5)))
    found = curved_interaction(time, np.ones(1500), arm, marker=x)
    assert found.nonlinearity.p < 1e-4
    truth = np.exp(0.5 * found.marker**2 - 0.5)
    assert np.mean((found.effect.low < truth) & (truth < found.effect.high)) > 0.8


def test_refuses_two_classes():
    with pytest.raises(InvalidSetting, match="no curve"):
        curved_interaction([1, 2, 3, 4], [1, 1, 1, 1], [0, 1, 0, 1], marker=[0, 0, 1, 1])
