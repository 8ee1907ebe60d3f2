"""The detectable ratio: the formula of four cells, and the power that simulation finds there."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting
from coley.stats.interaction.power import detectable_in, detectable_ratio
from coley.stats.interaction.relative import treatment_by_marker


def test_formulae():
    cells = detectable_ratio((40, 60, 50, 50))
    se = np.sqrt(1 / 40 + 1 / 60 + 2 / 50)
    assert cells.se == pytest.approx(se)
    assert np.log(cells.ratio) == pytest.approx((1.959964 + 0.841621) * se, rel=1e-6)
    assert cells.inverse == pytest.approx(1 / cells.ratio)
    # Schmoor 2000: events = (z + z)^2 / (log(ratio)^2 p(1 - p) q(1 - q)), here with p = q = 1/2
    events = (1.959964 + 0.841621) ** 2 / (np.log(2) ** 2 / 16)
    assert detectable_ratio((events / 4,) * 4).ratio == pytest.approx(2, rel=1e-6)
    # two equal classes are a marker with a standard deviation of one half
    assert detectable_ratio((120, 80), steps=0.5).ratio == pytest.approx(
        detectable_ratio((60, 60, 40, 40)).ratio
    )
    assert cells.power_for(cells.ratio) == pytest.approx(0.8)
    assert cells.power_for(1 / cells.ratio) == pytest.approx(0.8)


def test_simulated_power(trial):
    events, found = [], []
    for seed in range(200):
        time, event, arm, x = trial(220, own=0.0, effect=0.0, change=0.5, seed=seed)
        fit = treatment_by_marker(time, event, arm, marker=x, per=1)
        events.append(fit.events)
        found.append(fit.likelihood_ratio.p < 0.05)
    expected = detectable_ratio(tuple(np.mean(events, axis=0))).power_for(np.exp(0.5))
    assert 0.7 < expected < 0.98
    assert abs(np.mean(found) - expected) < 0.085  # three standard errors


def test_of_an_interaction(trial):
    time, event, arm, x = trial(300, change=0.3)
    by_sd = treatment_by_marker(time, event, arm, marker=x)
    by_one = treatment_by_marker(time, event, arm, marker=x, per=1)
    assert detectable_in(by_sd) == detectable_ratio(by_sd.events)
    assert np.log(detectable_in(by_one).ratio) == pytest.approx(
        np.log(detectable_in(by_sd).ratio) / by_sd.per
    )
    high = (x > 0).astype(float)
    classes = treatment_by_marker(time, event, arm, marker=high, level=0.9)
    cells = tuple(int(event[(arm == a) & (high == h)].sum()) for a in (1, 0) for h in (1, 0))
    assert classes.cells == cells
    assert detectable_in(classes, power=0.9) == detectable_ratio(cells, power=0.9, level=0.9)
    # the standard error that was promised is about the one that came
    assert detectable_in(classes).se == pytest.approx(classes.ratio.se, rel=0.1)


def test_refusals():
    for bad in ((10, 0), (10,), (10, 20, 30), (10, np.inf)):
        with pytest.raises(InvalidSetting, match="determine no power"):
            detectable_ratio(bad)
    with pytest.raises(InvalidSetting, match="cannot be had"):
        detectable_ratio((10, 20), power=80)
