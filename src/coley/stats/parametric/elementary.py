"""Families in elementary functions: exponential, Weibull (both ways), Gompertz, log-normal, log-logistic."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from coley.stats.parametric.family import Family, Outline, Parameter
from coley.stats.parametric.links import IDENTITY
from coley.stats.parametric.special import HALF_LOG_TWO_PI

if TYPE_CHECKING:
    from coley.stats.parametric.family import Floats, Theta

COLLETT = "Collett D. Modelling survival data in medical research. 3rd ed. Boca Raton: CRC Press; 2015."
GOMPERTZ = (
    "Gompertz B. On the nature of the function expressive of the law of human mortality. Philos Trans R Soc "
    "Lond 1825;115:513-583."
)


def log_time_line(outline: Outline, scale: Callable[[Floats], Floats]) -> tuple[float, float]:
    """Return intercept and slope of a transformed survival curve on the logarithm of time.

    Every family of a location and a scale in log time is such a line, so that this is where to start. A curve
    that does not rise (one event time) is given slope 1.
    """
    x, y = np.log(outline.times), scale(outline.log_survival)
    slope = 1.0
    if len(x) > 1:
        slope = float(np.polyfit(x, y, 1)[0])
    slope = slope if 0.05 < slope < 20 else 1.0
    return float(y.mean() - slope * x.mean()), slope


def log_cumulative(log_survival: Floats) -> Floats:
    """Return log(-log S)."""
    return np.asarray(np.log(-log_survival))


def log_odds_of_event(log_survival: Floats) -> Floats:
    """Return log((1 - S) / S)."""
    return np.asarray(np.log(np.expm1(-log_survival)))


def event_probit(log_survival: Floats) -> Floats:
    """Return the normal quantile of 1 - S."""
    from scipy.special import ndtri_exp

    return np.asarray(-ndtri_exp(log_survival))


def _exponential(theta: Theta, t: Floats) -> tuple[Floats, Floats]:
    return np.log(theta[0]) + 0 * t, -theta[0] * t


def _weibull(theta: Theta, t: Floats) -> tuple[Floats, Floats]:
    shape, scale = theta
    z = np.log(t) - np.log(scale)
    return np.log(shape) - np.log(scale) + (shape - 1) * z, -np.exp(shape * z)


def _weibull_ph(theta: Theta, t: Floats) -> tuple[Floats, Floats]:
    shape, rate = theta
    log_t = np.log(t)
    return np.log(shape * rate) + (shape - 1) * log_t, -rate * np.exp(shape * log_t)


def _gompertz(theta: Theta, t: Floats) -> tuple[Floats, Floats]:
    from scipy.special import exprel

    shape, rate = theta
    return np.log(rate) + shape * t, -rate * t * exprel(shape * t)


def _gompertz_time(theta: Theta, log_s: Floats) -> Floats:
    shape, rate = theta
    ratio = -shape * log_s / rate
    flat = np.abs(ratio) < 1e-8  # log1p(r)/r to second order from here
    whole = np.where(ratio > -1, ratio, np.nan)
    factor = np.where(flat, 1 - ratio / 2, np.log1p(whole) / np.where(flat, 1.0, whole))
    return np.where(ratio > -1, -log_s / rate * factor, np.inf)


def _gompertz_mean(theta: Theta) -> Floats:
    from scipy.special import exp1

    shape, rate = theta
    with np.errstate(all="ignore"):
        x = rate / shape
        # exp(x) E1(x) is 1/x (1 - 1/x + 2/x^2 - 6/x^3) where exp(x) would overflow.
        near = np.exp(np.minimum(x, 600.0)) * exp1(np.minimum(x, 600.0)) / shape
        far = (1 - 1 / x + 2 / x**2 - 6 / x**3) / rate
    rising = np.where(x > 600.0, far, near)
    return np.where(shape > 0, rising, np.where(shape == 0, 1 / rate, np.inf))


def _log_normal(theta: Theta, t: Floats) -> tuple[Floats, Floats]:
    from scipy.special import log_ndtr

    mean, sd = theta
    log_t = np.log(t)
    z = (log_t - mean) / sd
    log_s = log_ndtr(-z)
    return -0.5 * z * z - HALF_LOG_TWO_PI - np.log(sd) - log_t - log_s, log_s


def _log_normal_time(theta: Theta, log_s: Floats) -> Floats:
    return np.asarray(np.exp(theta[0] + theta[1] * event_probit(log_s)))


def _log_logistic(theta: Theta, t: Floats) -> tuple[Floats, Floats]:
    shape, scale = theta
    log_t = np.log(t)
    z = shape * (log_t - np.log(scale))
    return np.log(shape) - log_t - np.logaddexp(0, -z), -np.logaddexp(0, z)


def _log_logistic_mean(theta: Theta) -> Floats:
    shape, scale = theta
    heavy = shape <= 1
    angle = np.pi / np.where(heavy, 2.0, shape)
    return np.where(heavy, np.inf, scale * angle / np.sin(angle))


def _weibull_starts(outline: Outline) -> list[tuple[float, ...]]:
    intercept, slope = log_time_line(outline, log_cumulative)
    return [(slope, float(np.exp(-intercept / slope)))]


def _weibull_ph_starts(outline: Outline) -> list[tuple[float, ...]]:
    intercept, slope = log_time_line(outline, log_cumulative)
    return [(slope, float(np.exp(intercept)))]


def _log_normal_starts(outline: Outline) -> list[tuple[float, ...]]:
    intercept, slope = log_time_line(outline, event_probit)
    return [(-intercept / slope, 1 / slope)]


def _log_logistic_starts(outline: Outline) -> list[tuple[float, ...]]:
    intercept, slope = log_time_line(outline, log_odds_of_event)
    return [(slope, float(np.exp(-intercept / slope)))]


def _gamma_of(theta: Theta) -> Floats:
    from scipy.special import gamma

    return np.asarray(gamma(1 + 1 / theta[0]))


EXPONENTIAL = Family(
    "exponential",
    "exponential",
    (Parameter("rate"),),
    _exponential,
    time_at=lambda theta, log_s: -log_s / theta[0],
    mean=lambda theta: 1 / theta[0],
    starts=lambda outline: [(outline.rate,)],
    references=(COLLETT,),
)
WEIBULL = Family(
    "weibull",
    "Weibull (accelerated failure time)",
    (Parameter("shape"), Parameter("scale")),
    _weibull,
    time_at=lambda theta, log_s: theta[1] * (-log_s) ** (1 / theta[0]),
    mean=lambda theta: theta[1] * _gamma_of(theta),
    starts=_weibull_starts,
    references=(COLLETT,),
)
WEIBULL_PH = Family(
    "weibull_ph",
    "Weibull (proportional hazards)",
    (Parameter("shape"), Parameter("scale")),
    _weibull_ph,
    time_at=lambda theta, log_s: (-log_s / theta[1]) ** (1 / theta[0]),
    mean=lambda theta: theta[1] ** (-1 / theta[0]) * _gamma_of(theta),
    starts=_weibull_ph_starts,
    references=(COLLETT,),
)
GOMPERTZ_FAMILY = Family(
    "gompertz",
    "Gompertz",
    (Parameter("shape", IDENTITY, per_time=True), Parameter("rate")),
    _gompertz,
    time_at=_gompertz_time,
    mean=_gompertz_mean,
    starts=lambda outline: [(0.0, outline.rate), (-1.0 / float(outline.times[-1]), 2 * outline.rate)],
    references=(GOMPERTZ,),
)
LOG_NORMAL = Family(
    "log_normal",
    "log-normal",
    (Parameter("mean_log", IDENTITY), Parameter("sd_log")),
    _log_normal,
    time_at=_log_normal_time,
    mean=lambda theta: np.exp(theta[0] + theta[1] ** 2 / 2),
    starts=_log_normal_starts,
    references=(COLLETT,),
)
LOG_LOGISTIC = Family(
    "log_logistic",
    "log-logistic",
    (Parameter("shape"), Parameter("scale")),
    _log_logistic,
    time_at=lambda theta, log_s: theta[1] * np.expm1(-log_s) ** (1 / theta[0]),
    mean=_log_logistic_mean,
    starts=_log_logistic_starts,
    references=(COLLETT,),
)
