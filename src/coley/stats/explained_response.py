"""How much of the variation in a binary outcome do known factors explain, as if on patients not yet seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import NotEstimable
from coley.model.method import method
from coley.stats.design import design
from coley.stats.logistic import firth_logistic, logistic, sigmoid
from coley.stats.optimism import HARRELL, Corrected, optimism_corrected
from coley.stats.tails import z_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

MCFADDEN = (
    "McFadden D. Conditional logit analysis of qualitative choice behavior. In: Zarembka P, ed. Frontiers in "
    "econometrics. Academic Press 1974:105-142."
)
NAGELKERKE = (
    "Nagelkerke NJD. A note on a general definition of the coefficient of determination. "
    "Biometrika 1991;78:691-692."
)
TJUR = "Tjur T. Coefficients of determination in logistic regression models. Am Stat 2009;63:366-372."
FLIC = (
    "Puhr R, Heinze G, Nold M, Lusa L, Geroldinger A. Firth's logistic regression with rare events: accurate "
    "effect estimates and predictions? Stat Med 2017;36:2302-2317."
)
INTERCEPT_STEPS, INTERCEPT_TOLERANCE = 50, 1e-12


@dataclass(frozen=True)
class ExplainedOutcome:
    """The share of the variation in a binary outcome that is explained, by three measures.

    Attributes
    ----------
    nagelkerke
        Likelihood R2 on a scale whose largest value is 1.
    mcfadden
        Share of the log-likelihood of the constant model that is saved.
    tjur
        Mean fitted probability of those with the outcome less that of those without.
    n, events
        Patients, and those with the outcome.
    bootstraps, failed
        Resamples used, and those in which the model could not be fitted.
    """

    nagelkerke: Corrected
    mcfadden: Corrected
    tjur: Corrected
    n: int
    events: int
    bootstraps: int
    failed: int


@method(
    "likelihood_r2",
    title="Likelihood R2 of a logistic regression",
    summary="Share of the variation in a binary outcome that a model explains, corrected for optimism.",
    needs="a binary outcome and covariates of each patient",
    limits="Low even for good models where the outcome is rare or chance is large; the three measures are on "
    "different scales and must not be compared with each other.",
    references=(NAGELKERKE, MCFADDEN, TJUR, FLIC, HARRELL),
)
def likelihood_r2(
    y: ArrayLike,
    X: ArrayLike,
    *,
    penalised: bool = True,
    bootstraps: int = 200,
    seed: int = 1,
    level: float = 0.95,
    names: Sequence[str] | None = None,
) -> ExplainedOutcome:
    """Measure how much of the variation in a binary outcome the covariates explain.

    Each value is what the fitted model would show on new patients: the apparent value less the optimism found
    by bootstrap. It is negative where the model would do worse there than the constant.

    Parameters
    ----------
    y
        1 or True where the outcome happened.
    X
        Patients x covariates: any factors, as columns.
    penalised
        Whether the model is fitted under Firth's penalty, with the intercept set so that fitted probabilities
        have the observed mean; resamples that are separated can then be used. Maximum likelihood otherwise.
    bootstraps, seed
        Number of resamples, and the seed that makes them.
    level
        Coverage of the intervals.
    names
        Of the columns.

    Raises
    ------
    UnreadableInput, NotEstimable
        As for `logistic`; and where the model cannot be fitted in more than one resample of ten.

    References
    ----------
    Nagelkerke 1991, eq. 3; McFadden 1974; Tjur 2009, eq. 1; Puhr et al. 2017, section 2.3.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> marker = rng.normal(size=(200, 1))
    >>> y = rng.random(200) < 1 / (1 + np.exp(-marker[:, 0]))
    >>> found = likelihood_r2(y, marker, bootstraps=50)
    >>> found.nagelkerke.value.value < found.nagelkerke.apparent
    True
    """
    z_of(level)
    outcome = np.asarray(y, dtype=float)
    matrix = design(X, len(outcome), names=names).X

    def fit(chosen: NDArray[np.intp]) -> Floats:
        if not penalised:
            return logistic(outcome[chosen], matrix[chosen], names=names).coefficients
        slopes = firth_logistic(outcome[chosen], matrix[chosen], profile=False, names=names).coefficients[1:]
        return np.append(_intercept(outcome[chosen], matrix[chosen] @ slopes), slopes)

    def measure(coefficients: Floats, chosen: NDArray[np.intp] | None) -> dict[str, float]:
        seen, rows = (outcome, matrix) if chosen is None else (outcome[chosen], matrix[chosen])
        return _measures(seen, coefficients[0] + rows @ coefficients[1:])

    found = optimism_corrected(len(outcome), fit, measure, bootstraps=bootstraps, seed=seed, level=level)
    return ExplainedOutcome(
        **found.measures,
        n=len(outcome),
        events=int(outcome.sum()),
        bootstraps=found.bootstraps,
        failed=found.failed,
    )


def _measures(y: Floats, predictor: Floats) -> dict[str, float]:
    n, rate, chance = len(y), y.mean(), sigmoid(predictor)
    null = n * float(rate * np.log(rate) + (1 - rate) * np.log1p(-rate))
    value = float(y @ predictor - np.logaddexp(0, predictor).sum())
    return {
        "nagelkerke": float(np.expm1(-2 * (value - null) / n) / np.expm1(2 * null / n)),
        "mcfadden": 1 - value / null,
        "tjur": float(chance[y == 1].mean() - chance[y == 0].mean()),
    }


def _intercept(y: Floats, index: Floats) -> float:
    """Return the intercept with which the fitted probabilities have the mean of the outcome."""
    total, place = y.sum(), float(np.log(y.mean() / (1 - y.mean())) - index.mean())
    for _ in range(INTERCEPT_STEPS):
        chance = sigmoid(place + index)
        step = float((total - chance.sum()) / (chance * (1 - chance)).sum())
        place += float(np.clip(step, -1, 1))  # a long step may leap over the root and not come back
        if abs(step) < INTERCEPT_TOLERANCE * (1 + abs(place)):
            return place
    raise NotEstimable("No intercept gives the fitted probabilities the mean of the outcome.")
