"""What the page tells of rechallenge."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.questions.worth.conftest import ask

from coley.model.answer import Answer
from coley.model.errors import InvalidSetting

TOLD = {
    "label": "after colitis",
    "strategy": "new",
    "after_years": 0.5,
    "recurrence": {"value": 0.376, "se": 0.0433},
    "gain_qalys": {"value": 0.5, "se": 0.1},
    "course_cost": 20_000,
    "event_cost": 16_510,
    "event_disutility": 0.2,
    "event_weeks": 4,
    "kept": 0.5,
}


def answered(words: dict[str, Any], *told: dict[str, Any], **settings: Any) -> Answer:
    words["rechallenge"] = list(told)
    return ask(words, draws=1000, **settings)


def test_it_comes_to_what_a_pencil_says(words) -> None:
    answer = answered(words, TOLD, threshold=100_000)
    lost = 0.2 * 4 * 7 / 365.25
    gain = 0.5 * (1 - 0.376) + 0.376 * (0.25 - lost)
    cost = 20_000 * (1 - 0.376) + 0.376 * (10_000 + 16_510)
    assert answer.estimate("rechallenge_added_qalys").value == pytest.approx(gain, rel=0.03)
    assert answer.estimate("rechallenge_added_cost").value == pytest.approx(cost, rel=0.01)
    benefit = answer.estimate("rechallenge_net_benefit_at_100000")
    assert benefit.value == pytest.approx(100_000 * gain - cost, rel=0.05)
    bearable = answer.estimate("rechallenge_recurrence_bearable")
    assert bearable.value == pytest.approx(30_000 / (25_000 + 100_000 * lost + 6510), rel=0.05)
    assert bearable.low < bearable.value < bearable.high
    assert {e.n for e in answer.estimates if e.name.startswith("rechallenge")} == {500}
    row = answer.tables["rechallenge"].filter(pl.col("threshold") == 100_000).row(0, named=True)
    assert row["net_benefit"] == benefit.value
    assert row["recurrence"] == pytest.approx(0.376, abs=0.01)
    assert any("picked for it" in caveat for caveat in answer.caveats)


def test_the_line_crosses_nil_at_the_bearable_recurrence(words) -> None:
    answer = answered(words, TOLD | {"event_cost": 60_000}, TOLD | {"label": "after rash", "event_cost": 0})
    line = answer.tables["rechallenge_by_recurrence"].filter(pl.col("group") == "after colitis").sort("x")
    crosses = np.interp(0, -line["value"].to_numpy(), line["x"].to_numpy())
    assert crosses == pytest.approx(
        answer.estimate("rechallenge_recurrence_bearable", group="after colitis").value, rel=1e-6
    )
    assert set(answer.tables["rechallenge_by_recurrence"]["group"]) == {"after colitis", "after rash"}
    assert answer.tables["rechallenge"].height == 6, "two, at three thresholds"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"gain_qalys": 0.01}, "does not pay even where nothing recurs"),
        ({"gain_qalys": 5.0, "event_cost": 100}, "pays however often the event recurs"),
    ],
)
def test_ends_of_the_scale_are_told_in_words(words, changes, said) -> None:
    answer = answered(words, TOLD | changes)
    bearable = answer.estimate("rechallenge_recurrence_bearable")
    assert said in bearable.note
    assert bearable.value is None, "a share of patients lies between none and all"
    assert answer.tables["rechallenge"]["recurrence_bearable"].null_count() > 0


def test_nobody_gains_more_years_than_are_counted(words) -> None:
    with pytest.raises(InvalidSetting, match=r"50 QALYs by resuming, and only 19\.5 years are left"):
        answered(words, TOLD | {"gain_qalys": 50.0, "after_years": 0.5})


def test_scenarios_of_a_shorter_horizon_do_not_mind_a_late_rechallenge(words) -> None:
    words["population"]["incident_per_year"] = 100
    words["budget"] = {"new": "new", "uptake": [0.2, 0.5], "shares": {"old": 1.0}}
    answer = answered(words, TOLD | {"after_years": 6})
    scenarios = answer.tables["scenarios"]
    assert "horizon of 5 years" in scenarios["scenario"].to_list()
    assert answer.estimate("budget_impact_over_2_years").value is not None


def test_what_nobody_wrote_is_no_input_without_a_source(words) -> None:
    words["rechallenge"] = [{name: value for name, value in TOLD.items() if name != "kept"}]
    inputs = ask(words, draws=200).tables["inputs"]["input"].to_list()
    assert sorted(one for one in inputs if one.startswith("rechallenge")) == [
        f"rechallenge.1.{name}"
        for name in (
            "course_cost",
            "event_cost",
            "event_disutility",
            "event_weeks",
            "gain_qalys",
            "recurrence",
        )
    ]
