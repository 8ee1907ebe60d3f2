"""Draws of costs and effects, examined once; net benefit, on which every choice is made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.method import method
from coley.stats.tails import z_of
from coley.stats.values import Intervals

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

STINNETT = (
    "Stinnett AA, Mullahy J. Net health benefits: a new framework for the analysis of uncertainty in "
    "cost-effectiveness analysis. Med Decis Making 1998;18(2 Suppl):S68-S80."
)


@method(
    "net_benefit",
    title="Net monetary and net health benefit",
    summary="Effects valued at the threshold less costs (monetary), or effects less costs over the threshold.",
    needs="draws of costs and effects of each strategy, and thresholds",
    limits="Linear in effects: every unit of effect is worth the same to whomever it goes.",
    references=(STINNETT,),
)
def net_benefit(
    costs: ArrayLike, effects: ArrayLike, thresholds: ArrayLike, *, health: bool = False, level: float = 0.95
) -> Intervals:
    """Return the mean net benefit of each strategy at each threshold, with the interval of its draws.

    Parameters
    ----------
    costs, effects
        Draws x strategies, (D, S); money, and units of effect (QALYs).
    thresholds
        What a unit of effect is worth, (K,), in the money of the costs.
    health
        Net health benefit, in units of effect, instead of money; thresholds must then be positive.
    level
        Share of draws within the interval.

    Returns
    -------
    Intervals
        Values and limits, each (K, S).

    Raises
    ------
    UnreadableInput
        Where draws are missing or their shapes differ.
    InvalidSetting
        For a negative threshold, or none at all of a positive one that is needed.

    References
    ----------
    Stinnett and Mullahy 1998.

    Examples
    --------
    >>> found = net_benefit([[10.0, 40.0], [10.0, 60.0]], [[1.0, 1.5], [1.0, 1.5]], [100.0])
    >>> found.value
    array([[ 90., 100.]])
    """
    c, e = outcomes(costs, effects)
    k = thresholds_of(thresholds, positive=health)
    z_of(level)
    tails = ((1 - level) / 2, (1 + level) / 2)
    values, low, high = (np.empty((len(k), c.shape[1])) for _ in range(3))
    for i, worth in enumerate(k):
        benefit = e - c / worth if health else worth * e - c
        values[i] = benefit.mean(axis=0)
        low[i], high[i] = np.quantile(benefit, tails, axis=0)
    return Intervals(values, low, high, level)


def outcomes(costs: ArrayLike, effects: ArrayLike) -> tuple[Floats, Floats]:
    """Examine draws of costs and effects and return them as float arrays, draws x strategies.

    Raises
    ------
    UnreadableInput
        Where shapes differ, there are fewer than two strategies, or a draw is missing.

    Examples
    --------
    >>> outcomes([[1, 2]], [[3, 4]])[1]
    array([[3., 4.]])
    """
    c, e = np.asarray(costs, dtype=float), np.asarray(effects, dtype=float)
    if c.ndim != 2 or c.shape != e.shape or c.shape[0] < 1 or c.shape[1] < 2:
        raise UnreadableInput(
            "Costs and effects must be tables of one shape, draws x strategies, with two strategies or more.",
            where=f"costs {c.shape}, effects {e.shape}",
            remedy="For a single, deterministic case give one row.",
        )
    bad = ~(np.isfinite(c) & np.isfinite(e))
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise UnreadableInput(
            f"{int(bad.sum())} costs or effects are missing or infinite.",
            where=f"first at draw {row}, strategy {column}",
            cause="a model that failed for some draws",
            remedy="Find why those draws failed; leaving them out would bias the rest.",
        )
    return c, e


def thresholds_of(thresholds: ArrayLike, *, positive: bool = False) -> Floats:
    """Examine thresholds and return them as an array, (K,).

    Raises
    ------
    InvalidSetting
        Where one is missing, negative, or (with `positive`) zero.
    """
    k = np.atleast_1d(np.asarray(thresholds, dtype=float))
    if (
        k.ndim != 1
        or not len(k)
        or not np.isfinite(k).all()
        or (k < 0).any()
        or (positive and (k == 0).any())
    ):
        raise InvalidSetting(
            f"Thresholds must be finite and {'positive' if positive else 'not negative'}, in one list.",
            where=f"{np.asarray(thresholds).tolist()!r:.80}",
        )
    return k


def added_benefits(costs: Floats, effects: Floats, thresholds: Floats) -> Iterator[Floats]:
    """Yield net benefit less the first strategy's, strategies x draws, threshold by threshold.

    One array is written anew each time: no choice among strategies depends on what they share.

    Examples
    --------
    >>> [b.tolist() for b in added_benefits(np.ones((1, 2)), np.array([[2.0, 3.0]]), np.array([1.0, 10.0]))]
    [[[0.0], [1.0]], [[0.0], [10.0]]]
    """
    c, e = (np.ascontiguousarray((x[:, 1:] - x[:, :1]).T) for x in (costs, effects))
    out = np.zeros((len(c) + 1, costs.shape[0]))
    for worth in thresholds:
        out[0] = 0.0  # whoever was handed the array may have written into it
        np.multiply(e, worth, out=out[1:])
        out[1:] -= c
        yield out


def names_of(names: Sequence[str] | None, count: int, *, stem: str) -> tuple[str, ...]:
    """Return the names, or `stem` and a number for each where there are none.

    Raises
    ------
    InvalidSetting
        Where their number is not `count`, or one occurs twice.

    Examples
    --------
    >>> names_of(None, 2, stem="strategy")
    ('strategy 1', 'strategy 2')
    """
    if names is None:
        return tuple(f"{stem} {i + 1}" for i in range(count))
    labels = tuple(names)
    if len(labels) != count or len(set(labels)) != count:
        raise InvalidSetting(
            f"{count} distinct names are needed for as many columns.", where=f"{list(labels)!r:.80}"
        )
    return labels
