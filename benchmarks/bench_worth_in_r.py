"""Costs and QALYs against hesim and heemod, packages of R that time themselves.

What hesim sets up once (parameters, values of states) is not counted against it; all that Coley does is counted.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmarks.in_r import timed_in_r, where_installed
from benchmarks.race import NotRun, Race, Timed, race
from coley.economics.course.cohort import markov_cohort
from coley.economics.course.discounting import Discount
from coley.economics.course.grid import cycles
from coley.economics.course.matrices import with_stay
from coley.economics.course.outcome import evaluate
from coley.economics.course.partitioned import partitioned_survival
from coley.economics.course.rewards import Reward
from coley.economics.simulation.clocks import Hazard
from coley.economics.simulation.semi_markov import semi_markov
from coley.stats.parametric.curves import survival
from coley.stats.parametric.families import FAMILIES

RATE = 0.03
CONTINUOUS = Discount(RATE, "continuous")  # as hesim discounts
COUNTS = np.array([[1251, 350, 116, 17], [0, 731, 512, 15], [0, 0, 1312, 437]])  # the HIV example's
RISKS, DRUGS = (1.0, 0.509), (2278.0, 4364.0)
# Draws and patients as few as the peers can hold and bear: their time grows in proportion.
PSM_DRAWS, COHORT_DRAWS, HEEMOD_DRAWS, PATIENTS, PATIENT_DRAWS = 1000, 10_000, 200, 1000, 100
ROUNDS = 3
SD = 1.6  # of the QALYs of one life, and of its costs over 2,500


def races() -> Iterator[Race | NotRun]:
    """Costs and QALYs must be equal (to Monte Carlo error where patients are simulated) before a ratio counts."""
    yield from where_installed(
        "hesim",
        {
            f"partitioned survival, log-normal, {PSM_DRAWS} draws, 2 arms, 1041 weeks": partitions,
            f"markov cohort, 4 states, 20 cycles, 2 arms, {COHORT_DRAWS} draws": cohorts,
            f"semi-Markov individuals, 3 states, 3 strategies, {PATIENTS} patients, {PATIENT_DRAWS} draws": individuals,
        },
    )
    yield from where_installed(
        "heemod", {f"markov cohort, 4 states, 20 cycles, 2 arms, {HEEMOD_DRAWS} draws": hiv}
    )


def rewards(states: tuple[str, ...], costs: np.ndarray, utilities: np.ndarray) -> list[Reward]:
    return [
        Reward("cost", "cost", by_state=dict(zip(states, costs, strict=True))),
        Reward("qalys", "effect", by_state=dict(zip(states, utilities, strict=True))),
    ]


def partitions(name: str) -> Race:
    rng = np.random.default_rng(1)
    grid, costs, utilities = cycles(20, 1 / 52), np.array([1.0, 2.0]), np.array([0.8, 0.6])
    means = np.array([[0.0, 0.7], [0.3, 1.0]]) + 0.05 * rng.standard_normal((PSM_DRAWS, 2, 2))
    # One deviation for both curves, which then do not cross: hesim does not lower one to the other.
    sds = np.tile(1.3 + 0.05 * rng.standard_normal((PSM_DRAWS, 1)), 2)

    def ours() -> np.ndarray:
        found = []
        for arm in (0, 1):
            free, alive = (
                survival(FAMILIES["log_normal"], np.c_[means[:, arm, k], sds[:, k]], grid.times_years)
                for k in (0, 1)
            )
            course = partitioned_survival(grid, {"free": free, "progressed": alive})
            counted = rewards(("free", "progressed"), costs, utilities)
            found.append(evaluate(course, counted, costs=CONTINUOUS, effects=CONTINUOUS, keep_course=False))
        return np.concatenate([*(one.costs for one in found), *(one.effects for one in found)])

    sizes = np.array([PSM_DRAWS, 1040, 1 / 52, RATE])
    given = (sizes, means.transpose(2, 1, 0), sds.T, utilities, costs)
    return race(name, "hesim", ours, lambda: timed_in_r("hesim.R", "psm", *given), rounds=ROUNDS)


def transitions(draws: int) -> np.ndarray:
    """Transition probabilities of two arms, (D, 2, 4, 4)."""
    rng = np.random.default_rng(1)
    P = np.zeros((draws, 4, 4))
    for k, row in enumerate(COUNTS):
        P[:, k, k:] = rng.dirichlet(row[k:], draws)
    P[:, 3, 3] = 1
    return np.stack([with_stay(P * (1 - np.eye(4)) * risk) for risk in RISKS], axis=1)


def cohorts(name: str) -> Race:
    P, costs, utilities = (
        transitions(COHORT_DRAWS),
        np.array([2.0, 3.0, 9.0]),
        np.array([1.0, 0.75, 0.5]),
    )

    def ours() -> np.ndarray:
        found = []
        for arm in (0, 1):
            course = markov_cohort(cycles(20, 1), P[:, arm], states="ABCD")
            counted = rewards(("A", "B", "C"), costs, utilities)
            found.append(evaluate(course, counted, costs=CONTINUOUS, effects=CONTINUOUS, keep_course=False))
        return np.concatenate([*(one.costs for one in found), *(one.effects for one in found)])

    given = (np.array([COHORT_DRAWS, 20, RATE]), P.transpose(3, 2, 1, 0), utilities, costs)
    return race(name, "hesim", ours, lambda: timed_in_r("hesim.R", "cohort", *given), rounds=ROUNDS)


def individuals(name: str) -> Race:
    states, horizon, ratios = ("stable", "progressed", "dead"), 40.0, (1.0, 0.85, 0.7)
    shapes, draws = (1.3, 1.1, 0.9), PATIENT_DRAWS
    scales = np.column_stack(
        [np.random.default_rng(1).normal(2.0, 0.1, draws), np.full(draws, 8.0), np.full(draws, 1.2)]
    )
    costs, utilities = np.array([1000.0, 2000.0]), np.array([0.8, 0.6])

    def ours() -> np.ndarray:
        found = []
        for ratio in ratios:
            moves = {
                (states[a], states[b]): Hazard(
                    "weibull", np.c_[np.full(draws, shapes[k]), scales[:, k]], clock="reset",
                    ratio=ratio if k == 0 else 1.0,
                )
                for k, (a, b) in enumerate([(0, 1), (0, 2), (1, 2)])
            }  # fmt: skip
            walked = semi_markov(
                states, moves, rewards(states[:2], costs, utilities), patients=PATIENTS, draws=draws, seed=1,
                horizon_years=horizon, costs=CONTINUOUS, effects=CONTINUOUS,
            )  # fmt: skip
            found.append([walked.costs.mean() / 2500, walked.effects.mean()])
        return np.array(found).T

    def theirs() -> Timed:
        sizes = np.array([draws, PATIENTS, 3, horizon, RATE])
        found = timed_in_r("hesim.R", "individuals", sizes, ratios, shapes, scales.T, utilities, costs)
        means = found.values.reshape(2, 3, draws).mean(axis=2)
        return Timed(means / [[2500], [1]], found.seconds)

    # Five standard errors of a difference.
    tolerance = 5 * np.sqrt(2) * SD / np.sqrt(PATIENTS * draws)
    return race(name, "hesim", ours, theirs, tolerance=tolerance, rounds=ROUNDS)


def hiv(name: str) -> Race:
    P, n = transitions(HEEMOD_DRAWS), HEEMOD_DRAWS
    costs = np.random.default_rng(2).gamma(100, [27.56, 30.52, 90.07], (n, 3))
    utilities, discount = np.array([1.0, 0.75, 0.5]), Discount(RATE)

    def ours() -> np.ndarray:
        found = []
        for arm, drug in enumerate(DRUGS):
            course = markov_cohort(cycles(20, 1, correction="life_table"), P[:, arm], states="ABCD")
            counted = rewards(("A", "B", "C"), (costs + drug).T, utilities)
            found.append(evaluate(course, counted, costs=discount, effects=discount, keep_course=False))
        return np.concatenate([*(one.costs for one in found), *(one.effects for one in found)])

    rows, columns = np.nonzero(COUNTS)
    given = (np.array([n]), np.c_[P[:, 0][:, rows, columns], costs])
    return race(name, "heemod", ours, lambda: timed_in_r("heemod.R", "hiv", *given), rounds=ROUNDS)
