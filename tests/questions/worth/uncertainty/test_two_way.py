"""Two inputs together: which strategy to choose where, held to a pencil."""

from __future__ import annotations

import polars as pl
import pytest
from tests.questions.worth.conftest import ask, pencil

from coley.model.answer import Answer


@pytest.fixture
def level(words) -> float:
    """The threshold at which both strategies are as good."""
    cost, qalys, _ = pencil()
    return float(round((cost[1] - cost[0]) / (qalys[1] - qalys[0])))


def test_a_map_tells_which_strategy_to_choose_where(words, level: float) -> None:
    words["thresholds"] = [level]
    pair = {"x": "utilities.progressed", "y": "strategies.new.pfs.hazard_ratio.ratio", "steps": 3}
    words["two_way"] = [pair, {**pair, "label": "again"}]
    answer = ask(words, draws=200)
    table = answer.tables["two_way"]
    assert table["analysis"].unique(maintain_order=True).to_list() == [
        "utilities, progressed and Immunotherapy, progression-free survival, hazard ratio, ratio",
        "again",
    ]
    for utility in (0.4, 0.6):
        for ratio in (0.4, 0.625):
            cost, qalys, _ = pencil(utilities=(0.8, utility), ratio_free=ratio)
            by_hand = level * (qalys[1] - qalys[0]) - (cost[1] - cost[0])
            here = table.filter(
                (pl.col("x") - utility).abs() < 1e-9, (pl.col("y") - ratio).abs() < 1e-9, analysis="again"
            )
            assert dict(here.select("strategy", "net_benefit").rows())["Immunotherapy"] == pytest.approx(
                by_hand, abs=40
            )
            assert here.filter("best")["strategy"].to_list() == [
                "Immunotherapy" if by_hand > 0 else "Chemotherapy"
            ]
    maps = [figure for figure in answer.figures if figure.kind == "choice_map"]
    assert [figure.options["analysis"] for figure in maps] == table["analysis"].unique(
        maintain_order=True
    ).to_list()
    assert maps[0].options["base"] == [0.5, 0.5]


def test_two_pairs_of_one_name_are_told_apart(words) -> None:
    pair = {"x": "utilities.progressed", "y": "utilities.progression_free", "steps": 2}
    words["two_way"] = [
        pair,
        pair,
        {"x": "utilities.progressed", "y": "costs.progressed_per_month", "steps": 2},
    ]
    names = ask(words, draws=200).tables["two_way"]["analysis"].unique(maintain_order=True).to_list()
    assert names[1] == f"{names[0]} (2)"
    assert names[2] == "utilities, progressed and costs, progressed per month"


def test_a_model_that_varies_nothing_says_nothing(told: Answer) -> None:
    assert "two_way" not in told.tables
