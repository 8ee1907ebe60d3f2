"""Proportions and differences of two, with intervals that behave at none and at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coley.model.errors import UnreadableInput
from coley.model.method import method
from coley.stats.tails import z_of
from coley.stats.values import Intervals

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

WILSON = (
    "Wilson EB. Probable inference, the law of succession, and statistical inference. "
    "J Am Stat Assoc 1927;22:209-212."
)
CLOPPER = (
    "Clopper CJ, Pearson ES. The use of confidence or fiducial limits illustrated in the case of the "
    "binomial. Biometrika 1934;26:404-413."
)
NEWCOMBE = (
    "Newcombe RG. Interval estimation for the difference between independent proportions: comparison of "
    "eleven methods. Stat Med 1998;17:873-890."
)


@method(
    "wilson",
    title="Wilson score interval",
    summary="Interval of a proportion from inverting the score test.",
    needs="events and patients of each group",
    limits="Covers the nominal level on average, and can be a few points below it for some proportions.",
    references=(WILSON,),
)
def wilson(events: ArrayLike, n: ArrayLike, *, level: float = 0.95) -> Intervals:
    """Return proportions with Wilson score intervals.

    Parameters
    ----------
    events, n
        Counts: patients with the event, and all patients; arrays that broadcast.
    level
        Coverage of each interval.

    Raises
    ------
    UnreadableInput
        Where a count is missing, negative, or larger than its n.

    References
    ----------
    Wilson 1927; Newcombe 1998, method 3 of single proportions.

    Examples
    --------
    >>> rates = wilson([0, 15, 20], [20, 148, 20])
    >>> rates.low.round(4), rates.high.round(4)
    (array([0.    , 0.0624, 0.8389]), array([0.1611, 0.1605, 1.    ]))
    """
    x, n_ = counts(events, n)
    z = z_of(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = x / n_
        centre = (x + z * z / 2) / (n_ + z * z)
        half = z * np.sqrt(p * (1 - p) * n_ + z * z / 4) / (n_ + z * z)
        low = np.where(x == 0, 0.0, centre - half)  # exact at the ends, where subtraction leaves a crumb
        high = np.where(x == n_, 1.0, centre + half)
    none = n_ == 0
    return Intervals(p, np.where(none, np.nan, low), np.where(none, np.nan, high), level)


@method(
    "clopper_pearson",
    title="Clopper-Pearson exact interval",
    summary="Interval of a proportion from inverting two one-sided exact binomial tests.",
    needs="events and patients of each group",
    limits="Conservative: covers at least, and usually more than, the nominal level.",
    references=(CLOPPER,),
)
def clopper_pearson(events: ArrayLike, n: ArrayLike, *, level: float = 0.95) -> Intervals:
    """Return proportions with exact Clopper-Pearson intervals.

    Parameters
    ----------
    events, n
        Counts: patients with the event, and all patients; arrays that broadcast.
    level
        Coverage of each interval, at least.

    Raises
    ------
    UnreadableInput
        Where a count is missing, negative, or larger than its n.

    References
    ----------
    Clopper and Pearson 1934.

    Examples
    --------
    >>> rates = clopper_pearson([0, 15], [20, 148])
    >>> rates.low.round(4), rates.high.round(4)
    (array([0.    , 0.0578]), array([0.1684, 0.1617]))
    """
    from scipy.special import betaincinv

    z_of(level)
    x, n_ = counts(events, n)
    tail = (1 - level) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        p = x / n_
    low = np.where(x == 0, 0.0, betaincinv(np.maximum(x, 1), n_ - x + 1, tail))
    high = np.where(x == n_, 1.0, betaincinv(x + 1, np.maximum(n_ - x, 1), 1 - tail))
    none = n_ == 0
    return Intervals(p, np.where(none, np.nan, low), np.where(none, np.nan, high), level)


@method(
    "newcombe",
    title="Newcombe hybrid score interval",
    summary="Interval of the difference of two proportions from the Wilson limits of each.",
    needs="events and patients of two independent groups",
    limits="For independent groups; pairs of observations on the same patients need another method.",
    references=(NEWCOMBE,),
)
def newcombe(
    events: tuple[ArrayLike, ArrayLike], n: tuple[ArrayLike, ArrayLike], *, level: float = 0.95
) -> Intervals:
    """Return the difference of two proportions, first minus second, with hybrid score limits.

    Parameters
    ----------
    events, n
        Counts of the first and of the second group; numbers, or arrays that broadcast.
    level
        Coverage of each interval.

    Raises
    ------
    UnreadableInput
        Where a count is missing, negative, or larger than its n.

    References
    ----------
    Newcombe 1998, method 10.

    Examples
    --------
    >>> difference = newcombe((56, 48), (70, 80))[0]
    >>> round(difference.value, 4), round(difference.low, 4), round(difference.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    one, two = (wilson(x, n_, level=level) for x, n_ in zip(events, n, strict=True))
    value = one.value - two.value
    return Intervals(
        value,
        value - np.hypot(one.value - one.low, two.high - two.value),
        value + np.hypot(one.high - one.value, two.value - two.low),
        level,
    )


def counts(events: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats]:
    """Examine counts and return them as arrays of one shape, at least one long.

    Raises
    ------
    UnreadableInput
        Where a count is missing, negative, or larger than its n.
    """
    x, n_ = np.broadcast_arrays(np.atleast_1d(np.asarray(events, dtype=float)), np.asarray(n, dtype=float))
    bad: Any = ~(np.isfinite(x) & np.isfinite(n_) & (x >= 0) & (x <= n_))
    if bad.any():
        raise UnreadableInput(
            "Counts must be finite, and no count may be negative or exceed its number of patients.",
            where=f"events {x[bad][:3].tolist()} of {n_[bad][:3].tolist()}",
        )
    return x, n_
