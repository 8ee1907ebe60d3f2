"""Log-rank tests: plain, weighted, stratified, and the maximum of several weights for delayed effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable
from coley.model.method import method
from coley.stats.normal_box import exceeds
from coley.stats.survival.follow_up import FollowUp, follow_up
from coley.stats.survival.two_groups import two_groups
from coley.stats.tails import chi2_tail
from coley.stats.values import Test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

MAX_COMBO_WEIGHTS = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0))


@dataclass(frozen=True, slots=True)
class MaxCombo:
    """The largest of several weighted log-rank z, with the p that accounts for the choice.

    Attributes
    ----------
    statistic
        Largest absolute z; largest z where one-sided.
    weights
        Its (rho, gamma).
    z
        z of every weight; positive where the treated have fewer events than expected.
    correlation
        Of the z, under the hypothesis of no difference.
    p
        Two-sided, or one-sided where that was asked for.
    """

    statistic: float
    weights: tuple[float, float]
    z: tuple[float, ...]
    correlation: tuple[tuple[float, ...], ...]
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
    scores, covariances = _scores(rows, code, [(rho, gamma)])
    u, v = scores[0, 1:], covariances[0, 0, 1:, 1:]
    statistic = float(u @ np.linalg.pinv(v, hermitian=True) @ u)
    df = int(np.linalg.matrix_rank(v, hermitian=True))
    return Test(statistic, df, chi2_tail(statistic, df))


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
    strata: ArrayLike | None = None,
    one_sided: bool = False,
    weights: Sequence[tuple[float, float]] = MAX_COMBO_WEIGHTS,
) -> MaxCombo:
    """Test whether two survival curves differ at any stage of follow-up.

    Parameters
    ----------
    time, event
        Of each patient.
    treated
        True for the treated.
    strata
        Label of the stratum: patients are compared within it.
    one_sided
        Whether only a benefit of the treated counts.
    weights
        Fleming-Harrington (rho, gamma) of the tests to combine.

    Raises
    ------
    NotEstimable
        Where a group is empty, or no event happened while both groups were at risk.

    References
    ----------
    Lin et al. 2020; covariance of two weighted tests: Karrison 2016, eq. 4.

    Examples
    --------
    >>> found = max_combo([1, 2, 3, 4, 5, 6, 7, 8], [1] * 8, [0, 0, 0, 0, 1, 1, 1, 1])
    >>> found.weights, round(found.statistic, 3)
    ((0.0, 0.0), 2.71)
    """
    rows, first = two_groups(time, event, treated)
    rows.labels["strata"] = follow_up(time, event, labels={"strata": strata}).labels["strata"]
    scores, covariances = _scores(rows, first.astype(np.intp), weights)
    score, covariance = scores[:, 1], covariances[:, :, 1, 1]
    se = np.sqrt(np.diag(covariance))
    usable = np.flatnonzero(se > 0)  # a late weight may fall on no event that both groups could have had
    correlation = np.eye(len(se))
    correlation[np.ix_(usable, usable)] = covariance[np.ix_(usable, usable)] / np.outer(
        se[usable], se[usable]
    )
    z = np.zeros(len(se))
    z[usable] = -score[usable] / se[usable]
    size = z if one_sided else np.abs(z)
    best = usable[int(size[usable].argmax())]
    p = exceeds(float(size[best]), correlation[np.ix_(usable, usable)], two_sided=not one_sided)
    return MaxCombo(
        statistic=float(size[best]),
        weights=weights[best],
        z=tuple(z.tolist()),
        correlation=tuple(tuple(row) for row in correlation.tolist()),
        p=p,
    )


def _scores(
    rows: FollowUp, code: NDArray[np.intp], weights: Sequence[tuple[float, float]]
) -> tuple[Floats, Floats]:
    """Weighted events minus expected, weights x groups, and their covariance, weights x weights x groups x groups."""
    for rho, gamma in weights:
        if not (rho >= 0 and gamma >= 0):
            raise InvalidSetting(
                f"Weights of ({rho!r}, {gamma!r}) grow without bound; neither may be negative."
            )
    groups, within = int(code.max()) + 1, rows.labels["strata"]
    stratum = np.zeros(len(code), dtype=int) if within is None else np.unique(within, return_inverse=True)[1]
    scores = np.zeros((len(weights), groups))
    covariances = np.zeros((len(weights), len(weights), groups, groups))
    for one in np.unique(stratum):
        inside = stratum == one
        table = _RiskTable.of(rows.time[inside], rows.event[inside], code[inside], groups)
        curves = np.array([table.weight(rho, gamma) for rho, gamma in weights])
        scores += curves @ (table.deaths - table.expected)
        covariances += table.covariance(curves)
    if not covariances.any():
        raise NotEstimable(
            "No event happened while more than one group was at risk.",
            where=f"{int(rows.event.sum())} events, patients per group {np.bincount(code).tolist()}",
        )
    return scores, covariances


@dataclass(frozen=True, eq=False)
class _RiskTable:
    """Deaths and numbers at risk by event time (rows) and group (columns)."""

    deaths: NDArray[np.intp]
    at_risk: NDArray[np.intp]
    before: Floats  # pooled survival just before each event time

    @classmethod
    def of(cls, time: Floats, event: NDArray[np.bool_], code: NDArray[np.intp], groups: int) -> _RiskTable:
        times = np.unique(time[event])
        slot = np.searchsorted(times, time, side="right") - 1  # last event time not after the row's end
        deaths, left = (
            np.bincount(slot[rows] * groups + code[rows], minlength=len(times) * groups).reshape(-1, groups)
            for rows in (event, slot >= 0)
        )
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

    def covariance(self, curves: Floats) -> Floats:
        """Hypergeometric covariance of the groups' scores, for every pair of weights."""
        n, d = self.at_risk.sum(axis=1), self.deaths.sum(axis=1)
        share = self.at_risk / n[:, None]
        spread = d * np.where(n > 1, (n - d) / np.maximum(n - 1, 1), 0.0)
        pairs = curves[:, None] * curves * spread
        cross: Floats = -((pairs[..., None] * share).swapaxes(-1, -2) @ share)
        group = np.arange(share.shape[1])
        cross[..., group, group] += pairs @ share
        return cross
