"""Severity and the criteria for the end of life, held to a pencil."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm as normal
from tests.questions.worth.conftest import ask, known, mean_years, pencil

from coley.economics.population.cohort import Cohort
from coley.economics.population.life_tables import life_table
from coley.economics.population.norms import norm
from coley.economics.population.shortfall import general_population_qalys


def test_criteria_by_exponential_lives(words) -> None:
    words = known(words) | {"end_of_life": {"thresholds": [50_000, 80_000]}}
    answer = ask(words, draws=200)
    cost, qalys, alive = pencil()
    assert answer.estimate("life_expectancy").value == pytest.approx(12 * alive[0], rel=1e-3)
    assert answer.estimate("life_gained").value == pytest.approx(12 * (alive[1] - alive[0]), rel=1e-3)
    (row,) = answer.tables["end_of_life"].rows(named=True)
    assert row["threshold_by_the_means"] == 80_000, "just below 24 months"
    benefit = answer.estimate("net_benefit_by_end_of_life")
    assert benefit.value == pytest.approx(80_000 * (qalys[1] - qalys[0]) - (cost[1] - cost[0]), rel=1e-3)
    words["strategies"]["old"]["os"]["published"]["parameters"]["rate"] = 0.4
    (row,) = ask(words, draws=200).tables["end_of_life"].rows(named=True)
    assert (row["probability_life_is_short"], row["probability_gain_is_enough"]) == (0, 1)
    assert (row["met_by_the_means"], row["threshold_by_the_means"]) == ("no", 50_000)


def test_each_criterion_has_the_probability_of_its_input(words) -> None:
    words = known(words) | {"end_of_life": {"thresholds": [50_000, 80_000]}}
    words["strategies"]["old"]["os"]["published"]["parameters"]["rate"] = {"value": 0.52, "se": 0.03}
    draws = 4000
    answer = ask(words, draws=draws)
    (row,) = answer.tables["end_of_life"].rows(named=True)
    edge = next(rate for rate in np.linspace(0.49, 0.51, 20_001) if mean_years(rate) < 2)
    expected = normal.sf(edge, 0.52, 0.03)
    error = 4 * np.sqrt(expected * (1 - expected) / draws)
    assert row["probability_life_is_short"] == pytest.approx(expected, abs=error)
    assert row["probability_both"] == row["probability_life_is_short"]
    assert row["expected_threshold"] == pytest.approx(50_000 + 30_000 * row["probability_both"])


def test_life_under_the_comparator_is_told_once(words) -> None:
    words = known(words) | {"end_of_life": {"thresholds": [50_000, 80_000], "source": "a guideline"}}
    words["strategies"]["third"] = words["strategies"]["new"] | {"label": "Another"}
    answer = ask(words, draws=200)
    assert answer.estimate("life_expectancy").group == "Chemotherapy"
    assert answer.tables["end_of_life"]["strategy"].to_list() == ["Immunotherapy", "Another"]
    assert any("(a guideline). Both are met" in caveat for caveat in answer.caveats)


def test_a_withdrawn_rule_says_so(words) -> None:
    words["end_of_life"] = {"thresholds": [50_000, 80_000]}
    caveats = " ".join(ask(words, draws=200).caveats)
    assert "in force from 2009-01 to 2022-01-31 and has been withdrawn" in caveats
    assert "end_of_life" not in ask({k: v for k, v in words.items() if k != "end_of_life"}, draws=200).tables


def test_severity_is_told_where_the_payer_weighs_it(words) -> None:
    words |= {"currency": "GBP", "reference_case": "nice-2026"}
    words["strategies"]["new"]["drugs"][0]["prices"] = ["48.57 GBP per mg"]
    words["strategies"]["new"]["drugs"][0]["price_confirmed"] = True
    words["population"] |= {"life_table": "uk-2018-2020", "age_sd_years": 8}
    words["utilities"]["norms"] = "uk-hse-2014"
    words["discount"] = {"costs": 0.035, "effects": 0.035}
    answer = ask(words, draws=400)
    cohort = Cohort.normal(60, 8, female=0.4)
    without = general_population_qalys(cohort, life_table("uk-2018-2020"), norm("uk-hse-2014"))
    ill = answer.estimate("qalys", group="Chemotherapy").value
    absolute = answer.estimate("absolute_qaly_shortfall")
    assert absolute.value == pytest.approx(without - ill, rel=1e-6)
    share = answer.estimate("proportional_qaly_shortfall").value
    assert share == pytest.approx(1 - ill / without, rel=1e-6)
    assert 0.85 <= share < 0.95, "so that a QALY counts 1.2"
    weighted = answer.tables["severity_weighted"]
    assert set(weighted["weight"]) == {1.2}
    plain = answer.estimate("icer", group="Immunotherapy vs Chemotherapy").value
    assert weighted["icer"][0] == pytest.approx(plain / 1.2, rel=0.03), (
        "of means of draws, not of the base case"
    )
    del words["utilities"]["norms"]
    assert "severity_weighted" not in ask(words, draws=200).tables
