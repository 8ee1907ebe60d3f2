"""Max-T for survival: Cox score tests of all columns, under permutation after permutation of the patients."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from coley.model.method import method
from coley.stats.screens.columns import columns
from coley.stats.screens.max_t import LIMITS, MaxT, adjusted, complete_columns, ranking_of
from coley.stats.screens.permutations import PHIPSON_SMYTH, ROUNDING, WESTFALL_YOUNG, permutations
from coley.stats.survival.cox import COX, EFRON
from coley.stats.survival.cox_score_test import cox_score_test
from coley.stats.survival.follow_up import follow_up
from coley.stats.survival.partial_likelihood import PartialLikelihood, risk_sets
from coley.stats.threads import in_blocks

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

# Permutations are divided among threads: into parts that keep any number of cores evenly busy, but not so small
# that a block of columns is fetched for little.
PARTS, LEAST = 64, 8


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
    Westfall and Young 1993, chapter 2: single-step and free step-down.

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

    complete = complete_columns(matrix)
    z = np.full(len(matrix), np.nan)
    z[complete] = cox_score_test(time, event, matrix.X[:, complete], strata=strata).z
    ranking = ranking_of(z)
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
    return adjusted(matrix.names, z, complete, dealt, reached.sum(axis=0), largest)
