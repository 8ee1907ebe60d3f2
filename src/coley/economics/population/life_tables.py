"""Life tables: the hazard of death of the general population by age and sex."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np

from coley.economics.population.by_age import ByAge, by_age
from coley.economics.population.facts import rows
from coley.model.errors import UnknownName, UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

Kind = Literal["rate", "probability"]


@dataclass(frozen=True, eq=False)
class LifeTable:
    """Hazards of death per year, constant within each year of age; beyond the last age it stays as it is there.

    Attributes
    ----------
    hazards
        The table of hazards per year.
    """

    hazards: ByAge

    @property
    def name(self) -> str:
        """Its short name ("usa-2015")."""
        return self.hazards.name

    @property
    def title(self) -> str:
        """What it is, in words."""
        return self.hazards.title

    def hazard(self, age_years: ArrayLike, female: ArrayLike) -> Floats:
        """Return hazards of death per year at ages (years) of women (True) and men (False), which broadcast."""
        return self.hazards.at(age_years, female)

    def cumulative_hazard(self, age_years: ArrayLike, female: ArrayLike) -> Floats:
        """Return the hazard accumulated from the first age of the table to the ages given, exactly."""
        ages = np.asarray(age_years, dtype=np.float64)
        rate = self.hazards.at(ages, female)
        table = np.concatenate([np.zeros((2, 1)), np.cumsum(self.hazards.values, axis=1)], axis=1)
        whole = np.minimum(np.floor(ages).astype(np.int64), self.hazards.last_age)
        sex = np.where(np.asarray(female, dtype=bool), 0, 1)
        return np.asarray(
            table[sex, whole - self.hazards.first_age] + rate * (ages - whole), dtype=np.float64
        )

    def survival(self, age_years: ArrayLike, female: ArrayLike, *, after_years: ArrayLike) -> Floats:
        """Return the probability to live `after_years` longer, at ages given; all three broadcast."""
        start = np.asarray(age_years, dtype=np.float64)
        end = start + np.asarray(after_years, dtype=np.float64)
        lost = self.cumulative_hazard(end, female) - self.cumulative_hazard(start, female)
        return np.asarray(np.exp(-lost), dtype=np.float64)


def life_table_of(
    age_years: ArrayLike,
    female: ArrayLike,
    male: ArrayLike,
    *,
    kind: Kind,
    name: str = "given",
    title: str = "Life table",
    source: str = "given by the user",
) -> LifeTable:
    """Return a life table from its columns.

    Parameters
    ----------
    age_years
        (A,) whole years, each once, without a gap.
    female, male
        (A,) rates of death per year, or probabilities of death within the year.
    kind
        "rate" (m_x, central death rates) or "probability" (q_x).

    Raises
    ------
    UnreadableInput
        For ages that are missing or doubled, negative values, probabilities of one and more before the last age,
        and values that look like deaths per 1,000 or 100,000.

    Examples
    --------
    >>> table = life_table_of([0, 1, 2], [0.01, 0.02, 0.5], [0.01, 0.03, 0.6], kind="probability")
    >>> float(table.hazard(1.5, True).round(6))
    0.020203
    """
    read = by_age(age_years, female, male, name=name, title=title, source=source)
    values = read.values
    if (values < 0).any():
        raise UnreadableInput(f"{title}: a {kind} of death cannot be negative ({values.min():g}).")
    young = values[:, : max(100 - read.first_age, 1)]  # beyond 100 a rate may exceed one
    if (young >= (1.0 if kind == "probability" else 2.0)).any():
        raise UnreadableInput(
            f"{title}: a {kind} of {young.max():g} before age 100.",
            cause="deaths per 1,000 or per 100,000, or the column of survivors",
            remedy="Give rates per person and year, or probabilities between 0 and 1.",
        )
    if kind == "probability":
        # A closed table ends with q = 1: all die within that year, as they do at a hazard of about 7 a year.
        values = -np.log1p(-np.minimum(values, 0.999))
    return LifeTable(ByAge(name, title, source, read.first_age, values))


def life_tables() -> tuple[str, ...]:
    """Return the names of the life tables that Coley brings."""
    return tuple(row["table"] for row in rows("SOURCES") if row["kind"] in ("rate", "probability"))


@cache
def life_table(name: str) -> LifeTable:
    """Return a life table that Coley brings.

    Raises
    ------
    UnknownName
        For a name it does not know.

    Examples
    --------
    >>> life_table("uk-2018-2020").survival(65, [True, False], after_years=20).round(3)
    array([0.585, 0.464])
    """
    if name not in life_tables():
        raise UnknownName("life table", name, life_tables())
    about = next(row for row in rows("SOURCES") if row["table"] == name)
    kept = [row for row in rows("life_tables") if row["table"] == name]
    columns = [[float(row[column]) for row in kept] for column in ("age", "female", "male")]
    kind: Kind = "rate" if about["kind"] == "rate" else "probability"
    return life_table_of(
        *columns, kind=kind, name=name, title=f"{about['title']}, {about['years']}", source=about["source"]
    )
