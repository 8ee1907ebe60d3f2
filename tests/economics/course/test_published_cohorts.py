"""Published Markov cohorts: the Sick-Sicker tutorials of DARTH, and the HIV model of heemod's manual."""

from __future__ import annotations

import csv
from itertools import pairwise

import numpy as np
import pytest

from coley.economics.course.cohort import markov_cohort
from coley.economics.course.corrections import CORRECTIONS, Correction
from coley.economics.course.discounting import NO_DISCOUNT, Discount
from coley.economics.course.grid import cycles
from coley.economics.course.matrices import probability, with_stay
from coley.economics.course.outcome import evaluate
from coley.economics.course.rewards import Reward
from coley.economics.course.strategies import side_by_side

STATES = ("H", "S1", "S2", "D")
STRATEGIES = {"SoC": ("", ""), "A": ("A", ""), "B": ("", "B"), "AB": ("A", "B")}
YEARLY = Discount(0.03)


def sick_sicker(strategy, death_rate, correction, *, moves):
    """A Sick-Sicker model of 75 cycles: ages 25 to 100; death_rate is (1,) or (75,)."""
    a, b = STRATEGIES[strategy]
    survives = {hr: 1 - probability(np.asarray(death_rate) * hr, 1) for hr in (1, 3, 10)}
    P = np.zeros((1, len(survives[1]), 4, 4))
    P[0, :, 0, 1] = survives[1] * probability(0.15, 1)
    P[0, :, 1, 0] = survives[3] * probability(0.5, 1)
    P[0, :, 1, 2] = survives[3] * probability(0.105 * (0.6 if b else 1), 1)
    P[0, :, 0, 3], P[0, :, 1, 3], P[0, :, 2, 3] = (1 - survives[hr] for hr in (1, 3, 10))
    treated = 12000 * bool(a) + 13000 * bool(b)
    cost = Reward(
        "cost", "cost",
        by_state={"H": 2000, "S1": 4000 + treated, "S2": 15000 + treated},
        on_entry={"D": 2000} if moves else {},
        on_move={("H", "S1"): 1000} if moves else {},
    )  # fmt: skip
    qalys = Reward(
        "qalys", "effect",
        by_state={"H": 1, "S1": 0.95 if a else 0.75, "S2": 0.5},
        on_move={("H", "S1"): -0.01} if moves else {},
    )  # fmt: skip
    course = markov_cohort(cycles(75, 1, correction=correction), with_stay(P), states=STATES)
    return evaluate(course, [cost, qalys], strategy=strategy, costs=YEARLY, effects=YEARLY)


@pytest.fixture
def folder(shared):
    return shared / "economics" / "darth_sick_sicker"


def run(folder, model, correction):
    if model == "time_indep":
        death, moves = [0.002], False
    else:
        with (folder / "LifeTable_USA_Mx_2015.csv").open() as file:
            death = [float(row["Total"]) for row in csv.DictReader(file)][25:100]
        moves = True
    return {s: sick_sicker(s, death, correction, moves=moves) for s in STRATEGIES}


NAMES = {"Standard care": "SoC", "Standard of care": "SoC"}


@pytest.mark.real
def test_sick_sicker_eight_published_rows(folder):
    with (folder / "expected_published.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8
    for model in {row["model"] for row in rows}:
        found = run(folder, model, "simpson_swapped_as_published")
        for row in (row for row in rows if row["model"] == model):
            outcome = found[NAMES.get(row["strategy"], row["strategy"].removeprefix("Strategy "))]
            assert round(float(outcome.costs[0])) == float(row["cost"])
            assert round(float(outcome.effects[0]), 3) == float(row["qaly"])
        order = ["SoC", "B", "AB"]  # A is dominated
        icers = [row["icer"] for row in rows if row["model"] == model and row["icer"]]
        for (cheaper, dearer), icer in zip(pairwise(order), icers, strict=True):
            more = found[dearer].costs - found[cheaper].costs
            gained = found[dearer].effects - found[cheaper].effects
            assert round(float(more[0] / gained[0])) == float(icer)


def as_in_the_tutorial(name):
    """The tutorial weighs transitions by the weights of states at the end of the cycle, the last one halved."""
    states = CORRECTIONS[name].states
    return Correction(name, "", states, lambda values, lengths: states(values, lengths)[..., 1:])


@pytest.mark.real
def test_sick_sicker_in_full_precision(folder):
    corrections = {
        "simpson": "simpson_swapped_as_published",
        "half": as_in_the_tutorial("half_cycle"),
        "none": "none",
    }
    with (folder / "recomputed_full_precision.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 24
    for row in rows:
        correction = corrections[row["within_cycle_correction"]]
        found = run(folder, row["model"], correction)[row["strategy"]]
        assert found.costs[0] == pytest.approx(float(row["cost"]), rel=1e-12)
        assert found.effects[0] == pytest.approx(float(row["qaly"]), rel=1e-12)


def test_what_the_swapped_weights_cost():
    """Beside the published value the right one: 0.32 QALYs of standard of care are lost by the swap."""
    swapped, half = (
        sick_sicker("SoC", [0.002], name, moves=False)
        for name in ("simpson_swapped_as_published", "half_cycle")
    )
    assert round(float(swapped.effects[0]), 3) == 20.711
    assert round(float(half.effects[0]), 3) == 21.038
    # Simpson's rule proper, on the 74 cycles that it can take and on 76.
    from scipy.integrate import simpson

    course = half.course
    worth = course.occupancy[0] @ [1, 0.75, 0.5, 0] / 1.03 ** np.arange(76)
    assert round(float(simpson(worth)), 3) == 21.032
    even = evaluate(
        markov_cohort(cycles(74, 1, correction="simpson"), course.transitions, states=STATES),
        [Reward("qalys", "effect", by_state={"H": 1, "S1": 0.75, "S2": 0.5})],
        effects=YEARLY,
    )
    assert even.effects[0] == pytest.approx(simpson(worth[:75]), rel=1e-12)


def test_hiv_of_heemod():
    """Monotherapy against combination therapy (Chancellor 1997), as heemod's manual runs it."""
    mono = with_stay([[0, 0.202, 0.067, 0.010], [0, 0, 0.407, 0.012], [0, 0, 0, 0.25], [0, 0, 0, 0]])
    moves = mono * (1 - np.eye(4))
    grid = cycles(50, 1, correction="life_table")
    outcomes = []
    for name, P, drug in (("mono", mono, 2278), ("comb", with_stay(moves * 0.509), 2278 + 2086)):
        cost = Reward("cost", "cost", by_state={"A": 2756 + drug, "B": 3052 + drug, "C": 9007 + drug})
        years = Reward("life years", "effect", by_state={"A": 1, "B": 1, "C": 1})
        course = markov_cohort(grid, P, states=("A", "B", "C", "D"))
        outcomes.append(
            evaluate(course, [cost, years], strategy=name, costs=Discount(0.06), effects=NO_DISCOUNT)
        )
    both = side_by_side(outcomes)
    np.testing.assert_allclose(both.costs[0], [48762.09, 92984.85], atol=0.005)
    np.testing.assert_allclose(both.life_years[0], [8.585843, 17.256937], atol=5e-7)
    more, gained = both.against("mono")
    assert round(float(more[0, 1] / gained[0, 1]), 2) == 5100.02
