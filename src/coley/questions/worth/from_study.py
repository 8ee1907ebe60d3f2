"""`worth` from a study: its own economic model, with curves fitted to its own patients."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from coley.model.answer import Answer, Check

if TYPE_CHECKING:
    from coley.model.study import Study
    from coley.questions.worth.settings import WorthSettings


def of_study(study: Study, settings: WorthSettings) -> Answer:
    """Return the answer from the model that the study's manifest names; without one, what is missing."""
    from coley.questions.worth import QUESTION
    from coley.questions.worth.answer import answer
    from coley.questions.worth.guided.by_marker import guided_part
    from coley.read.economic_model import follow_up_of_study, model_of_study

    model = model_of_study(study)
    if model is None:
        return Answer(
            question=QUESTION.name,
            title=QUESTION.title,
            study=study.name,
            headline=f"Cannot be answered: {study.name} names no economic model.",
            checks=(
                Check(
                    "needs",
                    "warn",
                    "The study says nothing of prices, utilities and costs.",
                    'Write a model file and name it in study.toml: economic_model = "model.toml".',
                ),
            ),
            cannot_tell=(f"{QUESTION.title} Prices, utilities and costs are missing; supply a model file.",),
            settings=settings.model_dump(mode="json"),
        )
    return answer(
        model,
        follow_up_of_study(study, model),
        settings,
        study=study.name,
        more=partial(guided_part, study) if model.guided else None,
    )
