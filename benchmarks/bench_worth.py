"""The issue's own bars, in seconds on two cores, each held to a slow reference that shares none of Coley's code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import integrate, stats

from benchmarks.race import timed
from coley.economics.course.cohort import markov_cohort
from coley.economics.course.discounting import Discount
from coley.economics.course.grid import cycles
from coley.economics.course.outcome import evaluate
from coley.economics.course.partitioned import partitioned_survival
from coley.economics.course.rewards import Reward
from coley.economics.simulation.clocks import Hazard
from coley.economics.simulation.semi_markov import semi_markov
from coley.stats.decision.partial_information import evppi
from coley.stats.parametric.curves import survival
from coley.stats.parametric.families import FAMILIES

ROUNDS = 5
RATE, THREE_PERCENT = 0.03, Discount(0.03)
SOME = 50  # draws that the slow reference works out, of all those that are timed


@dataclass(frozen=True)
class Bar:
    """What was run, the best time it took in seconds, and the bar; results were equal to the reference."""

    name: str
    seconds: float
    bar: float
    largest_difference: float

    def __str__(self) -> str:
        return f"{self.name}: {self.seconds:.3f} s, the bar is {self.bar:g} s"

    def entry(self) -> dict[str, str | float]:
        """Return the line of results.json."""
        return {
            "name": self.name,
            "seconds": round(self.seconds, 4),
            "bar": self.bar,
            "equal_to": self.largest_difference,
        }


def measured(
    name: str,
    run: Callable[[], np.ndarray],
    reference: Callable[[], np.ndarray],
    *,
    bar: float,
    tolerance: float = 1e-9,
) -> Bar:
    """Time it, the best of some rounds; refuse a result that is not the reference's (the first rows of it)."""
    found, expected = run(), reference()
    difference = float(np.max(np.abs(found[..., : expected.shape[-1]] - expected)))
    if not difference <= tolerance:
        raise AssertionError(f"{name}: differs from the reference by {difference:g}")
    return Bar(name, min(timed(run).seconds for _ in range(ROUNDS)), bar, difference)


def races() -> Iterator[Bar]:
    """Costs are compared in thousands, so that one tolerance serves them and QALYs."""
    yield partitions("log_normal", stats.lognorm.sf, lambda a, b: {"scale": np.exp(a), "s": b})
    yield partitions("weibull", stats.weibull_min.sf, lambda a, b: {"c": a, "scale": b})
    yield cohorts()
    yield patients()
    yield information()


def partitions(family: str, sf: Callable[..., np.ndarray], named: Callable[..., dict[str, float]]) -> Bar:
    """Two arms, three states, twenty years in weeks: from drawn parameters to discounted costs and QALYs."""
    draws, utilities, costs = 10_000, (0.8, 0.6), (1.0, 2.0)
    rng = np.random.default_rng(1)
    centre = {"log_normal": ([0.0, 1.3], [0.7, 1.3]), "weibull": ([1.2, 2.0], [1.2, 4.0])}[family]
    parameters = {
        (arm, curve): np.array(centre[curve]) + [0.3 * arm, 0.0] + 0.05 * rng.standard_normal((draws, 2))
        for arm in (0, 1)
        for curve in (0, 1)
    }
    rewards = [
        Reward("cost", "cost", by_state=dict(zip(("free", "progressed"), costs, strict=True))),
        Reward("qalys", "effect", by_state=dict(zip(("free", "progressed"), utilities, strict=True))),
    ]
    grid = cycles(20, 1 / 52)

    def ours() -> np.ndarray:
        found = []
        for arm in (0, 1):
            free, alive = (
                survival(FAMILIES[family], parameters[arm, curve], grid.times_years) for curve in (0, 1)
            )
            course = partitioned_survival(grid, {"free": free, "progressed": alive})
            outcome = evaluate(course, rewards, costs=THREE_PERCENT, effects=THREE_PERCENT, keep_course=False)
            found += [outcome.costs, outcome.effects]
        return np.array(found)

    def reference() -> np.ndarray:
        times = np.linspace(0, 20, 1041)
        factor = 1.03**-times
        found = np.zeros((4, SOME))
        for d in range(SOME):
            for arm in (0, 1):
                free, alive = (sf(times, **named(*parameters[arm, curve][d])) for curve in (0, 1))
                free = np.minimum(free, alive)
                for row, values in enumerate((costs, utilities)):
                    flow = factor * (values[0] * free + values[1] * (alive - free))
                    found[2 * arm + row, d] = integrate.trapezoid(flow, times)
        return found

    name = f"partitioned survival, {family.replace('_', '-')}, {draws} draws, 2 arms, {len(grid)} weeks"
    return measured(name, ours, reference, bar=1.0)


