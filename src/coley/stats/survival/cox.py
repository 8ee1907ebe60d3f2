"""Cox's proportional hazards regression: ties by Efron, strata, delayed entry, weights, robust variance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, UnknownName
from coley.model.method import method
from coley.stats.design import Design, design, refuse_aliased
from coley.stats.newton import maximise
from coley.stats.survival.follow_up import FollowUp, follow_up
from coley.stats.survival.partial_likelihood import PartialLikelihood, Sums, risk_sets
from coley.stats.tails import chi2_tail, normal_two_sided, z_of
from coley.stats.values import Interval, Test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

AT_RISK = "among those at risk when events happen"

COX = "Cox DR. Regression models and life-tables. J R Stat Soc B 1972;34:187-220."
EFRON = (
    "Efron B. The efficiency of Cox's likelihood function for censored data. J Am Stat Assoc 1977;72:557-565."
)
LIN_WEI = (
    "Lin DY, Wei LJ. The robust inference for the Cox proportional hazards model. "
    "J Am Stat Assoc 1989;84:1074-1078."
)


@dataclass(frozen=True, eq=False)
class Baseline:
    """Cumulative baseline hazard of a patient with mean covariates, a step after each instant with events."""

    time: Floats
    cumulative_hazard: Floats
    stratum: NDArray[np.generic]


@dataclass(frozen=True, eq=False)
class Schoenfeld:
    """Residuals of events: time and row of each, and covariates minus their mean in the risk set."""

    time: Floats
    row: NDArray[np.intp]
    residuals: Floats
    scaled: Floats


@dataclass(frozen=True, eq=False)
class CoxFit:
    """A fitted Cox model.

    Attributes
    ----------
    names
        Of the columns.
    coefficients
        Log hazard ratios per unit of each column.
    covariance
        Of the coefficients; the sandwich where `robust`.
    model_covariance
        Inverse of the information matrix.
    loglik_null, loglik
        Log partial likelihood at zero and at the maximum.
    score_test, wald_test, likelihood_ratio_test
        Of all coefficients together; the Wald test alone uses the robust variance.
    n, events
        Rows with positive weight, and events among them.
    level, ties, robust, steps
        Coverage of intervals, handling of ties, kind of variance, Newton steps taken.
    centre
        Column means, at which the linear predictor and the baseline are centred.
    """

    names: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    model_covariance: Floats
    loglik_null: float
    loglik: float
    score_test: Test
    wald_test: Test
    likelihood_ratio_test: Test
    n: int
    events: int
    level: float
    ties: str
    robust: bool
    steps: int
    centre: Floats
    follow_up: FollowUp = field(repr=False)
    design: Design = field(repr=False)
    likelihood: PartialLikelihood = field(repr=False)
    sums: Sums = field(repr=False)

    @property
    def maximum_likelihood(self) -> bool:
        """Whether twice a gain in `loglik` is chi-squared; not where the robust variance is needed."""
        return not self.robust

    @property
    def standard_errors(self) -> Floats:
        """Standard errors of the coefficients."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def p(self) -> Floats:
        """Two-sided Wald p of each coefficient."""
        return normal_two_sided(self.coefficients / self.standard_errors)

    def hazard_ratio(self, name: str) -> Interval:
        """Return the hazard ratio of a column with its Wald interval; `se` is that of its logarithm."""
        if name not in self.names:
            raise UnknownName("column", name, self.names)
        return self.contrast(np.arange(len(self.names)) == self.names.index(name))

    @property
    def hazard_ratios(self) -> tuple[Interval, ...]:
        """The hazard ratio of every column."""
        return tuple(self.hazard_ratio(name) for name in self.names)

    def contrast(self, multiples: ArrayLike) -> Interval:
        """Return the hazard ratio of a change by the given multiples of the columns, with its interval."""
        by = np.asarray(multiples, dtype=float)
        log, se = float(by @ self.coefficients), float(np.sqrt(by @ self.covariance @ by))
        half = z_of(self.level) * se
        ratio, low, high = np.exp([log, log - half, log + half]).tolist()
        return Interval(ratio, low, high, self.level, se)

    @cached_property
    def linear_predictor(self) -> Floats:
        """Log hazard of each patient relative to one with mean covariates."""
        return self.coefficients * self.design.scale @ self.design.Z

    @cached_property
    def baseline(self) -> Baseline:
        """Cumulative baseline hazard of each stratum, at mean covariates, ties handled as in the fit."""
        sets = self.likelihood.sets
        steps = self.sums.a * np.exp(-self.sums.shift[sets.group_stratum])
        order = np.lexsort((sets.instant, sets.group_stratum))
        stratum, total = sets.group_stratum[order], np.cumsum(steps[order])
        starts = np.searchsorted(stratum, stratum)  # where the stratum of each step begins
        before = np.where(starts > 0, total[starts - 1], 0.0)
        return Baseline(sets.instant[order], total - before, sets.strata[stratum])

    @cached_property
    def _hazard(self) -> Floats:
        sets = self.likelihood.sets
        return self.sums.risk / sets.weight * self.likelihood.cumulated(self.sums)

    @cached_property
    def martingale(self) -> Floats:
        """Martingale residuals: events observed minus events expected, per row."""
        sets = self.likelihood.sets
        return sets.to_rows(sets.event_weight / sets.weight - self._hazard)

    @cached_property
    def score_residuals(self) -> Floats:
        """Each row's share of the score, rows x columns; weighted, they sum to zero."""
        sets, at, Z = self.likelihood.sets, self.sums, self.likelihood.Z
        passed = sets.over_time(at.S1 * at.aa - at.D1 * at.ab)
        share = -Z * self._hazard
        if sets.tied:
            left = at.S1 * at.ab - at.D1 * at.bb
            passed[:, sets.dead] -= left[:, sets.group]
        share += at.risk / sets.weight * passed
        share[:, sets.dead] += Z[:, sets.dead] - self._mean[:, sets.group]
        return sets.to_rows(share).T * self.design.scale

    @property
    def dfbeta(self) -> Floats:
        """Approximate change of the coefficients when a row is left out, with its sign turned; weighted."""
        weight = self.likelihood.sets.to_rows(self.likelihood.sets.weight)
        dfbeta: Floats = weight[:, None] * self.score_residuals @ self.model_covariance
        return dfbeta

    @property
    def _mean(self) -> Floats:
        # mean covariates of the risk set at each group, averaged over Efron's tied events
        sets, at = self.likelihood.sets, self.sums
        return (at.S1 * at.a - at.D1 * at.b) / (sets.mean_weight * sets.deaths)

    @cached_property
    def schoenfeld(self) -> Schoenfeld:
        """Schoenfeld residuals by time; scaled, their smooth in time estimates the log hazard ratio."""
        sets = self.likelihood.sets
        order = np.argsort(sets.instant[sets.group], kind="stable")
        dead, group = sets.dead[order], sets.group[order]
        raw = (self.likelihood.Z[:, dead] - self._mean[:, group]).T * self.design.scale
        scaled = self.coefficients + raw @ self.model_covariance * self.events
        return Schoenfeld(sets.instant[group], sets.rows[dead], raw, scaled)


