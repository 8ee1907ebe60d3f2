"""Difference of differences: built from its parts, invariant, and at nominal coverage."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, UnknownName
from coley.stats.interaction.absolute import absolute_interaction
from coley.stats.survival.contrast import milestone_difference
from coley.stats.survival.restricted_mean import rmst_difference


@pytest.mark.parametrize("measure", ["milestone", "restricted_mean"])
def test_parts_and_turning(trial, measure):
    time, event, arm, high = trial(300, change=-0.5, classes=True)
    found = absolute_interaction(time, event, arm, positive=high, at=1.0, measure=measure)
    parts = [
        milestone_difference(time[g], event[g], arm[g], at=1.0)
        if measure == "milestone"
        else rmst_difference(time[g], event[g], arm[g], tau=1.0)
        for g in (high == 1, high == 0)
    ]
    assert (found.positive, found.negative) == (parts[0].interval, parts[1].interval)
    assert found.difference.value == pytest.approx(parts[0].interval.value - parts[1].interval.value)
    turned = absolute_interaction(time, event, arm, positive=1 - high, at=1.0, measure=measure)
    assert turned.difference.low == pytest.approx(-found.difference.high)
    assert turned.p == pytest.approx(found.p)


@pytest.mark.parametrize("measure", ["milestone", "restricted_mean"])
def test_coverage_and_size(trial, measure):
    """Additive truth on the log hazard: the difference of differences at time 1 is known."""

    def truth(rate):
        return np.exp(-rate) if measure == "milestone" else (1 - np.exp(-rate)) / rate

    rate = {(a, h): np.exp(0.4 * h + a * (-0.3 - 0.5 * h)) for a in (0, 1) for h in (0, 1)}
    expected = sum(truth(rate[a, h]) * (1 if a == h else -1) for a in (0, 1) for h in (0, 1))
    covers = []
    for seed in range(300):
        time, event, arm, high = trial(300, change=-0.5, classes=True, seed=seed)
        found = absolute_interaction(time, event, arm, positive=high, at=1.0, measure=measure).difference
        covers.append(found.low < expected < found.high)
    assert abs(np.mean(covers) - 0.95) < 0.038


def test_beyond_follow_up_and_refusals(trial):
    time, event, arm, high = trial(100, classes=True)
    short, seen = np.minimum(time, 0.5), event & (time <= 0.5)
    found = absolute_interaction(short, seen, arm, positive=high, at=1)
    assert np.isnan([found.difference.value, found.difference.low, found.p]).all()
    with pytest.raises(InvalidSetting, match="two classes"):
        absolute_interaction(time, event, arm, positive=time, at=1)
    with pytest.raises(UnknownName, match="milestone"):
        absolute_interaction(time, event, arm, positive=high, at=1, measure="milestones")
