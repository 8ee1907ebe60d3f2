"""How unlikely an order or an association is by chance: ranks and permutations, in closed form."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from coley.read.doctor.chance import ranks_of
from coley.stats.judging.roc import auc

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Indices = npt.NDArray[np.intp]

LN10 = math.log(10)


def log10_two_sided(z: float) -> float:
    """Return log10 of the two-sided p of a standard normal statistic, however small.

    Examples
    --------
    >>> round(log10_two_sided(1.959964), 4), round(log10_two_sided(40.0))
    (-1.301, -349)
    """
    from scipy.special import log_ndtr

    return (math.log(2) + float(log_ndtr(-abs(z)))) / LN10


def centred(values: Floats) -> Floats:
    """Return values less their mean and scaled to length 1; missing becomes the mean, a constant becomes 0."""
    known = np.isfinite(values)
    if not known.any():
        return np.zeros(len(values))
    away: Floats = np.where(known, values - values[known].mean(), 0.0)
    length = float(np.sqrt(away @ away))
    return away / length if length > 1e-12 else np.zeros(len(values))


def centred_ranks(values: Floats) -> Floats:
    """Return the ranks of the known values, centred and scaled to length 1."""
    known = np.isfinite(values)
    ranks = np.full(len(values), np.nan)
    ranks[known] = ranks_of(values[known])
    return centred(ranks)


def null_residuals(time: Floats, event: Floats) -> Floats:
    """Return event less cumulative hazard of each patient, the log-rank scores of one group (Nelson-Aalen).

    Examples
    --------
    >>> null_residuals(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 0.0])).round(3).tolist()
    [0.667, 0.167, -0.833]
    """
    known = np.isfinite(time) & np.isfinite(event)
    residuals = np.full(len(time), np.nan)
    t, d = time[known], event[known]
    if not len(t):
        return residuals
    times, place = np.unique(t, return_inverse=True)
    deaths = np.bincount(place, weights=d, minlength=len(times))
    at_risk = len(t) - np.searchsorted(np.sort(t), times, side="left")
    residuals[known] = d - np.cumsum(deaths / at_risk)[place]
    return residuals


def log10_f_tail(explained: float, inputs: int, n: int) -> float:
    """Return log10 of the p of a share of variance explained by `inputs` columns in n patients (F test)."""
    from scipy.special import betainc

    df = n - inputs - 1
    if df < 1 or inputs < 1:
        return 0.0
    tail = float(betainc(df / 2, inputs / 2, min(max(1 - explained, 0.0), 1.0)))
    return math.log10(max(tail, 1e-300))


def trend(values: Floats, order: Indices, strata: Indices) -> tuple[float, float, bool]:
    """Judge whether values rise or fall along an order, within strata.

    Parameters
    ----------
    values
        Of each row.
    order
        Position of each row in the order.
    strata
        Number of each row's stratum; rows are compared within it.

    Returns
    -------
    Rank correlation with the order within strata; log10 of the probability of at least as much in a random order;
    whether the values are monotone without exception (the probability is then exact).

    Examples
    --------
    >>> rows = np.arange(10)
    >>> rho, log10_p, exact = trend(rows * 2.0, rows, np.zeros(10, dtype=int))
    >>> round(rho, 9), round(log10_p, 2), exact
    (1.0, -6.26, True)
    """
    x, y = np.zeros(len(values)), np.zeros(len(values))
    log_chance, rising, falling = math.log(2), True, True
    groups = 0
    for stratum in np.unique(strata):
        rows = np.flatnonzero(strata == stratum)
        if len(rows) < 2:
            continue
        groups += 1
        line = values[rows][np.argsort(order[rows], kind="stable")]
        steps = np.diff(line)
        rising, falling = rising and bool((steps >= 0).all()), falling and bool((steps <= 0).all())
        ties = np.unique(line, return_counts=True)[1]
        log_chance += float(sum(math.lgamma(t + 1) for t in ties)) - math.lgamma(len(rows) + 1)
        ranks, places = ranks_of(values[rows]), ranks_of(order[rows].astype(float))
        x[rows], y[rows] = ranks - ranks.mean(), places - places.mean()
    spread = math.sqrt(float(x @ x) * float(y @ y))
    rho = float(x @ y) / spread if spread else 0.0
    if rising or falling:
        return rho, min(log_chance / LN10, 0.0), True
    return rho, log10_two_sided(rho * math.sqrt(max(len(values) - groups, 0))), False


def area(values: Floats, positive: npt.NDArray[np.bool_]) -> float:
    """Return the area under the ROC curve; NaN where one class is empty.

    Examples
    --------
    >>> area(np.array([1.0, 2.0, 3.0]), np.array([False, True, True]))
    1.0
    """
    return auc(values, positive).value if 0 < positive.sum() < len(positive) else math.nan


def log10_hypergeometric(seen: int, drawn: int, marked: int, total: int) -> float:
    """Return log10 of the two-sided p of `seen` marked among `drawn` of `total` (Fisher's exact test).

    Examples
    --------
    >>> round(10 ** log10_hypergeometric(0, 5, 5, 10), 4)
    0.0079
    """
    from scipy.special import gammaln

    k = np.arange(max(0, drawn + marked - total), min(drawn, marked) + 1)

    def choose(n: float, r: npt.NDArray[np.int_]) -> Floats:
        return np.asarray(gammaln(n + 1) - gammaln(r + 1) - gammaln(n - r + 1))

    log_p = choose(marked, k) + choose(total - marked, drawn - k) - choose(total, np.asarray(drawn))
    here = log_p[seen - k[0]]
    return min(float(np.logaddexp.reduce(log_p[log_p <= here + 1e-9])) / LN10, 0.0)
