"""Survival itself, where it has a closed form many times as fast as its logarithm and the hazard together.

Likelihoods need both of those; a projection of thousands of draws over a life needs neither.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from coley.stats.parametric.elementary import EXPONENTIAL, LOG_LOGISTIC, LOG_NORMAL, WEIBULL, WEIBULL_PH

if TYPE_CHECKING:
    from coley.stats.parametric.family import Family, Floats, Theta


def _exponential(theta: Theta, t: Floats) -> Floats:
    return _exp(-theta[0] * t)


def _weibull(theta: Theta, t: Floats) -> Floats:
    shape, scale = theta
    return _exp_of_exp(shape * np.log(t), -shape * np.log(scale))


def _weibull_ph(theta: Theta, t: Floats) -> Floats:
    shape, rate = theta
    return _exp_of_exp(shape * np.log(t), np.log(rate))


def _log_normal(theta: Theta, t: Floats) -> Floats:
    from scipy.special import ndtr

    mean, sd = theta
    z = np.asarray(mean - np.log(t))
    z /= sd
    return np.asarray(ndtr(z, out=z))


def _log_logistic(theta: Theta, t: Floats) -> Floats:
    shape, scale = theta
    odds = shape * np.log(t)
    odds -= shape * np.log(scale)
    np.exp(odds, out=odds)
    odds += 1.0
    return np.asarray(np.reciprocal(odds, out=odds))


def _exp(values: Floats) -> Floats:
    return np.asarray(np.exp(values, out=values))


def _exp_of_exp(values: Floats, more: Floats) -> Floats:
    """Return exp(-exp(values + more))."""
    values += more
    hazard = _exp(values)
    return _exp(np.negative(hazard, out=hazard))


# Family -> (parameters, times above zero) -> survival.
SURVIVALS: dict[Family, Callable[[Theta, Floats], Floats]] = {
    EXPONENTIAL: _exponential,
    WEIBULL: _weibull,
    WEIBULL_PH: _weibull_ph,
    LOG_NORMAL: _log_normal,
    LOG_LOGISTIC: _log_logistic,
}
