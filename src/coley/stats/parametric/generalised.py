"""Gamma, generalised gamma and generalised F: the families that hold most of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.stats.parametric.elementary import event_probit, log_cumulative, log_time_line
from coley.stats.parametric.family import Family, Outline, Parameter
from coley.stats.parametric.links import IDENTITY
from coley.stats.parametric.special import (
    HALF_LOG_TWO_PI,
    log_gamma_kernel,
    log_lower_beta,
    log_lower_gamma,
    log_upper_gamma,
    stirling,
)

if TYPE_CHECKING:
    from coley.stats.parametric.family import Floats, Theta

STACY = "Stacy EW. A generalization of the gamma distribution. Ann Math Stat 1962;33:1187-1192."
PRENTICE_GAMMA = (
    "Prentice RL. A log gamma model and its maximum likelihood estimation. Biometrika 1974;61:539-544."
)
PRENTICE_F = "Prentice RL. Discrimination among some parametric models. Biometrika 1975;62:607-614."
# Nearer to the log-normal than this, the first two terms in Q are more exact than the gamma functions.
NEAR_NORMAL = 1e-6
# With less of P than this the F cannot be told from the generalised gamma in double precision.
NEAR_GAMMA = 1e-8


def _gamma(theta: Theta, t: Floats) -> tuple[Floats, Floats]:
    shape, rate = theta
    log_t = np.log(t)
    ratio = np.log(rate / shape) + log_t
    log_s = log_upper_gamma(shape, ratio)
    return log_gamma_kernel(shape, ratio) - log_t - log_s, log_s


def _gamma_time(theta: Theta, log_s: Floats) -> Floats:
    from scipy.special import gammainccinv

    return np.asarray(gammainccinv(theta[0], np.exp(log_s)) / theta[1])


def _gamma_starts(outline: Outline) -> list[tuple[float, ...]]:
    _, slope = log_time_line(outline, log_cumulative)
    return [(slope, slope * outline.rate)]


def _generalised_gamma(theta: Theta, t: Floats) -> tuple[Floats, Floats]:
    from scipy.special import log_ndtr

    mu, sigma, q = theta
    log_t = np.log(t)
    w = (log_t - mu) / sigma
    normal = np.abs(q) < NEAR_NORMAL
    safe = np.where(normal, 1.0, q)
    a, qw = 1 / safe**2, safe * w
    with np.errstate(over="ignore"):
        kernel = a * (qw - np.expm1(qw)) - stirling(a)
    up, down = safe > 0, safe < 0
    log_s = (
        log_upper_gamma(a, qw)
        if up.all()
        else log_lower_gamma(a, qw)
        if down.all()
        else np.where(up, log_upper_gamma(a, qw), log_lower_gamma(a, qw))
    )
    if normal.any():
        bell, tail = -0.5 * w * w, log_ndtr(-w)
        with np.errstate(over="ignore", invalid="ignore"):
            skewed = tail - q / 6 * (w * w + 2) * np.exp(bell - HALF_LOG_TWO_PI - tail)
        log_s = np.where(normal, skewed, log_s)
        kernel = np.where(normal, bell - q * w**3 / 6, kernel)
    return kernel - HALF_LOG_TWO_PI - np.log(sigma) - log_t - log_s, log_s


def _generalised_gamma_time(theta: Theta, log_s: Floats) -> Floats:
    from scipy.special import gammainccinv, gammaincinv

    mu, sigma, q = theta
    normal = np.abs(q) < NEAR_NORMAL
    safe = np.where(normal, 1.0, q)
    a, s = 1 / safe**2, np.exp(log_s)
    with np.errstate(divide="ignore"):
        w = np.log(np.where(safe > 0, gammainccinv(a, s), gammaincinv(a, s)) / a) / safe
    return np.asarray(np.exp(mu + sigma * np.where(normal, event_probit(log_s), w)))


def _generalised_gamma_mean(theta: Theta) -> Floats:
    from scipy.special import gammaln

    mu, sigma, q = theta
    normal = np.abs(q) < NEAR_NORMAL
    safe = np.where(normal, 1.0, q)
    a, step = 1 / safe**2, sigma / safe
    none = a + step <= 0
    moved = np.where(none, 1.0, a + step)
    # log gamma(a + step) - log gamma(a) - step log a, by Stirling's formula with its remainder
    log_ratio = np.where(
        a > 50,
        (moved - 0.5) * np.log1p(np.where(none, 0.0, step / a)) - step + stirling(moved) - stirling(a),
        gammaln(moved) - gammaln(a) - step * np.log(a),
    )
    with np.errstate(over="ignore"):
        return np.where(normal, np.exp(mu + sigma**2 / 2), np.where(none, np.inf, np.exp(mu + log_ratio)))


def _generalised_gamma_starts(outline: Outline) -> list[tuple[float, ...]]:
    intercept, slope = log_time_line(outline, event_probit)
    normal = (-intercept / slope, 1 / slope)
    intercept, slope = log_time_line(outline, log_cumulative)
    return [(*normal, 0.0), (-intercept / slope, 1 / slope, 0.8)]


def _f_shapes(q: Floats, p: Floats) -> tuple[Floats, Floats, Floats]:
    """Return delta and Prentice's s1 and s2, without the cancellation of small P."""
    delta = np.sqrt(q * q + 2 * p)
    size = delta + np.abs(q)
    small, large = 2 / (delta * size), size / (delta * p)
    return delta, np.where(q >= 0, small, large), np.where(q >= 0, large, small)


