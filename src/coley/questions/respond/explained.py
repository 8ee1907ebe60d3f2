"""How much of the variation in outcome known factors explain, and how much is left unexplained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from coley.model.answer import Check, Estimate, Figure
from coley.model.errors import NotEstimable
from coley.model.part import Part
from coley.questions.outcomes import ENDPOINTS
from coley.questions.respond.prognosis import model_for, response_model
from coley.stats.explained_response import likelihood_r2
from coley.stats.survival.explained import royston_sauerbrei

if TYPE_CHECKING:
    from coley.biology.factors import FactorMatrix
    from coley.questions.outcomes import Outcome
    from coley.questions.respond.cohort import Cohort
    from coley.questions.respond.settings import RespondSettings
    from coley.stats.optimism import Corrected

EXPLAINED, LEFT = "explained by known factors", "left unexplained"


def explained_part(cohort: Cohort, made: FactorMatrix, settings: RespondSettings) -> Part:
    """Return the optimism-corrected share of the variation that baseline factors explain, per endpoint."""
    found = Part()
    for outcome in cohort.endpoints:
        found += _survival(cohort, outcome, made, settings)
    found += _response(cohort, made, settings)
    shares = [e for e in found.estimates if e.name == "explained_variation" and e.value is not None]
    if not shares:
        why = (
            "too few events for a model of baseline factors"
            if made.distinct_factors
            else "no usable baseline factor"
        )
        return found + Part(cannot_tell=(f"The share of the variation explained: {why}.",))
    figure = Figure(
        "share_bar",
        "explained_variation",
        title="How much is explained",
        caption="Share of the variation that baseline factors explain, corrected for optimism by "
        f"{settings.bootstraps} bootstrap samples: what the same model would explain in new patients.",
    )
    left = "What makes up the part left unexplained: factors that were not measured, errors of measurement, or chance."
    return found + Part(
        cannot_tell=(left,), tables={"explained_variation": _table(shares)}, figures=(figure,)
    )


def _survival(cohort: Cohort, outcome: Outcome, made: FactorMatrix, settings: RespondSettings) -> Part:
    model = model_for(made, outcome.known, outcome.event, within=cohort.group if cohort.split else None)
    if model is None:
        return Part()
    strata = cohort.group[model.rows].astype(str) if cohort.split else None
    try:
        found = royston_sauerbrei(
            outcome.time[model.rows],
            outcome.event[model.rows],
            model.matrix,
            strata=strata,
            bootstraps=settings.bootstraps,
            seed=settings.seed,
            level=settings.level,
            names=model.names,
        )
    except NotEstimable as error:
        return _not_estimable(outcome.endpoint, error)
    apart = (
        f"; differences between {cohort.split.replace('_', ' ')} groups are not counted"
        if cohort.split
        else ""
    )

    def estimate(name: str, measure: Corrected, unit: str, note: str) -> Estimate:
        return Estimate(
            name,
            measure.value.value,
            measure.value.low,
            measure.value.high,
            n=found.n,
            events=found.events,
            unit=unit,
            method="royston_sauerbrei",
            level=settings.level,
            endpoint=outcome.endpoint,
            note=note,
        )

    estimates = (
        estimate(
            "explained_variation",
            found.r2_d,
            "share",
            f"R2D of {model.factors}{apart}; {found.r2_d.apparent:.3f} before correction for optimism",
        ),
        estimate(
            "explained_randomness",
            found.explained_randomness,
            "share",
            "O'Quigley, Xu and Stare: a cross-check",
        ),
        estimate("prognostic_separation", found.d, "log hazard ratio", "Royston and Sauerbrei's D"),
    )
    return Part(estimates)


def _response(cohort: Cohort, made: FactorMatrix, settings: RespondSettings) -> Part:
    model = response_model(cohort, made)
    if model is None:
        return Part()
    try:
        found = likelihood_r2(
            cohort.responder[model.rows],
            model.matrix,
            bootstraps=settings.bootstraps,
            seed=settings.seed,
            level=settings.level,
            names=model.names,
        )
    except NotEstimable as error:
        return _not_estimable("response", error)
    measures = (
        ("explained_variation", found.nagelkerke, "Nagelkerke's R2"),
        ("tjur_r2", found.tjur, "Tjur's R2"),
    )
    estimates = tuple(
        Estimate(
            name,
            measure.value.value,
            measure.value.low,
            measure.value.high,
            n=found.n,
            events=found.events,
            unit="share",
            method="likelihood_r2",
            level=settings.level,
            endpoint="response",
            note=f"{words} of {model.factors}; {measure.apparent:.3f} before correction for optimism",
        )
        for name, measure, words in measures
    )
    return Part(estimates)


def _not_estimable(endpoint: str, error: NotEstimable) -> Part:
    check = Check(f"explained_{endpoint}", "warn", error.what, remedy=error.remedy, cause=error.cause)
    return Part(checks=(check,))


def _table(shares: list[Estimate]) -> pl.DataFrame:
    labels = {**ENDPOINTS, "response": "Response"}
    rows = []
    for share in shares:
        explained = min(max(share.value or 0.0, 0.0), 1.0)  # a bar cannot be drawn below nothing
        for part, value, low, high in (
            (EXPLAINED, explained, share.low, share.high),
            (LEFT, 1 - explained, None, None),
        ):
            rows.append(
                {
                    "label": labels[share.endpoint],
                    "part": part,
                    "share": value,
                    "low": low,
                    "high": high,
                    "n": share.n,
                }
            )
    return pl.DataFrame(rows, schema_overrides={"low": pl.Float64, "high": pl.Float64})
