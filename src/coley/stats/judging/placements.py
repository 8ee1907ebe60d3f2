"""Placements: the share of the other class that lies below each patient's score; every AUC is their mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]
    Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Placements:
    """Scores in order, row by row, with what each patient sees of the other class.

    Attributes
    ----------
    order
        Patients in the order of their scores, rows x patients.
    positive
        Whether each is a positive, in that order.
    twice
        Twice the number of the other class with a lower score, and once those with an equal one: whole
        numbers, so that no spread is mistaken for some.
    tied
        How many share each score.
    """

    order: NDArray[np.intp]
    positive: Bools
    twice: Integers
    tied: Integers

    def moments(self) -> tuple[Floats, Floats]:
        """Return the AUC of each row and its DeLong variance (NaN where a class has one member).

        References
        ----------
        DeLong et al. 1988; by ranks, Sun and Xu 2014.
        """
        m = int(self.positive[0].sum())
        n = self.positive.shape[1] - m
        auc: Floats = np.where(self.positive, self.twice, 0).sum(axis=1) / (2 * m * n)
        variance = np.zeros(len(auc))
        # the negatives see the positives below them; one minus that has the same variance
        for size, other, side in ((m, n, self.positive), (n, m, ~self.positive)):
            middle = np.where(side, self.twice, 0).sum(axis=1) // size  # whole, so that no spread stays none
            away = np.where(side, self.twice - middle[:, None], 0).astype(float)
            squares = np.einsum("kn,kn->k", away, away) - away.sum(axis=1) ** 2 / size
            variance += squares / (size - 1) / (2 * other) ** 2 / size if size > 1 else np.nan
        return auc, variance

    def by_patient(self) -> Floats:
        """Return each patient's placement in the order of the input: the share of pairs that are right."""
        m = int(self.positive[0].sum())
        n = self.positive.shape[1] - m
        right = np.where(self.positive, self.twice, 2 * m - self.twice) / np.where(
            self.positive, 2 * n, 2 * m
        )
        placed = np.empty_like(right)
        np.put_along_axis(placed, self.order, right, axis=1)
        return placed

    def rank_sum_z(self) -> Floats:
        """Return the rank-sum statistic of each row, standardised under equal distributions, ties allowed for.

        References
        ----------
        Mann and Whitney 1947, with the variance that ties leave.
        """
        size = self.positive.shape[1]
        m = int(self.positive[0].sum())
        n = size - m
        twice_u = np.where(self.positive, self.twice, 0).sum(axis=1)
        lost = (self.tied.astype(float) ** 2 - 1).sum(axis=1) / (size * (size - 1))
        with np.errstate(divide="ignore", invalid="ignore"):
            z: Floats = (twice_u - m * n) / 2 / np.sqrt(m * n / 12 * (size + 1 - lost))
        return z


def placements(scores: Floats, positive: Bools) -> Placements:
    """Sort rows of scores (rows x patients) and count, once for all that is wanted of an AUC.

    Examples
    --------
    >>> placed = placements(np.array([[0.1, 0.4, 0.4, 0.8]]), np.array([False, False, True, True]))
    >>> placed.moments()[0], placed.by_patient()
    (array([0.875]), array([[1.  , 0.75, 0.75, 1.  ]]))
    """
    size = scores.shape[1]
    order = np.argsort(scores, axis=1)
    ranked = np.take_along_axis(scores, order, axis=1)
    label = positive[order]
    of_positive = np.zeros((len(scores), size + 1), dtype=np.int64)
    np.cumsum(label, axis=1, out=of_positive[:, 1:])
    at = np.arange(size + 1)
    new = np.ones((len(scores), size + 1), dtype=bool)
    np.not_equal(ranked[:, 1:], ranked[:, :-1], out=new[:, 1:-1])
    if new.all():
        below = of_positive[:, :-1]
        twice = np.where(label, 2 * (at[:-1] - below), 2 * below)
        return Placements(order, label, twice, np.ones_like(twice))
    begin = np.maximum.accumulate(np.where(new[:, :-1], at[:-1], 0), axis=1)
    end = np.minimum.accumulate(np.where(new[:, :0:-1], at[:0:-1], size), axis=1)[:, ::-1]
    # of those below and of those below or equal; their sum counts a lower score twice and an equal one once
    seen = np.take_along_axis(of_positive, begin, axis=1) + np.take_along_axis(of_positive, end, axis=1)
    return Placements(order, label, np.where(label, begin + end - seen, seen), end - begin)
