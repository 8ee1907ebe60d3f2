"""The compiled part of `max_t_survival`: score statistics of all columns for permutation after permutation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.stats.design import OWN_VARIANCE
from coley.stats.screens.cox_kernel import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.intp]

# Columns that share one pass over the patients: four vectors of 512 bits, or eight of 256.
LANES = 16


@compiled
def _squared_z(
    block: Floats, place: Integers, rows: Floats, bounds: Integers, groups: Floats, z2: Floats
) -> None:
    """Write the squared score statistics of one block of columns to `z2`.

    With S and D the sums of a column over a risk set and over its events, the score is a sum over patients,
    and its information one of squares less S^2 aa - 2 S D ab + D^2 bb over groups: see `cox_score_test`.
    """
    S, D, score = np.zeros(LANES), np.zeros(LANES), np.zeros(LANES)
    squares, taken = np.zeros(LANES), np.zeros(LANES)
    for g in range(len(bounds)):
        begin, alive, end, fresh = bounds[g, 0], bounds[g, 1], bounds[g, 2], bounds[g, 3]
        if fresh:
            for lane in range(LANES):
                S[lane] = 0.0
        tied = alive - begin > 1
        if tied:
            for lane in range(LANES):
                D[lane] = -S[lane]
        for first, last in ((begin, alive), (alive, end)):
            for i in range(first, last):
                x = block[place[i]]
                by_score, by_square = rows[i, 0], rows[i, 1]
                for lane in range(LANES):
                    value = x[lane]
                    S[lane] += value
                    score[lane] += by_score * value
                    squares[lane] += by_square * value * value
            if tied and first == begin:
                for lane in range(LANES):
                    D[lane] += S[lane]
        aa, ab, bb = groups[g, 0], groups[g, 1], groups[g, 2]
        if tied:
            for lane in range(LANES):
                taken[lane] += D[lane] * (D[lane] * bb - 2.0 * S[lane] * ab)
        for lane in range(LANES):
            taken[lane] += aa * S[lane] * S[lane]
    for lane in range(LANES):
        information = squares[lane] - taken[lane]
        varies = information > OWN_VARIANCE * squares[lane]
        z2[lane] = score[lane] * score[lane] / information if varies else 0.0


@compiled
def count_successive_maxima(
    blocks: Floats,
    places: Integers,
    rows: Floats,
    bounds: Integers,
    groups: Floats,
    thresholds: Floats,
    reached: Integers,
    largest: Floats,
) -> None:
    """Count permutations whose maximum over a column and all later ones reaches the column's threshold.

    Parameters
    ----------
    blocks
        Blocks x patients x lanes: columns, the most significant first.
    places
        Permutations x positions: the patient at each position of the risk sets.
    rows, bounds, groups
        Of the positions, and of the groups of events: see `_squared_z`.
    thresholds, reached
        Squared statistic to reach, and the count that is added to; of each column.
    largest
        Of each permutation: its maximum over all columns, written.
    """
    z2 = np.empty(LANES)
    largest[:] = 0.0
    for k in range(len(blocks) - 1, -1, -1):
        block = blocks[k]
        for b in range(len(places)):
            _squared_z(block, places[b], rows, bounds, groups, z2)
            most = largest[b]
            for lane in range(LANES - 1, -1, -1):
                most = max(most, z2[lane])
                if most >= thresholds[k * LANES + lane]:
                    reached[k * LANES + lane] += 1
            largest[b] = most
