"""Logistic recalibration: turn a score or foreign probabilities into probabilities that fit here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import NotEstimable
from coley.model.method import method
from coley.stats.judging.examined import outcome, probabilities
from coley.stats.logistic import logistic, sigmoid

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

COX_RECALIBRATION = (
    "Cox DR. Two further applications of a model for binary regression. Biometrika 1958;45:562-565."
)
STEYERBERG = (
    "Steyerberg EW, Borsboom GJ, van Houwelingen HC, Eijkemans MJ, Habbema JD. Validation and updating of "
    "predictive logistic regression models. Stat Med 2004;23:2567-2586."
)
STEPS, TOLERANCE = 100, 1e-12


@dataclass(frozen=True, slots=True)
class Recalibration:
    """A recalibration, frozen as it was learnt: logit p becomes intercept + slope x logit p.

    Attributes
    ----------
    intercept, slope
        Of the logit.
    n, positives
        Patients on whom it was learnt, and those with the outcome.
    """

    intercept: float
    slope: float
    n: int
    positives: int

    def apply(self, probability: ArrayLike) -> Floats:
        """Return the recalibrated probabilities of any patients, other ones for preference.

        Raises
        ------
        UnreadableInput
            Where a value is missing, or not strictly between 0 and 1.
        """
        values = probabilities(probability, np.size(probability), open_ended=True)
        return sigmoid(self.intercept + self.slope * logit(values))


@method(
    "recalibration",
    title="Logistic recalibration",
    summary="Intercept and slope on the logit that make probabilities fit the patients at hand.",
    needs="a probability and a binary outcome of each patient",
    limits="Leaves the ranking of patients, and so the AUC, as it is; must be judged on other patients than "
    "those on whom it was learnt.",
    references=(COX_RECALIBRATION, STEYERBERG),
)
def recalibrate(probability: ArrayLike, positive: ArrayLike, *, slope: bool = True) -> Recalibration:
    """Learn a recalibration.

    Parameters
    ----------
    probability
        Strictly between 0 and 1; a score may be given as its `sigmoid`.
    positive
        1 or True where the outcome happened.
    slope
        Whether the slope is learnt as well as the intercept; where not, it is 1, which needs fewer patients.

    Raises
    ------
    UnreadableInput
        Where lengths differ, or a probability is missing, 0 or 1.
    NotEstimable
        Where all outcomes or all probabilities are alike, or the probabilities separate the outcomes.

    References
    ----------
    Cox 1958; Steyerberg et al. 2004, methods 2 and 3.

    Examples
    --------
    >>> found = recalibrate([0.6, 0.7, 0.8, 0.7, 0.9, 0.8], [0, 0, 0, 1, 1, 1], slope=False)
    >>> found.apply([0.6, 0.7, 0.8, 0.7, 0.9, 0.8]).mean().round(6)
    np.float64(0.5)
    """
    label = outcome(positive)
    predictor = logit(probabilities(probability, len(label), open_ended=True))
    if slope:
        a, b = logistic(label, predictor, names=["logit of the probability"]).coefficients.tolist()
    else:
        a, b = offset_intercept(label, predictor), 1.0
    return Recalibration(a, b, len(label), int(label.sum()))


def offset_intercept(positive: NDArray[np.bool_], predictor: Floats) -> float:
    """Return the intercept that, added to a linear predictor, makes the mean probability the observed rate."""
    total = positive.sum()
    place = float(np.log(total / (len(positive) - total)) - predictor.mean())
    for _ in range(STEPS):
        chance = sigmoid(place + predictor)
        step = float((total - chance.sum()) / (chance * (1 - chance)).sum())
        place += float(np.clip(step, -1, 1))  # a long step may leap over the root and not come back
        if abs(step) < TOLERANCE * (1 + abs(place)):
            return place
    raise NotEstimable("No intercept gives the probabilities the mean of the outcome.")


def logit(probability: Floats) -> Floats:
    """Return the log odds of probabilities strictly between 0 and 1."""
    odds: Floats = np.log(probability) - np.log1p(-probability)
    return odds
