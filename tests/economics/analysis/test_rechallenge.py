"""What rechallenge gains and costs, read off a model, held to a pencil."""

from __future__ import annotations

import numpy as np
import pytest

from coley.economics.analysis.evaluate import curves_of, prepare
from coley.economics.analysis.inputs import base_case, drawn
from coley.economics.analysis.rechallenge import rechallenged
from coley.economics.model_file.parse import model_of
from coley.economics.policy.rechallenge import value_of_rechallenge
from coley.model.errors import InvalidSetting, MissingData

TOLD = {
    "label": "after colitis",
    "strategy": "new",
    "after_years": 0.5,
    "recurrence": {"value": 0.376, "se": 0.0433},
    "hazard_ratio": 0.8,
    "event_cost": 16_510,
    "event_disutility": 0.2,
    "event_weeks": 4,
}


def work(words, *, draws=0, **changes):
    told = TOLD | changes
    words["rechallenge"] = [{name: value for name, value in told.items() if value is not None}]
    model = model_of(words)
    prepared = prepare(model, {})
    made = drawn(model, prepared.fitted, draws=draws, seed=3) if draws else base_case(model, prepared.fitted)
    return rechallenged(prepared, curves_of(prepared, made), made, k=0)


def left(t):
    """QALYs, and cost of care, of a year alive at t, by the model's two exponential curves."""
    free = np.exp(-0.2 * t)  # exp(-0.5 t) of exp(-0.3 t)
    return 0.5 + 0.3 * free, 12_000 - 10_800 * free


def test_what_remains_and_what_a_hazard_ratio_adds_are_of_those_then_alive(words):
    found = work(words)
    since = 26 / 52
    t = np.linspace(since, 20, 200_001)
    quality, care = left(t)
    now, then = np.exp(-0.3 * (t - since)), np.exp(-0.24 * (t - since))
    assert found["remaining"] == pytest.approx(np.trapezoid(quality * now, t), rel=1e-4)
    assert found["gain"] == pytest.approx(np.trapezoid(quality * (then - now), t), rel=1e-3)
    given = np.arange(9, 35) * 21 / 365.25  # the dose of week 24 is before it
    course = (200 * 48.57 + 150) * np.exp(-0.5 * (given - since)).sum()
    longer = np.trapezoid(care * (then - now), t)
    assert found["drug"] == pytest.approx(course + longer, rel=1e-3)
    assert found["event_loss"] == pytest.approx(0.2 * 4 * 7 / 365.25)
    assert (found["recurrence"], found["fatal"], found["kept"]) == (0.376, 0, 1)


def test_it_is_discounted_to_the_day_of_the_decision(words):
    words["discount"] = {"costs": 0.035, "effects": 0.015}
    found = work(words, after_years=1.0)
    t = np.linspace(1, 20, 200_001)
    quality, _ = left(t)
    worth = quality * np.exp(-0.3 * (t - 1)) * 1.015 ** -(t - 1)
    assert found["remaining"] == pytest.approx(np.trapezoid(worth, t), rel=1e-4)


def test_given_numbers_stand_for_those_of_the_model(words):
    found = work(
        words,
        hazard_ratio=None,
        gain_qalys=-0.1,
        course_cost=20_000,
        remaining_qalys=1.5,
        kept=0.4,
        fatal=0.02,
    )
    assert found["gain"] == -0.1
    assert found["drug"] == 20_000, "nobody lives longer of whom it is known"
    assert (found["remaining"], found["kept"], found["fatal"]) == (1.5, 0.4, 0.02)


def test_a_course_that_is_over_costs_nothing_more(words):
    found = work(words, hazard_ratio=None, gain_qalys=0.1, after_years=2.5)
    assert found["drug"] == 0


def test_draws_go_together_and_their_mean_is_near_the_base_case(words):
    ratio = {"value": 0.8, "low": 0.7, "high": 0.9}
    base, made = work(words, hazard_ratio=ratio), work(words, draws=2000, hazard_ratio=ratio)
    for what in ("gain", "remaining", "drug", "recurrence"):
        assert made[what].shape == (2000,)
        assert made[what].mean() == pytest.approx(base[what][0], rel=0.1)
    found = value_of_rechallenge(threshold=600_000, **made)
    assert 0 < found.probability < 1


def test_what_resuming_costs_must_be_known(words):
    with pytest.raises(MissingData, match="old gives no drug") as caught:
        work(words, strategy="old")
    assert "rechallenge.1" in str(caught.value)
    assert "Give course_cost" in str(caught.value)
    assert work(words, strategy="old", course_cost=5000)["drug"] > 5000


def test_it_is_decided_within_the_horizon_and_while_somebody_is_treated(words):
    with pytest.raises(InvalidSetting, match="is decided in year 20, beyond the horizon of 20"):
        work(words, after_years=20)
    words["strategies"]["new"]["on_treatment"] = {"hazard_ratio": {"of": "old", "ratio": 1}}
    words["strategies"]["old"]["on_treatment"] = {
        "published": {"family": "exponential", "parameters": {"rate": 400}, "time_unit": "years"}
    }
    with pytest.raises(MissingData, match="Nobody is on treatment with new at 5"):
        work(words, after_years=5)
