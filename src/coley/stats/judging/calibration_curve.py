"""A smooth calibration curve, its band, and how far it lies from the diagonal."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import NotEstimable
from coley.stats.judging.examined import outcome, probabilities
from coley.stats.judging.recalibration import logit
from coley.stats.judging.splines import harrell_knots, restricted_cubic_spline
from coley.stats.logistic import logistic, sigmoid
from coley.stats.tails import z_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

PER_COLUMN = 10  # of the rarer class, for each column of the curve: the customary events per variable
MOST_COLUMNS = 3  # that is four knots, as Harrell's val.prob has in its spline
POINTS = 101
MEAN_ABSOLUTE = float(np.sqrt(2 / np.pi))  # of a standard normal variable


@dataclass(frozen=True, eq=False)
class CalibrationCurve:
    """Observed outcome as a smooth function of the probability, over the range of those seen.

    Attributes
    ----------
    predicted, observed, low, high
        The curve, with its pointwise band.
    knots
        On the logit; empty where the curve is straight there.
    ici
        Integrated calibration index: mean distance of the curve from the probabilities of the patients. It is never
        0, so that it has no interval: see `ici_by_chance`.
    e90
        The distance that nine of ten patients do not exceed.
    ici_by_chance
        About the index that these patients would show if every probability were right.
    level
        Coverage of the band.
    """

    predicted: Floats
    observed: Floats
    low: Floats
    high: Floats
    knots: Floats
    ici: float
    e90: float
    ici_by_chance: float
    level: float


def calibration_curve(
    probability: ArrayLike, positive: ArrayLike, *, level: float = 0.95
) -> CalibrationCurve:
    """Fit the outcome as a restricted cubic spline of the logit of the probability.

    With fewer than 20 patients in the rarer class the curve is straight on the logit; it has one knot more for
    every further 10, up to four.

    Parameters
    ----------
    probability
        Strictly between 0 and 1.
    positive
        1 or True where the outcome happened.
    level
        Coverage of the pointwise band.

    Raises
    ------
    UnreadableInput
        Where lengths differ, or a probability is missing, 0 or 1.
    NotEstimable
        Where all outcomes or all probabilities are alike, or the probabilities separate the outcomes.

    References
    ----------
    Austin and Steyerberg 2019; the expectation of the index under right probabilities follows from the
    normal approximation to the fitted curve.

    Examples
    --------
    >>> curve = calibration_curve([0.2, 0.4, 0.3, 0.8, 0.6, 0.7], [0, 1, 0, 1, 0, 1])
    >>> curve.predicted[[0, -1]], round(curve.ici, 2), len(curve.knots)
    (array([0.2, 0.8]), 0.1, 0)
    """
    z = z_of(level)
    label = outcome(positive)
    chance = probabilities(probability, len(label), open_ended=True)
    predictor = logit(chance)
    columns = min(MOST_COLUMNS, int(min(label.sum(), (~label).sum())) // PER_COLUMN)
    knots = np.empty(0)
    if columns > 1:
        with suppress(NotEstimable):  # a score of few values carries no more than a straight line
            knots = harrell_knots(predictor, columns + 1)

    def basis(x: Floats) -> Floats:
        return restricted_cubic_spline(x, knots) if len(knots) else x[:, None]

    def along(x: Floats) -> Floats:
        return np.column_stack([np.ones(len(x)), basis(x)])

    fit = logistic(label, basis(predictor), level=level)
    away = np.abs(sigmoid(along(predictor) @ fit.coefficients) - chance)
    weight, Z = chance * (1 - chance), along(predictor)
    if_right = np.linalg.inv(
        (Z * weight[:, None]).T @ Z
    )  # variance of the curve, had the probabilities been right
    spread = weight * np.sqrt(np.einsum("nj,jk,nk->n", Z, if_right, Z))
    predicted = np.linspace(chance.min(), chance.max(), POINTS)
    Z = along(logit(predicted))
    centre, half = Z @ fit.coefficients, z * np.sqrt(np.einsum("nj,jk,nk->n", Z, fit.covariance, Z))
    return CalibrationCurve(
        predicted=predicted,
        observed=sigmoid(centre),
        low=sigmoid(centre - half),
        high=sigmoid(centre + half),
        knots=knots,
        ici=float(away.mean()),
        e90=float(np.quantile(away, 0.9)),
        ici_by_chance=float(MEAN_ABSOLUTE * spread.mean()),
        level=level,
    )
