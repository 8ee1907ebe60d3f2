"""The argument of `respond`, from top to bottom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.answer import Answer
from coley.model.method import citations
from coley.questions.respond import QUESTION
from coley.questions.respond.cohort import Cohort, cohort
from coley.questions.respond.curves import curves_part
from coley.questions.respond.effect import contrasts, effect_part
from coley.questions.respond.explained import explained_part
from coley.questions.respond.headline import headline
from coley.questions.respond.heterogeneity import heterogeneity_part
from coley.questions.respond.prognosis import baseline_factors, prognosis_part
from coley.questions.respond.response import response_part

if TYPE_CHECKING:
    from coley.model.answer import Estimate
    from coley.model.part import Part
    from coley.model.study import Study
    from coley.questions.respond.settings import RespondSettings

# What a reader looks for first; all else follows in the order of the argument.
FIRST = (
    "hazard_ratio",
    "response_rate",
    "response_rate_difference",
    "durable_response_rate",
    "explained_variation",
    "median",
    "rmst_difference",
    "hazard_ratio_adjusted_for_factors",
    "survival",
    "long_term_survivors",
)


def answer(study: Study, settings: RespondSettings) -> Answer:
    """Return what the study says about who responds."""
    patients = cohort(study, settings)
    made = baseline_factors(patients, settings)

    part = response_part(patients, settings)
    part += curves_part(patients, settings)
    part += effect_part(patients, made, settings)
    for contrast in contrasts(patients):
        part += heterogeneity_part(patients, made, contrast, settings)
    part += prognosis_part(patients, made, settings)
    part += explained_part(patients, made, settings)

    return Answer(
        question=QUESTION.name,
        title=QUESTION.title,
        study=study.name,
        headline=headline(patients, part),
        estimates=tuple(sorted(part.estimates, key=_place)),
        checks=part.checks,
        caveats=part.caveats,
        cannot_tell=part.cannot_tell,
        tables=part.tables,
        figures=part.figures,
        settings=settings.model_dump(mode="json"),
        citations=citations(_methods(patients, part)),
    )


def _place(estimate: Estimate) -> int:
    """Return where an estimate stands among those of its endpoint; the sort is stable, so groups keep their order."""
    name = estimate.name
    return next(
        (i for i, start in enumerate(FIRST) if name == start or name.startswith(f"{start}_at_")), len(FIRST)
    )


def _methods(patients: Cohort, part: Part) -> set[str]:
    used = {estimate.method for estimate in part.estimates}
    if contrasts(patients):
        used |= {"proportional_hazards", "crossing_curves", "holm"}
    return used
