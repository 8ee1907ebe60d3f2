"""The best size of a study against the closed form of its net benefit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from coley.model.errors import InvalidSetting
from coley.stats.decision.evsi_shrinkage import evsi_gaussian
from coley.stats.decision.study_size import enbs

SIZES = np.arange(5.0, 400, 5)


@pytest.fixture(scope="module")
def information():
    p = np.random.default_rng(1).normal(1, 1, 20_000)
    e = np.column_stack([np.zeros_like(p), 1000 * p])
    return evsi_gaussian(0 * e, e, [1.0], parameters=p, prior_size=9, sizes=SIZES)


def test_best_size(information):
    sd = np.sqrt(SIZES / (SIZES + 9))
    worth = 1000 * (sd * norm.pdf(1 / sd) + norm.cdf(1 / sd) - 1)
    exact = 8000 * worth - 50_000 - 1500 * SIZES
    found = enbs(information, 8000, fixed_cost=50_000, cost_per_participant=1500)
    np.testing.assert_allclose(found.value[:, 0], exact, atol=3 * found.se.max())
    assert abs(found.best_size[0] - SIZES[exact.argmax()]) <= 15
    assert not found.at_edge[0]


def test_no_study_or_an_ever_larger_one(information):
    none = enbs(information, 10, fixed_cost=50_000, cost_per_participant=100)
    assert (none.best_size[0], none.at_edge[0]) == (0, False)
    free = enbs(information, 1e6, fixed_cost=0, cost_per_participant=0)
    assert free.best_size[0] == SIZES.max()
    assert free.at_edge[0]


def test_population_that_shrinks_while_the_study_runs(information):
    still = enbs(information, 8000, fixed_cost=0, cost_per_participant=1500)
    shrinking = enbs(information, 8000 * np.exp(-SIZES / 300), fixed_cost=0, cost_per_participant=1500)
    assert shrinking.best_size[0] < still.best_size[0]


def test_refusals(information):
    for population, cost, words in ((-1, 1, "population"), (1, -1, "cost"), ([1, 2], 1, "one for each")):
        with pytest.raises(InvalidSetting, match=words):
            enbs(information, population, fixed_cost=cost, cost_per_participant=1)
