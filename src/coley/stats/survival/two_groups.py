"""Two groups of patients followed up: examined once, for every contrast of two curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import NotEstimable, UnreadableInput
from coley.stats.survival.follow_up import FollowUp, follow_up
from coley.stats.survival.kaplan_meier import SurvivalCurve, kaplan_meier

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def two_groups(time: ArrayLike, event: ArrayLike, treated: ArrayLike) -> tuple[FollowUp, NDArray[np.bool_]]:
    """Return examined rows, and which of them are treated.

    Raises
    ------
    UnreadableInput
        Where a value is missing or impossible, or `treated` holds anything but 0 and 1.
    NotEstimable
        Where a group is empty.

    Examples
    --------
    >>> two_groups([1, 2], [1, 0], [0, 1])[1]
    array([False,  True])
    """
    rows = follow_up(time, event, labels={"treated": treated})
    given = np.asarray(treated)
    if given.dtype.kind not in "biuf" or not np.isin(given, (0, 1)).all():
        seen = list(dict.fromkeys(given.ravel().tolist()))[:5]
        raise UnreadableInput(
            f"'treated' holds {seen}; only 0 and 1 (or False and True) name two groups.",
            remedy="Compare the arm with its name: arm == 'pembrolizumab'.",
        )
    first = given.astype(bool)
    if first.all() or not first.any():
        raise NotEstimable(
            "Two groups are compared, and one of them has no patient.",
            where=f"{int(first.sum())} treated, {int((~first).sum())} others",
        )
    return rows, first


def two_curves(
    time: ArrayLike, event: ArrayLike, treated: ArrayLike, *, level: float = 0.95
) -> tuple[SurvivalCurve, SurvivalCurve]:
    """Return the survival curve of the treated, then that of the others.

    Examples
    --------
    >>> [curve.n for curve in two_curves([1, 2, 3], [1, 0, 1], [0, 1, 1])]
    [2, 1]
    """
    rows, first = two_groups(time, event, treated)
    one, two = (kaplan_meier(rows.time[g], rows.event[g], level=level) for g in (first, ~first))
    return one, two
