"""Outcomes: life years, costs and effects of a course, by category and state, discounted and not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.course.courses import position
from coley.economics.course.discounting import NO_DISCOUNT, Discount
from coley.economics.course.rewards import Charges, Reward, numbers
from coley.model.errors import InvalidSetting, UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.economics.course.courses import Course
    from coley.economics.course.curves import Crossing

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Totals:
    """What a course costs and yields under one way of discounting, each (D,).

    Attributes
    ----------
    by_category
        Name of each reward to its total.
    by_state
        Name of each reward to the part of it that belongs to each state, (D, S); what is charged by a curve
        of its own, or at the start, belongs to none.
    life_years
        Years alive.
    costs, effects
        Sums over the rewards of each kind.
    """

    by_category: Mapping[str, Floats]
    by_state: Mapping[str, Floats]
    life_years: Floats
    costs: Floats
    effects: Floats


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one strategy costs and yields.

    Attributes
    ----------
    strategy
        Its name.
    discounted, undiscounted
        The totals.
    states, state_years
        Names of the states, and undiscounted years in each (D, S).
    crossings
        Curves that had to be put in order.
    course
        The course itself; None if it was not to be kept.
    """

    strategy: str
    discounted: Totals
    undiscounted: Totals
    states: tuple[str, ...]
    state_years: Floats
    crossings: tuple[Crossing, ...]
    course: Course | None

    @property
    def costs(self) -> Floats:
        """(D,): discounted costs."""
        return self.discounted.costs

    @property
    def effects(self) -> Floats:
        """(D,): discounted effects."""
        return self.discounted.effects


def evaluate(
    course: Course,
    rewards: Sequence[Reward | Charges],
    *,
    strategy: str = "",
    costs: Discount | None = None,
    effects: Discount | None = None,
    keep_course: bool = True,
) -> Outcome:
    """Return what a course costs and yields.

    Parameters
    ----------
    course
        From `partitioned_survival`, `markov_cohort`, `clock_forward` or `clock_reset`.
    rewards
        What is counted, each under a name of its own.
    strategy
        Name of the strategy.
    costs, effects
        How costs and effects are discounted, 3.5 % a year unless given; life years go with effects.
    keep_course
        Whether the outcome holds on to the course, which may be large.

    Raises
    ------
    InvalidSetting
        Where names repeat, or a reward asks for moves that the course does not determine.
    UnreadableInput
        Where a state is left without a value, or shapes do not fit.
    UnknownName
        Where a reward names a state that the course does not have.

    Examples
    --------
    >>> from coley.economics.course.cohort import markov_cohort
    >>> from coley.economics.course.grid import cycles
    >>> course = markov_cohort(cycles(10, 1), [[0.9, 0.1], [0, 1]], states=("alive", "dead"))
    >>> drug = Reward("drug", "cost", by_state={"alive": 1000})
    >>> found = evaluate(course, [drug, Reward("qalys", "effect", by_state={"alive": 0.8})])
    >>> found.costs.round(2), found.effects.round(4), found.undiscounted.life_years.round(4)
    (array([5395.18]), array([4.3161]), array([6.1876]))
    """
    names = [reward.name for reward in rewards]
    if len(set(names)) < len(names):
        raise InvalidSetting("Each reward needs a name of its own.", where=", ".join(names))
    discounts = {"cost": costs or Discount(), "effect": effects or Discount()}
    free = dict.fromkeys(discounts, NO_DISCOUNT)
    discounted, _ = _totals(course, rewards, discounts)
    undiscounted, years = _totals(course, rewards, free)
    return Outcome(
        strategy,
        discounted,
        undiscounted,
        course.states,
        years,
        course.crossings,
        course if keep_course else None,
    )


def _totals(
    course: Course, rewards: Sequence[Reward | Charges], discounts: Mapping[str, Discount]
) -> tuple[Totals, Floats]:
    """Return totals, and the years in each state as effects are discounted."""
    years: dict[Discount, Floats] = {}
    for discount in discounts.values():
        if discount not in years:
            factors = discount.factors(course.grid.times_years)
            years[discount] = course.weigh(course.grid.over_states(factors))
    by_category: dict[str, Floats] = {}
    by_state: dict[str, Floats] = {}
    sums = {kind: np.zeros(course.draws) for kind in discounts}
    for reward in rewards:
        discount = discounts[reward.kind]
        if isinstance(reward, Charges):
            of_states, elsewhere = _charged(course, reward, discount)
        else:
            of_states, elsewhere = _earned(course, reward, discount, years[discount])
        by_state[reward.name] = of_states
        by_category[reward.name] = of_states.sum(axis=1) + elsewhere
        sums[reward.kind] += by_category[reward.name]
    of_effects = years[discounts["effect"]]
    living = [k for k, state in enumerate(course.states) if state not in course.dead]
    return (
        Totals(by_category, by_state, of_effects[:, living].sum(axis=1), sums["cost"], sums["effect"]),
        of_effects,
    )


