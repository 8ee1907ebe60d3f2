"""What treatment adds over the control: on response, on survival, and how it changes with time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.model.answer import Check, Estimate, Figure
from coley.model.errors import NotEstimable
from coley.model.part import Part
from coley.model.words import format_level, format_p
from coley.questions.respond.prognosis import model_for
from coley.stats.proportions import newcombe
from coley.stats.survival.contrast import milestone_difference, survival_difference
from coley.stats.survival.cox import cox
from coley.stats.survival.crossing import crossing_curves
from coley.stats.survival.effect_over_time import hazard_ratio_by_period
from coley.stats.survival.log_rank import log_rank, max_combo
from coley.stats.survival.proportional_hazards import proportional_hazards
from coley.stats.survival.restricted_mean import rmst_difference

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.biology.factors import FactorMatrix
    from coley.questions.outcomes import Outcome
    from coley.questions.respond.cohort import Cohort
    from coley.questions.respond.settings import RespondSettings
    from coley.stats.values import Interval

SUSPECT_P = 0.05  # below it the hazards are called non-proportional, and one hazard ratio a poor summary


def contrasts(cohort: Cohort) -> tuple[tuple[str, str], ...]:
    """Return each treated group with the control; empty where there is no control."""
    return tuple(
        (group, cohort.control) for group in cohort.groups if cohort.control and group != cohort.control
    )


def effect_part(cohort: Cohort, made: FactorMatrix, settings: RespondSettings) -> Part:
    """Return the effect of each treatment against the control, on response and on every endpoint."""
    if not contrasts(cohort):
        why = "no arm is named as the control" if len(cohort.groups) > 1 else "there is no control arm"
        return Part(
            cannot_tell=(f"The effect of treatment: {why}. Name control_arm in study.toml if there is one.",)
        )
    part = Part(checks=(_randomisation(cohort),))
    for contrast in contrasts(cohort):
        part += _response(cohort, contrast, settings)
        for outcome in cohort.endpoints:
            part += _endpoint(cohort, outcome, contrast, made, settings)
    return part


def _randomisation(cohort: Cohort) -> Check:
    if cohort.randomised:
        return Check(
            "randomised",
            "pass",
            "Patients were randomised: differences between arms are effects of treatment.",
        )
    stated = (
        "were not randomised"
        if cohort.randomised is False
        else "may not have been randomised: study.toml is silent"
    )
    return Check(
        "randomised",
        "warn",
        f"Patients {stated}; differences between groups may come from who was given what.",
        remedy="Read the adjusted ratios beside the plain ones, and say 'associated'.",
    )


def _response(cohort: Cohort, contrast: tuple[str, str], settings: RespondSettings) -> Part:
    known = np.isfinite(cohort.responder)
    counts = []
    for group in contrast:
        rows = cohort.rows(group) & known
        counts.append((int(cohort.responder[rows].sum()), int(rows.sum())))
    (k1, n1), (k0, n0) = counts
    if not n1 or not n0:
        return Part()
    difference = newcombe((k1, k0), (n1, n0), level=settings.level)[0]
    return Part(
        estimates=(
            Estimate(
                "response_rate_difference",
                difference.value,
                difference.low,
                difference.high,
                n=n1 + n0,
                events=k1 + k0,
                unit="points",
                method="newcombe",
                level=settings.level,
                endpoint="response",
                group=_versus(contrast),
            ),
        )
    )


def _endpoint(
    cohort: Cohort,
    outcome: Outcome,
    contrast: tuple[str, str],
    made: FactorMatrix,
    settings: RespondSettings,
) -> Part:
    rows = (cohort.rows(contrast[0]) | cohort.rows(contrast[1])) & outcome.known
    treated = cohort.group[rows] == contrast[0]
    time, event = outcome.time[rows], outcome.event[rows]
    try:
        fit = cox(time, event, treated.astype(np.float64), level=settings.level, names=["treatment"])
    except NotEstimable as error:
        return Part(checks=(Check(f"effect_{outcome.endpoint}", "warn", error.what, remedy=error.remedy),))
    n, events = fit.n, fit.events

    def estimate(
        name: str, found: Interval, unit: str, method: str, note: str = "", p: float | None = None
    ) -> Estimate:
        return Estimate(
            name,
            found.value,
            found.low,
            found.high,
            n=n,
            events=events,
            unit=unit,
            method=method,
            level=settings.level,
            endpoint=outcome.endpoint,
            group=_versus(contrast),
            p=p,
            note=note,
        )

    plain = log_rank(time, event, treated)
    combo = max_combo(time, event, treated)
    ratio = fit.hazard_ratios[0]
    estimates = [
        estimate("hazard_ratio", ratio, "ratio", "cox", p=float(fit.p[0])),
        _test("log_rank", plain.statistic, plain.p, estimate("", ratio, "chi-square", "log_rank")),
        _test("max_combo", combo.statistic, combo.p, estimate("", ratio, "max z", "max_combo")),
    ]
    reach = min(float(time[treated].max()), float(time[~treated].max()))
    milestones = [month for month in settings.milestones_months if month <= reach]
    if milestones:
        tau = milestones[-1]
        difference = rmst_difference(time, event, treated, tau=tau, level=settings.level)
        note = (
            f"months of life gained within the first {tau:g}"
            if outcome.endpoint == "os"
            else f"within {tau:g} months"
        )
        estimates.append(
            estimate("rmst_difference", difference.interval, "months", "rmst_difference", note, difference.p)
        )
    for month in milestones:
        found = milestone_difference(time, event, treated, at=month, level=settings.level)
        estimates.append(
            estimate(
                f"survival_difference_at_{month:g}_months",
                found.interval,
                "points",
                "milestone_difference",
                p=found.p,
            )
        )
    estimates += _adjusted(cohort, outcome, contrast, made, rows, settings)
    return Part(
        estimates=tuple(estimates), checks=_shape(outcome, contrast, time, event, treated, settings.level)
    ) + _over_time(cohort, outcome, contrast, time, event, treated, settings)


def _adjusted(
    cohort: Cohort,
    outcome: Outcome,
    contrast: tuple[str, str],
    made: FactorMatrix,
    rows: NDArray[np.bool_],
    settings: RespondSettings,
) -> list[Estimate]:
    """Return the hazard ratio of treatment beside the baseline factors that the events can carry."""
    model = model_for(made, rows, outcome.event)
    if model is None:
        return []
    treated = (cohort.group[model.rows] == contrast[0]).astype(np.float64)
    matrix = np.column_stack([treated, model.matrix])
    try:
        fit = cox(outcome.time[model.rows], outcome.event[model.rows], matrix, level=settings.level)
    except NotEstimable:
        return []
    ratio = fit.hazard_ratios[0]
    return [
        Estimate(
            "hazard_ratio_adjusted_for_factors",
            ratio.value,
            ratio.low,
            ratio.high,
            n=fit.n,
            events=fit.events,
            unit="ratio",
            method="cox",
            level=settings.level,
            endpoint=outcome.endpoint,
            group=_versus(contrast),
            p=float(fit.p[0]),
            note=f"adjusted for {model.factors}",
        )
    ]


def _versus(contrast: tuple[str, str]) -> str:
    return f"{contrast[0]} vs {contrast[1]}"


def _test(name: str, statistic: float, p: float, like: Estimate) -> Estimate:
    """Return a test as an estimate: a statistic and a p, and no interval."""
    return replace(like, name=name, value=statistic, low=None, high=None, p=p)


def _shape(
    outcome: Outcome,
    contrast: tuple[str, str],
    time: NDArray[np.float64],
    event: NDArray[np.bool_],
    treated: NDArray[np.bool_],
    level: float,
) -> tuple[Check, ...]:
    """Say whether one hazard ratio sums up the effect: proportional hazards, and crossing curves."""
    test = proportional_hazards(cox(time, event, treated.astype(np.float64))).together
    suspect = test.p < SUSPECT_P
    found = crossing_curves(time, event, treated, level=level)
    proportional = Check(
        f"proportional_hazards_{outcome.endpoint}",
        "warn" if suspect else "pass",
        f"{_versus(contrast)}, {outcome.title.lower()}: test of proportional hazards, p {format_p(test.p)}.",
        remedy="One hazard ratio hides how the effect changes: read it by period, the restricted mean and the "
        "milestones."
        if suspect
        else "",
        cause="delayed benefit, long-term survivors or early harm" if suspect else "",
    )
    if not found.supported:
        return (proportional,)
    names = {1: contrast[0], -1: contrast[1]}
    crossing = Check(
        f"crossing_{outcome.endpoint}",
        "warn",
        f"The curves of {outcome.title.lower()} cross at about {found.time:.1f} months: first "
        f"{names[found.first_ahead]} lies ahead, then {names[found.then_ahead]}, beyond the simultaneous band.",
        remedy="No single number says which treatment is better: it depends on when one asks.",
    )
    return (proportional, crossing)


def _over_time(
    cohort: Cohort,
    outcome: Outcome,
    contrast: tuple[str, str],
    time: NDArray[np.float64],
    event: NDArray[np.bool_],
    treated: NDArray[np.bool_],
    settings: RespondSettings,
) -> Part:
    """Hazard ratio by period, and the difference of the curves along time."""
    versus = _versus(contrast)
    suffix = f"{outcome.endpoint}_{contrast[0]}"
    periods = hazard_ratio_by_period(
        time, event, treated, cuts=settings.period_cuts_months, level=settings.level
    )
    estimates = tuple(
        Estimate(
            "hazard_ratio_by_period",
            period.ratio.value,
            period.ratio.low,
            period.ratio.high,
            n=period.n,
            events=period.events,
            unit="ratio",
            method="cox",
            level=settings.level,
            endpoint=outcome.endpoint,
            group=f"{versus}, months {period.start:g} to {period.end:.3g}",
            note="n is those still at risk as the period begins",
        )
        for period in periods
    )
    forest = pl.DataFrame(
        [
            {
                "label": f"Months {period.start:g} to {period.end:.3g}",
                "value": e.value,
                "low": e.low,
                "high": e.high,
                "n": period.n,
                "events": period.events,
            }
            for period, e in zip(periods, estimates, strict=True)
        ],
        schema_overrides={"value": pl.Float64, "low": pl.Float64, "high": pl.Float64},
    )
    band = survival_difference(time, event, treated, level=settings.level)
    reach = min(_tenth(time[treated]), _tenth(time[~treated]))
    shown = band.time <= reach
    difference = pl.DataFrame(
        {
            "x": band.time[shown],
            "value": 100 * band.value[shown],
            "low": 100 * band.low[shown],
            "high": 100 * band.high[shown],
        }
    ).fill_nan(None)
    figures = (
        Figure(
            "line_band",
            f"difference_{suffix}",
            title=f"{outcome.title}: {versus}, difference over time",
            caption="Difference of the Kaplan-Meier curves in percentage points with pointwise "
            f"{100 * settings.level:g} % limits; above 0 favours {contrast[0]}. Drawn while a tenth of each arm "
            "is followed.",
            options={
                "x_title": cohort.months_title,
                "y_title": "Difference, percentage points",
                "reference": 0,
                "step": True,
            },
        ),
        Figure(
            "forest",
            f"periods_{suffix}",
            title=f"{outcome.title}: {versus}, hazard ratio by period",
            caption="Patients still at risk as each period begins. Those who reach a later period have been "
            "selected by surviving so far, so later ratios do not compare the arms as randomised.",
            options={
                "scale": "log",
                "reference": 1,
                "value_title": f"Hazard ratio ({format_level(settings.level)})",
                "favours_left": contrast[0],
                "favours_right": contrast[1],
            },
        ),
    )
    return Part(
        estimates, tables={f"difference_{suffix}": difference, f"periods_{suffix}": forest}, figures=figures
    )


def _tenth(time: NDArray[np.float64]) -> float:
    """Return the time beyond which a tenth of patients is followed."""
    return float(np.quantile(time, 0.9))
