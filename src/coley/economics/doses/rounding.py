"""Rounding of calculated doses: to a multiple, to bands, or down to whole vials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.draws import draws_of, share_of
from coley.economics.doses.vials import LATTICE, SAME
from coley.model.errors import InvalidSetting

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.doses.prescribed import Prescribed

    Floats = NDArray[np.float64]

BEYOND_BANDS = 0.01  # share of patients who may need more than the highest dose band, and are given that band


@dataclass(frozen=True, slots=True)
class ToMultiple:
    """The nearest multiple of so many mg is given, halves upward, and never nothing."""

    mg: float

    def bands(self, largest_mg: float) -> tuple[Floats, Floats]:
        """Return the upper ends (I,) of the calculated doses and the dose (I,) given up to each."""
        (step,) = draws_of(self.mg, "The step of rounding", low=1 / LATTICE, unit="mg")
        given = step * np.arange(1, int(largest_mg / step + 0.5) + 2)
        return given + step / 2, given


@dataclass(frozen=True, slots=True)
class ToBands:
    """Dose banding: the nearest of a list of doses is given."""

    doses_mg: tuple[float, ...]

    def bands(self, largest_mg: float) -> tuple[Floats, Floats]:
        """Return the upper ends (I,) of the calculated doses and the dose (I,) given up to each."""
        given = draws_of(self.doses_mg, "A banded dose", low=1 / LATTICE, unit="mg")
        if len(given) < 2 or (np.diff(given) <= 0).any():
            raise InvalidSetting(
                "Dose bands must be two or more doses in rising order.", where=f"{self.doses_mg}"
            )
        return np.append((given[1:] + given[:-1]) / 2, np.inf), given


@dataclass(frozen=True, slots=True)
class DownToVial:
    """The dose may fall short of the calculated one by this fraction where that saves a vial.

    Within 10 % is taken as acceptable by the Hematology/Oncology Pharmacy Association (2018).
    """

    within: float

    @property
    def slack(self) -> float:
        """The fraction, examined."""
        slack = float(share_of(self.within, "The rounding down to a vial")[0])
        if slack >= 1:
            raise InvalidSetting("A dose cannot be rounded down by all of it.")
        return slack


Rounding = ToMultiple | ToBands | DownToVial


def rounded(doses: Prescribed, rounding: Rounding | None) -> tuple[Floats, Floats] | None:
    """Return the doses that rounding leaves, (I,), and their chances, (D, I); None where it leaves all.

    Raises
    ------
    InvalidSetting
        Where bands or steps are out of order, or more than a few patients need more than the highest band.
    """
    if not isinstance(rounding, ToMultiple | ToBands):
        return None
    upper, given = rounding.bands(doses.largest)
    if isinstance(rounding, ToBands):
        half_a_step = given[-1] - upper[-2]
        beyond = float((1 - doses.cdf(given[-1:] + half_a_step)).max())
        if beyond > BEYOND_BANDS:
            raise InvalidSetting(
                f"The highest dose band, {given[-1]:g} mg, is too low: {beyond:.0%} of patients need more.",
                remedy="Add higher bands, or cap the dose.",
            )
    # Halves go upward, so that a band ends just below its upper end.
    return given, doses.between(upper * (1 - 3 * SAME))
