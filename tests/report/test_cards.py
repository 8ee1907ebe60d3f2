"""Cards: thing by thing, the surest first, whole in JSON and harmless on the page."""

from __future__ import annotations

import json

import polars as pl
import pytest

from coley.model.answer import Answer, Card, Figure
from coley.model.answer_json import from_dict, to_dict
from coley.report.figures import draw
from coley.report.page import render_page
from coley.report.sections import OPEN_CARDS, section


def card(title: str, mark: str = "B") -> Card:
    return Card(
        title, mark, "Holds across cohorts", f"{title} is associated.", (("Clinic", "Adds."), ("Assay", ""))
    )


def answer(*cards: Card) -> Answer:
    return Answer("believe", "Which biomarker can be believed?", "toy", "One holds.", cards=cards)


def test_cards_survive_json() -> None:
    one = answer(card("TMB"), card("PD-L1", "E"))
    assert from_dict(json.loads(json.dumps(to_dict(one)))) == one


def test_an_answer_written_before_there_were_cards_is_read() -> None:
    old = to_dict(answer())
    del old["cards"]
    assert from_dict(old).cards == ()


def test_cards_are_sorted_into_decks_and_the_many_are_folded_away() -> None:
    cards = [card(f"m{i}") for i in range(OPEN_CARDS + 3)] + [card("weak", "E")]
    first, second = section(answer(*cards), place=0).decks
    assert (first.mark, len(first.cards), len(first.further)) == ("B", OPEN_CARDS, 3)
    assert (second.mark, len(second.cards), len(second.further)) == ("E", 1, 0)


def test_a_line_without_text_is_not_shown() -> None:
    shown = section(answer(card("TMB")), place=0).decks[0].cards[0]
    assert shown.lines == (("Clinic", "Adds."),)


def test_nothing_from_data_becomes_markup() -> None:
    page = render_page([answer(card("<script>alert(1)</script>"))], title="t", about={}, provenance={})
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize("reach", [True, False])
def test_a_forest_shows_how_far_a_new_cohort_may_lie(reach: bool) -> None:
    row = {"label": "TMB", "value": 1.5, "low": 1.2, "high": 1.9, "n": 900}
    rows = pl.DataFrame([{**row, **({"reach_low": 0.8, "reach_high": 2.6} if reach else {})}])
    drawn = draw(Figure("forest", "rows"), {"rows": rows})
    assert ("stroke-dasharray" in drawn) == reach
