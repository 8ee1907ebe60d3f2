"""What a registry saw beside what the model says: with its people in the likelihood, and without."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.economics.analysis.evaluate import curves_of
from coley.economics.analysis.fitted import specified
from coley.economics.analysis.inputs import base_case
from coley.economics.projection.registry_data import expected_deaths, lived_through, out_of_step, shares
from coley.model.answer import Check
from coley.model.part import Part

if TYPE_CHECKING:
    from coley.economics.projection.curve import Curve
    from coley.economics.projection.registry_data import Counts
    from coley.questions.worth.worked import Worked

LEVEL = 0.95
OFF = 0.1  # of the deaths that a registry counted: a model further from them does not follow it
UNLIKELY = (
    0.01  # chance of such deaths under the model: below it they are another population's, or another curve's
)


def registry_part(worked: Worked) -> Part:
    """Return survival by interval of a registry and of the model, and how far apart they are."""
    asked = registries(worked)
    if not asked:
        return Part()
    alone = _without(worked)
    rows = [
        _rows(worked.spoken(place), counts, (worked.base_curves.curves[place], alone.get(place)))
        for place, counts in asked.items()
    ]
    return Part(
        tables={"registry": pl.concat(rows)},
        checks=tuple(
            _check(worked, place, counts, alone=alone.get(place)) for place, counts in asked.items()
        ),
        caveats=(
            "A registry's people count as if they were the trial's, with its ages; they were neither randomised nor "
            "chosen by its criteria.",
        ),
    )


def registries(worked: Worked) -> dict[str, Counts]:
    """Return what entered the likelihood of a curve and lies within the horizon, by "strategy.endpoint"."""
    found = {}
    for place, spec in specified(worked.model).items():
        if spec.registry is not None and (counts := worked.followed[place].registry) is not None:
            found[place] = counts.within(worked.model.horizon_years)
    return {place: counts for place, counts in found.items() if len(counts.at_risk)}


def _without(worked: Worked) -> dict[str, Curve]:
    """Return the base case of these curves as the patients alone would make them; none where they cannot."""
    prepared = worked.prepared
    alone = {place: one.alone for place, one in prepared.fitted.items() if one.alone is not None}
    other = replace(prepared, fitted={**prepared.fitted, **alone})
    curves = curves_of(other, base_case(worked.model, other.fitted)).curves
    return {place: curves[place] for place in alone}


def _rows(label: str, counts: Counts, curves: tuple[Curve, Curve | None]) -> pl.DataFrame:
    seen, (model, alone) = shares(counts, level=LEVEL), curves
    return pl.DataFrame(
        {
            "curve": label,
            "from_years": counts.start_years,
            "until_years": counts.stop_years,
            "at_risk": counts.at_risk,
            "survivors": counts.survivors,
            "survived": seen.value,
            "low": seen.low,
            "high": seen.high,
            "modelled": lived_through(model, counts),
            "without_registry": lived_through(alone, counts) if alone is not None else None,
            "source": counts.source,
        },
        schema_overrides={"without_registry": pl.Float64},
    )


def _check(worked: Worked, place: str, counts: Counts, *, alone: Curve | None) -> Check:
    curve, seen = worked.base_curves.curves[place], counts.deaths
    deaths, half = expected_deaths(curve, counts), 1.96 * np.sqrt(max(seen, 1.0))
    span = f"from year {counts.start_years[0]:g} to {counts.stop_years[-1]:g}"
    told = (
        f"{worked.spoken(place)}: of the people of {counts.source} {seen:,.0f} died {span}; the model expects "
        f"{deaths:,.0f}"
    )
    if alone is not None:
        years = [float(one.restricted_mean()[0]) for one in (curve, alone)]
        told += (
            f", the patients alone would expect {expected_deaths(alone, counts):,.0f}. The registry takes the mean "
            f"within the horizon from {years[1]:.2f} to {years[0]:.2f} years"
        )
    name, (p, worst) = f"registry_{place}", out_of_step(curve, counts)
    if p < UNLIKELY:
        chance = "< 0.001" if p < 0.001 else f"= {p:.3f}"
        told += (
            f". Interval by interval deaths are not the model's (p {chance}), least from year "
            f"{counts.start_years[worst]:g} to {counts.stop_years[worst]:g}"
        )
    elif abs(deaths - seen) <= max(OFF * seen, half):
        return Check(name, "pass", f"{told}.")
    return Check(
        name,
        "warn",
        f"{told}.",
        "Take a family that can follow both (a spline, a cured share), let a person of the registry count for less "
        "(counts_as), or ask whether they are such patients.",
        cause="a family without room for both, or a registry of other patients",
    )
