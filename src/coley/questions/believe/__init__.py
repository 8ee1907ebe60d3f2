"""Which biomarker can be believed? What carries information, how much more than the clinic, and for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.question import Need, Question
from coley.questions.believe.settings import BelieveSettings

if TYPE_CHECKING:
    from coley.model.answer import Answer
    from coley.model.study import Study


def _run(study: Study, settings: BelieveSettings) -> Answer:
    from coley.questions.believe.answer import answer

    return answer(study, settings)


QUESTION = Question(
    name="believe",
    title="Which biomarker can be believed?",
    summary="What each marker is associated with, whether that holds in other cohorts, what it adds to the clinic, "
    "and whether it is prognostic or predictive; a grade with written rules for each.",
    needs=(Need("patients", ("patient_id",), any_of=("responder", "pfs_months", "os_months")),),
    settings=BelieveSettings,
    methods=(
        "auc_delong",
        "average_precision",
        "logistic_screen",
        "cox_screen",
        "uno_c",
        "time_dependent_auc",
        "functional_form_cox",
        "functional_form_logistic",
        "random_effects",
        "small_study_effects",
        "benjamini_hochberg",
        "added_value",
        "added_value_survival",
        "calibration",
        "brier_score",
        "decision_curve",
        "treatment_by_marker",
        "treatment_by_marker_response",
        "holm",
        "detectable_interaction",
        "absolute_interaction",
        "gail_simon",
        "crossing_point",
        "effect_curve_cox",
        "predictiveness",
        "adjusted_contrast",
        "fixed_cutpoint",
        "best_cutpoint",
        "rank_screen",
        "max_t_response",
        "max_t_survival",
    ),
    run=_run,
)
