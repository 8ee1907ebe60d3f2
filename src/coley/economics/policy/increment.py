"""What one strategy adds to another, with the part of its cost that follows the price of one drug."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.draws import count_of_draws, draws_of, share_of
from coley.model.errors import InvalidSetting, NotEstimable
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Increment:
    """New strategy less comparator, draw by draw; made by `increment`.

    Attributes
    ----------
    rest
        (D,) money: added cost of everything but the drug in question.
    drug
        (D,) money: added cost of that drug at its list price; costs are linear in its price.
    effect
        (D,) QALYs, or another unit of effect.
    """

    rest: Floats
    drug: Floats
    effect: Floats

    def __len__(self) -> int:
        return len(self.rest)

    @property
    def cost(self) -> Floats:
        """(D,): added cost at the list price."""
        return self.rest + self.drug

    def net_benefit(self, threshold: float, *, price: float = 1.0) -> Floats:
        """Return net monetary benefit, (D,), at a threshold and a price as a multiple of the list price."""
        return threshold * self.effect - self.rest - price * self.drug


def increment(cost: ArrayLike, effect: ArrayLike, drug: ArrayLike) -> Increment:
    """Return what a strategy adds, having examined it.

    Parameters
    ----------
    cost, effect
        Differences, new less old, (D,): total cost at list prices, and effect.
    drug
        Part of the difference in cost that is spent on the drug whose price is in question, (D,): what the new
        strategy spends on it less what the old one does. What is called the list price elsewhere is the price at
        which this was reckoned, whatever discount it held.

    Raises
    ------
    InvalidSetting
        Where a number is missing, or the numbers of draws differ.

    Examples
    --------
    >>> added = increment([50_000, 60_000], [0.5, 0.7], [45_000, 52_000])
    >>> added.rest, added.net_benefit(100_000)
    (array([5000., 8000.]), array([    0., 10000.]))
    """
    c, e, d = together(
        draws_of(cost, "An added cost", low=-np.inf),
        draws_of(effect, "An added effect", low=-np.inf),
        draws_of(drug, "The added cost of the drug", low=-np.inf),
    )
    return Increment(c - d, d, e)


def together(*arrays: Floats) -> tuple[Floats, ...]:
    """Return arrays (D,) or (1,) all as (D,).

    Examples
    --------
    >>> together(np.array([1.0]), np.array([2.0, 3.0]))
    (array([1., 1.]), array([2., 3.]))
    """
    shape = (count_of_draws(*arrays),)
    return tuple(np.broadcast_to(array, shape) for array in arrays)


def priced(added: Increment) -> None:
    """Refuse an increment whose cost does not rise with the price of its drug in every draw.

    Raises
    ------
    NotEstimable
        Where the new strategy uses no more of the drug than the old one in some draw.
    """
    if not (added.drug > 0).all():
        raise NotEstimable(
            "No highest price can be set: the strategy does not spend more on the drug than its comparator.",
            where=f"{int((added.drug <= 0).sum())} of {len(added)} draws",
            cause="the comparator uses the same drug, or the drug's cost was given as zero",
            remedy="Name the drug by which the strategies differ.",
        )


def share_between(value: float, name: str) -> float:
    """Return a fraction strictly between 0 and 1.

    Raises
    ------
    InvalidSetting
        For anything else.
    """
    if not 0 < value < 1:
        raise InvalidSetting(
            f"{name} lies strictly between 0 and 1, and {value:g} does not.",
            remedy=f"Write {value / 100:g} for {value:g} %." if 1 < value < 100 else "",
        )
    return float(value)


def shares_of(shares: ArrayLike) -> Floats:
    """Return shares of subgroups, which must add up to 1.

    Raises
    ------
    InvalidSetting
        Where they do not.
    """
    found = share_of(shares, "A subgroup's share")
    if abs(found.sum() - 1) > 1e-6:
        raise InvalidSetting(f"Shares of subgroups must add up to 1 and add up to {found.sum():g}.")
    return found


def summary(values: Floats, level: float) -> Interval:
    """Return the mean of draws, with the limits between which that share of them lies."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(values.mean()), float(low), float(high), level)
