"""Which baseline factors are associated with outcome, each alone and all together."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from coley.biology.factors import MIN_LEVEL, FactorMatrix, factor_matrix, factors
from coley.model.answer import Check, Estimate, Figure
from coley.model.errors import InvalidSetting, NotEstimable, nearest
from coley.model.part import Part
from coley.model.words import format_level
from coley.stats.logistic import firth_logistic
from coley.stats.survival.cox import CoxFit, cox

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coley.questions.outcomes import Outcome
    from coley.questions.respond.cohort import Cohort
    from coley.questions.respond.settings import RespondSettings

MOST_NAMED = 4  # factors in a note
EVENTS_PER_LEVEL = 20  # expected: with ten, a level of good prognosis has none in some bootstrap samples
EVENTS_PER_COLUMN = (
    10  # Peduzzi 1995, J Clin Epidemiol 48:1503: fewer give unstable, overconfident coefficients
)


@dataclass(frozen=True, eq=False)
class Model:
    """The factors, the rows in which all of them and the endpoint are known, and the columns that are kept."""

    made: FactorMatrix
    rows: NDArray[np.bool_]
    columns: tuple[int, ...]

    @property
    def matrix(self) -> NDArray[np.float64]:
        """Rows in use by columns in use."""
        return self.made.matrix[self.rows][:, list(self.columns)]

    @property
    def names(self) -> tuple[str, ...]:
        """Label and level of each column in use."""
        return tuple(f"{self.made.labels[j]}, {self.made.levels[j]}" for j in self.columns)

    @property
    def factors(self) -> str:
        """The factors in use, by name where they are few, else by number: a figure names them all."""
        labels = list(dict.fromkeys(self.made.labels[j] for j in self.columns))
        return ", ".join(labels) if len(labels) <= MOST_NAMED else f"{len(labels)} baseline factors"


def baseline_factors(cohort: Cohort, settings: RespondSettings) -> FactorMatrix:
    """Return the design matrix of the chosen factors, or of every known one that the study holds."""
    present = cohort.patients.columns
    for name in settings.factors:
        if name not in present:
            close = nearest(name, present)
            raise InvalidSetting(
                f"Table patients has no column {name!r}.",
                where="setting 'factors' of question 'respond'",
                remedy=f"Did you mean {close!r}?" if close else "Name columns of patients.",
            )
    chosen = settings.factors or tuple(name for name in factors() if name in present)
    return factor_matrix(
        cohort.patients, chosen, max_missing=settings.max_missing, min_level=_least_in_level(cohort)
    )


def _least_in_level(cohort: Cohort) -> int:
    """Return how many patients carry twenty events at the rate of the whole: smaller levels are pooled.

    The rate is that of everybody, so no level is pooled for its own outcome.
    """
    rates = [
        float(outcome.event[outcome.known].mean()) for outcome in cohort.endpoints if outcome.known.any()
    ]
    if not rates:
        responded = float(np.nanmean(cohort.responder))
        rates = [min(responded, 1 - responded)]
    rate = max(min(rates), EVENTS_PER_LEVEL / max(cohort.n, 1))
    return max(MIN_LEVEL, ceil(EVENTS_PER_LEVEL / rate))


def model_for(
    made: FactorMatrix,
    known: NDArray[np.bool_],
    events: NDArray[np.bool_],
    *,
    within: NDArray[np.object_] | None = None,
) -> Model | None:
    """Return the model that the events can carry: factors in the order of the table, one column per ten events.

    The order is fixed beforehand, so nothing is selected on the outcome. A column that is constant within every
    group of `within` (the strata of the model) carries nothing there and is passed over.
    """
    rows = made.complete & known
    budget = int(events[rows].sum()) // EVENTS_PER_COLUMN
    columns: list[int] = []
    for factor in made.distinct_factors:
        own = [
            j
            for j in made.columns_of(factor)
            if _varies(made.matrix[rows, j], None if within is None else within[rows])
        ]
        if own and len(columns) + len(own) <= budget:
            columns += own
    return Model(made, rows, tuple(columns)) if columns else None


def response_model(cohort: Cohort, made: FactorMatrix) -> Model | None:
    """Return the model of response that the rarer of responders and non-responders can carry."""
    known = np.isfinite(cohort.responder)
    responded = np.nan_to_num(cohort.responder) > 0
    rarer = responded if responded[known].sum() * 2 <= known.sum() else ~responded
    return model_for(made, known, rarer & known)


def _varies(column: NDArray[np.float64], within: NDArray[np.object_] | None) -> bool:
    if not len(column):
        return False
    groups = [column] if within is None else [column[within == group] for group in set(within.tolist())]
    return any(bool(np.ptp(group) > 0) for group in groups)


def prognosis_part(cohort: Cohort, made: FactorMatrix, settings: RespondSettings) -> Part:
    """Return associations of baseline factors with survival and with response."""
    if not made.distinct_factors:
        return Part(cannot_tell=("Prognostic factors: the study holds no usable baseline factor.",))
    part = Part(checks=(_left_out(cohort, made),))
    for outcome in cohort.endpoints:
        part += _survival(cohort, outcome, made, settings)
    if np.isfinite(cohort.responder).any():
        part += _response(cohort, made, settings)
    caveat = (
        "Factors are associated with outcome, not shown to cause it; without a control arm a factor that is "
        "associated with outcome under treatment may be prognostic or predictive, which cannot be told apart."
        if not cohort.control
        else "Factors are associated with outcome, not shown to cause it."
    )
    return part + Part(caveats=(caveat,))


def _left_out(cohort: Cohort, made: FactorMatrix) -> Check:
    lost = int((~made.complete).sum())
    names = ", ".join(dict.fromkeys(made.labels))
    reasons = "; ".join(f"{name} ({reason})" for name, reason in made.left_out.items())
    return Check(
        "factors",
        "warn" if lost > 0.2 * cohort.n else "pass",
        f"{len(made.distinct_factors)} baseline factors are used ({names}); {lost} of {cohort.n} patients miss one "
        f"of them and are left out of models of all factors together."
        + (f" Left out: {reasons}." if reasons else ""),
        remedy="Supply the missing values, or name fewer factors." if lost > 0.2 * cohort.n else "",
    )


def _survival(cohort: Cohort, outcome: Outcome, made: FactorMatrix, settings: RespondSettings) -> Part:
    strata = cohort.group if cohort.split else None
    alone = _each_alone(outcome, made, settings, strata)
    model = model_for(made, outcome.known, outcome.event, within=strata)
    together: list[Estimate] = []
    checks: list[Check] = []
    if model is None:
        checks.append(_too_few(outcome))
    else:
        try:
            fit = cox(
                outcome.time[model.rows],
                outcome.event[model.rows],
                model.matrix,
                strata=None if strata is None else strata[model.rows].astype(str),
                level=settings.level,
                names=model.names,
            )
            together = [
                _ratio(fit, j, outcome.endpoint, "adjusted_hazard_ratio_of_factor")
                for j in range(len(model.names))
            ]
        except NotEstimable as error:
            checks.append(
                Check(
                    f"factors_{outcome.endpoint}", "warn", error.what, remedy=error.remedy, cause=error.cause
                )
            )
    name = f"factors_{outcome.endpoint}"
    rows = [*_forest_rows(alone, "Each factor alone"), *_forest_rows(together, "All factors together")]
    if not rows:
        return Part(checks=tuple(checks))
    stratified = f" Stratified by {cohort.split.replace('_', ' ')}." if cohort.split else ""
    figure = Figure(
        "forest",
        name,
        title=f"Baseline factors and {outcome.title.lower()}",
        caption=f"Hazard ratios from Cox models with {100 * settings.level:g} % intervals; above 1 is worse."
        f"{stratified}",
        options={
            "scale": "log",
            "reference": 1,
            "value_title": f"Hazard ratio ({format_level(settings.level)})",
            "favours_left": "longer",
            "favours_right": "shorter",
        },
    )
    return Part(tuple(alone + together), tuple(checks), tables={name: pl.DataFrame(rows)}, figures=(figure,))


def _each_alone(
    outcome: Outcome, made: FactorMatrix, settings: RespondSettings, strata: NDArray[np.object_] | None
) -> list[Estimate]:
    estimates: list[Estimate] = []
    for factor in made.distinct_factors:
        columns = made.columns_of(factor)
        rows = outcome.known & np.isfinite(made.matrix[:, columns]).all(axis=1)
        names = [f"{made.labels[j]}, {made.levels[j]}" for j in columns]
        try:
            fit = cox(
                outcome.time[rows],
                outcome.event[rows],
                made.matrix[rows][:, columns],
                strata=None if strata is None else strata[rows].astype(str),
                level=settings.level,
                names=names,
            )
        except NotEstimable:
            estimates += [
                Estimate(
                    "hazard_ratio_of_factor",
                    None,
                    None,
                    None,
                    n=int(rows.sum()),
                    events=int(outcome.event[rows].sum()),
                    unit="ratio",
                    method="cox",
                    endpoint=outcome.endpoint,
                    group=name,
                    note="not estimable: too few patients or events on one side",
                )
                for name in names
            ]
            continue
        estimates += [_ratio(fit, j, outcome.endpoint, "hazard_ratio_of_factor") for j in range(len(names))]
    return estimates


def _ratio(fit: CoxFit, column: int, endpoint: str, name: str) -> Estimate:
    ratio = fit.hazard_ratios[column]
    return Estimate(
        name,
        ratio.value,
        ratio.low,
        ratio.high,
        n=fit.n,
        events=fit.events,
        unit="ratio",
        method="cox",
        level=fit.level,
        endpoint=endpoint,
        group=fit.names[column],
        p=float(fit.p[column]),
    )


def _too_few(outcome: Outcome) -> Check:
    return Check(
        f"factors_{outcome.endpoint}",
        "warn",
        f"{int(outcome.event.sum())} events of {outcome.title.lower()} do not carry a model of all factors together.",
        remedy="Name one or two factors beforehand (setting factors), or pool cohorts.",
        cause=f"a model needs about {EVENTS_PER_COLUMN} events per column",
    )


def _response(cohort: Cohort, made: FactorMatrix, settings: RespondSettings) -> Part:
    model = response_model(cohort, made)
    if model is None:
        return Part(
            checks=(
                Check(
                    "factors_response",
                    "warn",
                    f"{int(np.nansum(cohort.responder))} responders do not carry a model of all factors together.",
                    remedy="Name one or two factors beforehand (setting factors), or pool cohorts.",
                ),
            )
        )
    outcome = cohort.responder[model.rows]
    fit = firth_logistic(outcome, model.matrix, level=settings.level, names=model.names)
    ratios = [fit.odds_ratio(name) for name in model.names]
    estimates = [
        Estimate(
            "adjusted_odds_ratio_of_factor",
            ratio.value,
            ratio.low,
            ratio.high,
            n=len(outcome),
            events=int(outcome.sum()),
            unit="ratio",
            method="firth_logistic",
            level=settings.level,
            endpoint="response",
            group=name,
            p=float(p),
        )
        for name, ratio, p in zip(model.names, ratios, fit.p[1:], strict=True)
    ]
    figure = Figure(
        "forest",
        "factors_response",
        title="Baseline factors and response",
        caption="Odds ratios of response from one penalised logistic model, "
        f"{100 * settings.level:g} % profile intervals; above 1 is more often a response.",
        options={
            "scale": "log",
            "reference": 1,
            "value_title": f"Odds ratio ({format_level(settings.level)})",
            "favours_left": "fewer responses",
            "favours_right": "more responses",
        },
    )
    rows = _forest_rows(estimates, "All factors together")
    return Part(tuple(estimates), tables={"factors_response": pl.DataFrame(rows)}, figures=(figure,))


def _forest_rows(estimates: list[Estimate], section: str) -> list[dict[str, object]]:
    return [
        {
            "label": e.group,
            "section": section,
            "value": e.value,
            "low": e.low,
            "high": e.high,
            "n": e.n,
            "events": e.events,
            "p": e.p,
        }
        for e in estimates
    ]
