from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.survival.pseudo_values import pseudo_values
from coley.stats.survival.restricted_mean import restricted_mean_survival


def test_they_are_those_of_leaving_each_patient_out():
    rng = np.random.default_rng(3)
    time, event = np.ceil(rng.exponential(10, 60)), (rng.random(60) < 0.7).astype(int)
    time[0], event[0] = 40, 0
    found = pseudo_values(time, event, 20)
    whole = restricted_mean_survival(time, event, 20).value
    for i in range(60):
        rest = np.arange(60) != i
        assert found[i] == pytest.approx(
            60 * whole - 59 * restricted_mean_survival(time[rest], event[rest], 20).value
        )


def test_groups_have_curves_of_their_own():
    rng = np.random.default_rng(4)
    time, event, arm = rng.exponential(10, 80), np.ones(80), np.repeat(["a", "b"], 40)
    found = pseudo_values(time, event, 8, groups=arm)
    assert found[:40] == pytest.approx(pseudo_values(time[:40], event[:40], 8))
    assert found == pytest.approx(np.minimum(time, 8))


def test_order_and_unit_of_time_do_not_matter():
    rng = np.random.default_rng(5)
    time, event = rng.exponential(10, 50), rng.random(50) < 0.7
    event[time.argmax()] = True
    found, order = pseudo_values(time, event, 12), rng.permutation(50)
    assert pseudo_values(time[order], event[order], 12) == pytest.approx(found[order])
    assert pseudo_values(time / 12, event, 1) == pytest.approx(found / 12)


def test_their_mean_is_the_restricted_mean_on_average_over_trials():
    """Exponential times with random censoring: the mean of the pseudo-values is nearly unbiased."""
    rng, truth = np.random.default_rng(6), (1 - np.exp(-0.1 * 8)) / 0.1
    means = []
    for _ in range(300):
        t, c = rng.exponential(10, 100), rng.uniform(4, 30, 100)
        means.append(pseudo_values(np.minimum(t, c), t <= c, 8).mean())
    assert abs(np.mean(means) - truth) < 4 * np.std(means) / np.sqrt(300)


def test_what_cannot_be_is_refused():
    with pytest.raises(NotEstimable, match="Follow-up ends"):
        pseudo_values([1, 2, 3], [1, 1, 0], 5)
    with pytest.raises(UnreadableInput, match="only 0 and 1"):
        pseudo_values([1, 2, 3], [1, 2, 0], 2)
    with pytest.raises(UnreadableInput, match="two patients"):
        pseudo_values([1, 2, 3], [1, 1, 1], 2, groups=["a", "a", "b"])
    with pytest.raises(UnreadableInput, match="needs a group"):
        pseudo_values([1, 2, 3], [1, 1, 1], 2, groups=["a", "b"])
    with pytest.raises(InvalidSetting, match="must be positive"):
        pseudo_values([1, 2], [1, 1], 0)
