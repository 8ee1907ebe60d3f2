"""Answers are immutable, refuse dangling figures, and survive JSON without loss."""

from __future__ import annotations

import json
import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coley.model.answer import Answer, Check, Estimate, Figure, Where
from coley.model.answer_json import from_dict, to_dict

ANSWER = Answer(
    question="respond",
    title="Who responds?",
    study="tiny",
    headline="12 of 40 respond (30 %, 95 % CI 18-46).",
    estimates=(
        Estimate(
            "response_rate",
            0.3,
            0.18,
            0.46,
            n=40,
            unit="proportion",
            method="wilson",
            events=12,
            endpoint="response",
        ),
        Estimate(
            "median",
            11.5,
            8.0,
            math.inf,
            n=40,
            unit="months",
            method="kaplan_meier",
            endpoint="os",
            p=math.nan,
        ),
    ),
    checks=(Check("ids", "warn", "twice", "remove", "pasted", Where("p.csv", (2, 3), "patient_id", ("a",))),),
    caveats=("One centre.",),
    cannot_tell=("The effect of treatment: there is no control arm.",),
    tables={
        "curve": pl.DataFrame({"time": [0.0, 1.5], "group": ["a", None], "n": [2, 1], "on": [True, None]})
    },
    figures=(Figure("kaplan_meier", "curve", options={"milestones": [12, 24]}),),
    settings={"seed": 1, "by": ""},
    citations=("Kaplan 1958",),
)


def test_round_trip_through_json_text_keeps_everything() -> None:
    again = from_dict(json.loads(json.dumps(to_dict(ANSWER), allow_nan=False)))
    assert again == ANSWER
    assert again.tables["curve"].schema == ANSWER.tables["curve"].schema


def test_an_unreached_limit_is_null_not_infinity() -> None:
    median = ANSWER.estimate("median")
    assert median.high is None
    assert median.p is None


def test_a_changed_number_makes_a_different_answer() -> None:
    other = ANSWER.replace(headline="13 of 40 respond.")
    assert other != ANSWER
    frame = pl.DataFrame({**ANSWER.tables["curve"].to_dict(), "n": pl.Series([2, 2])})
    assert ANSWER.replace(tables={"curve": frame}) != ANSWER


def test_a_figure_without_its_table_is_refused() -> None:
    with pytest.raises(ValueError, match="curve"):
        Answer("q", "Q?", "s", "h", figures=(Figure("forest", "curve"),))


def test_an_answer_cannot_be_changed_in_place() -> None:
    with pytest.raises(AttributeError):
        ANSWER.headline = "changed"  # type: ignore[misc]
    with pytest.raises(TypeError):
        ANSWER.settings["seed"] = 2  # type: ignore[index]


def test_ambiguous_look_up_is_an_error() -> None:
    with pytest.raises(LookupError, match="0 estimates"):
        ANSWER.estimate("hazard_ratio")


@given(st.floats(), st.floats(), st.floats())
def test_estimates_are_always_valid_json(value: float, low: float, high: float) -> None:
    estimate = Estimate("x", value, low, high, n=1, unit="ratio", method="cox")
    json.dumps([estimate.value, estimate.low, estimate.high], allow_nan=False)
    if math.isfinite(value):
        assert estimate.value == value
