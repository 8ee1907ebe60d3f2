"""Structure and families as inputs: worked out under each, on patients whose rates are known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.economics.analysis.test_transitions import fitted_model, follow

from coley.economics.analysis.evaluate import evaluate
from coley.economics.analysis.inputs import base_case
from coley.economics.model_file.parse import model_of
from coley.model.answer import Answer
from coley.questions.worth.answer import answer
from coley.questions.worth.settings import WorthSettings
from coley.questions.worth.worked import Worked, work_out

STRUCTURES = ("partitioned_survival", "clock_forward", "clock_reset")


def two_structures(words: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """A model of real disagreement: death after progression slows down with time since progression."""
    followed, _ = follow(600, shape=0.5)
    better, _ = follow(600, shape=0.5, seed=5)
    followed |= {
        place: replace(one, time_years=1.4 * one.time_years)
        for place, one in better.items()
        if place.startswith("new")
    }
    words = fitted_model(words, "clock_reset", families=("weibull",))
    words["structures"] = dict(zip(STRUCTURES, (2, 1, 1), strict=True))
    for strategy in words["strategies"].values():
        strategy["os"] = strategy["os"] | {"families": ["exponential", "weibull"], "weights": "equal"}
    return words, followed


@pytest.fixture(scope="module")
def both() -> tuple[Worked, Answer]:
    import tomllib

    from tests.economics.conftest import TEXT

    words, followed = two_structures(tomllib.loads(TEXT))
    found = work_out(model_of(words), followed, WorthSettings(draws=400)).by_structure.values()
    ratios = sorted(
        np.diff(one.costs.mean(axis=0))[0] / np.diff(one.effects.mean(axis=0))[0] for one in found
    )
    words["thresholds"] = [float(np.mean(ratios[:2]))]  # at which one structure speaks for the new treatment
    model, settings = model_of(words), WorthSettings(draws=400)
    return work_out(model, followed, settings), answer(model, followed, settings, study="two arms")


def benefit(worked: Worked, found: Any, threshold: float) -> np.ndarray:
    return threshold * found.effects - found.costs


def test_knowing_the_structure_is_worth_the_better_choices_under_each(both: tuple[Worked, Answer]) -> None:
    worked, told = both
    means = np.array(
        [
            benefit(worked, evaluate(worked.prepared, worked.inputs, structure=name), worked.threshold).mean(
                axis=0
            )
            for name in STRUCTURES
        ]
    )
    weights = np.array([0.5, 0.25, 0.25])
    by_hand = weights @ means.max(axis=1) - (weights @ means).max()
    row = told.tables["information_by_input"].filter(pl.col("input") == "structure").row(0, named=True)
    assert by_hand > 100, "structures choose differently"
    assert row["value"] == pytest.approx(by_hand, rel=1e-9)
    table = told.tables["by_structure"]
    assert table["weight"].to_list() == [0.5, 0.5, 0.25, 0.25, 0.25, 0.25]
    each = table.filter(pl.col("strategy") == "Immunotherapy")["net_benefit"].to_list()
    assert each == pytest.approx(means[:, 1] - means[:, 0], rel=1e-9)


def test_the_tornado_has_one_bar_for_the_structure_and_one_for_each_averaged_curve(
    both: tuple[Worked, Answer],
) -> None:
    worked, told = both
    table = told.tables["one_way"]
    base = base_case(worked.model, worked.prepared.fitted)
    each = {}
    for name in STRUCTURES:
        found = benefit(worked, evaluate(worked.prepared, base, structure=name), worked.threshold)[0]
        each[name.replace("_", " ")] = found[1] - found[0]
    bar = table.filter(pl.col("input") == "structure").row(0, named=True)
    assert (bar["at_low"], bar["at_high"]) == pytest.approx((min(each.values()), max(each.values())))
    assert each[bar["low_words"]] == pytest.approx(bar["at_low"])
    assert each[bar["high_words"]] == pytest.approx(bar["at_high"])
    assert (bar["low"], bar["high"]) == (None, None), "a structure is no number"
    assert bar["base"] == pytest.approx(each["partitioned survival"])

    families = table.filter(pl.col("input").str.starts_with("family: "))
    assert sorted(families["input"]) == ["family: new.os", "family: old.os"], (
        "one family weighs alone elsewhere"
    )
    bar = families.filter(pl.col("input") == "family: new.os").row(0, named=True)
    assert {bar["low_words"], bar["high_words"]} == {"exponential", "Weibull"}


def test_a_family_bar_is_the_model_with_that_family_alone(words) -> None:
    words, followed = two_structures(words)
    words["structures"] = {"partitioned_survival": 1}
    settings = WorthSettings(draws=200)
    bar = (
        answer(model_of(words), followed, settings, study="x")
        .tables["one_way"]
        .filter(pl.col("input") == "family: new.os")
        .row(0, named=True)
    )
    words["strategies"]["new"]["os"]["families"] = ["weibull"]
    alone = answer(model_of(words), followed, settings, study="x").estimate("net_benefit_at_50000")
    end = "at_low" if bar["low_words"] == "Weibull" else "at_high"
    assert bar[end] == pytest.approx(alone.value, rel=1e-9)


def test_a_family_that_hardly_weighs_has_no_bar(words) -> None:
    words, followed = two_structures(words)
    words["structures"] = {"partitioned_survival": 1}
    words["strategies"]["new"]["os"]["weights"] = {"exponential": 0.02, "weibull": 0.98}
    table = answer(model_of(words), followed, WorthSettings(draws=200), study="x").tables["one_way"]
    assert "family: old.os" in table["input"].to_list()
    assert "family: new.os" not in table["input"].to_list()


def test_one_structure_says_nothing_of_structures(told: Answer) -> None:
    assert "by_structure" not in told.tables
    assert "structure" not in told.tables["information_by_input"]["input"].to_list()
    assert "structure" not in told.tables["one_way"]["input"].to_list()
