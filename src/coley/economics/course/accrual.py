"""How rewards and charges accrue on a course, by state and draw.

Values are brought to one shape first: (1 or D, 1) where they do not change with time, (1 or D, T) where they do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.course.courses import position
from coley.economics.course.curves import survival_curve
from coley.economics.course.rewards import Charges, Reward, numbers
from coley.model.errors import InvalidSetting, UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.economics.course.courses import Course
    from coley.economics.course.discounting import Discount

    Floats = NDArray[np.float64]


def draws_of(course: Course, rewards: Sequence[Reward | Charges]) -> int:
    """Return the number of draws of a course and its rewards, each of which may hold one only.

    Raises
    ------
    UnreadableInput
        Where shapes do not fit the course, or numbers of draws differ.
    """
    draws, held_by = course.draws, "the course"
    for reward in rewards:
        for held in _held(course, reward):
            if held != 1 and draws not in (1, held):
                raise UnreadableInput(
                    f"A value of {reward.name!r} holds {held} draws, and {held_by} {draws}.",
                    remedy="Make the draws of all parameters once; one value may stand for all draws.",
                )
            if held > draws:
                draws, held_by = held, repr(reward.name)
    return draws


def earned(course: Course, reward: Reward, discount: Discount, *, years: Floats) -> tuple[Floats, Floats]:
    """Return what a reward brings to each state (D, S), and what belongs to no state (1 or D,).

    Parameters
    ----------
    course, reward, discount
        What it accrues on, and how it is discounted.
    years
        (D, S): discounted years in each state.

    Raises
    ------
    UnreadableInput
        Where a state of the living has no value.
    InvalidSetting
        Where the course does not determine a move that has one.
    """
    out = np.zeros_like(years)
    factors = discount.factors(course.grid.times_years)
    unnamed = [s for s in course.states if s not in reward.by_state and s not in course.dead]
    if reward.by_state and unnamed:
        raise UnreadableInput(
            f"The reward {reward.name!r} has no value for the state {unnamed[0]!r}.",
            remedy="Give every state of the living a value; 0 is one.",
        )
    for state, given in reward.by_state.items():
        k, values = position(course.states, state), _shaped(given, course, reward.name)
        over_time = np.ones((1, 1)) if reward.multiplier is None else _over_time(reward.multiplier, course)
        if values.shape[1] > 1:
            over_time, values = over_time * values, np.ones((1, 1))
        if over_time.shape[1] == 1:
            out[:, k] = values[:, 0] * years[:, k]
            continue
        weights = course.grid.over_states(factors * over_time)
        out[:, k] = values[:, 0] * course.weigh_state(k, weights[0] if len(weights) == 1 else weights)
    if reward.on_entry or reward.on_move:
        out += _moved(course, reward, course.grid.over_flows(factors))
    elsewhere = _shaped(reward.at_start, course, reward.name)[:, 0]
    if reward.on_treatment is not None:
        share = survival_curve(_over_time(reward.on_treatment, course), course.grid, name="on treatment")
        amounts = _shaped(reward.per_treated_year, course, reward.name)
        elsewhere = elsewhere + (share * course.grid.over_states(factors * amounts)).sum(axis=1)
    return out, elsewhere


def charged(course: Course, charges: Charges, discount: Discount, *, draws: int) -> tuple[Floats, Floats]:
    """Return charges by the state in which they are made (D, S), and those that belong to none (1 or D,).

    Raises
    ------
    InvalidSetting
        Where charges are made in states of a course that is known only at the nodes of a quadrature.
    """
    grid = course.grid
    times = numbers(charges.times_years, charges.name)
    made = times < grid.horizon_years - 1e-9  # a dose on the last day belongs to what comes after
    times = times[made]
    amounts = np.atleast_2d(numbers(charges.amounts, charges.name))[:, made] * discount.factors(times)
    out = np.zeros((draws, len(course.states)))
    if charges.on_treatment is not None:
        share = np.atleast_2d(numbers(charges.on_treatment, charges.name))[:, made]
        return out, (share * amounts).sum(axis=1)
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
    return out, np.zeros(1)


def _moved(course: Course, reward: Reward, weights: Floats) -> Floats:
    """Return what entries and moves bring, by the state that is entered (1 or D, S)."""
    entries = course.weigh_entries(weights)
    flows = course.weigh_flows(weights) if reward.on_move else None
    worth = [
        (position(course.states, state), entries[:, position(course.states, state)], given, f"into {state!r}")
        for state, given in reward.on_entry.items()
    ]
    for (start, end), given in reward.on_move.items():
        i, j = position(course.states, start), position(course.states, end)
        worth.append((j, np.asarray(flows)[:, i, j], given, f"from {start!r} to {end!r}"))
    columns: list[list[Floats]] = [[np.zeros(1)] for _ in course.states]
    for state, moves, given, what in worth:
        if np.isnan(moves).any():
            raise InvalidSetting(
                f"Survival curves do not say how many move {what}; they only say how many die.",
                remedy="Use a state transition model, or charge it to time in the state.",
            )
        columns[state].append(_shaped(given, course, reward.name)[:, 0] * moves)
    draws = max(len(part) for parts in columns for part in parts)
    return np.stack([sum(parts, np.zeros(draws)) for parts in columns], axis=1)


def _held(course: Course, reward: Reward | Charges) -> Iterator[int]:
    """Give the number of draws of each value of a reward."""
    if isinstance(reward, Charges):
        yield len(np.atleast_2d(reward.amounts))
        if reward.on_treatment is not None:
            yield len(np.atleast_2d(reward.on_treatment))
        return
    for given in (*reward.by_state.values(), reward.per_treated_year):
        yield len(_shaped(given, course, reward.name))
    for given in (*reward.on_entry.values(), *reward.on_move.values(), reward.at_start):
        values = _shaped(given, course, reward.name)
        if values.shape[1] != 1:
            raise UnreadableInput(f"What {reward.name!r} brings once cannot change with time.")
        yield len(values)
    for given_over_time in (reward.multiplier, reward.on_treatment):
        if given_over_time is not None:
            yield len(_over_time(given_over_time, course))


def _shaped(given: ArrayLike, course: Course, name: str) -> Floats:
    """Return a value (), (D,) or (1 or D, T) as (1 or D, 1 or T)."""
    values, times = np.asarray(given, dtype=np.float64), len(course.grid)
    if values.ndim == 2 and values.shape[1] == times:
        return values
    if values.ndim < 2 and (values.size != times or values.size in (1, course.draws)):
        return values.reshape(-1, 1)
    raise UnreadableInput(
        f"A value of {name!r} must be one number, one for each draw (D,), or (draws, times) with {times} times.",
        where=f"shape {values.shape}",
        cause="It has as many values as there are times." if values.shape == (times,) else "",
        remedy="Give values over time as (1, times), or one curve for each draw.",
    )


def _over_time(given: ArrayLike, course: Course) -> Floats:
    """Return a value over time as (1 or D, T)."""
    values = np.atleast_2d(numbers(given, "values over time"))
    if values.ndim != 2 or values.shape[1] != len(course.grid):
        raise UnreadableInput(
            f"A multiplier or a share on treatment must hold one value for each of {len(course.grid)} times.",
            where=f"shape {np.shape(given)}",
        )
    return values
