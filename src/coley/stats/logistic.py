"""Logistic regression: maximum likelihood, and Firth's penalty for rare outcomes and separation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import NotEstimable, UnknownName, UnreadableInput
from coley.model.method import method
from coley.stats.design import Design, design, refuse_aliased
from coley.stats.newton import Maximum, maximise
from coley.stats.tails import chi2_tail, normal_two_sided, z_of
from coley.stats.values import Interval, Test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

COX_1958 = "Cox DR. The regression analysis of binary sequences. J R Stat Soc B 1958;20:215-242."
FIRTH = "Firth D. Bias reduction of maximum likelihood estimates. Biometrika 1993;80:27-38."
HEINZE_SCHEMPER = (
    "Heinze G, Schemper M. A solution to the problem of separation in logistic regression. "
    "Stat Med 2002;21:2409-2419."
)
# Below it the climb with leverages held gains a digit or more a step, each at a small part of Newton's cost.
SMALL_LEVERAGE = 0.4
# A profile that has not fallen to its limit so many standard errors away never will, to any purpose.
FARTHEST = 1e4
STRIDE, GROWTH = (
    0.5,
    1.5,
)  # outward steps in search of a limit, in Wald half-widths; a limit is mostly two away
LIMIT_TOLERANCE = 1e-10


@dataclass(frozen=True, eq=False)
class LogisticFit:
    """A fitted logistic regression; arrays of coefficients begin with the intercept.

    Attributes
    ----------
    names
        Of the columns, without the intercept.
    coefficients, covariance
        Log odds ratios per unit of each column, after the intercept.
    low, high
        Limits of the coefficients: Wald, or from the profile of the penalised likelihood.
    p
        Two-sided p of each coefficient: Wald, or from the penalised likelihood ratio.
    loglik_null, loglik
        Log-likelihood with the intercept alone and at the maximum; both penalised under Firth.
    likelihood_ratio_test
        Of all columns together.
    n, events
        Patients, and those with the outcome.
    level
        Coverage of the intervals.
    penalised, steps
        Whether under Firth's penalty; Newton steps taken.
    """

    names: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    low: Floats
    high: Floats
    p: Floats
    loglik_null: float
    loglik: float
    likelihood_ratio_test: Test
    n: int
    events: int
    level: float
    penalised: bool
    steps: int
    design: Design = field(repr=False)

    @property
    def maximum_likelihood(self) -> bool:
        """Whether twice a gain in `loglik` is chi-squared; Firth's depends on the design."""
        return not self.penalised

    @property
    def standard_errors(self) -> Floats:
        """Standard errors of the coefficients."""
        return np.sqrt(np.diag(self.covariance))

    def odds_ratio(self, name: str) -> Interval:
        """Return the odds ratio of a column with its interval; `se` is that of its logarithm."""
        if name not in self.names:
            raise UnknownName("column", name, self.names)
        j = 1 + self.names.index(name)
        ratio, low, high = np.exp([self.coefficients[j], self.low[j], self.high[j]]).tolist()
        return Interval(ratio, low, high, self.level, float(self.standard_errors[j]))

    def probability(self, X: ArrayLike) -> Floats:
        """Return the fitted probability of patients with the covariates `X`, patients x columns."""
        matrix = np.asarray(X, dtype=float).reshape(-1, len(self.names))
        return sigmoid(self.coefficients[0] + matrix @ self.coefficients[1:])


def sigmoid(x: Floats) -> Floats:
    """Return 1 / (1 + exp(-x)) without overflow."""
    from scipy.special import expit

    value: Floats = expit(x)
    return value


def _plain(Z: Floats, y: Floats, place: Floats) -> tuple[float, Floats, Floats]:
    predictor = place @ Z
    chance = sigmoid(predictor)
    value = float(y @ predictor - np.logaddexp(0, predictor).sum())
    return value, Z @ (y - chance), (Z * (chance * (1 - chance))) @ Z.T


def _firth(Z: Floats, y: Floats, place: Floats) -> tuple[float, Floats, Floats]:
    predictor = place @ Z
    chance = sigmoid(predictor)
    weight = chance * (1 - chance)
    information = (Z * weight) @ Z.T
    sign, determinant = np.linalg.slogdet(information)
    if sign <= 0 or not np.isfinite(determinant):
        return -np.inf, np.zeros(len(Z)), np.eye(len(Z))  # too far out: the step is halved
    reach = np.linalg.solve(information, Z)
    leverage = weight * (Z * reach).sum(axis=0)
    value = float(y @ predictor - np.logaddexp(0, predictor).sum() + determinant / 2)
    gradient = Z @ (y - chance + leverage * (0.5 - chance))
    held = (Z * (weight * (1 + leverage))) @ Z.T
    if leverage.max() < SMALL_LEVERAGE:
        return value, gradient, held
    # Newton's curvature. With Fisher's information alone the climb oscillates where leverages are near 1.
    skew = weight * (1 - 2 * chance)
    moved = np.empty_like(Z)  # how the leverages change with each coefficient
    for k, column in enumerate(Z):
        third = (Z * (skew * column)) @ Z.T
        moved[k] = (1 - 2 * chance) * leverage * column - weight * (reach * (third @ reach)).sum(axis=0)
    curvature = held - (Z * (0.5 - chance)) @ moved.T
    if np.linalg.eigvalsh(curvature)[0] <= 0:  # far from the top: the leverages are held for a step
        curvature = held
    return value, gradient, curvature


