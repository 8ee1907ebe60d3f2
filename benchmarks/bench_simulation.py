"""Patients simulated one by one in continuous time: three states, Weibull moves, the last on a clock of its own."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import numpy as np
import pandas as pd
from heormodel.models import DESModel, MicrosimModel

from benchmarks.race import NotRun, Race, race
from coley.economics.course.discounting import Discount
from coley.economics.course.rewards import Reward
from coley.economics.simulation.clocks import Hazard
from coley.economics.simulation.iraes import Irae
from coley.economics.simulation.semi_markov import semi_markov
from coley.economics.simulation.treated import Setting, simulate
from coley.economics.simulation.treatment import Disease, Treatment, Values

STATES, HORIZON, THREE_PERCENT = ("stable", "progressed", "dead"), 40.0, Discount(0.03)
BEFORE, AFTER, SHAPE = (1.1, 8.0), (0.9, 1.2), 1.3  # shapes and scales, in years
HAZARD_RATIOS = {"standard": 1.0, "new 1": 0.85, "new 2": 0.7}  # of progression
COSTS, UTILITIES = np.array([1000.0, 2000.0, 0.0]), np.array([0.8, 0.6, 0.0])
EVENTS_OF = 2000  # patients
TREATED = f"treated patients with an irAE as events, {EVENTS_OF} patients"
SD = 1.6  # of the QALYs of one life, and of its costs over 2,500


def races() -> Iterator[Race | NotRun]:
    """Mean costs and QALYs of each strategy must agree within Monte Carlo error before a ratio counts."""
    yield individuals(patients=20_000, draws=10)
    yield individuals(patients=1000, draws=100)
    try:
        import simpy  # noqa: F401  (heormodel's event calendar, which it does not bring)
    except ImportError:
        yield NotRun(TREATED, "heormodel", "simpy is not installed")
    else:
        yield treated_patients()


def individuals(*, patients: int, draws: int) -> Race:
    scales = np.random.default_rng(1).normal(2.0, 0.1, draws)
    rewards = [
        Reward("cost", "cost", by_state=dict(zip(STATES, COSTS, strict=True))),
        Reward("qalys", "effect", by_state=dict(zip(STATES, UTILITIES, strict=True))),
    ]

    def ours() -> np.ndarray:
        means = []
        for ratio in HAZARD_RATIOS.values():
            progression = np.column_stack([np.full(draws, SHAPE), scales])
            moves = {
                ("stable", "progressed"): Hazard("weibull", progression, ratio=ratio),
                ("stable", "dead"): Hazard("weibull", BEFORE),
                ("progressed", "dead"): Hazard("weibull", AFTER, clock="reset"),
            }
            found = semi_markov(
                STATES, moves, rewards, patients=patients, draws=draws, seed=1, horizon_years=HORIZON,
                costs=THREE_PERCENT, effects=THREE_PERCENT,
            )  # fmt: skip
            means.append([found.costs.mean() / 2500, found.effects.mean()])
        return np.array(means)

    def event_times(
        params: pd.Series, arm: str, state: np.ndarray, attrs: pd.DataFrame, rng: np.random.Generator
    ) -> np.ndarray:
        times = np.full((len(state), 3), np.inf)
        stable, progressed = state == 0, state == 1
        scale = params["scale"] * HAZARD_RATIOS[arm] ** (-1 / SHAPE)
        times[stable, 1] = scale * rng.weibull(SHAPE, stable.sum())
        times[stable, 2] = BEFORE[1] * rng.weibull(BEFORE[0], stable.sum())
        times[progressed, 2] = AFTER[1] * rng.weibull(AFTER[0], progressed.sum())
        return times

    def rates(
        params: pd.Series, arm: str, state: np.ndarray, attrs: pd.DataFrame
    ) -> tuple[np.ndarray, np.ndarray]:
        return COSTS[state], UTILITIES[state]

    engine = MicrosimModel.continuous(
        states=STATES, event_times=event_times, state_reward_rates=rates,
        interventions=tuple(HAZARD_RATIOS), horizon=HORIZON, n_individuals=patients, discount_rate=0.03,
    )  # fmt: skip
    frame = pd.DataFrame({"scale": scales}, index=pd.RangeIndex(draws, name="iteration"))

    def heormodel() -> np.ndarray:
        found = engine.evaluate(frame).data
        arms = [found.xs(arm, level="intervention") for arm in HAZARD_RATIOS]
        return np.array([[arm["cost"].mean() / 2500, arm["qaly"].mean()] for arm in arms])

    return race(
        f"semi-Markov individuals, 3 states, 3 strategies, {patients} patients, {draws} draws",
        "heormodel",
        ours,
        heormodel,
        tolerance=5 * np.sqrt(2) * SD / np.sqrt(patients * draws),  # five standard errors of a difference
    )


def treated_patients() -> Race:
    """Progression, death, two years of treatment and an irAE that comes, costs and goes, against an event calendar."""
    patients = EVENTS_OF
    progression, before, after, onset, end = 0.5, 0.1, 1.0, 0.8, 3.0  # rates per year
    chance, loss, cost, drug = 0.4, 0.1, 500.0, 1000.0

    def rate(value: float, clock: str = "forward") -> Hazard:
        return Hazard("exponential", [value], clock=clock)

    disease = Disease(rate(progression), rate(before), rate(after, "reset"))
    irae = Irae(
        name="irae", chance=chance, onset=rate(onset), lasting_low=rate(end, "reset"),
        lasting_high=rate(end, "reset"), loss_low=loss, cost_low=cost,
    )  # fmt: skip
    treatment = Treatment("x", cost_per_year=drug, longest_years=2.0, exposed_after_years=0.0)
    setting = Setting(
        patients=patients, seed=1, horizon_years=HORIZON, costs=THREE_PERCENT, effects=THREE_PERCENT
    )

    def ours() -> np.ndarray:
        found = simulate(disease, treatment, Values(utilities=(0.8, 0.6)), setting=setting, iraes=[irae])
        return np.array([found.costs[0] / 1000, found.effects[0]])

    def life(env: Any, entity: Any, params: Any, arm: str, kit: Any) -> Generator[Any]:
        progressed, death = kit.rng.exponential(1 / progression), kit.rng.exponential(1 / before)
        if progressed < death:
            death = progressed + kit.rng.exponential(1 / after)
        stable = min(progressed, death)
        kit.accrue_over(0, stable, 0.0, 0.8)
        kit.accrue_over(stable, death, 0.0, 0.6)
        kit.accrue_over(0, min(stable, 2.0), drug, 0.0)
        begin = kit.rng.exponential(1 / onset) if kit.rng.random() < chance else np.inf
        if begin < min(stable, 2.0):
            yield env.timeout(begin)
            kit.accrue_cost(cost)
            kit.accrue_over(begin, min(begin + kit.rng.exponential(1 / end), death), 0.0, -loss)
        yield env.timeout(max(death - env.now, 0.0))

    engine = DESModel(
        process=life, interventions=("care",), horizon=HORIZON, n_individuals=patients, discount_rate=0.03
    )
    frame = pd.DataFrame({"draw": [0]}, index=pd.RangeIndex(1, name="iteration"))

    def heormodel() -> np.ndarray:
        found = engine.evaluate(frame).data
        return np.array([found["cost"].mean() / 1000, found["qaly"].mean()])

    return race(
        TREATED,
        "heormodel",
        ours,
        heormodel,
        tolerance=5 * np.sqrt(2) * SD / np.sqrt(patients),
        rounds=3,
    )
