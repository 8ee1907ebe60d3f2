"""Utility of the general population by age and sex, and what a patient's utility loses as they grow older."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.population.by_age import ByAge, by_age
from coley.economics.population.facts import rows
from coley.model.errors import UnknownName

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.economics.population.cohort import Cohort
    from coley.economics.population.life_tables import LifeTable

    Floats = NDArray[np.float64]


def norms() -> tuple[str, ...]:
    """Return the names of the tables of norms that Coley brings."""
    return tuple(row["table"] for row in rows("SOURCES") if row["kind"] == "utility")


@cache
def norm(name: str) -> ByAge:
    """Return the utility of a general population by age and sex.

    Raises
    ------
    UnknownName
        For a name it does not know.

    Examples
    --------
    >>> norm("uk-hse-2014").at(64, [True, False])
    array([0.8083, 0.8379])
    """
    if name not in norms():
        raise UnknownName("table of norms", name, norms())
    about = next(row for row in rows("SOURCES") if row["table"] == name)
    kept = [row for row in rows("norms") if row["table"] == name]
    columns = [[float(row[column]) for row in kept] for column in ("age", "female", "male")]
    return by_age(*columns, name=name, title=about["title"], source=about["source"])


def mean_utility(utility: ByAge, cohort: Cohort, table: LifeTable, times_years: ArrayLike) -> Floats:
    """Return the mean utility of those of the cohort who would be alive without the disease, (T,)."""
    times = np.asarray(times_years, dtype=np.float64)
    alive = cohort.weights[:, None] * np.exp(-cohort.cumulative_hazards(table, times))
    values = utility.at(cohort.age_years[:, None] + times, cohort.female[:, None])
    return np.asarray((alive * values).sum(axis=0) / alive.sum(axis=0), dtype=np.float64)


def age_multiplier(utility: ByAge, cohort: Cohort, table: LifeTable, times_years: ArrayLike) -> Floats:
    """Return what a utility measured at the start is multiplied by at later times, (T,); one at the start.

    References
    ----------
    Ara R, Brazier JE. Populating an economic model with health state utility values: moving toward better
    practice. Value Health 2010;13:509-518 (multiplicative adjustment).
    """
    path = mean_utility(utility, cohort, table, np.r_[0.0, np.asarray(times_years, dtype=np.float64)])
    return np.asarray(path[1:] / path[0], dtype=np.float64)
