"""What a treatment gains in survival at a time, along a continuous marker: by a model and by windows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable
from coley.model.method import method
from coley.stats.interaction.arms import INSIDE, Arms, arms
from coley.stats.optimism import FEWEST_BOOTSTRAPS, MOST_FAILURES
from coley.stats.survival.cox import COX, cox
from coley.stats.survival.follow_up import follow_up
from coley.stats.tails import z_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

INNER = tuple(np.linspace(*INSIDE, 19).tolist())  # of the marker, where the curve is given
STEPP = (
    "Bonetti M, Gelber RD. Patterns of treatment effects in subsets of patients in clinical trials. "
    "Biostatistics 2004;5:465-481."
)
EFRON_1979 = "Efron B. Bootstrap methods: another look at the jackknife. Ann Stat 1979;7:1-26."


@dataclass(frozen=True, eq=False)
class EffectCurve:
    """Survival of the treated minus that of the others at a time, along a marker.

    Attributes
    ----------
    marker
        Values of the marker (of a window: its median).
    value
        The difference; NaN where follow-up of a window's arm ends before the time.
    low, high
        Pointwise limits.
    band_low, band_high
        Limits of the band that holds the whole curve.
    n
        Patients behind each value.
    at, level
        The time, and the coverage.
    bootstraps
        Resamples that could be used.
    """

    marker: Floats
    value: Floats
    low: Floats
    high: Floats
    band_low: Floats
    band_high: Floats
    n: NDArray[np.int64]
    at: float
    level: float
    bootstraps: int


@method(
    "effect_curve_cox",
    title="Difference of survival along a marker, from a Cox model",
    summary="Survival at a time with and without the treatment at each value of a marker, from the interaction model.",
    needs="time, event, arm and a continuous marker of each patient of two arms",
    limits="As straight as the model: the log hazard ratio is linear in the marker; hazards must be proportional.",
    references=(COX, EFRON_1979),
)
def effect_curve(
    time: ArrayLike,
    event: ArrayLike,
    treated: ArrayLike,
    *,
    marker: ArrayLike,
    at: float,
    quantiles: ArrayLike = INNER,
    bootstraps: int = 200,
    seed: int = 1,
    level: float = 0.95,
) -> EffectCurve:
    """Estimate what the treatment gains at quantiles of a marker, from a Cox model with their product.

    Parameters
    ----------
    time, event, treated, marker
        Of each patient.
    at
        The time, in the unit of `time`.
    quantiles
        Of the marker, at whose values the curve is given.
    bootstraps, seed
        Resamples of patients within arms, and the seed that makes them.
    level
        Coverage of limits and band.

    Raises
    ------
    UnreadableInput, NotEstimable, InvalidSetting
        Where the input cannot be used, the time lies beyond follow-up, or a model cannot be fitted.

    Examples
    --------
    >>> generator = np.random.default_rng(1)
    >>> arm, x = np.arange(200) % 2, generator.normal(size=200)
    >>> time = generator.exponential(10 * np.exp(arm * x))
    >>> found = effect_curve(time, np.ones(200), arm, marker=x, at=10, quantiles=[0.1, 0.9], bootstraps=50)
    >>> found.value.round(1)
    array([-0.3,  0.3])
    """
    rows, both = follow_up(time, event), arms(np.size(time), treated, marker)
    _within(rows.time, both, at)
    X, _ = both.columns()
    x = np.quantile(both.marker, np.asarray(quantiles, dtype=float))
    z, zero = x - both.marker.mean(), np.zeros_like(x)
    on, off = np.stack([zero + 1, z, z], axis=1), np.stack([zero, z, zero], axis=1)

    def curve(counts: Floats) -> Floats:
        fit = cox(rows.time, rows.event, X, weights=counts)
        base = fit.baseline
        step = int(np.searchsorted(base.time, at, side="right")) - 1
        hazard = base.cumulative_hazard[step] if step >= 0 else 0.0
        one, two = (np.exp(-hazard * np.exp((g - fit.centre) @ fit.coefficients)) for g in (on, off))
        return np.asarray(one - two)

    value, draws = _resampled(curve, both, bootstraps=bootstraps, seed=seed)
    n = np.full(len(x), len(rows.time))
    return _banded(x, value, draws, n=n, at=at, level=level)


@method(
    "stepp",
    title="Subpopulation treatment effect pattern plot (STEPP)",
    summary="Difference of Kaplan-Meier survival at a time in overlapping windows of a marker: no model of its shape.",
    needs="time, event, arm and a continuous marker of each patient of two arms, some hundreds in all",
    limits="Windows overlap, so that neighbours look alike by construction; for looking, not for testing.",
    references=(STEPP, EFRON_1979),
)
def stepp(
    time: ArrayLike,
    event: ArrayLike,
    treated: ArrayLike,
    *,
    marker: ArrayLike,
    at: float,
    windows: int = 9,
    share: float = 0.25,
    bootstraps: int = 500,
    seed: int = 1,
    level: float = 0.95,
) -> EffectCurve:
    """Estimate what the treatment gains in overlapping windows of a marker.

    Parameters
    ----------
    time, event, treated, marker
        Of each patient.
    at
        The time, in the unit of `time`.
    windows, share
        Number of windows, and the share of patients in each; patients with equal values are never parted.
    bootstraps, seed
        Resamples of patients within arms, and the seed that makes them.
    level
        Coverage of limits and band.

    Raises
    ------
    UnreadableInput, NotEstimable, InvalidSetting
        Where the input cannot be used or the time lies beyond follow-up.

    References
    ----------
    Bonetti and Gelber 2004, section 2 (sliding windows).

    Examples
    --------
    >>> generator = np.random.default_rng(1)
    >>> arm, x = np.arange(200) % 2, generator.normal(size=200)
    >>> time = generator.exponential(10 * np.exp(arm * x))
    >>> found = stepp(time, np.ones(200), arm, marker=x, at=10, windows=3, bootstraps=50)
    >>> found.value.round(1), found.n
    (array([-0.4, -0.1,  0.3]), array([50, 51, 51]))
    """
    if windows < 2 or not 0 < share < 1:
        raise InvalidSetting(f"{windows} windows with a share of {share!r} of patients make no curve.")
    rows, both = follow_up(time, event), arms(np.size(time), treated, marker)
    _within(rows.time, both, at)
    starts = np.linspace(0, 1 - share, windows)
    edges = np.quantile(
        both.marker, np.stack([starts, np.minimum(starts + share, 1.0)]), method="inverted_cdf"
    )
    inside = [(both.marker >= low) & (both.marker <= high) for low, high in edges.T]
    groups = [[np.flatnonzero(w & (both.treated == arm)) for arm in (True, False)] for w in inside]
    parts = [[_Milestone(rows.time[g], rows.event[g], at) for g in pair] for pair in groups]

    def curve(counts: Floats) -> Floats:
        return np.array(
            [
                pair[0].survival(counts[g[0]]) - pair[1].survival(counts[g[1]])
                for pair, g in zip(parts, groups, strict=True)
            ]
        )

    value, draws = _resampled(curve, both, bootstraps=bootstraps, seed=seed)
    middle = np.array([np.median(both.marker[w]) for w in inside])
    return _banded(
        middle, value, draws, n=np.array([w.sum() for w in inside], dtype=np.int64), at=at, level=level
    )


class _Milestone:
    """Weighted Kaplan-Meier survival at one time, of the same patients with ever other weights."""

    def __init__(self, time: Floats, event: NDArray[np.bool_], at: float) -> None:
        self.reached = len(time) > 0 and (time.max() >= at or bool(event[time == time.max()].all()))
        until = np.unique(time[event & (time <= at)])
        self.dies = (time == until[:, None]) & event
        self.at_risk = time >= until[:, None]

    def survival(self, weights: Floats) -> float:
        if not self.reached:
            return float("nan")
        at_risk = self.at_risk @ weights
        fallen = np.where(at_risk > 0, (self.dies @ weights) / np.where(at_risk > 0, at_risk, 1.0), 0.0)
        return float(np.prod(1 - fallen))


def _within(time: Floats, both: Arms, at: float) -> None:
    reach = min(float(time[both.treated].max()), float(time[~both.treated].max()))
    if not 0 < at <= reach:
        raise NotEstimable(
            f"Survival at {at:g} cannot be compared: both arms are followed up to {reach:g}.",
            remedy="Choose a time within follow-up.",
        )


def _resampled(
    curve: Callable[[Floats], Floats], both: Arms, *, bootstraps: int, seed: int
) -> tuple[Floats, Floats]:
    """Return the curve of all patients and those of resamples within arms."""
    if bootstraps < FEWEST_BOOTSTRAPS:
        raise InvalidSetting(f"{bootstraps} resamples are too few.", remedy=f"At least {FEWEST_BOOTSTRAPS}.")
    generator = np.random.default_rng(seed)
    groups = [np.flatnonzero(both.treated == arm) for arm in (True, False)]
    value, draws = curve(np.ones(len(both.treated))), []
    for _ in range(bootstraps):
        counts = np.zeros(len(both.treated))
        for g in groups:
            counts[g] = generator.multinomial(len(g), np.full(len(g), 1 / len(g)))
        try:
            draws.append(curve(counts))
        except NotEstimable:
            continue
    if len(draws) < (1 - MOST_FAILURES) * bootstraps:
        raise NotEstimable(
            f"The model cannot be fitted in {bootstraps - len(draws)} of {bootstraps} resamples."
        )
    return value, np.array(draws)


def _banded(
    x: Floats, value: Floats, draws: Floats, *, n: NDArray[np.int64], at: float, level: float
) -> EffectCurve:
    """Pointwise limits from the standard deviation of resamples, the band from their largest deviation."""
    sd = draws.std(axis=0, ddof=1)
    known = np.isfinite(sd) & (sd > 0)
    if not known.any():
        raise NotEstimable(
            f"No resample differs: survival at {at:g} is known in no window.",
            remedy="Choose an earlier time or wider windows.",
        )
    farthest = np.abs((draws - draws.mean(axis=0))[:, known] / sd[known]).max(axis=1)
    half, wide = z_of(level) * sd, max(float(np.quantile(farthest, level)), z_of(level)) * sd
    return EffectCurve(
        marker=x,
        value=value,
        low=value - half,
        high=value + half,
        band_low=value - wide,
        band_high=value + wide,
        n=n,
        at=float(at),
        level=level,
        bootstraps=len(draws),
    )
