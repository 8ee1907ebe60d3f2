"""Correlations between parameters: from ranks to normal scores, and the nearest possible matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

STEPS, CLOSE = 500, 1e-10  # of the alternating projections, which converge linearly
FLOOR = 1e-10  # the smallest eigenvalue left, so that a root exists


def normal_from_rank(rank: ArrayLike) -> Floats:
    """Return the correlation of a bivariate normal with Spearman correlation `rank`: 2 sin(pi rank / 6).

    Examples
    --------
    >>> normal_from_rank([0.0, 0.5, 1.0]).round(4)
    array([0.    , 0.5176, 1.    ])
    """
    return np.asarray(2 * np.sin(np.pi * np.asarray(rank, dtype=float) / 6))


def nearest_correlation(matrix: ArrayLike) -> Floats:
    """Return the correlation matrix nearest to a symmetric one (sum of squares), by alternating projections.

    Parameters
    ----------
    matrix
        Symmetric, (P, P).

    Raises
    ------
    InvalidSetting
        Where it is not square and symmetric.
    NotEstimable
        Where the projections do not settle.

    References
    ----------
    Higham NJ. Computing the nearest correlation matrix: a problem from finance. IMA J Numer Anal 2002;22:329-343,
    algorithm 3.3.

    Examples
    --------
    >>> nearest_correlation([[1, 1, 0], [1, 1, 1], [0, 1, 1]]).round(4)
    array([[1.    , 0.7607, 0.1573],
           [0.7607, 1.    , 0.7607],
           [0.1573, 0.7607, 1.    ]])
    """
    y = np.array(matrix, dtype=float)
    if y.ndim != 2 or y.shape[0] != y.shape[1] or not np.allclose(y, y.T):
        raise InvalidSetting("Correlations must form a symmetric table.", where=f"shape {y.shape}")
    correction = np.zeros_like(y)
    for _ in range(STEPS):
        before = y
        r = y - correction
        values, vectors = np.linalg.eigh(r)
        x = (vectors * np.maximum(values, FLOOR)) @ vectors.T
        correction = x - r
        y = x.copy()
        np.fill_diagonal(y, 1.0)
        if np.abs(y - before).max() < CLOSE:
            values, vectors = np.linalg.eigh(y)
            y = (vectors * np.maximum(values, FLOOR)) @ vectors.T
            scale = np.sqrt(np.diag(y))
            return np.asarray(y / np.outer(scale, scale))
    raise NotEstimable("No correlation matrix near to this one was found.", remedy="Correct its entries.")
