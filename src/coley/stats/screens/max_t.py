"""Westfall and Young's max-T: p values that hold the chance of any false claim, in the dependence that is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable
from coley.model.method import method
from coley.stats.design import OWN_VARIANCE
from coley.stats.screens.columns import BLOCK, Columns, columns, in_blocks, strata_codes, two_classes
from coley.stats.screens.permutations import (
    PHIPSON_SMYTH,
    ROUNDING,
    WESTFALL_YOUNG,
    Permutations,
    permutations,
)
from coley.stats.survival.cox import COX, EFRON
from coley.stats.survival.cox_score_test import cox_score_test
from coley.stats.survival.follow_up import follow_up
from coley.stats.survival.partial_likelihood import PartialLikelihood, risk_sets

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.intp]

VAN_ELTEREN = (
    "van Elteren PH. On the combination of independent two-sample tests of Wilcoxon. "
    "Bull Inst Int Stat 1960;37:351-361."
)
STATISTICS = ("rank", "mean")
# Permutations are divided among threads: into parts that keep any number of cores evenly busy, but not so small
# that a block of columns is fetched for little.
PARTS, LEAST = 64, 8
LIMITS = (
    "Needs patients who could have been exchanged for each other if no column mattered, within strata where "
    "those are given. Controls the chance of any false claim; says nothing of how large an effect is."
)


@dataclass(frozen=True, eq=False)
class MaxT:
    """Adjusted p values of a family; arrays have one value a column, NaN where it could not be tested.

    Attributes
    ----------
    names
        Of the columns.
    z
        Standardised statistic; positive where larger values go with more events, or with the positive class.
    p_single_step
        Share of permutations in which the largest statistic of all columns reaches this one.
    p_step_down
        The same, over the columns that are no more significant than this one: never larger, and as safe.
    status
        "tested", "missing" (values are missing: a column is compared on all patients or not at all) or
        "constant" (it does not vary, or not among those at risk when events happen).
    permutations
        How many were looked at.
    exact
        Whether these are all there are, so that the p have no Monte-Carlo error.
    """

    names: tuple[str, ...]
    z: Floats
    p_single_step: Floats
    p_step_down: Floats
    status: NDArray[np.str_]
    permutations: int
    exact: bool


@method(
    "max_t_survival",
    title="Westfall-Young max-T for survival",
    summary="Adjusts Cox score tests of many columns for their number, keeping the correlation between them.",
    needs="time, event and any number of complete columns; optionally strata",
    limits=LIMITS + " Censoring must not depend on the columns either.",
    references=(WESTFALL_YOUNG, PHIPSON_SMYTH, COX, EFRON),
)
def max_t_survival(
    time: ArrayLike,
    event: ArrayLike,
    X: ArrayLike,
    *,
    strata: ArrayLike | None = None,
    samples: int = 1000,
    seed: int = 1,
    names: Sequence[str] | None = None,
) -> MaxT:
    """Test every column for association with the hazard, and adjust for the number of columns.

    Parameters
    ----------
    time, event
        Of each patient.
    X
        Patients x columns.
    strata
        Patients are compared, and exchanged, within these.
    samples, seed
        Random permutations, and their seed; all are enumerated where no more than 100,000 are distinct.
    names
        Of the columns.

    Raises
    ------
    UnreadableInput
        Where inputs differ in length, or hold infinite, negative or impossible values.
    NotEstimable
        Where there is no event, or no column to test.

    References
    ----------
    Westfall and Young 1993, algorithms 2.5 and 2.8.

    Examples
    --------
    >>> genes = [[1, 5], [2, 2], [3, 7], [4, 1], [5, 8], [6, 3], [7, 4]]
    >>> found = max_t_survival([7, 6, 5, 4, 3, 2, 1], [1] * 7, genes, names=["trend", "noise"])
    >>> found.p_step_down.round(3), found.exact
    (array([0.001, 0.983]), True)
    """
    from coley.stats.screens.max_t_kernel import LANES, count_successive_maxima

    rows = follow_up(time, event, labels={"strata": strata})
    n, within = len(rows.time), rows.labels["strata"]
    matrix = columns(X, n, names=names)
    sets = risk_sets(rows.time, rows.event, entry=None, strata=within, weights=None, ties="efron")
    null = PartialLikelihood(sets, np.empty((0, len(sets.rows))))
    at = null.sums(np.empty(0))
    cumulated = null.cumulated(at)

    complete = _complete(matrix)
    z = np.full(len(matrix), np.nan)
    z[complete] = cox_score_test(time, event, matrix.X[:, complete], strata=strata).z
    ranking = _ranking(z)
    blocks = np.zeros((-(-len(ranking) // LANES), n, LANES))
    for k, block in enumerate(blocks):
        chosen = matrix.X[:, ranking[k * LANES : (k + 1) * LANES]].astype(float)
        block[:, : chosen.shape[1]] = (chosen - chosen.mean(axis=0)) / chosen.std(axis=0)

    # Patients who leave at the same place of the same risk set have the same outcome.
    label = sets.to_rows(1.0 + 2 * sets.first + sets.event_weight)
    dealt = permutations(label, strata=within, samples=samples, seed=seed)
    begin = np.searchsorted(sets.first, np.arange(len(at.a)))
    end = np.append(begin[1:], len(sets.rows))
    bounds = np.c_[begin, begin + sets.deaths, end, np.diff(sets.group_stratum, prepend=-1) != 0]
    by_row = np.c_[sets.event_weight - cumulated, cumulated]
    by_group = np.c_[at.aa, at.ab, at.bb]
    threshold = np.full(blocks.shape[0] * LANES, np.inf)
    threshold[: len(ranking)] = z[ranking] ** 2 * (1 - ROUNDING)
    size = max(-(-len(dealt) // PARTS), LEAST)
    reached = np.zeros((PARTS, len(threshold)), dtype=np.intp)
    largest = np.empty(len(dealt))

    def count(part: slice) -> None:
        places = np.argsort(dealt.order[part], axis=1)[:, sets.rows]
        count_successive_maxima(
            blocks, places, by_row, bounds, by_group, threshold, reached[part.start // size], largest[part]
        )

    in_blocks(count, len(dealt), size=size)
    return _adjusted(matrix.names, z, complete, dealt, reached.sum(axis=0), largest)


@method(
    "max_t_response",
    title="Westfall-Young max-T for response",
    summary="Adjusts tests of many columns against a yes or no outcome, keeping the correlation between them.",
    needs="a yes or no outcome and any number of complete columns; optionally strata",
    limits=LIMITS,
    references=(WESTFALL_YOUNG, PHIPSON_SMYTH, VAN_ELTEREN),
)
def max_t_response(
    X: ArrayLike,
    positive: ArrayLike,
    *,
    statistic: str = "rank",
    strata: ArrayLike | None = None,
    samples: int = 1000,
    seed: int = 1,
    names: Sequence[str] | None = None,
) -> MaxT:
    """Test every column for association with a yes or no outcome, and adjust for the number of columns.

    Parameters
    ----------
    X
        Patients x columns.
    positive
        1 for those with the outcome, 0 for those without.
    statistic
        "rank" (Wilcoxon's; van Elteren's with strata) or "mean" (difference of means: with the pooled t,
        of which it is a monotone function, every p would be the same).
    strata
        Patients are compared, and exchanged, within these.
    samples, seed
        Random permutations, and their seed; all are enumerated where no more than 100,000 are distinct.
    names
        Of the columns.

    Raises
    ------
    UnreadableInput
        Where inputs differ in length, or hold infinite or impossible values.
    InvalidSetting
        For an unknown statistic.
    NotEstimable
        Where all patients, or none, are positive, or there is no column to test.

    References
    ----------
    Westfall and Young 1993, algorithms 2.5 and 2.8; van Elteren 1960.

    Examples
    --------
    >>> genes = [[1, 5], [2, 2], [3, 7], [4, 1], [5, 8], [6, 3], [7, 4], [8, 6]]
    >>> found = max_t_response(genes, [0, 0, 0, 0, 1, 1, 1, 1], names=["apart", "mixed"])
    >>> found.p_step_down.round(3), found.exact  # 4 of the 70 ways to choose 4 of 8 part either column
    (array([0.057, 0.486]), True)
    """
    from coley.stats.screens.rank_kernel import midranks

    if statistic not in STATISTICS:
        raise InvalidSetting(f"There is no statistic {statistic!r}.", remedy=f"Choose one of {STATISTICS}.")
    matrix = columns(X, np.size(positive), names=names)
    yes = two_classes(positive)
    within = strata_codes(strata, len(yes))
    dealt = permutations(yes, strata=within, samples=samples, seed=seed)
    label = yes.astype(float)
    size = np.bincount(within)
    share = np.bincount(within, label) / size
    label -= share[within]
    # Variance of the sum of values of the positive: of their squares in each stratum, this multiple.
    spread = (share * (1 - share) * size / np.maximum(size - 1, 1))[within]

    complete = _complete(matrix)
    z = np.full(len(matrix), np.nan)

    def standardised(part: Integers) -> Floats:
        values = matrix.block(part)
        if statistic == "rank":
            for one in range(len(size)):
                values[:, within == one] = midranks(values[:, within == one]) / (size[one] + 1)
        mean = np.array([np.bincount(within, row) for row in values]) / size
        centred = values - mean[:, within]
        squares = (centred * centred) @ spread
        varies = squares > (OWN_VARIANCE * np.abs(values).max(axis=1)) ** 2
        return np.where(varies[:, None], centred / np.sqrt(np.where(varies, squares, 1.0))[:, None], np.nan)

    def observe(part: slice) -> None:
        chosen = np.arange(part.start, part.stop)[complete[part]]
        z[chosen] = standardised(chosen) @ label

    in_blocks(observe, len(matrix))
    ranking = _ranking(z)
    reached, largest = np.zeros(len(ranking), dtype=np.intp), np.zeros(len(dealt))
    labels = label[dealt.order].T
    for start in reversed(range(0, len(ranking), BLOCK)):
        part = slice(start, start + BLOCK)
        squared = np.square(standardised(ranking[part]) @ labels)
        squared[-1] = np.maximum(squared[-1], largest)
        maxima = np.maximum.accumulate(squared[::-1], axis=0)[::-1]
        threshold = z[ranking[part]] ** 2 * (1 - ROUNDING)
        reached[part], largest = (maxima >= threshold[:, None]).sum(axis=1), maxima[0]
    return _adjusted(matrix.names, z, complete, dealt, reached, largest)


def _complete(matrix: Columns) -> NDArray[np.bool_]:
    complete = np.empty(len(matrix), dtype=bool)

    def look(part: slice) -> None:
        complete[part] = ~np.isnan(matrix.block(part)).any(axis=1)

    in_blocks(look, len(matrix))
    return complete


def _ranking(z: Floats) -> Integers:
    """Return the columns that can be tested, the most significant first."""
    tested = np.flatnonzero(np.isfinite(z))
    if not len(tested):
        raise NotEstimable(
            "No column can be tested.", cause="every column is constant, or has missing values"
        )
    order: Integers = tested[np.argsort(-np.abs(z[tested]), kind="stable")]
    return order


def _adjusted(
    names: tuple[str, ...],
    z: Floats,
    complete: NDArray[np.bool_],
    dealt: Permutations,
    reached: Integers,
    largest: Floats,
) -> MaxT:
    ranking = _ranking(z)
    single, down = np.full((2, len(z)), np.nan)
    below = np.searchsorted(np.sort(largest), z[ranking] ** 2 * (1 - ROUNDING))
    single[ranking] = dealt.p(len(dealt) - below)
    down[ranking] = np.maximum.accumulate(dealt.p(reached[: len(ranking)]))
    status = np.select([~complete, np.isnan(z)], ["missing", "constant"], "tested")
    return MaxT(names, z, single, down, status, len(dealt), dealt.exact)
