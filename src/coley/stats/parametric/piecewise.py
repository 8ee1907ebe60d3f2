"""The piecewise exponential family: a constant hazard in each interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.parametric.family import Family, Outline, Parameter

if TYPE_CHECKING:
    from coley.stats.parametric.family import Floats, Theta

FRIEDMAN = (
    "Friedman M. Piecewise exponential models for survival data with covariates. Ann Stat 1982;10:101-113."
)


@method(
    "piecewise_exponential",
    title="Piecewise exponential model",
    summary="A hazard that is constant between given times.",
    needs="times, events and the times at which the hazard may change",
    limits="The last rate holds for ever after. An interval without events has no rate.",
    references=(FRIEDMAN,),
)
def piecewise_exponential(breaks: Sequence[float]) -> Family:
    """Return the family whose hazard changes at the given times.

    Parameters
    ----------
    breaks
        Times above zero, rising, at which the hazard changes: one rate more than breaks.

    Raises
    ------
    InvalidSetting
        Where breaks do not rise, or one is not above zero.

    References
    ----------
    Friedman 1982.

    Examples
    --------
    >>> piecewise_exponential([6.0, 12.0]).names
    ('rate_1', 'rate_2', 'rate_3')
    """
    at = np.concatenate([[0.0], np.asarray(breaks, dtype=float)])
    if at.ndim != 1 or not np.isfinite(at).all() or (np.diff(at) <= 0).any():
        raise InvalidSetting("Breaks must be times above zero that rise.", where=f"{list(breaks)}")
    width = np.append(np.diff(at), np.inf)

    def log_hazard_survival(theta: Theta, t: Floats) -> tuple[Floats, Floats]:
        total: Floats = np.zeros(np.broadcast_shapes(np.shape(theta[0]), np.shape(t)))
        rate = total
        for j, r in enumerate(theta):
            total = total + r * np.clip(t - at[j], 0, width[j])
            # an event at a break belongs to the interval that ends there
            rate = np.where(t > at[j], r, rate)
        with np.errstate(divide="ignore"):
            return np.log(rate), -total

    def time_at(theta: Theta, log_s: Floats) -> Floats:
        left: Floats = -log_s + 0 * theta[0]
        t = np.zeros_like(left)
        for r, w in zip(theta, width, strict=True):
            with np.errstate(invalid="ignore"):
                spent = np.minimum(left / r, w)
            t, left = t + spent, np.maximum(left - spent * r, 0)
        return t

    def mean(theta: Theta) -> Floats:
        total, log_s = np.zeros(np.shape(theta[0])), np.zeros(np.shape(theta[0]))
        for r, w in zip(theta, width, strict=True):
            total = total + np.exp(log_s) * -np.expm1(-r * w) / r
            log_s = log_s - r * w
        return total

    def starts(outline: Outline) -> list[tuple[float, ...]]:
        hazard = np.concatenate([[0.0], -outline.log_survival])
        until = np.append(at[1:], outline.times[-1])
        reached = hazard[np.searchsorted(outline.times, until, side="right")]
        long = np.maximum(until - at, 1e-12)
        return [tuple(np.maximum(np.diff(reached, prepend=0.0) / long, 0.01 * outline.rate))]

    return Family(
        "piecewise_exponential",
        f"piecewise exponential ({len(at)} intervals)",
        tuple(Parameter(f"rate_{j + 1}") for j in range(len(at))),
        log_hazard_survival,
        time_at,
        mean,
        starts,
        breaks=tuple(float(b) for b in at[1:]),
        references=(FRIEDMAN,),
    )
