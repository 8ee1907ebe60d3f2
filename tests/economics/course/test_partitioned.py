"""Partitioned survival: occupancies, areas, curves that cross, and bad curves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import coley.economics.course.curves as examined
from coley.economics.course.curves import in_order
from coley.economics.course.grid import cycles
from coley.economics.course.partitioned import partitioned_survival
from coley.model.errors import InvalidSetting, UnreadableInput

GRID = cycles(10, 0.25)
T = GRID.times_years


def curves(seed, draws, states):
    rng = np.random.default_rng(seed)
    return {
        f"s{k}": np.exp(-rng.uniform(0.1, 0.6, (draws, 1)) * T ** rng.uniform(0.6, 1.5))
        for k in range(states)
    }


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 4))
def test_shares_are_shares_and_all_ways_of_adding_agree(seed, draws, states):
    course = partitioned_survival(GRID, curves(seed, draws, states))
    occupancy = course.occupancy
    assert occupancy.shape == (draws, len(T), states + 1)
    np.testing.assert_allclose(occupancy.sum(axis=2), 1)
    assert (occupancy >= 0).all()
    weights = GRID.over_states(0.97**T)
    np.testing.assert_allclose(course.weigh(weights), np.einsum("dts,t->ds", occupancy, weights), atol=1e-12)
    many = weights * np.random.default_rng(seed).uniform(0.5, 1, (draws, 1))
    for k in range(states + 1):
        np.testing.assert_allclose(course.weigh_state(k, weights), occupancy[:, :, k] @ weights, atol=1e-12)
        np.testing.assert_allclose(
            course.weigh_state(k, many), (occupancy[:, :, k] * many).sum(axis=1), atol=1e-12
        )
        np.testing.assert_allclose(course.at(k, np.array([0, 3])), occupancy[:, [0, 3], k])


def test_crossing_is_capped_and_told():
    """Two of three draws cross; what is moved is the area between the curves, by hand."""
    grid = cycles(4, 1)
    pfs = np.array([[1, 0.8, 0.6, 0.4, 0.2], [1, 0.5, 0.4, 0.3, 0.2], [1, 0.9, 0.9, 0.1, 0.1]])
    os = np.array([1, 0.7, 0.65, 0.3, 0.2])
    course = partitioned_survival(grid, {"stable": pfs, "progressed": os})
    (crossing,) = course.crossings
    assert (crossing.lower, crossing.upper, crossing.draws, crossing.crossing) == (
        "stable",
        "progressed",
        3,
        2,
    )
    assert crossing.share == pytest.approx(2 / 3)
    moved = np.array([0.1 + 0.1, 0.0, 0.2 + 0.25])
    assert crossing.mean_years == pytest.approx(moved.mean())
    assert crossing.most_years == pytest.approx(moved.max())
    np.testing.assert_allclose(course.curves[0], np.minimum(pfs, os))
    np.testing.assert_array_equal(course.curves[1][0], os)  # overall survival is left alone
    assert partitioned_survival(grid, {"stable": os, "progressed": os}).crossings == ()


def test_one_draw_stands_beside_many():
    pfs = np.exp(-np.linspace(0.3, 0.6, 5)[:, None] * T)
    course = partitioned_survival(GRID, {"stable": pfs, "progressed": np.exp(-0.2 * T)})
    assert course.draws == 5
    repeated = partitioned_survival(GRID, {"stable": pfs, "progressed": np.tile(np.exp(-0.2 * T), (5, 1))})
    np.testing.assert_allclose(course.occupancy, repeated.occupancy)


def test_deaths_are_known_and_entries_between_curves_are_not():
    course = partitioned_survival(GRID, curves(1, 2, 2))
    entries = course.weigh_entries(np.ones(len(T) - 1))
    np.testing.assert_allclose(entries[:, 2], course.occupancy[:, -1, 2])
    assert (entries[:, 0] == 0).all()
    assert np.isnan(entries[:, 1]).all()
    assert np.isnan(course.weigh_flows(np.ones(len(T) - 1))).all()


def test_order_is_put_right_from_overall_survival_down():
    a, b, c = np.array([[1, 0.9]]), np.array([[1, 0.8]]), np.array([[1, 0.7]])
    ordered, crossings = in_order([a, b, c], cycles(1, 1), names=("a", "b", "c"))
    np.testing.assert_array_equal(np.concatenate(ordered), np.repeat(c, 3, axis=0))
    assert [(x.lower, x.upper) for x in crossings] == [("a", "b"), ("b", "c")]


@pytest.mark.parametrize(
    ("curve", "words"),
    [
        (np.linspace(100, 0, len(T)), "in per cent"),
        (np.linspace(0.5, 1, len(T)), "rises"),
        (np.linspace(1, -0.2, len(T)), "between 0 and 1"),
        (np.where(T == 5, np.nan, 0.5), "draw 0, 5 years: nan"),
        (np.ones(3), "one value for each"),
    ],
)
def test_bad_curves(curve, words):
    with pytest.raises(UnreadableInput) as found:
        partitioned_survival(GRID, {"stable": curve, "progressed": np.exp(-0.1 * T)})
    assert words in str(found.value)
    assert "stable" in str(found.value)


def test_the_draw_of_a_fault_is_named():
    many = np.tile(np.exp(-0.3 * T), (200, 1))  # more draws than are examined together
    many[170, 3] = 0.99
    with pytest.raises(UnreadableInput, match=r"draw 170, 0\.75 years: 0\.99 \(1 such"):
        partitioned_survival(GRID, {"stable": many, "progressed": np.exp(-0.1 * T)})


@pytest.mark.parametrize("draws_at_once", [1, 7, 40])
def test_blocks_of_draws_change_neither_order_nor_what_is_told(monkeypatch, draws_at_once):
    three = curves(3, 40, 3)
    whole = partitioned_survival(GRID, three)
    assert whole.crossings  # else nothing is compared
    monkeypatch.setattr(examined, "BLOCK", draws_at_once * len(T))
    parts = partitioned_survival(GRID, three)
    for one, other in zip(whole.curves, parts.curves, strict=True):
        np.testing.assert_array_equal(one, other)
    assert [str(c) for c in parts.crossings] == [str(c) for c in whole.crossings]
    assert parts.crossings[0].share == whole.crossings[0].share
    three["s1"][29, 5] = 1.5
    with pytest.raises(UnreadableInput, match=r"draw 29, 1\.25 years"):
        partitioned_survival(GRID, three)


def test_draws_must_agree_and_names_differ():
    with pytest.raises(InvalidSetting, match="same draws"):
        partitioned_survival(GRID, {"a": np.ones((2, len(T))), "b": np.ones((3, len(T)))})
    with pytest.raises(InvalidSetting, match="different names"):
        partitioned_survival(GRID, {"dead": np.ones(len(T))})
