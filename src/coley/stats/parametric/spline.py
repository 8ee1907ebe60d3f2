"""Royston and Parmar's family: a natural cubic spline in log time on the scale of hazard, odds or normal deviate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.model.registry import Registry
from coley.stats.parametric.elementary import event_probit, log_cumulative, log_odds_of_event
from coley.stats.parametric.family import Family, Outline, Parameter
from coley.stats.parametric.links import IDENTITY
from coley.stats.parametric.quadrature import panels
from coley.stats.parametric.special import HALF_LOG_TWO_PI

if TYPE_CHECKING:
    from coley.stats.parametric.data import SurvivalData
    from coley.stats.parametric.family import Floats, Theta

ROYSTON_PARMAR = (
    "Royston P, Parmar MKB. Flexible parametric proportional-hazards and proportional-odds models for censored "
    "survival data, with application to prognostic modelling and estimation of treatment effects. Stat Med "
    "2002;21:2175-2197."
)


@dataclass(frozen=True, slots=True)
class Scale:
    """What the spline is of.

    Attributes
    ----------
    log_slope_survival
        From the spline's value to the logarithm of -d log S / d value, and to log S.
    value
        Back from log S.
    """

    log_slope_survival: Callable[[Floats], tuple[Floats, Floats]]
    value: Callable[[Floats], Floats]


def _normal(s: Floats) -> tuple[Floats, Floats]:
    from scipy.special import log_ndtr

    log_s = log_ndtr(-s)
    return -0.5 * s * s - HALF_LOG_TWO_PI - log_s, log_s


def _odds(s: Floats) -> tuple[Floats, Floats]:
    log_s = -np.logaddexp(0, s)
    return s + log_s, log_s


SCALES: Registry[Scale] = Registry("scale of a spline")
SCALES.add("hazard", Scale(lambda s: (s, -np.exp(s)), log_cumulative))
SCALES.add("odds", Scale(_odds, log_odds_of_event))
SCALES.add("normal", Scale(_normal, event_probit))


def basis(x: Floats, knots: Floats) -> tuple[list[Floats], list[Floats]]:
    """Return the natural cubic basis at log times, and its derivatives (Royston and Parmar 2002)."""
    low, high = knots[0], knots[-1]

    def cube(k: float) -> tuple[Floats, Floats]:
        d = np.maximum(x - k, 0)
        return d**3, 3 * d**2

    (a, da), (b, db) = cube(low), cube(high)
    values, slopes = [np.ones_like(x), x], [np.zeros_like(x), np.ones_like(x)]
    for k in knots[1:-1]:
        share = (high - k) / (high - low)
        v, dv = cube(k)
        values.append(v - share * a - (1 - share) * b)
        slopes.append(dv - share * da - (1 - share) * db)
    return values, slopes


def spline_knots(data: SurvivalData, inner: int) -> tuple[float, ...]:
    """Return knots for a spline with so many inner knots: at quantiles of the log times of the patients' events.

    Where external people are counted, the last knot is where the counts end: between the last inner knot and it the
    curve may bend as they say.

    Parameters
    ----------
    data
        Follow-up.
    inner
        Knots between the first and the last event, evenly spread over the events.

    Raises
    ------
    InvalidSetting
        Where there are too few distinct event times.

    Examples
    --------
    >>> from coley.stats.parametric.data import survival_data
    >>> [round(k, 3) for k in spline_knots(survival_data([1, 2, 4, 8], [1, 1, 1, 1]), 1)]
    [0.0, 1.04, 2.079]
    """
    own = slice(data.patients)
    x = np.log(data.time[own][data.event[own] & (data.weight()[own] > 0)])
    knots = np.quantile(x, np.linspace(0, 1, inner + 2))
    if data.external is not None:
        knots[-1] = max(knots[-1], np.log(data.horizon))
    if inner < 0 or (np.diff(knots) <= 0).any():
        raise InvalidSetting(
            f"{len(np.unique(x))} distinct event times cannot carry {inner} inner knots.",
            cause="too few events, or many at one time",
            remedy="Use fewer knots, or give them.",
        )
    return tuple(float(k) for k in knots)


@method(
    "royston_parmar",
    title="Royston-Parmar flexible parametric model",
    summary="A natural cubic spline in log time for the log cumulative hazard, log odds or normal deviate.",
    needs="times and events",
    limits="Beyond the last knot it is a Weibull, log-logistic or log-normal, whatever the data did before. The "
    "curve is not forced to fall.",
    references=(ROYSTON_PARMAR,),
)
def royston_parmar(knots: Sequence[float], *, scale: str = "hazard") -> Family:
    """Return the spline family with the given knots.

    Parameters
    ----------
    knots
        Logarithms of times, rising, the boundary knots among them: two or more (see `spline_knots`).
    scale
        "hazard", "odds" or "normal".

    Raises
    ------
    InvalidSetting
        Where knots do not rise.
    UnknownName
        Where there is no such scale.

    References
    ----------
    Royston and Parmar 2002.

    Examples
    --------
    >>> royston_parmar([0.0, 1.0, 3.0]).names
    ('gamma0', 'gamma1', 'gamma2')
    """
    at = np.asarray(knots, dtype=float)
    if at.ndim != 1 or len(at) < 2 or not np.isfinite(at).all() or (np.diff(at) <= 0).any():
        raise InvalidSetting(
            "Knots must be two or more log times that rise.",
            where=f"{list(knots)}",
            cause="times given instead of their logarithms, or a knot given twice",
        )
    on = SCALES[scale]
    grid = np.linspace(at[0], at[-1], 50)
    reach = [1 / max(float(np.abs(v).max()), 1.0) for v in basis(grid, at)[0]]

    def line(theta: Theta, x: Floats) -> tuple[Floats, Floats]:
        values, slopes = basis(x, at)
        s = sum(g * v for g, v in zip(theta, values, strict=True))
        ds = sum(g * v for g, v in zip(theta[1:], slopes[1:], strict=True))
        return np.asarray(s), np.asarray(ds)

    def log_hazard_survival(theta: Theta, t: Floats) -> tuple[Floats, Floats]:
        x = np.log(t)
        s, ds = line(theta, x)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            log_slope, log_s = on.log_slope_survival(s)
            return log_slope + np.log(ds) - x, log_s

    def time_at(theta: Theta, log_s: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return np.asarray(np.exp(_solve(theta, on.value(log_s))))

    def _solve(theta: Theta, target: Floats) -> Floats:
        """Invert the spline: its two ends are straight, between them halve."""
        (s0, d0), (s1, d1) = line(theta, np.asarray(at[0])), line(theta, np.asarray(at[-1]))
        low, high = np.broadcast_arrays(at[0] + 0 * (target + s0), at[-1] + 0 * (target + s0))
        for _ in range(52):
            middle = (low + high) / 2
            below = line(theta, middle)[0] < target
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        inside = (low + high) / 2
        beyond = np.where(target > s1, at[-1] + (target - s1) / d1, inside)
        return np.asarray(np.where(target < s0, at[0] + (target - s0) / d0, beyond))

    def mean(theta: Theta) -> Floats:
        """Integrate S over log time to where 1e-9 survive; beyond it a straight tail in log-log."""
        parts = np.broadcast_arrays(*theta)
        first = _solve(parts, np.asarray(on.value(np.asarray(-1e-12))))
        last = _solve(parts, np.asarray(on.value(np.asarray(np.log(1e-9)))))
        nodes, weights = panels(np.linspace(0, 1, 41))
        span = (last - first)[..., None]
        x = first[..., None] + span * nodes
        log_s = log_hazard_survival([g[..., None] for g in parts], np.exp(x))[1]
        body = np.exp(first) + (np.exp(log_s + x) * weights * span).sum(axis=-1)
        end_h, end_s = log_hazard_survival(parts, np.exp(last))
        index = np.exp(end_h + last)
        tail = np.exp(end_s + last) / np.where(index > 1, index - 1, np.nan)
        return np.where(index > 1, body + tail, np.inf)

    def starts(outline: Outline) -> list[tuple[float, ...]]:
        x, y = np.log(outline.times), on.value(outline.log_survival)
        values, _ = basis(x, at)
        places = []
        for kept in range(len(at), 1, -1):
            if len(x) >= kept:
                fitted = np.linalg.lstsq(np.stack(values[:kept], axis=1), y, rcond=None)[0]
                gamma = np.concatenate([fitted, np.zeros(len(at) - kept)])
                if (line(list(gamma), x)[1] > 0).all():
                    places.append(tuple(gamma))
        return places[:1] or [(float(y.mean() - x.mean()), 1.0, *[0.0] * (len(at) - 2))]

    return Family(
        f"spline_{scale}_{len(at) - 2}",
        f"Royston-Parmar spline ({scale}, {len(at) - 2} inner knot{'s' * (len(at) != 3)})",
        tuple(Parameter(f"gamma{j}", IDENTITY, reach[j]) for j in range(len(at))),
        log_hazard_survival,
        time_at,
        mean,
        starts,
        breaks=tuple(float(k) for k in np.exp(at)),
        basis=True,
        references=(ROYSTON_PARMAR,),
    )
