"""Two inputs varied together, held to models in which both were changed by hand."""

from __future__ import annotations

import numpy as np
import pytest
from tests.economics.analysis.test_transitions import follow

from coley.economics.analysis.evaluate import evaluate, prepare
from coley.economics.analysis.inputs import base_case, curve_years, drawn
from coley.economics.analysis.two_way import vary_two
from coley.economics.model_file.parse import model_of
from coley.model.errors import UnknownName

X, Y = "utilities.progressed", "strategies.new.drugs.pembrolizumab.discount"


def benefit(words, threshold: float) -> np.ndarray:
    model = model_of(words)
    found = evaluate(prepare(model, {}), base_case(model, {}))
    return threshold * found.effects[0] - found.costs[0]


def test_every_cell_is_the_model_with_both_numbers_changed(words) -> None:
    words["two_way"] = [{"x": X, "y": {"of": Y, "low": 0.1, "high": 0.9}, "steps": 3}]
    model = model_of(words)
    found = vary_two(prepare(model, {}), drawn(model, {}, draws=200, seed=1), model.two_way[0], threshold=1e5)
    assert found.grid.first == pytest.approx([0.4, 0.5, 0.6])
    assert found.grid.second == pytest.approx([0.1, 0.5, 0.9])
    assert found.base == (0.5, 0.0)
    for i, utility in enumerate(found.grid.first):
        for j, discount in enumerate(found.grid.second):
            words["utilities"]["progressed"] = float(utility)
            words["strategies"]["new"]["drugs"][0] |= {"discount": float(discount), "price_confirmed": True}
            words["two_way"] = []
            by_hand = benefit(words, 1e5)
            assert found.grid.benefit[i, j] == pytest.approx(by_hand, rel=1e-9)
            assert found.grid.best[i, j] == by_hand.argmax()
    assert set(found.grid.best.ravel()) == {0, 1}, "the choice turns within the grid"


def test_places_that_are_alike_move_together(words) -> None:
    places = ["utilities.progressed", "utilities.progression_free"]
    words["two_way"] = [
        {"x": {"of": places, "low": 0.2, "high": 0.8}, "y": "costs.progressed_per_month", "steps": 2}
    ]
    model = model_of(words)
    found = vary_two(prepare(model, {}), drawn(model, {}, draws=200, seed=1), model.two_way[0], threshold=1e5)
    low, high = model.costs.progressed_per_month.ends()
    words["two_way"] = []
    words["utilities"] = {"progressed": 0.8, "progression_free": 0.8}
    words["costs"]["progressed_per_month"] = low
    assert found.grid.benefit[1, 0] == pytest.approx(benefit(words, 1e5), rel=1e-9)
    words["costs"]["progressed_per_month"] = high
    assert found.grid.benefit[1, 1] == pytest.approx(benefit(words, 1e5), rel=1e-9)


def test_turning_the_axes_turns_the_grid(words) -> None:
    x, y = "utilities.progressed", "costs.progressed_per_month"
    words["two_way"] = [{"x": x, "y": y, "steps": 3}, {"x": y, "y": x, "steps": 3}]
    model = model_of(words)
    prepared, inputs = prepare(model, {}), drawn(model, {}, draws=200, seed=1)
    one, two = (vary_two(prepared, inputs, pair, threshold=1e5).grid for pair in model.two_way)
    assert one.benefit == pytest.approx(np.swapaxes(two.benefit, 0, 1), rel=1e-12)


def test_a_curve_takes_the_draws_whose_mean_years_are_wanted(words) -> None:
    followed, _ = follow(300)
    data = {"time": "t", "event": "e", "time_unit": "years"}
    for strategy in words["strategies"].values():
        for endpoint in ("pfs", "os"):
            strategy[endpoint] = {"data": data, "families": ["weibull"], "background": "none"}
    words["two_way"] = [{"x": "curve: new.os", "y": "utilities.progressed", "steps": 5}]
    model = model_of(words)
    prepared = prepare(model, followed)
    inputs = drawn(model, prepared.fitted, draws=400, seed=1)
    found = vary_two(prepared, inputs, model.two_way[0], threshold=1e5)
    years = curve_years(model, prepared.fitted, inputs)["new.os"]
    assert found.grid.first[[0, -1]] == pytest.approx(np.quantile(years, [0.025, 0.975]))
    k = int(np.abs(years - found.grid.first[-1]).argmin())
    one = inputs.take(np.array([k]))
    base = base_case(model, prepared.fitted)
    made = type(base)(
        {**base.numbers, "utilities.progressed": np.array([0.4])},
        {**base.curves, "new.os": one.curves["new.os"]},
    )
    result = evaluate(prepared, made)
    assert found.grid.benefit[-1, 0] == pytest.approx(1e5 * result.effects[0] - result.costs[0], rel=1e-9)
    added = found.grid.benefit[:, 2, 1] - found.grid.benefit[:, 2, 0]
    assert added[-1] > added[0], "a longer life with the new treatment speaks for it"


def test_a_curve_without_draws_of_its_own_is_refused(words) -> None:
    words["two_way"] = [{"x": "curve: new.os", "y": "utilities.progressed"}]
    model = model_of(words)
    with pytest.raises(UnknownName, match=r"no curve of several draws named 'new\.os'"):
        vary_two(prepare(model, {}), drawn(model, {}, draws=200, seed=1), model.two_way[0], threshold=1e5)
