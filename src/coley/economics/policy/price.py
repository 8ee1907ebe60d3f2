"""The highest price at which a strategy is worth its cost, on average and with a given probability."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.draws import draws_of
from coley.economics.policy.increment import Increment, priced, share_between
from coley.model.method import method
from coley.stats.decision.outcomes import thresholds_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

CLAXTON = (
    "Claxton K, Briggs A, Buxton MJ, et al. Value based pricing for NHS drugs: an opportunity not to be missed? "
    "BMJ 2008;336:251-254."
)
# What payers are commonly shown beside the mean: four in five, and nine in ten.
PROBABILITIES = (0.8, 0.9)
CRUMB = 1e-9  # so that 0.8 of 10 draws is 8 of them in binary, too


@dataclass(frozen=True, eq=False)
class PriceCurve:
    """Highest prices by threshold, as multiples of the list price.

    A price below 0 says that the strategy does not meet the threshold even where the drug is given away.

    Attributes
    ----------
    thresholds
        (K,).
    expected
        (K,): mean net benefit is nil.
    low, high
        (K,): limits of the draws' own break-even prices.
    probabilities
        (P,) as asked for.
    with_probability
        (P, K): the strategy is worth its cost in at least that share of draws.
    level
        Share of draws between `low` and `high`.
    n
        Draws.
    """

    thresholds: Floats
    expected: Floats
    low: Floats
    high: Floats
    probabilities: tuple[float, ...]
    with_probability: Floats
    level: float
    n: int

    def net(self, list_price: float) -> Floats:
        """Return the expected curve in money per unit (mg, vial), (K,), from the list price of that unit."""
        return self.expected * float(draws_of(list_price, "A list price")[0])


@method(
    "value_based_price",
    title="Value-based price",
    summary="The highest price of a drug, as a multiple of its list price, at which a strategy meets a threshold: on "
    "average, and with a given probability.",
    needs="draws of the difference in cost and effect, and of the part of the cost that follows the price",
    limits="Costs must be linear in the price; whoever decides by the mean needs the expected price, and the price "
    "with a probability pays for caution. A price below nil cannot be mended by any discount.",
    references=(CLAXTON,),
)
def price_at_threshold(
    added: Increment,
    thresholds: ArrayLike,
    *,
    probabilities: Sequence[float] = PROBABILITIES,
    level: float = 0.95,
) -> PriceCurve:
    """Return the highest price of a drug at each threshold.

    Net benefit is k e - rest - m drug, for the multiple m of the list price; nil at m = (k e - rest) / drug.

    Parameters
    ----------
    added
        New strategy less comparator.
    thresholds
        What a unit of effect is worth, (K,).
    probabilities
        Shares of draws in which the strategy must be worth its cost.
    level
        Share of draws within the limits.

    Raises
    ------
    NotEstimable
        Where the strategy does not spend more on the drug than its comparator.
    InvalidSetting
        For a negative threshold or a probability that is none.

    References
    ----------
    Claxton et al 2008.

    Examples
    --------
    >>> from coley.economics.policy.increment import increment
    >>> added = increment([50_000, 60_000], [0.5, 0.7], [45_000, 52_000])
    >>> price_at_threshold(added, [50_000, 100_000]).expected.round(3)
    array([0.485, 1.103])
    """
    priced(added)
    k = thresholds_of(thresholds)
    sought = tuple(share_between(p, "A probability") for p in probabilities)
    share_between(level, "The level")
    prices = np.sort(_break_even(added, k), axis=1)
    draws = len(added)
    at = [min(int(draws * (1 - p) + CRUMB), draws - 1) for p in sought]
    low, high = np.quantile(prices, [(1 - level) / 2, (1 + level) / 2], axis=1)
    expected = (k * added.effect.mean() - added.rest.mean()) / added.drug.mean()
    return PriceCurve(k, expected, low, high, sought, prices[:, at].T, level, draws)


@method(
    "price_acceptability",
    title="Acceptability by price",
    summary="Share of draws in which a strategy is worth its cost, by price of the drug and threshold.",
    needs="draws of the difference in cost and effect, and of the part of the cost that follows the price",
    limits="Against one comparator; says nothing about how much is lost where it is not.",
    references=(CLAXTON,),
)
def price_acceptability(added: Increment, multiples: ArrayLike, thresholds: ArrayLike) -> Floats:
    """Return the probability that net benefit is not negative, prices x thresholds, (M, K).

    Parameters
    ----------
    added
        New strategy less comparator.
    multiples
        Prices as multiples of the list price, (M,).
    thresholds
        What a unit of effect is worth, (K,).

    Raises
    ------
    NotEstimable, InvalidSetting
        As for `price_at_threshold`; for a negative price.

    References
    ----------
    Claxton et al 2008.

    Examples
    --------
    >>> from coley.economics.policy.increment import increment
    >>> added = increment([50_000, 60_000], [0.5, 0.7], [45_000, 52_000])
    >>> price_acceptability(added, [1.0, 1.1], [100_000])
    array([[1. ],
           [0.5]])
    """
    priced(added)
    m, k = draws_of(multiples, "A price as a multiple of the list price"), thresholds_of(thresholds)
    prices = np.sort(_break_even(added, k), axis=1)
    # A price that equals the break-even is met, binary fractions or not.
    below = [np.searchsorted(row, m - CRUMB * np.maximum(1, m), side="left") for row in prices]
    return np.asarray(1 - np.transpose(below) / len(added))


def _break_even(added: Increment, k: Floats) -> Floats:
    """Return each draw's break-even price, (K, D)."""
    return (k[:, None] * added.effect - added.rest) / added.drug