def cohorts() -> Bar:
    draws, states = 100_000, ("A", "B", "C", "D")
    counts = np.array([[1251, 350, 116, 17], [0, 731, 512, 15], [0, 0, 1312, 437]])
    rng = np.random.default_rng(1)
    P = np.zeros((draws, 4, 4))
    for k, row in enumerate(counts):
        P[:, k, k:] = rng.dirichlet(row[k:], draws)
    P[:, 3, 3] = 1
    costs, utilities = (2.0, 3.0, 9.0), (1.0, 0.75, 0.5)
    rewards = [
        Reward("cost", "cost", by_state=dict(zip(states, costs, strict=False))),
        Reward("qalys", "effect", by_state=dict(zip(states, utilities, strict=False))),
    ]

    def ours() -> np.ndarray:
        course = markov_cohort(cycles(20, 1), P, states=states)
        outcome = evaluate(course, rewards, costs=THREE_PERCENT, effects=THREE_PERCENT, keep_course=False)
        return np.array([outcome.costs, outcome.effects])

    def reference() -> np.ndarray:
        found = np.zeros((2, SOME))
        for d in range(SOME):
            for t in range(21):
                share = np.linalg.matrix_power(P[d], t)[0, :3]
                weight = (0.5 if t in (0, 20) else 1.0) / (1 + RATE) ** t
                found[:, d] += weight * np.array([share @ costs, share @ utilities])
        return found

    return measured(f"markov cohort, 4 states, {draws} draws, 20 cycles", ours, reference, bar=0.2)


def patients() -> Bar:
    """Three states, Weibull moves, the last on a clock of its own, against integrals of its densities."""
    n, horizon = 1_000_000, 40.0
    progression, before, after = (
        stats.weibull_min(shape, scale=scale) for shape, scale in ((1.3, 2.0), (1.1, 8.0), (0.9, 1.2))
    )
    moves = {
        ("stable", "progressed"): Hazard("weibull", (1.3, 2.0)),
        ("stable", "dead"): Hazard("weibull", (1.1, 8.0)),
        ("progressed", "dead"): Hazard("weibull", (0.9, 1.2), clock="reset"),
    }
    rewards = [
        Reward("cost", "cost", by_state={"stable": 1.0, "progressed": 2.0}),
        Reward("qalys", "effect", by_state={"stable": 0.8, "progressed": 0.6}),
    ]

    def walked():
        return semi_markov(
            ("stable", "progressed", "dead"), moves, rewards, patients=n, seed=1, horizon_years=horizon,
            costs=THREE_PERCENT, effects=THREE_PERCENT,
        )  # fmt: skip

    def ours() -> np.ndarray:
        found = walked()
        return np.array([found.costs, found.effects])

    def reference() -> np.ndarray:
        force = np.log1p(RATE)
        t = np.linspace(0, horizon, 8001)
        stable = integrate.simpson(np.exp(-force * t) * progression.sf(t) * before.sf(t), x=t)

        # Years after progression at s, discounted to it, then all moments of progression.
        def rest(s: float) -> float:
            return integrate.quad(
                lambda u: np.exp(-force * u) * after.sf(u), 0, horizon - s, points=[min(1.0, horizon - s)]
            )[0]

        s = np.linspace(0, horizon, 2001)
        entering = progression.pdf(s) * before.sf(s) * np.exp(-force * s)
        progressed = integrate.simpson(entering * [rest(x) for x in s], x=s)
        return np.array([[stable + 2 * progressed], [0.8 * stable + 0.6 * progressed]])

    se = max(walked().costs_se[0], walked().effects_se[0])
    return measured(
        f"semi-Markov individuals, 3 states, {n} patients", ours, reference, bar=0.5, tolerance=4 * se
    )


def information() -> Bar:
    """Ten parameters of a net benefit that is linear in them: what each is worth has a closed form."""
    draws, worth = 10_000, 20_000.0
    rng = np.random.default_rng(1)
    x, slopes = rng.standard_normal((draws, 10)), np.linspace(0.1, 0.01, 10)
    effects = np.column_stack([np.zeros(draws), 0.02 + x @ slopes])
    costs = np.column_stack([np.zeros(draws), 200 + 100 * rng.standard_normal(draws)])

    def ours() -> np.ndarray:
        return evppi(costs, effects, [worth], parameters=x).value.T / 1000

    def reference() -> np.ndarray:
        mean, sd = worth * 0.02 - 200, worth * slopes
        z = mean / sd
        return ((sd * stats.norm.pdf(z) + mean * stats.norm.cdf(z) - max(mean, 0.0)) / 1000)[None]

    se = float(evppi(costs, effects, [worth], parameters=x).se.max()) / 1000
    # Beside the error of the value, that of the mean on which the choice rests.
    return measured(f"EVPPI of 10 parameters, {draws} draws", ours, reference, bar=10.0, tolerance=6 * se)
