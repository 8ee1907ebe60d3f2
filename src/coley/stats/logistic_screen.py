"""Firth's logistic regression of one covariate at a time, for hundreds of columns together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.model.method import method
from coley.stats.logistic import FIRTH, HEINZE_SCHEMPER, firth_logistic, sigmoid
from coley.stats.tails import normal_two_sided

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

TOLERANCE = 1e-9  # of the largest step, in standard deviations of the column
MOST_STEPS = 100
SHORTEST = 1 / 16  # of a step: four turns
LONGEST_STEP = 2.0  # log odds a standard deviation; a longer Newton step from a flat place overshoots


@dataclass(frozen=True, eq=False)
class LogisticScreen:
    """One penalised fit a column; NaN where a column does not vary.

    Attributes
    ----------
    names
        Of the columns.
    log_odds_ratio, se
        Per standard deviation of the column.
    z, p
        Wald statistic and its two-sided p.
    sd
        Standard deviation of each column (n - 1).
    n, events
        Patients, and those with the outcome.
    """

    names: tuple[str, ...]
    log_odds_ratio: Floats
    se: Floats
    z: Floats
    p: Floats
    sd: Floats
    n: int
    events: int


@method(
    "logistic_screen",
    title="Firth's logistic regression, one covariate at a time",
    summary="Odds ratio per standard deviation of each of many markers, finite even where a marker separates the "
    "outcomes.",
    needs="a binary outcome and any number of columns",
    limits="Wald intervals, which are short of the profile's where events are few; each column stands alone, "
    "without adjustment.",
    references=(FIRTH, HEINZE_SCHEMPER),
)
def logistic_screen(y: ArrayLike, X: ArrayLike, *, names: Sequence[str] | None = None) -> LogisticScreen:
    """Fit each column by itself under Firth's penalty.

    Parameters
    ----------
    y
        (n,) outcome, 0 or 1.
    X
        Patients x columns, without missing values.
    names
        Of the columns.

    Raises
    ------
    UnreadableInput
        Where inputs differ in length, `y` holds anything but 0 and 1, or `X` a value that is not finite.
    NotEstimable
        Where everybody has the same outcome.

    References
    ----------
    Firth 1993; for one covariate and an intercept the score of Heinze and Schemper 2002, eq. 2, and the
    inverse of its 2 x 2 information in closed form.

    Examples
    --------
    >>> made = logistic_screen([0, 0, 0, 1, 1, 1], [[1, 5], [2, 5], [3, 5], [4, 5], [5, 5], [6, 5]])
    >>> made.log_odds_ratio.round(2)
    array([2.11,  nan])
    """
    outcome = np.asarray(y, dtype=float)
    matrix = np.asarray(X, dtype=float)
    matrix = matrix[:, None] if matrix.ndim == 1 else matrix
    if outcome.ndim != 1 or matrix.ndim != 2 or len(matrix) != len(outcome) or not np.isfinite(matrix).all():
        raise UnreadableInput(
            f"The columns need one finite value for each of {outcome.size} patients.",
            where=f"shape {matrix.shape}, {int((~np.isfinite(matrix)).sum())} values missing or infinite",
        )
    if not np.isin(outcome, (0, 1)).all():
        raise UnreadableInput("The outcome must be 0 or 1.", where=f"values {np.unique(outcome)[:5]}")
    if outcome.min() == outcome.max():
        raise NotEstimable("Everybody has the same outcome.", remedy="Nothing can be associated with it.")
    labels = tuple(names) if names is not None else tuple(f"x{j + 1}" for j in range(matrix.shape[1]))
    if len(labels) != matrix.shape[1]:
        raise InvalidSetting(f"{matrix.shape[1]} columns cannot carry {len(labels)} names.")
    sd = matrix.std(axis=0, ddof=1)
    varies = sd > 1e-12 * np.maximum(np.abs(matrix).max(axis=0), 1e-300)
    slope, se = np.full((2, len(labels)), np.nan)
    if varies.any():
        unit = (matrix[:, varies] - matrix[:, varies].mean(axis=0)) / sd[varies]
        slope[varies], se[varies] = _climb(outcome, unit)
    z = slope / se
    return LogisticScreen(
        labels, slope, se, z, normal_two_sided(z), np.where(varies, sd, 0.0), len(outcome), int(outcome.sum())
    )


def _climb(y: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Return slope and standard error of each column of `x` (centred, of unit variance).

    Steps are those of the information without the penalty, which overshoot where one value has all the leverage:
    whenever a column turns back, its steps are halved.
    """
    m = x.shape[1]
    at = np.zeros((2, m))  # intercept and slope
    at[0] = np.log((y.sum() + 0.5) / (len(y) - y.sum() + 0.5))
    before, stride = np.zeros((2, m)), np.ones(m)
    moving = np.ones(m, dtype=bool)
    for _ in range(MOST_STEPS):
        here = x[:, moving]
        p = sigmoid(at[0, moving] + here * at[1, moving])
        v00, v01, v11, w = _inverse(p, here)
        leverage = w * (v00 + here * (2 * v01 + here * v11))
        residual = y[:, None] - p + leverage * (0.5 - p)
        u0, u1 = residual.sum(axis=0), (here * residual).sum(axis=0)
        steps = np.array([v00 * u0 + v01 * u1, v01 * u0 + v11 * u1])
        longest = np.abs(steps).max(axis=0)
        turned = (steps * before[:, moving]).sum(axis=0) < 0
        stride[moving] = np.where(turned, np.maximum(stride[moving] / 2, SHORTEST), stride[moving])
        at[:, moving] += steps * np.minimum(stride[moving], LONGEST_STEP / np.maximum(longest, 1e-300))
        before[:, moving] = steps
        moving[moving] = longest > TOLERANCE
        if not moving.any():
            break
    _, _, variance, _ = _inverse(sigmoid(at[0] + x * at[1]), x)
    slope, se = at[1], np.sqrt(variance)
    for j in np.flatnonzero(moving):  # still circling: the fit that climbs the penalised likelihood itself
        fit = firth_logistic(y, x[:, j], profile=False)
        slope[j], se[j] = fit.coefficients[1], np.sqrt(fit.covariance[1, 1])
    return slope, se


def _inverse(p: Floats, x: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the entries of the inverse information of intercept and slope, and the weights."""
    w = p * (1 - p)
    a, b, c = w.sum(axis=0), (w * x).sum(axis=0), (w * x * x).sum(axis=0)
    determinant = a * c - b * b
    return c / determinant, -b / determinant, a / determinant, w
