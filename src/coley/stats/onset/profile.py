"""Limits of one parameter of two, from its standard error or from its profile likelihood."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from coley.stats.onset.likelihood import Evaluate, Value, climb, holding
from coley.stats.tails import z_of

# How far a profile is followed for its limit: a factor of exp(8) on either side of the estimate.
FARTHEST = 8.0
# Newton's steps towards a limit, and the error of log-likelihood and slope at which it has arrived.
STEPS, ARRIVED = 12, 1e-8
Limits = tuple[float, float]
Find = Callable[..., Limits]


def wald(evaluate: Evaluate, top: Value, se: float, *, level: float) -> Limits:
    """Return the estimate less and plus its standard error times the normal quantile."""
    half = z_of(level) * se
    return float(top.place[0]) - half, float(top.place[0]) + half


def profile(evaluate: Evaluate, top: Value, se: float, *, level: float) -> Limits:
    """Return where twice the loss of profile log-likelihood reaches its quantile; NaN where it never does.

    Newton's method on both conditions at once (Venzon and Moolgavkar 1988) finds nearly all; where it goes
    astray, the profile is followed until the limit is bracketed.
    """
    lowest = top.value - z_of(level) ** 2 / 2
    limits = []
    for side in (-1, 1):
        found = _newton(evaluate, top, side * z_of(level) * se, lowest=lowest)
        limits.append(_followed(evaluate, top, side * se, lowest=lowest) if np.isnan(found) else found)
    return limits[0], limits[1]


def _newton(evaluate: Evaluate, top: Value, step: float, *, lowest: float) -> float:
    if not abs(step) < FARTHEST:
        return np.nan
    ridge = -top.hessian[0, 1] / top.hessian[1, 1]
    place = top.place + step * np.array([1.0, ridge])
    for _ in range(STEPS):
        here = evaluate(place)
        missed = np.array([here.value - lowest, here.gradient[1]])
        if np.abs(missed).max() < ARRIVED:
            right_side = (place[0] - top.place[0]) * step > 0 and here.hessian[1, 1] < 0
            return float(place[0]) if right_side else np.nan
        slopes = np.stack([here.gradient, here.hessian[1]])
        if not np.isfinite(slopes).all() or abs(np.linalg.det(slopes)) < 1e-300:
            return np.nan
        place = place - np.linalg.solve(slopes, missed)
        if not np.abs(place - top.place).max() < 2 * FARTHEST:
            return np.nan
    return np.nan


def _followed(evaluate: Evaluate, top: Value, step: float, *, lowest: float) -> float:
    from scipy.optimize import brentq

    at = float(top.place[0])

    def excess(distance: float) -> float:
        return climb(holding(evaluate, at + distance), top.place[1:]).value - lowest

    near, far = 0.0, step if 0 < abs(step) < FARTHEST else np.copysign(0.5, step)
    while excess(far) > 0 and abs(far) < FARTHEST:
        near, far = far, np.clip(2 * far, -FARTHEST, FARTHEST)
    return at + float(brentq(excess, near, far, xtol=1e-6)) if excess(far) <= 0 else np.nan


INTERVALS: dict[str, Find] = {"profile": profile, "wald": wald}
