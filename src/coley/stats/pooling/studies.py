"""Estimates of many markers in shared cohorts, examined: a table with holes where a cohort was not studied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Studies:
    """Estimates and variances, markers x cohorts.

    Attributes
    ----------
    y, v
        Estimates and their variances; 0 and 1 where there is none.
    there
        1 where a cohort counts, else 0.
    """

    y: Floats
    v: Floats
    there: Floats

    @property
    def k(self) -> Floats:
        """Cohorts of each marker."""
        total: Floats = self.there.sum(axis=1)
        return total

    def weights(self, tau2: Floats) -> Floats:
        """Return inverse variances under the between-cohort variances `tau2`, one a marker; 0 for holes."""
        return self.there / (self.v + tau2[:, None])

    def mean(self, w: Floats) -> Floats:
        """Return the weighted mean of each marker; NaN where nothing carries weight."""
        with np.errstate(invalid="ignore", divide="ignore"):
            mean: Floats = (w * self.y).sum(axis=1) / w.sum(axis=1)
        return mean

    def spread(self, w: Floats) -> Floats:
        """Return the weighted sum of squares about the weighted mean: Cochran's Q, for any weights."""
        spread: Floats = (w * (self.y - self.mean(w)[:, None]) ** 2).sum(axis=1)
        return spread


def studies(estimates: ArrayLike, standard_errors: ArrayLike) -> Studies:
    """Examine estimates with their standard errors, markers x cohorts.

    A cohort in which either number is NaN does not count for that marker.

    Raises
    ------
    UnreadableInput
        Where shapes differ, a number is infinite, or a standard error is not positive.

    Examples
    --------
    >>> studies([[0.2, float("nan"), 0.4]], [[0.1, 0.1, 0.2]]).k
    array([2.])
    """
    y, se = (np.atleast_2d(np.asarray(a, dtype=float)) for a in (estimates, standard_errors))
    if y.shape != se.shape or y.ndim != 2:
        raise UnreadableInput(
            "Each estimate needs one standard error.", where=f"shapes {y.shape} and {se.shape}"
        )
    bad = np.isinf(y) | np.isinf(se) | (se <= 0)
    if bad.any():
        row, column = (int(i[0]) for i in np.nonzero(bad))
        raise UnreadableInput(
            "Estimates must be finite and standard errors positive; NaN marks a cohort without an estimate.",
            where=f"{int(bad.sum())} of {bad.size}, first at row {row}, cohort {column}: "
            f"{y[row, column]:g} with standard error {se[row, column]:g}",
            cause="a cohort with no events in a group, or an AUC of 0 or 1, has no standard error of its own",
            remedy="Use a method that holds there (Firth's penalty, a shrunken AUC), or give NaN and say so.",
        )
    there = np.isfinite(y) & np.isfinite(se)
    return Studies(np.where(there, y, 0.0), np.where(there, se, 1.0) ** 2, there.astype(float))
