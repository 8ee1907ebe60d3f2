"""Log-rank tests: plain, weighted, stratified, and the maximum of several weights for delayed effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import NotEstimable
from coley.model.method import method
from coley.stats.survival.follow_up import follow_up
from coley.stats.tails import chi2_tail
from coley.stats.values import Test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

MAX_COMBO_WEIGHTS = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0))
QUADRATURE_SEED = 0  # of the quasi-random points that integrate the joint normal tail
QUADRATURE_POINTS = 200_000


@dataclass(frozen=True, slots=True)
class MaxCombo:
    """The largest of several weighted log-rank z, with the p that accounts for the choice.

    Attributes
    ----------
    statistic
        Largest absolute z.
    weights
        Its (rho, gamma).
    z
        z of every weight; positive where the treated have fewer events than expected.
    p
        Two-sided.
    """

    statistic: float
    weights: tuple[float, float]
    z: tuple[float, ...]
    p: float


@method(
    "log_rank",
    title="Log-rank test",
    summary="Compares the hazards of groups over all of follow-up, each event counting alike.",
    needs="time, event and group of each patient; optionally strata",
    limits="Loses power, and can miss a difference altogether, where separation is delayed or curves cross.",
    references=(
        "Mantel N. Evaluation of survival data and two new rank order statistics arising in its consideration. "
        "Cancer Chemother Rep 1966;50:163-170.",
    ),
)
def log_rank(time: ArrayLike, event: ArrayLike, group: ArrayLike, *, strata: ArrayLike | None = None) -> Test:
    """Test whether groups have the same hazard.

    Parameters
    ----------
    time, event
        Of each patient.
    group
        Label of the group; two or more distinct ones.
    strata
        Label of the stratum: patients are compared within it.

    Raises
    ------
    NotEstimable
        Where there is one group only, or no event.

    Examples
    --------
    >>> test = log_rank([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1], ["a", "a", "a", "b", "b", "b"])
    >>> round(test.statistic, 3), round(test.p, 3)
    (5.052, 0.025)
    """
    return fleming_harrington(time, event, group, rho=0.0, gamma=0.0, strata=strata)


@method(
    "fleming_harrington",
    title="Fleming-Harrington weighted log-rank test",
    summary="Log-rank test whose weights S^rho (1-S)^gamma look at early or at late differences.",
    needs="time, event and group of each patient; optionally strata",
    limits="The weights must be chosen before the data are seen.",
    references=("Fleming TR, Harrington DP. Counting Processes and Survival Analysis. Wiley 1991.",),
)
def fleming_harrington(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    rho: float = 0.0,
    gamma: float = 0.0,
    strata: ArrayLike | None = None,
) -> Test:
    """Test whether groups have the same hazard, with weights from the pooled Kaplan-Meier curve.

    Parameters
    ----------
    time, event, group
        Of each patient.
    rho, gamma
        Powers of S(t-) and 1 - S(t-); (0, 0) is the log-rank test, (0, 1) looks at late differences.
    strata
        Label of the stratum; weights come from each stratum's own curve.

    Raises
    ------
    NotEstimable
        Where there is one group only, or no event.

    Examples
    --------
    >>> late = fleming_harrington([1, 2, 3, 4, 5, 6], [1] * 6, [0, 1, 0, 1, 0, 1], gamma=1)
    >>> round(late.p, 3)
    0.552
    """
    rows = follow_up(time, event, labels={"group": group, "strata": strata})
    labels, code = np.unique(np.asarray(group), return_inverse=True)
    if len(labels) < 2:
        raise NotEstimable("A log-rank test needs at least two groups.", where=f"only {labels.tolist()}")
    within = rows.labels["strata"]
    levels = np.zeros(len(code), dtype=int) if within is None else np.unique(within, return_inverse=True)[1]
    score, variance = np.zeros(len(labels)), np.zeros((len(labels), len(labels)))
    for level in np.unique(levels):
        inside = levels == level
        table = _RiskTable.of(rows.time[inside], rows.event[inside], code[inside], len(labels))
        weight = table.weight(rho, gamma)
        score += weight @ (table.deaths - table.expected)
        variance += table.covariance(weight, weight)
    if not rows.event.any():
        raise NotEstimable("A log-rank test needs an event.")
    u, v = score[1:], variance[1:, 1:]
    statistic = float(u @ np.linalg.pinv(v, hermitian=True) @ u)
    df = int(np.linalg.matrix_rank(v, hermitian=True))
    return Test(statistic, df, chi2_tail(statistic, df) if df else float("nan"))


@method(
    "max_combo",
    title="Max-combo test",
    summary="The largest of log-rank tests weighted for early, late, middle and all differences, with a joint p.",
    needs="time, event and one of two groups for each patient",
    limits="Detects that curves differ, not in whose favour over all: read the curves beside it.",
    references=(
        "Lin RS, Lin J, Roychoudhury S, et al. Alternative analysis methods for time to event endpoints under "
        "nonproportional hazards. Stat Biopharm Res 2020;12:187-198.",
        "Karrison TG. Versatile tests for comparing survival curves based on weighted log-rank statistics. "
        "Stata J 2016;16:678-690.",
    ),
)
def max_combo(
    time: ArrayLike,
    event: ArrayLike,
    treated: ArrayLike,
    *,
    weights: Sequence[tuple[float, float]] = MAX_COMBO_WEIGHTS,
) -> MaxCombo:
    """Test whether two survival curves differ at any stage of follow-up.

    Parameters
    ----------
    time, event
        Of each patient.
    treated
        True for the treated.
    weights
        Fleming-Harrington (rho, gamma) of the tests to combine.

    Raises
    ------
    NotEstimable
        Where a group is empty, or there is no event.

    References
    ----------
    Lin et al. 2020; covariance of two weighted tests: Karrison 2016, eq. 4.

    Examples
    --------
    >>> found = max_combo([1, 2, 3, 4, 5, 6, 7, 8], [1] * 8, [0, 0, 0, 0, 1, 1, 1, 1])
    >>> found.p < 0.05
    True
    """
    rows = follow_up(time, event)
    code = np.asarray(treated, dtype=bool).astype(int)
    if len(np.unique(code)) < 2 or not rows.event.any():
        raise NotEstimable("A max-combo test needs two groups and an event.")
    table = _RiskTable.of(rows.time, rows.event, code, 2)
    curves = [table.weight(rho, gamma) for rho, gamma in weights]
    score = np.array([w @ (table.deaths[:, 1] - table.expected[:, 1]) for w in curves])
    covariance = np.array([[table.covariance(a, b)[1, 1] for b in curves] for a in curves])
    se = np.sqrt(np.diag(covariance))
    usable = se > 0
    if not usable.any():
        raise NotEstimable("No event happened while both groups were at risk.")
    z = np.where(usable, -score / np.where(usable, se, 1.0), 0.0)
    best = int(np.abs(z).argmax())
    correlation = (
        (covariance / np.outer(se, se))[np.ix_(usable, usable)]
        if not usable.all()
        else covariance / np.outer(se, se)
    )
    p = _two_sided(float(abs(z[best])), correlation)
    return MaxCombo(float(abs(z[best])), weights[best], tuple(float(x) for x in z), p)


@dataclass(frozen=True, eq=False)
class _RiskTable:
    """Deaths and numbers at risk by event time (rows) and group (columns)."""

    deaths: Floats
    at_risk: Floats
    before: Floats  # pooled survival just before each event time

    @classmethod
    def of(cls, time: Floats, event: NDArray[np.bool_], code: NDArray[np.intp], groups: int) -> _RiskTable:
        times = np.unique(time[event])
        slot = np.searchsorted(times, time, side="right") - 1  # last event time not after the row's end
        deaths = np.zeros((len(times), groups))
        np.add.at(deaths, (slot[event], code[event]), 1.0)
        left = np.zeros((len(times), groups))
        kept = slot >= 0
        np.add.at(left, (slot[kept], code[kept]), 1.0)
        at_risk = left[::-1].cumsum(axis=0)[::-1]
        survival = np.cumprod(1 - deaths.sum(axis=1) / at_risk.sum(axis=1))
        return cls(deaths, at_risk, np.append(1.0, survival[:-1]) if len(times) else survival)

    @property
    def expected(self) -> Floats:
        total = self.at_risk.sum(axis=1, keepdims=True)
        share: Floats = self.at_risk / total * self.deaths.sum(axis=1, keepdims=True)
        return share

    def weight(self, rho: float, gamma: float) -> Floats:
        weight: Floats = self.before**rho * (1 - self.before) ** gamma
        return weight

    def covariance(self, one: Floats, two: Floats) -> Floats:
        n, d = self.at_risk.sum(axis=1), self.deaths.sum(axis=1)
        share = self.at_risk / n[:, None]
        scale = one * two * d * np.where(n > 1, (n - d) / np.maximum(n - 1, 1), 0.0)
        cross: Floats = np.diag(scale @ share) - share.T @ (scale[:, None] * share)
        return cross


def _two_sided(largest: float, correlation: Floats) -> float:
    """P(max |Z| > largest) for jointly normal Z; singular correlations are allowed."""
    from scipy.stats import multivariate_normal

    k = len(correlation)
    inside = multivariate_normal.cdf(
        np.full(k, largest),
        mean=np.zeros(k),
        cov=correlation,
        lower_limit=np.full(k, -largest),
        allow_singular=True,
        maxpts=QUADRATURE_POINTS * k,
        abseps=1e-7,
        releps=1e-7,
        rng=np.random.default_rng(QUADRATURE_SEED),
    )
    return float(min(max(1 - inside, 0.0), 1.0))
