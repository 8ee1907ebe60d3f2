"""The argument of `worth`, from top to bottom."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from coley.biology.published import PUBLISHED
from coley.economics.analysis.fitted import specified
from coley.model.answer import Answer
from coley.model.method import citations
from coley.model.part import Part
from coley.questions.worth import QUESTION
from coley.questions.worth.dosing.other_ways import dosing_part
from coley.questions.worth.dosing.rechallenge import rechallenge_part
from coley.questions.worth.dosing.retreatment import retreatment_part
from coley.questions.worth.guided.published_accuracy import published_tests_part
from coley.questions.worth.headline import headline
from coley.questions.worth.individuals.part import individuals_part
from coley.questions.worth.inputs import inputs_part
from coley.questions.worth.payer.distribution import distribution_part
from coley.questions.worth.payer.equity import equity_part
from coley.questions.worth.payer.indications import indications_part
from coley.questions.worth.payer.price_and_budget import payer_part
from coley.questions.worth.payer.refunds import refunds_part
from coley.questions.worth.payer.severity import severity_part
from coley.questions.worth.results import results_part
from coley.questions.worth.survival.curves import curves_part
from coley.questions.worth.uncertainty.convergence import convergence_part
from coley.questions.worth.uncertainty.information import uncertainty_part
from coley.questions.worth.uncertainty.one_at_a_time import one_at_a_time_part
from coley.questions.worth.uncertainty.structures import structures_part
from coley.questions.worth.uncertainty.studies import studies_part
from coley.questions.worth.uncertainty.two_way import two_way_part
from coley.questions.worth.validation import validation_part
from coley.questions.worth.worked import Worked, work_out

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coley.economics.analysis.fitted import FollowUp
    from coley.economics.model_file.schema import Model
    from coley.economics.population.life_tables import LifeTable
    from coley.questions.worth.settings import WorthSettings
    from coley.read.economic_model import EconomicModel


# What the page tells, from top to bottom, with the topic under which its numbers stand; a part that the model says
# nothing of is empty.
BEFORE_CURVES: tuple[tuple[str, Callable[[Worked], Part]], ...] = (
    ("worth", results_part),
    ("worth", convergence_part),
    ("information", uncertainty_part),
    ("information", structures_part),
    ("information", studies_part),
    ("irae_of_single_patients", individuals_part),
    ("payer", payer_part),
    ("tests", published_tests_part),
    ("refunds", refunds_part),
    ("dosing", retreatment_part),
    ("dosing", dosing_part),
    ("rechallenge", rechallenge_part),
    ("equity", severity_part),
    ("equity", equity_part),
    ("equity", distribution_part),
)
FROM_CURVES: tuple[tuple[str, Callable[[Worked], Part]], ...] = (
    ("curves", curves_part),
    ("sensitivity", one_at_a_time_part),
    ("sensitivity", two_way_part),
    ("inputs", inputs_part),
    ("validation", validation_part),
)


def answer(
    model: Model,
    followed: Mapping[str, FollowUp],
    settings: WorthSettings,
    *,
    study: str,
    table: LifeTable | None = None,
    more: Callable[[Worked], Part] | None = None,
    others: Mapping[str, EconomicModel] | None = None,
) -> Answer:
    """Return what a model says about worth.

    Parameters
    ----------
    model, followed
        From a model file: the model, and "strategy.endpoint" to patients.
    settings
        Of the question.
    study
        Name under which the answer is filed.
    table
        Life table, where it is not one that Coley brings.
    more
        What the patients of a study add beyond the model.
    others
        Label to the model of each indication that has one of its own.
    """
    worked = work_out(model, followed, settings, table=table)
    part = Part()
    for topic, told in BEFORE_CURVES:
        part += told(worked).under(topic)
    part += indications_part(worked, others or {}).under("indications")
    if worked.certain:
        part += Part(
            cannot_tell=("How sure the choice is: no input has an interval, so all draws are alike.",)
        )
    if more is not None:
        part += more(worked)
    elif model.guided:
        part += Part(
            cannot_tell=("What guiding treatment by a marker is worth: it takes the patients of a study.",)
        )
    for topic, told in FROM_CURVES:
        part += told(worked).under(topic)
    return Answer(
        question=QUESTION.name,
        title=QUESTION.title,
        study=study,
        headline=headline(worked),
        estimates=part.estimates,
        checks=part.checks,
        caveats=part.caveats,
        cannot_tell=part.cannot_tell,
        tables=part.tables,
        figures=part.figures,
        settings={
            **settings.model_dump(mode="json"),
            "model": model.model_dump(mode="json", exclude_defaults=True),
        },
        citations=citations(_methods(worked, part)),
    )


GUIDED = {"marker_guided", "score_guided"}  # methods of guided treatment by the study's own patients


def _methods(worked: Worked, part: Part) -> set[str]:
    # They register methods that are cited although nothing was fitted or reconstructed here.
    import coley.stats.parametric.fitting
    import coley.stats.survival.reconstruct  # noqa: F401

    model, fitted = worked.model, worked.prepared.fitted.values()
    specs = specified(model).values()
    told = {estimate.method for estimate in part.estimates}
    arms = bool(told & GUIDED) and any(not one.response for one in model.guided)
    behind = {
        "biomarker_guided": "value_of_test" in told,
        "randomised_gains": arms,
        "pseudo_values": arms or "landmark_by_response" in told,
        "published_model": bool(told & GUIDED) and any(one.marker in PUBLISHED for one in model.guided),
        "all_cause_survival": worked.prepared.people.table is not None,
        "treatment_effect_waning": any(spec.waning for spec in specs),
        "pseudo_patients": any(spec.digitised for spec in specs),
        "model_average": any(len(one.fits) > 1 for one in fitted),
        "survival_average": any(len(one.fits) > 1 for one in fitted),
        "external_counts": any(spec.registry for spec in specs),
        "joint_draws": len({one.follow_up.patients for one in fitted}) < len(fitted),
        "two_way": bool(model.two_way),
        "monte_carlo_convergence": worked.drawn.draws > 1,
        "structural_information": bool(worked.by_structure),
        "nested_simulation": model.individuals is not None,
        "non_inferiority_events": "dosing_margins" in part.tables,
        "expected_vials": any(strategy.drugs for strategy in model.strategies.values()),
        **{name: weight > 0 for name, weight in model.structures.model_dump().items()},
    }
    return (
        told
        | {"incremental_analysis", "cost_effectiveness_plane", "expected_loss", "evppi"}
        | {name for name, used in behind.items() if used}
    )
