"""A marker judged by randomised arms: net benefit within the follow-up, from the patients' own times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.economics.analysis.evaluate import evaluate, prepare
from coley.economics.analysis.inputs import base_case
from coley.economics.analysis.survival import PER_YEAR
from coley.economics.policy.gains import Gains, randomised_gains
from coley.model.part import Part
from coley.questions.worth.guided.chosen_cutoff import by_cutoff
from coley.questions.worth.guided.fixed_cutoff import fixed_cutoff
from coley.questions.worth.guided.told import called
from coley.stats.survival.pseudo_values import pseudo_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.analysis.evaluate import Evaluation
    from coley.economics.model_file.guided import Guided
    from coley.economics.model_file.treatment import Strategy
    from coley.questions.worth.guided.patients import Patients
    from coley.questions.worth.worked import Worked

    Floats = NDArray[np.float64]

MONTHS_PER_YEAR, WEEKS_PER_YEAR = PER_YEAR["months"], PER_YEAR["weeks"]


def by_arms(who: Patients, one: Guided, worked: Worked, place: str) -> Part:
    """Return what guiding by a marker of a randomised study is worth."""
    positive = None if one.cutoff is None else who.marker >= one.cutoff
    groups = who.treated.astype(np.int64)
    if positive is not None:
        groups = 2 * groups + positive
    free, alive = (
        pseudo_values(time, event, one.within_months, groups=groups) / MONTHS_PER_YEAR
        for time, event in (who.pfs, who.alive)
    )
    qalys, cost = _outcomes(who, one, worked, free=free, progressed=alive - free)

    def gains(outcome: Floats) -> Gains:
        return randomised_gains(outcome, who.treated, strata=positive)

    told = (
        by_cutoff(who, lambda threshold: gains(threshold * qalys - cost), one, worked, place)
        if one.cutoff is None
        else fixed_cutoff(who, gains(qalys), gains(cost), one=one, worked=worked, place=place)
    )
    caveat = (
        f"Guided by {called(one)}{'' if one.cutoff is None else f' at or above {one.cutoff:g}'}: net benefit at "
        f"{worked.threshold:,.0f} {worked.model.currency} per QALY within {one.within_months:g} months, undiscounted, "
        f"inputs at their estimates; {len(who.marker)} patients whose marker is known, {who.unknown} without it left "
        "out. Costs of dying and what lies beyond the follow-up are not in it."
    )
    return told + Part(caveats=(caveat, *who.notes), checks=who.checks)


def _outcomes(
    who: Patients, one: Guided, worked: Worked, *, free: Floats, progressed: Floats
) -> tuple[Floats, Floats]:
    """Return QALYs and cost of each patient within the horizon, from pseudo-values of the years in both states."""
    model, utilities = worked.model, worked.model.utilities
    qalys = utilities.progression_free.value * free + utilities.progressed.value * progressed
    cost = np.empty(len(free))
    rates = _drug_rates(one, worked)
    for mine, name in ((who.treated, one.treated), (~who.treated, one.otherwise)):
        strategy = model.strategies[name]
        care = strategy.progression_free_per_month or model.costs.progression_free_per_month
        after = strategy.progressed_per_month or model.costs.progressed_per_month
        spent, lost = _once(strategy)
        cost[mine] = spent + (MONTHS_PER_YEAR * care.value + rates[name]) * free[mine]
        cost[mine] += MONTHS_PER_YEAR * after.value * progressed[mine]
        qalys[mine] -= lost
    return qalys, cost


def _once(strategy: Strategy) -> tuple[float, float]:
    """Return what a patient costs at the start and by adverse events, and the QALYs that these take."""
    events = strategy.adverse_events.values()
    cost = sum(event.probability.value * event.cost.value for event in events)
    lost = sum(
        event.probability.value * event.disutility.value * event.weeks.value / WEEKS_PER_YEAR
        for event in events
    )
    return strategy.once_at_start.value + cost, lost


def _drug_rates(one: Guided, worked: Worked) -> dict[str, float]:
    """Return what drugs and giving them cost for a year free of progression, by strategy."""
    found = within(worked, one.within_months)
    rates = {}
    for name in (one.otherwise, one.treated):
        drugs = (*worked.drugs(name), "administration")
        spent = sum(
            float(found.categories[name, drug][0]) for drug in drugs if (name, drug) in found.categories
        )
        rates[name] = spent / float(found.state_years["progression_free"][0, found.strategies.index(name)])
    return rates


def within(worked: Worked, months: float) -> Evaluation:
    """Return the base case of the model within so many months, undiscounted."""
    cycles = worked.model.cycles_per_year
    years = max(round(months / MONTHS_PER_YEAR * cycles), 1) / cycles
    free = {"costs": 0.0, "effects": 0.0}
    words = {**worked.model.model_dump(), "horizon_years": years, "discount": free}
    part = prepare(
        type(worked.model).model_validate(words),
        worked.followed,
        table=worked.prepared.people.table,
        fitted=worked.prepared.fitted,
    )
    return evaluate(part, base_case(part.model, part.fitted))
