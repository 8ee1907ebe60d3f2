"""A model lived by single patients: the disease, doses and values of the cohort, with irAEs as events."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.analysis.evaluate import evaluate, heaviest, prepare
from coley.economics.analysis.inputs import base_case, drawn
from coley.economics.analysis.plans import PARTITIONED, Plan, iraes_of, number_of, plans_of, rules_of
from coley.economics.analysis.strategy import adverse_events
from coley.economics.analysis.transitions import PROGRESSION
from coley.economics.simulation.incidence import with_mean_incidence, with_observed_incidence
from coley.economics.simulation.result import difference
from coley.economics.simulation.treated import histories, simulate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.analysis.evaluate import Evaluation, Prepared
    from coley.economics.analysis.fitted import FollowUp
    from coley.economics.analysis.inputs import Inputs
    from coley.economics.model_file.individuals import Individuals
    from coley.economics.simulation.iraes import Irae
    from coley.economics.simulation.result import Event, Simulated

    Floats = NDArray[np.float64]

BASE_PATIENTS = 40_000  # of the base case: a mean survival of years is then known to days
RAREST = 1e-12  # an incidence below it is none
# What of the costs and effects of a cohort is simulated, besides its drugs; the rest is as without irAEs.
SIMULATED = ("administration", "care", "end of life", "qalys")


@dataclass(frozen=True, eq=False)
class Lived:
    """The patients of one strategy with their irAEs, and the same patients without, under the same luck.

    Attributes
    ----------
    with_iraes, without
        What both cost and yield; the same where the strategy has no irAEs.
    iraes
        The events, by name.
    days, fatal
        irAE to the days of an admission, and to the share of those of high grade that die of it, (1 or D,).
    deaths
        irAE to deaths of it per patient, (D,): simulated, or expected where survival holds them already.
    replaced
        Cost and QALYs lost, (1 or D,) each, of adverse events of the cohort for which these irAEs stand.
    """

    with_iraes: Simulated
    without: Simulated
    iraes: Mapping[str, Irae]
    days: Mapping[str, Floats]
    fatal: Mapping[str, Floats]
    deaths: Mapping[str, Floats]
    replaced: tuple[Floats, Floats]


@dataclass(frozen=True, eq=False)
class Lives:
    """A model lived by single patients.

    Attributes
    ----------
    structure
        Whose moves they make.
    base, drawn
        Strategy to its patients: in the base case, and in every draw of the inputs.
    cohort_base, cohort_drawn
        The same inputs through the cohort of that structure, without irAEs.
    patients
        In each draw; the base case has `BASE_PATIENTS`.
    histories
        Strategy to the events of the first patients of its base case, where it has irAEs.
    """

    structure: str
    base: Mapping[str, Lived]
    drawn: Mapping[str, Lived]
    cohort_base: Evaluation
    cohort_drawn: Evaluation
    patients: int
    histories: Mapping[str, tuple[Event, ...]]


@dataclass(frozen=True, eq=False)
class Total:
    """Costs, effects and years of life of every strategy once irAEs are events, and their Monte Carlo errors.

    Each is that of the cohort, less the adverse events for which irAEs stand, plus what irAEs change in the same
    patients: the luck of their disease cancels.

    Attributes
    ----------
    costs, effects, life_years
        (D, S).
    costs_se, effects_se
        (D, S).
    """

    costs: Floats
    effects: Floats
    life_years: Floats
    costs_se: Floats
    effects_se: Floats


def live(
    prepared: Prepared, followed: Mapping[str, FollowUp], inputs: Inputs, *, seed: int, spec: Individuals
) -> Lives:
    """Live a model by single patients.

    Parameters
    ----------
    prepared, followed, inputs
        The model with its fits, its patients, and draws of its inputs, of which the first are taken.
    seed
        Of draws that must be made anew, and of luck.
    spec
        What the model says of individuals.

    Raises
    ------
    MissingData
        Where a state transition structure is wanted and progression and death are not of the same patients.
    InvalidSetting
        Where curves say what moves between states cannot take over.
    NotEstimable
        Where an incidence cannot be reached, because patients leave treatment first.
    """
    structure = spec.structure or heaviest(prepared.model)
    prepared, inputs = _with_moves(
        prepared, followed, inputs, structure=structure, draws=spec.draws, seed=seed
    )
    base_inputs = base_case(prepared.model, prepared.fitted)
    few, many = (
        plans_of(prepared, one, structure=structure, patients=patients, seed=seed)
        for one, patients in ((base_inputs, BASE_PATIENTS), (inputs, spec.patients))
    )
    base, lived, told = {}, {}, {}
    for name, plan in few.items():
        seen, drawn_ones = (iraes_of(prepared, one, name, spec=spec) for one in (base_inputs, inputs))
        found: tuple[Irae, ...] = ()
        scaled: tuple[Irae, ...] = ()
        if seen:
            iraes = prepared.model.strategies[name].iraes
            by_rate = [irae for irae, own in iraes.items() if own.rate_per_year is not None]
            found = with_observed_incidence(
                seen, plan.disease, plan.treatment, setting=plan.setting, fixed=by_rate
            )
            scaled = _in_draws(many[name], seen, found, drawn_ones, fixed=by_rate)
            told[name] = histories(
                plan.disease, plan.treatment, setting=plan.setting, iraes=found, patients=spec.histories
            )
        base[name] = _lived(plan, found, prepared, base_inputs, name=name, spec=spec)
        lived[name] = _lived(many[name], scaled, prepared, inputs, name=name, spec=spec)
    cohort_base, cohort_drawn = (
        evaluate(prepared, one, structure=structure) for one in (base_inputs, inputs)
    )
    return Lives(structure, base, lived, cohort_base, cohort_drawn, spec.patients, told)


def total(lived: Mapping[str, Lived], cohort: Evaluation) -> Total:
    """Return what every strategy costs and yields once irAEs are events, (D, S)."""
    changes = [difference(lived[name].with_iraes, lived[name].without) for name in cohort.strategies]
    years = [
        lived[name].with_iraes.counts["life_years"] - lived[name].without.counts["life_years"]
        for name in cohort.strategies
    ]
    replaced = [lived[name].replaced for name in cohort.strategies]
    return Total(
        cohort.costs
        + np.column_stack([c.costs - cost for c, (cost, _) in zip(changes, replaced, strict=True)]),
        cohort.effects
        + np.column_stack([c.effects + lost for c, (_, lost) in zip(changes, replaced, strict=True)]),
        cohort.life_years + np.column_stack(years),
        np.column_stack([one.costs_se for one in changes]),
        np.column_stack([one.effects_se for one in changes]),
    )


def simulated_part(prepared: Prepared, cohort: Evaluation, name: str, *, effects: bool) -> Floats:
    """Return the costs, or effects, of a cohort that simulated patients have too, (D,): to hold them against."""
    drugs = {drug.drug for drug in prepared.model.strategies[name].drugs}
    told = {"qalys"} if effects else {*drugs, *SIMULATED} - {"qalys"}
    parts = [
        values for (of, category), values in cohort.categories.items() if of == name and category in told
    ]
    return np.asarray(sum(parts, np.zeros(cohort.draws)), dtype=np.float64)


def _with_moves(
    prepared: Prepared,
    followed: Mapping[str, FollowUp],
    inputs: Inputs,
    *,
    structure: str,
    draws: int,
    seed: int,
) -> tuple[Prepared, Inputs]:
    """Return the model and as many draws as are wanted, with the moves of a structure, fitted where they were not."""
    model, count = prepared.model, min(draws, inputs.draws)
    fitted = all(f"{name}.{PROGRESSION}" in prepared.fitted for name in model.strategies)
    if structure == PARTITIONED or fitted:
        return prepared, inputs.rows(0, count)
    weights = dict.fromkeys(model.structures.model_dump(), 0.0) | {structure: 1.0}
    changed = model.model_copy(update={"structures": model.structures.model_copy(update=weights)})
    again = prepare(changed, followed, table=prepared.people.table)
    return again, drawn(changed, again.fitted, draws=count, seed=seed)


def _in_draws(
    plan: Plan,
    seen: Sequence[Irae],
    found: Sequence[Irae],
    drawn_ones: Sequence[Irae],
    *,
    fixed: Collection[str],
) -> tuple[Irae, ...]:
    """Return irAEs of the draws: the chance of those who stay on treatment moves with the incidence of each draw."""
    scaled = []
    for one, before, base in zip(drawn_ones, seen, found, strict=True):
        reach = np.asarray(base.chance).mean() / max(np.asarray(before.chance).mean(), RAREST)
        scaled.append(replace(one, chance=np.minimum(np.asarray(one.chance) * reach, 1.0)))
    return with_mean_incidence(
        scaled,
        plan.disease,
        plan.treatment,
        setting=plan.setting,
        observed=[one.chance for one in drawn_ones],
        fixed=fixed,
    )


def _lived(
    plan: Plan,
    iraes: Sequence[Irae],
    prepared: Prepared,
    inputs: Inputs,
    *,
    name: str,
    spec: Individuals,
) -> Lived:
    without = simulate(plan.disease, plan.treatment, plan.values, setting=plan.setting)
    if not iraes:
        return Lived(without, without, {}, {}, {}, {}, (np.zeros(1), np.zeros(1)))
    found = simulate(plan.disease, plan.treatment, plan.values, setting=plan.setting, iraes=iraes)
    days, fatal = (
        {one.name: number_of(inputs.numbers, name, one.name, word) for one in iraes}
        for word in ("days_in_hospital", "fatal")
    )
    deaths = {
        one.name: found.iraes[one.name]["deaths"]
        if spec.deaths == "added"
        else found.iraes[one.name]["grade_3_or_more"] * fatal[one.name]
        for one in iraes
    }
    replaced = adverse_events(name, rules_of(spec, name).instead_of, inputs.numbers)
    return Lived(found, without, {one.name: one for one in iraes}, days, fatal, deaths, replaced)
