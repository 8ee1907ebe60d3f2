"""Settings as a user writes them ("seed=3", "respond.strata=stage") to settings by question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coley.model.errors import InvalidSetting

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from coley.model.question import Question


def parse(pairs: Iterable[str]) -> dict[str, str]:
    """Return `["seed=3"]` as `{"seed": "3"}`.

    Raises
    ------
    InvalidSetting
        Where a pair has no "=" or a name stands twice.

    Examples
    --------
    >>> parse(["seed=3", "respond.by = arm"])
    {'seed': '3', 'respond.by': 'arm'}
    """
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = (part.strip() for part in pair.partition("="))
        if not equals or not name:
            raise InvalidSetting(f"{pair!r} is not a setting.", remedy="Write --set name=value.")
        if name in found:
            raise InvalidSetting(f"Setting {name!r} is given twice.", remedy="Keep one of the two.")
        found[name] = value
    return found


def distribute(settings: Mapping[str, Any], asked: Iterable[Question]) -> dict[str, dict[str, Any]]:
    """Return the validated values that each question is given, by its name.

    Parameters
    ----------
    settings
        "name" goes to every question that knows it, "question.name" to that one. Text is read as the
        setting's own type; several values are separated by commas.
    asked
        The questions of this run.

    Raises
    ------
    InvalidSetting
        For a name that no question of the run knows, or a value that it refuses.
    """
    questions = {question.name: question for question in asked}
    given: dict[str, dict[str, Any]] = {name: {} for name in questions}
    for key, value in settings.items():
        prefix, dot, name = key.partition(".")
        if dot:
            if prefix not in questions:
                raise InvalidSetting(
                    f"Setting {key!r} is meant for question {prefix!r}, which is not asked in this run.",
                    remedy=f"Asked: {', '.join(questions)}.",
                )
            takers = [questions[prefix]]
        else:
            name = key
            knowing = [q for q in questions.values() if name in q.settings.model_fields]
            takers = knowing or list(questions.values())[:1]  # the first one refuses, with the nearest name
        for question in takers:
            given[question.name][name] = _typed(question, name, value)
    for name, values in given.items():
        questions[name].configure(**values)
    return given


def _typed(question: Question, name: str, value: Any) -> Any:
    """Split text at commas where the setting holds several values; pydantic does the rest."""
    field = question.settings.model_fields.get(name)
    if field is None or not isinstance(value, str) or not isinstance(field.get_default(), tuple):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())
