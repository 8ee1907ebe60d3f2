"""The curves: what was fitted, how it lies on the data, and where it goes beyond them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from coley.economics.analysis.families import family_curves
from coley.economics.analysis.fitted import specified
from coley.model.answer import Check, Estimate, Figure
from coley.model.part import Part
from coley.questions.worth.survival.registry import registries, registry_part
from coley.questions.worth.survival.tables import POINTS, TRUSTED, at_risk, drawn, hazards
from coley.questions.worth.worked import interval
from coley.stats.survival.kaplan_meier import kaplan_meier

if TYPE_CHECKING:
    from coley.questions.worth.worked import Worked

ENDPOINTS = {"os": "Overall survival", "pfs": "Progression-free survival"}
MILESTONES_YEARS = (1.0, 2.0, 5.0, 10.0, 20.0)
OFF = 0.03  # survival of the model further than this from Kaplan-Meier, on average, is no good fit


def curves_part(worked: Worked) -> Part:
    """Return the table of fits, curves and hazards by endpoint, cure fractions and checks of the fit."""
    part = Part(
        estimates=(*_cured(worked), *_cured_as_published(worked), *_milestones(worked)),
        checks=_agreement(worked),
        tables={"curve_origins": _origins(worked)}
        | ({"fits": _fits(worked)} if worked.prepared.fitted else {}),
        caveats=(*_beyond(worked), *_unrelated(worked)),
    )
    families, counted = family_curves(worked.prepared), registries(worked)
    people = ""
    if worked.prepared.people.table is not None:
        people = " Dashed: people of the same ages and sexes without the disease."
    for endpoint, title in ENDPOINTS.items():
        places = [f"{name}.{endpoint}" for name in worked.names]
        thin = " Thin lines: each family by itself, with its weight." * any(p in families for p in places)
        dots = " Diamonds: what the registry saw, from where it begins." * any(p in counted for p in places)
        ends = [
            float(one.time_years.max())
            for place, one in worked.followed.items()
            if place.endswith(f".{endpoint}")
        ]
        steps = "Steps: Kaplan-Meier estimates. " * bool(ends)
        beyond = worked.strokes | ({"follow_up_years": max(ends)} if ends else {})
        risk = at_risk(worked, endpoint)
        seen = {f"curves_at_risk_{endpoint}": risk} if len(risk) else {}
        part += Part(
            tables={
                f"curves_{endpoint}": drawn(worked, endpoint, families),
                **seen,
                f"hazards_{endpoint}": hazards(worked, endpoint),
            },
            figures=(
                Figure(
                    "extrapolation",
                    f"curves_{endpoint}",
                    f"{title}: the data, the model, and beyond" if ends else f"{title}: the model",
                    f"{steps}Lines with bands: the model, with its interval.{people}{thin}{dots}",
                    options={**beyond, "at_risk": f"curves_at_risk_{endpoint}", "endpoint": title},
                ),
                Figure(
                    "hazards",
                    f"hazards_{endpoint}",
                    f"{title}: hazard",
                    f"Rate of events per year: {'observed by interval, ' * bool(ends)}as modelled"
                    f"{', and of the general population' * bool(people)}.{dots}",
                    options=beyond,
                ),
            ),
        )
    return part + registry_part(worked) + _states(worked)


def _states(worked: Worked) -> Part:
    """Return the share of patients in each state over time, under the structure of the base case."""
    frames = []
    for name, course in worked.base_courses.items():
        times = course.grid.times_years
        at = np.unique(np.linspace(0, len(times) - 1, POINTS).astype(int))
        for i, state in enumerate(course.states):
            share = np.clip(course.at(i, at)[0], 0, 1)
            rows = {"strategy": worked.label(name), "state": state.replace("_", "-")}
            frames.append(pl.DataFrame(rows | {"time": times[at], "share": share}))
    return Part(
        tables={"states": pl.concat(frames)},
        figures=(Figure("state_area", "states", "Where the patients are over time", options=worked.strokes),),
    )


def _origins(worked: Worked) -> pl.DataFrame:
    """Return where each curve comes from: whose patients, which paper, whose curve; and the registry beside them."""
    counted = registries(worked)
    rows = []
    for place, spec in specified(worked.model).items():
        seen, registry = worked.followed.get(place), ""
        if spec.registry is not None and place in counted:
            share = spec.registry.counts_as
            registry = counted[place].source + (f", a person as {share:g} of a patient" if share < 1 else "")
        if spec.hazard_ratio is not None:
            origin, source = (
                f"hazard ratio to {worked.label(spec.hazard_ratio.of)}",
                spec.hazard_ratio.ratio.source,
            )
        elif spec.published is not None:
            origin = f"published {spec.published.family.replace('_', ' ')}" + (
                ", parameters drawn together" if spec.published.joint else ""
            )
            source = spec.published.source
        else:
            origin = "patients" if spec.data is not None else "figure, read as patients"
            source = seen.source if seen is not None else ""
        rows.append(
            {
                "curve": worked.spoken(place),
                "from": origin,
                "n": None if seen is None else len(seen.event),
                "events": None if seen is None else int(seen.event.sum()),
                "source": source,
                "registry": registry,
            }
        )
    schema = {"curve": pl.String, "from": pl.String, "n": pl.Int64, "events": pl.Int64}
    return pl.DataFrame(rows, schema=schema | {"source": pl.String, "registry": pl.String})


def _unrelated(worked: Worked) -> tuple[str, ...]:
    """Say which published curves are drawn as if their parameters had nothing to do with each other."""
    places = [
        worked.spoken(place)
        for place, spec in specified(worked.model).items()
        if spec.published is not None and spec.published.unrelated
    ]
    if not places:
        return ()
    return (
        f"Parameters as published, without their covariance, are drawn as if unrelated: {'; '.join(places)}. Those of "
        "one fit seldom are, so that the intervals of these curves are too wide or too narrow.",
    )


def _fits(worked: Worked) -> pl.DataFrame:
    rows: list[dict[str, Any]] = []
    counted = registries(worked)
    for place, one in worked.prepared.fitted.items():
        beside = f"With what {counted[place].source} counted. " if place in counted else ""
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
                    "note": (beside + " ".join(fit.notes)).strip(),
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


def _cured_as_published(worked: Worked) -> list[Estimate]:
    found = []
    for place, spec in specified(worked.model).items():
        if spec.published is None or spec.cure == "none":
            continue
        name, endpoint = place.rsplit(".", 1)
        draws = worked.inputs.numbers[f"strategies.{place}.published.parameters.cured"]
        low, high = interval(draws, worked.settings.level)
        found.append(
            Estimate(
                "cured",
                spec.published.parameters["cured"].value,
                low,
                high,
                n=len(draws),
                unit="proportion",
                method=f"{spec.cure}_cure",
                level=worked.settings.level,
                endpoint=endpoint,
                group=worked.label(name),
                note="as published; interval and n of the draws",
            )
        )
    return found


def _milestones(worked: Worked) -> list[Estimate]:
    found = []
    for endpoint in ENDPOINTS:
        for name in worked.names:
            fitted = f"{name}.{endpoint}" in worked.prepared.fitted
            base = worked.base_curves.curves[f"{name}.{endpoint}"]
            many = worked.drawn_curves.curves[f"{name}.{endpoint}"].survival
            for years in MILESTONES_YEARS:
                if years > worked.model.horizon_years:
                    continue
                at = int(np.argmin(np.abs(base.times_years - years)))
                low, high = interval(many[:, at], worked.settings.level)
                found.append(
                    Estimate(
                        f"survival_at_{years:g}_year{'' if years == 1 else 's'}",
                        float(base.survival[0, at]),
                        low,
                        high,
                        n=len(many),
                        unit="probability",
                        method="parametric_survival" if fitted else "parameter_sampling",
                        level=worked.settings.level,
                        endpoint=endpoint,
                        group=worked.label(name),
                        note="as modelled; interval and n of the draws",
                    )
                )
    return found


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
    named = "; ".join(
        f"{worked.spoken(place)} ({distance:.2f})" for place, distance in off.items() if distance > OFF
    )
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
