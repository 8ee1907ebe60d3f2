"""What a payer asks besides: at which price, and for how much a year."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.economics.analysis.yearly import costs_by_year
from coley.economics.policy.budget import budget_impact
from coley.economics.policy.increment import increment
from coley.economics.policy.price import price_at_threshold
from coley.model.answer import Estimate, Figure
from coley.model.part import Part

if TYPE_CHECKING:
    from coley.questions.worth.worked import Worked

BUDGET_DRAWS = 500  # limits of yearly spending no longer move visibly
LIST, OFF = "list price", ", its discount and later falls taken off already"
PRICES_UP_TO = 2.0  # times the highest threshold: beyond it nobody negotiates


def payer_part(worked: Worked) -> Part:
    """Return value-based prices and budget impact, as far as the model says what they need."""
    return _prices(worked) + _budget(worked)


def _prices(worked: Worked) -> Part:
    """Return, for every drug on which a strategy spends more than the comparator, the price that meets a threshold."""
    grid = np.linspace(0, PRICES_UP_TO * worked.thresholds[-1], worked.settings.curve_points)
    at = np.unique(np.r_[grid, worked.thresholds])
    drawn, against = worked.drawn, worked.comparator
    frames, estimates, figures = [], [], []
    for i in worked.others:
        for drug in worked.drugs(worked.names[i]):
            new, old = worked.names[i], worked.names[against]
            spent = worked.spent_on(new, drug, again=True) - worked.spent_on(old, drug, again=True)
            if not spent.min() > 0:  # the comparator gives it, too: its price is not what sets them apart
                continue
            added = increment(
                drawn.costs[:, i] - drawn.costs[:, against],
                drawn.effects[:, i] - drawn.effects[:, against],
                spent,
            )
            found = price_at_threshold(added, at, level=worked.settings.level)
            name, whole = f"{worked.labels[i]}: {drug}", worked.whole_price(new, drug)
            rows = {"expected": (None, found.expected)} | {
                f"{p:.0%}": (p, found.with_probability[j]) for j, p in enumerate(found.probabilities)
            }
            for probability, prices in rows.values():
                limits = (found.low, found.high) if probability is None else (np.full(len(at), np.nan),) * 2
                frames.append(
                    pl.DataFrame(
                        {
                            "strategy": name,
                            "threshold": at,
                            "probability": np.full(len(at), np.nan if probability is None else probability),
                            "price": prices,
                            "low": limits[0],
                            "high": limits[1],
                        }
                    )
                )
            for threshold in worked.thresholds:
                k = int(np.argmin(np.abs(at - threshold)))
                estimates.append(
                    Estimate(
                        f"price_worth_it_at_{threshold:.0f}",
                        float(found.expected[k]),
                        float(found.low[k]),
                        float(found.high[k]),
                        n=found.n,
                        unit=f"of {whole}",
                        method="value_based_price",
                        level=found.level,
                        group=f"{name} vs {worked.labels[against]}",
                        note="on the means of the draws"
                        + (OFF if whole != LIST else "")
                        + (
                            "; below 0: not even where the drug is given away"
                            if found.expected[k] < 0
                            else ""
                        ),
                    )
                )
            figures.append(
                Figure(
                    "price_curve",
                    "prices",
                    f"The price of {drug} at which {worked.labels[i]} is worth it against {worked.labels[against]}",
                    f"As a share of the {whole}{OFF if whole != LIST else ''}; the other drugs at theirs.",
                    options={
                        "strategy": name,
                        "whole": whole,
                        "currency": worked.model.currency,
                        "thresholds": list(worked.thresholds),
                    },
                )
            )
    if not frames:
        return Part()
    table = pl.concat(frames).with_columns(pl.col("probability", "low", "high").fill_nan(None))
    return Part(estimates=tuple(estimates), tables={"prices": table}, figures=tuple(figures))


def _budget(worked: Worked) -> Part:
    """Return spending by year with and without the new strategy, undiscounted."""
    model = worked.model
    budget, incident = model.budget, model.population.incident_per_year
    if budget is None or incident is None:
        return Part()
    years = len(budget.uptake)
    inputs = worked.inputs.rows(0, BUDGET_DRAWS)
    costs = costs_by_year(worked.prepared, inputs, years, seed=worked.seed)
    kept = {name: costs[name] for name in (budget.new, *budget.shares)}
    found = budget_impact(
        kept,
        np.full(years, incident),
        np.array(budget.uptake),
        new=budget.new,
        shares=budget.shares,
        prevalent=budget.prevalent,
        level=worked.settings.level,
    )
    rows = [
        {
            "year": float(year + 1),
            "scenario": scenario,
            "category": worked.label(name),
            "cost": float(spent[:, year].mean()),
        }
        for scenario, table in (("without", found.without_by_strategy), ("with", found.with_by_strategy))
        for name, spent in table.items()
        for year in range(years)
    ]
    yearly, cumulative = found.yearly, found.cumulative
    net = pl.DataFrame(
        {
            "year": np.arange(1.0, years + 1),
            "value": yearly.value,
            "low": yearly.low,
            "high": yearly.high,
            "cumulative": cumulative.value,
        }
    )
    label = worked.label(budget.new)
    return Part(
        estimates=(
            Estimate(
                f"budget_impact_over_{years}_years",
                float(cumulative.value[-1]),
                float(cumulative.low[-1]),
                float(cumulative.high[-1]),
                n=min(BUDGET_DRAWS, worked.drawn.draws),
                unit=model.currency,
                method="budget_impact",
                level=worked.settings.level,
                group=label,
                note=f"{incident:,.0f} patients a year, who start when it begins; undiscounted; mean of the draws"
                + (f"; {budget.source}" if budget.source else ""),
            ),
        ),
        tables={"budget": pl.DataFrame(rows), "budget_net": net},
        figures=(
            Figure(
                "budget_bars",
                "budget",
                f"What {label} does to the budget",
                f"{incident:,.0f} patients a year; uptake {', '.join(f'{share:.0%}' for share in budget.uptake)}; "
                "a year's patients start when it begins.",
                options={
                    "currency": model.currency,
                    "net_table": "budget_net",
                    "categories": list(worked.labels),
                    "strategies": list(worked.labels),
                },
            ),
        ),
    )
