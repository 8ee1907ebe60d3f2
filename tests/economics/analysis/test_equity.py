"""Where a subgroup's hazard ratio acts, and what of a decision falls on whom."""

from __future__ import annotations

import numpy as np
import pytest

from coley.economics.analysis.equity import by_subgroup, scaled, spread_over_groups
from coley.economics.analysis.evaluate import evaluate, prepare
from coley.economics.analysis.inputs import drawn
from coley.economics.model_file.parse import model_of


def test_a_ratio_acts_once_and_never_on_the_comparator(words) -> None:
    words["strategies"]["third"] = {
        "pfs": {"hazard_ratio": {"of": "new", "ratio": 0.9}},
        "os": words["strategies"]["old"]["os"],
    }
    ratio = np.array([1.2])
    assert scaled(model_of(words), ratio) == {"new.pfs": ratio, "new.os": ratio, "third.os": ratio}
    assert scaled(model_of(words), None) == {}


def test_each_draw_has_its_own_ratio_and_gain(words) -> None:
    ratio = {"value": 1.0, "low": 0.8, "high": 1.25}
    words["equity"] = {
        "subgroups": [
            {"label": "a", "share": 0.5, "hazard_ratio": ratio},
            {"label": "b", "share": 0.5, "relative_gain": {"value": 0.5, "se": 0.2}},
        ]
    }
    model = model_of(words)
    prepared = prepare(model, {})
    inputs = drawn(model, prepared.fitted, draws=60, seed=3)
    every = evaluate(prepared, inputs)
    found = by_subgroup(prepared, {}, inputs, equity=model.equity, every=every, seed=3)
    assert found.effects.shape == (60, 2, 2)
    gain = every.effects[:, 1] - every.effects[:, 0]
    multiple = inputs.numbers["equity.subgroups.2.relative_gain"]
    assert found.effects[:, 1, 1] - found.effects[:, 1, 0] == pytest.approx(multiple * gain)
    assert found.costs[:, 1] == pytest.approx(every.costs), "a gain by itself costs nothing"
    change = found.effects[:, 0, 1] - every.effects[:, 1]
    above = inputs.numbers["equity.subgroups.1.hazard_ratio"] > 1
    assert np.array_equal(change < 0, above), "a higher hazard takes QALYs in that very draw"
    assert found.effects[:, 0, 0] == pytest.approx(every.effects[:, 0])


def test_what_falls_on_whom_per_head(words) -> None:
    words["population"]["incident_per_year"] = 10
    words["distribution"] = {
        "people": 1000,
        "aversion": 0,
        "groups": [
            {
                "label": "a",
                "population_share": 0.25,
                "lifetime_qalys": 60,
                "patients_share": 0.5,
                "opportunity_share": 0.1,
                "relative_gain": 0.8,
            },
            {
                "label": "b",
                "population_share": 0.75,
                "lifetime_qalys": 70,
                "patients_share": 0.5,
                "opportunity_share": 0.9,
            },
        ],
    }
    model = model_of(words)
    inputs = drawn(model, {}, draws=2, seed=1)
    added = (np.array([1000.0, 4000.0]), np.array([0.5, 1.0]))
    found = spread_over_groups(
        model.distribution,
        added,
        inputs.numbers,
        patients=10,
        threshold=2000,
        aversion=0.0,
        level=0.95,
    )
    gained = np.array([[5 * 0.8 * 0.5 / 250, 5 * 0.5 / 750], [5 * 0.8 / 250, 5 / 750]])
    forgone = np.array(
        [[10 * 0.5 * 0.1 / 250, 10 * 0.5 * 0.9 / 750], [10 * 2 * 0.1 / 250, 10 * 2 * 0.9 / 750]]
    )
    assert found.change == pytest.approx(gained - forgone)
    assert found.equity.value == pytest.approx(0, abs=1e-10), "without aversion only the sum counts"
