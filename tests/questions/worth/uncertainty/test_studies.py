"""Planned studies on the page: value, cost and best size."""

from __future__ import annotations

import pytest
from tests.economics.model_file.test_studies import SURVEY, TRIAL
from tests.questions.worth.conftest import ask, pencil

from coley.model.answer import Answer


@pytest.fixture
def level(words) -> float:
    """The threshold at which both strategies are as good."""
    cost, qalys, _ = pencil()
    return float(round((cost[1] - cost[0]) / (qalys[1] - qalys[0])))


def check(answer: Answer, name: str) -> str:
    return next(check.level for check in answer.checks if check.name == name)


def test_a_study_has_its_value_its_net_benefit_and_its_best_size(words, level: float) -> None:
    words["thresholds"] = [level]
    words["population"] |= {"incident_per_year": 1000, "decision_years": 10}
    words["planned_studies"] = [
        {**SURVEY, "sizes": [20, 80, 320], "fixed_cost": 1e5, "cost_per_patient": 300},
        {
            **TRIAL,
            "sizes": [50, 100],
            "cost_per_patient": 9e6,
            "informs": ["curve: new.os", "curve: new.pfs"],
        },
    ]
    answer = ask(words, draws=1000)
    table = answer.tables["planned_studies"]
    survey = table.filter(study="Survey")
    assert survey["net_benefit"].to_list() == pytest.approx(
        (survey["value"] * survey["population"] - survey["cost"]).to_list()
    )
    best = survey.sort("net_benefit", descending=True).row(0, named=True)
    told = answer.estimate("enbs", group="Survey")
    assert told.value == pytest.approx(best["net_benefit"])
    assert f"{best['patients']:.0f} patients" in told.note
    assert answer.estimate("evsi", group="Survey").value == pytest.approx(best["value"])
    assert "no size is worth its cost" in answer.estimate("enbs", group="Trial").note
    assert table.filter(study="Trial")["reports_after_years"].to_list() == [3.75, 4.0]
    assert check(answer, "study_bounds") == "pass"
    assert any("Trial: progression and death of one arm" in caveat for caveat in answer.caveats)
    curve = answer.tables["study_value_1"]
    assert curve.filter(x=0.0, group="Survey")["value"].to_list() == [0.0], "no study tells nothing"
    assert {figure.table for figure in answer.figures} >= {
        "study_value_1",
        "study_value_2",
        "study_net_benefit",
    }


def test_knowing_is_the_most_that_a_study_can_be_worth(words, level: float) -> None:
    words["thresholds"] = [level]
    words["planned_studies"] = [{**SURVEY, "sizes": [20, 1_000_000]}]
    answer = ask(words, draws=1000)
    table = answer.tables["planned_studies"]
    known = answer.tables["information_by_input"].filter(input="utilities.progressed")["value"][0]
    assert table["without_sampling_error"].to_list() == pytest.approx([known] * 2)
    assert table["value"][1] == pytest.approx(known, rel=0.02)
    assert table["value"][0] < known
    assert any("incident_per_year" in told for told in answer.cannot_tell)
    assert answer.tables["planned_studies"]["net_benefit"].null_count() == 2


def test_a_study_that_cannot_change_the_choice_is_said_to_be_worth_nothing(words) -> None:
    words["thresholds"] = [1000]
    words["planned_studies"] = [SURVEY]
    answer = ask(words, draws=300)
    assert (
        "Survey: no result that it can have would change the choice at 1,000 USD per QALY." in answer.caveats
    )
    assert not [estimate for estimate in answer.estimates if estimate.name == "evsi"]
    assert "study_value_1" not in answer.tables


def test_a_model_that_plans_nothing_says_nothing(told: Answer) -> None:
    assert not {"planned_studies", "study_net_benefit"} & set(told.tables)
    assert not [check for check in told.checks if check.name == "study_bounds"]
