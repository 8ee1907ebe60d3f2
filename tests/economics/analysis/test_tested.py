"""What treatment adds, by part, of a model whose results a pencil gives."""

from __future__ import annotations

import copy
import tomllib

import numpy as np
import pytest
from tests.economics.conftest import TEXT
from tests.questions.worth.conftest import DOSE, pencil

from coley.economics.analysis.evaluate import curves_of, evaluate, prepare
from coley.economics.analysis.inputs import base_case
from coley.economics.analysis.tested import added_by, assay_of
from coley.economics.model_file.parse import model_of

TEST = {
    "label": "a test",
    "treated": "new",
    "otherwise": "old",
    "sensitivity": 0.8,
    "specificity": 0.7,
    "prevalence": 0.25,
}


def worked(**test):
    words = copy.deepcopy(tomllib.loads(TEXT))
    model = model_of({**words, "tests": [TEST | test]})
    prepared = prepare(model, {})
    inputs = base_case(model, prepared.fitted)
    return model, evaluate(prepared, inputs), inputs, curves_of(prepared, inputs)


def test_parts_are_those_of_the_pencil():
    model, found, *_ = worked()
    parts = added_by(found, model.tests[0], gain_without=0.0, drugs_without=0.5)
    cost, qalys, _ = pencil()
    given = np.arange(35) * 21 / 365.25
    drugs = np.exp(-0.5 * given).sum() * (DOSE + 150)
    lost = 0.1 * 0.2 * 4 * 7 / 365.25
    assert parts.spent[0] == pytest.approx(drugs, rel=1e-3)
    assert parts.same_cost[0] == pytest.approx(0.1 * 16_510)
    assert parts.same_effect[0] == pytest.approx(-lost)
    assert parts.gained_effect[0] == pytest.approx(qalys[1] - qalys[0] + lost, rel=2e-3)
    assert parts.gained_cost[0] == pytest.approx(cost[1] - cost[0] - drugs - 1651, rel=5e-3)
    new, old = parts.by_condition(0.25)
    # whoever does not respond gains nothing, loses by adverse events, and costs half the drugs of one who does
    assert new.effect_without[0] - old.effect_without[0] == pytest.approx(-lost)
    assert new.cost_without[0] - old.cost_without[0] == pytest.approx(
        0.5 * drugs / (0.25 + 0.75 * 0.5) + 1651, rel=1e-3
    )


def test_the_other_way_round_the_drugs_are_saved():
    model, found, *_ = worked(treated="old", otherwise="new")
    parts = added_by(found, model.tests[0], gain_without=0.0, drugs_without=1.0)
    assert parts.spent[0] == pytest.approx(0, abs=1e-6)
    assert parts.same_cost[0] < -0.9 * found.categories["new", "pembrolizumab"][0]


def test_who_waits_dies_on_the_curve_of_the_other_strategy():
    model, _, inputs, curves = worked(
        turnaround=26, failed=0.2, rebiopsied=0.5, rebiopsy_cost=1000, test_cost=300
    )
    told = assay_of(model.tests[0], "tests.1", inputs.numbers, alive=curves.curves["old.os"])
    assert told.lost_waiting[0] == pytest.approx(1 - np.exp(-0.5 * 26 * 7 / 365.25), rel=1e-3)
    assert told.untold[0] == pytest.approx(0.2 * (1 - 0.5 * 0.8))
    assert told.all_costs[0] == pytest.approx(300 + 0.2 * 0.5 * 1000)
    assert told.decided[0] + told.treated_untold[0] == pytest.approx(1 - told.lost_waiting[0])
    model, _, inputs, curves = worked(turnaround=26, lost_waiting=0.03, treat_untold=False, failed=0.2)
    told = assay_of(model.tests[0], "tests.1", inputs.numbers, alive=curves.curves["old.os"])
    assert told.lost_waiting[0] == 0.03
    assert told.treated_untold[0] == 0
    assert told.decided[0] == pytest.approx(0.97 * 0.8)
