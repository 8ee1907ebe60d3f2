"""How often each strategy is best, and how much is lost by choosing it: CEAC, CEAF, expected loss, ranks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from coley.model.method import method
from coley.stats.decision.outcomes import added_benefits, outcomes, thresholds_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

VAN_HOUT = (
    "van Hout BA, Al MJ, Gordon GS, Rutten FF. Costs, effects and C/E-ratios alongside a clinical trial. "
    "Health Econ 1994;3:309-319."
)
FENWICK = (
    "Fenwick E, Claxton K, Sculpher M. Representing uncertainty: the role of cost-effectiveness acceptability "
    "curves. Health Econ 2001;10:779-787."
)
ALARID = (
    'Alarid-Escudero F, Enns EA, Kuntz KM, Michaud TL, Jalal H. "Time traveling is just too dangerous" but some '
    "methods are worth revisiting: the advantages of expected loss curves over cost-effectiveness "
    "acceptability curves and frontier. Value Health 2019;22:611-618."
)


STRIDE = 7  # thresholds from one mark to the next: about the root of as many as curves are drawn on


@dataclass(frozen=True, eq=False)
class Acceptability:
    """Which strategy is best, threshold by threshold.

    Attributes
    ----------
    thresholds
        (K,).
    probability, se
        Share of draws in which each strategy has the highest net benefit, (K, S), and its Monte Carlo standard
        error. Draws that tie are divided among those that tie.
    best
        Column of the highest mean net benefit, (K,); the first of those that tie.
    frontier
        Probability of that strategy, (K,): the acceptability frontier (CEAF).
    """

    thresholds: Floats
    probability: Floats
    se: Floats
    best: NDArray[np.int64]
    frontier: Floats


@dataclass(frozen=True, eq=False)
class ExpectedLoss:
    """What is lost on average by each strategy against the best in each draw.

    Attributes
    ----------
    thresholds
        (K,).
    loss, se
        (K, S), in money, with Monte Carlo standard errors. The smallest in each row is the expected value of
        perfect information.
    best
        Column of the smallest, (K,): the optimal strategy.
    """

    thresholds: Floats
    loss: Floats
    se: Floats
    best: NDArray[np.int64]


@method(
    "acceptability",
    title="Cost-effectiveness acceptability curves and frontier",
    summary="Probability that each strategy has the highest net benefit, by threshold, and the curve of the "
    "strategy with the highest mean.",
    needs="draws of costs and effects of each strategy, and thresholds",
    limits="A probability of being best says nothing about how much is lost when it is not; the most probable "
    "strategy need not be the one to choose (the frontier marks that one).",
    references=(VAN_HOUT, FENWICK),
)
def acceptability(costs: ArrayLike, effects: ArrayLike, thresholds: ArrayLike) -> Acceptability:
    """Return acceptability curves (CEAC) and their frontier (CEAF).

    Parameters
    ----------
    costs, effects
        Draws x strategies, (D, S).
    thresholds
        What a unit of effect is worth, (K,).

    Raises
    ------
    UnreadableInput, InvalidSetting
        Where draws are missing or their shapes differ; for a negative threshold.

    References
    ----------
    Fenwick et al 2001.

    Examples
    --------
    >>> found = acceptability([[0.0, 30.0], [0.0, 60.0]], [[1.0, 1.5], [1.0, 1.5]], [50, 100, 200])
    >>> found.probability[:, 1], found.best
    (array([0. , 0.5, 1. ]), array([0, 1, 1]))
    """
    c, e = outcomes(costs, effects)
    k = thresholds_of(thresholds)
    probability = _won(c, e, k) / len(c)
    best = best_of(c, e, k)
    se = (
        np.sqrt(probability * (1 - probability) / len(c))
        if len(c) > 1
        else np.full(probability.shape, np.nan)
    )
    return Acceptability(k, probability, se, best, probability[np.arange(len(k)), best])


@method(
    "expected_loss",
    title="Expected loss curves",
    summary="Net benefit forgone on average by each strategy against the best in each draw, by threshold.",
    needs="draws of costs and effects of each strategy, and thresholds",
    limits="Biased upwards when draws are few, as every mean of a maximum.",
    references=(ALARID,),
)
def expected_loss(costs: ArrayLike, effects: ArrayLike, thresholds: ArrayLike) -> ExpectedLoss:
    """Return the expected loss of each strategy at each threshold.

    Parameters
    ----------
    costs, effects, thresholds
        As for `acceptability`.

    Raises
    ------
    UnreadableInput, InvalidSetting
        As for `acceptability`.

    References
    ----------
    Alarid-Escudero et al 2019.

    Examples
    --------
    >>> expected_loss([[0.0, 30.0], [0.0, 60.0]], [[1.0, 1.5], [1.0, 1.5]], [100]).loss
    array([[10.,  5.]])
    """
    c, e = outcomes(costs, effects)
    k = thresholds_of(thresholds)
    loss, se = np.empty((2, len(k), c.shape[1]))
    for i, benefit in enumerate(added_benefits(c, e, k)):
        lost = np.subtract(benefit.max(axis=0), benefit, out=benefit)
        loss[i] = lost.mean(axis=1)
        se[i] = standard_error(lost)
    return ExpectedLoss(k, loss, se, loss.argmin(axis=1))


@method(
    "rank_probabilities",
    title="Rank probabilities of strategies",
    summary="Probability that each strategy is first, second and so on by net benefit.",
    needs="draws of costs and effects of each strategy, and one threshold",
    limits="Ranks hide how far apart strategies are.",
    references=(FENWICK,),
)
def rank_probabilities(costs: ArrayLike, effects: ArrayLike, threshold: float) -> Floats:
    """Return the probability of each rank of each strategy, strategies x ranks, (S, S), best rank first.

    Parameters
    ----------
    costs, effects
        Draws x strategies, (D, S).
    threshold
        What a unit of effect is worth.

    Raises
    ------
    UnreadableInput, InvalidSetting
        As for `acceptability`.

    References
    ----------
    As for `acceptability`; strategies that tie in a draw share their ranks equally.

    Examples
    --------
    >>> rank_probabilities([[0.0, 30.0], [0.0, 60.0]], [[1.0, 1.5], [1.0, 1.5]], 100)
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    c, e = outcomes(costs, effects)
    (worth,) = thresholds_of(threshold)
    benefit = np.ascontiguousarray((worth * e - c).T)
    found = np.empty((len(benefit), len(benefit)))
    for s, own in enumerate(benefit):
        above = (benefit > own).sum(axis=0)
        tied = (benefit == own).sum(axis=0)
        for rank in range(len(benefit)):
            found[s, rank] = (((above <= rank) & (rank < above + tied)) / tied).mean()
    return found


