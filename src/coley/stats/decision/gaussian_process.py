"""A smooth function of many parameters: a Gaussian process with a length for each, on a few hundred points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.stats.decision.penalised import Design
from coley.stats.threads import one_blas_thread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

STRONG_2014 = (
    "Strong M, Oakley JE, Brennan A. Estimating multiparameter partial expected value of perfect information from a "
    "probabilistic sensitivity analysis sample: a nonparametric regression approach. Med Decis Making "
    "2014;34:311-326."
)
QUINONERO = (
    "Quinonero-Candela J, Rasmussen CE. A unifying view of sparse approximate Gaussian process regression. "
    "J Mach Learn Res 2005;6:1939-1959."
)

LENGTHS_FROM = 400  # draws on which lengths are estimated: their cube is the cost
POINTS = 300  # on which the function rests: more than a smooth function of a few parameters needs
LINEAR = 100.0  # prior variance of the slopes: nearly free
JITTER = 1e-6  # of the unit variance of the process: keeps its matrix invertible
LONGEST, SHORTEST = 100.0, 0.3  # lengths in standard deviations of a parameter: no effect, and the finest
NOISE = (1e-6, 10.0)  # variance of the noise over that of the process
# The search ends where a step adds less than this of the log-likelihood: the value of information hardly moves with
# the last digits of a length, and rounding hides whether they climb.
TOLERANCE, STEPS = 1e-5, 60


def gaussian_process_design(points: Floats, responses: Floats, *, seed: int = 1) -> Design:
    """Return the design of a smooth function of many parameters.

    A straight line in every parameter is free; departures from it are a Gaussian process with a squared exponential
    kernel. Its lengths, one a parameter and shared by all responses, maximise the likelihood on a few hundred draws.

    Parameters
    ----------
    points
        Draws x parameters, (D, P).
    responses
        Draws x responses, (D, m), whose lengths are to be found.
    seed
        Of the choice of draws.

    References
    ----------
    Strong, Oakley and Brennan 2014; projected process as in Quinonero-Candela and Rasmussen 2005, section 5.
    """
    centre, scale = points.mean(axis=0), points.std(axis=0)
    z = (points - centre) / np.where(scale > 0, scale, 1.0)
    order = np.random.default_rng(seed).permutation(len(z))
    y = responses - responses.mean(axis=0)
    y = y[:, y.std(axis=0) > 0]
    with one_blas_thread():
        lengths = _lengths(z[order[:LENGTHS_FROM]], y[order[:LENGTHS_FROM]] / y.std(axis=0))
    chosen = z[order[:POINTS]] / lengths
    root = np.linalg.cholesky(_kernel(chosen, chosen) + JITTER * np.eye(len(chosen)))
    inverse = np.linalg.inv(root).T
    free = 1 + points.shape[1]

    def rows(new: Floats) -> Floats:
        at = (new - centre) / np.where(scale > 0, scale, 1.0)
        return np.hstack([np.ones((len(at), 1)), at, _kernel(at / lengths, chosen) @ inverse])

    return Design(rows, np.r_[np.zeros(free), np.ones(len(chosen))][None, :])


def _kernel(a: Floats, b: Floats) -> Floats:
    away = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    return np.asarray(np.exp(-0.5 * np.maximum(away, 0.0)))


def _lengths(z: Floats, y: Floats) -> Floats:
    """Maximise the likelihood, each response with a variance of its own, profiled out."""
    from scipy.linalg import cho_factor, cho_solve
    from scipy.linalg.lapack import dpotri
    from scipy.optimize import minimize

    n, p = z.shape
    m = y.shape[1]
    apart = (z.T[:, :, None] - z.T[:, None, :]) ** 2  # parameters x draws x draws
    flat = apart.reshape(p, -1)
    linear = LINEAR * (1 + z @ z.T)

    def criterion(theta: Floats) -> tuple[float, Floats]:
        inverse_square, noise = np.exp(-2 * theta[:p]), np.exp(theta[p])
        smooth = np.exp(-0.5 * (inverse_square @ flat)).reshape(n, n)
        factor = cho_factor(smooth + linear + noise * np.eye(n), lower=True)
        alpha = cho_solve(factor, y)
        fits = (y * alpha).sum(axis=0)
        value = n * np.log(fits).sum() + 2 * m * np.log(np.diag(factor[0])).sum()
        inverse = dpotri(factor[0], lower=True)[0]  # its lower half; the other holds what is left of `smooth`
        W = m * (np.tril(inverse) + np.tril(inverse, -1).T) - n * (alpha / fits) @ alpha.T
        slope = (flat @ (W * smooth).ravel()) * inverse_square
        return float(value), np.r_[slope, noise * np.trace(W)]

    bounds = [(np.log(SHORTEST), np.log(LONGEST))] * p + [(np.log(NOISE[0]), np.log(NOISE[1]))]
    start = np.r_[np.full(p, np.log(2.0 * np.sqrt(p))), np.log(0.1)]
    found = minimize(
        criterion,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": STEPS, "ftol": TOLERANCE},
    )
    return np.asarray(np.exp(found.x[:p]))
