"""The ROC curve and the area under it, with DeLong's variance; the difference between two scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.method import method
from coley.stats.judging.examined import outcome, scores
from coley.stats.judging.intervals import logit_interval, wald_interval
from coley.stats.judging.placements import placements
from coley.stats.tails import normal_two_sided
from coley.stats.values import Interval, Test

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

DELONG = (
    "DeLong ER, DeLong DM, Clarke-Pearson DL. Comparing the areas under two or more correlated receiver "
    "operating characteristic curves: a nonparametric approach. Biometrics 1988;44:837-845."
)
SUN_XU = (
    "Sun X, Xu W. Fast implementation of DeLong's algorithm for comparing the areas under correlated receiver "
    "operating characteristic curves. IEEE Signal Process Lett 2014;21:1389-1393."
)
MANN_WHITNEY = (
    "Mann HB, Whitney DR. On a test of whether one of two random variables is stochastically larger than the "
    "other. Ann Math Stat 1947;18:50-60."
)
HANLEY = (
    "Hanley JA, McNeil BJ. The meaning and use of the area under a receiver operating characteristic (ROC) "
    "curve. Radiology 1982;143:29-36."
)


@dataclass(frozen=True, slots=True)
class Auc:
    """The area under a ROC curve.

    Attributes
    ----------
    interval
        Made on the logit scale, which keeps it within 0 and 1 and its coverage in small groups; `se` is that of
        the logit. NaN limits where the AUC is 0 or 1, or a class has one member.
    wald
        The symmetric interval that most programs print, cut off at 0 and 1; `se` is DeLong's.
    test
        Rank-sum test of no separation (AUC 0.5), ties allowed for; it is also defined where the AUC is 0 or 1.
    n, positives
        Patients, and those with the outcome.
    """

    interval: Interval
    wald: Interval
    test: Test
    n: int
    positives: int

    @property
    def value(self) -> float:
        """The area."""
        return self.interval.value


@dataclass(frozen=True, slots=True)
class AucDifference:
    """Two scores of the same patients: the AUC of each, first minus second, and the test of no difference."""

    difference: Interval
    first: Auc
    second: Auc
    test: Test


@dataclass(frozen=True, eq=False)
class RocCurve:
    """Sensitivity and specificity of "score at least threshold", from nobody (threshold infinite) to everybody."""

    threshold: Floats
    sensitivity: Floats
    specificity: Floats


@method(
    "auc_delong",
    title="Area under the ROC curve",
    summary="Chance that a patient with the outcome scores higher than one without, with DeLong's variance.",
    needs="a score and a binary outcome of each patient",
    limits="Says how well patients are ranked, not whether probabilities are right; optimistic on patients on "
    "whom the score was built; with a handful in a class the interval is a rough guide.",
    references=(HANLEY, DELONG, SUN_XU, MANN_WHITNEY),
)
def auc(score: ArrayLike, positive: ArrayLike, *, level: float = 0.95) -> Auc:
    """Estimate the area under the ROC curve; ties count one half.

    Parameters
    ----------
    score
        Larger where the outcome is expected.
    positive
        1 or True where the outcome happened.
    level
        Coverage of the intervals.

    Raises
    ------
    UnreadableInput
        Where lengths differ or values are missing.
    NotEstimable
        Where all outcomes are alike.

    References
    ----------
    DeLong et al. 1988, by the ranks of Sun and Xu 2014.

    Examples
    --------
    >>> found = auc([0.1, 0.4, 0.35, 0.8, 0.7, 0.3], [0, 0, 1, 1, 1, 0])
    >>> round(found.value, 3), round(found.interval.low, 3), round(found.interval.high, 3)
    (0.889, 0.261, 0.995)
    """
    label = outcome(positive)
    return _auc(scores(score, len(label)), label, level)


@method(
    "auc_difference",
    title="DeLong's test of two AUCs",
    summary="Difference of the AUCs of two scores of the same patients, with interval and test.",
    needs="two scores and a binary outcome of each patient",
    limits="For scores that were fixed beforehand: for nested models fitted to the same patients the difference is "
    "not normal under the null, and added value must be judged out of sample.",
    references=(DELONG, SUN_XU),
)
def auc_difference(
    score_a: ArrayLike, score_b: ArrayLike, positive: ArrayLike, *, level: float = 0.95
) -> AucDifference:
    """Compare two scores of the same patients.

    Parameters
    ----------
    score_a, score_b
        Larger where the outcome is expected; the difference is a minus b.
    positive
        1 or True where the outcome happened.
    level
        Coverage of the intervals.

    Raises
    ------
    UnreadableInput, NotEstimable
        As for `auc`.

    References
    ----------
    DeLong et al. 1988.

    Examples
    --------
    >>> found = auc_difference([1, 2, 3, 4, 5, 6], [2, 1, 6, 3, 5, 4], [0, 0, 1, 0, 1, 1])
    >>> round(found.difference.value, 3), round(found.test.p, 3)
    (-0.111, 0.48)
    """
    label = outcome(positive)
    pair = [scores(score, len(label)) for score in (score_a, score_b)]
    first, second = (_auc(score, label, level) for score in pair)
    placed = placements(np.vstack(pair), label).by_patient()
    gap = placed[0] - placed[1]
    value = first.value - second.value
    variance = sum(_variance_of_mean(gap[label == side]) for side in (True, False))
    se = float(np.sqrt(variance))
    z = value / se if se > 0 else float("nan")
    return AucDifference(
        wald_interval(value, se, level=level, least=-1.0, most=1.0),
        first,
        second,
        Test(z, float("nan"), float(normal_two_sided(z))),
    )


def roc_curve(score: ArrayLike, positive: ArrayLike) -> RocCurve:
    """Return the points of the empirical ROC curve, one a distinct score.

    Raises
    ------
    UnreadableInput, NotEstimable
        As for `auc`.

    Examples
    --------
    >>> curve = roc_curve([1, 2, 2, 3], [0, 0, 1, 1])
    >>> curve.sensitivity, curve.specificity
    (array([0. , 0.5, 1. , 1. ]), array([1. , 1. , 0.5, 0. ]))
    """
    label = outcome(positive)
    values, of = np.unique(-scores(score, len(label)), return_inverse=True)
    up, down = (np.bincount(of[side], minlength=len(values)).cumsum() for side in (label, ~label))
    return RocCurve(np.append(np.inf, -values), np.append(0, up) / up[-1], 1 - np.append(0, down) / down[-1])


def _auc(score: Floats, label: NDArray[np.bool_], level: float) -> Auc:
    placed = placements(score[None], label)
    area, variance = (float(part[0]) for part in placed.moments())
    z = float(placed.rank_sum_z()[0])
    se = float(np.sqrt(variance))
    return Auc(
        logit_interval(area, se, level=level),
        wald_interval(area, se, level=level, least=0.0, most=1.0),
        Test(z, float("nan"), float(normal_two_sided(z))),
        len(label),
        int(label.sum()),
    )


def _variance_of_mean(values: Floats) -> float:
    return float(values.var(ddof=1) / len(values)) if len(values) > 1 else float("nan")
