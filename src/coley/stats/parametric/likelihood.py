"""The log-likelihood of each patient, and its derivatives in the parameters of the family."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from coley.stats.parametric.data import SurvivalData
    from coley.stats.parametric.family import Family, Floats, Theta

# Step of the differences in units of a parameter's scale: with rules of fourth order both truncation and rounding
# are then near 1e-11 of a patient's log-likelihood.
STEP = 2.5e-3


def contributions(family: Family, data: SurvivalData, theta: Theta) -> Floats:
    """Return the log-likelihood of each patient (..., n), NaN where the parameters are impossible.

    An event counts log(b + h) + log S, with the background hazard b; an event in an interval
    log(S(lower) - exp(-B) S(upper)), with the background B accumulated over it; late entry takes log S(entry) off.
    """
    with np.errstate(all="ignore"):
        log_h, log_s = family.log_hazard_survival(theta, data.time)
        if data.background is not None:
            log_h = np.where(np.isnan(log_h), np.nan, np.logaddexp(np.log(data.background), log_h))
        exact = data.event
        out = log_s
        if data.upper is not None:
            known = np.isnan(data.upper)
            exact = exact & known
            end = family.log_hazard_survival(theta, np.where(known, data.time, data.upper))[1]
            if data.background_between is not None:
                end = end - data.background_between
            out = np.where(known, log_s, log_s + np.log(-np.expm1(end - log_s)))
        out = out + np.where(exact, log_h, 0.0)
        if data.entry is not None:
            late = data.entry > 0
            start = family.log_hazard_survival(theta, np.where(late, data.entry, 1.0))[1]
            out = out - np.where(late, start, 0.0)
    return np.asarray(out)


@cache
def stencil(k: int) -> tuple[Floats, Floats, Floats]:
    """Return places (M, k) around a point, and the weights (k, M) and (k, k, M) that make derivatives of values.

    Places are in steps. First and pure second derivatives are the five-point rules; mixed ones the
    seven-point rule at one step and at two, extrapolated.

    Examples
    --------
    >>> places, slope, curvature = stencil(2)
    >>> values = 3 * places[:, 0] * places[:, 1] + places[:, 1] ** 2
    >>> (slope @ values).round(9) + 0, (curvature @ values).round(9)
    (array([0., 0.]), array([[0., 3.],
           [3., 2.]]))
    """
    places: list[tuple[float, ...]] = [(0.0,) * k]
    unit = np.eye(k)
    for j in range(k):
        places += [tuple(s * unit[j]) for s in (-2.0, -1.0, 1.0, 2.0)]
    for i, j in combinations(range(k), 2):
        places += [tuple(s * (unit[i] + unit[j])) for s in (-2.0, -1.0, 1.0, 2.0)]
    at = {place: m for m, place in enumerate(places)}
    slope, curvature = np.zeros((k, len(places))), np.zeros((k, k, len(places)))
    along = (-2.0, -1.0, 1.0, 2.0)
    for j in range(k):
        rows = [at[tuple(s * unit[j])] for s in along]
        slope[j, rows] = np.array([1, -8, 8, -1]) / 12
        curvature[j, j, rows] = np.array([-1, 16, 16, -1]) / 12
        curvature[j, j, 0] = -30 / 12
    for i, j in combinations(range(k), 2):
        # d2/dij is half of the second derivative along the diagonal less those along the two axes
        rows = [at[tuple(s * (unit[i] + unit[j]))] for s in along]
        mixed = np.zeros(len(places))
        mixed[rows] = np.array([-1, 16, 16, -1]) / 12
        mixed[0] = -30 / 12
        curvature[i, j] = curvature[j, i] = (mixed - curvature[i, i] - curvature[j, j]) / 2
    return np.array(places), slope, curvature


def derivatives(family: Family, data: SurvivalData, eta: Floats) -> tuple[Floats, Floats, Floats]:
    """Return each patient's log-likelihood (n,), gradient (K, n) and Hessian (K, K, n) in working parameters.

    Parameters
    ----------
    family, data
        What is fitted.
    eta
        (K, n) or (K, 1) working parameters of each patient.
    """
    places, slope, curvature = stencil(len(eta))
    step = STEP * family.scales(data.horizon)
    theta = natural_parameters(family, eta[None] + (places * step)[:, :, None])
    values = contributions(family, data, theta)
    values = np.broadcast_to(values, (len(places), len(data.time)))
    with np.errstate(all="ignore"):  # beside an impossible place: not finite, and the search turns back
        gradient = slope @ values / step[:, None]
        hessian = np.matmul(curvature, values) / (step[:, None] * step)[:, :, None]
    return values[0], gradient, hessian


def natural_parameters(family: Family, eta: Floats) -> list[Floats]:
    """Return natural parameters, one array each, from working ones (..., K, n)."""
    with np.errstate(all="ignore"):
        return [p.link.natural(eta[..., j, :]) for j, p in enumerate(family.parameters)]
