"""What a strategy is: the disease under it, its doses and rules, and what things are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.course.discounting import Discount
from coley.economics.course.rewards import KINDS, numbers
from coley.economics.doses.bodies import Empirical
from coley.economics.doses.calendar import Calendar, schedule
from coley.economics.simulation.clocks import Hazard
from coley.economics.simulation.tabulated import Tabulated
from coley.model.errors import InvalidSetting, UnreadableInput

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.economics.doses.regimens import Regimen

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

# Trials count immune-mediated events up to 100 days after the last dose.
EXPOSED_AFTER_YEARS = 100 / 365.25


@dataclass(frozen=True, eq=False)
class Disease:
    """The course of the disease under a strategy.

    Attributes
    ----------
    progression, death_before
        Hazards of progression and of death before it, by time since the start; net of background mortality
        where the setting holds one.
    death_after
        Hazard of death after progression: clock "reset" counts from progression, "forward" from the start.
    """

    progression: Hazard | Tabulated
    death_before: Hazard | Tabulated
    death_after: Hazard | Tabulated


@dataclass(frozen=True, eq=False)
class Treatment:
    """A treatment; numbers are one value or (D,).

    Attributes
    ----------
    name
        Of the strategy.
    doses
        A calendar of doses, or several; none for no infusions. A dose is charged to whom is then on treatment.
    doses_of
        (N,) which calendar is whose, where there are several.
    cost_per_year
        Money per year on treatment, besides: drugs taken daily, monitoring.
    longest_years
        After which treatment ends: 2 for a two-year stop.
    discontinuation
        Hazard of ending it for other reasons than progression, death or an irAE, by time since the start.
    to_progression
        Whether it ends at progression.
    ratio_off
        Hazard ratio of progression in those who ended it early, until `longest_years`; 1 if stopping loses nothing.
    rechallenge, rechallenge_delay_years
        Share of those who stopped for an irAE that are treated again, and how long after its acute phase.
    exposed_after_years
        After the last dose, in which an irAE may still come.

    Raises
    ------
    InvalidSetting
        Where times or calendars do not fit.
    UnreadableInput
        For a share outside 0 to 1, a negative cost or ratio.

    Examples
    --------
    >>> Treatment("watch and wait").longest_years
    inf
    """

    name: str
    doses: Calendar | Sequence[Calendar] = ()
    doses_of: ArrayLike | None = None
    cost_per_year: ArrayLike = 0.0
    longest_years: float = np.inf
    discontinuation: Hazard | Tabulated | None = None
    to_progression: bool = True
    ratio_off: ArrayLike = 1.0
    rechallenge: ArrayLike = 0.0
    rechallenge_delay_years: ArrayLike = 0.0
    exposed_after_years: float = EXPOSED_AFTER_YEARS

    def __post_init__(self) -> None:
        calendars = (self.doses,) if isinstance(self.doses, Calendar) else tuple(self.doses)
        object.__setattr__(self, "doses", calendars)
        if len({(c.currency, c.price_year) for c in calendars}) > 1:
            raise InvalidSetting("Calendars of one treatment are in different currencies or price years.")
        if any(not np.array_equal(c.times_years, calendars[0].times_years) for c in calendars):
            raise InvalidSetting("Calendars of one treatment have their doses at the same times.")
        if len(calendars) > 1 and self.doses_of is None:
            raise InvalidSetting(
                "Of several calendars of doses, say which is whose.", remedy="Give doses_of."
            )
        if not (self.longest_years > 0 and self.exposed_after_years >= 0):
            raise InvalidSetting(
                "The longest treatment is above zero, the time exposed after it not negative."
            )
        share = numbers(self.rechallenge, "rechallenge")
        if ((share < 0) | (share > 1)).any():
            raise UnreadableInput(
                "The share that is rechallenged lies between 0 and 1.", where=f"{share.max():g}"
            )
        for name in ("cost_per_year", "ratio_off", "rechallenge_delay_years"):
            if (numbers(getattr(self, name), name) < 0).any():
                raise UnreadableInput(f"{name} cannot be negative.")


@dataclass(frozen=True, eq=False)
class Values:
    """What states and moves are worth; numbers are one value or (D,).

    Attributes
    ----------
    utilities
        Progression-free and progressed, per year.
    costs_per_year
        Money for care in each, besides the treatment.
    cost_progression, cost_death
        Money once, at progression (further treatment) and at death (end of life).

    Raises
    ------
    UnreadableInput
        For a negative cost, or a utility outside -1 to 1.

    Examples
    --------
    >>> Values(utilities=(0.8, 0.6), costs_per_year=(1000, 2000)).cost_death
    0.0
    """

    utilities: tuple[ArrayLike, ArrayLike] = (1.0, 1.0)
    costs_per_year: tuple[ArrayLike, ArrayLike] = (0.0, 0.0)
    cost_progression: ArrayLike = 0.0
    cost_death: ArrayLike = 0.0

    def __post_init__(self) -> None:
        for value in self.utilities:
            KINDS["effect"].per_year(numbers(value, "utilities"), "utilities")
        for value in (*self.costs_per_year, self.cost_progression, self.cost_death):
            KINDS["cost"].per_year(numbers(value, "costs"), "costs of states and moves")


def doses_by_weight(
    regimen: Regimen, weights_kg: ArrayLike, *, horizon_years: float
) -> tuple[tuple[Calendar, ...], Integers]:
    """Return a calendar for each whole kg of weight, and which is whose: `doses` and `doses_of` of a `Treatment`.

    Examples
    --------
    >>> from coley.economics.doses import Administration, Given, PerKg, Phase, Product, Regimen, list_prices
    >>> drug = Product("nivolumab", list_prices("nivolumab", "UK", price_year=2022), country="UK")
    >>> regimen = Regimen("nivolumab", [Given(drug, [Phase(PerKg(3), 2)])], {"iv": Administration(0)})
    >>> calendars, whose = doses_by_weight(regimen, [60.0, 80.2, 60.3], horizon_years=1)
    >>> len(calendars), whose.tolist()
    (2, [0, 1, 0])
    """
    weights, whose = np.unique(np.round(numbers(weights_kg, "weights")), return_inverse=True)
    calendars = [schedule(replace(regimen, body=Empirical([weight])), horizon_years) for weight in weights]
    return tuple(calendars), whose.astype(np.int64)


def numbers_of(treatment: Treatment, values: Values, draws: int) -> Floats:
    """Return the numbers of a strategy, (D, columns), in the order of the kernel."""
    ordered = (
        *values.costs_per_year, values.cost_progression, values.cost_death, treatment.cost_per_year,
        *values.utilities, treatment.ratio_off, treatment.rechallenge, treatment.rechallenge_delay_years,
    )  # fmt: skip
    arrays = [np.asarray(value, dtype=np.float64).ravel() for value in ordered]
    if any(a.size not in (1, draws) for a in arrays):
        raise InvalidSetting(f"Numbers of a strategy are one value or one for each of the {draws} draws.")
    return np.stack([np.broadcast_to(a, (draws,)) for a in arrays], axis=-1)


def dose_arrays(
    treatment: Treatment, discount: Discount, *, draws: int, patients: int
) -> tuple[Floats, Floats, Integers]:
    """Return times (K,), discounted costs of the doses before each (C, 1 or D, K + 1), and each patient's calendar."""
    calendars = treatment.doses
    assert isinstance(calendars, tuple)
    whose = np.zeros(patients, dtype=np.int64)
    if treatment.doses_of is not None:
        whose = np.ascontiguousarray(treatment.doses_of, dtype=np.int64)
        if whose.shape != (patients,) or not ((whose >= 0) & (whose < max(len(calendars), 1))).all():
            raise InvalidSetting(
                f"doses_of names one of {len(calendars)} calendars for each of {patients} patients."
            )
    if not calendars:
        return np.zeros(0), np.zeros((1, 1, 1)), np.zeros(patients, dtype=np.int64)
    times = np.ascontiguousarray(calendars[0].times_years)
    factors = discount.factors(times)
    costs = [np.atleast_2d(calendar.cost) * factors for calendar in calendars]
    if any(len(cost) not in (1, draws) for cost in costs):
        raise InvalidSetting(f"A calendar of doses holds {len(costs[0])} draws; the simulation {draws}.")
    size = max(len(cost) for cost in costs)
    sums = np.zeros((len(costs), size, len(times) + 1))
    for c, cost in enumerate(costs):
        sums[c, :, 1:] = np.cumsum(cost, axis=1)
    return times, sums, whose
