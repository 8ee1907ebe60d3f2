from __future__ import annotations

import numpy as np
import pytest

from coley.economics.policy.landmark import landmark_by_response
from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.survival.restricted_mean import rmst_difference


def patients(n: int, seed: int):
    """Exponential: patients with a response die a third as fast, and progress twice as fast as they die."""
    rng = np.random.default_rng(seed)
    response = rng.random(n) < 0.4
    rate = np.where(response, 0.03, 0.09)
    progression, death = rng.exponential(1 / (2 * rate)), rng.exponential(1 / rate)
    free, end = np.minimum(progression, death), rng.uniform(20, 30, n)
    return (np.minimum(free, end), free <= end), (np.minimum(death, end), death <= end), response


def test_months_are_the_difference_of_restricted_means_after_the_landmark():
    pfs, alive, response = patients(600, 1)
    found = landmark_by_response(pfs, alive, response, landmark=3, horizon=18)
    there = alive[0] >= 3
    other = rmst_difference(alive[0][there] - 3, alive[1][there], response[there], tau=15).interval
    assert found.months.value == pytest.approx(other.value, abs=1e-9)
    assert found.months.se == pytest.approx(other.se, rel=0.02)
    assert found.responders + found.others == there.sum()
    # with utilities of 1 in both states QALYs are years of life
    assert found.qalys.value == pytest.approx(found.months.value / 12)


def test_limits_cover_the_truth():
    """Mean months from 3 to 18 of exponential times; those free of progression at 3 times the rate of death."""
    covered, truth = 0, []
    for rate in (0.03, 0.09):
        alive, left = (1 - np.exp(-15 * rate)) / rate, np.exp(-3 * 2 * rate)  # free at 3, of those alive
        free = left * (1 - np.exp(-15 * 3 * rate)) / (3 * rate)
        truth.append((0.8 * free + 0.5 * (alive - free)) / 12)
    for seed in range(200):
        pfs, alive, response = patients(300, seed)
        found = landmark_by_response(pfs, alive, response, landmark=3, horizon=18, utilities=(0.8, 0.5)).qalys
        covered += found.low <= truth[0] - truth[1] <= found.high
    assert 0.91 <= covered / 200 <= 0.985


def test_without_a_landmark_responders_gain_by_having_lived_to_respond():
    """Nobody's response means anything, but only those who live four months can have one."""
    rng = np.random.default_rng(3)
    death = rng.exponential(12, 3000)
    response = (death > 4) & (rng.random(3000) < 0.4)
    time = (death, np.ones(3000, dtype=bool))
    naive, fair = (
        landmark_by_response(time, time, response, landmark=at, horizon=24).months for at in (0.0, 4.0)
    )
    assert naive.low > 2
    assert fair.low < 0 < fair.high


def test_bad_input():
    pfs, alive, response = patients(60, 1)
    with pytest.raises(NotEstimable, match="fewer than 5"):
        landmark_by_response(pfs, alive, np.zeros(60), landmark=3, horizon=12)
    with pytest.raises(InvalidSetting, match="before the horizon"):
        landmark_by_response(pfs, alive, response, landmark=12, horizon=12)
    with pytest.raises(UnreadableInput, match="0 or 1"):
        landmark_by_response(pfs, alive, np.full(60, 2), landmark=3, horizon=12)
    with pytest.raises(NotEstimable, match="before the horizon"):
        landmark_by_response(pfs, alive, response, landmark=3, horizon=120)
