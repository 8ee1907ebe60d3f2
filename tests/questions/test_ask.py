"""The one verb: what cannot be answered is said, and what is misspelt is named."""

from __future__ import annotations

import polars as pl
import pytest

import coley
from coley.model.errors import InvalidSetting, UnknownName
from coley.model.study import Study
from coley.questions import QUESTIONS


def test_a_study_without_outcomes_gets_an_answer_that_says_so() -> None:
    answer = coley.ask(Study("bare", {"patients": pl.DataFrame({"patient_id": ["a"]})}), "respond")
    assert answer.headline.startswith("Cannot be answered: bare lacks one of the columns responder")
    assert not answer.estimates
    assert answer.cannot_tell


def test_misspelt_questions_and_settings_are_named() -> None:
    study = Study("bare", {"patients": pl.DataFrame({"patient_id": ["a"]})})
    with pytest.raises(UnknownName, match="Did you mean 'respond'"):
        coley.ask(study, "respnd")
    with pytest.raises(InvalidSetting, match="Did you mean 'milestones_months'"):
        coley.ask(study, "respond", milestone_months=(12,))


def test_every_method_a_question_names_is_in_the_catalogue() -> None:
    from coley.run.catalogue import method_catalogue

    known = set(method_catalogue())
    for question in QUESTIONS.values():
        assert set(question.methods) <= known


def test_every_default_gives_its_reason() -> None:
    for question in QUESTIONS.values():
        for name, field in question.settings.model_fields.items():
            assert field.description, name
