"""Questions say what is missing and refuse settings they do not know."""

from __future__ import annotations

import polars as pl
import pytest
from pydantic import Field

from coley.model.answer import Answer
from coley.model.errors import InvalidSetting
from coley.model.question import Need, Question, Settings
from coley.model.study import Study


class Chosen(Settings):
    months: float = Field(12.0, gt=0, description="A year.")


QUESTION = Question(
    "respond",
    "Who responds?",
    "",
    needs=(Need("patients", ("os_months",), any_of=("responder", "response")),),
    settings=Chosen,
    methods=(),
    run=lambda study, settings: Answer("respond", "Who responds?", study.name, "done"),
)


def test_a_column_without_values_counts_as_missing() -> None:
    frame = pl.DataFrame(
        {"patient_id": ["a"], "os_months": pl.Series([None], dtype=pl.Float64), "responder": [True]}
    )
    assert QUESTION.missing(Study("s", {"patients": frame})) == ("column patients.os_months",)


def test_alternatives_are_offered() -> None:
    frame = pl.DataFrame({"patient_id": ["a"], "os_months": [1.0]})
    assert QUESTION.missing(Study("s", {"patients": frame})) == (
        "one of the columns responder, response of patients",
    )
    assert QUESTION.missing(Study("s", {})) == ("table patients",)


def test_a_misspelt_setting_is_refused_with_the_near_one() -> None:
    with pytest.raises(InvalidSetting, match="Did you mean 'months'"):
        QUESTION.configure(month=3)


def test_a_setting_out_of_range_is_refused_with_its_reason() -> None:
    with pytest.raises(InvalidSetting, match="greater than 0"):
        QUESTION.configure(months=-1)
