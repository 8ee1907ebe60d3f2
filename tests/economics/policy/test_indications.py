from __future__ import annotations

import numpy as np
import pytest

from coley.economics.policy.increment import increment
from coley.economics.policy.indications import indication_prices
from coley.model.errors import InvalidSetting, NotEstimable

K = 50_000


@pytest.fixture
def three():
    rng = np.random.default_rng(3)
    effects, drug = (
        {"melanoma": 1.2, "lung": 0.5, "bladder": 0.15},
        {"melanoma": 6e4, "lung": 4e4, "bladder": 3e4},
    )
    return {
        name: increment(drug[name] + rng.normal(3000, 500, 500), rng.normal(e, e / 5, 500), drug[name])
        for name, e in effects.items()
    }


PATIENTS = {"melanoma": 200, "lung": 1000, "bladder": 300}


def test_blended_price_leaves_the_payer_neither_better_nor_worse(three):
    found = indication_prices(three, PATIENTS, K)
    total = sum(PATIENTS[i] * three[i].net_benefit(K, price=found.blended.value).mean() for i in three)
    assert total == pytest.approx(0, abs=1e-4)
    assert found.transfer.sum() == pytest.approx(0, abs=1e-4)
    spent = np.array([PATIENTS[i] * three[i].drug.mean() for i in found.names])
    assert found.blended.value == pytest.approx(spent @ found.own.value / spent.sum())
    assert found.blended.low < found.blended.value < found.blended.high


def test_limits_of_the_own_price_are_those_of_the_draws(three):
    found = indication_prices(three, PATIENTS, K, level=0.8)
    lung = three["lung"]
    each = (K * lung.effect - lung.rest) / lung.drug
    assert (found.own[1].low, found.own[1].high) == pytest.approx(tuple(np.quantile(each, [0.1, 0.9])))
    worth = [
        (lung.net_benefit(K, price=price) >= 0).mean() for price in (found.own[1].low, found.own[1].high)
    ]
    assert worth == pytest.approx([0.9, 0.1], abs=0.003)


def test_sellers_price_is_the_best_of_a_fine_grid(three):
    found = indication_prices(three, PATIENTS, K)

    def revenue(price):
        return sum(
            PATIENTS[i] * price * three[i].drug.mean()
            for i in three
            if three[i].net_benefit(K, price=price).mean() >= -1e-6
        )

    grid = np.linspace(0, 1.2, 2401)
    assert found.revenue == pytest.approx(revenue(found.single))
    assert found.revenue >= max(map(revenue, grid)) - 1e-6
    # what is there to be had is shared between seller, payer and those left out
    assert found.revenue + found.surplus + found.forgone == pytest.approx(found.revenue_by_indication)


def test_one_indication_has_one_price(three):
    found = indication_prices({"lung": three["lung"]}, {"lung": 10}, K)
    assert found.blended.value == pytest.approx(found.own.value[0])
    assert found.single == pytest.approx(found.own.value[0])
    assert (found.forgone, found.treated.tolist()) == (0.0, [True])


def test_an_indication_without_value_is_not_sold():
    found = indication_prices(
        {"good": increment(3e4, 0.5, 2e4), "bad": increment(3e4, 0.1, 2e4)}, {"good": 1, "bad": 1}, K
    )
    assert found.own.value[1] < 0
    assert found.treated.tolist() == [True, False]
    assert found.revenue_by_indication == pytest.approx(found.revenue)


def test_names_must_agree(three):
    with pytest.raises(InvalidSetting, match="patients a year"):
        indication_prices(three, {"melanoma": 1}, K)
    with pytest.raises(InvalidSetting, match="No indication has a patient"):
        indication_prices(three, dict.fromkeys(three, 0), K)
    with pytest.raises(NotEstimable):
        indication_prices({"free": increment(0.0, 0.1, 0.0)}, {"free": 1}, K)
