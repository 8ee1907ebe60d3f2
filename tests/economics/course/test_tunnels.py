"""Tunnel states against a cohort followed by time in state."""

from __future__ import annotations

import numpy as np
import pytest

from coley.economics.course.cohort import markov_cohort
from coley.economics.course.grid import cycles
from coley.economics.course.tunnels import tunnels
from coley.model.errors import UnknownName, UnreadableInput

STATES = ("well", "ill", "dead")
BASE = np.array([[0.6, 0.3, 0.1], [0.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
ROWS = np.array([[0.3, 0.2, 0.5], [0.2, 0.5, 0.3], [0.0, 0.9, 0.1]])  # by cycles spent ill


def by_hand(n):
    """Follow the ill by the number of cycles that they have been ill."""
    well, dead, ill = 1.0, 0.0, np.zeros(n + 1)
    path = [(well, ill.sum(), dead)]
    for _ in range(n):
        rows = ROWS[np.minimum(np.arange(n + 1), 2)]
        newly = 0.3 * well
        well, dead = 0.6 * well + ill @ rows[:, 0], dead + 0.1 * well + ill @ rows[:, 2]
        ill = np.r_[newly, (ill * rows[:, 1])[:-1]]
        path.append((well, ill.sum(), dead))
    return np.array(path)


def test_equals_a_cohort_that_remembers():
    split = tunnels(BASE, "ill", rows=ROWS, states=STATES)
    course = markov_cohort(cycles(12, 1), split.transitions, states=split.states)
    np.testing.assert_allclose(split.gathered(course)[0], by_hand(12))


def test_draws_and_spread():
    split = tunnels(BASE, "ill", rows=np.stack([ROWS, ROWS[:, [1, 0, 2]]]), states=STATES)
    assert split.transitions.shape == (2, 5, 5)
    np.testing.assert_allclose(split.transitions.sum(axis=2), 1)
    assert split.states == ("well", "ill 1", "ill 2", "ill 3", "dead")
    assert split.spread({"well": 1.0, "ill": 0.5}) == {"well": 1.0, "ill 1": 0.5, "ill 2": 0.5, "ill 3": 0.5}


def test_equal_rows_change_nothing():
    whole = BASE.copy()
    whole[1] = ROWS[0]
    split = tunnels(BASE, "ill", rows=np.tile(ROWS[0], (4, 1)), states=STATES)
    grid = cycles(9, 1)
    plain = markov_cohort(grid, whole, states=STATES).occupancy
    np.testing.assert_allclose(
        split.gathered(markov_cohort(grid, split.transitions, states=split.states)), plain
    )


def test_refusals():
    with pytest.raises(UnknownName):
        tunnels(BASE, "sick", rows=ROWS, states=STATES)
    with pytest.raises(UnreadableInput, match="cycles in the state"):
        tunnels(BASE, "ill", rows=ROWS[:, :2], states=STATES)
