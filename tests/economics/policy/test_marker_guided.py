from __future__ import annotations

import numpy as np
import pytest

from coley.economics.policy.gains import gains_if_caused, randomised_gains
from coley.economics.policy.marker_guided import marker_guided
from coley.model.errors import NotEstimable, UnreadableInput


def test_fixed_marker_intervals_cover():
    """A marker with an interaction, 1,000 randomised trials: limits of each estimate hold their truth."""
    rng = np.random.default_rng(7)
    truth = {
        "among_positive": 1.0,
        "among_negative": -0.5,
        "difference": 1.5,
        "over_none": 0.4,
        "over_all": 0.3,
    }
    covered = dict.fromkeys(truth, 0)
    for _ in range(1000):
        marker, arm = rng.random(200) < 0.4, rng.random(200) < 0.5
        y = rng.normal(3 * marker + arm * np.where(marker, 1.0, -0.5), 1)
        found = marker_guided(marker, randomised_gains(y, arm, strata=marker, probability=0.5))
        for name, value in truth.items():
            one = getattr(found, name)
            covered[name] += one.low <= value <= one.high
    assert all(0.93 <= count / 1000 <= 0.97 for count in covered.values()), covered


def test_whoever_has_no_result_is_treated_or_not_as_said():
    marker, gains = [1, 1, 0, 0, 0], gains_if_caused([1, 1, 1, 0, 0], 100, 40)  # 60, 60, 60, -40, -40
    found = marker_guided(marker, gains, decided=0.7, untold=0.2, cost=5)
    assert found.over_none.value == pytest.approx(0.7 * 120 / 5 + 0.2 * 100 / 5 - 5)
    assert found.over_all.value == pytest.approx(found.over_none.value - 20)
    assert found.highest_cost == pytest.approx(min(found.over_none.value, found.over_all.value) + 5)
    nobody = marker_guided(marker, gains, decided=0.0, untold=1.0)
    assert nobody.over_all.value == pytest.approx(0)


def test_bad_markers():
    gains = gains_if_caused([1, 0] * 20, 1.0, 0.4)
    with pytest.raises(NotEstimable, match="must be positive"):
        marker_guided(np.zeros(40), gains)
    with pytest.raises(UnreadableInput, match="0 or 1"):
        marker_guided(np.full(40, 3), gains)
