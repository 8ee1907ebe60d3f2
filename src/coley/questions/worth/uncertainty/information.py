"""How sure the choice is: plane, acceptability, loss, and what it would be worth to know more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.economics.analysis.inputs import CURVE, curve_years, joint_parameters
from coley.model.answer import Estimate, Figure
from coley.model.part import Part
from coley.questions.worth.uncertainty.structures import STRUCTURE, knowing_the_structure
from coley.stats.decision.acceptability import acceptability, expected_loss
from coley.stats.decision.partial_information import evppi
from coley.stats.decision.perfect_information import decision_population, evpi
from coley.stats.decision.plane import plane

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.questions.worth.worked import Worked

    Floats = NDArray[np.float64]

SHOWN_DRAWS = 1500  # on the plane: more only blacken it
VARIES = 1e-12  # a smaller spread among draws is none


def uncertainty_part(worked: Worked) -> Part:
    """Return the plane, the curves over thresholds and the value of information."""
    costs, effects = worked.drawn.costs, worked.drawn.effects
    grid = np.linspace(
        0, worked.settings.highest_threshold * worked.thresholds[-1], worked.settings.curve_points
    )
    currency = worked.model.currency
    lines = {"currency": currency, "thresholds": list(worked.thresholds)} | worked.strokes
    information, estimates = _information(worked, grid)
    partial = _partial(worked)
    return (
        Part(
            estimates=tuple(estimates),
            tables={
                "plane": _plane(worked),
                "quadrants": _quadrants(worked),
                "acceptability": _acceptability(worked, grid),
                "expected_loss": _losses(worked, grid),
                "information": information,
                "information_by_input": partial,
            },
            figures=(
                Figure(
                    "ce_plane",
                    "plane",
                    f"Added cost and QALYs against {worked.labels[worked.comparator]}",
                    f"Each point is one of {len(costs):,} draws (at most {SHOWN_DRAWS:,} shown); the ellipse "
                    "holds 95 %.",
                    options={**lines, "quadrants_table": "quadrants"},
                ),
                Figure(
                    "acceptability",
                    "acceptability",
                    "How probably each strategy is the best choice",
                    "The heavy line is the strategy with the highest expected net benefit: the one to choose.",
                    options=lines,
                ),
                Figure(
                    "loss_curves",
                    "expected_loss",
                    "What is lost on average by choosing each strategy",
                    "The lowest line is the value of perfect information.",
                    options=lines,
                ),
                Figure(
                    "information",
                    "information",
                    "What perfect information would be worth, per patient",
                    options=lines,
                ),
                Figure(
                    "information_bars",
                    "information_by_input",
                    f"Which input is worth knowing better, at {worked.threshold:,.0f} {currency} per QALY",
                    options={"currency": currency},
                ),
            ),
        )
        if effects.shape[0] > 1
        else Part()
    )


def _plane(worked: Worked) -> pl.DataFrame:
    costs, effects, against = worked.drawn.costs, worked.drawn.effects, worked.comparator
    step = max(len(costs) // SHOWN_DRAWS, 1)
    kept = slice(0, step * SHOWN_DRAWS, step)
    frames = [
        pl.DataFrame(
            {
                "strategy": worked.labels[i],
                "kind": "draw",
                "effect": effects[kept, i] - effects[kept, against],
                "cost": costs[kept, i] - costs[kept, against],
            }
        )
        for i in worked.others
    ]
    found = plane(costs, effects, comparator=against)
    for i in worked.others:
        frames.append(
            pl.DataFrame(
                {
                    "strategy": worked.labels[i],
                    "kind": "ellipse",
                    "effect": found.ellipse[i, :, 0],
                    "cost": found.ellipse[i, :, 1],
                }
            )
        )
        frames.append(
            pl.DataFrame(
                {
                    "strategy": [worked.labels[i]],
                    "kind": ["mean"],
                    "effect": [float(found.added_effect[i])],
                    "cost": [float(found.added_cost[i])],
                }
            )
        )
    return pl.concat(frames)


def _quadrants(worked: Worked) -> pl.DataFrame:
    found = plane(worked.drawn.costs, worked.drawn.effects, comparator=worked.comparator)
    return pl.DataFrame(
        [
            {
                "strategy": worked.labels[i],
                "better_and_costlier": float(found.north_east[i]),
                "better_and_cheaper": float(found.south_east[i]),
                "worse_and_cheaper": float(found.south_west[i]),
                "worse_and_costlier": float(found.north_west[i]),
            }
            for i in worked.others
        ]
    )


def _acceptability(worked: Worked, grid: Floats) -> pl.DataFrame:
    found = acceptability(worked.drawn.costs, worked.drawn.effects, grid)
    return _long(worked, grid, {"probability": found.probability, "se": found.se}, found.best)


def _losses(worked: Worked, grid: Floats) -> pl.DataFrame:
    found = expected_loss(worked.drawn.costs, worked.drawn.effects, grid)
    return _long(worked, grid, {"loss": found.loss, "se": found.se}, found.best)


def _long(worked: Worked, grid: Floats, values: dict[str, Floats], best: NDArray[np.int64]) -> pl.DataFrame:
    return pl.concat(
        [
            pl.DataFrame(
                {
                    "threshold": grid,
                    "strategy": label,
                    **{name: table[:, i] for name, table in values.items()},
                    "frontier": best == i,
                }
            )
            for i, label in enumerate(worked.labels)
        ]
    )


def _information(worked: Worked, grid: Floats) -> tuple[pl.DataFrame, list[Estimate]]:
    found = evpi(worked.drawn.costs, worked.drawn.effects, grid)
    people = worked.model.population
    columns = {"threshold": grid, "per_person": found.value, "se": found.se}
    affected = None
    if people.incident_per_year is not None:
        affected = decision_population(
            people.decision_years, worked.prepared.costs.rate, incidence_per_year=people.incident_per_year
        )
        columns["population"] = found.value * affected
    at = evpi(worked.drawn.costs, worked.drawn.effects, worked.thresholds)
    estimates = []
    for i, threshold in enumerate(worked.thresholds):
        value, se = float(at.value[i]), float(at.se[i])
        estimates.append(
            Estimate(
                f"evpi_at_{threshold:.0f}",
                value,
                max(value - 1.96 * se, 0),
                value + 1.96 * se,
                n=at.n,
                unit=f"{worked.model.currency} per patient",
                method="evpi",
                level=0.95,
                note="interval of Monte Carlo error"
                + (f"; for {affected:,.0f} patients {value * affected:,.0f}" if affected else ""),
            )
        )
    return pl.DataFrame(columns), estimates


def _partial(worked: Worked) -> pl.DataFrame:
    """Return what knowing each input is worth at the threshold; a curve counts through its mean years."""
    whole = {name for names in joint_parameters(worked.model).values() for name in names}
    values = {
        name: draws
        for name, draws in worked.inputs.numbers.items()
        if np.std(draws) > VARIES and name not in whole
    }
    years = curve_years(worked.model, worked.prepared.fitted, worked.inputs)
    values |= {f"{CURVE}{place}": draws for place, draws in years.items()}
    schema = pl.Schema(
        {
            "input": pl.String,
            "label": pl.String,
            "value": pl.Float64,
            "se": pl.Float64,
            "held_out": pl.Float64,
        }
    )
    structure = _structure(worked).cast(schema)
    if not values:
        return structure
    found = evppi(
        worked.drawn.costs,
        worked.drawn.effects,
        worked.threshold,
        parameters=np.column_stack(list(values.values())),
        names=tuple(values),
    )
    table = pl.DataFrame(
        {
            "input": found.names,
            "label": [worked.spoken(name) for name in found.names],
            "value": found.value[:, 0],
            "se": found.se[:, 0],
            "held_out": found.held_out[:, 0],
        },
        schema=schema,
    )
    return (
        pl.concat([table, structure])
        .sort("value", "input", descending=[True, False])
        .head(worked.settings.information_on)
    )


def _structure(worked: Worked) -> pl.DataFrame:
    """Return what it would be worth to know which structure is right, as a row among the inputs, or no row."""
    found = knowing_the_structure(worked)
    rows = []
    if found is not None:
        label = "Which structure of the model is right"
        rows.append((STRUCTURE, label, float(found.structure[0]), float(found.structure_se[0]), None))
    return pl.DataFrame(rows, schema=["input", "label", "value", "se", "held_out"], orient="row")
