"""Fractions by constrained least squares on pure profiles, with a bootstrap over genes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def capped_least_squares(A: Floats, B: Floats, weights: Floats | None = None) -> Floats:
    """Minimise the (weighted) squared distance of A f to each column of B, over f >= 0 with sum(f) <= 1.

    Parameters
    ----------
    A
        Genes x cells: profiles of pure cells.
    B
        Genes x samples, in the unit of `A`.
    weights
        One non-negative number for each gene.

    Returns
    -------
    ndarray
        Cells x samples.

    References
    ----------
    Lawson CL, Hanson RJ. Solving least squares problems. Prentice-Hall 1974, chapter 23.

    Examples
    --------
    >>> pure = np.array([[10.0, 0.0], [0.0, 20.0], [1.0, 1.0]])
    >>> capped_least_squares(pure, pure @ [[0.3], [0.5]]).ravel().round(6)
    array([0.3, 0.5])
    """
    from coley.biology.deconvolution.nonnegative import capped

    weighted = A if weights is None else A * weights[:, None]
    square = B * B if weights is None else B * B * weights[:, None]
    found: Floats = capped(
        np.ascontiguousarray(weighted.T @ A), np.ascontiguousarray(B.T @ weighted), square.sum(axis=0)
    )
    return found.T


def cells_from_mrna(shares: Floats, mrna: Floats) -> Floats:
    """Turn shares of mRNA into shares of cells; their sum, and so the uncharacterised rest, is kept.

    A cell with twice the mRNA counts half; the authors then restore the sum (Finotello 2019, Methods).
    """
    cells = shares / mrna[:, None]
    total = cells.sum(axis=0)
    scale = np.divide(shares.sum(axis=0), total, out=np.zeros_like(total), where=total > 0)
    return np.asarray(cells * scale)


def with_limits(
    fit: Callable[[Floats, Floats, Floats | None], Floats],
    A: Floats,
    B: Floats,
    *,
    draws: int,
    seed: int,
    level: float,
) -> tuple[Floats, Floats, Floats]:
    """Fit, and fit again with genes drawn anew; return value and percentile limits.

    The same draws serve all samples, so that a sample's limits do not depend on the others. Limits are
    widened to hold the value; without draws they are NaN.

    Parameters
    ----------
    fit
        `fit(A, B, weights of genes or None)`, cells x samples.
    """
    value = fit(A, B, None)
    if draws < 1:
        return value, np.full_like(value, np.nan), np.full_like(value, np.nan)
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(len(A), np.full(len(A), 1 / len(A)), size=draws).astype(float)
    low, high = percentile_limits(np.array([fit(A, B, row) for row in weights]), value, level)
    return value, low, high


def percentile_limits(draws: Floats, value: Floats, level: float) -> tuple[Floats, Floats]:
    """Return percentile limits over the first axis, widened to hold the value itself.

    Raises
    ------
    InvalidSetting
        Where the level is not a proportion.
    """
    if not 0 < level < 1:
        raise InvalidSetting(f"A level of {level} is no coverage of an interval.", remedy="Give 0.95, say.")
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return np.minimum(low, value), np.maximum(high, value)
