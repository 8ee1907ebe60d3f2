"""Mortality of the general population in the projection: joined to net survival, or as the floor of a hazard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.projection.curve import ROUNDING, Curve
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.population.cohort import Cohort
    from coley.economics.population.life_tables import LifeTable

    Floats = NDArray[np.float64]


@method(
    "all_cause_survival",
    title="Net survival joined to background mortality",
    summary="Net survival times the survival of a general population with the ages and sexes of the cohort.",
    needs="net survival, from a fit with background mortality in its likelihood; a life table; ages and sexes",
    limits="Death from the disease does not depend on age beyond what the model of net survival says.",
    references=(
        "Rutherford MJ, Lambert PC, Sweeting MJ, et al. NICE DSU technical support document 21: flexible methods for "
        "survival analysis. 2020.",
        "Sweeting MJ, Rutherford MJ, Jackson D, et al. Survival extrapolation incorporating general population "
        "mortality using excess hazard and cure models: a tutorial. Med Decis Making 2023;43:737-748.",
    ),
)
def with_background(net: Curve, cohort: Cohort, table: LifeTable) -> Curve:
    """Return all-cause survival.

    Parameters
    ----------
    net
        Survival of the disease alone, (D, T).
    cohort, table
        Ages and sexes at the start, and the mortality of the population.

    Examples
    --------
    >>> from coley.economics.population.cohort import Cohort
    >>> from coley.economics.population.life_tables import life_table
    >>> from coley.economics.projection.curve import curve
    >>> cured = curve([0, 10, 20], [1.0, 0.5, 0.5])
    >>> with_background(cured, Cohort.normal(60, female=0.5), life_table("usa-2015")).survival.round(3)
    array([[1.   , 0.44 , 0.327]])
    """
    background = -np.log(cohort.survival(table, net.times_years))
    return Curve(net.times_years, net.cumulative_hazard + background)


BEGINNING_YEARS = 0.25  # in which a hazard that rises from zero is below that of the population


@dataclass(frozen=True, eq=False)
class Floored:
    """A curve whose hazard was kept at that of the general population, and what that changed.

    Attributes
    ----------
    curve
        The curve.
    from_years
        (D,) when the longest stretch begins in which the floor held for most of the cohort; NaN where it never did.
        Hazards that are zero at the start, as of a log-normal curve, are held there for some days in any case: such
        a beginning is not counted.
    years_lost
        (D,) restricted mean that the floor took away.
    """

    curve: Curve
    from_years: Floats
    years_lost: Floats


def at_least_background(all_cause: Curve, cohort: Cohort, table: LifeTable) -> Floored:
    """Return a curve of which nobody has a lower hazard than people of the same age and sex.

    A fit to all-cause deaths knows nothing of ageing, so that its hazard may fall below that of the general
    population. Each age and sex keeps its own floor: the cohort is a mixture.

    Parameters
    ----------
    all_cause
        Survival from all causes, (D, T).
    """
    from coley.economics.projection.floor_kernel import hold

    times = all_cause.times_years
    least = np.exp(-np.diff(cohort.cumulative_hazards(table, times), axis=1).T)  # (T - 1, G)
    own = np.exp(-all_cause.steps)
    survival, held = np.empty_like(all_cause.cumulative_hazard), np.empty_like(own)
    hold(own, np.ascontiguousarray(least), cohort.weights, survival, held)
    with np.errstate(divide="ignore"):
        floored = Curve(times, np.abs(np.log(survival)))
    from_years = _longest(held > 0.5 + ROUNDING, times)
    return Floored(floored, from_years, all_cause.restricted_mean() - floored.restricted_mean())


def _longest(held: NDArray[np.bool_], times: Floats) -> Floats:
    """Return when the longest stretch of intervals that are held begins, (D,); NaN where none is."""
    steps = np.arange(held.shape[1])
    begins = 1 + np.maximum.accumulate(
        np.where(held, -1, steps), axis=1
    )  # of the stretch up to each interval
    lengths = np.where(held, times[steps + 1] - times[np.minimum(begins, steps)], 0.0)
    lengths[(begins == 0) & (times[steps + 1] <= BEGINNING_YEARS)] = 0.0
    draws, most = np.arange(len(held)), lengths.argmax(axis=1)
    return np.where(lengths[draws, most] > 0, times[begins[draws, most]], np.nan)