@method(
    "logistic",
    title="Logistic regression",
    summary="Odds ratios by maximum likelihood, with Wald intervals.",
    needs="a binary outcome and covariates of each patient",
    limits="Biased away from 1 with few events per column, and without a finite estimate under separation: "
    "use Firth's penalty there.",
    references=(COX_1958,),
)
def logistic(
    y: ArrayLike, X: ArrayLike, *, level: float = 0.95, names: Sequence[str] | None = None
) -> LogisticFit:
    """Fit a logistic regression by maximum likelihood.

    Parameters
    ----------
    y
        1 or True where the outcome happened.
    X
        Covariates, patients x columns, without a column for the intercept.
    level
        Coverage of the intervals.
    names
        Of the columns.

    Raises
    ------
    UnreadableInput
        Where inputs differ in length or hold values that cannot be used.
    NotEstimable
        Where all outcomes are alike, a column is constant or a combination of others, or the outcome is
        separated; the columns are named.

    References
    ----------
    Cox 1958.

    Examples
    --------
    >>> fit = logistic([0, 0, 1, 0, 1, 1, 0, 1], [1, 2, 3, 4, 5, 6, 7, 8], names=["marker"])
    >>> round(fit.odds_ratio("marker").value, 3)
    1.542
    """
    z = z_of(level)
    outcome, covariates, Z = _prepared(y, X, names)
    labels = ("", *covariates.names)
    top = maximise(partial(_plain, Z, outcome), _start(Z, outcome), Z=Z, names=labels)
    coefficients, covariance = _unscaled(top, covariates)
    error = np.sqrt(np.diag(covariance))
    rate = outcome.mean()
    null = len(outcome) * float(rate * np.log(rate) + (1 - rate) * np.log1p(-rate))
    gain = 2 * (top.value - null)
    return LogisticFit(
        names=covariates.names,
        coefficients=coefficients,
        covariance=covariance,
        low=coefficients - z * error,
        high=coefficients + z * error,
        p=normal_two_sided(coefficients / error),
        loglik_null=null,
        loglik=top.value,
        likelihood_ratio_test=Test(gain, covariates.p, chi2_tail(gain, covariates.p)),
        n=len(outcome),
        events=int(outcome.sum()),
        level=level,
        penalised=False,
        steps=top.steps,
        design=covariates,
    )


@method(
    "firth_logistic",
    title="Firth's penalised logistic regression",
    summary="Odds ratios with little bias in small samples, finite under separation, with profile intervals.",
    needs="a binary outcome and covariates of each patient",
    limits="Fitted probabilities are drawn towards one half, the more so the fewer the patients.",
    references=(FIRTH, HEINZE_SCHEMPER),
)
def firth_logistic(
    y: ArrayLike,
    X: ArrayLike,
    *,
    level: float = 0.95,
    profile: bool = True,
    names: Sequence[str] | None = None,
) -> LogisticFit:
    """Fit a logistic regression under Firth's penalty, the Jeffreys prior.

    Parameters
    ----------
    y
        1 or True where the outcome happened.
    X
        Covariates, patients x columns, without a column for the intercept.
    level
        Coverage of the intervals.
    profile
        Whether limits and p come from the profile of the penalised likelihood; where not, they are Wald's,
        which are quicker and too short under separation.
    names
        Of the columns.

    Raises
    ------
    UnreadableInput
        Where inputs differ in length or hold values that cannot be used.
    NotEstimable
        Where all outcomes are alike, or a column is constant or a combination of others.

    References
    ----------
    Firth 1993, section 3.3; Heinze and Schemper 2002, sections 2.1 and 2.2.

    Examples
    --------
    >>> fit = firth_logistic([0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 1], names=["separates"])
    >>> round(fit.coefficients[1], 4), bool(fit.low[1] > 0)  # the log odds ratio with 1/2 added to each cell
    (np.float64(3.8918), True)
    """
    z = z_of(level)
    outcome, covariates, Z = _prepared(y, X, names)
    top = _climb(Z, outcome, _start(Z, outcome))
    coefficients, covariance = _unscaled(
        replace(top, information=_plain(Z, outcome, top.place)[2]), covariates
    )
    error = np.sqrt(np.diag(covariance))
    low, high = coefficients - z * error, coefficients + z * error
    p = normal_two_sided(coefficients / error)
    null = _climb(Z, outcome, _start(Z, outcome), fixed=dict.fromkeys(range(1, len(Z)), 0.0))
    if profile:
        # The intercept is profiled where covariates are not centred, the slopes where they are.
        raw = np.vstack([np.ones(len(outcome)), (covariates.X / covariates.scale).T])
        unit = np.concatenate([[1.0], covariates.scale])
        for j in range(len(Z)):
            at = _Profile(raw if j == 0 else Z, outcome, j, coefficients * unit if j == 0 else top.place)
            low[j], high[j], p[j] = at.limit(-z, error[j] * unit[j]), at.limit(z, error[j] * unit[j]), at.p()
        low, high = low / unit, high / unit
    gain = 2 * (top.value - null.value)
    shift = float(np.log(covariates.scale).sum())  # the penalty in units of the columns as given
    return LogisticFit(
        names=covariates.names,
        coefficients=coefficients,
        covariance=covariance,
        low=low,
        high=high,
        p=p,
        loglik_null=null.value + shift,
        loglik=top.value + shift,
        likelihood_ratio_test=Test(gain, covariates.p, chi2_tail(gain, covariates.p)),
        n=len(outcome),
        events=int(outcome.sum()),
        level=level,
        penalised=True,
        steps=top.steps,
        design=covariates,
    )


