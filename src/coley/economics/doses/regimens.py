"""Regimens: which drug at which dose, how often, for how long, and what giving it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.amounts import Dose
from coley.economics.doses.draws import count_of_draws, draws_of, share_of
from coley.economics.doses.prices import Product
from coley.economics.doses.rounding import Rounding
from coley.model.errors import InvalidSetting, MissingData

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coley.economics.doses.bodies import Body

    Floats = NDArray[np.float64]

WEEKS_PER_YEAR = 365.25 / 7
MOMENT = 1e-6  # weeks; administrations closer than this are on the same day


@dataclass(frozen=True, slots=True)
class Phase:
    """A dose at an interval, for so many doses, so many weeks, or to the end; a loading dose is a phase of one.

    Attributes
    ----------
    dose
        mg, mg/kg or mg/m2.
    every_weeks
        Interval between doses: 2 for Q2W, 6 for Q6W.
    doses, weeks
        When the phase ends: after so many doses, or so many weeks after its start; neither in a last phase.
    gap_weeks
        From the last dose of the phase before to the first of this one; where None, the interval of the
        phase before.
    """

    dose: Dose
    every_weeks: float
    doses: int | None = None
    weeks: float | None = None
    gap_weeks: float | None = None

    def __post_init__(self) -> None:
        for name, value in (
            ("every_weeks", self.every_weeks),
            ("weeks", self.weeks),
            ("gap_weeks", self.gap_weeks),
        ):
            if value is not None:
                draws_of(
                    value,
                    f"{name} of a phase",
                    low=1 / 7,
                    high=260.0,
                    unit="weeks (the limits are 1 day, 5 years)",
                )
        if self.doses is not None and (self.doses != int(self.doses) or self.doses < 1):
            raise InvalidSetting(f"A phase has a whole number of doses, 1 or more, not {self.doses!r}.")
        if self.doses is not None and self.weeks is not None:
            raise InvalidSetting("A phase ends after so many doses or after so many weeks, not both.")


@dataclass(frozen=True, eq=False)
class Given:
    """One drug of a regimen.

    Attributes
    ----------
    product
        The drug with its vials and prices.
    phases
        In their order, as induction and maintenance.
    start_weeks
        When its first dose is due.
    max_doses
        Doses of all phases after which it stops, as 35 doses of pembrolizumab.
    stop_years
        Time after the first dose of the regimen from which it is no longer given, as 2 years.
    missed
        Fraction of due doses that are not given at all: saves drug and administration.
    reduced
        Fraction by which given doses are smaller: saves drug as far as vials allow, and no administration.
    patients_sharing, rounding, unusual_dose
        As for `supply`.
    route
        "iv", "sc" or "oral": what giving it costs.
    """

    product: Product
    phases: Sequence[Phase]
    start_weeks: float = 0.0
    max_doses: int | None = None
    stop_years: float = np.inf
    missed: ArrayLike = 0.0
    reduced: ArrayLike = 0.0
    patients_sharing: float = 1
    rounding: Rounding | None = None
    route: str = "iv"
    unusual_dose: bool = False

    def __post_init__(self) -> None:
        phases = tuple(self.phases)
        if not phases:
            raise InvalidSetting(f"{self.product.drug} has no phase, so that no dose would be given.")
        for phase in phases[:-1]:
            if phase.doses is None and phase.weeks is None:
                raise InvalidSetting(
                    f"Only the last phase of {self.product.drug} may go on without end.",
                    remedy="Give doses= or weeks= of the phases before it.",
                )
        if self.max_doses is not None and (self.max_doses != int(self.max_doses) or self.max_doses < 1):
            raise InvalidSetting(f"max_doses must be a whole number, 1 or more, not {self.max_doses!r}.")
        if not self.stop_years > 0:
            raise InvalidSetting(f"Treatment cannot stop after {self.stop_years!r} years.")
        draws_of(self.start_weeks, "The start of a drug", unit="weeks")
        missed = share_of(self.missed, f"The share of missed doses of {self.product.drug}")
        reduced = share_of(self.reduced, f"The reduction of doses of {self.product.drug}")
        count_of_draws(missed, reduced)
        for name, value in (("phases", phases), ("missed", missed), ("reduced", reduced)):
            object.__setattr__(self, name, value)

    @property
    def relative_dose_intensity(self) -> Floats:
        """Given mg by prescribed mg, (D,): what missed and reduced doses leave together."""
        return np.asarray((1 - np.asarray(self.missed)) * (1 - np.asarray(self.reduced)))

    def due_weeks(self, until_weeks: float) -> list[tuple[float, int]]:
        """Return time in weeks and phase of every dose that is due before a time.

        Examples
        --------
        >>> from coley.economics.doses import Flat, Price, Product
        >>> product = Product("a drug", [Price(1, per="mg", currency="GBP", price_year=2022)])
        >>> drug = Given(product, [Phase(Flat(500), 3, doses=2), Phase(Flat(1000), 6)])
        >>> [at for at, _ in drug.due_weeks(20)]
        [0.0, 3.0, 6.0, 12.0, 18.0]
        """
        draws_of(until_weeks, "The time until which doses are due", unit="weeks")
        stop = min(until_weeks, self.stop_years * WEEKS_PER_YEAR)
        limit = self.max_doses or np.inf
        due: list[tuple[float, int]] = []
        start = self.start_weeks
        for number, phase in enumerate(self.phases):
            if number and phase.gap_weeks is not None:
                start = due[-1][0] + phase.gap_weeks
            end = stop if phase.weeks is None else min(stop, start + phase.weeks)
            n = 0
            while n < (phase.doses or np.inf) and start + n * phase.every_weeks < end - MOMENT:
                if len(due) >= limit:
                    return due
                due.append((start + n * phase.every_weeks, number))
                n += 1
            if not n:
                break  # stopped before this phase
            start = due[-1][0] + phase.every_weeks
        return due


@dataclass(frozen=True, eq=False)
class Administration:
    """What giving drugs by one route costs, a visit.

    Attributes
    ----------
    first, later
        The first visit and those after it, one number or one a draw (D,); later as first where None.
    together
        A visit in which two or more drugs are given by this route, as a complex infusion.
    """

    first: ArrayLike
    later: ArrayLike | None = None
    together: ArrayLike | None = None

    def __post_init__(self) -> None:
        for name in ("first", "later", "together"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, draws_of(value, "The cost of an administration"))

    def visit(self, *, first: bool, drugs: int, route: str) -> Floats:
        """Return the cost of a visit, (D,).

        Raises
        ------
        MissingData
            Where several drugs are given and their cost together is not known.
        """
        if drugs > 1:
            if self.together is None:
                raise MissingData(
                    f"Two drugs are given {route} on the same day, and the cost of that visit is not known.",
                    remedy="Give it (visit_together in a model file, Administration(together=...) in Python): the cost "
                    "of one infusion is not doubled silently.",
                )
            return np.asarray(self.together)
        return np.asarray(self.first if first or self.later is None else self.later)


@dataclass(frozen=True, eq=False)
class Regimen:
    """All drugs of a treatment, with what giving them costs.

    Attributes
    ----------
    name
        For tables and figures.
    drugs
        Each with its phases.
    administration
        By route; every route that a drug takes must be there (`Administration(0)` where it costs nothing).
    body
        Distribution of weight or surface of the patients, where a dose needs it.
    """

    name: str
    drugs: Sequence[Given]
    administration: Mapping[str, Administration]
    body: Body | None = field(default=None)

    def __post_init__(self) -> None:
        drugs = tuple(self.drugs)
        if not drugs:
            raise InvalidSetting(f"The regimen {self.name!r} has no drug.")
        kinds = {(drug.product.currency, drug.product.price_year) for drug in drugs}
        if len(kinds) > 1:
            raise InvalidSetting(
                f"The drugs of {self.name!r} are priced in different currencies or years.",
                where="; ".join(
                    f"{drug.product.drug} in {drug.product.currency} of {drug.product.price_year}"
                    for drug in drugs
                ),
                remedy="Bring them to one currency and year with `Price.to`.",
            )
        for drug in drugs:
            if drug.route not in self.administration:
                raise MissingData(
                    f"What it costs to give {drug.product.drug} {drug.route} is not known.",
                    remedy=f"Give administration={{{drug.route!r}: Administration(...)}}; 0 where it is free.",
                )
        object.__setattr__(self, "drugs", drugs)
