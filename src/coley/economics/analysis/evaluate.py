"""A model worked out: costs, effects and years of every strategy and draw, under one structure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.analysis.fitted import FittedCurve, FollowUp, fit_curves
from coley.economics.analysis.strategy import rewards_of
from coley.economics.analysis.survival import People, Projected, project
from coley.economics.analysis.transitions import course_of
from coley.economics.course import outcome
from coley.economics.course.discounting import Discount
from coley.economics.course.grid import Grid, cycles
from coley.economics.course.partitioned import partitioned_survival
from coley.economics.population.cohort import Cohort
from coley.economics.population.life_tables import life_table
from coley.economics.population.norms import age_multiplier, norm
from coley.economics.population.reference_cases import reference_case
from coley.stats.decision.structures import assigned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.analysis.inputs import Inputs
    from coley.economics.course.courses import Course
    from coley.economics.course.rewards import Charges, Reward
    from coley.economics.model_file.schema import Model
    from coley.economics.population.life_tables import LifeTable
    from coley.economics.projection.curve import Curve

    Floats = NDArray[np.float64]

CHUNK = 500  # draws run at a time: bounds memory, and fits caches better than thousands


@dataclass(frozen=True, eq=False)
class Prepared:
    """A model with what is made once: fits, people, grid and rates.

    Attributes
    ----------
    model
        The model.
    fitted
        "strategy.endpoint" to what was fitted to its patients.
    people, grid
        Who is treated; the times.
    costs, effects
        Discount rates.
    age_multiplier
        (T,), or None.
    """

    model: Model
    fitted: Mapping[str, FittedCurve]
    people: People
    grid: Grid
    costs: Discount
    effects: Discount
    age_multiplier: Floats | None


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What every strategy costs and yields in every draw.

    Attributes
    ----------
    strategies
        Their names, in the order of the columns.
    costs, effects
        (D, S), discounted.
    life_years, state_years
        (D, S) and state to (D, S), undiscounted.
    categories
        (strategy, category) to its discounted cost or effect, (D,).
    crossed, crossed_years
        Strategy to the share of draws in which progression-free survival had to be cut to overall survival, and
        to the years by which it was cut, on average over all draws.
    floored_from_years
        "strategy.endpoint" to the times from which background mortality was the floor, (D,).
    """

    strategies: tuple[str, ...]
    costs: Floats
    effects: Floats
    life_years: Floats
    state_years: Mapping[str, Floats]
    categories: Mapping[tuple[str, str], Floats]
    crossed: Mapping[str, float]
    crossed_years: Mapping[str, float]
    floored_from_years: Mapping[str, Floats]

    @property
    def draws(self) -> int:
        """D."""
        return len(self.costs)


def prepare(
    model: Model,
    followed: Mapping[str, FollowUp],
    *,
    table: LifeTable | None = None,
    fitted: Mapping[str, FittedCurve] | None = None,
) -> Prepared:
    """Fit curves and make the grid, the people and the rates of a model.

    Parameters
    ----------
    model
        From a model file.
    followed
        "strategy.endpoint" to patients.
    table
        Life table, where it is not one that Coley brings.
    fitted
        Curves fitted already, of a model that differs in nothing that fits rest on.
    """
    people = model.population
    if table is None and people.life_table:
        table = life_table(people.life_table)
    cohort = Cohort.normal(people.age_years, people.age_sd_years, female=people.female)
    grid = cycles(model.horizon_years, 1 / model.cycles_per_year, correction=model.correction)
    ageing = None
    if model.utilities.norms and table is not None:
        ageing = age_multiplier(norm(model.utilities.norms), cohort, table, grid.times_years)
    rates = model.discount
    case = reference_case(model.reference_case) if model.reference_case else None
    costs = rates.costs if rates else case.discount_costs if case else 0.0
    effects = rates.effects if rates else case.discount_effects if case else 0.0
    way = rates.compounding if rates else "annual"
    if fitted is None:
        fitted = fit_curves(model, followed, cohort=cohort, table=table)
    return Prepared(
        model, fitted, People(cohort, table), grid, Discount(costs, way), Discount(effects, way), ageing
    )


def curves_of(prepared: Prepared, inputs: Inputs) -> Projected:
    """Return every curve of a model on its grid, for these draws."""
    return project(
        prepared.model,
        prepared.fitted,
        inputs,
        times_years=prepared.grid.times_years,
        people=prepared.people,
    )


def evaluate(prepared: Prepared, inputs: Inputs, *, structure: str = "") -> Evaluation:
    """Run draws through the model, some hundred at a time, under one structure (the heaviest unless named)."""
    chosen = structure or heaviest(prepared.model)
    parts = [
        _run(prepared, inputs.rows(start, min(start + CHUNK, inputs.draws)), chosen)
        for start in range(0, inputs.draws, CHUNK)
    ]
    return parts[0] if len(parts) == 1 else _joined(parts)


