"""What a strategy costs and yields, as rewards and charges on its course."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.course.rewards import Charges, Reward
from coley.economics.doses import (
    Administration,
    Empirical,
    Given,
    Normal,
    PerKg,
    PerM2,
    Phase,
    Product,
    Regimen,
    read_dose,
    read_price,
    schedule,
)
from coley.economics.model_file.parse import drug_places
from coley.model.errors import InvalidSetting, MissingData

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.doses import Body
    from coley.economics.model_file.drugs import Drug
    from coley.economics.model_file.schema import Model

    Floats = NDArray[np.float64]

WEEKS_PER_YEAR = 365.25 / 7
ALIVE = ("progression_free", "progressed")


def rewards_of(
    model: Model,
    name: str,
    numbers: Mapping[str, Floats],
    *,
    times_years: Floats,
    treated: Floats,
    age_multiplier: Floats | None,
) -> list[Reward | Charges]:
    """Return what is counted on the course of one strategy.

    Parameters
    ----------
    model, name
        The model and the strategy.
    numbers
        Place in the model file to its draws, (D,).
    times_years, treated
        The model's grid (T,), and the share still on treatment at its times, (1 or D, T).
    age_multiplier
        (T,) by which utilities fall with age; None to leave them.
    """
    strategy = model.strategies[name]

    def monthly(state: str) -> Floats:
        own = f"strategies.{name}.{state}_per_month"
        return 12 * numbers[own if own in numbers else f"costs.{state}_per_month"]

    counted: list[Reward | Charges] = [
        Reward(
            "qalys",
            "effect",
            by_state={state: numbers[f"utilities.{state}"] for state in ALIVE},
            multiplier=age_multiplier,
        ),
        Reward("care", "cost", by_state={state: monthly(state) for state in ALIVE}),
        Reward("end of life", "cost", on_entry={"dead": numbers["costs.at_death"]}),
        Reward("at the start", "cost", at_start=numbers[f"strategies.{name}.once_at_start"]),
    ]
    events = [f"strategies.{name}.adverse_events.{event}" for event in strategy.adverse_events]
    if events:
        chance = {event: numbers[f"{event}.probability"] for event in events}
        cost = sum((chance[event] * numbers[f"{event}.cost"] for event in events), np.zeros(1))
        loss = sum(
            (
                chance[event] * numbers[f"{event}.disutility"] * numbers[f"{event}.weeks"] / WEEKS_PER_YEAR
                for event in events
            ),
            np.zeros(1),
        )
        counted += [
            Reward("adverse events", "cost", at_start=cost),
            Reward("lost to adverse events", "effect", at_start=-loss),
        ]
    if strategy.drugs:
        counted += _charges(
            regimen_of(model, name, numbers), model.horizon_years, times_years=times_years, treated=treated
        )
    return counted


def regimen_of(model: Model, name: str, numbers: Mapping[str, Floats]) -> Regimen:
    """Return what a strategy gives, at the prices and shares of each draw.

    Raises
    ------
    InvalidSetting
        Where a price is in another currency than the model, or a price or a dose looks like a slip of unit.
    MissingData
        Where a dose needs a weight or a surface that is not known.
    """
    strategy, start = model.strategies[name], f"strategies.{name}"
    given = [
        _given(model, drug, numbers, place=f"{start}.drugs.{place}", stop_years=strategy.stop_years)
        for place, drug in drug_places(strategy).items()
    ]
    visit = numbers[f"{start}.visit"]
    together = numbers.get(f"{start}.visit_together")
    if together is None and not visit.any():
        together = visit  # nothing is charged for a visit, however many drugs are given
    giving = Administration(visit, together=together)
    return Regimen(
        strategy.label or name,
        given,
        {drug.route: giving for drug in strategy.drugs},
        _body(model, strategy.drugs),
    )


def _given(
    model: Model, drug: Drug, numbers: Mapping[str, Floats], *, place: str, stop_years: float | None
) -> Given:
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
    return Given(
        Product(drug.drug, prices, discount=numbers[f"{place}.discount"], country=model.country),
        [Phase(read_dose(drug.dose), drug.every_weeks, doses=drug.doses)],
        start_weeks=drug.from_week,
        stop_years=min(_or_never(stop_years), _or_never(drug.until_week) / WEEKS_PER_YEAR),
        missed=numbers[f"{place}.missed"],
        reduced=numbers[f"{place}.reduced"],
        patients_sharing=drug.share_vials_among,
        route=drug.route,
        unusual_dose=drug.unusual_dose,
    )


def _or_never(time: float | None) -> float:
    return np.inf if time is None else time


def _charges(
    regimen: Regimen, horizon_years: float, *, times_years: Floats, treated: Floats
) -> list[Reward | Charges]:
    """Charge the calendar of a regimen to those still treated: each drug, and giving them."""
    calendar = schedule(regimen, horizon_years)
    on = _at(times_years, treated, calendar.times_years)
    names = np.array(calendar.drugs)
    charges: list[Reward | Charges] = [
        Charges(
            name,
            "cost",
            times_years=calendar.times_years[names == name],
            amounts=calendar.acquisition[:, names == name],
            on_treatment=on[:, names == name],
        )
        for name in dict.fromkeys(calendar.drugs)
    ]
    if calendar.administration.any():
        charges.append(
            Charges(
                "administration",
                "cost",
                times_years=calendar.times_years,
                amounts=calendar.administration,
                on_treatment=on,
            )
        )
    return charges


def _body(model: Model, drugs: tuple[Drug, ...]) -> Body | None:
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


def _at(grid: Floats, values: Floats, times: Floats) -> Floats:
    """Return values (D, T) on a grid at times between, linearly."""
    before = np.clip(np.searchsorted(grid, times, side="right") - 1, 0, len(grid) - 2)
    part = (times - grid[before]) / (grid[before + 1] - grid[before])
    between = (1 - part) * values[:, before] + part * values[:, before + 1]
    return np.asarray(np.clip(between, 0, 1), dtype=np.float64)
