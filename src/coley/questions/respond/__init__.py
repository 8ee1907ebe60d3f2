"""Who responds? How variable response is, and how much of that variation known factors explain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.question import Need, Question
from coley.questions.respond.settings import RespondSettings

if TYPE_CHECKING:
    from coley.model.answer import Answer
    from coley.model.study import Study


def _run(study: Study, settings: RespondSettings) -> Answer:
    from coley.questions.respond.answer import answer

    return answer(study, settings)


QUESTION = Question(
    name="respond",
    title="Who responds?",
    summary="Response rates, survival curves, the effect of treatment over time and between patients, and "
    "the share of the variation that known factors explain.",
    needs=(Need("patients", ("patient_id",), any_of=("responder", "pfs_months", "os_months")),),
    settings=RespondSettings,
    methods=(
        "wilson",
        "newcombe",
        "beta_binomial_shrinkage",
        "kaplan_meier",
        "restricted_mean_survival",
        "rmst_difference",
        "milestone_difference",
        "log_rank",
        "max_combo",
        "crossing_curves",
        "cox",
        "proportional_hazards",
        "firth_logistic",
        "holm",
        "royston_sauerbrei",
        "likelihood_r2",
    ),
    run=_run,
)
