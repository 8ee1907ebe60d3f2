"""The ROC curve and the area under it: DeLong's variance, paired differences, screens and the bootstrap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.method import method
from coley.stats.judging.examined import outcome, scores
from coley.stats.judging.intervals import logit_interval, wald_interval
from coley.stats.judging.placements import placements
from coley.stats.tails import normal_two_sided, z_of
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
EFRON_TIBSHIRANI = "Efron B, Tibshirani RJ. An Introduction to the Bootstrap. Chapman and Hall 1993."
# Markers worked on together, and weights drawn together: enough to keep numpy busy, little enough memory.
BLOCK_CELLS = 1 << 19
FEWEST_RESAMPLES = 100  # below it the limits of a percentile interval are a few order statistics


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
class AucScreen:
    """One AUC a marker; NaN standard error where the marker does not vary, z and p as well.

    Attributes
    ----------
    names
        Of the markers.
    value, se
        Area, and DeLong's standard error; 0 where the marker separates the classes without exception.
    z, p
        Rank-sum statistic, positive where larger values go with the outcome, and its two-sided p.
    n, positives
        Patients, and those with the outcome.
    """

    names: tuple[str, ...]
    value: Floats
    se: Floats
    z: Floats
    p: Floats
    n: int
    positives: int


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
    DeLong et al. 1988, eq. 3-5, by the ranks of Sun and Xu 2014.

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
    DeLong et al. 1988, eq. 4-7.

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


def auc_many(X: ArrayLike, positive: ArrayLike, *, names: Sequence[str] | None = None) -> AucScreen:
    """Estimate the AUC of each marker by itself, thousands at once.

    Parameters
    ----------
    X
        Patients x markers.
    positive
        1 or True where the outcome happened.
    names
        Of the markers.

    Raises
    ------
    UnreadableInput
        Where the shape does not fit or values are missing.
    NotEstimable
        Where all outcomes are alike.

    References
    ----------
    As for `auc`.

    Examples
    --------
    >>> auc_many([[1, 7], [2, 7], [3, 7], [4, 7]], [0, 1, 0, 1]).value
    array([0.75, 0.5 ])
    """
    label = outcome(positive)
    matrix = np.asarray(X, dtype=float)
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    if matrix.ndim != 2 or len(matrix) != len(label) or not np.isfinite(matrix).all():
        raise UnreadableInput(
            f"The markers need one finite value for each of {len(label)} patients.",
            where=f"shape {matrix.shape}, {int((~np.isfinite(matrix)).sum())} values missing or infinite",
            remedy="Judge markers with missing values in a call of their own, without those patients.",
        )
    labels = tuple(names) if names is not None else tuple(f"x{j + 1}" for j in range(matrix.shape[1]))
    if len(labels) != matrix.shape[1]:
        raise InvalidSetting(f"{matrix.shape[1]} markers cannot carry {len(labels)} names.")
    value, variance, z = np.empty((3, len(labels)))
    width = max(1, BLOCK_CELLS // len(label))
    for start in range(0, len(labels), width):
        block = slice(start, start + width)
        placed = placements(np.ascontiguousarray(matrix[:, block].T), label)
        value[block], variance[block] = placed.moments()
        z[block] = placed.rank_sum_z()
    se = np.where(np.isfinite(z), np.sqrt(variance), np.nan)
    return AucScreen(labels, value, se, z, normal_two_sided(z), len(label), int(label.sum()))


@method(
    "auc_bootstrap",
    title="Bootstrap interval of the AUC",
    summary="Percentile interval of the AUC from resampled patients, as most publications give it.",
    needs="a score and a binary outcome of each patient",
    limits="Too short with few patients in a class, and of no width where the AUC is 0 or 1; "
    "DeLong's interval on the logit scale is the default here.",
    references=(EFRON_TIBSHIRANI,),
)
def auc_bootstrap(
    score: ArrayLike,
    positive: ArrayLike,
    *,
    stratified: bool = True,
    resamples: int = 2000,
    seed: int = 1,
    level: float = 0.95,
) -> Interval:
    """Return the AUC with its percentile interval from resampled patients.

    Parameters
    ----------
    score, positive, level
        As for `auc`.
    stratified
        Whether each resample has as many patients of each class as were seen. Where not, resamples without
        one of the classes are drawn again.
    resamples, seed
        Number of resamples, and the seed that makes them.

    Raises
    ------
    UnreadableInput, NotEstimable
        As for `auc`.
    InvalidSetting
        For fewer than 100 resamples.

    References
    ----------
    Efron and Tibshirani 1993, section 13.3.

    Examples
    --------
    >>> found = auc_bootstrap([0.1, 0.4, 0.35, 0.8, 0.7, 0.3], [0, 0, 1, 1, 1, 0], resamples=200)
    >>> round(found.value, 3), found.high
    (0.889, 1.0)
    """
    z_of(level)
    label = outcome(positive)
    values = scores(score, len(label))
    if resamples < FEWEST_RESAMPLES:
        raise InvalidSetting(f"{resamples} resamples are too few.", remedy="2000 are customary.")
    order = np.argsort(values)
    label, values = label[order], values[order]
    begins = np.flatnonzero(np.diff(values, prepend=-np.inf))
    generator = np.random.default_rng(seed)
    drawn: list[Floats] = []
    left = resamples
    while left:
        size = min(left, max(1, BLOCK_CELLS // len(label)))
        times = _weights(generator, label, size, stratified)
        up, down = (
            np.add.reduceat(np.where(side, times, 0), begins, axis=1).astype(float)
            for side in (label, ~label)
        )
        below = np.cumsum(down, axis=1) - down / 2
        pairs = up.sum(axis=1) * down.sum(axis=1)
        some = pairs > 0
        drawn.append(np.einsum("bk,bk->b", up, below)[some] / pairs[some])
        left -= int(some.sum())
    low, high = np.quantile(np.concatenate(drawn), [0.5 - level / 2, 0.5 + level / 2])
    value = float(placements(values[None], label).moments()[0][0])
    return Interval(value, float(low), float(high), level, float(np.concatenate(drawn).std(ddof=1)))


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


def _weights(
    generator: np.random.Generator, label: NDArray[np.bool_], size: int, stratified: bool
) -> NDArray[np.int64]:
    """Return how often each patient is drawn in each of `size` resamples."""
    n = len(label)
    if not stratified:
        return generator.multinomial(n, np.full(n, 1 / n), size=size)
    times = np.empty((size, n), dtype=np.int64)
    for side in (label, ~label):
        m = int(side.sum())
        times[:, side] = generator.multinomial(m, np.full(m, 1 / m), size=size)
    return times
