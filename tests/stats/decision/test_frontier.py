"""Frontiers against brute force over thresholds, and against published tables."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.stats.decision.frontier import DOMINATED, EXTENDED, ON, REFERENCE, TIED, incremental_analysis

WHOLE = st.integers(0, 12).map(float)


def best_somewhere(costs: np.ndarray, effects: np.ndarray) -> set[int]:
    """Strategies that maximise net benefit at some threshold, from all thresholds at which two are level."""
    levels = [
        (costs[i] - costs[j]) / (effects[i] - effects[j])
        for i in range(len(costs))
        for j in range(i)
        if effects[i] != effects[j]
    ]
    levels = np.unique([x for x in levels if x > 0])
    between = np.r_[levels, (levels[1:] + levels[:-1]) / 2, levels[-1:] + 1, levels[:1] / 2, 1e-7, 1e7]
    found: set[int] = set()
    for k in between:
        benefit = k * effects - costs
        found |= set(np.flatnonzero(benefit >= benefit.max() - 1e-9 * (1 + abs(benefit.max()))))
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(WHOLE, WHOLE), min_size=2, max_size=8))
def test_frontier_is_what_is_best_at_some_threshold(points):
    costs, effects = np.array(points).T
    found = incremental_analysis(costs, effects)
    on = {int(i) for i, s in zip(found.index, found.status, strict=True) if s in (REFERENCE, ON, TIED)}
    # One tied with a strategy that is itself off the frontier is off it too, and best nowhere.
    by_name = dict(zip(found.names, found.status, strict=True))
    off = {
        int(i)
        for i, s, w in zip(found.index, found.status, found.compared_with, strict=True)
        if s == TIED and by_name[w] == EXTENDED
    }
    assert on - off == best_somewhere(costs, effects)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(WHOLE, WHOLE), min_size=2, max_size=8))
def test_ratios_increase_and_words_are_true(points):
    costs, effects = np.array(points).T
    found = incremental_analysis(costs, effects)
    ratios = found.icer[~np.isnan(found.icer)]
    assert (np.diff(ratios) >= -1e-9).all()
    assert (ratios > 0).all() or len(ratios) == 0
    place = {name: i for i, name in enumerate(found.names)}
    for i, (status, other) in enumerate(zip(found.status, found.compared_with, strict=True)):
        if status == DOMINATED:
            j = place[other]
            assert found.costs[j] <= found.costs[i]
            assert found.effects[j] >= found.effects[i]
            assert (found.costs[j], found.effects[j]) != (found.costs[i], found.effects[i])
        if status == TIED:
            assert (found.costs[place[other]], found.effects[place[other]]) == (
                found.costs[i],
                found.effects[i],
            )
        if status == EXTENDED:
            frontier = [j for j, s in enumerate(found.status) if s in (REFERENCE, ON)]
            assert (
                np.interp(found.costs[i], found.costs[frontier], found.effects[frontier]) > found.effects[i]
            )


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(WHOLE, WHOLE), min_size=3, max_size=8, unique=True), st.randoms())
def test_order_and_units_do_not_matter(points, random):
    costs, effects = np.array(points).T
    shuffle = random.sample(range(len(points)), len(points))
    one = incremental_analysis(costs, effects, names=[str(i) for i in range(len(points))])
    two = incremental_analysis(4 * costs[shuffle], 2 * effects[shuffle], names=[str(i) for i in shuffle])
    assert one.names == two.names
    assert one.status == two.status
    np.testing.assert_allclose(2 * one.icer, two.icer)


def test_on_a_line_is_on_the_frontier_and_a_little_above_it_is_not():
    assert incremental_analysis([0, 10, 20], [0, 1, 2]).status == (REFERENCE, ON, ON)
    assert incremental_analysis([0, 10, 19.9], [0, 1, 2]).status == (REFERENCE, EXTENDED, ON)
    assert incremental_analysis([0, 10, 20.1], [0, 1, 2]).status == (REFERENCE, ON, ON)


def test_paltiel_hiv_example():
    # Paltiel et al 2006 (Ann Intern Med 145:797) as in dampack's introduction: QALMs, so that ratios are x 12.
    costs = [26_000, 27_000, 28_020, 28_440, 29_440]
    months = np.array([277.25, 277.57, 277.78, 277.83, 277.76])
    names = ["none", "one time", "5 years", "3 years", "annual"]
    found = incremental_analysis(costs, months / 12, names=names)
    assert found.on_frontier() == ("none", "one time", "5 years", "3 years")
    assert dict(zip(found.names, found.status, strict=True))["annual"] == DOMINATED
    np.testing.assert_allclose(
        found.icer[1:4], 12 * np.array([1000 / 0.32, 1020 / 0.21, 420 / 0.05]), rtol=1e-9
    )


@pytest.mark.real
def test_whole_table_of_c_difficile(c_difficile, economics):
    costs, effects, names, _ = c_difficile
    table = pl.read_csv(economics / "dampack_cdiff" / "expected_icers.csv", null_values="NA")
    found = incremental_analysis(costs, effects, names=names)
    words = {"ND": (REFERENCE, ON), "ED": (EXTENDED,), "D": (DOMINATED,)}
    for row in table.iter_rows(named=True):
        i = found.names.index(row["Strategy"])
        assert found.status[i] in words[row["Status"]]
        ours = [found.costs[i], found.effects[i], found.added_cost[i], found.added_effect[i], found.icer[i]]
        theirs = [row[c] for c in ("Cost", "Effect", "Inc_Cost", "Inc_Effect", "ICER")]
        np.testing.assert_allclose(ours, np.array(theirs, dtype=float), rtol=1e-10)
    assert len(found.names) == len(table)


@pytest.mark.real
def test_hundred_strategies(economics):
    table = pl.read_csv(economics / "dampack_cdiff" / "hund_strat.csv")
    costs, effects = table["Cost"].to_numpy(), table["QALYs"].to_numpy()
    found = incremental_analysis(costs, effects, names=table["Strategy"].cast(str).to_list())
    on = {int(i) for i, s in zip(found.index, found.status, strict=True) if s in (REFERENCE, ON)}
    assert on == best_somewhere(costs, effects)
    assert len(on) + found.status.count(EXTENDED) + found.status.count(DOMINATED) == 100


@pytest.mark.real
def test_nice_renal_appraisal(economics):
    """Published with QALYs rounded to 0.01: the words must agree, and each ratio lie within that rounding."""
    table = pl.read_csv(economics / "nice_rcc_id6184" / "results_list_price_appendixQ_table1.csv")
    words = {"dominated": DOMINATED, "ext dominated": EXTENDED}
    rows = 0
    for (group,), part in table.group_by("risk_group", maintain_order=True):
        costs, qalys = part["cost_gbp"].to_numpy(), part["qaly"].to_numpy()
        found = incremental_analysis(costs, qalys, names=part["technology"].to_list())
        for name, said in zip(part["technology"], part["icer_incremental"], strict=True):
            i = found.names.index(name)
            rows += 1
            if said is None:
                assert found.status[i] == REFERENCE
            elif said in words:
                assert found.status[i] == words[said], (group, name)
            else:
                gain = found.added_effect[i]
                low, high = (found.added_cost[i] / (gain + s * 0.01) for s in (1, -1))
                assert found.status[i] == ON
                assert low * 0.999 < float(said) < high * 1.001, (group, name)
    assert rows == 15


def test_refusals():
    for costs, effects in (([1.0], [1.0]), ([1, 2], [1, np.nan]), ([1, 2], [1, 2, 3])):
        with pytest.raises(UnreadableInput, match="finite cost"):
            incremental_analysis(costs, effects)
    with pytest.raises(InvalidSetting, match="distinct names"):
        incremental_analysis([1, 2], [1, 2], names=["A", "A"])
