"""What is given, from the words of a model file: a regimen at the prices and shares of each draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses import (
    Administration,
    DownToVial,
    Empirical,
    Given,
    Normal,
    PerKg,
    PerM2,
    Phase,
    Product,
    Regimen,
    ToBands,
    ToMultiple,
    read_dose,
    read_price,
)
from coley.economics.doses.regimens import WEEKS_PER_YEAR
from coley.economics.model_file.parse import named_drugs
from coley.model.errors import ColeyError, InvalidSetting, MissingData

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.doses import Body
    from coley.economics.model_file.drugs import Drug, DrugAgain, Rounding
    from coley.economics.model_file.schema import Model
    from coley.economics.model_file.treatment import Strategy

    Floats = NDArray[np.float64]


def regimen_of(model: Model, name: str, numbers: Mapping[str, Floats]) -> Regimen:
    """Return what a strategy gives, at the prices and shares of each draw.

    Raises
    ------
    InvalidSetting
        Where a price is in another currency than the model, or a price or a dose looks like a slip of unit.
    MissingData
        Where a dose needs a weight or a surface that is not known.
    """
    strategy = model.strategies[name]
    return _regimen(model, name, numbers, drugs=strategy.drugs, stop_years=_or_never(strategy.stop_years))


def retreatment_of(model: Model, name: str, numbers: Mapping[str, Floats]) -> Regimen:
    """Return what those are given who are treated again; its time runs from their first dose.

    Raises
    ------
    InvalidSetting, MissingData
        As `regimen_of` does.
    """
    again = model.strategies[name].retreatment
    if again is None:
        raise MissingData(f"The model does not say how those are treated again who were given {name}.")
    stop_years = _or_never(again.weeks) / WEEKS_PER_YEAR
    return _regimen(model, name, numbers, drugs=again.drugs, stop_years=stop_years, within=".retreatment")


def falls_again(
    model: Model, name: str, numbers: Mapping[str, Floats], *, times_years: Floats
) -> dict[str, Floats]:
    """Return what falls of its price leave of each drug given again at times since the start (T,), (1 or D, T)."""
    strategy = model.strategies[name]
    again = strategy.retreatment.drugs if strategy.retreatment else ()
    said = _Said(f"strategies.{name}", ".retreatment", numbers)
    made: dict[str, Floats] = {}
    for place, drug in named_drugs(again).items():
        product = _product(
            model, drug, said.number(place, drug, "discount"), cuts=said.cuts(place, drug, strategy)
        )
        made.setdefault(drug.drug, product.kept_after_cuts(times_years))
    return made


def _regimen(
    model: Model,
    name: str,
    numbers: Mapping[str, Floats],
    *,
    drugs: tuple[Drug | DrugAgain, ...],
    stop_years: float,
    within: str = "",
) -> Regimen:
    strategy, start = model.strategies[name], f"strategies.{name}"
    said = _Said(start, within, numbers)
    given = []
    for place, drug in named_drugs(drugs).items():
        with placed(f"{start}{within}.drugs.{place}"):
            # The weeks of what is given again are its own, so that the price falls elsewhere.
            cuts = [] if within else said.cuts(place, drug, strategy)
            made = Given(
                _product(model, drug, said.number(place, drug, "discount"), cuts=cuts),
                [Phase(read_dose(drug.dose), drug.every_weeks, doses=drug.doses)],
                start_weeks=drug.from_week,
                stop_years=min(stop_years, _or_never(drug.until_week) / WEEKS_PER_YEAR),
                missed=said.number(place, drug, "missed"),
                reduced=said.number(place, drug, "reduced"),
                patients_sharing=drug.share_vials_among,
                rounding=_rounding(drug.rounding),
                route=drug.route,
                unusual_dose=drug.unusual_dose,
            )
        given.append(made)
    visit = numbers[f"{start}.visit"]
    first = numbers.get(f"{start}.first_visit", visit)
    together = numbers.get(f"{start}.visit_together")
    if together is None and not visit.any() and not first.any():
        together = visit  # nothing is charged for a visit, however many drugs are given
    giving = Administration(first, visit, together)
    label = strategy.label or name
    return Regimen(label, given, {drug.route: giving for drug in drugs}, _body(model, drugs))


@dataclass(frozen=True, slots=True)
class _Said:
    """What a model file says of drugs at one place of a strategy, and what it first says of them there."""

    start: str
    within: str
    numbers: Mapping[str, Floats]

    def number(self, place: str, drug: Drug | DrugAgain, what: str) -> Floats:
        """Return the draws of what is said here, else of what the strategy first says of the drug, else zero."""
        for spot in (f"{self.start}{self.within}.drugs.{place}", f"{self.start}.drugs.{drug.drug}"):
            if f"{spot}.{what}" in self.numbers:
                return self.numbers[f"{spot}.{what}"]
        return np.zeros(1)

    def cuts(self, place: str, drug: Drug | DrugAgain, strategy: Strategy) -> list[tuple[float, Floats]]:
        """Return years and draws of later falls of the price."""
        falls = drug.price_falls
        if falls is None:
            falls = next((one.price_falls for one in strategy.drugs if one.drug == drug.drug), ())
        return [
            (fall.from_years, self.number(place, drug, f"price_falls.{i}.by"))
            for i, fall in enumerate(falls, 1)
        ]


@contextmanager
def placed(where: str) -> Iterator[None]:
    """Say of an error within where in the model file it comes from."""
    try:
        yield
    except ColeyError as error:
        error.where = error.where or where
        raise


def _product(
    model: Model, drug: Drug | DrugAgain, discount: Floats, *, cuts: list[tuple[float, Floats]]
) -> Product:
    prices = [
        read_price(text, price_year=model.price_year, source=drug.source, confirmed=drug.price_confirmed)
        for text in drug.prices
    ]
    for price in prices:
        if price.currency != model.currency:
            raise InvalidSetting(
                f"The price of {drug.drug} is in {price.currency}, the model in {model.currency}.",
                remedy="Convert it at a rate that you can cite, with its date.",
            )
    return Product(drug.drug, prices, discount=discount, cuts=cuts, country=model.country)


def _rounding(words: Rounding | None) -> ToMultiple | ToBands | DownToVial | None:
    if words is None:
        return None
    if words.to_mg is not None:
        return ToMultiple(words.to_mg)
    return ToBands(words.bands_mg) if words.bands_mg else DownToVial(words.down_within or 0.0)


def _or_never(time: float | None) -> float:
    return np.inf if time is None else time


def _body(model: Model, drugs: tuple[Drug | DrugAgain, ...]) -> Body | None:
    """Return the distribution that the doses need: weight, surface, or none."""
    people = model.population
    measures: dict[type, tuple[float | None, float, str, str]] = {
        PerKg: (people.weight_kg, people.weight_sd_kg, "kg", "weight"),
        PerM2: (people.surface_m2, people.surface_sd_m2, "m2", "surface"),
    }
    for drug in drugs:
        found = measures.get(type(read_dose(drug.dose)))
        if found is None:
            continue
        mean, sd, unit, word = found
        if mean is None:
            raise MissingData(
                f"{drug.drug} is given by {word} ({drug.dose}), and no {word} is known.",
                remedy=f"Give population.{word}_{unit} and {word}_sd_{unit}.",
            )
        return Normal(mean, sd, unit=unit) if sd else Empirical([mean], unit=unit)
    return None