def best_of(c: Floats, e: Floats, k: Floats) -> NDArray[np.int64]:
    """Return the column with the highest mean net benefit at each threshold, (K,)."""
    return np.asarray((k[:, None] * column_means(e) - column_means(c)).argmax(axis=1))


def column_means(table: Floats) -> Floats:
    """Return the mean of each column: `table.mean(axis=0)`, ten times as fast where columns are few and long."""
    return np.array([column.mean() for column in table.T])


def standard_error(values: Floats) -> Floats:
    """Return the standard error of the mean along the last axis; NaN for a single draw."""
    n = values.shape[-1]
    return values.std(axis=-1, ddof=1) / np.sqrt(n) if n > 1 else np.full(values.shape[:-1], np.nan)


def _won(c: Floats, e: Floats, k: Floats) -> Floats:
    """Return in how many draws each strategy is best at each threshold, (K, S); draws that tie are divided.

    Net benefit is a straight line in the threshold, so that who is best at two thresholds is best between them: only
    draws that change hands from one mark to the next are looked at in between.
    """
    won = np.zeros((len(k), c.shape[1]))
    costs, effects = (np.ascontiguousarray((x[:, 1:] - x[:, :1]).T) for x in (c, e))
    rising = np.argsort(k)
    marks = sorted({*range(0, len(k), STRIDE), len(k) - 1})
    best = [_best(costs, effects, k[rising[mark]]) for mark in marks]
    for mark, wins in zip(marks, best, strict=True):
        won[rising[mark]] = _shares(wins)
    for (low, left), (high, right) in pairwise(zip(marks, best, strict=True)):
        inside = rising[low + 1 : high]
        both = left & right
        if max(np.count_nonzero(left), np.count_nonzero(right)) > len(c):
            both[:] = False  # some tie: each threshold for itself
        rest = np.flatnonzero(~both.any(axis=0))
        fewer = costs.take(rest, axis=1), effects.take(rest, axis=1)
        settled = _counts(both)
        for i in inside:
            won[i] = settled + _shares(_best(*fewer, k[i]))
    return won


def _best(costs: Floats, effects: Floats, threshold: float) -> NDArray[np.bool_]:
    """Return which strategies are best in each draw, (S, D), of what all but the first add to it, (S - 1, D)."""
    benefit = effects * threshold
    benefit -= costs
    top = benefit.max(axis=0)
    np.maximum(top, 0.0, out=top)  # the first adds nothing to itself
    best = np.empty((len(costs) + 1, len(top)), dtype=bool)
    np.equal(top, 0.0, out=best[0])
    np.equal(benefit, top, out=best[1:])
    return best


def _shares(best: NDArray[np.bool_]) -> Floats:
    """Return the draws of each strategy, (S,): those in which it is best, and its part of those that tie."""
    counts = _counts(best)
    return counts if counts.sum() == best.shape[1] else np.asarray((best / best.sum(axis=0)).sum(axis=1))


def _counts(best: NDArray[np.bool_]) -> Floats:
    return np.array(
        [np.count_nonzero(row) for row in best], dtype=float
    )  # many times as fast as with an axis