def heaviest(model: Model) -> str:
    """Return the structure of the base case: that of the largest weight, the first of equals."""
    weights = model.structures.model_dump()
    return max(weights, key=lambda name: weights[name])


def weighted(model: Model) -> dict[str, float]:
    """Return the structures that weigh anything, and their weights, which sum to one."""
    weights = {name: weight for name, weight in model.structures.model_dump().items() if weight > 0}
    return {name: weight / sum(weights.values()) for name, weight in weights.items()}


def structure_of_draws(model: Model, draws: int, *, seed: int) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return the structures that weigh anything, and which of them each draw takes, (D,)."""
    weights = weighted(model)
    return tuple(weights), assigned(list(weights.values()), draws, seed)


def evaluate_mixed(prepared: Prepared, inputs: Inputs, *, seed: int) -> Evaluation:
    """Run each draw under one structure, taken by weight, so that structure is part of the uncertainty."""
    names, which = structure_of_draws(prepared.model, inputs.draws, seed=seed)
    if len(names) == 1:
        return evaluate(prepared, inputs)
    parts = [
        evaluate(prepared, inputs.take(np.flatnonzero(which == i)), structure=name)
        for i, name in enumerate(names)
        if (which == i).any()
    ]
    return _joined(parts, order=np.argsort(np.argsort(which, kind="stable"), kind="stable"))


def courses_of(
    prepared: Prepared, inputs: Inputs, structure: str, *, projected: Projected
) -> Iterator[tuple[str, Course, list[Reward | Charges]]]:
    """Give each strategy's name, its course under a structure, and what is counted on it."""
    model, grid = prepared.model, prepared.grid
    for name, strategy in model.strategies.items():
        pfs, alive = (projected.curves[f"{name}.{endpoint}"] for endpoint in ("pfs", "os"))
        course: Course
        if structure == "partitioned_survival":
            course = partitioned_survival(
                grid, {"progression_free": pfs.survival, "progressed": alive.survival}
            )
        else:
            course = course_of(
                structure,
                name,
                strategy=strategy,
                fitted=prepared.fitted,
                inputs=inputs,
                grid=grid,
                people=prepared.people,
            )
        counted = rewards_of(
            model,
            name,
            inputs.numbers,
            times_years=grid.times_years,
            treated=_treated(course, projected.curves.get(f"{name}.on_treatment")),
            age_multiplier=prepared.age_multiplier,
            course=course,
        )
        yield name, course, counted


def _run(prepared: Prepared, inputs: Inputs, structure: str) -> Evaluation:
    projected = curves_of(prepared, inputs)
    found: dict[str, outcome.Outcome] = {
        name: outcome.evaluate(
            course, counted, strategy=name, costs=prepared.costs, effects=prepared.effects, keep_course=False
        )
        for name, course, counted in courses_of(prepared, inputs, structure, projected=projected)
    }
    outcomes = list(found.values())
    states = [state for state in outcomes[0].states if state != "dead"]
    return Evaluation(
        tuple(found),
        np.column_stack([one.costs for one in outcomes]),
        np.column_stack([one.effects for one in outcomes]),
        np.column_stack([one.undiscounted.life_years for one in outcomes]),
        {
            state: np.column_stack([one.state_years[:, one.states.index(state)] for one in outcomes])
            for state in states
        },
        {
            (name, category): values
            for name, one in found.items()
            for category, values in one.discounted.by_category.items()
        },
        {name: max((c.share for c in one.crossings), default=0.0) for name, one in found.items()},
        {name: max((c.mean_years for c in one.crossings), default=0.0) for name, one in found.items()},
        projected.floored_from_years,
    )


def _treated(course: Course, until: Curve | None) -> Floats:
    """Return the share on treatment, (D, T): the progression-free, or by a curve of its own; never the dead."""
    every = np.arange(len(course.grid))
    free = course.at(0, every)
    return free if until is None else np.minimum(until.survival, free + course.at(1, every))


def _joined(parts: list[Evaluation], *, order: NDArray[np.int64] | None = None) -> Evaluation:
    """Put parts together again; `order` gives the place of each draw among those of the parts in a row."""
    first, sizes = parts[0], np.array([part.draws for part in parts])

    def stack(pick: str, key: object = None) -> Floats:
        values = [getattr(part, pick) if key is None else getattr(part, pick)[key] for part in parts]
        joined = np.concatenate(values)
        return joined if order is None else joined[order]

    def mean(pick: str) -> dict[str, float]:
        return {
            name: float(np.average([getattr(part, pick)[name] for part in parts], weights=sizes))
            for name in first.strategies
        }

    return Evaluation(
        first.strategies,
        stack("costs"),
        stack("effects"),
        stack("life_years"),
        {state: stack("state_years", state) for state in first.state_years},
        {key: stack("categories", key) for key in first.categories},
        mean("crossed"),
        mean("crossed_years"),
        {place: stack("floored_from_years", place) for place in first.floored_from_years},
    )
