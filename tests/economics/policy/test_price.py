from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coley.economics.analysis.evaluate import evaluate, prepare
from coley.economics.analysis.inputs import base_case, drawn
from coley.economics.model_file.parse import model_of
from coley.economics.policy.increment import increment
from coley.economics.policy.price import price_acceptability, price_at_threshold
from coley.model.errors import InvalidSetting, NotEstimable


@pytest.fixture
def added():
    rng = np.random.default_rng(7)
    drug = rng.gamma(100, 450, 2001)
    return increment(drug + rng.normal(8000, 3000, 2001), rng.normal(0.6, 0.2, 2001), drug)


def test_expected_price_is_what_a_search_finds(added):
    k = np.array([30_000, 60_000, 100_000])
    found = price_at_threshold(added, k)
    for worth, price in zip(k, found.expected, strict=True):
        low, high = -10.0, 10.0
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (middle, high) if added.net_benefit(worth, price=middle).mean() > 0 else (low, middle)
        assert price == pytest.approx(low, abs=1e-12)


@pytest.mark.parametrize("p", [0.5, 0.8, 0.9, 0.975])
def test_price_with_a_probability_is_the_highest_that_has_it(added, p):
    k = 80_000
    found = price_at_threshold(added, k, probabilities=[p]).with_probability[0, 0]
    assert (added.net_benefit(k, price=found - 1e-9) >= 0).mean() >= p
    assert (added.net_benefit(k, price=found + 1e-9) >= 0).mean() < p


def test_prices_by_brute_force_over_a_grid_of_prices(added):
    multiples, k = np.linspace(0, 2, 21), [40_000, 80_000]
    found = price_acceptability(added, multiples, k)
    for i, m in enumerate(multiples):
        for j, worth in enumerate(k):
            assert found[i, j] == pytest.approx((added.net_benefit(worth, price=m) >= 0).mean(), abs=1e-12)


def test_a_model_run_again_at_the_price_breaks_even(words):
    """Linearity is the engine's, not assumed: the whole model is run at the price that was found."""
    model = model_of(words)
    prepared = prepare(model, {})
    for inputs in (base_case(model, prepared.fitted), drawn(model, prepared.fitted, draws=60, seed=2)):
        ran = evaluate(prepared, inputs)
        added = increment(
            ran.costs[:, 1] - ran.costs[:, 0],
            ran.effects[:, 1] - ran.effects[:, 0],
            ran.categories["new", "pembrolizumab"],
        )
        price = price_at_threshold(added, 100_000).expected[0]
        again = {**words, "strategies": {**words["strategies"]}}
        again["strategies"]["new"]["drugs"][0]["prices"] = [f"{float(48.57 * price)!r} USD per mg"]
        cheaper = model_of(again)
        redone = evaluate(prepare(cheaper, {}), inputs)
        benefit = 100_000 * redone.effects - redone.costs
        assert (benefit[:, 1] - benefit[:, 0]).mean() == pytest.approx(0, abs=1e-6 * redone.costs.mean())


@given(st.floats(0.1, 10), st.integers(0, 100))
def test_order_of_draws_and_unit_of_money(scale, seed):
    rng = np.random.default_rng(seed)
    cost, effect, drug = rng.normal(5e4, 1e4, 40), rng.normal(0.5, 0.2, 40), rng.uniform(2e4, 4e4, 40)
    first = price_at_threshold(increment(cost, effect, drug), [50_000])
    order = rng.permutation(40)
    other = price_at_threshold(
        increment(cost[order] * scale, effect[order], drug[order] * scale), [50_000 * scale]
    )
    for name in ("expected", "low", "high", "with_probability"):
        assert getattr(first, name) == pytest.approx(getattr(other, name), rel=1e-9, abs=1e-9)


def test_price_rises_with_the_threshold_and_falls_with_certainty(added):
    found = price_at_threshold(added, np.linspace(0, 200_000, 21), probabilities=(0.5, 0.8, 0.9))
    assert (np.diff(found.expected) > 0).all()
    assert (np.diff(found.with_probability, axis=0) <= 0).all()
    assert (found.low < found.high).all()
    assert found.expected[0] < 0  # worth nothing, and other costs are there
    assert found.net(48.57) == pytest.approx(found.expected * 48.57)


def test_a_drug_that_the_strategy_does_not_add_has_no_price():
    with pytest.raises(NotEstimable, match="highest price"):
        price_at_threshold(increment([1.0, 2.0], [0.1, 0.2], [5.0, -1.0]), 50_000)
    with pytest.raises(InvalidSetting, match="80 %"):
        price_at_threshold(increment(10.0, 0.1, 5.0), 50_000, probabilities=[80])
    with pytest.raises(InvalidSetting, match="Draws must go together"):
        increment([1.0, 2.0], [0.1, 0.2, 0.3], 1.0)
    with pytest.raises(InvalidSetting, match="added effect"):
        increment([1.0], [np.nan], 1.0)