class _Profile:
    """The penalised likelihood with one coefficient held and the others free."""

    def __init__(self, Z: Floats, y: Floats, j: int, top: Floats) -> None:
        self.Z, self.y, self.j = Z, y, j
        self.top = _climb(Z, y, top)
        self.last = self.top.place

    def fall(self, value: float) -> float:
        """Return twice the loss of penalised log-likelihood when the coefficient is held at `value`."""
        free = np.arange(len(self.Z)) != self.j
        curvature = _firth(self.Z, self.y, self.last)[2]
        # the others follow along the ridge, from wherever they were last
        along = np.linalg.solve(curvature[np.ix_(free, free)], curvature[free, self.j])
        start = self.last.copy()
        start[free] -= along * (value - self.last[self.j])
        held = _climb(self.Z, self.y, start, fixed={self.j: value})
        self.last = held.place
        return 2 * (self.top.value - held.value)

    def p(self) -> float:
        self.last = self.top.place
        return chi2_tail(self.fall(0.0), 1)

    def limit(self, z: float, error: float) -> float:
        """Return the place on the side of `z` at which the fall is z squared."""
        from scipy.optimize import brentq

        self.last = self.top.place
        near, stride = float(self.top.place[self.j]), z * error * STRIDE
        far = near + stride
        while self.fall(far) < z * z:
            near, stride = far, stride * GROWTH
            far = near + stride
            if abs(stride) > FARTHEST * error:
                return float(np.copysign(np.inf, z))
        root: float = brentq(lambda value: self.fall(value) - z * z, near, far, xtol=LIMIT_TOLERANCE)
        return root


def _climb(Z: Floats, y: Floats, start: Floats, *, fixed: dict[int, float] | None = None) -> Maximum:
    """Maximise the penalised likelihood, some coefficients being held."""
    held = fixed or {}
    free = np.array([j for j in range(len(Z)) if j not in held])
    place = start.copy()
    place[list(held)] = list(held.values())

    def evaluate(some: Floats) -> tuple[float, Floats, Floats]:
        full = place.copy()
        full[free] = some
        value, gradient, information = _firth(Z, y, full)
        return value, gradient[free], information[np.ix_(free, free)]

    top = maximise(evaluate, place[free], Z=Z[free], names=[""] * len(free))
    place[free] = top.place
    return Maximum(place, top.value, top.gradient, top.information, top.steps)


def _prepared(y: ArrayLike, X: ArrayLike, names: Sequence[str] | None) -> tuple[Floats, Design, Floats]:
    outcome = np.asarray(y, dtype=float)
    if outcome.ndim != 1 or not np.isin(outcome, (0, 1)).all():
        raise UnreadableInput(
            f"The outcome holds {np.unique(outcome)[:5].tolist()}; only 0 and 1 are understood.",
            remedy="Recode it, and leave out patients whose outcome is unknown.",
        )
    if outcome.min(initial=1) == outcome.max(initial=0):
        raise NotEstimable(
            f"All {len(outcome)} outcomes are alike.",
            cause="nothing can be associated with what does not vary",
        )
    covariates = design(X, len(outcome), names=names)
    refuse_aliased(covariates.Z @ covariates.Z.T, covariates.names, who="among these patients")
    return outcome, covariates, np.vstack([np.ones(len(outcome)), covariates.Z])


def _start(Z: Floats, y: Floats) -> Floats:
    rate = y.mean()
    return np.concatenate([[np.log(rate / (1 - rate))], np.zeros(len(Z) - 1)])


def _unscaled(top: Maximum, covariates: Design) -> tuple[Floats, Floats]:
    """Return coefficients and covariance in the units of the columns as given."""
    back = np.diag(np.concatenate([[1.0], 1 / covariates.scale]))
    back[0, 1:] = -covariates.centre / covariates.scale
    covariance: Floats = back @ np.linalg.inv(top.information) @ back.T
    return back @ top.place, covariance
