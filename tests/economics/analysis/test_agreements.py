"""Refunds of a model held to a pencil, and to the drug cost that the model itself counts."""

from __future__ import annotations

import numpy as np
import pytest

from coley.economics.analysis.agreements import base_paid_back, cash, paid_back
from coley.economics.analysis.evaluate import evaluate, evaluate_mixed, prepare
from coley.economics.analysis.fitted import FollowUp
from coley.economics.analysis.inputs import base_case, drawn
from coley.economics.model_file.parse import model_of
from coley.model.errors import InvalidSetting

DOSE = 200 * 48.57  # USD: 200 mg of pembrolizumab without waste
GIVEN = np.arange(35) * 21 / 365.25  # the last one at 102 weeks; treatment stops after two years
RATE = 0.5  # of progression on immunotherapy, a year


def agreement(**words):
    return {"strategy": "new", "drug": "pembrolizumab"} | words


def prepared_of(words, *refunds, followed=None):
    model = model_of(words | {"refunds": list(refunds)})
    return prepare(model, followed or {}), model


def test_refunds_in_stages_are_a_sum_over_doses(words):
    stages = [{"by_months": 6, "share": 0.5}, {"by_months": 12, "share": 0.2}]
    prepared, model = prepared_of(words, agreement(stages=stages))
    found = base_paid_back(prepared, model.refunds[0])
    free, (half, whole) = np.exp(-RATE * GIVEN), np.exp(-RATE * np.array([0.5, 1.0]))
    until_half = np.clip(free - half, 0, None)  # at each dose, those who fail after it and by month 6
    until_whole = np.where(GIVEN < 0.5, half - whole, np.clip(free - whole, 0, None))
    pencil = DOSE * (0.5 * until_half + 0.2 * until_whole).sum()
    assert found.agreed[0] == pytest.approx(pencil, rel=2e-4)
    assert found.everything[0] == pytest.approx(DOSE * np.clip(free - whole, 0, None).sum(), rel=2e-4)
    assert found.refunded[0] == pytest.approx(1 - whole, rel=1e-4)


def test_non_responders_are_paid_back_until_the_date(words):
    response = {"value": 0.4, "se": 0.05, "source": "a trial"}
    refund = agreement(non_response={"by_months": 3, "response": response, "share": 0.7})
    prepared, model = prepared_of(words, refund)
    early = GIVEN[GIVEN < 0.25]
    found = base_paid_back(prepared, model.refunds[0])
    pencil = DOSE * (np.exp(-RATE * early) - 0.4).sum()
    assert found.agreed[0] == pytest.approx(0.7 * pencil, rel=2e-4)
    assert found.everything[0] == pytest.approx(pencil, rel=2e-4)
    assert found.refunded[0] == pytest.approx(0.6)
    inputs = drawn(model, prepared.fitted, draws=300, seed=1)
    draws = paid_back(prepared, model.refunds[0], inputs, seed=1)
    rates = inputs.numbers["strategies.new.pfs.hazard_ratio.ratio"]
    shares = inputs.numbers["refunds.pembrolizumab.non_response.response"]
    each = DOSE * (np.exp(-rates[:, None] * early) - shares[:, None]).sum(axis=1)
    assert draws.everything == pytest.approx(each, rel=1e-3)
    assert draws.lowered == 0


def test_more_responders_than_treated_are_refused_in_the_base_case_and_counted_in_draws(words):
    refund = agreement(non_response={"by_months": 12, "response": {"value": 0.7, "source": "ever"}})
    prepared, model = prepared_of(words, refund)
    with pytest.raises(InvalidSetting, match="still on new"):
        base_paid_back(prepared, model.refunds[0])
    refund["non_response"]["response"] = {"value": 0.55, "se": 0.05, "source": "a trial"}
    prepared, model = prepared_of(words, refund)
    draws = paid_back(prepared, model.refunds[0], drawn(model, prepared.fitted, draws=400, seed=2), seed=2)
    assert 0.1 < draws.lowered < 0.6, "0.61 are free of progression"
    assert (draws.everything > 0).all()


