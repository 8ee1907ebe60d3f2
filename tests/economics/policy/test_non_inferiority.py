from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from coley.economics.policy.non_inferiority import non_inferiority_events
from coley.model.errors import InvalidSetting, NotEstimable


def test_deaths_of_a_trial_give_the_power_that_was_asked_for():
    """With as many deaths the log hazard ratio has a standard error of 2 / sqrt(deaths)."""
    for margin in (1.05, 1.3, 0.8):
        error = 2 / np.sqrt(non_inferiority_events(margin))
        power = norm.sf(norm.isf(0.025) - abs(np.log(margin)) / error)
        assert power == pytest.approx(0.9)
    assert non_inferiority_events(1.25, power=0.8) == pytest.approx(630.5, abs=0.1)
    for margin in (1.0, 0.0, np.inf, np.nan):
        with pytest.raises(NotEstimable):
            non_inferiority_events(margin)


def test_a_simulated_trial_has_the_power_that_was_asked_for():
    """Exponential arms without a difference, followed until as many have died: how often is the margin excluded?"""
    rng, margin, trials = np.random.default_rng(5), 1.3, 4000
    deaths = round(non_inferiority_events(margin))
    half = deaths // 2
    # all followed to death: the rates' ratio of two arms with as many deaths each
    log_ratio = np.log(rng.gamma(half, 1, trials)) - np.log(rng.gamma(half, 1, trials))
    excluded = log_ratio + norm.isf(0.025) * np.sqrt(2 / half) < np.log(margin)
    assert excluded.mean() == pytest.approx(0.9, abs=4 * np.sqrt(0.09 / trials))


def test_shares_that_are_none():
    with pytest.raises(InvalidSetting):
        non_inferiority_events(1.3, power=90)
