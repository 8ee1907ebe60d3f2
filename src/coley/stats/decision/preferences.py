"""Other decision makers: one who shuns risk, and a market in which several strategies are used at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.decision.acceptability import standard_error
from coley.stats.decision.outcomes import outcomes, thresholds_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

PRATT = "Pratt JW. Risk aversion in the small and in the large. Econometrica 1964;32:122-136."
BAIO = "Baio G, Dawid AP. Probabilistic sensitivity analysis in health economics. Stat Methods Med Res 2015;24:615-634."
LARGEST_EXPONENT = 700.0  # of a double, nearly: beyond it one draw decides all


@dataclass(frozen=True, eq=False)
class CertaintyEquivalent:
    """What strategies are worth to one who shuns risk.

    Attributes
    ----------
    aversion
        Constant absolute risk aversion, per unit of money, (R,).
    value
        Sure net benefit that is worth as much as the uncertain one, (R, S).
    best
        Column of the highest, (R,).
    """

    aversion: Floats
    value: Floats
    best: NDArray[np.int64]


@method(
    "certainty_equivalent",
    title="Certainty equivalent under risk aversion",
    summary="Sure net benefit as good as the uncertain one, under exponential utility.",
    needs="draws of costs and effects of each strategy, a threshold, and degrees of risk aversion",
    limits="Public payers who spread risk over many decisions are usually taken to be neutral to it (aversion 0).",
    references=(PRATT, BAIO),
)
def certainty_equivalent(
    costs: ArrayLike, effects: ArrayLike, threshold: float, *, aversion: ArrayLike
) -> CertaintyEquivalent:
    """Return certainty equivalents of net benefit, -log(mean(exp(-r b))) / r.

    Parameters
    ----------
    costs, effects
        Draws x strategies, (D, S).
    threshold
        What a unit of effect is worth.
    aversion
        Absolute risk aversion r, (R,), per unit of money, not negative; 0 gives the mean.

    Raises
    ------
    UnreadableInput
        Where draws are missing or their shapes differ.
    InvalidSetting
        For negative aversion, or aversion so large that a single draw would decide.

    References
    ----------
    Baio and Dawid 2015.

    Examples
    --------
    >>> effects = np.array([[1.0, 0.0], [1.0, 2.2]])
    >>> certainty_equivalent(0 * effects, effects, 1, aversion=[0, 1]).best
    array([1, 0])
    """
    c, e = outcomes(costs, effects)
    (k,) = thresholds_of(threshold)
    r = np.atleast_1d(np.asarray(aversion, dtype=float))
    benefit = k * e - c
    span = float(benefit.max() - benefit.min())
    if not (np.isfinite(r).all() and (r >= 0).all()) or r.max() * span > LARGEST_EXPONENT:
        raise InvalidSetting(
            f"Risk aversion must lie between 0 and {LARGEST_EXPONENT / max(span, 1e-300):.3g} per unit of money here.",
            cause="aversion per thousand or million instead of per unit",
        )
    value = np.empty((len(r), benefit.shape[1]))
    mean = benefit.mean(axis=0)
    for i, a in enumerate(r):
        value[i] = mean if a == 0 else mean - np.log(np.exp(-a * (benefit - mean)).mean(axis=0)) / a
    return CertaintyEquivalent(r, value, value.argmax(axis=1))


@dataclass(frozen=True, eq=False)
class MarketMix:
    """What it costs that several strategies are used.

    Attributes
    ----------
    thresholds
        (K,).
    net_benefit
        Mean of the mix, (K,).
    forgone
        Against the strategy that is best on present information, (K,).
    loss, loss_se
        Against the best in each draw, (K,): the expected value of perfect information, were the mix to stay.
    """

    thresholds: Floats
    net_benefit: Floats
    forgone: Floats
    loss: Floats
    loss_se: Floats


@method(
    "market_mix",
    title="Expected loss of a mix of strategies",
    summary="Net benefit of strategies used in fixed shares, and what is lost against the best.",
    needs="draws of costs and effects of each strategy, thresholds, and the share of each",
    limits="Takes patients as alike: a mix that gives each what suits him best is worth more.",
    references=(BAIO,),
)
def market_mix(
    costs: ArrayLike, effects: ArrayLike, thresholds: ArrayLike, *, shares: ArrayLike
) -> MarketMix:
    """Return what is lost by using strategies in the given shares.

    Parameters
    ----------
    costs, effects
        Draws x strategies, (D, S).
    thresholds
        What a unit of effect is worth, (K,).
    shares
        Of each strategy, (S,); they sum to 1.

    Raises
    ------
    UnreadableInput
        Where draws are missing or their shapes differ.
    InvalidSetting
        Where shares are negative or do not sum to 1.

    References
    ----------
    Baio and Dawid 2015.

    Examples
    --------
    >>> effects = np.array([[0.0, 1.0], [0.0, 3.0]])
    >>> market_mix(0 * effects, effects, 1, shares=[0.25, 0.75]).forgone
    array([0.5])
    """
    c, e = outcomes(costs, effects)
    k = thresholds_of(thresholds)
    q = np.asarray(shares, dtype=float)
    if q.shape != (c.shape[1],) or not np.isfinite(q).all() or (q < 0).any() or abs(q.sum() - 1) > 1e-6:
        raise InvalidSetting(f"{c.shape[1]} shares that sum to 1 are needed.", where=f"{q.tolist()!r:.80}")
    mean, forgone, loss, se = np.empty((4, len(k)))
    for i, worth in enumerate(k):
        benefit = worth * e - c
        mixed = benefit @ q
        lost = benefit.max(axis=1) - mixed
        mean[i], loss[i], se[i] = mixed.mean(), lost.mean(), standard_error(lost)
        forgone[i] = benefit.mean(axis=0).max() - mean[i]
    return MarketMix(k, mean, forgone, loss, se)