def _generalised_f(theta: Theta, t: Floats) -> tuple[Floats, Floats]:
    from scipy.special import betaln

    mu, sigma, q, p = theta
    gamma_like = p < NEAR_GAMMA
    log_t = np.log(t)
    delta, s1, s2 = _f_shapes(q, np.where(gamma_like, 1.0, p))
    odds = np.log(s1 / s2) + delta * (log_t - mu) / sigma
    log_s = log_lower_beta(s2, s1, -odds)
    log_f = np.log(delta / sigma) - log_t + s1 * odds - (s1 + s2) * np.logaddexp(0, odds) - betaln(s1, s2)
    log_h = log_f - log_s
    if gamma_like.any():
        limit_h, limit_s = _generalised_gamma((mu, sigma, q), t)
        log_h, log_s = np.where(gamma_like, limit_h, log_h), np.where(gamma_like, limit_s, log_s)
    return log_h, log_s


def _generalised_f_time(theta: Theta, log_s: Floats) -> Floats:
    from scipy.special import betaincinv

    mu, sigma, q, p = theta
    gamma_like = p < NEAR_GAMMA
    delta, s1, s2 = _f_shapes(q, np.where(gamma_like, 1.0, p))
    with np.errstate(divide="ignore"):
        share = betaincinv(s2, s1, np.exp(log_s))
        odds = np.log1p(-share) - np.log(share)
    t = np.exp(mu + sigma / delta * (odds - np.log(s1 / s2)))
    return np.where(gamma_like, _generalised_gamma_time((mu, sigma, q), log_s), t) if gamma_like.any() else t


def _generalised_f_mean(theta: Theta) -> Floats:
    from scipy.special import gammaln

    mu, sigma, q, p = theta
    gamma_like = p < NEAR_GAMMA
    delta, s1, s2 = _f_shapes(q, np.where(gamma_like, 1.0, p))
    step = sigma / delta
    none = s2 <= step
    with np.errstate(over="ignore"):
        finite = np.exp(
            mu
            + step * np.log(s2 / s1)
            + gammaln(s1 + step)
            - gammaln(s1)
            + gammaln(np.where(none, 1.0, s2 - step))
            - gammaln(s2)
        )
    mean = np.where(none, np.inf, finite)
    return np.where(gamma_like, _generalised_gamma_mean((mu, sigma, q)), mean) if gamma_like.any() else mean


def _generalised_f_starts(outline: Outline) -> list[tuple[float, ...]]:
    return [(*start, p) for start in _generalised_gamma_starts(outline) for p in (0.1, 1.0)]


GAMMA = Family(
    "gamma",
    "gamma",
    (Parameter("shape"), Parameter("rate")),
    _gamma,
    time_at=_gamma_time,
    mean=lambda theta: theta[0] / theta[1],
    starts=_gamma_starts,
    references=(STACY,),
)
GENERALISED_GAMMA = Family(
    "generalised_gamma",
    "generalised gamma",
    (Parameter("mu", IDENTITY), Parameter("sigma"), Parameter("Q", IDENTITY)),
    _generalised_gamma,
    time_at=_generalised_gamma_time,
    mean=_generalised_gamma_mean,
    starts=_generalised_gamma_starts,
    references=(STACY, PRENTICE_GAMMA),
)
GENERALISED_F = Family(
    "generalised_f",
    "generalised F",
    (Parameter("mu", IDENTITY), Parameter("sigma"), Parameter("Q", IDENTITY), Parameter("P")),
    _generalised_f,
    time_at=_generalised_f_time,
    mean=_generalised_f_mean,
    starts=_generalised_f_starts,
    references=(PRENTICE_F,),
)
