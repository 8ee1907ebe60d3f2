"""The variance between cohorts: three estimators and the Q-profile interval, for many markers at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from coley.model.registry import Registry

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.stats.pooling.studies import Studies

    Floats = NDArray[np.float64]

HALVINGS = 80  # of an interval: what is left is below the rounding of its ends
DOUBLINGS = 200
# The restricted likelihood can have two tops. It is scanned on so many variances, in steps of about a
# factor of two from a thousandth of the smallest sampling variance, before the best top is climbed.
SCANNED = 48

TAU2: Registry[Callable[[Studies], Floats]] = Registry("estimator of the variance between cohorts")


def dersimonian_laird(studies: Studies) -> Floats:
    """Return the moment estimate (DerSimonian and Laird 1986, eq. 8), one a marker."""
    w = studies.weights(np.zeros(len(studies.y)))
    total = w.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        moment = (studies.spread(w) - (studies.k - 1)) / (total - (w * w).sum(axis=1) / total)
    return _known(np.maximum(moment, 0.0), studies)


def paule_mandel(studies: Studies) -> Floats:
    """Return the variance at which Q equals its degrees of freedom (Paule and Mandel 1982), one a marker."""
    return _known(crossing(studies, studies.k - 1), studies)


def reml(studies: Studies) -> Floats:
    """Return the restricted maximum likelihood estimate (Viechtbauer 2005, eq. 10), one a marker."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return _known(_reml(studies), studies)


for function in (dersimonian_laird, paule_mandel, reml):
    TAU2.add(function.__name__, function)


def q_profile(studies: Studies, level: float) -> tuple[Floats, Floats]:
    """Return the limits of the variance between cohorts by inverting the test of Q (Viechtbauer 2007).

    Both are 0 where even no heterogeneity leaves Q smaller than chance would make it.
    """
    from scipy.special import chdtri

    df = np.maximum(studies.k - 1, 1.0)
    tail = (1 - level) / 2
    low, high = (_known(crossing(studies, chdtri(df, upper)), studies) for upper in (tail, 1 - tail))
    return low, high


def crossing(studies: Studies, target: Floats) -> Floats:
    """Return the variance at which Q, which falls with it, meets `target`; 0 where it begins below."""
    zero = np.zeros(len(studies.y))
    with np.errstate(invalid="ignore", divide="ignore"):

        def above(tau2: Floats) -> NDArray[np.bool_]:
            return np.asarray(studies.spread(studies.weights(tau2)) > target)

        starts = above(zero) & (studies.k > 1)
        high = _doubled(above, np.where(starts, _size(studies), 0.0), starts)
        return np.where(starts, _halved(above, zero, high), 0.0)


def _reml(studies: Studies) -> Floats:
    def rises(tau2: Floats) -> NDArray[np.bool_]:
        w = studies.weights(tau2)
        total, squares = w.sum(axis=1), w * w
        residual = (squares * (studies.y - studies.mean(w)[:, None]) ** 2).sum(axis=1)
        return np.asarray(residual > total - squares.sum(axis=1) / total)

    many = studies.k > 1
    top = _doubled(rises, _size(studies), many)
    least = np.where(studies.there > 0, studies.v, np.inf).min(axis=1) / 1000
    ratio = np.where(many, np.maximum(top / np.where(many, least, 1.0), 2.0), 2.0)
    grid = least[:, None] * ratio[:, None] ** np.linspace(0, 1, SCANNED)
    grid = np.where(many[:, None], np.hstack([np.zeros((len(grid), 1)), grid]), 0.0)
    value = np.stack([_restricted_likelihood(studies, tau2) for tau2 in grid.T], axis=1)
    best = np.where(many, np.nan_to_num(value, nan=-np.inf).argmax(axis=1), 0)
    row = np.arange(len(grid))
    low, high = grid[row, np.maximum(best - 1, 0)], grid[row, np.minimum(best + 1, SCANNED)]
    return np.where((best == 0) & ~rises(grid[:, 0]), 0.0, _halved(rises, low, high))


def _restricted_likelihood(studies: Studies, tau2: Floats) -> Floats:
    w = studies.weights(tau2)
    logs = np.where(studies.there > 0, np.log(studies.v + tau2[:, None]), 0.0).sum(axis=1)
    return np.asarray(-0.5 * (logs + np.log(w.sum(axis=1)) + studies.spread(w)))


def _size(studies: Studies) -> Floats:
    """Return a variance of the order of what is seen: spread of the estimates plus largest sampling variance."""
    plain = studies.spread(studies.there) / np.maximum(studies.k - 1, 1)
    return np.asarray(np.nan_to_num(plain) + (studies.there * studies.v).max(axis=1))


def _doubled(above: Callable[[Floats], NDArray[np.bool_]], start: Floats, where: NDArray[np.bool_]) -> Floats:
    high = start
    for _ in range(DOUBLINGS):
        short = where & above(high)
        if not short.any():
            break
        high = np.where(short, 2 * high, high)
    return high


def _halved(above: Callable[[Floats], NDArray[np.bool_]], low: Floats, high: Floats) -> Floats:
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        up = above(middle)
        low, high = np.where(up, middle, low), np.where(up, high, middle)
    return (low + high) / 2


def _known(tau2: Floats, studies: Studies) -> Floats:
    return np.where(studies.k > 1, tau2, np.nan)
