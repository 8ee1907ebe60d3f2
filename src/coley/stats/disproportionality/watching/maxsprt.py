"""The maximised sequential probability ratio test: one flat boundary for the likelihood ratio, with exact values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

KULLDORFF = (
    "Kulldorff M, Davis RL, Kolczak M, Lewis E, Lieu T, Platt R. A maximized sequential probability ratio test for "
    "drug and vaccine safety surveillance. Seq Anal 2011;30:58-78."
)
LI_KULLDORFF = (
    "Li L, Kulldorff M. A conditional maximized sequential probability ratio test for pharmacovigilance. "
    "Stat Med 2010;29:284-295."
)
SILVA_LI = (
    "Silva IR, Li L, Kulldorff M. Exact conditional maximized sequential probability ratio test adjusted for "
    "covariates. Seq Anal 2019;38:115-133."
)
# Bisections of a critical value between 0 and 30 (a chance of about 1e-13): to 1e-9.
HIGHEST, BISECTIONS = 30.0, 35
# Nodes of the quadrature over what the history might have been.
NODES = 120


def poisson_llr(observed: ArrayLike, expected: ArrayLike) -> Floats:
    """Return the log-likelihood ratio of more reports than expected; 0 where there are not more.

    Parameters
    ----------
    observed, expected
        Reports so far, and expected so far; arrays that broadcast.

    References
    ----------
    Kulldorff et al. 2011, eq. 3.

    Examples
    --------
    >>> poisson_llr([0, 5, 9], [2.0, 2.0, 9.5]).round(4)
    array([0.    , 1.5815, 0.    ])
    """
    c, mean = np.asarray(observed, dtype=float), np.asarray(expected, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: Floats = np.where(c > mean, c * np.log(c / mean) - (c - mean), 0.0)
    return ratio


def binomial_llr(exposed: ArrayLike, n: ArrayLike, p: float) -> Floats:
    """Return the log-likelihood ratio of more exposed than expected among reports of the event.

    Parameters
    ----------
    exposed, n
        Reports of the event with the exposure so far, and all reports of it so far; arrays that broadcast.
    p
        Chance that one has the exposure, without association.

    References
    ----------
    Kulldorff et al. 2011, eq. 6.

    Examples
    --------
    >>> binomial_llr([4, 2], [5, 5], 0.5).round(4)
    array([0.9637, 0.    ])
    """
    from scipy.special import xlogy

    x, size = np.asarray(exposed, dtype=float), np.asarray(n, dtype=float)
    gain = (
        xlogy(x, x)
        + xlogy(size - x, size - x)
        - xlogy(size, size)
        - x * np.log(p)
        - (size - x) * np.log1p(-p)
    )
    ratio: Floats = np.where(x > size * p, gain, 0.0)
    return ratio


@method(
    "maxsprt_poisson",
    title="Poisson maxSPRT",
    summary="Critical value of the maximised sequential probability ratio test where expected counts are known.",
    needs="the number of reports expected when watching will end; for looks now and then, at each of them",
    limits="Expected counts must be known from outside, or be those within each look: with those estimated from few "
    "reports use the conditional test.",
    references=(KULLDORFF,),
)
def maxsprt_poisson(
    end: float, *, alpha: float = 0.05, least: int = 1, looks: Sequence[float] | None = None
) -> float:
    """Return the log-likelihood ratio at which to alert, so that the chance of ever doing so in error is alpha.

    Parameters
    ----------
    end
        Reports expected without association when watching ends.
    alpha
        The chance of ever alerting in error, at most.
    least
        Fewer reports than this never alert.
    looks
        Reports expected by each look, ascending, the last being `end`; None for watching without pause.

    Raises
    ------
    InvalidSetting
        Where end, alpha, least or looks make no watch.

    References
    ----------
    Kulldorff et al. 2011, section 4 and table 1.

    Examples
    --------
    >>> round(maxsprt_poisson(10), 6)
    3.467952
    """
    from coley.stats.disproportionality.watching import walk_kernel

    _examine(alpha, least)
    at = np.asarray([end] if looks is None else looks, dtype=float)
    if not (end > 0 and (np.diff(at, prepend=0.0) > 0).all() and at[-1] == end):
        raise InvalidSetting(
            "A watch ends at a positive expected number, which its looks reach in ascending order.",
            where=f"end {end:g}, looks {None if looks is None else list(looks)[:5]}",
        )

    def chance(value: float) -> float:
        if looks is not None:
            limits = _smallest(at, value, least)
            return float(walk_kernel.chance_of_alert(at, limits))
        counts = np.arange(least, int(_smallest(at, value, least)[0]) + 1)
        times = _poisson_times(counts, value)
        return float(walk_kernel.chance_of_alert(np.minimum(times, end), counts.astype(float)))

    return _critical(chance, alpha)


def _poisson_times(counts: NDArray[np.intp], value: float) -> Floats:
    """Return how much may be expected for each count to reach a log-likelihood ratio."""
    from scipy.special import lambertw

    times: Floats = -counts * lambertw(-np.exp(-1 - value / counts)).real
    return times


def _smallest(at: Floats, value: float, least: int) -> Floats:
    """Return the smallest count that reaches a log-likelihood ratio when `at` are expected."""
    # c log(c / m) - c + m = value, with c = m exp(1 + W(...)), rounded up with what rounding may have lost
    from scipy.special import lambertw

    exact = at * np.exp(1 + lambertw((value / at - 1) / np.e).real)
    limits: Floats = np.maximum(np.ceil(exact - 1e-9), least)
    for _ in range(2):
        limits = np.where(poisson_llr(limits, at) < value - 1e-12, limits + 1, limits)
    return limits


@method(
    "maxsprt_binomial",
    title="Binomial maxSPRT",
    summary="Critical value of the maximised sequential probability ratio test among reports of the event, each of "
    "which has the exposure with a known chance.",
    needs="the number of reports of the event when watching will end, and the share of exposure without association",
    limits="The share of exposure must stay the same: where it grows, use `group_sequential_watch`.",
    references=(KULLDORFF,),
)
def maxsprt_binomial(
    end: int, p: float, *, alpha: float = 0.05, least: int = 1, looks: Sequence[int] | None = None
) -> float:
    """Return the log-likelihood ratio at which to alert.

    Counts are discrete, so that the chance of an alert in error is at most alpha, and rarely alpha itself.

    Parameters
    ----------
    end
        Reports of the event when watching ends.
    p
        Chance that one has the exposure, without association.
    alpha
        The chance of ever alerting in error, at most.
    least
        Fewer exposed reports than this never alert.
    looks
        Reports of the event at each look, ascending; None for a look after each.

    Raises
    ------
    InvalidSetting
        Where end, p, alpha, least or looks make no watch.

    References
    ----------
    Kulldorff et al. 2011, section 5.

    Examples
    --------
    >>> round(maxsprt_binomial(50, 0.5), 5)
    3.47576
    """
    from coley.stats.disproportionality.watching import walk_kernel

    _examine(alpha, least)
    at = np.asarray(np.arange(1, end + 1) if looks is None else looks, dtype=np.intp)
    if not (end >= 1 and 0 < p < 1 and (np.diff(at, prepend=0) > 0).all() and at[-1] == end):
        raise InvalidSetting(
            "A watch needs a share between 0 and 1, and ends at a number of reports that its looks reach.",
            where=f"end {end}, p {p}, looks {None if looks is None else list(looks)[:5]}",
        )
    counts = np.arange(end + 1)
    llr = np.where(
        counts <= at[:, None], binomial_llr(np.minimum(counts, at[:, None]), at[:, None], p), np.inf
    )
    llr[:, :least] = 0.0

    def chance(value: float) -> float:
        limits = (llr >= value - 1e-12).argmax(axis=1).astype(float)  # the ratio grows with the count
        limits = np.where((llr >= value - 1e-12).any(axis=1), limits, at + 1.0)
        return float(walk_kernel.chance_of_binomial_alert(at, limits, p))

    values = np.unique(llr[np.isfinite(llr) & (llr > 0)])
    low, high = -1, len(values)  # alpha is exceeded at low, and held at high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if chance(values[middle]) <= alpha else (middle, high)
    return float(values[high]) if high < len(values) else np.inf


@method(
    "maxsprt_conditional",
    title="Conditional maxSPRT",
    summary="Critical value of the maximised sequential probability ratio test against a rate that is itself known "
    "from a limited number of earlier reports.",
    needs="the number of earlier reports, and the number of new ones at which watching will end",
    limits="Takes exposure to be measured without error, before and during the watch. The error is held on average "
    "over histories, not for each of them.",
    references=(LI_KULLDORFF, SILVA_LI),
)
def maxsprt_conditional(history: int, end: int, *, alpha: float = 0.05, least: int = 1) -> float:
    """Return the log-likelihood ratio at which to alert, the expected rate being estimated from a history.

    Given the true rate, the watch is a Poisson walk. Given a history that ended at a date, the rate is given the
    gamma distribution of shape history + 1 that upper limits of a Poisson rate rest on, and the chance of an alert
    is integrated over it. (Shape history would be exact for a history that ends with its last report.)

    Parameters
    ----------
    history
        Reports with both, before the watch.
    end
        Reports with both at which the watch ends without an alert.
    alpha
        The chance of ever alerting in error.
    least
        Fewer reports than this never alert.

    Raises
    ------
    InvalidSetting
        Where history, end, alpha or least make no watch.

    References
    ----------
    Li and Kulldorff 2010, eq. 3; Silva, Li and Kulldorff 2019.

    Examples
    --------
    >>> round(maxsprt_conditional(20, 1), 4)
    2.0445
    """
    from scipy.special import gammaincinv

    from coley.stats.disproportionality.watching import walk_kernel

    _examine(alpha, least)
    if history < 1 or end < least:
        raise InvalidSetting(
            "A conditional watch needs one earlier report or more, and an end that is not before its least count.",
            where=f"history {history}, end {end}, least {least}",
        )
    # the trapezoid rule on the log scale, between quantiles that leave nothing out
    shape = history + 1.0
    ends = np.log(gammaincinv(shape, [1e-13, 1 - 1e-13]))
    log = np.linspace(float(ends[0]), float(ends[1]), NODES)
    lasted, density = np.exp(log), shape * log - np.exp(log)
    weight = np.exp(density - density.max())
    weight /= weight.sum()
    counts = np.arange(least, end + 1, dtype=float)

    def chance(value: float) -> float:
        ratios = _conditional_ratios(counts, history, value)
        alerts = [walk_kernel.chance_of_alert(ratios * time, counts) for time in lasted]
        return float(weight @ np.array(alerts))

    return _critical(chance, alpha)


def conditional_llr(observed: ArrayLike, ratio: ArrayLike, history: int) -> Floats:
    """Return the log-likelihood ratio against a rate known from a history.

    Parameters
    ----------
    observed
        New reports so far.
    ratio
        Exposure so far over the exposure of the history.
    history
        Reports of the history.

    References
    ----------
    Li and Kulldorff 2010, eq. 3.

    Examples
    --------
    >>> conditional_llr([5, 9], [0.2, 1.0], 10).round(4)
    array([1.2343, 0.    ])
    """
    k, r = np.asarray(observed, dtype=float), np.asarray(ratio, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (1 + r) / (history + k)
        gain = history * np.log(history * pooled) + k * np.log(k * pooled / r)
    gained: Floats = np.where(k > history * r, gain, 0.0)
    return gained


def _conditional_ratios(counts: Floats, history: int, value: float) -> Floats:
    """Return how much exposure (over the history's) each count may have needed to reach a ratio; by bisection."""
    low, high = np.full_like(counts, -80.0), np.log(counts / history)
    for _ in range(60):
        middle = (low + high) / 2
        reached = conditional_llr(counts, np.exp(middle), history) >= value
        low, high = np.where(reached, middle, low), np.where(reached, high, middle)
    return np.exp(low)


def _examine(alpha: float, least: int) -> None:
    if not (0 < alpha < 1 and least >= 1):
        raise InvalidSetting(
            "A watch needs an error between 0 and 1, and a least count of one or more.",
            where=f"alpha {alpha}, least {least}",
        )


def _critical(chance: Callable[[float], float], alpha: float) -> float:
    """Return the smallest value at which the chance of an alert is at most alpha."""
    low, high = 0.0, HIGHEST
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (low, middle) if chance(middle) <= alpha else (middle, high)
    return high
