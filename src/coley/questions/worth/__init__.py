"""Is it worth the cost? What a treatment adds over a life, what it costs, and how sure the choice is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.question import Need, Question
from coley.questions.worth.settings import WorthSettings

if TYPE_CHECKING:
    from coley.model.answer import Answer
    from coley.model.study import Study


def _run(study: Study, settings: WorthSettings) -> Answer:
    from coley.questions.worth.from_study import of_study

    return of_study(study, settings)


QUESTION = Question(
    name="worth",
    title="Is it worth the cost?",
    summary="Survival over a whole life, costs and QALYs of each strategy, which to choose and how surely, what "
    "moves the answer, and what it would be worth to know more.",
    needs=(Need("patients", ("patient_id",), any_of=("pfs_months", "os_months")),),
    settings=WorthSettings,
    methods=(
        "parametric_survival",
        "pseudo_patients",
        "joint_draws",
        "mixture_cure",
        "non_mixture_cure",
        "all_cause_survival",
        "treatment_effect_waning",
        "model_average",
        "survival_average",
        "external_counts",
        "partitioned_survival",
        "clock_forward",
        "clock_reset",
        "expected_vials",
        "dose_calendar",
        "parameter_sampling",
        "incremental_analysis",
        "fieller",
        "net_benefit",
        "cost_effectiveness_plane",
        "acceptability",
        "expected_loss",
        "evpi",
        "evppi",
        "structural_information",
        "evsi_two_stage",
        "enbs",
        "two_way",
        "one_way",
        "structural_mixture",
        "monte_carlo_convergence",
        "value_based_price",
        "budget_impact",
        "qaly_shortfall",
        "severity_weighted",
        "end_of_life",
        "equity_weighted",
        "distributional",
        "refundable_cost",
        "nonresponder_cost",
        "refund_at_threshold",
        "payers_risk",
        "indication_prices",
        "break_even_hazard_ratio",
        "non_inferiority_events",
        "value_of_rechallenge",
        "biomarker_guided",
        "value_of_test",
        "marker_guided",
        "score_guided",
        "randomised_gains",
        "gains_by_response",
        "landmark_by_response",
        "published_model",
        "treated_patient_simulation",
        "nested_simulation",
    ),
    run=_run,
)
