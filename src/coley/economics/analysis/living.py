"""What a year of life is worth and costs under a strategy, as its curves have it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coley.economics.analysis.strategy import ALIVE, care_per_year

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.analysis.evaluate import Prepared
    from coley.economics.analysis.inputs import Inputs
    from coley.economics.analysis.survival import Projected

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Living:
    """Who lives, free of progression or after it, and what a year of theirs is worth.

    Attributes
    ----------
    times_years
        (T,), the model's grid.
    alive, free, treated
        (D, T): shares of all patients alive, free of progression, and on treatment.
    utilities, care
        (1 or D, T) of a year before and after progression: utility, and cost of care.
    discount, discount_costs
        (T,) factors.
    """

    times_years: Floats
    alive: Floats
    free: Floats
    treated: Floats
    utilities: tuple[Floats, Floats]
    care: tuple[Floats, Floats]
    discount: Floats
    discount_costs: Floats

    def nearest(self, years: float) -> float:
        """Return the time of the grid that is nearest, the last one left out."""
        return float(self.times_years[np.abs(self.times_years[:-1] - years).argmin()])

    @property
    def of_the_living(self) -> dict[str, Any]:
        """Quality and care of those alive, by which `break_even_hazard_ratio` values a year of life."""
        with np.errstate(divide="ignore", invalid="ignore"):
            free = np.where(self.alive > 0, self.free / self.alive, 0.0)
        quality, care = (free * first + (1 - free) * later for first, later in (self.utilities, self.care))
        return self._valued(quality, care)

    @property
    def of_being_free(self) -> dict[str, Any]:
        """What a year without progression has over one after it, likewise."""
        return self._valued(self.utilities[0] - self.utilities[1], self.care[0] - self.care[1])

    def _valued(self, quality: Floats, care: Floats) -> dict[str, Any]:
        return {
            "quality": quality,
            "care": care,
            "discount": self.discount,
            "discount_costs": self.discount_costs,
        }


def living(prepared: Prepared, projected: Projected, inputs: Inputs, *, name: str) -> Living:
    """Return who lives under a strategy, and what their years are worth.

    Parameters
    ----------
    prepared
        The model.
    projected, inputs
        Its curves and its numbers, of the same draws.
    name
        The strategy.
    """
    times, curves, numbers = prepared.grid.times_years, projected.curves, inputs.numbers
    alive = np.minimum(curves[f"{name}.os"].survival, 1.0)  # an average of families may round to a crumb more
    free = np.minimum(curves[f"{name}.pfs"].survival, alive)
    until = curves.get(f"{name}.on_treatment")
    ageing = np.ones(1) if prepared.age_multiplier is None else prepared.age_multiplier
    first, later = ((numbers[f"utilities.{state}"][:, None] * ageing) for state in ALIVE)
    care = [np.broadcast_to(care_per_year(name, state, numbers)[:, None], alive.shape) for state in ALIVE]
    return Living(
        times,
        alive,
        free,
        free if until is None else np.minimum(until.survival, alive),
        (np.broadcast_to(first, alive.shape), np.broadcast_to(later, alive.shape)),
        (care[0], care[1]),
        prepared.effects.factors(times),
        prepared.costs.factors(times),
    )
