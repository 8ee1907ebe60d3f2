"""What irAEs do to single patients: events, days in hospital, stops, deaths, and what they cost and take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.economics.analysis.evaluate import Evaluation
from coley.economics.analysis.individuals import BASE_PATIENTS, Lives, Total, simulated_part, total
from coley.economics.analysis.plans import rules_of
from coley.economics.course.structures import STRUCTURES
from coley.model.answer import Check, Figure
from coley.model.errors import ColeyError
from coley.model.part import Part
from coley.questions.worth.individuals.histories import lanes
from coley.questions.worth.individuals.irae_events import estimate, events_of, spread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from coley.questions.worth.worked import Worked

    Floats = NDArray[np.float64]

MOST_ERRORS = 4.0  # standard errors by which patients and cohort may differ: several pairs are compared
CLOSE = 0.01  # or this share, which cycles of a week may make


def single_patients_part(worked: Worked) -> Part:
    """Return what irAEs as events of single patients change, or why it cannot be told."""
    lives = worked.lives
    if not isinstance(lives, Lives):
        reason = f"{lives.what} {lives.remedy}".strip() if isinstance(lives, ColeyError) else ""
        return Part(cannot_tell=(f"What irAEs as events of single patients would change: {reason}",))
    told = [name for name in worked.names if lives.base[name].iraes]
    part = _totals(worked, lives) + Part(checks=(_agreement(worked, lives),), caveats=_caveats(worked, lives))
    events = [events_of(worked, lives, name) for name in told]
    incidence = pl.concat([rows for _, rows, _ in events])
    part += Part(
        estimates=tuple(one for estimates, _, _ in events for one in estimates),
        tables={"irae_events": pl.concat([table for _, _, table in events]), "irae_incidence": incidence},
        figures=(
            Figure(
                "forest",
                "irae_incidence",
                "irAEs of 100 patients",
                f"Events of {BASE_PATIENTS:,} simulated patients; limits from {len(lives.cohort_drawn.costs):,} draws "
                "of their inputs.",
                options={
                    "scale": "linear",
                    "reference": "none",
                    "value_title": "Events per 100 patients (95 %)",
                    "n_title": "simulated",
                },
            ),
        ),
    )
    for name in told:
        part += _histories(worked, lives, name)
    return part


def single_patients_scenarios(worked: Worked) -> Iterator[tuple[str, Evaluation | Total]]:
    """Give the base case lived by single patients, without irAEs and with them, beside the other structures."""
    lives = worked.lives
    if not isinstance(lives, Lives):
        return
    cohort, found = lives.cohort_base, total(lives.base, lives.cohort_base)
    costs, effects = (
        np.array(
            [
                getattr(lives.base[name].without, kind)[0]
                - simulated_part(worked.prepared, cohort, name, effects=kind == "effects")[0]
                for name in cohort.strategies
            ]
        )
        for kind in ("costs", "effects")
    )
    years = np.array([lives.base[name].without.counts["life_years"][0] for name in cohort.strategies])
    alone = Total(
        cohort.costs + costs, cohort.effects + effects, years[None], found.costs_se, found.effects_se
    )
    moves = STRUCTURES[lives.structure].title.lower()
    yield f"individual patients, no irAEs ({moves})", alone
    yield f"individual patients with irAEs ({moves})", found


def _totals(worked: Worked, lives: Lives) -> Part:
    """Return costs, QALYs and life-years of every strategy, without irAEs and with them."""
    base, drawn = total(lives.base, lives.cohort_base), total(lives.drawn, lives.cohort_drawn)
    currency, against = worked.model.currency, worked.comparator
    measured = (
        ("cost", currency, "costs", "costs_se"),
        ("qalys", "QALYs", "effects", "effects_se"),
        ("life_years", "years", "life_years", ""),
    )
    rows, estimates = [], []
    for measure, unit, field, error in measured:
        value, draws = getattr(base, field)[0], getattr(drawn, field)
        without = getattr(lives.cohort_base, field)[0]
        luck = getattr(drawn, error) if error else np.zeros_like(draws)
        digits = 0 if measure == "cost" else 2
        for i, label in enumerate(worked.labels):
            low, high = spread(worked, draws[:, i], luck[:, i])
            rows.append(
                {
                    "strategy": label,
                    "measure": measure,
                    "cohort": float(without[i]),
                    "individual_patients": float(value[i]),
                    "low": low,
                    "high": high,
                    "monte_carlo_error": float(getattr(base, error)[0, i]) if error else None,
                }
            )
        for i in worked.others if error else ():
            low, high = spread(
                worked, draws[:, i] - draws[:, against], np.hypot(luck[:, i], luck[:, against])
            )
            estimates.append(
                estimate(
                    worked,
                    f"added_{measure}_with_irae_events",
                    f"{worked.labels[i]} vs {worked.labels[against]}",
                    (float(value[i] - value[against]), low, high),
                    unit=unit,
                    note=f"{without[i] - without[against]:,.{digits}f} in the cohort",
                )
            )
    schema = {"strategy": pl.String, "measure": pl.String} | dict.fromkeys(
        ("cohort", "individual_patients", "low", "high", "monte_carlo_error"), pl.Float64
    )
    return Part(estimates=tuple(estimates), tables={"individual_patients": pl.DataFrame(rows, schema=schema)})


def _agreement(worked: Worked, lives: Lives) -> Check:
    """Hold simulated patients without irAEs against the cohort of the same structure."""
    apart, errors = 0.0, 0.0
    for name in worked.names:
        alone = lives.base[name].without
        for effects, value, se in (
            (False, alone.costs, alone.costs_se),
            (True, alone.effects, alone.effects_se),
        ):
            exact = simulated_part(worked.prepared, lives.cohort_base, name, effects=effects)[0]
            gap = abs(float(value[0]) - exact)
            apart = max(apart, gap / abs(exact) if exact else 0.0)
            errors = max(errors, gap / float(se[0]) if se[0] > 0 else 0.0)
    said = (
        f"Without irAEs, {BASE_PATIENTS:,} simulated patients of each strategy cost and yield what the cohort of the "
        f"same structure does: at most {apart:.1%} apart, {errors:.1f} Monte Carlo errors."
    )
    if errors <= MOST_ERRORS or apart <= CLOSE:
        return Check("individuals_agree", "pass", said)
    return Check(
        "individuals_agree",
        "warn",
        f"Without irAEs, simulated patients and the cohort of the same structure are {apart:.1%} apart "
        f"({errors:.1f} Monte Carlo errors).",
        "Take more cycles_per_year: a cohort counts in cycles, patients at any time.",
    )


def _caveats(worked: Worked, lives: Lives) -> tuple[str, ...]:
    spec = worked.model.individuals
    assert spec is not None
    told = [
        "Deaths of irAEs are counted and take no years of life: the curves of survival come from patients who had "
        "irAEs, and hold these deaths already."
        if spec.deaths == "within_survival"
        else "Deaths of irAEs come on top of the curves of survival; where those hold them already, they count twice.",
        "An irAE changes the disease only through treatment that is stopped, as far as the model says so. Onset and "
        "length of irAEs are read off medians, as exponential times.",
        "Results, acceptability, tornado and the value of information are those of the cohort, without these irAEs; "
        "what they change is told by itself, and stands among the scenarios.",
    ]
    sources = [
        f"{worked.label(name)}: {rule.regimen}" for name, rule in spec.strategies.items() if rule.regimen
    ]
    if sources:
        told.append(
            f"Published figures of irAEs ({'; '.join(sources)}) come from other patients than those of the curves; "
            "their sources are with the inputs."
        )
    besides = {name: _besides(worked, name) for name in worked.names if lives.base[name].iraes}
    named = [f"{worked.label(name)}: {'; '.join(kept)}" for name, kept in besides.items() if kept]
    if named:
        told.append(
            f"Adverse events of the cohort are counted besides the irAEs of single patients ({', '.join(named)}); "
            "those that are the same belong under instead_of."
        )
    twice = [
        worked.label(name)
        for name in worked.names
        if lives.base[name].iraes and not isinstance(worked.model.strategies[name].on_treatment, str)
    ]
    if twice:
        told.append(
            f"The time on treatment of {', '.join(twice)} is a curve of its own, which holds stops for irAEs already; "
            "those of the simulation come on top."
        )
    return tuple(told)


def _besides(worked: Worked, name: str) -> list[str]:
    """Return the adverse events of a strategy for which its irAEs do not stand."""
    replaced = rules_of(worked.model.individuals, name).instead_of
    return [event for event in worked.model.strategies[name].adverse_events if event not in replaced]


def _histories(worked: Worked, lives: Lives, name: str) -> Part:
    spec, label = worked.model.individuals, worked.label(name)
    assert spec is not None
    table = f"histories_{name}"
    twins = (
        " A number is one patient with the same luck on each treatment." if len(lives.histories) > 1 else ""
    )
    rows = lanes(
        lives.histories[name],
        until_months=spec.histories_months,
        to_progression=isinstance(worked.model.strategies[name].on_treatment, str),
    )
    return Part(
        tables={table: rows},
        figures=(
            Figure(
                "swimmer",
                table,
                f"{spec.histories} simulated patients on {label}",
                f"The first of {BASE_PATIENTS:,}, not chosen; cut at {spec.histories_months:g} months.{twins}",
                options={"until": spec.histories_months},
            ),
        ),
    )
