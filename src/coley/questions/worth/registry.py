"""What a registry saw beside what the model says: with its people in the likelihood, and without."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.economics.analysis.evaluate import curves_of
from coley.economics.analysis.inputs import base_case
from coley.model.answer import Check
from coley.model.part import Part
from coley.stats.proportions import wilson

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.analysis.fitted import Counts
    from coley.economics.projection.curve import Curve
    from coley.questions.worth.worked import Worked

    Floats = NDArray[np.float64]

LEVEL = 0.95
OFF = 0.2  # of the deaths that a registry counted: a model further from them does not follow it


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
    """Return the counts that entered the likelihood of a curve, by "strategy.endpoint"."""
    return {
        place: counts
        for place, one in worked.prepared.fitted.items()
        if one.alone is not None or one.fits[0].data.external is not None
        if (counts := one.follow_up.registry) is not None
    }


def _without(worked: Worked) -> dict[str, Curve]:
    """Return the base case of these curves as the patients alone would make them; none where they cannot."""
    prepared = worked.prepared
    alone = {place: one.alone for place, one in prepared.fitted.items() if one.alone is not None}
    other = replace(prepared, fitted={**prepared.fitted, **alone})
    curves = curves_of(other, base_case(worked.model, other.fitted)).curves
    return {place: curves[place] for place in alone}


def lived_through(curve: Curve, counts: Counts) -> Floats:
    """Return the share of those alive at the start of each interval whom the model lets live through it, (K,)."""
    ends = [
        np.interp(at, curve.times_years, np.maximum(curve.survival[0], 1e-300))
        for at in (counts.start_years, counts.stop_years)
    ]
    return np.asarray(ends[1] / ends[0], dtype=np.float64)


def _rows(label: str, counts: Counts, curves: tuple[Curve, Curve | None]) -> pl.DataFrame:
    limits = wilson(counts.survivors, counts.at_risk, level=LEVEL)
    model, alone = curves
    return pl.DataFrame(
        {
            "curve": label,
            "from_years": counts.start_years,
            "until_years": counts.stop_years,
            "at_risk": counts.at_risk,
            "survivors": counts.survivors,
            "survived": counts.survivors / counts.at_risk,
            "low": limits.low,
            "high": limits.high,
            "modelled": lived_through(model, counts),
            "without_registry": lived_through(alone, counts) if alone is not None else None,
            "source": counts.source,
        },
        schema_overrides={"without_registry": pl.Float64},
    )


def _check(worked: Worked, place: str, counts: Counts, *, alone: Curve | None) -> Check:
    curve = worked.base_curves.curves[place]
    seen = float((counts.at_risk - counts.survivors).sum())

    def expected(of: Curve) -> float:
        return float(counts.at_risk @ (1 - lived_through(of, counts)))

    deaths, half = expected(curve), 1.96 * np.sqrt(max(seen, 1.0))
    span = f"from year {counts.start_years[0]:g} to {counts.stop_years[-1]:g}"
    told = (
        f"{worked.spoken(place)}: of the people of {counts.source} {seen:,.0f} died {span}; the model expects "
        f"{deaths:,.0f}"
    )
    if alone is not None:
        years = [float(one.restricted_mean()[0]) for one in (curve, alone)]
        told += (
            f", the patients alone would expect {expected(alone):,.0f}. The registry takes the mean within the horizon "
            f"from {years[1]:.2f} to {years[0]:.2f} years"
        )
    name = f"registry_{place}"
    if abs(deaths - seen) <= max(OFF * seen, half):
        return Check(name, "pass", f"{told}.")
    return Check(
        name,
        "warn",
        f"{told}.",
        "Take a family that can follow both (a spline, a cured share), let a person of the registry count for less "
        "(counts_as), or ask whether they are such patients.",
        cause="a family without room for both, or a registry of other patients",
    )


def counted(curve: Curve, counts: Counts) -> tuple[Floats, Floats, Floats, Floats]:
    """Return times, survival and its limits as a registry's people would continue the model's curve.

    From where the registry begins, survival is the model's there times what its people survived, interval by
    interval; limits are Greenwood's on the logarithm. Over a gap between intervals it falls as the model does.
    """
    at = np.interp(counts.start_years, curve.times_years, np.maximum(curve.survival[0], 1e-300))
    until = np.interp(counts.stop_years, curve.times_years, np.maximum(curve.survival[0], 1e-300))
    gaps = np.log(at) - np.r_[0.0, np.log(until[:-1])]  # before the first, and between intervals
    share = counts.survivors / counts.at_risk
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.cumsum(gaps + np.log(share))
        spread = np.sqrt(np.cumsum((1 - share) / (share * counts.at_risk)))
        low, high = np.exp(logs - 1.96 * spread), np.minimum(np.exp(logs + 1.96 * spread), 1.0)
    alive = np.exp(logs)
    known = alive > 0
    return counts.stop_years, alive, np.where(known, low, np.nan), np.where(known, high, np.nan)


def counted_hazard(counts: Counts) -> tuple[Floats, Floats, Floats, Floats]:
    """Return middles of the intervals, deaths per year at risk and their limits, from those of the share that lived."""
    limits = wilson(counts.survivors, counts.at_risk, level=LEVEL)
    width = counts.stop_years - counts.start_years
    with np.errstate(divide="ignore"):
        rate, high, low = (
            np.abs(np.log(share)) / width
            for share in (counts.survivors / counts.at_risk, limits.low, limits.high)
        )
    middle = (counts.start_years + counts.stop_years) / 2
    known = np.isfinite(rate)
    return middle[known], rate[known], low[known], np.where(np.isfinite(high), high, np.nan)[known]
