"""How much of the variation in survival known factors explain, judged as if on patients not yet seen."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt
from typing import TYPE_CHECKING

import numpy as np

from coley.model.method import method
from coley.stats.design import design
from coley.stats.newton import maximise
from coley.stats.optimism import HARRELL, Corrected, optimism_corrected
from coley.stats.survival.cox import CoxFit, cox
from coley.stats.survival.follow_up import follow_up
from coley.stats.survival.partial_likelihood import PartialLikelihood, RiskSets, risk_sets
from coley.stats.tails import z_of
from coley.stats.values import Interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

ROYSTON_SAUERBREI = (
    "Royston P, Sauerbrei W. A new measure of prognostic separation in survival data. "
    "Stat Med 2004;23:723-748."
)
OXS = (
    "O'Quigley J, Xu R, Stare J. Explained randomness in proportional hazards models. "
    "Stat Med 2005;24:479-489."
)
KAPPA = sqrt(8 / pi)  # makes D the log hazard ratio between the halves of equal size
WEIBULL_VARIANCE = pi**2 / 6  # of log time given the covariates, under proportional hazards


@dataclass(frozen=True)
class ExplainedVariation:
    """The share of the variation in survival that is explained.

    Attributes
    ----------
    r2_d
        Royston and Sauerbrei's share of explained variation.
    d
        Their prognostic separation: log hazard ratio between the better and the worse half.
    explained_randomness
        O'Quigley, Xu and Stare's share of explained randomness, from the partial likelihood: the cross-check.
        Negative where the model would do worse than none.
    n, events
        Patients and events.
    bootstraps, failed
        Resamples used, and those in which the model could not be fitted.
    """

    r2_d: Corrected
    d: Corrected
    explained_randomness: Corrected
    n: int
    events: int
    bootstraps: int
    failed: int


@method(
    "royston_sauerbrei",
    title="Royston-Sauerbrei D and explained variation",
    summary="Share of the variation in survival that a Cox model explains, corrected for optimism.",
    needs="time, event and covariates of each patient",
    limits="Assumes proportional hazards and a prognostic index that is near normal; with few distinct "
    "covariate patterns D is only comparable between models of the same kind. Where nothing is explained the "
    "correction of D falls short by about half a standard error.",
    references=(ROYSTON_SAUERBREI, OXS, HARRELL),
)
def royston_sauerbrei(
    time: ArrayLike,
    event: ArrayLike,
    X: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    bootstraps: int = 200,
    seed: int = 1,
    level: float = 0.95,
    names: Sequence[str] | None = None,
) -> ExplainedVariation:
    """Measure how much of the variation in survival the covariates explain.

    The value of each measure is what the fitted model would show on new patients: the apparent value less the
    optimism found by bootstrap. R2_D and its limits are those of D, taken as 0 where D is below 0.

    Parameters
    ----------
    time, event
        As for `cox`.
    X
        Patients x covariates: any factors, as columns.
    strata
        Strata with baseline hazards of their own, whose differences are not counted as explained.
    bootstraps, seed
        Number of resamples, and the seed that makes them.
    level
        Coverage of the intervals.
    names
        Of the columns.

    Raises
    ------
    UnreadableInput, NotEstimable
        As for `cox`; and where the model cannot be fitted in more than one resample of ten.

    References
    ----------
    Royston and Sauerbrei 2004, sections 3 and 4; O'Quigley, Xu and Stare 2005, eq. 9.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> marker = rng.normal(size=(300, 1))
    >>> time = rng.exponential(np.exp(-marker[:, 0]))
    >>> found = royston_sauerbrei(time, np.ones(300), marker, bootstraps=50)
    >>> found.r2_d.value.low < 1 / (1 + WEIBULL_VARIANCE) < found.r2_d.value.high
    True
    """
    z_of(level)
    rows = follow_up(time, event, labels={"strata": strata})
    matrix = design(X, len(rows.time), names=names).X
    stratum = rows.labels["strata"]

    def sets_of(chosen: NDArray[np.intp]) -> RiskSets:
        return risk_sets(
            rows.time[chosen],
            rows.event[chosen],
            entry=None,
            strata=None if stratum is None else stratum[chosen],
            weights=None,
            ties="efron",
        )

    def fit(chosen: NDArray[np.intp]) -> CoxFit:
        labels = None if stratum is None else stratum[chosen]
        return cox(rows.time[chosen], rows.event[chosen], matrix[chosen], strata=labels, names=names)

    everybody = sets_of(np.arange(len(rows.time)))

    def measure(model: CoxFit, chosen: NDArray[np.intp] | None) -> dict[str, float]:
        # the resample is the one that the model was fitted to, so its risk sets are at hand
        sets = everybody if chosen is None else model.likelihood.sets
        seen = matrix if chosen is None else matrix[chosen]
        # not by BLAS, which may round a patient and his copy in the resample differently and break their tie
        index = np.einsum("ij,j->i", seen, model.coefficients)
        return {"d": separation(index, sets).value, "randomness": _randomness(index, sets)}

    found = optimism_corrected(len(rows.time), fit, measure, bootstraps=bootstraps, seed=seed, level=level)
    d = found.measures["d"]
    share = [explained_share(x) for x in (d.value.value, d.value.low, d.value.high)]
    apparent = explained_share(d.apparent)
    return ExplainedVariation(
        r2_d=Corrected(Interval(share[0], share[1], share[2], level), apparent, apparent - share[0]),
        d=d,
        explained_randomness=found.measures["randomness"],
        n=len(rows.time),
        events=int(rows.event.sum()),
        bootstraps=found.bootstraps,
        failed=found.failed,
    )


def explained_share(d: float) -> float:
    """Return R2_D, the share of variation that belongs to a separation of D; 0 where D is not positive.

    Examples
    --------
    >>> round(explained_share(1.0), 3)
    0.193
    """
    spread = max(d, 0.0) ** 2 / KAPPA**2
    return spread / (spread + WEIBULL_VARIANCE)


def separation(index: Floats, sets: RiskSets, *, level: float = 0.95) -> Interval:
    """Return D: the coefficient of the scaled normal order ranks of a prognostic index, as it appears.

    Parameters
    ----------
    index
        Prognostic index of each row.
    sets
        Risk sets of the same rows.
    level
        Coverage of the Wald interval, which knows nothing of how the index was made.

    Raises
    ------
    NotEstimable
        Where the index is the same for everybody, or separates all events.

    References
    ----------
    Royston and Sauerbrei 2004, eq. 5; ties take the mean of their ranks' normal scores.
    """
    ranked = design(normal_scores(index) / KAPPA, len(index), names=["prognostic index"])
    Z = np.take(ranked.Z, sets.rows, axis=1)
    top = maximise(PartialLikelihood(sets, Z).evaluate, np.zeros(1), Z=Z, names=ranked.names)
    value = float(top.place[0] / ranked.scale[0])
    se = float(1 / np.sqrt(top.information[0, 0]) / ranked.scale[0])
    half = z_of(level) * se
    return Interval(value, value - half, value + half, level, se)


def normal_scores(values: Floats) -> Floats:
    """Return Blom's normal scores; ties share the mean of theirs.

    Examples
    --------
    >>> normal_scores(np.array([3.0, 1.0, 2.0])).round(3)
    array([ 0.869, -0.869,  0.   ])
    """
    from scipy.special import ndtri

    n = len(values)
    scores: Floats = ndtri((np.arange(1, n + 1) - 0.375) / (n + 0.25))
    _, tied, counts = np.unique(values, return_inverse=True, return_counts=True)
    starts = np.cumsum(counts) - counts
    mean: Floats = (np.add.reduceat(scores, starts) / counts)[tied]
    return mean


def _randomness(index: Floats, sets: RiskSets) -> float:
    """Share of randomness explained by an index taken as it is, with no slope fitted to it."""
    likelihood = PartialLikelihood(sets, (index - index.mean())[None, sets.rows])
    gain = likelihood.sums(np.ones(1)).loglik - likelihood.sums(np.zeros(1)).loglik
    return float(-np.expm1(-2 * gain / len(sets.dead)))
