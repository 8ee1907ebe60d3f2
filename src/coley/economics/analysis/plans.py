"""What a simulation needs to know of each strategy of a model: moves of the disease, doses and rules, values, irAEs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.analysis.evaluate import curves_of
from coley.economics.analysis.fitted import mixture_of
from coley.economics.analysis.regimens import regimen_of
from coley.economics.analysis.strategy import ALIVE, care_per_year
from coley.economics.analysis.transitions import AFTER, BEFORE, PROGRESSION, course_of, refuse_unlike
from coley.economics.doses import schedule
from coley.economics.model_file.individuals import EVERY, Individuals, IraeRules
from coley.economics.simulation.clocks import Background, Hazard, median_of
from coley.economics.simulation.iraes import Irae
from coley.economics.simulation.tabulated import Tabulated, moves_of_curves, nodes
from coley.economics.simulation.treated import Setting
from coley.economics.simulation.treatment import Disease, Treatment, Values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.analysis.evaluate import Prepared
    from coley.economics.analysis.inputs import Inputs
    from coley.economics.projection.curve import Curve

    Floats = NDArray[np.float64]

WEEKS_PER_YEAR = 365.25 / 7
DAYS_PER_YEAR = 365.25
PARTITIONED = "partitioned_survival"


@dataclass(frozen=True, eq=False)
class Plan:
    """One strategy, ready to be lived."""

    disease: Disease
    treatment: Treatment
    values: Values
    setting: Setting


def plans_of(
    prepared: Prepared, inputs: Inputs, *, structure: str, patients: int, seed: int
) -> dict[str, Plan]:
    """Return every strategy of a model, ready to be lived by patients who make the moves of a structure.

    Raises
    ------
    InvalidSetting
        Where curves say what moves between states cannot take over.
    """
    model = prepared.model
    projected = curves_of(prepared, inputs).curves
    found = {}
    for name, strategy in model.strategies.items():
        times, background = prepared.grid.times_years, None
        until = projected.get(f"{name}.on_treatment")
        if structure == PARTITIONED:
            free, alive = (projected[f"{name}.{endpoint}"].survival for endpoint in ("pfs", "os"))
            disease = Disease(*moves_of_curves(times, free, alive))
        else:
            refuse_unlike(structure, name, strategy, prepared.people)
            disease = _moves(prepared, inputs, name, structure=structure)
            if prepared.fitted[f"{name}.{BEFORE}"].excess and prepared.people.table is not None:
                background = _background(prepared, patients, seed)
            if until is not None:
                course = course_of(
                    structure, name, strategy=strategy, fitted=prepared.fitted, inputs=inputs, grid=prepared.grid,
                    people=prepared.people,
                )  # fmt: skip
                alive = course.occupancy[:, :, :2].sum(axis=2)
        found[name] = Plan(
            disease,
            _treatment(prepared, inputs, name, leaving=None if until is None else _leaving(until, alive)),
            _values(name, inputs.numbers),
            Setting(
                patients=patients,
                draws=inputs.draws,
                seed=seed,
                horizon_years=model.horizon_years,
                background=background,
                costs=prepared.costs,
                effects=prepared.effects,
                effect_multiplier=None
                if prepared.age_multiplier is None
                else (times, prepared.age_multiplier),
            ),
        )
    return found


def _moves(prepared: Prepared, inputs: Inputs, name: str, *, structure: str) -> Disease:
    """Return the moves as they were fitted, along a grid finer than that of the cohort."""
    times = nodes(prepared.model.horizon_years)
    clocks = {PROGRESSION: "forward", BEFORE: "forward", AFTER[structure]: structure.removeprefix("clock_")}
    return Disease(
        *(
            Tabulated(
                times,
                mixture_of(prepared.fitted[place], inputs.curves[place], times).cumulative_hazard,
                clock=clock,
            )
            for move, clock in clocks.items()
            for place in (f"{name}.{move}",)
        )
    )


def _background(prepared: Prepared, patients: int, seed: int) -> Background:
    """Return death as in the general population for patients of the ages and sexes of the cohort, in any order."""
    cohort, table = prepared.people.cohort, prepared.people.table
    assert table is not None
    shares = np.cumsum(cohort.weights) / cohort.weights.sum()
    group = np.searchsorted(shares, (np.arange(patients) + 0.5) / patients)
    group = np.random.default_rng(seed).permutation(group)
    return Background(table, cohort.age_years[group], cohort.female[group])


def _leaving(until: Curve, alive: Floats) -> Tabulated:
    """Return the hazard of leaving treatment alive that gives back a curve of those on treatment."""
    on = np.minimum(until.survival, alive)
    with np.errstate(divide="ignore", invalid="ignore"):
        staying = np.where(alive > 0, np.log(alive) - np.log(on), np.inf)
    staying = np.nan_to_num(staying, nan=0.0, posinf=np.inf)
    staying[:, 0] = 0.0
    return Tabulated(until.times_years, np.maximum.accumulate(staying, axis=1))


def _treatment(prepared: Prepared, inputs: Inputs, name: str, *, leaving: Tabulated | None) -> Treatment:
    model, numbers = prepared.model, inputs.numbers
    strategy = model.strategies[name]
    rules = rules_of(model.individuals, name)
    at = f"individuals.strategies.{name}"
    return Treatment(
        name,
        doses=schedule(regimen_of(model, name, numbers), model.horizon_years) if strategy.drugs else (),
        longest_years=np.inf if strategy.stop_years is None else strategy.stop_years,
        discontinuation=leaving,
        to_progression=leaving is None,
        ratio_off=numbers.get(f"{at}.progression_ratio_off", 1.0),
        rechallenge=numbers.get(f"{at}.rechallenge", 0.0),
        rechallenge_delay_years=np.asarray(numbers.get(f"{at}.rechallenge_after_weeks", 0.0))
        / WEEKS_PER_YEAR,
        exposed_after_years=rules.exposed_after_days / DAYS_PER_YEAR,
    )


def rules_of(spec: Individuals | None, name: str) -> IraeRules:
    """Return what is done under a strategy when irAEs come."""
    return IraeRules() if spec is None else spec.strategies.get(name, IraeRules())


def _values(name: str, numbers: Mapping[str, Floats]) -> Values:
    free, progressed = ALIVE
    return Values(
        utilities=(numbers[f"utilities.{free}"], numbers[f"utilities.{progressed}"]),
        costs_per_year=(care_per_year(name, free, numbers), care_per_year(name, progressed, numbers)),
        cost_death=numbers["costs.at_death"],
    )


def number_of(numbers: Mapping[str, Floats], name: str, irae: str, word: str) -> Floats:
    """Return a number of an irAE: its own, or that of every irAE of the strategy; nothing where it never happens."""
    start = f"strategies.{name}.iraes"
    own = numbers.get(f"{start}.{irae}.{word}")
    return own if own is not None else numbers.get(f"{start}.{EVERY}.{word}", np.zeros(1))


def iraes_of(prepared: Prepared, inputs: Inputs, name: str, *, spec: Individuals) -> list[Irae]:
    """Return the irAEs of a strategy, with the incidence of all who begin treatment as their chance; one by a rate."""
    given = prepared.model.strategies[name].iraes
    made = []
    for irae, own in given.items():
        if irae == EVERY:
            continue

        def number(word: str, irae: str = irae) -> Floats:
            return number_of(inputs.numbers, name, irae, word)

        lasting = median_of(number("resolution_weeks") / WEEKS_PER_YEAR)
        longer = number("resolution_weeks_high")
        every, by_rate = given.get(EVERY), own.rate_per_year is not None
        made.append(
            Irae(
                name=irae,
                chance=1.0 if by_rate else number("incidence"),
                onset=Hazard("exponential", number("rate_per_year")[:, None], clock="reset")
                if by_rate
                else median_of(number("onset_weeks") / WEEKS_PER_YEAR),
                lasting_low=lasting,
                lasting_high=median_of(longer / WEEKS_PER_YEAR) if longer.any() else lasting,
                high=number("high_grade"),
                fatal=number("fatal") if spec.deaths == "added" else 0.0,
                persists=number("persists"),
                admitted=number("admitted"),
                stops_low=number("stops_low"),
                stops_high=number("stops_high"),
                recurs=number("recurs"),
                cost_low=number("cost_low"),
                cost_high=number("cost_high"),
                cost_admission=number("days_in_hospital") * number("cost_per_day"),
                cost_chronic_per_year=12 * number("cost_chronic_per_month"),
                loss_low=number("disutility_low"),
                loss_high=number("disutility_high"),
                loss_chronic=number("disutility_chronic"),
                holds_low=own.holds_low or (every is not None and every.holds_low),
            )
        )
    return made