def test_what_is_paid_in_cash_is_the_drug_cost_of_the_model(words):
    """Undiscounted, in every draw; and back comes what was found draw by draw."""
    prepared, model = prepared_of(words, agreement(stages=[{"by_months": 6, "share": 0.5}]))
    inputs = drawn(model, prepared.fitted, draws=300, seed=3)
    paid = cash(prepared, model.refunds[0], inputs, seed=3)
    spent = evaluate(prepared, inputs).categories["new", "pembrolizumab"]
    assert paid.spending == pytest.approx(spent, rel=1e-9)
    assert paid.refund == pytest.approx(
        paid_back(prepared, model.refunds[0], inputs, seed=3).agreed, rel=1e-9
    )


def test_refunds_are_discounted_as_the_drug_was(words):
    """Paying everything back to everybody who fails within the horizon leaves the cost of the rest."""
    words |= {"discount": {"costs": 0.05, "effects": 0.05}, "horizon_years": 3}
    prepared, model = prepared_of(words, agreement(stages=[{"by_months": 36, "share": 1.0}]))
    inputs = drawn(model, prepared.fitted, draws=200, seed=4)
    found = paid_back(prepared, model.refunds[0], inputs, seed=4)
    spent = evaluate(prepared, inputs).categories["new", "pembrolizumab"]
    left = np.exp(-inputs.numbers["strategies.new.pfs.hazard_ratio.ratio"] * 3)
    rest = left * (DOSE / 1.05**GIVEN).sum()
    assert spent - found.agreed == pytest.approx(rest, rel=1e-3)
    assert found.agreed == pytest.approx(found.everything)


def test_treatment_beyond_progression_is_not_paid_back(words):
    """Until a curve of its own: later doses of those who failed are spent, and stay spent."""
    plain = agreement(stages=[{"by_months": 12, "share": 1.0}])
    prepared, model = prepared_of(words, plain)
    known = base_paid_back(prepared, model.refunds[0]).agreed[0]
    words["strategies"]["new"]["on_treatment"] = {
        "published": {"family": "exponential", "parameters": {"rate": 0.3}, "time_unit": "years"}
    }
    prepared, model = prepared_of(words, plain)
    longer = base_paid_back(prepared, model.refunds[0])
    assert longer.agreed[0] == pytest.approx(known, rel=1e-3)
    spent = evaluate(prepared, base_case(model, prepared.fitted)).categories["new", "pembrolizumab"]
    assert spent[0] == pytest.approx(DOSE * np.exp(-0.3 * GIVEN).sum(), rel=1e-3)
    paid = cash(prepared, model.refunds[0], base_case(model, prepared.fitted), seed=1)
    assert paid.spending[0] == pytest.approx(spent[0], rel=1e-9)


@pytest.fixture(scope="module")
def patients():
    """Progression and death of 200 patients an arm."""
    rng = np.random.default_rng(12)
    found = {}
    for name, slower in (("old", 1.0), ("new", 0.6)):
        progressed, died = rng.exponential(1 / slower, 200), rng.exponential(2 / slower, 200)
        for endpoint, time in (("pfs", np.minimum(progressed, died)), ("os", died)):
            found[f"{name}.{endpoint}"] = FollowUp(time, np.ones(200, dtype=bool), patients=name)
    return found


def test_each_draw_takes_the_structure_that_it_has_in_the_analysis(words, patients):
    """What is spent in the mixture is what the evaluation of the mixture counts, draw by draw."""
    for name in ("old", "new"):
        for endpoint in ("pfs", "os"):
            words["strategies"][name][endpoint] = {
                "data": {"time": "t", "event": "e", "time_unit": "years"},
                "families": ["exponential"],
                "background": "none",
            }
    words |= {"structures": {"partitioned_survival": 0.5, "clock_forward": 0.3, "clock_reset": 0.2}}
    refund = agreement(stages=[{"by_months": 6, "share": 1.0}])
    prepared, model = prepared_of(words, refund, followed=patients)
    inputs = drawn(model, prepared.fitted, draws=200, seed=5)
    paid = cash(prepared, model.refunds[0], inputs, seed=5)
    spent = evaluate_mixed(prepared, inputs, seed=5).categories["new", "pembrolizumab"]
    assert paid.spending == pytest.approx(spent, rel=1e-9)
    assert paid.refund == pytest.approx(
        paid_back(prepared, model.refunds[0], inputs, seed=5).agreed, rel=1e-9
    )
    other = evaluate(prepared, inputs, structure="clock_reset").categories["new", "pembrolizumab"]
    assert not np.allclose(spent, other, rtol=1e-3), "structures differ, or this tests nothing"
