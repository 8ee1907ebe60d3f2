"""A strategy looks the same in every picture of the page; money and inputs are written as a reader says them."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import polars as pl
import pytest
from tests.report import worth
from tests.report.test_figures import SVG, texts

from coley.model.answer import Figure
from coley.report.figures import draw
from coley.report.figures.economic.money import money
from coley.report.figures.economic.strategies import spoken, strategy_strokes, thin
from coley.report.palette import MOST_GROUPS, colour, strokes

ANSWER = worth.worth_answer()
BY_STRATEGY = [
    figure
    for figure in ANSWER.figures
    if figure.kind in ("ce_plane", "acceptability", "loss_curves", "extrapolation", "hazards", "frontier")
]
GIVEN = {
    worth.LABELS[0]: colour("grey"),
    worth.LABELS[1]: colour("accent"),
    worth.LABELS[2]: colour("group 2"),
    worth.LABELS[3]: colour("group 3"),
}


def shades(svg: str) -> set[str]:
    """Colours of all strokes and fills."""
    return {
        element.get(name, "") for element in ElementTree.fromstring(svg).iter() for name in ("fill", "stroke")
    }


@pytest.mark.parametrize("figure", BY_STRATEGY, ids=lambda figure: figure.kind)
@pytest.mark.parametrize("name", worth.LABELS[1:3])
def test_a_strategy_alone_keeps_the_colour_that_it_has_among_all(figure: Figure, name: str) -> None:
    table = ANSWER.tables[figure.table]
    seen = shades(draw(figure, {figure.table: table.filter(pl.col("strategy") == name)}))
    assert GIVEN[name] in seen
    assert not seen & (set(GIVEN.values()) - {GIVEN[name], colour("grey")})


@pytest.mark.parametrize("figure", ANSWER.figures, ids=lambda figure: figure.kind)
def test_the_order_of_rows_does_not_matter(figure: Figure) -> None:
    shuffled = {name: frame.sample(fraction=1, shuffle=True, seed=7) for name, frame in ANSWER.tables.items()}
    assert draw(figure, shuffled) == draw(figure, ANSWER.tables)


def test_without_an_order_strategies_are_taken_by_the_alphabet() -> None:
    assert strategy_strokes(["b", "a"], {}) == strokes(["a", "b"])
    assert list(strategy_strokes(["b", "a", "c"], {"strategies": ["c"], "control": "b"})) == ["c", "a", "b"]


def test_strategies_beyond_those_that_can_be_told_apart_are_counted() -> None:
    names = [f"strategy {i:02}" for i in range(MOST_GROUPS + 3)]
    table = pl.concat(
        pl.DataFrame({"threshold": [0.0, 1.0], "probability": [0.1, 0.2]}).with_columns(strategy=pl.lit(name))
        for name in names
    )
    words = " ".join(texts(draw(Figure("acceptability", "t"), {"t": table})))
    assert "3 further strategies are in the table" in words
    assert names[-1] not in words


@pytest.mark.parametrize("figure", ANSWER.figures, ids=lambda figure: figure.kind)
def test_pictures_of_worth_fit_a_page_and_stay_small(figure: Figure) -> None:
    svg = draw(figure, ANSWER.tables)
    root = ElementTree.fromstring(svg)
    assert float(root.get("width", "0")) < 800
    assert float(root.get("height", "0")) < 900
    assert len(svg) < 130_000


@pytest.mark.parametrize("figure", ANSWER.figures, ids=lambda figure: figure.kind)
def test_names_that_are_markup_stay_text(figure: Figure) -> None:
    bad = '<script>alert("x")</script>&amp;\u202e'
    tables = {
        name: frame.with_columns(
            pl.when(pl.col(column) == worth.NEW).then(pl.lit(bad)).otherwise(pl.col(column)).alias(column)
            for column in frame.columns
            if frame.schema[column] == pl.String and column in ("strategy", "input", "category", "state")
        )
        for name, frame in ANSWER.tables.items()
    }
    options = {
        **figure.options,
        "strategies": [bad if name == worth.NEW else name for name in worth.LABELS],
        **({"strategy": bad} if "strategy" in figure.options else {}),
    }
    svg = draw(Figure(figure.kind, figure.table, figure.title, "", options), tables)
    assert "<script" not in svg
    assert "\u202e" not in svg
    assert not list(ElementTree.fromstring(svg).iter(f"{SVG}script"))


def test_money_is_written_in_the_unit_that_its_size_asks_for() -> None:
    assert money([1_999_999], "USD").say(1_999_999) == "1,999,999 USD"
    assert money([None, -3.2e6], "USD").say(-3.2e6) == "−3.20 million USD"
    assert money([4e9], "JPY").title("Cost", per="year") == "Cost, billion JPY per year"
    assert money([], "").say(5.0) == "5"
    assert money([], "").title("Added QALYs") == "Added QALYs"


@pytest.mark.parametrize("ends", [(0.0, 130.0), (-4e5, 2e5), (0.0, 7.3e7), (0.0, 0.004)])
def test_ticks_of_money_are_even_round_and_inside(ends: tuple[float, float]) -> None:
    places = list(money(ends, "USD").ticks(ends, 200))
    steps = {round(b - a, 9) for a, b in pairwise(places)}
    assert len(steps) == 1
    assert re.fullmatch(r"[125](\.0)?e[+-]\d+", f"{steps.pop():.1e}")
    assert ends[0] <= places[0]
    assert places[-1] <= ends[1]
    assert 3 <= len(places) <= 9


def test_a_decimal_in_the_name_of_an_input_is_no_path() -> None:
    assert spoken("costs.dose of 0.5 mg.per_month") == "costs · dose of 0.5 mg · per month"


def test_thinning_keeps_both_ends_and_says_no_more_than_asked() -> None:
    rows = [{"x": i} for i in range(1003)]
    kept = thin(rows, 100)
    assert len(kept) == 100
    assert kept[0]["x"] == 0
    assert kept[-1]["x"] == 1002
    assert thin(rows[:100], 100) == rows[:100]
