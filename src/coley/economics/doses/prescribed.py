"""The distribution of a prescribed dose in mg over the patients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.amounts import Dose, Flat
from coley.economics.doses.draws import count_of_draws
from coley.economics.doses.vials import SAME
from coley.model.errors import InvalidSetting, MissingData

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.doses.bodies import Body

    Floats = NDArray[np.float64]


class Prescribed:
    """A rate times the body, capped, then reduced: how many mg patients are prescribed.

    Parameters
    ----------
    dose
        As written.
    body
        Distribution of weight or surface; None for a flat dose.
    reduced
        (D,) fraction by which doses are smaller.

    Raises
    ------
    MissingData
        Where the dose needs a body that is not given.
    InvalidSetting
        Where the body is in another unit, or a dose is reduced to nothing.
    """

    def __init__(self, dose: Dose, body: Body | None, reduced: Floats) -> None:
        if isinstance(dose, Flat):
            body = None
        elif body is None:
            raise MissingData(
                f"A dose of {dose} needs the patients' {'weights' if dose.body_unit == 'kg' else 'surfaces'}.",
                remedy="Give a distribution: Normal(mean, SD), LogNormal, Empirical or Mixture.",
            )
        elif body.unit != dose.body_unit:
            raise InvalidSetting(f"A dose of {dose} needs bodies in {dose.body_unit}, not in {body.unit}.")
        if (reduced >= 1).any():
            raise InvalidSetting("A dose cannot be reduced by all of it.", remedy="That is a missed dose.")
        self.dose, self.body, self.reduced = dose, body, reduced
        self.rate = dose.rate * (1 - reduced)[:, None]  # (D, 1) mg, mg/kg or mg/m2
        self.cap = dose.cap_mg * (1 - reduced)[:, None]
        self.largest = float(
            self.cap.max() if body is None else np.minimum(self.cap, self.rate * body.largest).max()
        )

    @property
    def draws(self) -> int:
        """How many draws there are of it."""
        return count_of_draws(self.rate, self.cdf(np.zeros(1)))

    def drawn(self, part: slice) -> Prescribed:
        """Return the distribution at some of its draws."""
        reduced = self.reduced if len(self.reduced) == 1 else self.reduced[part]
        return Prescribed(self.dose, self.body and self.body.drawn(part), reduced)

    def cdf(self, x: Floats) -> Floats:
        """Return the share of doses at or below x (J,), as (D, J); x within rounding of the cap is at it."""
        x = x * (1 + SAME)
        if self.body is None:
            return np.asarray(x >= self.cap, dtype=np.float64)
        return np.where(x >= self.cap, 1.0, self.body.cdf(x / self.rate))

    def between(self, upper: Floats) -> Floats:
        """Return the share of doses up to each of rising ends (J,) and above the one before, (D, J).

        What lies above the last counts to the last.
        """
        cdf = self.cdf(upper)
        cdf[:, -1] = 1.0
        return np.asarray(np.diff(cdf, axis=-1, prepend=0.0))

    def partial_mean(self, x: Floats) -> Floats:
        """Return the mean of the dose where it is at most x (J,) and 0 elsewhere, as (D, J)."""
        x = x * (1 + SAME)
        if self.body is None:
            return np.where(x >= self.cap, self.cap, 0.0)
        below = self.rate * self.body.partial_mean(np.minimum(x, self.cap) / self.rate)
        capped = np.where(np.isinf(self.cap), 0.0, self.cap)
        return np.where(x >= self.cap, below + capped * (1 - self.body.cdf(self.cap / self.rate)), below)

    @property
    def at_cap(self) -> Floats:
        """Share of doses that are the cap, (D, 1)."""
        return np.ones_like(self.cap) if self.body is None else 1 - self.body.cdf(self.cap / self.rate)

    @property
    def mean(self) -> Floats:
        """Mean dose in mg, (D,)."""
        return self.partial_mean(np.array([np.inf]))[:, 0]
