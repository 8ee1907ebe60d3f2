"""How much must be paid back for patients in whom a treatment failed, so that it is worth its cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.draws import draws_of
from coley.economics.policy.increment import Increment, share_between, together
from coley.economics.policy.paid_back import CARLSON
from coley.economics.policy.price import CRUMB, PROBABILITIES
from coley.model.errors import InvalidSetting, NotEstimable
from coley.model.method import method
from coley.stats.decision.outcomes import thresholds_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

BARROS = (
    "Barros PP. The simple economics of risk-sharing agreements between the NHS and the pharmaceutical industry. "
    "Health Econ 2011;20:461-470."
)


@dataclass(frozen=True, eq=False)
class Refund:
    """Shares of the price to be paid back, by threshold.

    A share above 1 says that no refund for these patients meets the threshold; 0, that none is needed.

    Attributes
    ----------
    thresholds
        (K,).
    expected
        (K,): mean net benefit is nil.
    low, high
        (K,): limits of the shares that each draw would need.
    probabilities, with_probability
        (P,) and (P, K): the strategy is worth its cost in at least that share of draws.
    net_price
        (K,): expected price after the refund `expected` (at most all of it), as a multiple of the list price.
    level, n
        Share of draws between the limits; draws.
    """

    thresholds: Floats
    expected: Floats
    low: Floats
    high: Floats
    probabilities: tuple[float, ...]
    with_probability: Floats
    net_price: Floats
    level: float
    n: int


@method(
    "refund_at_threshold",
    title="Refund at which a treatment meets a threshold",
    summary="The share of the price to pay back for patients in whom treatment failed by a date, so that a strategy "
    "meets a threshold on average or with a given probability.",
    needs="draws of the difference in cost and effect, and of the cost spent on patients who fail by that date",
    limits="Failure must be seen and reported; collecting it costs money that is not in here unless it is added to the "
    "costs. A refund moves money, not health.",
    references=(CARLSON, BARROS),
)
def refund_at_threshold(
    added: Increment,
    refundable: ArrayLike,
    thresholds: ArrayLike,
    *,
    probabilities: Sequence[float] = PROBABILITIES,
    level: float = 0.95,
) -> Refund:
    """Return the share to be refunded at each threshold.

    Parameters
    ----------
    added
        New strategy less comparator, at the list price.
    refundable
        (D,) drug cost per treated patient that falls on patients who fail by the date: the `refund` of
        `refundable_cost` or `nonresponder_cost` where everything is paid back.
    thresholds
        What a unit of effect is worth, (K,).
    probabilities, level
        As for `price_at_threshold`.

    Raises
    ------
    NotEstimable
        Where nothing is spent on patients who fail.
    InvalidSetting
        Where more is refundable than is spent on the drug.

    References
    ----------
    Carlson et al 2010. Net benefit with a refund r is k e - cost + r refundable.

    Examples
    --------
    >>> from coley.economics.policy.increment import increment
    >>> added = increment([50_000, 60_000], [0.5, 0.6], [45_000, 52_000])
    >>> refund_at_threshold(added, [10_000, 12_000], [90_000]).expected.round(3)
    array([0.5])
    """
    cost, effect, drug, back = together(
        added.cost, added.effect, added.drug, draws_of(refundable, "The refundable cost")
    )
    if not (back > 0).all():
        raise NotEstimable(
            "Nothing is spent on patients who fail by that date, so that no refund changes the price.",
            where=f"{int((back <= 0).sum())} of {len(back)} draws",
        )
    if (back > drug * (1 + CRUMB)).any():
        raise InvalidSetting(
            "More would be refunded than is spent on the drug.",
            cause="refundable cost and drug cost at different prices, or one of them discounted",
        )
    k = thresholds_of(thresholds)
    sought = tuple(share_between(p, "A probability") for p in probabilities)
    needed = np.sort((cost - k[:, None] * effect) / back, axis=1)
    draws = len(back)
    at = [max(int(np.ceil(draws * p - CRUMB)) - 1, 0) for p in sought]
    expected = np.maximum((cost.mean() - k * effect.mean()) / back.mean(), 0)
    low, high = np.quantile(needed, [(1 - level) / 2, (1 + level) / 2], axis=1)
    net = 1 - np.minimum(expected, 1) * back.mean() / drug.mean()
    return Refund(
        k,
        expected,
        np.maximum(low, 0),
        np.maximum(high, 0),
        sought,
        np.maximum(needed[:, at].T, 0),
        net,
        level,
        draws,
    )
