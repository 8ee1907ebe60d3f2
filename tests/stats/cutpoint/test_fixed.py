"""Cuts that were given: the rooms that they call are tested where they live."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.cutpoint.fixed import fixed_cutpoint
from coley.stats.cutpoint.outcomes import Response, Survival
from coley.stats.survival.cox import cox
from coley.stats.survival.log_rank import log_rank


def test_at_the_cut_is_high():
    rng = np.random.default_rng(1)
    tmb, time, event = rng.integers(1, 25, 60) * 1.0, rng.exponential(9, 60), rng.random(60) < 0.7
    found = fixed_cutpoint(tmb, Survival.of(time, event), 10)
    high = tmb >= 10
    assert (found.n, found.n_high, found.events, found.events_high) == (
        60,
        high.sum(),
        event.sum(),
        event[high].sum(),
    )
    np.testing.assert_allclose(found.effect.value, cox(time, event, high * 1.0).coefficients[0])
    assert found.p == log_rank(time, event, high).p
    assert found.effect_name == "log hazard ratio"
    assert fixed_cutpoint(tmb, Response.of(event), 10).effect_name == "difference of rates"


@pytest.mark.parametrize("kind", ["survival", "response"])
def test_interval_covers_and_p_holds_its_level(kind):
    inside, wrong = [], []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        marker = rng.random(120)
        high = marker >= 0.6
        for effect in (0.0, 0.7) if kind == "survival" else (0.0, 0.25):
            if kind == "survival":
                outcome = Survival.of(rng.exponential(np.exp(-effect * high)), rng.random(120) < 0.8)
            else:
                outcome = Response.of(rng.random(120) < 0.3 + effect * high)
            found = fixed_cutpoint(marker, outcome, 0.6)
            inside.append(found.effect.low <= effect <= found.effect.high)
            if effect == 0:
                wrong.append(found.p <= 0.05)
    assert abs(np.mean(inside) - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 600)
    assert abs(np.mean(wrong) - 0.05) < 3 * np.sqrt(0.95 * 0.05 / 300)


def test_refusals():
    outcome = Response.of([0, 1, 0, 1])
    with pytest.raises(NotEstimable, match="All 4 patients are below"):
        fixed_cutpoint([0.1, 0.2, 0.3, 0.4], outcome, 10)
    with pytest.raises(NotEstimable, match="at or above"):
        fixed_cutpoint([10, 20, 30, 40], outcome, 0.5)
    with pytest.raises(UnreadableInput, match="1 values missing"):
        fixed_cutpoint([10, np.nan, 30, 40], outcome, 10)
    for cut in (float("nan"), "high"):
        with pytest.raises(InvalidSetting, match="must be a number"):
            fixed_cutpoint([10, 20, 30, 40], outcome, cut)
