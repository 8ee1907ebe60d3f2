"""Logistic regressions on many subsets of the same patients at once, as the folds of a cross-validation are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import NotEstimable
from coley.stats.design import design
from coley.stats.logistic import logistic, sigmoid
from coley.stats.newton import DECREMENT

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

STEPS = (
    12  # from the coefficients of all patients a subset needs four; one that needs more is fitted by itself
)
LEAST_CURVATURE = (
    1e-8  # relative; flatter, columns of the subset may be aliased: fitted by itself, which tells
)


def logistic_subsets(y: ArrayLike, X: ArrayLike, rows: ArrayLike) -> list[Floats | None]:
    """Return the coefficients of a logistic regression on each subset of patients, the intercept first.

    All subsets climb together, from the coefficients of all patients; whichever does not settle is fitted by itself.

    Parameters
    ----------
    y
        1 or True where the outcome happened, (n,).
    X
        Covariates, patients x columns, without a column for the intercept.
    rows
        Subsets x patients: True for those who are in it.

    Returns
    -------
    list
        (columns + 1,) for each subset; None where it has no finite estimate.

    Raises
    ------
    UnreadableInput, NotEstimable
        As `logistic`, for all patients together.

    References
    ----------
    Cox 1958.

    Examples
    --------
    >>> y, x = [0, 0, 1, 0, 1, 1, 0, 1], [1, 2, 3, 4, 5, 6, 7, 8]
    >>> found = logistic_subsets(y, x, [[True] * 8, [True] * 7 + [False], [True] * 2 + [False] * 6])
    >>> [None if one is None else one.round(3).tolist() for one in found]
    [[-1.949, 0.433], [-1.545, 0.308], None]
    """
    outcome, kept = np.asarray(y, dtype=float), np.asarray(rows, dtype=float)
    covariates = design(X, len(outcome))
    raw = covariates.X
    Z = np.column_stack([np.ones(len(outcome)), covariates.Z.T])
    whole = logistic(outcome, raw).coefficients
    place = np.concatenate([[whole[0] + covariates.centre @ whole[1:]], covariates.scale * whole[1:]])
    climbed = _climb(Z, outcome, kept, place)
    slopes = climbed[:, 1:] / covariates.scale
    together = np.column_stack([climbed[:, 0] - slopes @ covariates.centre, slopes])
    return [
        one if np.isfinite(one).all() else _alone(outcome[inside], raw[inside])
        for one, inside in zip(together, kept.astype(bool), strict=True)
    ]


def _climb(Z: Floats, y: Floats, kept: Floats, start: Floats) -> Floats:
    """Return the places, subsets x columns, that Newton's steps settle at; NaN where they do not."""
    place = np.tile(start, (len(kept), 1))
    settled = np.zeros(len(kept), dtype=bool)
    pairs = (Z[:, :, None] * Z[:, None, :]).reshape(len(Z), -1)
    for _ in range(STEPS):
        chance = sigmoid(place @ Z.T)
        gradient = (kept * (y - chance)) @ Z
        curvature = ((kept * chance * (1 - chance)) @ pairs).reshape(len(kept), Z.shape[1], -1)
        spread = np.linalg.eigvalsh(curvature)
        steep = spread[:, 0] > LEAST_CURVATURE * spread[:, -1]
        if not steep.any():
            break
        step = np.zeros_like(place)
        step[steep] = np.linalg.solve(curvature[steep], gradient[steep, :, None])[..., 0]
        place = np.where(settled[:, None], place, place + step)
        settled |= steep & ((gradient * step).sum(axis=1) <= DECREMENT)
        if settled.all():
            break
    return np.where(settled[:, None], place, np.nan)


def _alone(y: Floats, X: Floats) -> Floats | None:
    try:
        return logistic(y, X).coefficients
    except NotEstimable:
        return None
