"""Precision and recall: average precision with its interval, beside the prevalence that any score reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.method import method
from coley.stats.judging.examined import outcome, scores
from coley.stats.judging.intervals import logit_interval
from coley.stats.values import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

BOYD = (
    "Boyd K, Eng KH, Page CD. Area under the precision-recall curve: point estimates and confidence intervals. "
    "In: Blockeel H, et al, eds. Machine Learning and Knowledge Discovery in Databases, ECML PKDD 2013. "
    "Lect Notes Comput Sci 2013;8190:451-466."
)
SAITO = (
    "Saito T, Rehmsmeier M. The precision-recall plot is more informative than the ROC plot when evaluating "
    "binary classifiers on imbalanced datasets. PLoS One 2015;10:e0118432."
)


@dataclass(frozen=True, slots=True)
class AveragePrecision:
    """Average precision.

    Attributes
    ----------
    interval
        Boyd's, made on the logit scale; `se` is that of the logit. NaN limits where the precision is 1.
    prevalence
        Share of positives: what a score without information reaches in large samples.
    n, positives
        Patients, and those with the outcome.
    """

    interval: Interval
    prevalence: float
    n: int
    positives: int

    @property
    def value(self) -> float:
        """The average precision."""
        return self.interval.value


@dataclass(frozen=True, eq=False)
class PrecisionRecall:
    """Precision and recall of "score at least threshold", from the highest score to the lowest."""

    threshold: Floats
    precision: Floats
    recall: Floats


@method(
    "average_precision",
    title="Average precision",
    summary="Precision averaged over the positives as the threshold falls: the area under the "
    "precision-recall curve.",
    needs="a score and a binary outcome of each patient",
    limits="Depends on the prevalence: compare with it, and never between cohorts of different prevalence; "
    "the interval knows only of the number of positives and is rough where they are few.",
    references=(BOYD, SAITO),
)
def average_precision(score: ArrayLike, positive: ArrayLike, *, level: float = 0.95) -> AveragePrecision:
    """Estimate average precision; patients with equal scores are called together.

    Parameters
    ----------
    score
        Larger where the outcome is expected.
    positive
        1 or True where the outcome happened.
    level
        Coverage of the interval.

    Raises
    ------
    UnreadableInput
        Where lengths differ or values are missing.
    NotEstimable
        Where all outcomes are alike.

    References
    ----------
    Boyd et al. 2013: average precision, and its logit interval.

    Examples
    --------
    >>> found = average_precision([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    >>> round(found.value, 4), found.prevalence
    (0.8333, 0.5)
    """
    label = outcome(positive)
    curve = precision_recall_curve(score, label)
    value = float(curve.precision @ np.diff(curve.recall, prepend=0.0))
    found = int(label.sum())
    interval = logit_interval(value, float(np.sqrt(value * max(1 - value, 0.0) / found)), level=level)
    return AveragePrecision(interval, found / len(label), len(label), found)


def precision_recall_curve(score: ArrayLike, positive: ArrayLike) -> PrecisionRecall:
    """Return the points of the precision-recall curve, one a distinct score.

    Raises
    ------
    UnreadableInput, NotEstimable
        As for `average_precision`.

    Examples
    --------
    >>> precision_recall_curve([1, 2, 2, 3], [0, 0, 1, 1]).precision.round(3)
    array([1.   , 0.667, 0.5  ])
    """
    label = outcome(positive)
    values, of = np.unique(-scores(score, len(label)), return_inverse=True)
    called = np.bincount(of, minlength=len(values)).cumsum()
    right = np.bincount(of[label], minlength=len(values)).cumsum()
    return PrecisionRecall(-values, right / called, right / right[-1])
