"""Treatment guided by a score, from patients: the cut-off with the highest net benefit, and what it is truly worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.policy.gains import ATHEY, VICKERS, Gains
from coley.economics.policy.increment import share_between
from coley.economics.policy.marker_guided import above_nil
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
BATCH = 100  # resamples at a time: bounds memory at some ten megabytes for a thousand patients


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
    picked
        (n,) of each patient, the share of partitions in which the cut-off that was chosen without him picks him.
    share_treated
        Mean share of patients treated under these cut-offs: none or all where no test is done, otherwise those picked
        as far as the test decides, and those treated without a result.
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
    picked: Floats
    share_treated: float
    n: int
    randomised: bool


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
    decided: float = 1.0,
    untold: float = 0.0,
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
    decided, untold
        Share of patients for whom the test decides, and share treated without a result; the rest are not treated.
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
    ordered = gains.take(order)

    distinct = len(ends) == n

    def at_cutoffs(sums: Floats) -> Floats:
        """Return sums over patients from the highest score down, (B, n), at each cut-off, (B, C)."""
        return sums if distinct else sums[:, ends]

    def by_cutoff(weighed: Floats) -> Floats:
        """Return the mean value over nobody of each cut-off, (B, C), from weighed gains of n patients, (B, n)."""
        sums = np.cumsum(weighed, axis=1)
        return np.asarray((decided * at_cutoffs(sums) + untold * sums[:, -1:]) / n - cost)

    everybody = float(value.mean())
    curve = by_cutoff(ordered.value[None])[0]
    squares = np.cumsum(ordered.value**2)[ends] / n
    all_squares = float((value**2).mean())
    # the mean square of what a rule yields: each patient is treated with chance `decided` + `untold`, or `untold`
    mean_square = (decided + untold) ** 2 * squares + untold**2 * (all_squares - squares)
    se = np.sqrt(np.maximum(mean_square - (curve + cost) ** 2, 0) / (n - 1))
    at, top = _best(curve[None], np.array([everybody]))
    best = _cutoff(at, cutoffs)[0]

    def fitted(weights: Floats, gain: Floats) -> tuple[Floats, Floats, Floats]:
        """Return value over nobody of the cross-fitted rule, (B,), share treated, (B,), and whom it picks, (B, n)."""
        part = rng.permuted(np.tile(np.arange(n, dtype=np.int16) % folds, (len(weights), 1)), axis=1)
        weighed, rows = weights * gain, np.arange(len(weights))
        sums, tested = np.cumsum(weighed, axis=1), weights.sum(axis=1)
        total, share = np.zeros(len(weights)), np.zeros(len(weights))
        picks = np.zeros((len(weights), n), dtype=bool)
        for fold in range(folds):
            held = part == fold
            judged = np.cumsum(weighed * held, axis=1)
            seen = (weights * held).sum(axis=1)
            all_judged = judged[:, -1]
            all_train = sums[:, -1] - all_judged
            fixed = untold * all_train - cost * (tested - seen)  # the same at every cut-off
            where, _ = _best(decided * at_cutoffs(sums - judged) + fixed[:, None], all_train)
            inside = ends[np.clip(where, 0, len(ends) - 1)]
            tried = decided * judged[rows, inside] + untold * all_judged - cost * seen
            total += np.where(where < 0, 0.0, np.where(where == len(ends), all_judged, tried))
            mine = held & (group[order] <= where[:, None])
            treated = decided * (weights * mine).sum(axis=1) + untold * seen
            share += np.where(where < 0, 0.0, np.where(where == len(ends), seen, treated))
            picks |= mine
        return total / n, share / n, picks

    values_none, shares, picks = fitted(np.ones((repeats, n)), ordered.value[None])
    value_none = float(values_none.mean())
    picked = np.empty(n)
    picked[order] = picks.mean(axis=0)
    resampled, all_, chosen = [], [], []
    for start in range(0, resamples, BATCH):
        weights = rng.multinomial(n, np.full(n, 1 / n), size=min(BATCH, resamples - start)).astype(np.float64)
        gain = ordered.resampled(weights, start)
        resampled.append(fitted(weights, gain)[0])
        own = weights * gain
        all_.append(own.mean(axis=1))
        chosen.append(_best(by_cutoff(own), all_[-1])[0])
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
        above_nil(over_none),
        above_nil(over_all),
        float(np.isfinite(_cutoff(choices, cutoffs)).mean()),
        picked,
        float(shares.mean()),
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


def _cutoff(choice: NDArray[np.intp], cutoffs: Floats) -> Floats:
    inside = cutoffs[np.clip(choice, 0, len(cutoffs) - 1)]
    return np.where(choice < 0, np.inf, np.where(choice == len(cutoffs), -np.inf, inside))
