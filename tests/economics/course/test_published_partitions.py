"""Published partitioned survival models: CheckMate 057 as hesim runs it, and an example of heormodel."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.special import ndtr

from coley.economics.course.discounting import Discount
from coley.economics.course.grid import cycles, exact
from coley.economics.course.outcome import evaluate
from coley.economics.course.partitioned import partitioned_survival
from coley.economics.course.rewards import Reward
from coley.economics.course.strategies import side_by_side

CONTINUOUS = Discount(0.03, compounding="continuous")


def checkmate057(inputs, arm, grid):
    of = inputs[arm]

    def survival(end):
        spread = np.exp(of[f"{end}_log_sdlog"])
        with np.errstate(divide="ignore"):
            return ndtr((of[f"{end}_meanlog"] - np.log(grid.times_years)) / spread)

    rewards = [
        Reward("qalys", "effect", by_state=dict(zip(STATES, inputs["utility"].values(), strict=True))),
        Reward("drug", "cost", by_state={STATES[0]: inputs["annual_drug_cost_PF"][arm], STATES[1]: 0}),
        Reward(
            "medical", "cost", by_state=dict(zip(STATES, inputs["annual_medical_cost"].values(), strict=True))
        ),
    ]
    course = partitioned_survival(grid, {STATES[0]: survival("pfs"), STATES[1]: survival("os")})
    return evaluate(course, rewards, strategy=arm, costs=CONTINUOUS, effects=CONTINUOUS)


STATES = ("progression_free", "progressed")


@pytest.mark.real
def test_checkmate057_of_hesim(shared):
    path = shared / "economics" / "hesim_examples" / "expected_psm_checkmate057.json"
    inputs = json.loads(path.read_text())
    rules = {
        "trapz": ("half_cycle", 1e-9),
        "riemann_left": ("start", 1e-9),
        "riemann_right": ("end", 1e-9),
    }
    for arm in ("docetaxel", "nivolumab"):
        for name, (correction, tolerance) in rules.items():
            found = checkmate057(inputs, arm, cycles(20, 1 / 52, correction=correction))
            expected = inputs[f"expected_{name}"][arm]
            assert found.effects[0] == pytest.approx(expected["qalys"], rel=tolerance)
            total = expected.get("total_cost", expected.get("drug", 0) + expected.get("medical", 0))
            assert found.costs[0] == pytest.approx(total, rel=tolerance)
        found, expected = checkmate057(inputs, arm, exact(20)), inputs["exact_quadrature"][arm]
        assert found.effects[0] == pytest.approx(expected["qalys"], rel=1e-9)
        assert found.discounted.by_category["drug"][0] == pytest.approx(expected["drug"], rel=1e-9)
        assert found.discounted.by_category["medical"][0] == pytest.approx(expected["medical"], rel=1e-9)
        assert found.discounted.life_years[0] == pytest.approx(expected["os_years"], rel=1e-9)


def test_example_of_heormodel():
    """Weibull curves (shape 1.2, scales 3 and 6 years; 1.3 times as long when treated), followed to the end."""
    grid = exact(120)
    outcomes = []
    for name, longer in (("old", 1.0), ("new", 1.3)):

        def weibull(scale, longer=longer):
            return np.exp(-((grid.times_years / scale / longer) ** 1.2))

        course = partitioned_survival(grid, {STATES[0]: weibull(3), STATES[1]: weibull(6)})
        rewards = [
            Reward("qalys", "effect", by_state={STATES[0]: 0.8, STATES[1]: 0.6}),
            Reward("cost", "cost", by_state={STATES[0]: 1000, STATES[1]: 2000}),
        ]
        outcomes.append(evaluate(course, rewards, strategy=name, costs=CONTINUOUS, effects=CONTINUOUS))
    both = side_by_side(outcomes)
    np.testing.assert_allclose(both.effects[0], [3.4826, 4.3709], atol=5e-5)
    np.testing.assert_allclose(both.costs[0], [7222.7, 8981.9], atol=0.05)
    more, gained = both.against("old")
    assert round(float(more[0, 1] / gained[0, 1]), 2) == 1980.40
    assert outcomes[0].undiscounted.life_years[0] == pytest.approx(5.64394, abs=5e-6)
    assert outcomes[0].discounted.life_years[0] == pytest.approx(4.92709, abs=5e-6)
