"""Qualitative interaction: the published table, its size, and crossings that are there or are not."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import NotEstimable, UnreadableInput
from coley.stats.interaction.qualitative import crossing_point, gail_simon
from coley.stats.interaction.relative import treatment_by_marker


@pytest.mark.parametrize(
    ("classes", "c10", "c05", "c01"),  # Gail and Simon 1985, table 1: critical values
    [(2, 1.64, 2.71, 5.41), (3, 2.95, 4.23, 7.29), (4, 4.01, 5.43, 8.75), (5, 4.96, 6.50, 10.02)],
)
def test_published_critical_values(classes, c10, c05, c01):
    for value, size in ((c10, 0.10), (c05, 0.05), (c01, 0.01)):
        effects = np.full(classes, 9.0)
        effects[0] = -np.sqrt(value)
        found = gail_simon(effects, np.ones(classes))
        assert found.statistic == pytest.approx(value)
        assert found.p == pytest.approx(size, rel=0.01)


def test_size_is_held_at_the_edge_of_the_null():
    """All effects but one far from 0 on one side, the last at 0: the least favourable null."""
    generator = np.random.default_rng(1)
    effects = generator.normal([8.0, 0.0], 1.0, (2000, 2))
    assert abs(np.mean([gail_simon(e, [1, 1]).p < 0.05 for e in effects]) - 0.05) < 0.015
    assert np.mean([gail_simon(e, [1, 1]).p < 0.05 for e in generator.normal(0, 1, (2000, 2))]) < 0.05


def test_all_on_one_side_and_refusals():
    found = gail_simon([0.2, 0.5, 3.0], [0.1, 0.2, 0.3])
    assert (found.statistic, found.p, found.below) == (0.0, 1.0, 0.0)
    for bad in (([0.1], [0.1]), ([0.1, np.nan], [0.1, 0.1]), ([0.1, 0.2], [0.1, 0.0])):
        with pytest.raises(UnreadableInput, match="two or more classes"):
            gail_simon(*bad)


def crossing(trial, **truth):
    time, event, arm, x = trial(**truth)
    return crossing_point(treatment_by_marker(time, event, arm, marker=x)), (time, event, arm, x)


def test_three_verdicts(trial):
    found, _ = crossing(trial, n=1500, effect=0.0, change=0.7)
    assert (found.verdict, found.below_1) == ("supported", "left")
    found, _ = crossing(trial, n=1500, effect=-1.2, change=0.1)
    assert found.verdict == "not supported"
    found, _ = crossing(trial, n=150, effect=-0.1, change=0.2)
    assert found.verdict == "cannot be told"


def test_fieller_bounds_are_where_the_effect_is_not_told_from_none(trial):
    found, rows = crossing(trial, n=800, effect=0.1, change=0.5, seed=3)
    fit = treatment_by_marker(*rows[:3], marker=rows[3])
    at = fit.effect_at([found.at.low, found.at.value, found.at.high])
    np.testing.assert_allclose([at.high[0], at.value[1], at.low[2]], 1, rtol=1e-9)
    assert fit.likelihood_ratio.p < 0.05


def test_the_crossing_is_covered_and_unbounded_where_nothing_interacts(trial):
    covers, unbounded = [], []
    for seed in range(200):
        found, _ = crossing(trial, n=300, effect=0.15, change=0.5, seed=seed)
        bounded = np.isfinite(found.at.low)
        covers.append(not bounded or found.at.low < -0.3 < found.at.high)
        found, _ = crossing(trial, n=100, effect=-0.2, change=0.0, seed=seed)
        unbounded.append(not np.isfinite(found.at.low))
    assert np.mean(covers) > 0.90
    assert np.mean(unbounded) > 0.90


def test_no_crossing_without_an_effect(trial):
    time, event, arm, x = trial(200)
    with pytest.raises(NotEstimable, match="no crossing"):
        crossing_point(treatment_by_marker(time, event, arm, marker=x, strata=arm))
