"""Markov cohorts with uncertain parameters, from transition probabilities to costs and QALYs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from heormodel.models import CohortSpec, MarkovModel

from benchmarks.race import Race, race
from coley.economics.course.cohort import markov_cohort
from coley.economics.course.discounting import Discount
from coley.economics.course.grid import cycles
from coley.economics.course.matrices import with_stay
from coley.economics.course.outcome import evaluate
from coley.economics.course.rewards import Reward

DRAWS, THREE_PERCENT = 1000, Discount(0.03)
STATES, UTILITIES = ("A", "B", "C", "D"), np.array([1.0, 0.75, 0.5, 0.0])
COUNTS = np.array(
    [[1251, 350, 116, 17], [0, 731, 512, 15], [0, 0, 1312, 437]]
)  # of moves, as in the HIV example
DRUG = {"mono": 2278.0, "comb": 2278.0 + 2086.0}
RELATIVE_RISK = {"mono": 1.0, "comb": 0.509}


def hiv() -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Transition matrices (D, 4, 4) of two arms, and costs of three states (D, 4)."""
    rng = np.random.default_rng(1)
    P = np.zeros((DRAWS, 4, 4))
    for k, row in enumerate(COUNTS):
        P[:, k, k:] = rng.dirichlet(row[k:], DRAWS)
    costs = np.c_[rng.gamma(100, [27.56, 30.52, 90.07], (DRAWS, 3)), np.zeros(DRAWS)]
    return {arm: with_stay(P * risk) for arm, risk in RELATIVE_RISK.items()}, costs


def races() -> Iterator[Race]:
    """Costs and QALYs must be equal before a ratio counts."""
    yield homogeneous()
    yield by_age()


def homogeneous() -> Race:
    P, costs = hiv()
    qalys = Reward("qalys", "effect", by_state=dict(zip(STATES, UTILITIES, strict=True)))

    def ours() -> np.ndarray:
        found = []
        for arm, drug in DRUG.items():
            by_state = {s: costs[:, k] + drug for k, s in enumerate(STATES[:3])}
            course = markov_cohort(cycles(20, 1), P[arm], states=STATES)
            outcome = evaluate(
                course,
                [Reward("cost", "cost", by_state=by_state), qalys],
                costs=THREE_PERCENT,
                effects=THREE_PERCENT,
            )
            found += [outcome.costs, outcome.effects]
        return np.array(found)

    def spec(draw: pd.Series, arm: str) -> CohortSpec:
        d = int(draw["draw"])
        return CohortSpec(P[arm][d], costs[d] + DRUG[arm] * (UTILITIES > 0), UTILITIES)

    engine = MarkovModel(
        states=STATES, interventions=tuple(DRUG), transitions_and_rewards=spec, n_cycles=20,
        discount_rate=0.03, cycle_correction="half_cycle",
    )  # fmt: skip
    draws = pd.DataFrame({"draw": np.arange(DRAWS)}, index=pd.RangeIndex(DRAWS, name="iteration"))

    def heormodel() -> np.ndarray:
        frame = engine.evaluate(draws).data
        return np.concatenate(
            [frame.xs(arm, level="intervention")[["cost", "qaly"]].to_numpy().T for arm in DRUG]
        )

    return race(f"markov cohort, 4 states, 20 cycles, 2 arms, {DRAWS} draws", "heormodel", ours, heormodel)


def by_age() -> Race:
    """Sick-Sicker by age with rewards on transitions, under the weights that heormodel takes for Simpson's."""
    ages, draws = np.arange(75), 100
    rng = np.random.default_rng(2)
    death = rng.gamma(400, 0.0005 * np.exp(0.09 * ages) / 400, (draws, 75))
    moves = np.zeros((draws, 75, 4, 4))
    for k, hazard_ratio in enumerate((1, 3, 10)):
        moves[:, :, k, 3] = 1 - np.exp(-death * hazard_ratio)
    alive = 1 - moves[:, :, :, 3]
    moves[:, :, 0, 1] = alive[:, :, 0] * 0.139
    moves[:, :, 1, 0], moves[:, :, 1, 2] = alive[:, :, 1] * 0.393, alive[:, :, 1] * 0.1
    P, costs = with_stay(moves), np.array([2000.0, 4000, 15000, 0])
    onset_cost, onset_loss, dying = 1000.0, -0.01, 2000.0

    def ours() -> np.ndarray:
        names = ("H", "S1", "S2", "D")
        rewards = [
            Reward("cost", "cost", by_state=dict(zip(names, costs, strict=True)), on_entry={"D": dying},
                   on_move={("H", "S1"): onset_cost}),
            Reward("qalys", "effect", by_state=dict(zip(names, UTILITIES, strict=True)),
                   on_move={("H", "S1"): onset_loss}),
        ]  # fmt: skip
        grid = cycles(75, 1, correction="simpson_swapped_as_published")
        outcome = evaluate(
            markov_cohort(grid, P, states=names), rewards, costs=THREE_PERCENT, effects=THREE_PERCENT
        )
        return np.array([outcome.costs, outcome.effects])

    move_costs, move_effects = np.zeros((4, 4)), np.zeros((4, 4))
    move_costs[:3, 3], move_costs[0, 1], move_effects[0, 1] = dying, onset_cost, onset_loss

    def spec(draw: pd.Series, arm: str) -> CohortSpec:
        return CohortSpec(P[int(draw["draw"])], costs, UTILITIES, move_costs, move_effects)

    engine = MarkovModel(
        states=("H", "S1", "S2", "D"), interventions=("care",), transitions_and_rewards=spec, n_cycles=75,
        discount_rate=0.03, cycle_correction="simpson",
    )  # fmt: skip
    frame = pd.DataFrame({"draw": np.arange(draws)}, index=pd.RangeIndex(draws, name="iteration"))

    def heormodel() -> np.ndarray:
        return engine.evaluate(frame).data[["cost", "qaly"]].to_numpy().T

    return race(
        f"markov cohort by age, 4 states, 75 cycles, rewards on moves, {draws} draws",
        "heormodel",
        ours,
        heormodel,
    )
