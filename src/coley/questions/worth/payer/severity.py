"""How severe the disease is, and how near the end of life: what makes a QALY count for more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.economics.policy.end_of_life import end_of_life, end_of_life_rule
from coley.economics.policy.equity import severity_weighted
from coley.economics.population.norms import norm
from coley.economics.population.shortfall import general_population_qalys, severity_weight, shortfall
from coley.model.answer import Estimate
from coley.model.part import Part
from coley.questions.worth.worked import interval

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coley.economics.policy.end_of_life import EndOfLifeResult
    from coley.questions.worth.worked import Worked
    from coley.stats.values import Interval


def severity_part(worked: Worked) -> Part:
    """Return results weighted by severity, where the payer weighs it, and by a rule for the end of life."""
    return _shortfall(worked) + _end_of_life(worked)


def _shortfall(worked: Worked) -> Part:
    """Return shortfall under the comparator and results weighted by it, where the payer weighs severity."""
    case, model, table = worked.case, worked.model, worked.prepared.people.table
    if case is None or not case.severity or table is None or not model.utilities.norms:
        return Part()
    against = worked.comparator
    without = general_population_qalys(
        worked.prepared.people.cohort,
        table,
        norm(model.utilities.norms),
        discount=worked.prepared.effects.rate,
    )
    draws = shortfall(worked.drawn.effects[:, against], without)
    base = shortfall(worked.base.effects[0, against], without)
    weight = float(severity_weight(base, case.severity))
    spread = severity_weight(draws, case.severity)
    estimates = [
        Estimate(
            name,
            float(value),
            *interval(values, worked.settings.level),
            n=worked.drawn.draws,
            unit=unit,
            method="qaly_shortfall",
            level=worked.settings.level,
            group=worked.labels[against],
            note=f"general population {without:.2f} QALYs",
        )
        for name, value, values, unit in (
            ("absolute_qaly_shortfall", base.absolute, draws.absolute, "QALYs"),
            ("proportional_qaly_shortfall", base.proportional, draws.proportional, "proportion"),
        )
    ]
    rows = []
    for i in worked.others:
        found = severity_weighted(
            worked.drawn.costs[:, i] - worked.drawn.costs[:, against],
            worked.drawn.effects[:, i] - worked.drawn.effects[:, against],
            weight,
            thresholds=worked.thresholds,
            level=worked.settings.level,
        )
        rows += [
            {
                "strategy": worked.labels[i],
                "weight": weight,
                "share_of_draws_with_this_weight": float((spread == weight).mean()),
                "icer": found.icer.value if np.isfinite(found.icer.value) else None,
                "position": found.icer.position,
                "threshold": float(threshold),
                "net_benefit": float(found.net_benefit[k]),
                "probability": float(found.probability[k]),
            }
            for k, threshold in enumerate(found.thresholds)
        ]
    return Part(estimates=tuple(estimates), tables={"severity_weighted": pl.DataFrame(rows)})


def _end_of_life(worked: Worked) -> Part:
    """Return whether the criteria are met by each strategy, and the threshold and net benefit that follow."""
    words = worked.model.end_of_life
    if words is None:
        return Part()
    rule, against = end_of_life_rule(words.rule), worked.comparator
    drawn, found = worked.drawn, {}
    for i in worked.others:
        found[worked.labels[i]] = end_of_life(
            (
                12 * drawn.life_years[:, against],
                12 * (drawn.life_years[:, i] - drawn.life_years[:, against]),
            ),
            drawn.costs[:, i] - drawn.costs[:, against],
            drawn.effects[:, i] - drawn.effects[:, against],
            thresholds=words.thresholds[::-1],
            rule=rule,
            level=worked.settings.level,
        )
    usual, raised = words.thresholds
    met = "; ".join(f"{label} {one.probability:.0%}" for label, one in found.items())
    caveats = [
        f"End of life by {rule.name}: a life expectancy below {rule.life_below_months:g} months under "
        f"{worked.labels[against]} and a gain of {rule.gain_at_least_months:g} months or more, undiscounted means; "
        f"then {raised:,.0f} {worked.model.currency} per QALY, else {usual:,.0f} "
        f"({words.source or 'no source is given'}). Both are met in these shares of the draws: {met}. {rule.source}."
    ]
    if rule.until_date:
        caveats.append(
            f"The end-of-life rule of {rule.payer} was in force from {rule.from_date} to {rule.until_date} and has "
            "been withdrawn: what is said by it is history, and never to be added to weights of severity."
        )
    return Part(
        estimates=tuple(_estimates(worked, found)),
        tables={"end_of_life": pl.DataFrame([_row(label, one) for label, one in found.items()])},
        caveats=tuple(caveats),
    )


def _estimates(worked: Worked, found: Mapping[str, EndOfLifeResult]) -> list[Estimate]:
    """Return life under the comparator, once, and for each strategy what it adds and is worth."""
    against = worked.labels[worked.comparator]

    def estimate(name: str, one: Interval, unit: str, *, group: str, note: str) -> Estimate:
        return Estimate(
            name,
            one.value,
            one.low,
            one.high,
            n=worked.drawn.draws,
            unit=unit,
            method="end_of_life",
            level=one.level,
            group=group,
            note=note,
        )

    first = next(iter(found.values()))
    short = f"short enough in {first.short:.0%} of the draws"
    made = [estimate("life_expectancy", first.months, "months", group=against, note=short)]
    for label, one in found.items():
        versus = f"{label} vs {against}"
        met = "both criteria met by the means" if one.met else "not both criteria met by the means"
        made += [
            estimate(
                "life_gained",
                one.gained,
                "months",
                group=versus,
                note=f"long enough in {one.longer:.0%} of the draws",
            ),
            estimate(
                "net_benefit_by_end_of_life",
                one.net_benefit,
                worked.model.currency,
                group=versus,
                note=f"{met}, in {one.probability:.0%} of the draws; each draw at the threshold that it meets",
            ),
        ]
    return made


def _row(label: str, found: EndOfLifeResult) -> dict[str, object]:
    return {
        "strategy": label,
        "months_under_comparator": found.months.value,
        "months_gained": found.gained.value,
        "probability_life_is_short": found.short,
        "probability_gain_is_enough": found.longer,
        "probability_both": found.probability,
        "met_by_the_means": "yes" if found.met else "no",
        "threshold_by_the_means": found.threshold,
        "expected_threshold": found.expected_threshold,
        "net_benefit": found.net_benefit.value,
        "net_benefit_low": found.net_benefit.low,
        "net_benefit_high": found.net_benefit.high,
        "probability_worth_it": found.probability_of_value,
    }
