"""How long: survival curves with numbers at risk, and the medians, milestones and means read off them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.model.answer import Check, Estimate, Figure
from coley.model.part import Part
from coley.questions.outcomes import ENDPOINTS
from coley.questions.respond.cohort import EVERYBODY
from coley.stats.survival.kaplan_meier import SurvivalCurve, kaplan_meier, reverse_kaplan_meier
from coley.stats.survival.restricted_mean import restricted_mean_survival

if TYPE_CHECKING:
    from coley.questions.outcomes import Outcome
    from coley.questions.respond.cohort import Cohort
    from coley.questions.respond.settings import RespondSettings
    from coley.stats.values import Interval

TICK_STEPS = (1, 2, 3, 6, 12, 24, 48, 60, 120)  # months that a reader counts in
MOST_TICKS = 9
SHOWN_AT_RISK = (
    0.1  # a curve is drawn while a tenth of its patients are at risk: beyond, one death is a cliff
)


def curves_part(cohort: Cohort, settings: RespondSettings) -> Part:
    """Return curves and what is read off them, for each endpoint that the study holds."""
    part = Part()
    for outcome in cohort.endpoints:
        part += _endpoint(cohort, outcome, settings)
    held = {outcome.endpoint for outcome in cohort.endpoints}
    lacking = [
        f"{title}: its time or its event is missing; supply both."
        for e, title in ENDPOINTS.items()
        if e not in held
    ]
    ends = [
        f"{outcome.title} beyond {outcome.time[outcome.known].max():.0f} months: follow-up ends there."
        for outcome in cohort.endpoints
        if outcome.known.any()
    ]
    return part + Part(cannot_tell=tuple(lacking + ends))


def _endpoint(cohort: Cohort, outcome: Outcome, settings: RespondSettings) -> Part:
    curves = {}
    for group in cohort.everybody_and_groups:
        time, event = outcome.among(cohort.rows(group))
        if len(time):
            curves[group] = (kaplan_meier(time, event, level=settings.level), time, event)
    estimates: list[Estimate] = []
    for group, (curve, time, event) in curves.items():
        estimates += _readings(outcome, group, curve, settings)
        estimates += _restricted_mean(outcome, group, time, event, settings)
    drawn = {group: curves[group][0] for group in cohort.groups if group in curves}
    return Part(
        estimates=tuple(estimates),
        checks=(_follow_up(outcome, cohort, settings),),
        tables={
            f"survival_{outcome.endpoint}": _curve_table(drawn),
            f"at_risk_{outcome.endpoint}": _at_risk_table(drawn),
            f"medians_{outcome.endpoint}": _medians_table(drawn),
        },
        figures=(_figure(cohort, outcome, drawn, settings),),
    )


def _readings(
    outcome: Outcome, group: str, curve: SurvivalCurve, settings: RespondSettings
) -> list[Estimate]:
    n, events = int(curve.n), int(curve.events.sum())

    def estimate(name: str, found: Interval, unit: str, note: str = "") -> Estimate:
        return Estimate(
            name,
            found.value,
            found.low,
            found.high,
            n=n,
            events=events,
            unit=unit,
            method="kaplan_meier",
            level=settings.level,
            endpoint=outcome.endpoint,
            group=group,
            note=note,
        )

    readings = [estimate("median", curve.quantile(0.5), "months")]
    readings += [
        estimate(f"survival_at_{month:g}_months", curve.milestone(month), "probability")
        for month in settings.milestones_months
        if month <= curve.time[-1]
    ]
    if outcome.endpoint == "os" and settings.long_term_months <= curve.time[-1]:
        note = f"alive at {settings.long_term_months:g} months"
        long_term = curve.milestone(settings.long_term_months)
        readings.append(estimate("long_term_survivors", long_term, "probability", note))
    return readings


def _restricted_mean(
    outcome: Outcome, group: str, time: np.ndarray, event: np.ndarray, settings: RespondSettings
) -> list[Estimate]:
    reached = [month for month in settings.milestones_months if month <= time.max()]
    if not reached:
        return []
    tau = reached[-1]
    found = restricted_mean_survival(time, event, tau, level=settings.level)
    return [
        Estimate(
            "restricted_mean_survival",
            found.value,
            found.low,
            found.high,
            n=len(time),
            events=int(event.sum()),
            unit="months",
            method="restricted_mean_survival",
            level=settings.level,
            endpoint=outcome.endpoint,
            group=group,
            note=f"mean survival time within the first {tau:g} months",
        )
    ]


def _follow_up(outcome: Outcome, cohort: Cohort, settings: RespondSettings) -> Check:
    time, event = outcome.among(cohort.rows(EVERYBODY))
    median = reverse_kaplan_meier(time, event, level=settings.level).quantile(0.5).value
    known = (
        f"median follow-up {median:.1f} months" if np.isfinite(median) else "median follow-up not estimable"
    )
    if len(time) < cohort.n and event.all():
        return Check(
            f"follow_up_{outcome.endpoint}",
            "fail",
            f"{outcome.title}: every patient whose event is known has had it, and in {cohort.n - len(time)} of "
            f"{cohort.n} it is missing: the curve is of those who had the event, and far too low.",
            cause="patients without the event were left blank instead of censored",
            remedy="Supply the event as 0 with the time of last contact for patients still free of it.",
        )
    last = settings.milestones_months[-1] if settings.milestones_months else 0.0
    short = not np.isfinite(median) or median < last
    return Check(
        f"follow_up_{outcome.endpoint}",
        "warn" if short else "pass",
        f"{outcome.title}: known in {len(time)} of {cohort.n} patients, {int(event.sum())} events, {known} "
        "(reverse Kaplan-Meier).",
        remedy=f"Read nothing into the curve beyond it; survival at {last:g} months rests on few patients."
        if short
        else "",
    )


def _curve_table(curves: dict[str, SurvivalCurve]) -> pl.DataFrame:
    frames = [
        pl.DataFrame(
            {
                "group": [group] * len(curve.time),
                "time": curve.time,
                "survival": curve.survival,
                "low": curve.low,
                "high": curve.high,
                "censored": curve.censored.astype(np.int64),
            }
        ).fill_nan(None)
        for group, curve in curves.items()
    ]
    return pl.concat(frames)


def _at_risk_table(curves: dict[str, SurvivalCurve]) -> pl.DataFrame:
    last = max(curve.time[-1] for curve in curves.values())
    shown = _cut(curves) or last
    step = next((s for s in TICK_STEPS if shown / s <= MOST_TICKS - 1), TICK_STEPS[-1])
    ticks = np.arange(0, last + step, step, dtype=float)
    rows = [
        {
            "group": group,
            "time": tick,
            "at_risk": int(curve.n_at_risk(tick)),
            "events": int(curve.events[curve.time <= tick].sum()),
        }
        for group, curve in curves.items()
        for tick in ticks[ticks <= last]
    ]
    return pl.DataFrame(rows)


def _medians_table(curves: dict[str, SurvivalCurve]) -> pl.DataFrame:
    medians = {group: curve.quantile(0.5) for group, curve in curves.items()}
    rows = [{"group": g, "median": m.value, "low": m.low, "high": m.high} for g, m in medians.items()]
    return pl.DataFrame(rows).fill_nan(None)


def _cut(curves: dict[str, SurvivalCurve]) -> float:
    """Return the month to which the curves are drawn."""
    reach = [
        curve.time[curve.at_risk >= SHOWN_AT_RISK * curve.n].max(initial=0.0) for curve in curves.values()
    ]
    return float(max(reach, default=0.0))


def _figure(
    cohort: Cohort, outcome: Outcome, curves: dict[str, SurvivalCurve], settings: RespondSettings
) -> Figure:
    cut = _cut(curves)
    return Figure(
        "kaplan_meier",
        f"survival_{outcome.endpoint}",
        title=outcome.title,
        caption=f"Kaplan-Meier estimate with {100 * settings.level:g} % log-log intervals; ticks are censored "
        f"patients; drawn while a tenth of a group is at risk.",
        options={
            "endpoint": outcome.title,
            "x_title": cohort.months_title,
            "at_risk_table": f"at_risk_{outcome.endpoint}",
            "medians_table": f"medians_{outcome.endpoint}",
            "milestones": [m for m in settings.milestones_months if m <= cut],
            "cut_time": cut,
            "control": cohort.control,
        },
    )
