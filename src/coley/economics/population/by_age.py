"""A quantity by single year of age and sex: mortality and utility are read from tables of one shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import MissingData, UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ByAge:
    """Values of women and men, constant within each year of age.

    Attributes
    ----------
    name, title, source
        "usa-2015"; what it is; where it comes from.
    first_age
        Age in whole years of the first value.
    values
        (2, A): women, then men.
    """

    name: str
    title: str
    source: str
    first_age: int
    values: Floats

    @property
    def last_age(self) -> int:
        """The last age with a value of its own; older ages take that value."""
        return self.first_age + int(self.values.shape[1]) - 1

    def at(self, age_years: ArrayLike, female: ArrayLike) -> Floats:
        """Return the value at ages (years) of women (True) and men (False), which broadcast.

        Raises
        ------
        MissingData
            For an age below the first of the table, or no age at all.
        """
        ages = np.asarray(age_years, dtype=np.float64)
        if not np.all(ages >= self.first_age):
            raise MissingData(
                f"{self.title} begins at age {self.first_age}, and {_worst(ages)} was asked for.",
                cause="an age is missing, or was given in another unit than years",
                remedy="Give the age in years of every patient, or a table that covers it.",
            )
        index = np.minimum(np.floor(ages).astype(np.int64), self.last_age) - self.first_age
        sex = np.where(np.asarray(female, dtype=bool), 0, 1)
        return np.asarray(self.values[sex, index], dtype=np.float64)


def by_age(
    age_years: ArrayLike, female: ArrayLike, male: ArrayLike, *, name: str, title: str, source: str
) -> ByAge:
    """Return a table by age from its columns.

    Parameters
    ----------
    age_years
        (A,) whole years, each once, without a gap; any order.
    female, male
        (A,) the value in women and in men.

    Raises
    ------
    UnreadableInput
        For ages that are missing, doubled or no whole years, and for missing values: the ages are named.

    Examples
    --------
    >>> table = by_age([60, 61], [0.8, 0.7], [0.9, 0.8], name="x", title="Example", source="made up")
    >>> table.at([60.5, 75], [True, False])
    array([0.8, 0.8])
    """
    ages = np.asarray(age_years, dtype=np.float64)
    columns = np.array([female, male], dtype=np.float64)
    if ages.ndim != 1 or columns.shape != (2, len(ages)) or not len(ages):
        raise UnreadableInput(
            f"{title}: {len(ages)} ages stand beside {columns.shape[1:]} values.",
            remedy="Give one value for women and one for men at each age.",
        )
    order = np.argsort(ages, kind="stable")
    ages, columns = ages[order], columns[:, order]
    if np.any(ages != np.floor(ages)) or ages[0] < 0:
        raise UnreadableInput(
            f"{title}: ages must be whole years; {_listed(ages[ages != np.floor(ages)])} is not.",
            cause="an abridged table with groups of ages",
            remedy="Give one row for each single year of age.",
        )
    wanted = np.arange(ages[0], ages[-1] + 1)
    missing = np.setdiff1d(wanted, ages)
    if len(missing):
        raise UnreadableInput(
            f"{title}: {_ages(missing)} missing between {ages[0]:.0f} and {ages[-1]:.0f}.",
            cause="an abridged table, or rows lost on the way",
            remedy="Give one row for each single year of age; nothing is filled in.",
        )
    if len(ages) != len(wanted):
        twice = ages[1:][np.diff(ages) == 0]
        raise UnreadableInput(
            f"{title}: {_ages(twice)} given more than once.",
            cause="several calendar years in one table",
            remedy="Keep the rows of one year.",
        )
    if not np.isfinite(columns).all():
        empty = ages[~np.isfinite(columns).all(axis=0)]
        raise UnreadableInput(f"{title}: {_ages(empty)} without a value.", remedy="Missing is never zero.")
    return ByAge(name, title, source, int(ages[0]), columns)


def _ages(ages: Floats) -> str:
    word, verb = ("age", "is") if len(ages) == 1 else ("ages", "are")
    return f"{word} {_listed(ages)} {verb}"


def _listed(ages: Floats, most: int = 6) -> str:
    shown = ", ".join(f"{age:g}" for age in ages[:most])
    return shown if len(ages) <= most else f"{shown} and {len(ages) - most} more"


def _worst(ages: Floats) -> str:
    return "a missing age" if np.isnan(ages).any() else f"age {np.min(ages):g}"
