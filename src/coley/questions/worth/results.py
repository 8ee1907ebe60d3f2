"""What each strategy costs and yields, and how they compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.model.answer import Estimate, Figure
from coley.model.part import Part
from coley.questions.worth.worked import interval
from coley.stats.decision.frontier import incremental_analysis
from coley.stats.decision.icer import fieller
from coley.stats.proportions import wilson

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.questions.worth.worked import Worked

    Floats = NDArray[np.float64]

FIRST = ("added_qalys", "added_cost", "icer", "probability_worth_it", "net_benefit", "added_life_years")


def results_part(worked: Worked) -> Part:
    """Return totals by strategy, differences from the comparator, the frontier and where the money goes."""
    return Part(
        estimates=(*_differences(worked), *_totals(worked)),
        tables={
            "results": _table(worked),
            "frontier": _frontier(worked),
            "cost_by_category": _categories(worked, effects=False),
            "qalys_by_category": _categories(worked, effects=True),
            "years_in_states": _states(worked),
        },
        figures=(
            Figure(
                "frontier",
                "frontier",
                "Cost against effect, with the efficient frontier",
                options={"currency": worked.model.currency} | worked.strokes,
            ),
            *(
                Figure(
                    "cost_steps",
                    "cost_by_category",
                    f"What the cost of {worked.labels[i]} is made of, against {worked.labels[worked.comparator]}",
                    options={
                        "strategy": worked.labels[i],
                        "control": worked.labels[worked.comparator],
                        "currency": worked.model.currency,
                    },
                )
                for i in worked.others
            ),
        ),
    )


def _totals(worked: Worked) -> list[Estimate]:
    model, found = worked.model, []
    measured = (
        ("cost", model.currency, worked.base.costs, worked.drawn.costs),
        ("qalys", "QALYs", worked.base.effects, worked.drawn.effects),
        ("life_years", "years", worked.base.life_years, worked.drawn.life_years),
    )
    for name, unit, base, draws in measured:
        for i, label in enumerate(worked.labels):
            found.append(_estimate(worked, name, label, unit=unit, base=float(base[0, i]), draws=draws[:, i]))
    return found


def _differences(worked: Worked) -> list[Estimate]:
    model, against = worked.model, worked.comparator
    found = []
    for i in worked.others:
        group = f"{worked.labels[i]} vs {worked.labels[against]}"
        cost, effect = (
            values[:, i] - values[:, against] for values in (worked.drawn.costs, worked.drawn.effects)
        )
        base_cost = float(worked.base.costs[0, i] - worked.base.costs[0, against])
        base_effect = float(worked.base.effects[0, i] - worked.base.effects[0, against])
        years = worked.drawn.life_years[:, i] - worked.drawn.life_years[:, against]
        base_years = float(worked.base.life_years[0, i] - worked.base.life_years[0, against])
        found += [
            _estimate(worked, "added_cost", group, unit=model.currency, base=base_cost, draws=cost),
            _estimate(worked, "added_qalys", group, unit="QALYs", base=base_effect, draws=effect),
            _estimate(worked, "added_life_years", group, unit="years", base=base_years, draws=years),
            _icer(worked, group, base_cost, base_effect, cost=cost, effect=effect),
        ]
        for threshold in worked.thresholds:
            benefit = threshold * effect - cost
            found += [
                _estimate(
                    worked,
                    f"net_benefit_at_{threshold:.0f}",
                    group,
                    unit=model.currency,
                    base=threshold * base_effect - base_cost,
                    draws=benefit,
                    method="net_benefit",
                ),
                _chance(worked, f"probability_worth_it_at_{threshold:.0f}", group, benefit > 0),
            ]
    return sorted(found, key=_place)


def _place(estimate: Estimate) -> int:
    """Return where a difference stands: what a reader looks for first; the sort is stable."""
    return next((i for i, start in enumerate(FIRST) if estimate.name.startswith(start)), len(FIRST))


def _estimate(
    worked: Worked,
    name: str,
    group: str,
    *,
    unit: str,
    base: float,
    draws: Floats,
    method: str = "parameter_sampling",
) -> Estimate:
    low, high = interval(draws, worked.settings.level)
    return Estimate(
        name,
        base,
        low,
        high,
        n=len(draws),
        unit=unit,
        method=method,
        level=worked.settings.level,
        group=group,
        note="base case; interval and n of the draws",
    )


def _icer(
    worked: Worked, group: str, base_cost: float, base_effect: float, *, cost: Floats, effect: Floats
) -> Estimate:
    level = worked.settings.level
    found = fieller(cost, effect, level=level)
    whole = found.kind == "interval" and np.isfinite(found.value)
    both = (base_cost > 0 and base_effect > 0) or (base_cost < 0 and base_effect < 0)
    words = {
        "interval": "Fieller's interval of the draws",
        "two rays": "the difference in QALYs may have either sign: no interval",
        "whole line": "no ratio is excluded: no interval",
    }
    return Estimate(
        "icer",
        base_cost / base_effect if both else None,
        found.low if whole else None,
        found.high if whole else None,
        n=len(cost),
        unit=f"{worked.model.currency} per QALY",
        method="fieller",
        level=level,
        group=group,
        note=f"{found.position}; {words[found.kind]}",
    )


def _chance(worked: Worked, name: str, group: str, wins: NDArray[np.bool_]) -> Estimate:
    found = wilson(int(wins.sum()), len(wins))
    return Estimate(
        name,
        float(wins.mean()),
        found.low.item(),
        found.high.item(),
        n=len(wins),
        unit="probability",
        method="acceptability",
        level=0.95,
        group=group,
        note="interval of Monte Carlo error alone",
    )


def _table(worked: Worked) -> pl.DataFrame:
    base, draws, against = worked.base, worked.drawn, worked.comparator
    rows = []
    for i, label in enumerate(worked.labels):
        cost, effect = draws.costs[:, i], draws.effects[:, i]
        added_cost = base.costs[0, i] - base.costs[0, against]
        added = base.effects[0, i] - base.effects[0, against]
        rows.append(
            {
                "strategy": label,
                "cost": float(base.costs[0, i]),
                "cost_low": interval(cost, worked.settings.level)[0],
                "cost_high": interval(cost, worked.settings.level)[1],
                "qalys": float(base.effects[0, i]),
                "qalys_low": interval(effect, worked.settings.level)[0],
                "qalys_high": interval(effect, worked.settings.level)[1],
                "life_years": float(base.life_years[0, i]),
                "added_cost": None if i == against else float(added_cost),
                "added_qalys": None if i == against else float(added),
                "mean_cost_of_draws": float(cost.mean()),
                "mean_qalys_of_draws": float(effect.mean()),
            }
        )
    return pl.DataFrame(rows)


def _frontier(worked: Worked) -> pl.DataFrame:
    found = incremental_analysis(worked.base.costs[0], worked.base.effects[0], names=worked.labels)
    return pl.DataFrame(
        {
            "strategy": found.names,
            "cost": found.costs,
            "qalys": found.effects,
            "status": found.status,
            "compared_with": found.compared_with,
            "added_cost": found.added_cost,
            "added_qalys": found.added_effect,
            "icer": found.icer,
        }
    ).with_columns(pl.col("added_cost", "added_qalys", "icer").fill_nan(None))


def _categories(worked: Worked, *, effects: bool) -> pl.DataFrame:
    """Discounted costs, or QALYs, by category: what the difference is made of."""
    rows = []
    of_effects = {"qalys", "lost to adverse events"}
    for (name, category), values in worked.base.categories.items():
        if (category in of_effects) == effects and values[0] != 0:
            low, high = interval(worked.drawn.categories[name, category], worked.settings.level)
            rows.append(
                {
                    "strategy": worked.label(name),
                    "category": category,
                    "value": float(values[0]),
                    "low": low,
                    "high": high,
                }
            )
    return pl.DataFrame(
        rows,
        schema={
            "strategy": pl.String,
            "category": pl.String,
            "value": pl.Float64,
            "low": pl.Float64,
            "high": pl.Float64,
        },
    )


def _states(worked: Worked) -> pl.DataFrame:
    rows = [
        {
            "strategy": label,
            "state": state.replace("_", "-"),
            "years": float(values[0, i]),
            "low": interval(worked.drawn.state_years[state][:, i], worked.settings.level)[0],
            "high": interval(worked.drawn.state_years[state][:, i], worked.settings.level)[1],
        }
        for state, values in worked.base.state_years.items()
        for i, label in enumerate(worked.labels)
    ]
    return pl.DataFrame(rows)