@method(
    "cox",
    title="Cox proportional hazards regression",
    summary="Hazard ratios from the partial likelihood, with Efron's handling of ties.",
    needs="time, event and covariates of each patient; optionally entry times, strata, weights, clusters",
    limits="A single hazard ratio misleads where hazards are not proportional, as with delayed separation or "
    "crossing curves; fewer than about ten events per column give optimistic intervals.",
    references=(COX, EFRON, LIN_WEI),
)
def cox(
    time: ArrayLike,
    event: ArrayLike,
    X: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    ties: str = "efron",
    robust: bool = False,
    level: float = 0.95,
    names: Sequence[str] | None = None,
) -> CoxFit:
    """Fit Cox's proportional hazards model.

    Parameters
    ----------
    time
        End of follow-up, in any unit; equal times are tied.
    event
        1 or True where the event happened then.
    X
        Covariates, patients x columns.
    entry
        Start of follow-up in the same unit: at risk in (entry, time].
    strata
        Labels of strata, each with a baseline hazard of its own.
    weights
        Case weights; a row with weight 0 is left out.
    cluster
        Labels of rows that belong together, for the robust variance (which it implies).
    ties
        "efron" or "breslow".
    robust
        Whether to report the sandwich variance.
    level
        Coverage of the intervals.
    names
        Of the columns.

    Raises
    ------
    UnreadableInput
        Where inputs differ in length, or hold missing, negative or impossible values.
    NotEstimable
        Where there is no event, a column is constant or a combination of others, or the likelihood is
        monotone; the columns are named.

    References
    ----------
    Cox 1972, eq. 12; Efron 1977, eq. 6.11; Lin and Wei 1989, eq. 2.10.

    Examples
    --------
    >>> fit = cox([1, 2, 3, 4, 5, 6, 7, 8], [1, 1, 1, 0, 1, 1, 0, 1], [1, 0, 1, 1, 0, 1, 0, 0], names=["arm"])
    >>> ratio = fit.hazard_ratio("arm")
    >>> round(ratio.value, 3), round(ratio.low, 3), round(ratio.high, 3), fit.events
    (2.308, 0.371, 14.376, 6)
    """
    z_of(level)  # an impossible level is refused before anything is computed
    rows = follow_up(time, event, entry=entry, weights=weights, labels={"strata": strata, "cluster": cluster})
    sets = risk_sets(
        rows.time, rows.event, entry=rows.entry, strata=rows.labels["strata"], weights=rows.weights, ties=ties
    )
    covariates = design(X, len(rows.time), names=names)
    Z = np.ascontiguousarray(np.take(covariates.Z, sets.rows, axis=1))
    likelihood = PartialLikelihood(sets, Z)
    start = np.zeros(covariates.p)
    null = likelihood.evaluate(start)
    refuse_aliased(null[2], covariates.names, who=AT_RISK)
    top = maximise(likelihood.evaluate, start, Z=Z, names=covariates.names, first=null)

    coefficients = top.place / covariates.scale
    model = np.linalg.inv(top.information) / np.outer(covariates.scale, covariates.scale)
    p = covariates.p
    ratio, slope = 2 * (top.value - null[0]), float(null[1] @ np.linalg.solve(null[2], null[1]))
    fit = CoxFit(
        names=covariates.names,
        coefficients=coefficients,
        covariance=model,
        model_covariance=model,
        loglik_null=null[0],
        loglik=top.value,
        score_test=Test(slope, p, chi2_tail(slope, p)),
        wald_test=_wald(coefficients, model),
        likelihood_ratio_test=Test(ratio, p, chi2_tail(ratio, p)),
        n=len(rows.time) if rows.weights is None else int((rows.weights > 0).sum()),
        events=len(sets.dead),
        level=level,
        ties=ties,
        robust=robust or cluster is not None,
        steps=top.steps,
        centre=covariates.centre,
        follow_up=rows,
        design=covariates,
        likelihood=likelihood,
        sums=likelihood.sums(top.place),
    )
    return _sandwiched(fit, rows.labels["cluster"]) if fit.robust else fit


def _wald(coefficients: Floats, covariance: Floats) -> Test:
    p = len(coefficients)
    wald = float(coefficients @ np.linalg.solve(covariance, coefficients))
    return Test(wald, p, chi2_tail(wald, p))


def _sandwiched(fit: CoxFit, cluster: NDArray[np.generic] | None) -> CoxFit:
    influence = fit.dfbeta
    if cluster is not None:
        labels, of = np.unique(cluster, return_inverse=True)
        if len(labels) <= len(fit.names):
            raise InvalidSetting(
                f"{len(labels)} clusters cannot give a robust variance of {len(fit.names)} coefficients.",
                remedy="Use fewer columns, or no clusters.",
            )
        summed = np.zeros((len(labels), len(fit.names)))
        np.add.at(summed, of, influence)
        influence = summed
    covariance = influence.T @ influence
    return replace(fit, covariance=covariance, wald_test=_wald(fit.coefficients, covariance))
