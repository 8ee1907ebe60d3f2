from __future__ import annotations

import numpy as np
import pytest

from coley.economics.policy.gains import gains_if_caused, randomised_gains
from coley.model.errors import InvalidSetting, UnreadableInput


def test_mean_over_a_stratum_is_the_difference_between_its_arms():
    rng = np.random.default_rng(1)
    arm, stratum = rng.integers(0, 2, 300), rng.integers(0, 3, 300)
    y = rng.normal(5 + arm * stratum + 2 * stratum, 1)
    found = randomised_gains(y, arm, strata=stratum)
    for s in range(3):
        mine = stratum == s
        apart = y[mine & (arm == 1)].mean() - y[mine & (arm == 0)].mean()
        assert found.value[mine].mean() == pytest.approx(apart, abs=1e-10)
    assert randomised_gains(y, arm).value.mean() == pytest.approx(y[arm == 1].mean() - y[arm == 0].mean())


def test_a_rule_is_judged_without_bias():
    """Value of treating those above a cut-off, over 2,000 trials with 2:1 randomisation, against its truth."""
    rng = np.random.default_rng(2)
    found = np.empty(2000)
    for i in range(2000):
        x = rng.uniform(0, 1, 120)
        arm = rng.random(120) < 2 / 3
        y = rng.normal(10 * x + arm * (x - 0.4), 1)
        found[i] = (randomised_gains(y, arm, probability=2 / 3).value * (x >= 0.6)).mean()
    truth = 0.4 * (0.8 - 0.4)
    assert abs(found.mean() - truth) < 4 * found.std() / np.sqrt(2000)


def test_response_that_is_caused():
    found = gains_if_caused([True, False], 80_000, 30_000)
    assert found.value.tolist() == [50_000, -30_000]
    assert not found.randomised


def test_bad_patients():
    with pytest.raises(UnreadableInput, match="control arm"):
        randomised_gains([1.0, 2.0], [1, 1])
    with pytest.raises(UnreadableInput, match="stratum has no patient"):
        randomised_gains([1.0, 2.0, 3.0], [1, 0, 1], strata=[0, 0, 1])
    with pytest.raises(UnreadableInput, match="finite outcome"):
        randomised_gains([1.0, np.nan], [1, 0])
    with pytest.raises(InvalidSetting, match="probability of treatment"):
        randomised_gains([1.0, 2.0], [1, 0], probability=1.0)
    with pytest.raises(UnreadableInput, match="none is missing"):
        gains_if_caused([1, np.nan], 1.0, 0.5)
