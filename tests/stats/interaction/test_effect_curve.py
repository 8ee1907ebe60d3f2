"""Gain in survival along a marker: against R and Kaplan-Meier, and a band that holds the truth."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, NotEstimable
from coley.stats.interaction.effect_curve import effect_curve, stepp
from coley.stats.survival.contrast import milestone_difference


def test_the_model_equals_r(veteran, by_r):
    v, expected = veteran, by_r("effect_curve")
    karno = np.array(v["karno"], dtype=float)
    levels = np.searchsorted(np.sort(karno), [40, 60, 80]) / (
        len(karno) - 1
    )  # quantiles that are these values
    found = effect_curve(
        v["time"], v["status"], v["arm"], marker=karno, at=100, quantiles=levels, bootstraps=20
    )
    np.testing.assert_allclose(found.marker, expected["karno"])
    np.testing.assert_allclose(found.value, expected["difference"], rtol=1e-6)


def test_a_window_is_a_kaplan_meier_contrast(trial):
    time, event, arm, x = trial(200, change=0.6)
    x = x.round(1)  # ties
    found = stepp(time, event, arm, marker=x, at=1.0, windows=4, share=0.4, bootstraps=20)
    low, high = np.quantile(x, [0.2, 0.6], method="inverted_cdf")
    inside = (x >= low) & (x <= high)
    assert found.value[1] == pytest.approx(
        milestone_difference(time[inside], event[inside], arm[inside], at=1.0).interval.value
    )
    assert (found.n[1], found.marker[1]) == (inside.sum(), np.median(x[inside]))


@pytest.mark.parametrize("ours", [effect_curve, stepp])
def test_same_seed_same_band_whatever_the_order(trial, ours):
    time, event, arm, x = trial(150, change=0.6)
    one, two = (ours(time, event, arm, marker=x, at=1.0, bootstraps=30, seed=s) for s in (4, 4))
    np.testing.assert_array_equal(one.band_low, two.band_low)
    assert (one.band_low <= one.low).all()
    assert (one.band_high >= one.high).all()
    order = np.random.default_rng(0).permutation(150)
    moved = ours(time[order], event[order], arm[order], marker=x[order], at=1.0, bootstraps=30)
    np.testing.assert_allclose(moved.value, one.value, atol=1e-9)


def test_the_band_of_the_model_holds_the_whole_truth(trial):
    """40 sets, a standard error of 3.4 points; the truth is a Cox model."""
    inside, pointwise = [], []
    for seed in range(40):
        time, event, arm, x = trial(200, own=0.4, effect=-0.3, change=-0.5, seed=seed)
        found = effect_curve(
            time, event, arm, marker=x, at=1.0, quantiles=[0.1, 0.3, 0.5, 0.7, 0.9], bootstraps=40
        )
        m = found.marker
        truth = np.exp(-np.exp(-0.3 - 0.1 * m)) - np.exp(-np.exp(0.4 * m))
        inside.append(((found.band_low < truth) & (truth < found.band_high)).all())
        pointwise.append(((found.low < truth) & (truth < found.high)).mean())
    assert np.mean(inside) > 0.84
    assert 0.88 < np.mean(pointwise) < 0.995


def test_refusals(trial):
    time, event, arm, x = trial(80)
    with pytest.raises(NotEstimable, match="followed up"):
        stepp(time, event, arm, marker=x, at=99)
    with pytest.raises(InvalidSetting, match="too few"):
        effect_curve(time, event, arm, marker=x, at=1, bootstraps=3)
    with pytest.raises(InvalidSetting, match="no curve"):
        stepp(time, event, arm, marker=x, at=1, windows=1)
