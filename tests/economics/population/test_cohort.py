from __future__ import annotations

import numpy as np
import pytest

from coley.economics.population.cohort import Cohort
from coley.economics.population.life_tables import life_table
from coley.model.errors import InvalidSetting, MissingData

TABLE = life_table("uk-2018-2020")
TIMES = np.array([0.0, 1, 5, 10, 20, 30])


def test_a_distribution_of_ages_survives_as_its_patients_do():
    rng = np.random.default_rng(1)
    ages, female = np.clip(rng.normal(64, 10, 20_000), 18, 100), rng.random(20_000) < 0.3
    one_by_one = np.mean(
        [TABLE.survival(ages, female, after_years=years) for years in TIMES],
        axis=1,
    )
    assert Cohort.of_patients(ages, female).survival(TABLE, TIMES) == pytest.approx(one_by_one, rel=1e-12)
    drawn = Cohort.normal(64, 10, female=0.3).survival(TABLE, TIMES)
    assert drawn == pytest.approx(one_by_one, abs=0.004)  # 20,000 patients


def test_survivors_of_a_mixed_cohort_are_the_young_so_their_hazard_lags_behind_the_mean_age():
    mixed, mean = Cohort.normal(64, 12, female=0.3), Cohort.normal(64, female=0.3)
    late = mixed.hazard(TABLE, [25.0])[0], mean.hazard(TABLE, [25.0])[0]
    assert late[0] < 0.8 * late[1]


def test_the_hazard_is_the_slope_of_the_survival():
    cohort = Cohort.normal(60, 8, female=0.5)
    times = np.array([4.5, 4.5 + 1e-6])
    slope = -np.diff(np.log(cohort.survival(TABLE, times)))[0] / 1e-6
    assert cohort.hazard(TABLE, times[:1])[0] == pytest.approx(slope, rel=1e-4)


def test_row_order_of_patients_does_not_matter():
    ages, female = np.array([70.0, 50, 60, 50]), np.array([True, False, True, False])
    one = Cohort.of_patients(ages, female)
    other = Cohort.of_patients(ages[::-1], female[::-1])
    assert one.survival(TABLE, TIMES) == pytest.approx(other.survival(TABLE, TIMES), rel=1e-15)
    assert one.weights.tolist() == [0.5, 0.25, 0.25]


def test_a_missing_age_is_no_zero():
    with pytest.raises(MissingData, match=r"age of 1 patient\(s\) is missing"):
        Cohort.of_patients([60.0, np.nan], True)


@pytest.mark.parametrize(("mean", "sd", "female"), [(780, 10, 0.3), (64, -1, 0.3), (64, 10, 29)])
def test_a_cohort_that_cannot_be_is_refused(mean, sd, female):
    with pytest.raises(InvalidSetting, match="No cohort has a mean age"):
        Cohort.normal(mean, sd, female=female)
