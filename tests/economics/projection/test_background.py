from __future__ import annotations

import numpy as np
import pytest

from coley.economics.population.cohort import Cohort
from coley.economics.population.life_tables import life_table
from coley.economics.projection.background import at_least_background, with_background
from coley.economics.projection.curve import curve, curve_of_rates

TABLE = life_table("usa-2015")
COHORT = Cohort.normal(60, 10, female=0.4)
TIMES = np.linspace(0, 40, 481)


def test_the_cured_die_as_the_population_does():
    nobody_dies_of_it = curve_of_rates(TIMES, [0], [0.0])
    joined = with_background(nobody_dies_of_it, COHORT, TABLE)
    assert joined.survival[0] == pytest.approx(COHORT.survival(TABLE, TIMES), rel=1e-12)


def test_hazards_add_where_all_have_one_age():
    one = Cohort.normal(70, female=1.0)
    joined = with_background(curve_of_rates(TIMES, [0], [[0.1], [0.3]]), one, TABLE)
    middle = (TIMES[1:] + TIMES[:-1]) / 2
    assert joined.mean_hazard()[1] - joined.mean_hazard()[0] == pytest.approx(0.2)
    assert joined.mean_hazard()[0] == pytest.approx(0.1 + TABLE.hazard(70 + middle, True), abs=1e-9)


def test_the_floor_leaves_a_high_hazard_alone_and_lifts_a_low_one():
    high = curve_of_rates(TIMES, [0], [2.0])
    kept = at_least_background(high, COHORT, TABLE)
    assert kept.curve.survival[0, :60] == pytest.approx(high.survival[0, :60], rel=1e-9)
    assert np.isnan(kept.from_years[0])

    plateau = curve(TIMES, np.maximum(np.exp(-TIMES), 0.3))
    floored = at_least_background(plateau, COHORT, TABLE)
    assert 0 < floored.from_years[0] < 2
    assert floored.years_lost[0] > 2
    # On the plateau all die as people of their ages do.
    late = TIMES >= 2
    wanted = 0.3 * COHORT.survival(TABLE, TIMES) / COHORT.survival(TABLE, TIMES)[np.argmax(late)]
    assert floored.curve.survival[0, late] == pytest.approx(wanted[late], abs=0.004)


def test_nobody_lives_longer_than_the_population_for_any_draw():
    draws = curve_of_rates(TIMES, [0, 2], np.array([[0.4, 0.001], [0.02, 0.02], [0.0, 0.5]]))
    floored = at_least_background(draws, COHORT, TABLE).curve
    assert (floored.survival <= COHORT.survival(TABLE, TIMES) + 1e-12).all()
    assert (floored.survival <= draws.survival + 1e-12).all()


def test_a_hazard_that_rises_from_zero_is_not_said_to_be_held():
    times = np.linspace(0, 20, 1041)
    hazard = np.where(times < 0.1, 0.0, 0.9)
    survival = np.exp(-np.r_[0, np.cumsum(hazard[:-1] * np.diff(times))])
    floored = at_least_background(curve(times, survival), COHORT, TABLE)
    assert floored.years_lost[0] > 0, "it is held all the same"
    assert np.isnan(floored.from_years[0]) or floored.from_years[0] > 1
