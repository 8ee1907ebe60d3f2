"""What the pictures of reports say: reporting, never risk; measures by their names."""

from __future__ import annotations

import re

import pytest
from tests.report import signals
from tests.report.test_figures import texts

from coley.model.answer import Figure
from coley.report.figures import FIGURES, describe, draw
from coley.report.figures.signal import measure

ANSWER = signals.signals_answer()


@pytest.mark.parametrize("figure", ANSWER.figures, ids=lambda figure: figure.kind)
def test_pictures_speak_of_reporting_and_never_of_risk(figure: Figure) -> None:
    words = " ".join([*texts(draw(figure, ANSWER.tables)), describe(figure, ANSWER.tables)]).lower()
    words += " ".join(FIGURES[figure.kind].options.values()) + FIGURES[figure.kind].summary
    assert "report" in words
    assert not re.search(r"\b(risks?|incidence|rates?|cause[sd]?)\b", words)


@pytest.mark.parametrize(
    ("options", "name", "above", "least"),
    [
        ({}, "Reporting odds ratio (ROR)", 1, 3),
        ({"measure": "information_component"}, "Information component (IC)", 0, 3),
        ({"measure": "ebgm", "threshold": 2}, "Empirical Bayes geometric mean (EBGM)", 2, 3),
        ({"measure": "ebgm", "scale": "log2"}, "Empirical Bayes geometric mean (EBGM)", 0, 3),
        ({"measure": "rate_of_my_own", "least_reports": 5}, "Rate of my own", 1, 5),
    ],
)  # fmt: skip
def test_a_measure_has_a_name_and_a_rule(
    options: dict[str, object], name: str, above: int, least: int
) -> None:
    told = measure(options)
    assert (told.name, told.rule) == (name, f"lower limit above {above}, at least {least} reports")


def test_a_ratio_of_nothing_has_no_logarithm_and_is_no_signal() -> None:
    told = measure({})
    assert told.log2(0.0) is None
    assert told.step({"value": 0.0, "low": 0.0, "high": 0.4, "n": 9}) == "less 3"
    assert not told.is_signal({"value": None, "low": None, "high": None, "n": 9})
