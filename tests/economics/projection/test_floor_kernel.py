"""The compiled loop gives what following each group by itself gives."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest

from coley.economics.population.cohort import Cohort
from coley.economics.population.life_tables import life_table
from coley.economics.projection.background import at_least_background
from coley.economics.projection.curve import curve_of_rates


def test_groups_followed_together_are_groups_followed_alone() -> None:
    times = np.linspace(0, 30, 361)
    cohort, table = Cohort.normal(66, 9, female=0.3), life_table("uk-2018-2020")
    given = curve_of_rates(times, [0, 2, 9], [[0.3, 0.05, 0.001], [0.0, 0.2, 0.04], [2.0, 0.5, 50.0]])
    least = np.diff(cohort.cumulative_hazards(table, times), axis=1)
    alive, held = 0.0, 0.0
    for weight, floor in zip(cohort.weights, least, strict=True):
        steps = np.maximum(given.steps, floor)
        alive = alive + weight * np.exp(-np.cumsum(steps, axis=1))
        held = held + weight * (given.steps < floor)
    found = at_least_background(given, cohort, table)
    assert found.curve.survival[:, 1:] == pytest.approx(alive, rel=1e-10, abs=1e-300)
    assert (found.curve.survival[:, 0] == 1).all()
    for draw in (0, 1):
        runs = [
            list(run) for on, run in groupby(range(360), key=lambda k: bool(held[draw, k] > 0.5 + 1e-9)) if on
        ]
        assert found.from_years[draw] == times[max(runs, key=len)[0]]
    assert found.from_years[1] > 9, "the longest stretch, not the first"
    assert np.isnan(found.from_years[2])
    assert np.array_equal(np.isfinite(found.from_years), (held > 0.5 + 1e-9).any(axis=1))
