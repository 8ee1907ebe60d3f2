"""The compiled part of rank statistics: one pass over each sorted column, tie by tie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.stats.screens.cox_kernel import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.intp]


def midranks(rows: Floats) -> Floats:
    """Rank the values of each row from 1, equal values sharing the mean of their ranks."""
    ranks = np.empty_like(rows)
    _midranks(rows, np.argsort(rows, axis=1), ranks)
    return ranks


@compiled
def _midranks(rows: Floats, order: Integers, ranks: Floats) -> None:
    n = rows.shape[1]
    for j in range(len(rows)):
        begin = 0
        while begin < n:
            end = begin + 1
            while end < n and rows[j, order[j, end]] == rows[j, order[j, begin]]:
                end += 1
            for i in range(begin, end):
                ranks[j, order[j, i]] = (begin + end + 1) / 2
            begin = end


@compiled
def compare_columns(
    columns: Floats, order: Integers, positive: NDArray[np.bool_], numbers: Floats, counts: Integers
) -> None:
    """Compare the positive with the others in each of `columns` (columns x patients; NaN is missing).

    `order` sorts each, NaN last. Writes U, the sum of t^3 - t over ties, and DeLong's sums of squares of the
    positive and of the others to `numbers`; how many of both are known to `counts`.
    """
    for j in range(len(columns)):
        column, sort = columns[j], order[j]
        known = positives = 0
        while known < len(column) and not np.isnan(column[sort[known]]):
            positives += positive[sort[known]]
            known += 1
        others = known - positives
        counts[j, 0], counts[j, 1] = positives, others
        numbers[j] = np.nan
        if positives == 0 or others == 0:
            continue
        area = 0.0
        for again in range(2):  # the area first, then deviations from it
            U = ties = of_positives = of_others = 0.0
            below_positives = below_others = 0
            begin = 0
            while begin < known:
                end, here = begin, 0
                while end < known and column[sort[end]] == column[sort[begin]]:
                    here += positive[sort[end]]
                    end += 1
                both = end - begin
                tied = float(both)
                ties += tied * tied * tied - tied
                beaten = below_others + (both - here) / 2  # by each of the positive in this tie
                U += here * beaten
                if again:
                    above = positives - below_positives - here / 2
                    of_positives += here * (beaten / others - area) ** 2
                    of_others += (both - here) * (above / positives - area) ** 2
                below_positives += here
                below_others += both - here
                begin = end
            area = U / positives / others
        numbers[j, 0], numbers[j, 1] = U, ties
        numbers[j, 2], numbers[j, 3] = of_positives, of_others
