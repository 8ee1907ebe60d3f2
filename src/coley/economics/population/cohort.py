"""Who stands at the start: ages and sexes, as a distribution, and how such people die without the disease."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import InvalidSetting, MissingData

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.economics.population.life_tables import LifeTable

    Floats = NDArray[np.float64]

STRATA = 41  # ages into which a normal distribution is cut: a life expectancy no longer changes in its fourth digit


@dataclass(frozen=True, eq=False)
class Cohort:
    """Groups of people of one age and sex.

    Attributes
    ----------
    age_years
        (G,) at the start.
    female
        (G,) bool.
    weights
        (G,) shares of the cohort; they sum to one.
    """

    age_years: Floats
    female: NDArray[np.bool_]
    weights: Floats

    @classmethod
    def of_patients(cls, age_years: ArrayLike, female: ArrayLike) -> Cohort:
        """Return the cohort that these patients are.

        Raises
        ------
        MissingData
            Where an age is missing: leaving patients out would change who the cohort is.
        """
        ages = np.atleast_1d(np.asarray(age_years, dtype=np.float64))
        if not len(ages) or not np.isfinite(ages).all():
            raise MissingData(
                f"The age of {np.count_nonzero(~np.isfinite(ages)) or 'every'} patient(s) is missing.",
                remedy="Give the ages, or a mean and a standard deviation of the cohort.",
            )
        sex = np.broadcast_to(np.asarray(female, dtype=bool), ages.shape)
        pairs, counts = np.unique(np.column_stack([ages, sex]), axis=0, return_counts=True)
        return cls(pairs[:, 0], pairs[:, 1].astype(bool), counts / counts.sum())

    @classmethod
    def normal(cls, mean_years: float, sd_years: float = 0.0, *, female: float) -> Cohort:
        """Return a cohort whose ages are normal, cut at 18 and 100 years, with a share of women.

        Raises
        ------
        InvalidSetting
            For a mean outside 18 to 100, a negative standard deviation, or a share outside 0 to 1.

        Examples
        --------
        >>> Cohort.normal(64.4, 10.2, female=0.29).mean_age_years
        64.4
        """
        if not 18 <= mean_years <= 100 or sd_years < 0 or not 0 <= female <= 1:
            raise InvalidSetting(
                f"No cohort has a mean age of {mean_years:g} (SD {sd_years:g}) and a share of women of {female:g}.",
                cause="months for years, or a percentage for a share",
                remedy="Ages are years between 18 and 100; the share of women lies between 0 and 1.",
            )
        from scipy.special import ndtri

        middle = (np.arange(STRATA) + 0.5) / STRATA if sd_years else np.array([0.5])
        ages = np.clip(mean_years + sd_years * ndtri(middle), 18, 100)
        weights = np.repeat([female, 1 - female], len(ages)) / len(ages)
        return cls(np.tile(ages, 2), np.repeat([True, False], len(ages)), weights)

    @property
    def mean_age_years(self) -> float:
        """Mean age at the start."""
        return round(float(self.weights @ self.age_years), 10)

    def cumulative_hazards(self, table: LifeTable, times_years: ArrayLike) -> Floats:
        """Return each group's hazard of death accumulated since the start, (G, T)."""
        times = np.asarray(times_years, dtype=np.float64)
        start, sex = self.age_years[:, None], self.female[:, None]
        return table.cumulative_hazard(start + times, sex) - table.cumulative_hazard(start, sex)

    def survival(self, table: LifeTable, times_years: ArrayLike) -> Floats:
        """Return the share of the cohort alive without the disease, (T,).

        The old die first, so that the survivors' hazard is below that of the mean age: a mixture, not a mean.
        """
        return np.asarray(
            self.weights @ np.exp(-self.cumulative_hazards(table, times_years)), dtype=np.float64
        )

    def hazard(self, table: LifeTable, times_years: ArrayLike) -> Floats:
        """Return the hazard per year of those of the cohort that are still alive, (T,)."""
        times = np.asarray(times_years, dtype=np.float64)
        alive = self.weights[:, None] * np.exp(-self.cumulative_hazards(table, times))
        rates = table.hazard(self.age_years[:, None] + times, self.female[:, None])
        return np.asarray((alive * rates).sum(axis=0) / alive.sum(axis=0), dtype=np.float64)
