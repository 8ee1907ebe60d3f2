"""Costs year by year, held to a model that is run anew to the end of every year."""

from __future__ import annotations

import numpy as np
import pytest
from tests.economics.analysis.test_transitions import fitted_model, follow

from coley.economics.analysis.evaluate import evaluate, prepare
from coley.economics.analysis.inputs import drawn
from coley.economics.analysis.yearly import costs_by_year
from coley.economics.model_file.parse import model_of

FREE = {"costs": 0.0, "effects": 0.0}


def rerun(model, followed, inputs, years: int, *, structure: str = "") -> np.ndarray:
    """Cost of each year as differences between runs to the end of each, (D, S, years)."""
    until = [np.zeros((inputs.draws, len(model.strategies)))]
    for year in range(1, years + 1):
        words = {**model.model_dump(), "horizon_years": year, "discount": FREE}
        short = prepare(type(model).model_validate(words), followed)
        until.append(evaluate(short, inputs, structure=structure).costs)
    return np.diff(np.stack(until, axis=-1), axis=-1)


@pytest.mark.parametrize("correction", ["half_cycle", "simpson", "start", "end", "life_table"])
def test_one_run_tells_what_a_run_to_the_end_of_each_year_tells(words, correction: str) -> None:
    words |= {"correction": correction, "discount": {"costs": 0.035, "effects": 0.035}}
    words["strategies"]["old"]["once_at_start"] = 700
    model = model_of(words)
    inputs = drawn(model, {}, draws=20, seed=3)
    found = costs_by_year(prepare(model, {}), inputs, 4, seed=1)
    by_hand = rerun(model, {}, inputs, 4)
    for i, name in enumerate(("old", "new")):
        assert found[name] == pytest.approx(by_hand[:, i], rel=1e-9)


def test_draws_are_shared_out_among_the_structures(words) -> None:
    followed, _ = follow(300)
    words = fitted_model(words, "clock_reset")
    words["structures"] = {"partitioned_survival": 1, "clock_reset": 1}
    model = model_of(words)
    prepared = prepare(model, followed)
    inputs = drawn(model, prepared.fitted, draws=40, seed=3)
    found = costs_by_year(prepared, inputs, 2, seed=1)["new"]
    each = [
        rerun(model, followed, inputs, 2, structure=structure)[:, 1]
        for structure in ("partitioned_survival", "clock_reset")
    ]
    agree = [np.isclose(found, one, rtol=1e-9).all(axis=1) for one in each]
    assert (agree[0] ^ agree[1]).all()
    assert agree[0].sum() == 20


def test_what_comes_after_the_years_does_not_count(model) -> None:
    prepared, inputs = prepare(model, {}), drawn(model, {}, draws=5, seed=3)
    longer = costs_by_year(prepared, inputs, 6, seed=1)
    assert costs_by_year(prepared, inputs, 2, seed=1)["new"] == pytest.approx(longer["new"][:, :2], rel=1e-12)
