"""Comparison of onsets: its level, its power, and its edges."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting
from coley.stats.onset.comparison import compare_onset
from coley.stats.onset.weibull import weibull_onset


def test_level_and_coverage_of_the_ratio():
    rng, draws = np.random.default_rng(3), 120
    group = np.repeat(["combination", "alone"], 60)
    p, held = [], 0
    for _ in range(draws):
        found = compare_onset(np.floor(40 * rng.weibull(0.8, 120)), group)
        p.append(found.test.p)
        held += found.median_ratio.low < 1 < found.median_ratio.high
    assert abs(np.mean(np.array(p) < 0.2) - 0.2) < 3.3 * np.sqrt(0.2 * 0.8 / draws)
    assert abs(held / draws - 0.95) < 3.3 * np.sqrt(0.05 * 0.95 / draws)


def test_is_the_gain_of_separate_fits():
    rng = np.random.default_rng(4)
    days, group = np.floor(30 * rng.weibull(1.2, 90)), np.repeat([1, 2, 3], 30)
    days[group == 3] *= 3
    limit = days + rng.integers(0, 60, 90)
    found = compare_onset(days, group, limit=limit)
    parts = [weibull_onset(days[group == g], limit=limit[group == g]).loglik for g in (1, 2, 3)]
    assert found.test.statistic == pytest.approx(2 * (sum(parts) - weibull_onset(days, limit=limit).loglik))
    assert found.test.df == 4
    assert np.isnan(found.median_ratio.value)
    assert list(found.groups) == ["1", "2", "3"]


def test_finds_a_difference_and_turns_with_its_groups():
    rng = np.random.default_rng(5)
    days = np.concatenate([np.floor(20 * rng.weibull(1, 150)), np.floor(50 * rng.weibull(1, 150))])
    found = compare_onset(days, np.repeat(["a", "b"], 150))
    turned = compare_onset(days, np.repeat(["b", "a"], 150))
    assert found.test.p < 1e-6
    assert found.median_ratio.low < 2.5 < found.median_ratio.high
    assert turned.median_ratio.value == pytest.approx(1 / found.median_ratio.value)
    assert turned.test.statistic == pytest.approx(found.test.statistic)


def test_a_group_that_tells_nothing_and_refusals():
    assert np.isnan(compare_onset([3, 3, 1, 20, 70], ["a", "a", "b", "b", "b"]).test.p)
    with pytest.raises(InvalidSetting, match="two groups"):
        compare_onset([1, 2], ["a", "a"])
    with pytest.raises(InvalidSetting, match="group for each"):
        compare_onset([1, 2, 3], ["a", "b"])
