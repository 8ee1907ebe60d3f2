"""The curves: what was fitted, how it lies on the data, and where it goes beyond them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from coley.economics.analysis.evaluate import heaviest
from coley.model.answer import Check, Estimate, Figure
from coley.model.part import Part
from coley.questions.worth.worked import interval
from coley.stats.survival.kaplan_meier import kaplan_meier

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.economics.analysis.fitted import FollowUp
    from coley.questions.worth.worked import Worked

    Floats = NDArray[np.float64]

ENDPOINTS = {"os": "Overall survival", "pfs": "Progression-free survival"}
POINTS = 241  # of a drawn curve
MILESTONES_YEARS = (1.0, 2.0, 5.0, 10.0, 20.0)
OFF = 0.03  # survival of the model further than this from Kaplan-Meier, on average, is no good fit
TRUSTED = 0.1  # Kaplan-Meier is compared and drawn while a tenth of the patients are at risk


def curves_part(worked: Worked) -> Part:
    """Return the table of fits, curves and hazards by endpoint, cure fractions and checks of the fit."""
    part = Part(
        estimates=(*_cured(worked), *_milestones(worked)),
        checks=_agreement(worked),
        tables={"fits": _fits(worked)} if worked.prepared.fitted else {},
        caveats=_beyond(worked),
    )
    for endpoint, title in ENDPOINTS.items():
        ends = [
            float(one.time_years.max())
            for place, one in worked.followed.items()
            if place.endswith(f".{endpoint}")
        ]
        beyond = worked.strokes | ({"follow_up_years": max(ends)} if ends else {})
        part += Part(
            tables={
                f"curves_{endpoint}": _drawn(worked, endpoint),
                f"curves_at_risk_{endpoint}": _at_risk(worked, endpoint),
                f"hazards_{endpoint}": _hazards(worked, endpoint),
            },
            figures=(
                Figure(
                    "extrapolation",
                    f"curves_{endpoint}",
                    f"{title}: the data, the model, and beyond",
                    "Steps: Kaplan-Meier estimates. Lines with bands: the model, with its interval. Dashed: people of "
                    "the same ages and sexes without the disease.",
                    options={**beyond, "at_risk": f"curves_at_risk_{endpoint}", "endpoint": title},
                ),
                Figure(
                    "hazards",
                    f"hazards_{endpoint}",
                    f"{title}: hazard",
                    "Rate of events per year: observed by interval, as modelled, and of the general population.",
                    options=beyond,
                ),
            ),
        )
    return part + _states(worked)


def _states(worked: Worked) -> Part:
    """Return the share of patients in each state over time, where curves alone make them."""
    if heaviest(worked.model) != "partitioned_survival":
        return Part()
    frames = []
    for name in worked.names:
        pfs, alive = (worked.base_curves.curves[f"{name}.{endpoint}"] for endpoint in ("pfs", "os"))
        at = np.unique(np.linspace(0, len(alive.times_years) - 1, POINTS).astype(int))
        free = np.minimum(pfs.survival[0, at], alive.survival[0, at])
        shares = {
            "progression-free": free,
            "progressed": alive.survival[0, at] - free,
            "dead": 1 - alive.survival[0, at],
        }
        frames += [
            pl.DataFrame(
                {
                    "strategy": worked.label(name),
                    "state": state,
                    "time": alive.times_years[at],
                    "share": share,
                }
            )
            for state, share in shares.items()
        ]
    return Part(
        tables={"states": pl.concat(frames)},
        figures=(Figure("state_area", "states", "Where the patients are over time", options=worked.strokes),),
    )


def _fits(worked: Worked) -> pl.DataFrame:
    rows: list[dict[str, Any]] = []
    for place, one in worked.prepared.fitted.items():
        for fit, weight in zip(one.fits, one.weights, strict=True):
            rows.append(
                {
                    "curve": place,
                    "family": fit.family.title,
                    "background": "in the likelihood" if one.excess else "",
                    "n": fit.n,
                    "events": fit.events,
                    "aic": fit.aic,
                    "bic": fit.bic,
                    "weight": float(weight),
                    "cured": fit.estimates["cured"].value if fit.family.cure else None,
                    "parameters": "; ".join(
                        f"{name} {v.value:.4g} ({v.low:.4g} to {v.high:.4g})"
                        for name, v in fit.estimates.items()
                    ),
                    "note": " ".join(fit.notes),
                }
            )
        rows += [{"curve": place, "family": name, "note": why} for name, why in one.left_out.items()]
    schema = {
        "curve": pl.String,
        "family": pl.String,
        "background": pl.String,
        "n": pl.Int64,
        "events": pl.Int64,
        **dict.fromkeys(("aic", "bic", "weight", "cured"), pl.Float64),
        "parameters": pl.String,
        "note": pl.String,
    }
    return pl.DataFrame(rows, schema=schema)


def _cured(worked: Worked) -> list[Estimate]:
    found = []
    for place, one in worked.prepared.fitted.items():
        name, endpoint = place.rsplit(".", 1)
        for fit in one.fits:
            if not fit.family.cure:
                continue
            share = fit.cure_fraction()
            found.append(
                Estimate(
                    "cured",
                    share.value,
                    share.low,
                    share.high,
                    n=fit.n,
                    events=fit.events,
                    unit="proportion",
                    method="mixture_cure" if "non_" not in fit.family.name else "non_mixture_cure",
                    level=share.level,
                    endpoint=endpoint,
                    group=worked.label(name),
                    note=f"{fit.family.title}, background mortality {'in' if one.excess else 'not in'} the likelihood",
                )
            )
    return found


def _milestones(worked: Worked) -> list[Estimate]:
    found = []
    for endpoint in ENDPOINTS:
        for name in worked.names:
            base = worked.base_curves.curves[f"{name}.{endpoint}"]
            many = worked.drawn_curves.curves[f"{name}.{endpoint}"].survival
            for years in MILESTONES_YEARS:
                if years > worked.model.horizon_years:
                    continue
                at = int(np.argmin(np.abs(base.times_years - years)))
                low, high = interval(many[:, at], worked.settings.level)
                found.append(
                    Estimate(
                        f"survival_at_{years:g}_years",
                        float(base.survival[0, at]),
                        low,
                        high,
                        n=len(many),
                        unit="probability",
                        method="parametric_survival",
                        level=worked.settings.level,
                        endpoint=endpoint,
                        group=worked.label(name),
                        note="as modelled; interval and n of the draws",
                    )
                )
    return found


def _drawn(worked: Worked, endpoint: str) -> pl.DataFrame:
    """Long: strategy, kind (observed, model, population), time, value with limits."""
    frames = []
    for name in worked.names:
        place = f"{name}.{endpoint}"
        base, many = worked.base_curves.curves[place], worked.drawn_curves.curves[place].survival
        at = np.unique(np.linspace(0, len(base.times_years) - 1, POINTS).astype(int))
        low, high = np.quantile(many[:, at], _ends(worked), axis=0)
        frames.append(
            _frame(worked.label(name), "model", base.times_years[at], base.survival[0, at], (low, high))
        )
        if place in worked.followed:
            frames.append(_observed(worked.label(name), worked.followed[place]))
    table = worked.prepared.people.table
    if table is not None:
        times = np.linspace(0, worked.model.horizon_years, POINTS)
        alive = worked.prepared.people.cohort.survival(table, times)
        frames.append(_frame("General population", "population", times, alive))
    return pl.concat(frames)


def _observed(label: str, followed: FollowUp) -> pl.DataFrame:
    curve = kaplan_meier(followed.time_years, followed.event)
    kept = curve.at_risk >= TRUSTED * curve.n
    values = [
        np.r_[start, column[kept]]
        for start, column in ((0.0, curve.time), (1.0, curve.survival), (1.0, curve.low), (1.0, curve.high))
    ]
    return _frame(label, "observed", values[0], values[1], (values[2], values[3]))


def _at_risk(worked: Worked, endpoint: str) -> pl.DataFrame:
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


def _hazards(worked: Worked, endpoint: str) -> pl.DataFrame:
    frames = []
    for name in worked.names:
        place = f"{name}.{endpoint}"
        base, many = worked.base_curves.curves[place], worked.drawn_curves.curves[place]
        edges = _hazard_edges(base.times_years, worked.followed.get(place))
        times = base.times_years[edges]
        middle, widths = (times[1:] + times[:-1]) / 2, np.diff(times)
        rate = np.diff(base.cumulative_hazard[0, edges]) / widths
        each = np.diff(many.cumulative_hazard[:, edges], axis=1) / widths
        low, high = np.quantile(each, _ends(worked), axis=0)
        frames.append(_frame(worked.label(name), "model", middle, rate, (low, high)))
        if place in worked.followed:
            frames.append(_observed_hazard(worked.label(name), worked.followed[place]))
    table = worked.prepared.people.table
    if table is not None:
        times = np.linspace(0.01, worked.model.horizon_years, 121)
        rate = worked.prepared.people.cohort.hazard(table, times)
        frames.append(_frame("General population", "population", times, rate))
    return pl.concat(frames)


def _hazard_edges(times: Floats, followed: FollowUp | None) -> NDArray[np.int64]:
    """Return positions of edges: fine within the follow-up, whole years beyond, where the life table has its steps."""
    end = float(followed.time_years.max()) if followed is not None else 0.0
    fine = np.linspace(0, min(end, times[-1]), 81) if end else np.empty(0)
    wanted = np.r_[fine, np.arange(np.ceil(end), np.floor(times[-1]) + 1)]
    return np.unique(np.searchsorted(times, wanted - 1e-9))


def _observed_hazard(label: str, followed: FollowUp) -> pl.DataFrame:
    """Events per year at risk in intervals of equal numbers of events, with exact Poisson limits."""
    from scipy.stats import chi2

    events = np.sort(followed.time_years[followed.event])
    bins = int(np.clip(len(events) // 15, 1, 12))
    edges = np.unique(np.r_[0.0, np.quantile(events, np.linspace(0, 1, bins + 1))[1:]])
    count = np.histogram(events, edges)[0].astype(float)
    spent = np.array([np.clip(followed.time_years - a, 0, b - a).sum() for a, b in pairwise(edges)])
    low = chi2.ppf(0.025, 2 * count) / 2 / spent
    high = chi2.ppf(0.975, 2 * count + 2) / 2 / spent
    return _frame(label, "observed", (edges[1:] + edges[:-1]) / 2, count / spent, (np.nan_to_num(low), high))


def _frame(
    label: str, kind: str, times: Floats, values: Floats, limits: tuple[Floats, Floats] | None = None
) -> pl.DataFrame:
    low, high = limits if limits is not None else (np.full(len(times), np.nan),) * 2
    return pl.DataFrame(
        {"strategy": label, "kind": kind, "time": times, "value": values, "low": low, "high": high}
    ).with_columns(pl.col("low", "high").fill_nan(None))


def _ends(worked: Worked) -> list[float]:
    return [(1 - worked.settings.level) / 2, (1 + worked.settings.level) / 2]


def _agreement(worked: Worked) -> tuple[Check, ...]:
    """Say how far the fitted curves lie from the data, on average over the follow-up."""
    off = {}
    for place in worked.prepared.fitted:
        if place not in worked.followed:  # a move between states
            continue
        followed = worked.followed[place]
        curve = kaplan_meier(followed.time_years, followed.event)
        end = float(curve.time[curve.at_risk >= TRUSTED * curve.n][-1])
        times = np.linspace(0, end, POINTS)
        observed = np.r_[1.0, curve.survival][np.searchsorted(curve.time, times, side="right")]
        base = worked.base_curves.curves[place]
        modelled = np.interp(times, base.times_years, base.survival[0])
        off[place] = float(np.abs(modelled - observed).mean())
    if not off:
        return ()
    worst = max(off, key=lambda place: off[place])
    if off[worst] <= OFF:
        message = (
            f"Every curve follows Kaplan-Meier to within {off[worst]:.3f} on average over the follow-up."
        )
        return (Check("fit_to_data", "pass", message),)
    named = ", ".join(f"{place} ({distance:.2f})" for place, distance in off.items() if distance > OFF)
    return (
        Check(
            "fit_to_data",
            "warn",
            f"These curves lie further than {OFF:g} in survival from Kaplan-Meier, on average over the follow-up: "
            f"{named}.",
            "Try other families or a spline; a curve that does not follow the data cannot lead beyond them.",
        ),
    )


def _beyond(worked: Worked) -> tuple[str, ...]:
    """Say how much of the life years lies beyond the follow-up."""
    told = []
    for name in worked.names:
        followed = worked.followed.get(f"{name}.os")
        if followed is None:
            continue
        base = worked.base_curves.curves[f"{name}.os"]
        end = float(np.max(followed.time_years))
        within = base.times_years <= end
        whole = float(base.restricted_mean()[0])
        seen = float(np.trapezoid(base.survival[0, within], base.times_years[within]))
        told.append(
            f"{worked.label(name)}: follow-up ends at {end:.1f} years, and {1 - seen / whole:.0%} of its {whole:.1f} "
            "life years lie beyond"
        )
    return (f"{'. '.join(told)}: the model's, not the data's.",) if told else ()
