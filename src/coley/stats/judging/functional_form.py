"""The form of a marker: whether a straight line is enough, and what the curve looks like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.method import method
from coley.stats.design import design
from coley.stats.judging.intervals import wald_interval
from coley.stats.judging.splines import harrell_knots, restricted_cubic_spline
from coley.stats.logistic import COX_1958, LogisticFit, logistic
from coley.stats.survival.cox import COX, EFRON, CoxFit, cox
from coley.stats.tails import chi2_tail, z_of
from coley.stats.values import Interval, Test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

HARRELL_RMS = "Harrell FE. Regression Modeling Strategies. 2nd ed. Springer 2015."
POINTS = 101
SHOWN = [0.01, 0.99]  # the curve is drawn between these quantiles of the marker: beyond are single patients


@dataclass(frozen=True, eq=False)
class FunctionalForm:
    """A marker as a straight line and as a curve.

    Attributes
    ----------
    linear
        Ratio (of hazards or odds) per standard deviation, as a straight line; `se` is that of its logarithm.
    sd, median
        Of the marker among these patients.
    linear_test
        Likelihood ratio of the straight line against the marker left out.
    nonlinearity_test
        Likelihood ratio of the curve against the straight line.
    association_test
        Likelihood ratio of the curve against the marker left out.
    knots
        Of the restricted cubic spline.
    x, log_ratio, low, high
        The curve: log ratio against a patient at the median, with its pointwise band.
    n, events, level
        Patients, events, and coverage.
    """

    linear: Interval
    sd: float
    median: float
    linear_test: Test
    nonlinearity_test: Test
    association_test: Test
    knots: Floats
    x: Floats
    log_ratio: Floats
    low: Floats
    high: Floats
    n: int
    events: int
    level: float


@method(
    "functional_form_cox",
    title="Form of a marker in the Cox model",
    summary="Hazard ratio per standard deviation as a straight line, a restricted cubic spline, and the "
    "likelihood-ratio test between them.",
    needs="time, event and a marker of each patient; optionally covariates and strata",
    limits="The test has little power with few events, so that a straight line is not proved by a large p.",
    references=(COX, EFRON, HARRELL_RMS),
)
def functional_form_cox(
    time: ArrayLike,
    event: ArrayLike,
    marker: ArrayLike,
    *,
    covariates: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    knots: ArrayLike | None = None,
    level: float = 0.95,
) -> FunctionalForm:
    """Compare a marker as a straight line with a curve, for survival.

    Parameters
    ----------
    time, event
        End of follow-up, and 1 or True where the event happened then.
    marker
        Of each patient, on the scale on which it is to be a straight line.
    covariates
        Patients x columns that are in every model.
    strata
        Labels of strata, each with a baseline hazard of its own.
    knots
        Of the curve; Harrell's four quantiles of these patients where None.
    level
        Coverage of the intervals and of the band.

    Raises
    ------
    UnreadableInput, NotEstimable
        Where values are missing, or a model cannot be fitted; the columns are named.

    References
    ----------
    Harrell 2015, section 2.4.5.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> marker = rng.normal(size=300)
    >>> found = functional_form_cox(rng.exponential(np.exp(-(marker**2))), np.ones(300), marker)
    >>> found.nonlinearity_test.p < 0.001
    True
    """

    def fit(X: Floats, names: list[str]) -> CoxFit:
        return cox(time, event, X, strata=strata, level=level, names=names)

    return _form(fit, marker, covariates, knots=knots, level=level)


@method(
    "functional_form_logistic",
    title="Form of a marker in logistic regression",
    summary="Odds ratio per standard deviation as a straight line, a restricted cubic spline, and the "
    "likelihood-ratio test between them.",
    needs="a binary outcome and a marker of each patient; optionally covariates",
    limits="The test has little power with few events, so that a straight line is not proved by a large p.",
    references=(COX_1958, HARRELL_RMS),
)
def functional_form_logistic(
    positive: ArrayLike,
    marker: ArrayLike,
    *,
    covariates: ArrayLike | None = None,
    knots: ArrayLike | None = None,
    level: float = 0.95,
) -> FunctionalForm:
    """Compare a marker as a straight line with a curve, for a binary outcome.

    Parameters
    ----------
    positive
        1 or True where the outcome happened.
    marker, covariates, knots, level
        As for `functional_form_cox`.

    Raises
    ------
    UnreadableInput, NotEstimable
        Where values are missing, or a model cannot be fitted; the columns are named.

    References
    ----------
    Harrell 2015, section 2.4.5.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> marker = rng.normal(size=300)
    >>> found = functional_form_logistic(rng.random(300) < 1 / (1 + np.exp(-marker)), marker)
    >>> found.linear_test.p < 0.001, found.nonlinearity_test.df
    (True, 2)
    """

    def fit(X: Floats, names: list[str]) -> LogisticFit:
        return logistic(positive, X, level=level, names=names)

    return _form(fit, marker, covariates, knots=knots, level=level)


Fit = Callable[["Floats", list[str]], "CoxFit | LogisticFit"]


def _form(
    fit: Fit, marker: ArrayLike, covariates: ArrayLike | None, *, knots: ArrayLike | None, level: float
) -> FunctionalForm:
    z = z_of(level)
    values = np.asarray(marker, dtype=float)
    stand = harrell_knots(values) if knots is None else np.asarray(knots, dtype=float)
    basis = restricted_cubic_spline(values, stand)
    others = np.empty((len(values), 0)) if covariates is None else design(covariates, len(values)).X
    names = [f"covariate {j + 1}" for j in range(others.shape[1])]
    curved = ["marker", *(f"marker, curve {j}" for j in range(1, basis.shape[1]))]
    sd, median = float(values.std(ddof=1)), float(np.median(values))
    straight = fit(np.column_stack([values / sd, others]), ["marker", *names])
    curve = fit(np.column_stack([basis, others]), [*curved, *names])
    without = fit(others, names).loglik if names else straight.loglik_null
    start, end = np.quantile(values, SHOWN).tolist()
    x = np.linspace(start, end, POINTS)
    at = np.pad(
        restricted_cubic_spline(x, stand) - restricted_cubic_spline([median], stand),
        ((0, 0), (0, len(names))),
    )
    first = len(curve.coefficients) - at.shape[1]  # 1 where an intercept comes first
    log_ratio = at @ curve.coefficients[first:]
    half = z * np.sqrt(np.einsum("nj,jk,nk->n", at, curve.covariance[first:, first:], at))
    log = wald_interval(
        float(straight.coefficients[first]), float(straight.standard_errors[first]), level=level
    )
    return FunctionalForm(
        linear=Interval(
            float(np.exp(log.value)), float(np.exp(log.low)), float(np.exp(log.high)), level, log.se
        ),
        sd=sd,
        median=median,
        linear_test=_gain(without, straight.loglik, 1),
        nonlinearity_test=_gain(straight.loglik, curve.loglik, len(curved) - 1),
        association_test=_gain(without, curve.loglik, len(curved)),
        knots=stand,
        x=x,
        log_ratio=log_ratio,
        low=log_ratio - half,
        high=log_ratio + half,
        n=curve.n,
        events=curve.events,
        level=level,
    )


def _gain(smaller: float, larger: float, df: int) -> Test:
    gain = 2 * (larger - smaller)
    return Test(gain, df, chi2_tail(gain, df))
