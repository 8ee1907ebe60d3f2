"""Rows of the figures of curves: what was observed, the model, its families, the registry, the general population."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.economics.projection.registry_data import continued
from coley.economics.projection.registry_data import hazards as seen_hazards
from coley.questions.worth.survival.registry import registries
from coley.stats.parametric.hazards import occurrence_exposure
from coley.stats.survival.kaplan_meier import kaplan_meier

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from coley.economics.analysis.families import FamilyCurve
    from coley.economics.analysis.fitted import FollowUp
    from coley.economics.projection.registry_data import Seen
    from coley.questions.worth.worked import Worked

    Floats = NDArray[np.float64]

POINTS = 241  # of a drawn curve
EVENTS, MOST_BINS = 15, 12  # events in an interval of the observed hazard, and intervals
SPARSER = 3  # a family's own thin line needs every third of them
TRUSTED = 0.1  # Kaplan-Meier is compared and drawn while a tenth of the patients are at risk


def drawn(worked: Worked, endpoint: str, families: Mapping[str, tuple[FamilyCurve, ...]]) -> pl.DataFrame:
    """Return the rows of curves: strategy, kind, time (years), value with limits, and the family of an alternative."""
    frames, counts = [], registries(worked)
    for name in worked.names:
        place = f"{name}.{endpoint}"
        base, many = worked.base_curves.curves[place], worked.drawn_curves.curves[place].survival
        at = np.unique(np.linspace(0, len(base.times_years) - 1, POINTS).astype(int))
        low, high = np.quantile(many[:, at], _ends(worked), axis=0)
        frames.append(
            frame(worked.label(name), "model", base.times_years[at], base.survival[0, at], (low, high))
        )
        if place in worked.followed:
            frames.append(_observed(worked.label(name), worked.followed[place]))
        if place in counts:
            frames.append(_limited(worked.label(name), "registry", continued(base, counts[place])))
        for one in families.get(place, ()):
            few = np.unique(np.r_[at[::SPARSER], at[-1]])
            values = one.curve.survival[0, few]
            frames.append(
                frame(worked.label(name), "alternative", base.times_years[few], values, family=_named(one))
            )
    table = worked.prepared.people.table
    if table is not None:
        times = np.linspace(0, worked.model.horizon_years, POINTS)
        alive = worked.prepared.people.cohort.survival(table, times)
        frames.append(frame("General population", "population", times, alive))
    return pl.concat(frames)


def _observed(label: str, followed: FollowUp) -> pl.DataFrame:
    curve = kaplan_meier(followed.time_years, followed.event)
    kept = curve.at_risk >= TRUSTED * curve.n
    values = [
        np.r_[start, column[kept]]
        for start, column in ((0.0, curve.time), (1.0, curve.survival), (1.0, curve.low), (1.0, curve.high))
    ]
    return frame(label, "observed", values[0], values[1], (values[2], values[3]))


def at_risk(worked: Worked, endpoint: str) -> pl.DataFrame:
    """Return the numbers at risk in whole years."""
    rows = [
        {
            "strategy": worked.label(name),
            "time": float(years),
            "at_risk": int((one.time_years >= years).sum()),
        }
        for name in worked.names
        if (one := worked.followed.get(f"{name}.{endpoint}")) is not None
        for years in range(int(one.time_years.max()) + 1)
    ]
    return pl.DataFrame(rows, schema={"strategy": pl.String, "time": pl.Float64, "at_risk": pl.Int64})


def hazards(worked: Worked, endpoint: str) -> pl.DataFrame:
    """Return the rows of hazards, as of curves; the value is events per year at risk."""
    frames, counts = [], registries(worked)
    for name in worked.names:
        place = f"{name}.{endpoint}"
        base, many = worked.base_curves.curves[place], worked.drawn_curves.curves[place]
        edges = _hazard_edges(base.times_years, worked.followed.get(place))
        times = base.times_years[edges]
        middle, widths = (times[1:] + times[:-1]) / 2, np.diff(times)
        rate = np.diff(base.cumulative_hazard[0, edges]) / widths
        each = np.diff(many.cumulative_hazard[:, edges], axis=1) / widths
        low, high = np.quantile(each, _ends(worked), axis=0)
        frames.append(frame(worked.label(name), "model", middle, rate, (low, high)))
        if place in worked.followed:
            frames.append(_observed_hazard(worked.label(name), worked.followed[place]))
        if place in counts:
            frames.append(_limited(worked.label(name), "registry", seen_hazards(counts[place])))
    table = worked.prepared.people.table
    if table is not None:
        times = np.linspace(0.01, worked.model.horizon_years, 121)
        rate = worked.prepared.people.cohort.hazard(table, times)
        frames.append(frame("General population", "population", times, rate))
    return pl.concat(frames)


def _hazard_edges(times: Floats, followed: FollowUp | None) -> NDArray[np.int64]:
    """Return positions of edges: fine within the follow-up, whole years beyond, where the life table has its steps."""
    end = float(followed.time_years.max()) if followed is not None else 0.0
    fine = np.linspace(0, min(end, times[-1]), 81) if end else np.empty(0)
    wanted = np.r_[fine, np.arange(np.ceil(end), np.floor(times[-1]) + 1)]
    return np.unique(np.searchsorted(times, wanted - 1e-9))


def _observed_hazard(label: str, followed: FollowUp) -> pl.DataFrame:
    """Events per year at risk in intervals of equal numbers of events, with exact Poisson limits."""
    events = np.sort(followed.time_years[followed.event])
    bins = int(np.clip(len(events) // EVENTS, 1, MOST_BINS))
    edges = np.unique(np.r_[0.0, np.quantile(events, np.linspace(0, 1, bins + 1))[1:]])
    found = occurrence_exposure(followed.time_years, followed.event, edges)
    middle = (found.begin + found.end) / 2
    return frame(label, "observed", middle, found.rate.value, (found.rate.low, found.rate.high))


def frame(
    label: str,
    kind: str,
    times: Floats,
    values: Floats,
    limits: tuple[Floats, Floats] | None = None,
    *,
    family: str | None = None,
) -> pl.DataFrame:
    """Return rows of one curve."""
    low, high = limits if limits is not None else (np.full(len(times), np.nan),) * 2
    rows = {"strategy": label, "kind": kind, "family": family, "time": times, "value": values}
    return pl.DataFrame(
        rows | {"low": low, "high": high}, schema_overrides={"family": pl.String}
    ).with_columns(pl.col("low", "high").fill_nan(None))


def _limited(label: str, kind: str, seen: Seen) -> pl.DataFrame:
    return frame(label, kind, seen.times_years, seen.value, (seen.low, seen.high))


def _named(one: FamilyCurve) -> str:
    """Return a family with its weight: "log-normal 62 %"."""
    words = one.family.replace("_", " " if one.family.startswith("spline") else "-")
    return f"{words} {'<1' if 0 < one.weight < 0.01 else round(100 * one.weight)} %"


def _ends(worked: Worked) -> list[float]:
    return [(1 - worked.settings.level) / 2, (1 + worked.settings.level) / 2]
