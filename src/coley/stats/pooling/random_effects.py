"""Random-effects pooling with Hartung-Knapp and prediction intervals, for one marker or for hundreds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import NotEstimable, UnreadableInput
from coley.model.method import method
from coley.stats.pooling.heterogeneity import TAU2, q_profile
from coley.stats.pooling.prediction import predictive_limits
from coley.stats.pooling.studies import studies
from coley.stats.tails import normal_two_sided, z_of
from coley.stats.values import Interval, Intervals, Test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

DERSIMONIAN_LAIRD = (
    "DerSimonian R, Laird N. Meta-analysis in clinical trials. Control Clin Trials 1986;7:177-188."
)
PAULE_MANDEL = (
    "Paule RC, Mandel J. Consensus values and weighting factors. J Res Natl Bur Stand 1982;87:377-385."
)
VIECHTBAUER_REML = (
    "Viechtbauer W. Bias and efficiency of meta-analytic variance estimators in the random-effects model. "
    "J Educ Behav Stat 2005;30:261-293."
)
VIECHTBAUER_INTERVAL = (
    "Viechtbauer W. Confidence intervals for the amount of heterogeneity in meta-analysis. "
    "Stat Med 2007;26:37-52."
)
HARTUNG_KNAPP = (
    "Hartung J, Knapp G. A refined method for the meta-analysis of controlled clinical trials with binary "
    "outcome. Stat Med 2001;20:3875-3889."
)
ROEVER = (
    "Röver C, Knapp G, Friede T. Hartung-Knapp-Sidik-Jonkman approach and its modification for random-effects "
    "meta-analysis with few studies. BMC Med Res Methodol 2015;15:99."
)
HIGGINS_THOMPSON = (
    "Higgins JPT, Thompson SG. Quantifying heterogeneity in a meta-analysis. Stat Med 2002;21:1539-1558."
)
HIGGINS_PREDICTION = (
    "Higgins JPT, Thompson SG, Spiegelhalter DJ. A re-evaluation of random-effects meta-analysis. "
    "J R Stat Soc A 2009;172:137-159."
)
PARTLETT = (
    "Partlett C, Riley RD. Random effects meta-analysis: coverage performance of 95% confidence and prediction "
    "intervals following REML estimation. Stat Med 2017;36:301-317."
)
NAGASHIMA = (
    "Nagashima K, Noma H, Furukawa TA. Prediction intervals for random-effects meta-analysis: a confidence "
    "distribution approach. Stat Methods Med Res 2019;28:1689-1702."
)
IYER = (
    "Iyer HK, Wang CM, Mathew T. Models and confidence intervals for true values in interlaboratory trials. "
    "J Am Stat Assoc 2004;99:1060-1071."
)


@dataclass(frozen=True, eq=False)
class Pooled:
    """One marker pooled over its cohorts.

    Attributes
    ----------
    interval, p
        Mean over cohorts with its Hartung-Knapp interval, and the p of its t test with k - 1 df.
    prediction
        The same mean with the interval in which the effect of a new cohort is expected, the variance between
        cohorts being averaged over its confidence distribution. It keeps its level; `interval` is guarded and keeps
        more, so that where few cohorts agree closely the wider of the two can be `interval`.
    prediction_t
        The same by the t interval of Higgins, Thompson and Spiegelhalter, which other programs print and which
        is too short where that variance is small: for comparison.
    wald
        The mean with the normal interval that takes the heterogeneity as known: for comparison.
    fixed, fixed_p
        The common effect, if there were one, with its normal interval and p.
    q
        Cochran's test of heterogeneity.
    tau2, i2
        Variance between cohorts, and its share of the total variance, with Q-profile intervals.
    weights
        Share of each cohort in the mean; NaN for one without an estimate.
    k
        Cohorts.
    """

    interval: Interval
    p: float
    prediction: Interval
    prediction_t: Interval
    wald: Interval
    fixed: Interval
    fixed_p: float
    q: Test
    tau2: Interval
    i2: Interval
    weights: Floats
    k: int

    @property
    def tau(self) -> Interval:
        """Standard deviation between cohorts, in the unit of the estimates."""
        low, value, high = np.sqrt([self.tau2.low, self.tau2.value, self.tau2.high]).tolist()
        return Interval(value, low, high, self.tau2.level)


@dataclass(frozen=True, eq=False)
class PooledMany:
    """Many markers pooled; indexed by a number it gives one `Pooled`. Attributes as there, as arrays.

    Attributes
    ----------
    se, wald_se, fixed_se
        Standard errors of the three means.
    q, q_p
        Cochran's Q and its p.
    """

    interval: Intervals
    p: Floats
    prediction: Intervals
    prediction_t: Intervals
    wald: Intervals
    fixed: Intervals
    fixed_p: Floats
    q: Floats
    q_p: Floats
    tau2: Intervals
    i2: Intervals
    weights: Floats
    k: NDArray[np.int64]
    se: Floats
    wald_se: Floats
    fixed_se: Floats

    def __len__(self) -> int:
        return len(self.k)

    def __getitem__(self, index: int) -> Pooled:
        def one(many: Intervals, se: Floats | None = None) -> Interval:
            error = float("nan") if se is None else float(se[index])
            return Interval(
                float(many.value[index]), float(many.low[index]), float(many.high[index]), many.level, error
            )

        return Pooled(
            interval=one(self.interval, self.se),
            p=float(self.p[index]),
            prediction=one(self.prediction),
            prediction_t=one(self.prediction_t),
            wald=one(self.wald, self.wald_se),
            fixed=one(self.fixed, self.fixed_se),
            fixed_p=float(self.fixed_p[index]),
            q=Test(float(self.q[index]), float(self.k[index] - 1), float(self.q_p[index])),
            tau2=one(self.tau2),
            i2=one(self.i2),
            weights=self.weights[index],
            k=int(self.k[index]),
        )


@method(
    "random_effects",
    title="Random-effects meta-analysis with Hartung-Knapp and prediction intervals",
    summary="Mean effect over cohorts, how far they disagree, and the range in which a new cohort's effect is "
    "expected.",
    needs="an estimate and its standard error from each of several independent cohorts, on a scale where the "
    "estimate is about normal (log odds ratio, log hazard ratio, logit of an AUC)",
    limits="With fewer than five cohorts neither the heterogeneity nor a new cohort's effect is known to any "
    "purpose; where one cohort is far larger than the others the interval of the mean covers 93 to 94 times in a "
    "hundred; cohorts that share patients count twice; what was never published is not in the mean.",
    references=(
        DERSIMONIAN_LAIRD,
        PAULE_MANDEL,
        VIECHTBAUER_REML,
        VIECHTBAUER_INTERVAL,
        HARTUNG_KNAPP,
        ROEVER,
        HIGGINS_THOMPSON,
        HIGGINS_PREDICTION,
        PARTLETT,
        NAGASHIMA,
        IYER,
    ),
)
def pool(
    estimates: ArrayLike,
    standard_errors: ArrayLike,
    *,
    method: str = "reml",
    guard: bool = True,
    level: float = 0.95,
) -> Pooled:
    """Pool one marker over cohorts.

    Parameters
    ----------
    estimates, standard_errors
        One a cohort; NaN where a cohort has none.
    method
        Estimator of the variance between cohorts: "reml", "paule_mandel" or "dersimonian_laird".
    guard
        Whether the Hartung-Knapp factor may not fall below 1. Cohorts that happen to agree make it small, and
        the plain interval then is shorter than that of a common effect; the guard costs some length in
        that case and none elsewhere (Röver et al. 2015, section 2.4). False gives the plain interval.
    level
        Coverage of all intervals.

    Returns
    -------
    Pooled
        With one cohort only `fixed` and the weights are determined, with two there is no prediction interval
        and the Hartung-Knapp interval has one degree of freedom: what is not determined is NaN.

    Raises
    ------
    UnreadableInput
        Where shapes differ, or a number cannot be used.
    NotEstimable
        Where no cohort has an estimate.

    References
    ----------
    Hartung and Knapp 2001, eq. 3; prediction: a confidence distribution of the variance (Nagashima et al.
    2019), here that of the Q profile and integrated where they draw (as Iyer et al. 2004 for laboratories);
    prediction_t: Higgins et al. 2009, section 4.1, t with k - 2 df around the Hartung-Knapp standard error
    (Partlett and Riley 2017, section 2.3); I2 as tau2 / (tau2 + typical
    sampling variance), Higgins and Thompson 2002, eq. 9 and 10.

    Examples
    --------
    >>> found = pool([0.10, 0.35, 0.60, 0.25, 0.90], [0.10, 0.15, 0.20, 0.15, 0.25])
    >>> round(found.interval.value, 3), round(found.interval.low, 3), round(found.interval.high, 3)
    (0.385, 0.017, 0.753)
    >>> round(found.prediction.low, 2), round(found.prediction.high, 2)
    (-0.47, 1.31)
    """
    y = np.asarray(estimates, dtype=float)
    if y.ndim != 1:
        raise UnreadableInput(
            f"One marker is one row of estimates, not an array of shape {y.shape}.",
            remedy="For many markers use pool_many.",
        )
    found = pool_many(y, standard_errors, method=method, guard=guard, level=level)[0]
    if not found.k:
        raise NotEstimable("No cohort has both an estimate and a standard error: there is nothing to pool.")
    return found


def pool_many(
    estimates: ArrayLike,
    standard_errors: ArrayLike,
    *,
    method: str = "reml",
    guard: bool = True,
    level: float = 0.95,
) -> PooledMany:
    """Pool many markers over the cohorts that they share, each by itself and all at once.

    Parameters
    ----------
    estimates, standard_errors
        Markers x cohorts; NaN where a marker was not estimated in a cohort.
    method, guard, level
        As for `pool`.

    Raises
    ------
    UnreadableInput
        Where shapes differ, or a number cannot be used.

    Examples
    --------
    >>> nan = float("nan")
    >>> many = pool_many([[0.1, 0.3, 0.2], [0.5, nan, nan]], [[0.1, 0.1, 0.2], [0.2, nan, nan]])
    >>> many.k, many.fixed.value.round(3), many.interval.low.round(3)
    (array([3, 1]), array([0.2, 0.5]), array([-0.136,    nan]))
    """
    from scipy.special import chdtrc, stdtr, stdtrit

    z = z_of(level)
    table = studies(estimates, standard_errors)
    k = table.k
    tau2 = TAU2[method](table)
    low2, high2 = q_profile(table, level)
    many = k > 1
    with np.errstate(invalid="ignore", divide="ignore"):
        common = table.weights(np.zeros(len(k)))
        total = common.sum(axis=1)
        centre, fixed_se = table.mean(common), 1 / np.sqrt(total)
        q = np.where(many, table.spread(common), np.nan)
        typical = (k - 1) * total / (total**2 - (common**2).sum(axis=1))

        w = table.weights(tau2)
        mean, wald_se = table.mean(w), 1 / np.sqrt(w.sum(axis=1))
        factor = np.sqrt(table.spread(w) / np.maximum(k - 1, 1))
        se = wald_se * (np.maximum(factor, 1.0) if guard else factor)
        df = np.where(many, k - 1, 1.0)
        t = stdtrit(df, 0.5 + level / 2)
        p = 2 * stdtr(df, -np.abs(mean / se))
        beyond = np.where(k > 2, stdtrit(np.maximum(k - 2, 1.0), 0.5 + level / 2), np.nan)
        share = np.where(many[:, None], w, common)
        share = np.where(table.there > 0, share / share.sum(axis=1, keepdims=True), np.nan)

    def around(value: Floats, half: Floats) -> Intervals:
        return Intervals(value, value - half, value + half, level)

    def shares(variance: Floats) -> Floats:
        return np.asarray(variance / (variance + typical))

    return PooledMany(
        interval=around(mean, t * se),
        p=p,
        prediction=Intervals(mean, *predictive_limits(table, level), level),
        prediction_t=around(mean, beyond * np.sqrt(tau2 + se**2)),
        wald=around(mean, z * wald_se),
        fixed=around(centre, z * fixed_se),
        fixed_p=normal_two_sided(centre / fixed_se),
        q=q,
        q_p=np.where(many, chdtrc(df, q), np.nan),
        tau2=Intervals(tau2, low2, high2, level),
        i2=Intervals(shares(tau2), shares(low2), shares(high2), level),
        weights=share,
        k=k.astype(np.int64),
        se=se,
        wald_se=wald_se,
        fixed_se=fixed_se,
    )