def _earned(course: Course, reward: Reward, discount: Discount, years: Floats) -> tuple[Floats, Floats]:
    """Return what belongs to each state (D, S), and what belongs to none (D,)."""
    out = np.zeros((course.draws, len(course.states)))
    factors = discount.factors(course.grid.times_years)
    if reward.by_state:
        unnamed = [s for s in course.states if s not in reward.by_state and s not in course.dead]
        if unnamed:
            raise UnreadableInput(
                f"The reward {reward.name!r} has no value for the state {unnamed[0]!r}.",
                remedy="Give every state of the living a value; 0 is one.",
            )
    for state, given in reward.by_state.items():
        k = position(course.states, state)
        values = _fitting(given, course, reward.name)
        if values.ndim < 2 and reward.multiplier is None:
            out[:, k] = values * years[:, k]
            continue
        times = factors if reward.multiplier is None else factors * _over_time(reward.multiplier, course)
        per_draw = values if values.ndim < 2 else 1.0
        if values.ndim == 2:
            times = times * values
        weights = course.grid.over_states(times)
        out[:, k] = per_draw * course.weigh_state(k, weights[0] if len(weights) == 1 else weights)
    if reward.on_entry or reward.on_move:
        out += _moved(course, reward, course.grid.over_flows(factors))
    return out, np.broadcast_to(_fitting(reward.at_start, course, reward.name), course.draws)


def _moved(course: Course, reward: Reward, weights: Floats) -> Floats:
    """Return what entries and moves bring, by the state that is entered (D, S)."""
    out = np.zeros((course.draws, len(course.states)))
    entries = course.weigh_entries(weights)
    for state, given in reward.on_entry.items():
        k = position(course.states, state)
        out[:, k] += _fitting(given, course, reward.name) * _known(entries[:, k], course, f"into {state!r}")
    flows = course.weigh_flows(weights) if reward.on_move else entries
    for (start, end), given in reward.on_move.items():
        i, j = position(course.states, start), position(course.states, end)
        what = f"from {start!r} to {end!r}"
        out[:, j] += _fitting(given, course, reward.name) * _known(flows[:, i, j], course, what)
    return out


def _known(moves: Floats, course: Course, what: str) -> Floats:
    if np.isnan(moves).any():
        raise InvalidSetting(
            f"Survival curves do not say how many move {what}; they only say how many die.",
            remedy="Use a state transition model, or charge it to time in the state.",
        )
    return moves


def _charged(course: Course, charges: Charges, discount: Discount) -> tuple[Floats, Floats]:
    """Return charges by state (D, S), and those that belong to none (D,)."""
    grid = course.grid
    times = numbers(charges.times_years, charges.name)
    made = times < (grid.horizon_years - 1e-9)
    times = times[made]
    amounts = numbers(charges.amounts, charges.name)[..., made] * discount.factors(times)
    out = np.zeros((course.draws, len(course.states)))
    if charges.on_treatment is not None:
        shares = np.atleast_2d(numbers(charges.on_treatment, charges.name)[..., made] * amounts)
        if len(shares) not in (1, course.draws):
            raise UnreadableInput(
                f"Charges for {charges.name!r} hold {len(shares)} draws, the course {course.draws}."
            )
        return out, np.broadcast_to(shares.sum(axis=1), course.draws)
    if grid.correction is None:
        raise InvalidSetting(
            "The share in a state between the nodes of a quadrature is not known.",
            remedy="Give the share on treatment at the times of the charges, or take a grid of cycles.",
        )
    before = np.clip(np.searchsorted(grid.times_years, times, side="right") - 1, 0, len(grid) - 2)
    part = (times - grid.times_years[before]) / grid.lengths_years[before]
    for state in charges.while_in:
        k = position(course.states, state)
        share = (1 - part) * course.at(k, before) + part * course.at(k, before + 1)
        out[:, k] = (share * amounts).sum(axis=1)
    return out, np.zeros(course.draws)


def _fitting(given: ArrayLike, course: Course, name: str) -> Floats:
    """Return a value (), (D,) or (1 or D, T)."""
    values = np.asarray(given, dtype=np.float64)
    shapes = [(), (course.draws,), (1, len(course.grid)), (course.draws, len(course.grid))]
    if values.shape not in shapes:
        raise UnreadableInput(
            f"A value of {name!r} must be one number, one for each of {course.draws} draws, or (draws, times) "
            f"with {len(course.grid)} times.",
            where=f"shape {values.shape}",
        )
    return values


def _over_time(multiplier: ArrayLike, course: Course) -> Floats:
    values = np.atleast_2d(numbers(multiplier, "multiplier"))
    if values.shape not in [(1, len(course.grid)), (course.draws, len(course.grid))]:
        raise UnreadableInput(
            f"A multiplier must hold one value for each of {len(course.grid)} times.",
            where=f"shape {np.shape(multiplier)}",
        )
    return values
