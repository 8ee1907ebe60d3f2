"""Restricted cubic splines: smooth curves that are straight beyond the outer knots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

# Quantiles at which knots stand, by their number: Harrell FE. Regression Modeling Strategies, 2nd ed. Springer
# 2015, table 2.3.
QUANTILES = {
    3: (0.1, 0.5, 0.9),
    4: (0.05, 0.35, 0.65, 0.95),
    5: (0.05, 0.275, 0.5, 0.725, 0.95),
    6: (0.05, 0.23, 0.41, 0.59, 0.77, 0.95),
    7: (0.025, 0.1833, 0.3417, 0.5, 0.6583, 0.8167, 0.975),
}


def harrell_knots(x: ArrayLike, count: int = 4) -> Floats:
    """Return knots at the usual quantiles; keep them, and hand them to `restricted_cubic_spline` ever after.

    Where many patients share a value, so that quantiles coincide, they are taken among the distinct values.

    Parameters
    ----------
    x
        Values of the patients on whom the model is fitted.
    count
        Number of knots, 3 to 7.

    Raises
    ------
    InvalidSetting
        For another number of knots.
    UnreadableInput
        Where values are missing.
    NotEstimable
        Where there are fewer distinct values than knots.

    Examples
    --------
    >>> harrell_knots(range(101), 3)
    array([10., 50., 90.])
    """
    if count not in QUANTILES:
        raise InvalidSetting(
            f"No knots are laid down for {count}.", remedy=f"Choose one of {list(QUANTILES)}."
        )
    values = _finite(x)
    distinct = np.unique(values)
    if len(distinct) < count:
        raise NotEstimable(
            f"{len(distinct)} distinct values cannot carry {count} knots.",
            cause="a marker of few levels, or too few patients",
            remedy="Enter it as a straight line or as a factor.",
        )
    knots = np.quantile(values, QUANTILES[count])
    return knots if (np.diff(knots) > 0).all() else np.quantile(distinct, QUANTILES[count])


def restricted_cubic_spline(x: ArrayLike, knots: ArrayLike | None = None) -> Floats:
    """Return the columns of a restricted cubic spline: x itself, then one curved column fewer than inner spans.

    Parameters
    ----------
    x
        Values, of any patients.
    knots
        Increasing; from `harrell_knots` of the patients on whom the model is fitted. Where None, of these: four.

    Returns
    -------
    array
        Patients x (knots - 1), in units of x.

    Raises
    ------
    InvalidSetting
        Where knots are fewer than three or do not increase.
    UnreadableInput
        Where values are missing.

    References
    ----------
    Harrell FE. Regression Modeling Strategies, 2nd ed. Springer 2015, section 2.4.5.

    Examples
    --------
    >>> restricted_cubic_spline([0.0, 2.0, 5.0], knots=[1, 2, 4]).round(3)
    array([[0.   , 0.   ],
           [2.   , 0.111],
           [5.   , 2.667]])
    """
    values = _finite(x)
    t = harrell_knots(values) if knots is None else np.asarray(knots, dtype=float)
    if t.ndim != 1 or len(t) < 3 or not np.isfinite(t).all() or not (np.diff(t) > 0).all():
        raise InvalidSetting(f"Knots must be at least three and increase; these are {t.tolist()}.")
    cube = np.maximum(values[:, None] - t, 0) ** 3
    last, end = t[-2], t[-1]
    curved = (
        cube[:, :-2]
        - cube[:, -2:-1] * (end - t[:-2]) / (end - last)
        + cube[:, -1:] * (last - t[:-2]) / (end - last)
    )
    return np.column_stack([values, curved / (end - t[0]) ** 2])


def _finite(x: ArrayLike) -> Floats:
    values = np.asarray(x, dtype=float)
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise UnreadableInput(
            "A spline needs one finite number a patient.",
            where=f"shape {values.shape}; unusable values at rows {np.flatnonzero(~np.isfinite(values))[:5].tolist()}",
            remedy="Leave out patients whose value is unknown, and say how many.",
        )
    return values
