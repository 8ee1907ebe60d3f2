"""Cuts chosen anew in bootstrap samples, and judged on the patients that had no part in the choice."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot
from typing import TYPE_CHECKING

import numpy as np

from coley.stats.cutpoint.candidates import Candidates, Profile
from coley.stats.cutpoint.outcomes import Outcome
from coley.stats.tails import z_of
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# A patient's class is stable where so many resamples give it to him: the usual tolerance of an error.
STABLE = 0.95


@dataclass(frozen=True, eq=False)
class Stability:
    """How far the cut depends on who happened to be in the cohort.

    Attributes
    ----------
    cuts
        The cut that each resample chose; NaN where there was none to choose.
    low, high
        Interval of the cut: percentiles of `cuts`.
    same_direction
        Share of resamples in which the effect has the direction that it has in the cohort.
    stable
        Share of patients whom at least 95 % of resamples put on the side on which the cohort puts them.
    """

    cuts: Floats
    low: float
    high: float
    same_direction: float
    stable: float


def resampled(
    candidates: Candidates,
    outcome: Outcome,
    profile: Profile,
    *,
    naive: Interval,
    bootstraps: int,
    seed: int,
    level: float,
) -> tuple[Interval, Stability]:
    """Return the shrunken effect of the best cut of `profile`, and how stable that cut is.

    The patients left out of a resample are independent of those in it, so that the effect that they show of
    its cut is unbiased, whatever the search. What the interval adds to the variance at a given cut is the mean
    square by which the cohort's effect at the cuts that the resamples chose differs from that at its own.
    """
    n, best = len(candidates.code), profile.best[0]
    generator = np.random.default_rng(seed)
    weights = generator.multinomial(n, np.full(n, 1 / n), size=bootstraps).astype(float)
    found = candidates.profile(outcome.scores(weights), weights)
    usable = found.best >= 0
    weights, chosen, z = weights[usable], found.best[usable], found.z[usable]
    if not len(chosen):
        nan = float("nan")
        return Interval(nan, nan, nan, level), Stability(np.full(bootstraps, nan), nan, nan, nan, nan)

    direction = np.sign(z[np.arange(len(chosen)), chosen])
    own = float(np.sign(profile.z[0, best]))
    high = candidates.code >= chosen[:, None]
    adverse = high == (direction > 0)[:, None]
    value = own * outcome.pooled(adverse, weights == 0)
    away = outcome.effect_of(profile.difference[0, chosen] - profile.difference[0, best])
    se = hypot(naive.se, float(np.sqrt(np.mean(away * away))))
    half = z_of(level) * se

    cuts = np.full(bootstraps, np.nan)
    cuts[usable] = candidates.values[chosen]
    tail = (1 - level) / 2
    # Percentiles that are values of the marker, as cuts are.
    low, top = np.quantile(cuts[usable], [tail, 1 - tail], method="inverted_cdf")
    agreed = (high == (candidates.code >= best)).mean(axis=0)
    stability = Stability(
        cuts=cuts,
        low=float(low),
        high=float(top),
        same_direction=float((direction == own).mean()),
        stable=float((agreed >= STABLE).mean()),
    )
    return Interval(value, *outcome.bounded(value - half, value + half), level, se), stability
