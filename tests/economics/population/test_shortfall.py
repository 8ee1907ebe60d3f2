from __future__ import annotations

import csv

import numpy as np
import pytest

from coley.economics.population.cohort import Cohort
from coley.economics.population.life_tables import life_table
from coley.economics.population.norms import age_multiplier, mean_utility, norm
from coley.economics.population.shortfall import general_population_qalys, severity_weight, shortfall
from coley.model.errors import InvalidSetting, UnknownName

UK = life_table("uk-2018-2020"), norm("uk-hse-2014")


def test_at_the_mean_age_the_general_population_has_the_qalys_of_the_worked_example():
    # SOURCE.txt of nice_rcc_id6184: 10.78 at the mean age of 64.4 with 29 % women, 3.5 % a year.
    assert general_population_qalys(Cohort.normal(64.4, female=0.29), *UK) == pytest.approx(10.78, abs=0.005)


def test_a_distribution_of_ages_has_fewer_qalys_than_its_mean_age():
    spread = general_population_qalys(Cohort.normal(64.4, 10.2, female=0.29), *UK)
    ages = np.random.default_rng(1).normal(64.4, 10.2, 300)
    one_by_one = [general_population_qalys(Cohort.of_patients([age], False), *UK) for age in np.sort(ages)]
    together = general_population_qalys(Cohort.of_patients(ages, False), *UK)
    assert together == pytest.approx(np.mean(one_by_one), rel=1e-9), (
        "QALYs of a cohort are the mean of its people's"
    )
    assert spread < general_population_qalys(Cohort.normal(64.4, female=0.29), *UK)


def test_utility_multiplier_starts_at_one_and_falls():
    times = np.array([0.0, 5, 10, 20])
    path = age_multiplier(UK[1], Cohort.normal(60, female=0.5), UK[0], times)
    assert path[0] == 1
    assert (np.diff(path) < 0).all()
    at_60 = mean_utility(UK[1], Cohort.normal(60, female=0.5), UK[0], [0.0])[0]
    assert at_60 == pytest.approx(UK[1].at(60, [True, False]).mean())


@pytest.mark.real
def test_severity_cases_of_the_nice_model(shared):
    folder = shared / "economics" / "nice_rcc_id6184"
    with (folder / "severity_modifier_cases.csv").open() as file:
        cases = [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]
    lost = shortfall([c["qalys_disease"] for c in cases], [c["qalys_nodisease"] for c in cases])
    assert severity_weight(lost).tolist() == [c["weight"] for c in cases]
    with (folder / "severity_modifier_appendixQ_table2.csv").open() as file:
        rows = list(csv.DictReader(file))
    lost = shortfall([float(r["soc_qalys"]) for r in rows], [float(r["genpop_qalys"]) for r in rows])
    assert lost.absolute == pytest.approx([float(r["abs_shortfall"]) for r in rows], abs=1.1e-3)
    assert lost.proportional == pytest.approx([float(r["prop_shortfall"]) for r in rows], abs=6e-4)
    assert severity_weight(lost).tolist() == [float(r["modifier"]) for r in rows]


def test_either_shortfall_can_reach_a_weight_and_the_larger_counts():
    assert severity_weight(shortfall([9.0, 0.4, 2.0], [23.0, 4.1, 22.0])).tolist() == [1.2, 1.2, 1.7]
    assert severity_weight(shortfall([1.5], [10.0])).tolist() == [1.2], "0.85 itself is reached"


def test_what_cannot_be_is_refused():
    with pytest.raises(InvalidSetting, match="must have QALYs to lose"):
        shortfall(1.0, 0.0)
    with pytest.raises(UnknownName, match="nice-2022"):
        severity_weight(shortfall(1.0, 2.0), "nice-2021")
    with pytest.raises(InvalidSetting, match=r"discount rate of 3\.5"):
        general_population_qalys(Cohort.normal(64.4, female=0.29), *UK, discount=3.5)
