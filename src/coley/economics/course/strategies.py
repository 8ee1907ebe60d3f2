"""Outcomes of strategies side by side, on the same draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.course.courses import position
from coley.model.errors import InvalidSetting
from coley.stats.tails import z_of
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.course.outcome import Outcome

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Increment:
    """What a strategy, or a structure, changes against another one: means over draws, with percentiles.

    The limits are those of the draws; with one draw they are missing.
    """

    strategy: str
    reference: str
    costs: Interval
    effects: Interval
    life_years: Interval


@dataclass(frozen=True, eq=False)
class SideBySide:
    """Costs and effects of N strategies, draw by draw.

    Attributes
    ----------
    strategies
        Their names.
    costs, effects
        (D, N), discounted.
    life_years
        (D, N), undiscounted.
    outcomes
        The outcomes themselves.
    """

    strategies: tuple[str, ...]
    costs: Floats
    effects: Floats
    life_years: Floats
    outcomes: tuple[Outcome, ...]

    def against(self, reference: str) -> tuple[Floats, Floats]:
        """Return increments of costs and of effects over one strategy, each (D, N).

        Raises
        ------
        UnknownName
            For a strategy that is not here.
        """
        at = position(self.strategies, reference)
        return self.costs - self.costs[:, [at]], self.effects - self.effects[:, [at]]

    def increments(self, reference: str, *, level: float = 0.95) -> tuple[Increment, ...]:
        """Return what each of the others changes against one strategy.

        Raises
        ------
        UnknownName
            For a strategy that is not here.
        """
        at = position(self.strategies, reference)
        columns = [values - values[:, [at]] for values in (self.costs, self.effects, self.life_years)]
        return tuple(
            Increment(name, reference, *(_over_draws(column[:, k], level) for column in columns))
            for k, name in enumerate(self.strategies)
            if k != at
        )


def _over_draws(values: Floats, level: float) -> Interval:
    z_of(level)
    low, high = (
        np.quantile(values, [(1 - level) / 2, (1 + level) / 2]) if len(values) > 1 else (np.nan, np.nan)
    )
    return Interval(float(values.mean()), float(low), float(high), level)


def side_by_side(outcomes: Sequence[Outcome]) -> SideBySide:
    """Join outcomes of strategies that were run on the same draws.

    Parameters
    ----------
    outcomes
        One a strategy; an outcome of a single draw stands beside all draws of the others.

    Raises
    ------
    InvalidSetting
        Where there is none, strategies share a name, or numbers of draws differ.

    Examples
    --------
    >>> from coley.economics.course.cohort import markov_cohort
    >>> from coley.economics.course.grid import cycles
    >>> from coley.economics.course.outcome import evaluate
    >>> from coley.economics.course.rewards import Reward
    >>> years = Reward("life_years", "effect", by_state={"alive": 1})
    >>> arms = {"old": 0.3, "new": 0.2}
    >>> joined = side_by_side([
    ...     evaluate(
    ...         markov_cohort(cycles(10, 1), [[1 - p, p], [0, 1]], states=("alive", "dead")),
    ...         [years],
    ...         strategy=name,
    ...     )
    ...     for name, p in arms.items()
    ... ])
    >>> joined.against("old")[1].round(3)
    array([[0.   , 1.069]])
    """
    names = tuple(outcome.strategy for outcome in outcomes)
    if not names or len(set(names)) < len(names):
        raise InvalidSetting("Each strategy needs an outcome and a name of its own.", where=f"{names}")
    sizes = {len(outcome.costs) for outcome in outcomes}
    if len(sizes - {1}) > 1:
        raise InvalidSetting(
            "Strategies can stand side by side only on the same draws.",
            where=", ".join(f"{o.strategy}: {len(o.costs)}" for o in outcomes),
            remedy="Make the draws of the parameters once and run every strategy on them.",
        )
    draws = max(sizes)

    def joined(columns: Sequence[Floats]) -> Floats:
        return np.stack([np.broadcast_to(column, draws) for column in columns], axis=1)

    return SideBySide(
        names,
        joined([outcome.costs for outcome in outcomes]),
        joined([outcome.effects for outcome in outcomes]),
        joined([outcome.undiscounted.life_years for outcome in outcomes]),
        tuple(outcomes),
    )
