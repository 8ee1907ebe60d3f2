"""Logistic regression with case weights and a robust variance: for inverse-probability weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import NotEstimable
from coley.stats.design import design, refuse_aliased
from coley.stats.logistic import sigmoid
from coley.stats.newton import maximise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class WeightedLogistic:
    """Log odds ratios, the intercept first, with the sandwich covariance."""

    coefficients: Floats
    covariance: Floats

    def risk(self, X: Floats) -> Floats:
        """Return the fitted probability of patients with the covariates `X`."""
        return sigmoid(self.coefficients[0] + X @ self.coefficients[1:])


def weighted_logistic(y: Floats, X: Floats, weights: Floats, *, names: Sequence[str]) -> WeightedLogistic:
    """Fit a logistic regression to weighted rows; those of weight 0 are left out.

    Raises
    ------
    NotEstimable
        Where all outcomes are alike, a column is constant or a combination of others, or the outcome separated.

    References
    ----------
    Huber PJ. Proc 5th Berkeley Symp 1967;1:221-233 (the variance).

    Examples
    --------
    >>> y, x = np.array([0.0, 1, 0, 1, 1, 0]), np.array([[0.0], [0], [0], [1], [1], [1]])
    >>> weighted_logistic(y, x, np.ones(6), names=["x"]).coefficients.round(3)
    array([-0.693,  1.386])
    """
    kept = weights > 0
    outcome, w = y[kept], weights[kept] / weights[kept].mean()
    if len(outcome) == 0 or np.ptp(outcome) == 0:
        raise NotEstimable("Every outcome is alike: nothing can be associated with it.")
    covariates = design(X[kept], len(outcome), names=names)
    Z = np.vstack([np.ones(len(outcome)), covariates.Z])
    refuse_aliased((Z[1:] * w) @ Z[1:].T, covariates.names, who="among the patients with weight")

    def evaluate(place: Floats) -> tuple[float, Floats, Floats]:
        predictor = place @ Z
        chance = sigmoid(predictor)
        value = float(w @ (outcome * predictor - np.logaddexp(0, predictor)))
        return value, Z @ (w * (outcome - chance)), (Z * (w * chance * (1 - chance))) @ Z.T

    rate = float(w @ outcome) / len(outcome)
    start = np.zeros(len(Z))
    start[0] = np.log(rate / (1 - rate))
    top = maximise(evaluate, start, Z=Z, names=("", *covariates.names))
    bread = np.linalg.inv(top.information)
    scores = Z * (w * (outcome - sigmoid(top.place @ Z)))
    to_raw = np.diag(np.append(1.0, 1 / covariates.scale))
    to_raw[0, 1:] = -covariates.centre / covariates.scale
    return WeightedLogistic(to_raw @ top.place, to_raw @ bread @ (scores @ scores.T) @ bread @ to_raw.T)
