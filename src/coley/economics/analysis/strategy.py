"""What a strategy costs and yields, as rewards and charges on its course."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.course.rewards import Charges, Reward
from coley.economics.doses.amounts import PerKg, read_dose
from coley.economics.doses.bodies import Empirical, Normal
from coley.economics.doses.prices import Product, read_price
from coley.economics.doses.supply import supply
from coley.economics.model_file.parse import drug_places
from coley.model.errors import InvalidSetting, MissingData

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.doses.bodies import Body
    from coley.economics.model_file.schema import Drug, Model
    from coley.economics.projection.curve import Curve

    Floats = NDArray[np.float64]

WEEKS_PER_YEAR = 365.25 / 7
ALIVE = ("progression_free", "progressed")


def rewards_of(
    model: Model,
    name: str,
    numbers: Mapping[str, Floats],
    *,
    treated: Curve,
    age_multiplier: Floats | None,
) -> list[Reward | Charges]:
    """Return what is counted on the course of one strategy.

    Parameters
    ----------
    model, name
        The model and the strategy.
    numbers
        Place in the model file to its draws, (D,).
    treated
        Share still on treatment, on the model's grid.
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
    for place, drug in drug_places(strategy).items():
        counted += _drug(
            model,
            drug,
            numbers,
            place=f"strategies.{name}.drugs.{place}",
            name=place,
            until=(treated, strategy.stop_years),
        )
    return counted


def _drug(
    model: Model,
    drug: Drug,
    numbers: Mapping[str, Floats],
    *,
    place: str,
    name: str,
    until: tuple[Curve, float | None],
) -> list[Reward | Charges]:
    treated, stop_years = until
    first = drug.from_week / WEEKS_PER_YEAR
    end = min(model.horizon_years, stop_years if stop_years is not None else np.inf)
    count = max(int(np.ceil(np.round((end - first) * WEEKS_PER_YEAR / drug.every_weeks, 9))), 0)
    if drug.doses is not None:
        count = min(count, drug.doses)
    times = np.asarray(first + np.arange(count) * drug.every_weeks / WEEKS_PER_YEAR, dtype=np.float64)
    on = _at(treated, times)
    made = supply(
        read_dose(drug.dose),
        product_of(model, drug, discount=numbers[f"{place}.discount"]),
        body=_body(model, drug),
        patients_sharing=drug.share_vials_among,
    )
    intensity = numbers[f"{place}.dose_intensity"]

    def each(cost: Floats) -> Floats:
        return np.broadcast_to((cost * intensity)[:, None], (len(intensity), count))

    return [
        Charges(name, "cost", times_years=times, amounts=each(made.cost), on_treatment=on),
        Charges(
            f"{name}, administration",
            "cost",
            times_years=times,
            amounts=each(numbers[f"{place}.administration"]),
            on_treatment=on,
        ),
    ]


def product_of(model: Model, drug: Drug, *, discount: Floats) -> Product:
    """Return what a drug is sold as.

    Raises
    ------
    InvalidSetting
        Where a price is in another currency than the model.
    """
    prices = [read_price(text, price_year=model.price_year, source=drug.source) for text in drug.prices]
    for price in prices:
        if price.currency != model.currency:
            raise InvalidSetting(
                f"The price of {drug.drug} is in {price.currency}, the model in {model.currency}.",
                remedy="Convert it at a rate that you can cite, with its date.",
            )
    return Product(drug.drug, prices, discount=discount)


def _body(model: Model, drug: Drug) -> Body | None:
    dose = read_dose(drug.dose)
    if not isinstance(dose, PerKg):
        return None
    people = model.population
    if people.weight_kg is None:
        raise MissingData(
            f"{drug.drug} is given by weight ({drug.dose}), and no weight is known.",
            remedy="Give population.weight_kg and weight_sd_kg.",
        )
    return (
        Normal(people.weight_kg, people.weight_sd_kg)
        if people.weight_sd_kg
        else Empirical([people.weight_kg])
    )


def _at(curve: Curve, times: Floats) -> Floats:
    """Survival between the times of a grid, linearly."""
    grid = curve.times_years
    before = np.clip(np.searchsorted(grid, times, side="right") - 1, 0, len(grid) - 2)
    part = (times - grid[before]) / (grid[before + 1] - grid[before])
    values = curve.survival
    return np.asarray(
        np.clip((1 - part) * values[:, before] + part * values[:, before + 1], 0, 1), dtype=np.float64
    )
