"""Cards: thing by thing, the surest first, whole in JSON and harmless on the page."""

from __future__ import annotations

import json

import polars as pl
import pytest

from coley.model.answer import Answer, Card, Figure
from coley.model.answer_json import from_dict, to_dict
from coley.report.figures import draw
from coley.report.page import render_page
from coley.report.sections import OPEN_CARDS, OPEN_IN_ALL, section


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


def test_whole_grades_are_folded_once_enough_cards_stand_open() -> None:
    cards = [card(f"{mark}{i}", mark) for mark in "BCE" for i in range(OPEN_CARDS + 1)]
    decks = section(answer(*cards), place=0).decks
    assert [len(deck.cards) for deck in decks] == [OPEN_CARDS, OPEN_CARDS, 0]
    assert sum(len(deck.cards) for deck in decks) == OPEN_IN_ALL
    assert [deck.size for deck in decks] == [OPEN_CARDS + 1] * 3
    page = render_page([answer(*cards)], title="t", about={}, provenance={})
    assert "<summary>1 more of grade C</summary>" in page
    assert f"<summary>{OPEN_CARDS + 1} of grade E</summary>" in page


def test_the_rules_of_grades_stand_under_the_verdicts_and_not_among_the_tables() -> None:
    rules = pl.DataFrame(
        {
            "grade": ["B"],
            "title": ["Holds across cohorts"],
            "rule": ["q below 0.05 & more."],
            "raised_by": ["A trial."],
        }
    )
    graded = answer(card("TMB")).replace(tables={"grades": rules})
    page = render_page([graded], title="t", about={}, provenance={})
    assert page.index("Verdicts</h3>") < page.index("How grades are given") < page.index("TMB is associated")
    assert "q below 0.05 &amp; more." in page
    assert "Would raise it: a trial." in page
    assert "Further tables" not in page
    assert 'download="grades.csv"' in page


@pytest.mark.parametrize("cards", [(), (card("TMB"),)], ids=["no cards", "no rules"])
def test_a_table_of_another_kind_stays_among_the_tables(cards: tuple[Card, ...]) -> None:
    toxicity = pl.DataFrame({"grade": [3], "n": [12]})
    shown = section(answer(*cards).replace(tables={"grades": toxicity}), place=0)
    assert shown.legend is None
    assert [table.name for table in shown.tables] == ["grades"]


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
