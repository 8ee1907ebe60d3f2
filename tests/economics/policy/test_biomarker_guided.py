from __future__ import annotations

import numpy as np
import pytest

from coley.economics.policy.assay import Accuracy, accuracy_from_counts, assay
from coley.economics.policy.biomarker_guided import (
    Worth,
    biomarker_guided,
    value_of_knowing_accuracy,
    value_of_test,
)
from coley.model.errors import InvalidSetting, NotEstimable
from coley.stats.decision.perfect_information import evpi
from coley.stats.judging.decision_curve import decision_curve

TREATED, CONTROL = Worth(95_000, 60_000, 2.4, 1.0), Worth(15_000, 12_000, 1.1, 0.9)


def _known(sensitivity, specificity, prevalence):
    return Accuracy(*(np.atleast_1d(float(x)) for x in (sensitivity, specificity, prevalence)))


def test_against_simulated_patients():
    rng = np.random.default_rng(8)
    n = 400_000
    has = rng.random(n) < 0.35
    positive = np.where(has, rng.random(n) < 0.7, rng.random(n) < 0.2)
    lost = rng.random(n) < 1 - np.exp(-0.8 * 30 / 365.25)
    failed = rng.random(n) < 0.1
    again = failed & (rng.random(n) < 0.5)
    untold = failed & ~(again & (rng.random(n) >= 0.1))
    treats = ~lost & np.where(untold, True, positive)
    cost = np.where(treats, np.where(has, 95_000, 60_000), np.where(has, 15_000, 12_000)) + 500 + 2000 * again
    effect = np.where(treats, np.where(has, 2.4, 1.0), np.where(has, 1.1, 0.9))
    told = assay(500, failed=0.1, rebiopsied=0.5, rebiopsy_cost=2000, waiting_days=30, hazard_per_year=0.8)
    found = biomarker_guided(_known(0.7, 0.8, 0.35), TREATED, CONTROL, assay=told)
    assert found.costs[0, 2] == pytest.approx(cost.mean(), abs=4 * cost.std() / np.sqrt(n))
    assert found.effects[0, 2] == pytest.approx(effect.mean(), abs=4 * effect.std() / np.sqrt(n))
    assert found.treated[0] == pytest.approx(treats.mean(), abs=4 * treats.std() / np.sqrt(n))


def test_a_test_that_says_yes_to_all_is_treating_all_at_its_cost():
    found = biomarker_guided(_known(1, 0, 0.3), TREATED, CONTROL, assay=assay(700))
    assert found.costs[0, 2] == pytest.approx(found.costs[0, 0] + 700)
    assert found.effects[0, 2] == pytest.approx(found.effects[0, 0])
    nobody = biomarker_guided(_known(0, 1, 0.3), TREATED, CONTROL, assay=assay(700))
    assert nobody.costs[0, 2] == pytest.approx(nobody.costs[0, 1] + 700)


def test_a_tossed_coin_is_never_worth_its_price():
    found = biomarker_guided(_known(0.5, 0.5, 0.3), TREATED, CONTROL, assay=assay(0))
    assert (value_of_test(found, np.linspace(0, 200_000, 41)).highest_cost <= 1e-9).all()


@pytest.mark.parametrize("threshold", [0.1, 0.25, 0.4])
def test_net_benefit_is_that_of_a_decision_curve(threshold):
    """A response worth 1 - t and a needless treatment t below nothing: net benefit of decision curves times 1 - t."""
    rng = np.random.default_rng(6)
    chance = rng.uniform(0, 1, 300)
    response = rng.random(300) < chance
    curve = decision_curve({"model": chance}, response, [threshold])
    positive = chance >= threshold
    accuracy = _known(positive[response].mean(), (~positive)[~response].mean(), response.mean())
    found = biomarker_guided(
        accuracy, Worth(0, 0, 1 - threshold, -threshold), Worth(0, 0, 0, 0), assay=assay(0)
    )
    expected = [
        curve.net_benefit[curve.names.index(name), 0] for name in ("treat all", "treat none", "model")
    ]
    assert found.effects[0] / (1 - threshold) == pytest.approx(expected)


def test_at_its_highest_cost_a_test_is_as_good_as_the_better_of_all_and_none():
    accuracy = accuracy_from_counts((80, 30), (150, 20), draws=500, seed=2)
    k = [75_000, 90_000]
    found = value_of_test(biomarker_guided(accuracy, TREATED, CONTROL, assay=assay(300)), k)
    assert (found.highest_cost > 0).all()
    for i, worth in enumerate(k):
        there = biomarker_guided(accuracy, TREATED, CONTROL, assay=assay(found.highest_cost[i]))
        benefit = (worth * there.effects - there.costs).mean(axis=0)
        assert benefit[2] == pytest.approx(benefit[:2].max())
        assert value_of_test(there, [worth]).gain[0] == pytest.approx(0, abs=1e-8)


def test_probabilities_and_limits_are_of_the_draws():
    accuracy = accuracy_from_counts((40, 15), (75, 10), draws=2000, seed=2)
    guided = biomarker_guided(accuracy, TREATED, CONTROL, assay=assay(300))
    found = value_of_test(guided, [70_000])
    benefit = 70_000 * guided.effects - guided.costs
    over = benefit[:, 2] - benefit[:, 0]
    assert found.over_all.value[0] == pytest.approx(over.mean())
    assert found.over_all.low[0] == pytest.approx(np.quantile(over, 0.025))
    assert found.beats_all[0] == (over > 0).mean()
    assert found.gain[0] == pytest.approx(min(found.over_all.value[0], found.over_none.value[0]))


def test_knowing_the_only_doubtful_number_is_knowing_all():
    """With sensitivity alone in doubt its EVPPI is the EVPI."""
    rng = np.random.default_rng(1)
    sensitivity = rng.beta(6, 4, 4000)
    accuracy = Accuracy(sensitivity, np.array([0.85]), np.array([0.35]))
    guided = biomarker_guided(accuracy, TREATED, CONTROL, assay=assay(1500))
    k = [85_000.0]
    found = value_of_knowing_accuracy(guided, k)
    assert found.names == ("sensitivity",)
    everything = evpi(guided.costs, guided.effects, k)
    assert found.value[0, 0] == pytest.approx(everything.value[0], rel=0.01)
    assert everything.value[0] > 10


def test_both_are_worth_at_least_either():
    accuracy = accuracy_from_counts((14, 7), (20, 8), draws=3000, seed=2)
    guided = biomarker_guided(accuracy, TREATED, CONTROL, assay=assay(4000))
    found = value_of_knowing_accuracy(guided, [100_000.0], also=[("prevalence again", accuracy.prevalence)])
    value = dict(zip(found.names, found.value[:, 0], strict=True))
    assert value["accuracy"] >= max(value["sensitivity"], value["specificity"]) - 3 * found.se.max()
    assert value["accuracy"] > 0
    assert value["prevalence again"] == pytest.approx(value["prevalence"])


def test_bad_accuracy():
    with pytest.raises(InvalidSetting, match="Sensitivity"):
        biomarker_guided(_known(93, 0.9, 0.3), TREATED, CONTROL, assay=assay(1))
    with pytest.raises(InvalidSetting, match="Draws must go together"):
        biomarker_guided(
            Accuracy(np.ones(3), np.ones(3), np.ones(3)), Worth([1, 2], 1, 1, 1), CONTROL, assay=assay(1)
        )
    with pytest.raises(NotEstimable, match="nothing to learn"):
        value_of_knowing_accuracy(
            biomarker_guided(_known(0.7, 0.9, 0.3), TREATED, CONTROL, assay=assay(1)), [1.0]
        )
