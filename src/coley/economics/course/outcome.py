"""Outcomes: life years, costs and effects of a course, by category and state, discounted and not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.course.accrual import charged, draws_of, earned
from coley.economics.course.discounting import NO_DISCOUNT, Discount
from coley.economics.course.rewards import Charges, Reward
from coley.model.errors import InvalidSetting

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
        What is counted, each under a name of its own. A course of one draw is valued for as many draws as
        the rewards hold.
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
    draws = draws_of(course, rewards)
    shape = (draws, len(course.states))
    years: dict[Discount, Floats] = {}
    for discount in set(discounts.values()):
        weights = course.grid.over_states(discount.factors(course.grid.times_years))
        years[discount] = np.broadcast_to(course.weigh(weights), shape)
    by_category: dict[str, Floats] = {}
    by_state: dict[str, Floats] = {}
    sums = {kind: np.zeros(draws) for kind in discounts}
    for reward in rewards:
        discount = discounts[reward.kind]
        if isinstance(reward, Charges):
            of_states, elsewhere = charged(course, reward, discount, draws=draws)
        else:
            of_states, elsewhere = earned(course, reward, discount, years=years[discount])
        by_state[reward.name] = of_states
        by_category[reward.name] = of_states.sum(axis=1) + elsewhere
        sums[reward.kind] += by_category[reward.name]
    of_effects = years[discounts["effect"]]
    living = [k for k, state in enumerate(course.states) if state not in course.dead]
    return (
        Totals(by_category, by_state, of_effects[:, living].sum(axis=1), sums["cost"], sums["effect"]),
        of_effects,
    )
