"""What the disease takes: QALYs of the general population, absolute and proportional shortfall, severity weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.population.facts import rows
from coley.economics.population.norms import mean_utility
from coley.model.errors import InvalidSetting, UnknownName
from coley.model.method import method

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.economics.population.by_age import ByAge
    from coley.economics.population.cohort import Cohort
    from coley.economics.population.life_tables import LifeTable

    Floats = NDArray[np.float64]

END_YEARS = 100.0  # nobody older than 18 lives longer than that
STEPS_PER_YEAR = 12


@dataclass(frozen=True, eq=False)
class Shortfall:
    """QALYs without the disease, with it, and the difference, absolute and as a share.

    Attributes
    ----------
    without_disease, with_disease, absolute, proportional
        Arrays that broadcast; the first three in QALYs.
    """

    without_disease: Floats
    with_disease: Floats
    absolute: Floats
    proportional: Floats


def general_population_qalys(
    cohort: Cohort, table: LifeTable, utility: ByAge, *, discount: float = 0.035
) -> float:
    """Return the QALYs that a cohort of these ages and sexes would live without the disease.

    Parameters
    ----------
    discount
        Rate per year, compounded annually.

    Notes
    -----
    The distribution of ages matters: at the mean age alone the result is some percent too high.

    Examples
    --------
    >>> from coley.economics.population.cohort import Cohort
    >>> from coley.economics.population.life_tables import life_table
    >>> from coley.economics.population.norms import norm
    >>> uk = life_table("uk-2018-2020"), norm("uk-hse-2014")
    >>> round(general_population_qalys(Cohort.normal(64.4, female=0.29), *uk), 1)
    10.8
    """
    if not 0 <= discount < 1:
        raise InvalidSetting(
            f"A discount rate of {discount:g} per year is none.",
            cause="a percentage for a share",
            remedy="Write 3.5 % as 0.035.",
        )
    times = np.linspace(0, END_YEARS, int(END_YEARS * STEPS_PER_YEAR) + 1)
    path = cohort.survival(table, times) * mean_utility(utility, cohort, table, times)
    return float(np.trapezoid(path * (1 + discount) ** -times, times))


@method(
    "qaly_shortfall",
    title="QALY shortfall",
    summary="Difference between the QALYs of people of the same ages and sexes and those of patients under present "
    "care, absolute and as a share of the former.",
    needs="QALYs of patients under present care; a life table and utilities of the general population",
    limits="Both sides are discounted alike; ages must be those of the patients, not their mean.",
    references=(
        "NICE health technology evaluations: the manual (PMG36), section 6.2. 2022.",
        "Schneider P, McNamara S, Love-Koh J, et al. QALY Shortfall Calculator. 2021. "
        "https://shiny.york.ac.uk/shortfall",
    ),
)
def shortfall(with_disease: ArrayLike, without_disease: ArrayLike) -> Shortfall:
    """Return absolute and proportional shortfall.

    Parameters
    ----------
    with_disease, without_disease
        QALYs, discounted alike; arrays that broadcast.

    Raises
    ------
    InvalidSetting
        Where people without the disease have no QALYs.

    Examples
    --------
    >>> lost = shortfall(1.502, 10.382)
    >>> lost.absolute.round(2), lost.proportional.round(3)
    (np.float64(8.88), np.float64(0.855))
    """
    ill, well = (np.asarray(x, dtype=np.float64) for x in (with_disease, without_disease))
    if not (well > 0).all():
        raise InvalidSetting("People without the disease must have QALYs to lose.")
    return Shortfall(well, ill, well - ill, 1 - ill / well)


def severity_weight(lost: Shortfall, scheme: str = "nice-2022") -> Floats:
    """Return the weight of a QALY by severity: the larger of those of either shortfall; one below every step.

    Raises
    ------
    UnknownName
        For a scheme without a table.

    Examples
    --------
    >>> severity_weight(shortfall([0.8, 0.4, 0.4], [1.6, 4.1, 10.3]))
    array([1. , 1.2, 1.7])
    """
    steps = [row for row in rows("severity") if row["scheme"] == scheme]
    if not steps:
        raise UnknownName("severity scheme", scheme, {row["scheme"] for row in rows("severity")})
    measured = {"absolute_shortfall_qaly": lost.absolute, "proportional_shortfall": lost.proportional}
    weight = np.ones(np.broadcast(lost.absolute).shape)
    for step in steps:
        reached = measured[step["measure"]] >= float(step["at_least"])
        weight = np.maximum(weight, np.where(reached, float(step["weight"]), 1.0))
    return np.asarray(weight, dtype=np.float64)
