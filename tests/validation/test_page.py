"""The page tells what was measured, and what was measured keeps its promises."""

from __future__ import annotations

import json
from typing import Any

import pytest

from validation import __main__ as runs
from validation import page


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    """The figures as they were last measured."""
    found: dict[str, Any] = json.loads(runs.RESULTS.read_text())
    return found


def rate(
    results: dict[str, Any], experiment: str, title: str, row: str, column: str = "false discovery rate"
) -> float:
    """Return one rate of the table whose title begins so."""
    found = next(each for each in results[experiment]["tables"] if each["title"].startswith(title))
    value: float = next(one["rate"] for one in found["rates"] if (one["row"], one["column"]) == (row, column))
    return value


def test_every_experiment_was_run_on_as_many_databases_as_it_says(results: dict[str, Any]) -> None:
    assert {name: result["databases"] for name, result in results.items()} == {
        name: experiment.databases for name, experiment in runs.EXPERIMENTS.items()
    }
    assert results["discoveries"]["databases"] >= 200


def test_the_page_tells_the_figures_of_the_results(results: dict[str, Any]) -> None:
    text = runs.PAGE.read_text()
    assert page.filled(text, results) == text
    assert sorted(match[2] for match in page.BLOCK.finditer(text)) == sorted(runs.EXPERIMENTS)


def test_false_discovery_is_within_two_points_of_nominal(results: dict[str, Any]) -> None:
    for row, nominal in (("q at most 0.05", 0.05), ("q at most 0.1", 0.10)):
        assert abs(rate(results, "discoveries", "Share of false", row) - nominal) < 0.02
    for experiment, title, row, column in (
        ("chain", "Share of false", "all exposures", "false discovery rate"),
        ("chain", "Share of false", "interactions, q at most 0.05", "false discovery rate"),
        (
            "interactions",
            "Share of false ones among those called, 20,000",
            "test, q at most 0.05",
            "false discovery rate",
        ),
        (
            "interactions",
            "Share of false ones among those called, 100,000",
            "test, q at most 0.05",
            "false discovery rate",
        ),
        ("masking", "False ones and maskers, masker 100", "false discovery rate", "masker left out"),
        ("watching", "Error over 40 quarters", "false pairs among all that ever alert in the list", "rate"),
    ):
        assert rate(results, experiment, title, row, column) < 0.05 + 0.02, (experiment, row)


def test_an_unknown_experiment_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert runs.main(["discoverys"]) == 2
    assert "'discoverys'" in capsys.readouterr().err
