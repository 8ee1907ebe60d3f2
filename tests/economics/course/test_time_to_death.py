"""Utilities by time to death: closed form, patients followed one by one, and refusals."""

from __future__ import annotations

import numpy as np
import pytest

from coley.economics.course.discounting import NO_DISCOUNT, Discount
from coley.economics.course.grid import cycles
from coley.economics.course.outcome import evaluate
from coley.economics.course.partitioned import partitioned_survival
from coley.economics.course.rewards import Reward
from coley.economics.course.time_to_death import time_to_death_qalys
from coley.model.errors import InvalidSetting, UnreadableInput

BANDS, UTILITIES = (1 / 12, 0.5, 1.0), (0.4, 0.55, 0.65, 0.8)
GRID = cycles(21, 1 / 52)
T = GRID.times_years


def test_constant_hazard():
    rates = np.array([0.3, 0.9])
    found = time_to_death_qalys(
        GRID,
        np.exp(-rates[:, None] * T),
        bands_years=BANDS,
        utilities=UTILITIES,
        discount=Discount(0.05, "continuous"),
    )
    edges = np.exp(-rates[:, None] * np.array([0.0, *BANDS, np.inf]))
    mean = (-np.diff(edges) * UTILITIES).sum(axis=1)
    np.testing.assert_allclose(found, mean * (1 - np.exp(-20 * (rates + 0.05))) / (rates + 0.05), rtol=1e-4)


def test_equals_patients_one_by_one():
    """Every patient's own years, valued by how far death is; survival is that of these same patients."""
    deaths = np.sort(np.random.default_rng(1).weibull(0.9, 4000) * 2.0).clip(max=18)
    survival = (deaths[:, None] > T).mean(axis=0)
    starts, ends = np.r_[0.0, BANDS], np.r_[BANDS, np.inf]
    years = np.clip(deaths[:, None], starts, ends) - starts  # each patient's last month, last half year ...
    expected = (years @ UTILITIES).mean()
    found = time_to_death_qalys(GRID, survival, bands_years=BANDS, utilities=UTILITIES, discount=NO_DISCOUNT)
    assert found[0] == pytest.approx(expected, rel=3e-3)


def test_equal_utilities_are_a_utility_of_being_alive():
    survival = np.exp(-np.array([[0.2], [0.5]]) * T)
    age = np.linspace(1, 0.7, len(T))
    found = time_to_death_qalys(
        GRID, survival, bands_years=BANDS, utilities=np.full((2, 4), 0.7), multiplier=age
    )
    grid = cycles(20, 1 / 52)
    course = partitioned_survival(grid, {"alive": survival[:, : len(grid)]})
    alive = Reward("u", "effect", by_state={"alive": 0.7}, multiplier=age[: len(grid)])
    np.testing.assert_allclose(found, evaluate(course, [alive]).effects)


def test_refusals():
    survival = np.exp(-0.3 * T)
    with pytest.raises(InvalidSetting, match="increase"):
        time_to_death_qalys(GRID, survival, bands_years=(1.0, 0.5), utilities=(0.4, 0.5, 0.6))
    with pytest.raises(InvalidSetting, match="beyond the horizon"):
        time_to_death_qalys(GRID, survival, bands_years=BANDS, utilities=UTILITIES, horizon_years=20.5)
    with pytest.raises(UnreadableInput, match="need 4 utilities"):
        time_to_death_qalys(GRID, survival, bands_years=BANDS, utilities=(0.4, 0.5))
    with pytest.raises(UnreadableInput, match="between -1 and 1"):
        time_to_death_qalys(GRID, survival, bands_years=BANDS, utilities=(0.4, 0.5, 0.6, 80))
