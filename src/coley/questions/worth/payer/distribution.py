"""The distribution of health: who gains, who bears the cost, and what less inequality is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.economics.analysis.equity import spread_over_groups
from coley.economics.policy.increment import summary
from coley.model.answer import Estimate, Figure
from coley.model.part import Part

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.model_file.equity import Distribution
    from coley.economics.policy.distributional import Distributional
    from coley.questions.worth.worked import Worked
    from coley.stats.values import Interval

    Floats = NDArray[np.float64]

AVERSIONS = 41  # points of the line over aversion
AVERSE = 2.0  # times the aversion of the model: how far that line goes
LEAST_AVERSE = 5.0  # and at least so far, where the model has little or none


def distribution_part(worked: Worked) -> Part:
    """Return health gained and forgone by group of the population, and its worth by aversion to inequality."""
    words, patients = worked.model.distribution, worked.model.population.incident_per_year
    if words is None or patients is None:
        return Part()
    people, against, aversion = words.people, worked.comparator, words.aversion.value
    grid = np.unique(np.r_[np.linspace(0, max(AVERSE * aversion, LEAST_AVERSE), AVERSIONS), aversion])
    estimates: list[Estimate] = []
    rows: list[dict[str, object]] = []
    lines: list[dict[str, object]] = []
    turns = []

    def spread(i: int, averse: float) -> Distributional:
        added = (
            worked.drawn.costs[:, i] - worked.drawn.costs[:, against],
            worked.drawn.effects[:, i] - worked.drawn.effects[:, against],
        )
        return spread_over_groups(
            words,
            added,
            worked.inputs.numbers,
            patients=patients,
            threshold=worked.threshold,
            aversion=averse,
            level=worked.settings.level,
        )

    for i in worked.others:
        found = spread(i, aversion)
        estimates += _health(worked, f"{worked.labels[i]} vs {worked.labels[against]}", found, people=people)
        rows += _by_group(worked, words, found, i)
        along = [spread(i, float(a)).ede_change for a in grid]
        lines += [
            {
                "group": worked.labels[i],
                "x": float(a),
                "value": people * one.value,
                "low": people * one.low,
                "high": people * one.high,
            }
            for a, one in zip(grid, along, strict=True)
        ]
        turns.append(_turn(worked.labels[i], grid, np.array([one.value for one in along])))
    bought = (
        f"{words.cost_of_a_qaly.value:,.0f}"
        if words.cost_of_a_qaly is not None
        else f"{worked.threshold:,.0f}"
    )
    return Part(
        estimates=tuple(estimates),
        caveats=(
            f"Health is spread over {people:,.0f} people, of whom {patients:,.0f} are treated in a year; every "
            f"{bought} {worked.model.currency} spent is taken to cost others one QALY. Aversion to inequality of "
            f"{aversion:g} is a judgement ({words.aversion.source or 'no source is given'}); inequality within a group "
            "is not seen." + (f" Groups: {words.source}." if words.source else ""),
        ),
        tables={"distribution": pl.DataFrame(rows), "distribution_by_aversion": pl.DataFrame(lines)},
        figures=(
            Figure(
                "line_band",
                "distribution_by_aversion",
                "What a year of treatment is worth, by aversion to inequality",
                "Health gained less health forgone, as the QALYs that would be as good if all shared them so as to "
                f"have the same health; without aversion only the sum counts. {' '.join(turns)}",
                options={
                    "x_title": "Aversion to inequality (Atkinson)",
                    "y_title": "QALYs, equally distributed",
                    "reference": 0,
                },
            ),
        ),
    )


def _turn(label: str, grid: Floats, values: Floats) -> str:
    """Say at which aversion the sign changes, if it does within the grid."""
    changes = np.flatnonzero(np.diff(np.sign(values)) != 0)
    if not len(changes):
        return f"{label} is {'above' if values[0] > 0 else 'below'} 0 throughout."
    j = int(changes[0])
    at = grid[j] - values[j] * (grid[j + 1] - grid[j]) / (values[j + 1] - values[j])
    return f"{label} crosses 0 at {at:.1f}."


def _health(worked: Worked, group: str, found: Distributional, *, people: float) -> list[Estimate]:
    """Return the change of total health, of its equally distributed equivalent, and the difference."""

    def estimate(name: str, one: Interval, note: str) -> Estimate:
        return Estimate(
            name,
            people * one.value,
            people * one.low,
            people * one.high,
            n=worked.drawn.draws,
            unit="QALYs",
            method="distributional",
            level=one.level,
            group=group,
            note=note,
        )

    return [
        estimate("net_health", found.mean_change, "of a year's patients, what others forgo taken off"),
        estimate(
            "equally_distributed_health",
            found.ede_change,
            f"at an aversion of {found.aversion:g}; above 0 in {found.probability:.0%} of the draws",
        ),
        estimate(
            "worth_of_less_inequality", found.equity, "the latter less the former; below 0: more inequality"
        ),
    ]


def _by_group(worked: Worked, words: Distribution, found: Distributional, i: int) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for g, one in enumerate(words.groups):
        net = summary(found.change[:, g] * words.people * one.population_share, worked.settings.level)
        rows.append(
            {
                "strategy": worked.labels[i],
                "group": one.label,
                "population_share": one.population_share,
                "lifetime_qalys": one.lifetime_qalys,
                "patients_share": one.patients_share,
                "opportunity_share": one.opportunity_share,
                "net_qalys": net.value,
                "net_qalys_low": net.low,
                "net_qalys_high": net.high,
                "source": one.source,
            }
        )
    return rows
