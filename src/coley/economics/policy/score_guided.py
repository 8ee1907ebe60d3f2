"""Treatment guided by a score, from patients: the cut-off with the highest net benefit, and what it is truly worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.policy.gains import ATHEY, VICKERS, Gains
from coley.economics.policy.increment import share_between
from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.model.method import method
from coley.stats.tails import z_of
from coley.stats.values import Interval, Intervals

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

FREIDLIN = (
    "Freidlin B, Jiang W, Simon R. The cross-validated adaptive signature design. "
    "Clin Cancer Res 2010;16:691-698."
)
TINY = 1e-300  # where all patients of both groups gain the same
BATCH = 100  # resamples at a time: bounds memory at some ten megabytes for a thousand patients


@dataclass(frozen=True, eq=False)
class MarkerGuided:
    """Treating by a marker whose cut-off was fixed beforehand; money per patient who comes.

    Attributes
    ----------
    n, positives
        Patients, and those whom the marker picks.
    among_positive, among_negative
        Gain of treatment among them, per patient of that group.
    difference
        The former less the latter: an interaction of treatment and marker only where `randomised`.
    over_none, over_all, none_to_all
        Net benefit of treating positives less that of treating nobody, and less that of treating everybody, both
        after the cost of the test; and of treating everybody less nobody.
    beats_none, beats_all
        Probability of that, from a normal distribution of the estimate.
    highest_cost
        What a test could cost and the marker still be as good as the better of the two.
    randomised
        Whether gains rest on a randomised comparison.
    """

    n: int
    positives: int
    among_positive: Interval
    among_negative: Interval
    difference: Interval
    over_none: Interval
    over_all: Interval
    none_to_all: Interval
    beats_none: float
    beats_all: float
    highest_cost: float
    randomised: bool


@dataclass(frozen=True, eq=False)
class ScoreGuided:
    """Net benefit by cut-off, the best one, and what choosing it in this way is worth on patients not used for it.

    Attributes
    ----------
    cutoffs
        (C,) scores at or above which a patient is treated.
    treated
        (C,) share of patients.
    net_benefit
        (C,) over treating nobody, after the cost of the test, with pointwise limits.
    none_to_all
        Net benefit of treating everybody without a test, over treating nobody.
    best
        The cut-off with the highest net benefit in these patients; -inf: treat all without a test, inf: nobody.
        Its limits are those of resampled patients, and may be infinite.
    apparent
        Net benefit at `best` over that of the better of treating all and none, on the very patients that chose it.
    over_none, over_all
        The same rule, cut-off chosen anew without the patients that it is judged on: over treating nobody, and over
        treating everybody.
    corrected
        The smaller of both: what choosing a cut-off adds to the better of treating all and none.
    beats_none, beats_all
        Probability of that, from a normal distribution of the estimate.
    kept
        Share of resamples in which a cut-off is better than treating all and than treating none.
    n, randomised
        Patients; whether gains rest on a randomised comparison.
    """

    cutoffs: Floats
    treated: Floats
    net_benefit: Intervals
    none_to_all: Interval
    best: Interval
    apparent: float
    over_none: Interval
    over_all: Interval
    corrected: Interval
    beats_none: float
    beats_all: float
    kept: float
    n: int
    randomised: bool


@method(
    "marker_guided",
    title="Treatment guided by a marker with a fixed cut-off",
    summary="Net benefit of treating marker-positive patients, beside treating everybody and nobody.",
    needs="the gain of treatment of each patient, and whether the marker is positive",
    limits="The cut-off must not have been chosen on these patients. Where gains are not randomised, a difference "
    "between positive and negative patients does not tell a predictive marker from a prognostic one.",
    references=(VICKERS, ATHEY),
)
def marker_guided(
    positive: ArrayLike, gains: Gains, *, cost: float = 0.0, level: float = 0.95
) -> MarkerGuided:
    """Return what treating by a marker is worth.

    Parameters
    ----------
    positive
        (n,) 1 or True where the marker is positive.
    gains
        Of the same patients, from `randomised_gains` or `gains_if_caused`.
    cost
        Of the test, per patient tested, in the unit of the gains.
    level
        Coverage of the intervals, which are Student's and Welch's.

    Raises
    ------
    UnreadableInput
        Where the marker is missing in a patient.
    NotEstimable
        Where fewer than two patients are positive, or negative.

    References
    ----------
    Athey and Wager 2021.

    Examples
    --------
    >>> from coley.economics.policy.gains import gains_if_caused
    >>> found = marker_guided([1, 1, 1, 0, 0, 0], gains_if_caused([1, 1, 0, 1, 0, 0], 100, 50))
    >>> round(found.over_none.value, 2), round(found.over_all.value, 2)
    (8.33, 8.33)
    """
    value = gains.value
    marker = np.asarray(positive)
    if marker.shape != value.shape or not np.isin(marker, (0, 1)).all():
        raise UnreadableInput(
            "The marker is 0 or 1 in every patient.", where=f"{marker.shape} for {value.shape} gains"
        )
    chosen = marker.astype(bool)
    if min(chosen.sum(), (~chosen).sum()) < 2:
        raise NotEstimable("Two patients or more must be positive, and as many negative.")
    share_between(level, "The level")

    def mean(values: Floats, less: float = 0.0) -> Interval:
        se = float(values.std(ddof=1) / np.sqrt(len(values)))
        return _student(float(values.mean()) - less, se, len(values) - 1, level)

    yes, no = mean(value[chosen]), mean(value[~chosen])
    parts = np.array([yes.se**2, no.se**2]), np.array([chosen.sum(), (~chosen).sum()]) - 1
    freedom = float(
        parts[0].sum() ** 2 / max((parts[0] ** 2 / parts[1]).sum(), TINY)
    )  # Welch and Satterthwaite
    over_none, over_all = mean(np.where(chosen, value, 0.0), cost), mean(np.where(chosen, 0.0, -value), cost)
    return MarkerGuided(
        len(value),
        int(chosen.sum()),
        yes,
        no,
        _student(yes.value - no.value, float(np.hypot(yes.se, no.se)), max(freedom, 1.0), level),
        over_none,
        over_all,
        mean(value),
        _above_nil(over_none),
        _above_nil(over_all),
        min(over_none.value, over_all.value) + cost,
        gains.randomised,
    )


@method(
    "score_guided",
    title="Treatment guided by a score, with the cut-off chosen by net benefit",
    summary="Net benefit by cut-off, the cut-off that maximises it, and what that choice is worth by cross-fitting, "
    "with intervals from resampled patients.",
    needs="a score and the gain of treatment of each patient",
    limits="The score must not have been fitted to these patients. The corrected value is that of a cut-off chosen on "
    "a somewhat smaller cohort. Where gains are not randomised, all of it rests on response being caused by treatment.",
    references=(VICKERS, ATHEY, FREIDLIN),
)
def score_guided(
    score: ArrayLike,
    gains: Gains,
    *,
    cost: float = 0.0,
    folds: int = 5,
    repeats: int = 20,
    resamples: int = 500,
    seed: int = 1,
    level: float = 0.95,
) -> ScoreGuided:
    """Return the best cut-off of a score and its value.

    Parameters
    ----------
    score
        (n,) higher where treatment is expected to gain more.
    gains
        Of the same patients.
    cost
        Of the test, per patient tested, in the unit of the gains; treating all or none needs no test. At a cost of 0,
        `corrected` is about the most that a test may cost.
    folds, repeats
        Parts into which patients are cut so that none is judged by a cut-off that was chosen with him, and the number
        of such partitions that are averaged.
    resamples
        Bootstrap samples, in each of which the whole is done again.
    seed
        Of partitions and resamples.
    level
        Coverage of the intervals.

    Raises
    ------
    UnreadableInput
        Where a score is missing.
    NotEstimable
        Where all scores are the same, or there are fewer patients than twice the folds.
    InvalidSetting
        For fewer than two folds or resamples.

    References
    ----------
    Cross-fitted choice as in Freidlin et al 2010; net benefit is a mean of gains (Athey and Wager 2021).

    Examples
    --------
    >>> from coley.economics.policy.gains import gains_if_caused
    >>> rng = np.random.default_rng(1)
    >>> chance = rng.uniform(0, 1, 400)
    >>> found = score_guided(chance, gains_if_caused(rng.random(400) < chance, 100, 50), resamples=100)
    >>> round(found.best.value, 2), round(found.apparent, 1), round(found.corrected.value, 1)
    (0.42, 12.1, 11.3)
    """
    value = gains.value
    x = np.asarray(score, dtype=np.float64)
    if x.shape != value.shape or not np.isfinite(x).all():
        raise UnreadableInput("Every patient needs a score.", where=f"{x.shape} for {value.shape} gains")
    if folds < 2 or resamples < 2 or repeats < 1:
        raise InvalidSetting("Two folds, two resamples and one repeat are the least.")
    if len(x) < 2 * folds:
        raise NotEstimable(f"{len(x)} patients are too few for {folds} folds.")
    share_between(level, "The level")
    cutoffs, group = np.unique(-x, return_inverse=True)  # from the highest score down
    cutoffs = -cutoffs
    if len(cutoffs) < 2:
        raise NotEstimable("All patients have the same score.")
    n, z = len(x), z_of(level)
    rng = np.random.default_rng(seed)

    order = np.argsort(group, kind="stable")
    ends = np.searchsorted(group[order], np.arange(len(cutoffs)), side="right") - 1
    sorted_gain = value[order]
    curve = np.cumsum(sorted_gain)[ends] / n - cost
    everybody = float(value.mean())
    squares = np.cumsum(sorted_gain**2)[ends] / n
    se = np.sqrt(np.maximum(squares - (curve + cost) ** 2, 0) / (n - 1))
    at, top = _best(curve[None], np.array([everybody]))
    best = _cutoff(at, cutoffs)[0]

    def fitted(weights: Floats) -> Floats:
        """Value over nobody of the cross-fitted rule in each row of weights, (B,)."""
        part = rng.permuted(np.tile(np.arange(n) % folds, (len(weights), 1)), axis=1)
        total = np.zeros(len(weights))
        for fold in range(folds):
            held = part == fold
            train, judged = (weights * mask * sorted_gain for mask in (~held, held))
            paid, seen = ((weights * mask).sum(axis=1) * cost for mask in (~held, held))
            where, _ = _best(np.cumsum(train, axis=1)[:, ends] - paid[:, None], train.sum(axis=1))
            total += _value_at(where, np.cumsum(judged, axis=1)[:, ends] - seen[:, None], judged.sum(axis=1))
        return total / n

    value_none = float(fitted(np.ones((repeats, n))).mean())
    resampled, all_, chosen = [], [], []
    for start in range(0, resamples, BATCH):
        weights = rng.multinomial(n, np.full(n, 1 / n), size=min(BATCH, resamples - start)).astype(np.float64)
        resampled.append(fitted(weights))
        own = weights * sorted_gain
        all_.append(own.mean(axis=1))
        chosen.append(_best(np.cumsum(own, axis=1)[:, ends] / n - cost, all_[-1])[0])
    of_all, choices = np.concatenate(all_), np.concatenate(chosen)
    values = np.concatenate(resampled)

    def interval(centre: float, spread: Floats) -> Interval:
        sd = float(spread.std(ddof=1))
        return Interval(centre, centre - z * sd, centre + z * sd, level, sd)

    over_none = interval(value_none, values)
    over_all = interval(value_none - everybody, values - of_all)
    tails = ((1 - level) / 2, (1 + level) / 2)
    cuts = np.sort(_cutoff(choices, cutoffs))
    low, high = (float(cuts[min(int(q * resamples), resamples - 1)]) for q in tails)
    mean_se = float(value.std(ddof=1) / np.sqrt(n))
    return ScoreGuided(
        cutoffs,
        (ends + 1) / n,
        Intervals(curve, curve - z * se, curve + z * se, level),
        Interval(everybody, everybody - z * mean_se, everybody + z * mean_se, level, mean_se),
        Interval(float(best), low, high, level),
        float(top[0] - max(everybody, 0.0)),
        over_none,
        over_all,
        min(over_none, over_all, key=lambda one: one.value),
        _above_nil(over_none),
        _above_nil(over_all),
        float(np.isfinite(_cutoff(choices, cutoffs)).mean()),
        n,
        gains.randomised,
    )


def _best(curves: Floats, everybody: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return the choice in each row and its value: a cut-off, -1 for treating nobody, or one past the last for all.

    The last cut-off treats everybody, too, and pays for the test; a tie goes to whoever does not test.
    """
    at = curves.argmax(axis=1)
    top = np.take_along_axis(curves, at[:, None], axis=1)[:, 0]
    naive = np.maximum(everybody, 0.0)
    untested = np.where(everybody > 0, curves.shape[1], -1)
    return np.where(top > naive, at, untested), np.maximum(top, naive)


def _value_at(choice: NDArray[np.intp], curves: Floats, everybody: Floats) -> Floats:
    inside = np.clip(choice, 0, curves.shape[1] - 1)
    value = np.take_along_axis(curves, inside[:, None], axis=1)[:, 0]
    return np.where(choice < 0, 0.0, np.where(choice == curves.shape[1], everybody, value))


def _cutoff(choice: NDArray[np.intp], cutoffs: Floats) -> Floats:
    inside = cutoffs[np.clip(choice, 0, len(cutoffs) - 1)]
    return np.where(choice < 0, np.inf, np.where(choice == len(cutoffs), -np.inf, inside))


def _student(value: float, se: float, freedom: float, level: float) -> Interval:
    from scipy.special import stdtrit

    half = float(stdtrit(freedom, (1 + level) / 2)) * se
    return Interval(value, value - half, value + half, level, se)


def _above_nil(estimate: Interval) -> float:
    from scipy.special import ndtr

    return float(ndtr(estimate.value / estimate.se)) if estimate.se > 0 else float(estimate.value > 0)
