"""Rewards on courses: by hand, linear, and refused where they cannot be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.economics.course.cohort import markov_cohort
from coley.economics.course.discounting import NO_DISCOUNT, Discount
from coley.economics.course.grid import cycles, exact
from coley.economics.course.outcome import evaluate
from coley.economics.course.partitioned import partitioned_survival
from coley.economics.course.rewards import Charges, Reward
from coley.economics.course.strategies import side_by_side
from coley.economics.course.three_state import clock_reset
from coley.model.errors import InvalidSetting, UnknownName, UnreadableInput

GRID = cycles(10, 0.5)
T = GRID.times_years
DRAWS = 4
FIVE = Discount(0.05)


def curve(lowest, highest):
    return np.exp(-np.linspace(lowest, highest, DRAWS)[:, None] * T)


def partitioned(grid=GRID):
    return partitioned_survival(
        grid,
        {
            "stable": np.exp(-np.linspace(0.4, 0.7, DRAWS)[:, None] * grid.times_years),
            "progressed": np.exp(-np.linspace(0.1, 0.3, DRAWS)[:, None] * grid.times_years),
        },
    )


def cohort():
    stay = np.linspace(0.7, 0.9, DRAWS)
    P = np.zeros((DRAWS, 3, 3))
    P[:, 0] = np.stack([stay, 0.8 * (1 - stay), 0.2 * (1 - stay)], axis=1)
    P[:, 1] = [0.0, 0.6, 0.4]
    P[:, 2] = [0, 0, 1]
    return markov_cohort(GRID, P, states=("stable", "progressed", "dead"))


COURSES = {"partitioned": partitioned, "cohort": cohort}


def by_hand(course, values, discount):
    """Add up values (D, T, S) over the occupancy by the trapezoid."""
    return np.trapezoid((course.occupancy * values).sum(axis=2) * discount.factors(T), T, axis=1)


@pytest.mark.parametrize("name", COURSES)
def test_all_shapes_of_values_by_hand(name):
    course = COURSES[name]()
    rng = np.random.default_rng(1)
    falling, draws = np.linspace(0.9, 0.5, len(T)), rng.uniform(0, 1, DRAWS)
    both = rng.uniform(0, 1, (DRAWS, len(T)))
    age = np.linspace(1, 0.8, len(T))
    given = [
        ({"stable": 0.7, "progressed": draws}, None),
        ({"stable": falling[None], "progressed": draws}, None),
        ({"stable": both, "progressed": 0.3}, age),
        ({"stable": draws, "progressed": falling[None], "dead": 0.1}, both),
    ]
    for by_state, multiplier in given:
        reward = Reward("x", "effect", by_state=by_state, multiplier=multiplier)
        found = evaluate(course, [reward], effects=FIVE)
        values = np.zeros((DRAWS, len(T), 3))
        for k, state in enumerate(course.states):
            value = np.asarray(by_state.get(state, 0.0))
            values[:, :, k] = value[:, None] if value.ndim == 1 else value
        if multiplier is not None:
            values *= np.broadcast_to(multiplier, (DRAWS, len(T)))[:, :, None]
        np.testing.assert_allclose(found.effects, by_hand(course, values, FIVE))
        np.testing.assert_allclose(found.undiscounted.effects, by_hand(course, values, NO_DISCOUNT))
        np.testing.assert_allclose(found.discounted.by_state["x"].sum(axis=1), found.effects)


@pytest.mark.parametrize("name", COURSES)
def test_life_years_costs_and_effects_are_discounted_apart(name):
    course = COURSES[name]()
    rewards = [
        Reward("care", "cost", by_state={"stable": 100, "progressed": 300}),
        Reward("test", "cost", at_start=50),
        Reward("qalys", "effect", by_state={"stable": 0.8, "progressed": 0.6}),
    ]
    found = evaluate(course, rewards, costs=NO_DISCOUNT, effects=FIVE)
    ones = np.broadcast_to([1.0, 1.0, 0.0], (DRAWS, len(T), 3))
    np.testing.assert_allclose(found.discounted.life_years, by_hand(course, ones, FIVE))
    np.testing.assert_allclose(found.undiscounted.life_years, by_hand(course, ones, NO_DISCOUNT))
    np.testing.assert_allclose(found.undiscounted.life_years, found.state_years[:, :2].sum(axis=1))
    np.testing.assert_allclose(
        found.costs, 50 + by_hand(course, np.broadcast_to([100.0, 300, 0], (DRAWS, len(T), 3)), NO_DISCOUNT)
    )
    assert list(found.discounted.by_category) == ["care", "test", "qalys"]
    assert evaluate(course, rewards, keep_course=False).course is None
    default = evaluate(course, rewards)
    explicit = evaluate(course, rewards, costs=Discount(0.035), effects=Discount(0.035))
    np.testing.assert_array_equal(default.costs, explicit.costs)


def test_entries_and_moves_by_hand():
    course = cohort()
    x, P = course.occupancy, course.transitions[:, 0]
    factors = FIVE.factors(T)
    middle = (factors[1:] + factors[:-1]) / 2
    progressing = x[:, :-1, 0] * P[:, [0], 1]
    dying = x[:, 1:, 2] - x[:, :-1, 2]
    reward = Reward(
        "x", "effect", on_entry={"dead": -0.1, "progressed": 1.0}, on_move={("stable", "progressed"): -0.02}
    )
    found = evaluate(course, [reward], effects=FIVE)
    np.testing.assert_allclose(found.effects, (progressing * 0.98 - 0.1 * dying) @ middle)
    np.testing.assert_allclose(found.discounted.by_state["x"][:, 2], -0.1 * dying @ middle)


def test_deaths_cost_the_same_in_every_structure():
    grid = cycles(10, 0.25)
    t = grid.times_years
    reset = clock_reset(grid, np.exp(-0.5 * t), death_before=np.exp(-0.1 * t), death_after=np.exp(-0.6 * t))
    stable, progressed = reset.occupancy[0, :, 0], reset.occupancy[0, :, 1]
    same = partitioned_survival(grid, {"progression_free": stable, "progressed": stable + progressed})
    reward = Reward("end of life", "cost", on_entry={"dead": 10_000})
    found = [evaluate(course, [reward], costs=FIVE).costs for course in (reset, same)]
    np.testing.assert_allclose(found[0], found[1], rtol=1e-12)


def test_charges_by_hand():
    """A dose now and one in 3 months, a saving share on treatment, and none at the horizon."""
    course = partitioned()
    times, amounts = [0.0, 0.25, 9.9, 10.0], [100.0, 200.0, 50.0, 1e9]
    found = evaluate(
        course,
        [Charges("drug", "cost", times_years=times, amounts=amounts, while_in=("stable",))],
        costs=FIVE,
    )
    stable = course.occupancy[:, :, 0]
    expected = (
        100
        + 200 / 1.05**0.25 * (stable[:, 0] + stable[:, 1]) / 2
        + 50 / 1.05**9.9 * (0.2 * stable[:, -2] + 0.8 * stable[:, -1])
    )
    np.testing.assert_allclose(found.costs, expected)
    np.testing.assert_allclose(found.discounted.by_state["drug"][:, 0], expected)
    share = np.array([1.0, 0.9, 0.0, 1.0])
    found = evaluate(
        course,
        [
            Charges(
                "drug",
                "cost",
                times_years=times,
                amounts=np.outer(np.arange(DRAWS), amounts),
                on_treatment=share,
            )
        ],
        costs=FIVE,
    )
    np.testing.assert_allclose(found.costs, np.arange(DRAWS) * (100 + 0.9 * 200 / 1.05**0.25))
    assert (found.discounted.by_state["drug"] == 0).all()


def test_one_course_is_valued_for_the_draws_of_its_rewards():
    """Certain curves and uncertain prices: the same as the curves repeated for every draw."""
    prices, falling = np.array([1.0, 2.0, 5.0]), np.linspace(1, 0.5, len(T))
    rewards = [
        Reward(
            "a", "cost", by_state={"stable": prices, "progressed": 2.0}, multiplier=falling, at_start=prices
        ),
        Reward("b", "cost", on_entry={"dead": prices}),
        Reward("c", "cost", on_treatment=np.exp(-T), per_treated_year=prices),
        Charges("d", "cost", times_years=[0, 1], amounts=np.outer(prices, [1, 2]), while_in=("stable",)),
        Charges("e", "cost", times_years=[0, 1], amounts=np.outer(prices, [1, 2]), on_treatment=[1, 0.5]),
        Reward("f", "effect", by_state={"stable": 0.8, "progressed": 0.6}),
    ]
    curves = {"stable": np.exp(-0.5 * T), "progressed": np.exp(-0.2 * T)}
    one = evaluate(partitioned_survival(GRID, curves), rewards)
    many = evaluate(
        partitioned_survival(GRID, {name: np.tile(values, (3, 1)) for name, values in curves.items()}),
        rewards,
    )
    for name, total in many.discounted.by_category.items():
        assert one.discounted.by_category[name].shape == (3,)
        np.testing.assert_allclose(one.discounted.by_category[name], total)
        np.testing.assert_allclose(one.discounted.by_state[name], many.discounted.by_state[name], atol=1e-12)
    np.testing.assert_allclose(one.costs, many.costs)
    np.testing.assert_allclose(one.undiscounted.life_years, many.undiscounted.life_years)
    with pytest.raises(UnreadableInput, match="holds 2 draws, and 'a' 3"):
        evaluate(partitioned_survival(GRID, curves), [rewards[0], Reward("z", "cost", at_start=[1.0, 2.0])])


def test_values_over_time_are_not_taken_for_draws():
    curves = {"stable": np.exp(-0.5 * T), "progressed": np.exp(-0.2 * T)}
    reward = Reward("u", "effect", by_state={"stable": np.linspace(0.8, 0.7, len(T)), "progressed": 0.5})
    with pytest.raises(UnreadableInput, match="as many values as there are times"):
        evaluate(partitioned_survival(GRID, curves), [reward])
    with pytest.raises(UnreadableInput, match="cannot change with time"):
        evaluate(partitioned_survival(GRID, curves), [Reward("u", "cost", at_start=np.ones((1, len(T))))])


def test_time_on_treatment_of_its_own():
    course, treated = partitioned(), curve(0.5, 1.5)
    draws, falling = np.arange(DRAWS) * 10.0, np.linspace(100, 50, len(T))[None]
    for amount in (7.0, draws, falling):
        reward = Reward("oral", "cost", on_treatment=treated, per_treated_year=amount, at_start=3.0)
        found = evaluate(course, [reward], costs=FIVE)
        per_time = amount[:, None] if np.ndim(amount) == 1 else amount
        expected = np.trapezoid(treated * per_time * FIVE.factors(T), T, axis=1)
        np.testing.assert_allclose(found.costs, 3 + expected)
        assert (found.discounted.by_state["oral"] == 0).all()
    with pytest.raises(UnreadableInput, match="share on treatment"):
        evaluate(course, [Reward("oral", "cost", on_treatment=[1.0, 0.5], per_treated_year=5)])
    with pytest.raises(UnreadableInput, match="on treatment"):
        evaluate(course, [Reward("oral", "cost", on_treatment=1 - treated, per_treated_year=5)])


def test_many_small_charges_equal_a_price_per_year():
    course = partitioned(cycles(10, 1 / 52))
    daily = (np.arange(3650) + 0.5) / 365
    drug = Charges("doses", "cost", times_years=daily, amounts=np.full(3650, 10.0), while_in=("stable",))
    steady = Reward("years", "cost", by_state={"stable": 3650.0, "progressed": 0.0})
    found = evaluate(course, [drug, steady]).discounted.by_category
    np.testing.assert_allclose(found["doses"], found["years"], rtol=2e-5)


@settings(deadline=None, max_examples=30)
@given(st.floats(0, 1e5), st.floats(0, 1e5))
def test_costs_are_linear_and_do_not_depend_on_their_company(a, b):
    course = partitioned()
    rewards = [Reward("a", "cost", by_state={"stable": a, "progressed": b}), Reward("b", "cost", at_start=b)]
    both = evaluate(course, rewards)
    alone = [evaluate(course, [reward]).costs for reward in rewards]
    np.testing.assert_allclose(both.costs, sum(alone))
    unit = evaluate(course, [Reward("u", "cost", by_state={"stable": 1, "progressed": 0})]).costs
    other = evaluate(course, [Reward("v", "cost", by_state={"stable": 0, "progressed": 1})]).costs
    np.testing.assert_allclose(alone[0], a * unit + b * other, atol=1e-9)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Reward("drug", "cost", by_state={"stable": -5}), "cannot be negative"),
        (lambda: Reward("u", "effect", by_state={"stable": 1.2}), "between -1 and 1"),
        (lambda: Reward("u", "effect", by_state={"stable": 80}), "in per cent"),
        (lambda: Reward("u", "effect", by_state={"stable": [0.5, np.nan]}), "missing"),
        (lambda: Charges("d", "cost", times_years=[0, 1], amounts=[5], while_in=("stable",)), "one amount"),
        (lambda: Charges("d", "cost", times_years=[0], amounts=[5], on_treatment=[1.1]), "between 0 and 1"),
        (lambda: Charges("d", "cost", times_years=[0], amounts=[-5], while_in=("stable",)), "negative"),
    ],
)
def test_bad_rewards(make, words):
    with pytest.raises(UnreadableInput) as found:
        make()
    assert words in str(found.value)


def test_refusals():
    course = partitioned()
    with pytest.raises(UnknownName):
        Reward("x", "price")
    with pytest.raises(UnreadableInput, match="no value for the state 'progressed'"):
        evaluate(course, [Reward("u", "effect", by_state={"stable": 0.8})])
    with pytest.raises(UnknownName):
        evaluate(
            course, [Reward("u", "effect", by_state={"stable": 0.8, "progresed": 0.5, "progressed": 0.5})]
        )
    with pytest.raises(UnreadableInput, match="'u' holds 2 draws, and the course 4"):
        evaluate(course, [Reward("u", "effect", by_state={"stable": [0.1, 0.2], "progressed": 0})])
    with pytest.raises(InvalidSetting, match="a name of its own"):
        evaluate(course, [Reward("u", "cost"), Reward("u", "cost")])
    with pytest.raises(InvalidSetting, match="do not say how many move into 'progressed'"):
        evaluate(course, [Reward("u", "cost", on_entry={"progressed": 5})])
    with pytest.raises(InvalidSetting, match="from 'stable' to 'dead'"):
        evaluate(course, [Reward("u", "cost", on_move={("stable", "dead"): 5})])
    with pytest.raises(InvalidSetting, match="either"):
        Charges("d", "cost", times_years=[0], amounts=[5])
    on_nodes = partitioned(exact(10))
    with pytest.raises(InvalidSetting, match="nodes of a quadrature"):
        evaluate(on_nodes, [Charges("d", "cost", times_years=[0], amounts=[5], while_in=("stable",))])
    with pytest.raises(InvalidSetting, match="nodes of a quadrature"):
        evaluate(on_nodes, [Reward("d", "cost", on_entry={"dead": 1})])


def test_side_by_side_needs_the_same_draws():
    years = [
        Reward("ly", "effect", by_state={"stable": 1, "progressed": 1}),
        Reward("care", "cost", by_state={"stable": 10, "progressed": 30}),
    ]
    four = evaluate(partitioned(), years, strategy="four")
    one = evaluate(
        partitioned_survival(GRID, {"stable": np.exp(-T), "progressed": np.exp(-0.5 * T)}),
        years,
        strategy="one",
    )
    two = evaluate(
        partitioned_survival(GRID, {"stable": np.exp(-np.outer([1, 2], T)), "progressed": np.exp(-0.5 * T)}),
        years,
        strategy="two",
    )
    joined = side_by_side([four, one])
    np.testing.assert_allclose(joined.effects[:, 1], one.effects[0])
    gained = four.effects - one.effects
    np.testing.assert_allclose(joined.against("one")[1][:, 0], gained)
    (increment,) = joined.increments("one", level=0.8)
    assert (increment.strategy, increment.reference) == ("four", "one")
    assert increment.effects.value == pytest.approx(gained.mean())
    assert (increment.effects.low, increment.effects.high) == pytest.approx(
        tuple(np.quantile(gained, [0.1, 0.9]))
    )
    assert increment.life_years.value == pytest.approx(
        (four.undiscounted.life_years - one.undiscounted.life_years).mean()
    )
    assert increment.costs.value == pytest.approx((four.costs - one.costs).mean())
    np.testing.assert_allclose(joined.against("one")[0][:, 0], four.costs - one.costs)
    single = side_by_side([one, replace(one, strategy="again")]).increments("one")[0]
    assert np.isnan(single.effects.low)
    with pytest.raises(InvalidSetting, match="same draws"):
        side_by_side([four, two])
    with pytest.raises(InvalidSetting, match="name of its own"):
        side_by_side([one, one])
    with pytest.raises(UnknownName):
        joined.against("three")
