"""The questions, and the one verb that puts them to a study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coley.model.answer import Answer, Check
from coley.model.question import Question
from coley.model.registry import Registry
from coley.questions import believe, harm, respond, worth

if TYPE_CHECKING:
    from coley.model.study import Study

QUESTIONS: Registry[Question] = Registry("question")
for _question in (respond.QUESTION, believe.QUESTION, harm.QUESTION, worth.QUESTION):
    QUESTIONS.add(_question.name, _question)


def ask(study: Study, question: str, /, **settings: Any) -> Answer:
    """Put a question to a study.

    Parameters
    ----------
    study
        The study, from `coley.read`.
    question
        Name of the question.
    **settings
        Its settings; see `QUESTIONS[question].settings`.

    Returns
    -------
    Answer
        Where the study lacks what the question needs, an answer that says what is missing.

    Raises
    ------
    UnknownName, InvalidSetting
        For a misspelt question or setting.
    """
    asked = QUESTIONS[question]
    chosen = asked.configure(**settings)
    missing = asked.missing(study)
    if missing:
        return _cannot(asked, study, missing, chosen.model_dump(mode="json"))
    return asked.run(study, chosen)


def _cannot(question: Question, study: Study, missing: tuple[str, ...], settings: dict[str, Any]) -> Answer:
    lacking = "; ".join(missing)
    return Answer(
        question=question.name,
        title=question.title,
        study=study.name,
        headline=f"Cannot be answered: {study.name} lacks {lacking}.",
        checks=(
            Check(
                "needs",
                "warn",
                f"The study lacks {lacking}.",
                remedy="Supply it, or map its column in study.toml.",
            ),
        ),
        cannot_tell=(f"{question.title} {lacking[0].upper()}{lacking[1:]} is missing; supply it.",),
        settings=settings,
    )
