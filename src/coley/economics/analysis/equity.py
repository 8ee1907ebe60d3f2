"""The same model in subgroups of its patients, and what of it falls on whom in the population."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.analysis.evaluate import evaluate_mixed, prepare
from coley.economics.analysis.inputs import Inputs
from coley.economics.policy.distributional import distributional

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.analysis.evaluate import Evaluation, Prepared
    from coley.economics.analysis.fitted import FollowUp
    from coley.economics.model_file.equity import Distribution, Equity, Subgroup
    from coley.economics.model_file.schema import Model
    from coley.economics.policy.distributional import Distributional

    Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BySubgroup:
    """What every strategy costs and yields in each subgroup.

    Attributes
    ----------
    labels, shares, weights
        Of the G subgroups.
    costs, effects
        (D, G, S), per patient of the subgroup, discounted.
    """

    labels: tuple[str, ...]
    shares: Floats
    weights: Floats
    costs: Floats
    effects: Floats


def by_subgroup(
    prepared: Prepared,
    followed: Mapping[str, FollowUp],
    inputs: Inputs,
    *,
    equity: Equity,
    every: Evaluation,
    seed: int,
) -> BySubgroup:
    """Run the draws of a model through each of its subgroups.

    The fits stay those to all patients: a subgroup of another age has the same hazard of the disease and its own
    background mortality, utilities by age and, where given, its own effect of treatment.

    Parameters
    ----------
    prepared, followed, inputs
        The model with its fits; "strategy.endpoint" to patients; the draws.
    equity
        The subgroups, from the model file.
    every
        The evaluation of these draws in all patients.
    seed
        That by which draws were given to structures.
    """
    model = prepared.model
    against = every.strategies.index(model.comparator)
    costs, effects = [], []
    for number, one in enumerate(equity.subgroups, 1):
        place = f"equity.subgroups.{number}"
        found = every
        if one.people or one.hazard_ratio is not None:
            ratio = None if one.hazard_ratio is None else inputs.numbers[f"{place}.hazard_ratio"]
            own = Inputs(inputs.numbers, inputs.curves, scaled(model, ratio))
            found = evaluate_mixed(_of_people(prepared, followed, one), own, seed=seed)
        gained = found.effects
        if one.relative_gain is not None:
            base = gained[:, [against]]
            gained = base + inputs.numbers[f"{place}.relative_gain"][:, None] * (gained - base)
        costs.append(found.costs)
        effects.append(gained)
    return BySubgroup(
        tuple(one.label for one in equity.subgroups),
        np.array([one.share for one in equity.subgroups]),
        np.array([one.weight for one in equity.subgroups]),
        np.stack(costs, axis=1),
        np.stack(effects, axis=1),
    )


def scaled(model: Model, ratio: Floats | None) -> dict[str, Floats]:
    """Return the curves on which the hazard ratio of a subgroup acts, each with the ratio.

    Those of progression and death of every strategy but the comparator; a curve that is another such one with its
    hazard multiplied has it already.
    """
    if ratio is None:
        return {}
    found = {}
    for name, strategy in model.strategies.items():
        for endpoint in ("pfs", "os"):
            lent = strategy.curves[endpoint].hazard_ratio
            if name != model.comparator and (lent is None or lent.of == model.comparator):
                found[f"{name}.{endpoint}"] = ratio
    return found


def _of_people(prepared: Prepared, followed: Mapping[str, FollowUp], one: Subgroup) -> Prepared:
    """Return the model for the people of a subgroup, with the fits as they are."""
    if not one.people:
        return prepared
    model = prepared.model
    people = model.population.model_copy(update=one.people)
    return prepare(
        model.model_copy(update={"population": people}),
        followed,
        table=prepared.people.table,
        fitted=prepared.fitted,
    )


def spread_over_groups(
    words: Distribution,
    added: tuple[Floats, Floats],
    numbers: Mapping[str, Floats],
    *,
    patients: float,
    threshold: float,
    aversion: float,
    level: float,
) -> Distributional:
    """Return what treating the patients of a year does to the health of each group of the population, per head.

    Parameters
    ----------
    words
        The groups, from a model file.
    added
        Added cost and added effect per patient, (D,) each.
    numbers
        Place in the model file to its draws, (D,).
    patients
        Treated in the year.
    threshold
        Spending whose loss costs others a unit of health, where the words name none.
    aversion, level
        Atkinson's parameter; share of draws within limits.
    """
    cost, effect = added
    members = words.people * np.array([one.population_share for one in words.groups])
    treated = patients * np.array([one.patients_share for one in words.groups]) / members
    bearing = patients * np.array([one.opportunity_share for one in words.groups]) / members
    alike = np.ones_like(effect)
    multiples = np.column_stack(
        [
            numbers.get(f"distribution.groups.{i}.relative_gain", alike)
            for i in range(1, len(words.groups) + 1)
        ]
    )
    displaced = cost / numbers.get("distribution.cost_of_a_qaly", np.array([threshold]))
    return distributional(
        [one.lifetime_qalys for one in words.groups],
        effect[:, None] * multiples * treated,
        displaced[:, None] * bearing,
        shares=members / words.people,
        aversion=aversion,
        level=level,
    )
