"""Draws in blocks give what they give together, however they are cut and on however many threads."""

from __future__ import annotations

import numpy as np
import pytest

from coley.economics.course.blocks import in_blocks
from coley.economics.course.grid import cycles
from coley.economics.course.outcome import evaluate
from coley.economics.course.partitioned import partitioned_survival
from coley.economics.course.rewards import Charges, Reward
from coley.model.errors import InvalidSetting

DRAWS = 101
GRID = cycles(5, 0.25)
RNG = np.random.default_rng(1)
FIRST, SECOND, PRICE = RNG.uniform(0.2, 0.9, DRAWS), RNG.uniform(0.1, 0.5, DRAWS), RNG.uniform(1, 2, DRAWS)


def run(rows):
    curves = {
        "stable": np.exp(-FIRST[rows, None] * GRID.times_years),
        "progressed": np.exp(-SECOND[rows, None] * GRID.times_years),
    }
    rewards = [
        Reward("care", "cost", by_state={"stable": PRICE[rows], "progressed": 2.0}, at_start=PRICE[rows]),
        Charges("drug", "cost", times_years=[0.0, 1.0], amounts=[5.0, 6.0], while_in=("stable",)),
        Reward("qalys", "effect", by_state={"stable": 0.8, "progressed": 0.6}),
    ]
    return evaluate(partitioned_survival(GRID, curves), rewards, strategy="new")


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("size", [1, 30, 101, 5000])
def test_equals_all_draws_at_once(size, threads):
    whole, cut = run(slice(None)), in_blocks(run, DRAWS, size=size, threads=threads)
    assert (cut.strategy, cut.states, cut.course) == ("new", whole.states, None)
    for name in ("discounted", "undiscounted"):
        one, two = getattr(whole, name), getattr(cut, name)
        for field in ("costs", "effects", "life_years"):
            np.testing.assert_allclose(getattr(two, field), getattr(one, field), rtol=1e-13)
        for category, total in one.by_category.items():
            np.testing.assert_allclose(two.by_category[category], total, rtol=1e-13)
            np.testing.assert_allclose(two.by_state[category], one.by_state[category], rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(cut.state_years, whole.state_years, rtol=1e-10, atol=1e-13)
    (expected,), (found,) = whole.crossings, cut.crossings
    assert 0 < found.crossing < DRAWS
    assert (found.draws, found.crossing) == (expected.draws, expected.crossing)
    assert found.mean_years == pytest.approx(expected.mean_years)
    assert found.most_years == pytest.approx(expected.most_years)


def test_refusals():
    with pytest.raises(InvalidSetting):
        in_blocks(run, 0)
    with pytest.raises(InvalidSetting):
        in_blocks(run, DRAWS, threads=0)
