"""What it would be worth to know everything, to one patient and to all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting
from coley.model.method import method
from coley.stats.decision.acceptability import best_of, standard_error
from coley.stats.decision.outcomes import added_benefits, outcomes, thresholds_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

RAIFFA = "Raiffa H, Schlaifer R. Applied statistical decision theory. Harvard University Press 1961."
CLAXTON = (
    "Claxton K. The irrelevance of inference: a decision-making approach to the stochastic evaluation of "
    "health care technologies. J Health Econ 1999;18:341-364."
)
PHILIPS = (
    "Philips Z, Claxton K, Palmer S. The half-life of truth: what are appropriate time horizons for research "
    "decisions? Med Decis Making 2008;28:287-299."
)


@dataclass(frozen=True, eq=False)
class PerfectInformation:
    """Expected value of perfect information per decision, by threshold.

    Attributes
    ----------
    thresholds, value, se
        (K,); money per patient, with the Monte Carlo standard error.
    best
        Column of the strategy chosen on present information, (K,).
    n
        Draws.
    """

    thresholds: Floats
    value: Floats
    se: Floats
    best: NDArray[np.int64]
    n: int


@method(
    "evpi",
    title="Expected value of perfect information",
    summary="Mean of the best net benefit of each draw less the best mean: the most that any research on the "
    "model's parameters can be worth.",
    needs="draws of costs and effects of each strategy, and thresholds",
    limits="Values only the uncertainty that the draws carry; structure left out of the draws is worth nothing "
    "in it. Biased upwards when draws are few.",
    references=(RAIFFA, CLAXTON),
)
def evpi(costs: ArrayLike, effects: ArrayLike, thresholds: ArrayLike) -> PerfectInformation:
    """Return the expected value of perfect information at each threshold.

    Parameters
    ----------
    costs, effects
        Draws x strategies, (D, S).
    thresholds
        What a unit of effect is worth, (K,).

    Raises
    ------
    UnreadableInput, InvalidSetting
        Where draws are missing or their shapes differ; for a negative threshold.

    References
    ----------
    Claxton 1999.

    Examples
    --------
    >>> evpi([[0.0, 30.0], [0.0, 60.0]], [[1.0, 1.5], [1.0, 1.5]], [50, 100]).value
    array([0., 5.])
    """
    c, e = outcomes(costs, effects)
    k = thresholds_of(thresholds)
    best = best_of(c, e, k)
    value, se = np.empty((2, len(k)))
    for i, benefit in enumerate(added_benefits(c, e, k)):
        gain = benefit.max(axis=0) - benefit[best[i]]
        value[i], se[i] = gain.mean(), standard_error(gain)
    return PerfectInformation(k, value, se, best, len(c))


def _annual(years: Floats, rate: float) -> Floats:
    return np.asarray((1 + rate) ** -years)


def _continuous(years: Floats, rate: float) -> Floats:
    return np.asarray(np.exp(-rate * years))


DISCOUNTING: dict[str, Callable[[Floats, float], Floats]] = {"annual": _annual, "continuous": _continuous}


@method(
    "decision_population",
    title="Population that a decision concerns",
    summary="Patients now and patients to come over the years that a decision stands, discounted.",
    needs="prevalence, incidence a year, horizon, discount rate, uptake",
    limits="The horizon is a judgement about how long the question stays open, not an estimate; vary it.",
    references=(PHILIPS,),
)
def decision_population(
    horizon_years: float,
    discount_rate: float,
    *,
    prevalence: float = 0.0,
    incidence_per_year: ArrayLike = 0.0,
    uptake: ArrayLike = 1.0,
    discounting: str = "annual",
) -> float:
    """Return the discounted number of patients whom a decision concerns; times an EVPI, its population value.

    Those prevalent, and the first year's incident patients, count in full; those of year t are discounted to
    its start, by (1 + r)^-t, or by exp(-r t) where `discounting` is "continuous". A part of a year counts as
    its part of the patients.

    Parameters
    ----------
    horizon_years
        Years over which the decision stands.
    discount_rate
        Per year, as a fraction (0.035).
    prevalence
        Patients waiting now.
    incidence_per_year
        New patients: one number, or one for each year.
    uptake
        Share of patients who get what is decided: one number, or one for each year (prevalent patients take the
        first).
    discounting
        "annual" or "continuous".

    Raises
    ------
    InvalidSetting
        For a rate of 1 or more (3.5 for 0.035), an uptake outside 0 to 1, negative counts, or lists that do
        not cover the horizon.

    References
    ----------
    Philips et al 2008.

    Examples
    --------
    >>> round(decision_population(10, 0.035, incidence_per_year=1000), 1)
    8607.7
    """
    if discounting not in DISCOUNTING:
        raise InvalidSetting(f"Discounting is one of {list(DISCOUNTING)}, not {discounting!r}.")
    if not 0 <= discount_rate < 1:
        raise InvalidSetting(
            f"A discount rate of {discount_rate} a year cannot be meant.",
            cause="a percentage instead of a fraction",
            remedy=f"Write {discount_rate / 100:g}." if discount_rate >= 1 else "Give it between 0 and 1.",
        )
    if not (np.isfinite(horizon_years) and horizon_years >= 0):
        raise InvalidSetting(f"A horizon of {horizon_years} years cannot be meant.")
    years = np.arange(np.ceil(horizon_years), dtype=float)
    part = np.minimum(horizon_years - years, 1.0)
    try:
        new = np.broadcast_to(np.asarray(incidence_per_year, dtype=float), years.shape)
        share = np.broadcast_to(np.asarray(uptake, dtype=float), years.shape)
    except ValueError:
        raise InvalidSetting(
            f"Incidence and uptake need one number, or one for each of {len(years)} years."
        ) from None
    first = float(np.atleast_1d(np.asarray(uptake, dtype=float))[0])
    if not (np.isfinite(new).all() and (new >= 0).all() and np.isfinite(prevalence) and prevalence >= 0):
        raise InvalidSetting("Numbers of patients must be finite and not negative.")
    if not (0 <= first <= 1 and ((share >= 0) & (share <= 1)).all()):
        raise InvalidSetting("Uptake is a share of patients, from 0 to 1.")
    flow = new * share * part * DISCOUNTING[discounting](years, discount_rate)
    return float(prevalence * first + flow.sum())
