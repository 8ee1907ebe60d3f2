"""Interaction against a control that was not randomised: adjusted, weighted, and labelled as such."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from coley.model.errors import InvalidSetting, NotEstimable
from coley.model.method import method
from coley.stats.interaction.arms import MARKER, Arms, arms
from coley.stats.interaction.relative import Interaction, treatment_by_marker
from coley.stats.logistic import logistic
from coley.stats.survival.cox import LIN_WEI

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

COLE_HERNAN = (
    "Cole SR, Hernán MA. Constructing inverse probability weights for marginal structural models. "
    "Am J Epidemiol 2008;168:656-664."
)
AUSTIN = (
    "Austin PC. Balance diagnostics for comparing the distribution of baseline covariates between treatment groups "
    "in propensity-score matched samples. Stat Med 2009;28:3083-3107."
)
AUSTIN_STUART = (
    "Austin PC, Stuart EA. Moving towards best practice when using inverse probability of treatment weighting using "
    "the propensity score to estimate causal treatment effects in observational studies. Stat Med 2015;34:3661-3679."
)
# Austin 2009: a standardised difference above this is taken for imbalance.
BALANCED = 0.1


@dataclass(frozen=True, eq=False)
class Balance:
    """Standardised mean differences, treated minus others, of the marker and each covariate.

    Attributes
    ----------
    names, before, after
        Of the columns; without weights and with them.
    worst
        Largest absolute difference with weights.
    """

    names: tuple[str, ...]
    before: Floats
    after: Floats

    @property
    def worst(self) -> float:
        """Largest absolute standardised difference that is left with weights."""
        return float(np.abs(self.after).max())

    @property
    def balanced(self) -> bool:
        """Whether every difference that is left is at most a tenth of a standard deviation (Austin 2009)."""
        return self.worst <= BALANCED


@dataclass(frozen=True, eq=False)
class AdjustedContrast:
    """An interaction against a control that was not randomised, by adjustment and by weighting.

    Attributes
    ----------
    design
        Always "non-randomised": what was not measured is not balanced, and the interaction may be one of patients
        and not of treatment.
    crude, adjusted, weighted
        The interaction without covariates, with them, and with inverse-probability-of-treatment weights and the
        robust variance.
    balance
        Of marker and covariates before and after weighting.
    weights, truncation
        Stabilised weights of the patients, and the quantiles at which they were cut.
    effective
        Effective numbers of treated and others under the weights.
    """

    design: Literal["non-randomised"]
    crude: Interaction
    adjusted: Interaction
    weighted: Interaction
    balance: Balance
    weights: Floats
    truncation: tuple[float, float]
    effective: tuple[float, float]


@method(
    "adjusted_contrast",
    title="Treatment-by-marker interaction against a non-randomised control",
    summary="The ratio of hazard ratios by covariates in the model and by inverse-probability-of-treatment weights.",
    needs="time, event, group, marker and all known confounders of each patient",
    limits="Not randomised: only what was measured is adjusted for, and time from different origins is not made alike. "
    "The robust variance takes the weights as known, which makes intervals a little too long.",
    references=(COLE_HERNAN, AUSTIN, AUSTIN_STUART, LIN_WEI),
)
def adjusted_contrast(
    time: ArrayLike,
    event: ArrayLike,
    treated: ArrayLike,
    *,
    marker: ArrayLike,
    covariates: ArrayLike,
    names: Sequence[str] | None = None,
    strata: ArrayLike | None = None,
    truncation: tuple[float, float] = (0.01, 0.99),
    per: float | None = None,
    level: float = 0.95,
) -> AdjustedContrast:
    """Estimate an interaction against a control that was not randomised.

    Parameters
    ----------
    time, event, treated, marker, strata, per, level
        As for `treatment_by_marker`.
    covariates, names
        Patients x confounders, and their names; the propensity of treatment is logistic in these and the marker.
    truncation
        Quantiles of the stabilised weights at which they are cut; (0, 1) cuts nothing.

    Raises
    ------
    UnreadableInput, InvalidSetting
        Where the input cannot be used.
    NotEstimable
        Where the groups do not overlap, or a model cannot be fitted.

    References
    ----------
    Stabilised and truncated weights: Cole and Hernán 2008; balance: Austin 2009, Austin and Stuart 2015.

    Examples
    --------
    >>> generator = np.random.default_rng(1)
    >>> age, x = generator.normal(size=(2, 500))
    >>> given = generator.random(500) < 1 / (1 + np.exp(-age))
    >>> time = generator.exponential(np.exp(0.5 * given * x - age))
    >>> found = adjusted_contrast(time, np.ones(500), given, marker=x, covariates=age, names=["age"])
    >>> found.design, found.balance.before.round(1)[1], found.balance.balanced
    ('non-randomised', np.float64(0.9), True)
    """
    low, high = truncation
    if not 0 <= low < high <= 1:
        raise InvalidSetting(
            f"Weights cannot be cut at the quantiles {truncation!r}.", remedy="As (0.01, 0.99), or (0, 1)."
        )
    both = arms(np.size(time), treated, marker, covariates=covariates, names=names)
    weights = _stabilised(both, truncation)

    def fitted(*, adjust: bool = False, weigh: bool = False) -> Interaction:
        return treatment_by_marker(
            time,
            event,
            treated,
            marker=marker,
            covariates=both.covariates if adjust else None,
            names=both.names if adjust else None,
            strata=strata,
            weights=weights if weigh else None,
            per=per,
            level=level,
        )

    matrix = np.column_stack([both.marker, both.covariates])
    sums = [float(weights[g].sum() ** 2 / (weights[g] ** 2).sum()) for g in (both.treated, ~both.treated)]
    return AdjustedContrast(
        design="non-randomised",
        crude=fitted(),
        adjusted=fitted(adjust=True),
        weighted=fitted(weigh=True),
        balance=Balance(
            (MARKER, *both.names),
            standardised_differences(matrix, both.treated, np.ones(len(weights))),
            standardised_differences(matrix, both.treated, weights),
        ),
        weights=weights,
        truncation=(low, high),
        effective=(sums[0], sums[1]),
    )


def standardised_differences(X: Floats, treated: NDArray[np.bool_], weights: Floats) -> Floats:
    """Return mean differences of columns in units of the groups' unweighted standard deviation (Austin 2009, eq. 1).

    Examples
    --------
    >>> x, treated = np.array([[0.0], [2.0], [1.0], [3.0]]), np.array([False, False, True, True])
    >>> standardised_differences(x, treated, np.ones(4)).round(3)
    array([0.707])
    """
    one, two = (np.average(X[g], axis=0, weights=weights[g]) for g in (treated, ~treated))
    spread = np.sqrt((X[treated].var(axis=0, ddof=1) + X[~treated].var(axis=0, ddof=1)) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(spread > 0, (one - two) / spread, np.where(one == two, 0.0, np.inf)))


def _stabilised(both: Arms, truncation: tuple[float, float]) -> Floats:
    X = np.column_stack([both.marker, both.covariates])
    try:
        fit = logistic(both.treated, X, names=(MARKER, *both.names))
    except NotEstimable as error:
        raise NotEstimable(
            "The chance of being treated cannot be modelled.",
            where=error.what,
            cause="a covariate by which the groups do not overlap, or one that does not vary",
            remedy="Compare only patients who could have had either treatment, or leave the covariate out.",
        ) from error
    chance, share = fit.probability(X), both.treated.mean()
    weights = np.where(both.treated, share / chance, (1 - share) / (1 - chance))
    return np.asarray(np.clip(weights, *np.quantile(weights, truncation)))
