"""Tornado, added costs, prices and budgets: bars and lines are as long as their amounts."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import polars as pl
import pytest
from tests.report import worth
from tests.report.test_figures import SVG, paths, placed, texts

from coley.model.answer import Figure
from coley.report.figures import describe, draw
from coley.report.figures.economic.budget_bars import OTHER
from coley.report.figures.economic.cost_steps import OTHERS, differences
from coley.report.figures.economic.thresholds import HEIGHT, WIDTH
from coley.report.palette import colour

TABLES = worth.worth_answer().tables
TORNADO = Figure("tornado", "one_way", options={"strategy": worth.NEW, "currency": "USD"})
STEPS = Figure("cost_steps", "cost_by_category", options={**worth.EVERY, "strategy": worth.NEW})
PRICES = Figure("price_curve", "prices", options={**worth.LINES, "strategy": worth.NEW})
BUDGET = Figure("budget_bars", "budget", options={"currency": "USD", "net_table": "budget_net"})


def widths(svg: str, role: str, tall: float) -> list[float]:
    """Widths of bars of one colour and height, from above."""
    return [
        float(match[1])
        for e in ElementTree.fromstring(svg).iter(f"{SVG}path")
        if e.get("fill") == colour(role) and (match := re.search(rf"h([\d.]+)v{tall:g}h", e.get("d", "")))
    ]


# tornado


def test_bars_are_as_long_as_the_answer_moves_the_widest_on_top() -> None:
    svg = draw(TORNADO, TABLES)
    low, high = widths(svg, "low end", 17), widths(svg, "high end", 17)
    scale = low[0] / 36_500  # the utility at its low end takes 24,000 to −12,500
    assert high[0] / scale == pytest.approx(37_000, rel=0.01)
    shown = TABLES["one_way"].with_columns(width=(pl.col("at_high") - pl.col("at_low")).abs())
    shown = shown.sort("width", "input", descending=[True, False]).head(15)
    places = placed(svg)
    words = [f"{name}".replace(".", " · ").replace("_", " ") for name in shown["input"]]
    heights = [places[name][0][1] for name in words]
    assert heights == sorted(heights)
    assert "3 further inputs of less weight: in the table." in " ".join(texts(svg))


def test_the_ends_of_an_input_stand_at_the_ends_of_its_bar() -> None:
    places = placed(draw(TORNADO, TABLES))
    base = places["base case 24,000"][0][0]
    assert places["0.7"][0][0] < base < places["0.9"][0][0]
    assert places["0.62"][0][0] < base < places["0.42"][0][0]  # works the other way round
    assert places["0.06"][0][0] <= base < places["0.00"][0][0]  # both ends raise the answer


def test_a_turn_of_the_choice_is_marked_where_it_lies_in_the_picture() -> None:
    assert "Dashed: 0, where the choice turns." in " ".join(texts(draw(TORNADO, TABLES)))
    sure = TABLES["one_way"].with_columns(pl.col("at_low", "at_high", "base") + 90_000)
    assert "Dashed" not in " ".join(texts(draw(TORNADO, {"one_way": sure})))


def test_an_input_is_called_by_its_label_where_it_has_one() -> None:
    named = TABLES["one_way"].with_columns(
        label=pl.when(pl.col("input") == "utilities.progressed").then(pl.lit("Utility after progression"))
    )
    words = texts(draw(TORNADO, {"one_way": named}))
    assert "Utility after progression" in words
    assert "utilities · progression free" in words
    assert "utilities · progressed" not in words


def test_ends_that_are_no_numbers_stand_in_words_at_the_ends_of_their_bar() -> None:
    row = {
        "strategy": worth.NEW,
        "input": "structure",
        "label": "Structure of the model",
        "at_low": -30_000.0,
        "at_high": 70_000.0,
        "base": 24_000.0,
        "low_words": "clock reset",
        "high_words": "a name that is much too long for the end of a bar",
    }
    table = pl.concat([TABLES["one_way"], pl.DataFrame([row])], how="diagonal")
    places = placed(draw(TORNADO, {"one_way": table}))
    base = places["base case 24,000"][0][0]
    (long,) = [words for words in places if words.startswith("a name that is")]
    assert long.endswith("…")
    assert places["clock reset"][0][0] < base < places[long][0][0]
    assert places["clock reset"][0][1] == places["Structure of the model"][0][1]
    assert "0.7" in places, "numbers keep their ends"


def test_a_tornado_shows_its_own_strategy_alone() -> None:
    other = TABLES["one_way"].with_columns(strategy=pl.lit("another"), input=pl.lit("another.input"))
    both = pl.concat([other, TABLES["one_way"]])
    assert draw(TORNADO, {"one_way": both}) == draw(TORNADO, TABLES)
    none = Figure("tornado", "one_way", options={"strategy": "absent"})
    assert "no input has an interval" in describe(none, TABLES)


# cost_steps


def test_steps_add_up_to_the_added_cost() -> None:
    rows = TABLES["cost_by_category"].to_dicts()
    steps = differences(rows, strategy=worth.NEW, control=worth.CONTROL)
    assert steps == [
        ("drugs", 225_000.0),
        ("care", 19_500.0),
        ("administration", 9_000.0),
        ("end of life", -4_500.0),
    ]
    svg = draw(STEPS, TABLES)
    added, saved, (total,) = (widths(svg, role, 17) for role in ("cost added", "cost saved", "muted"))
    assert sum(added) - sum(saved) == pytest.approx(total, abs=0.5)
    assert {"+225,000", "−4,500", "249,000", "in all"} <= set(texts(svg))


def test_a_saving_alone_is_told_and_many_categories_are_gathered() -> None:
    cheap = pl.DataFrame(
        {"strategy": [worth.CONTROL, worth.NEW], "category": ["care", "care"], "value": [9_000.0, 2_000.0]}
    )
    assert "−7,000 USD in all" in describe(STEPS, {"cost_by_category": cheap})
    many = pl.DataFrame(
        {
            "strategy": worth.NEW,
            "category": [f"part {i}" for i in range(20)],
            "value": [100.0 + i for i in range(20)],
        }
    )
    words = texts(draw(STEPS, {"cost_by_category": many}))
    assert OTHERS in words
    assert "2,190" in words
    assert "+721" in words  # the seven smallest


def test_equal_costs_leave_nothing_to_draw() -> None:
    same = pl.DataFrame(
        {"strategy": [worth.CONTROL, worth.NEW], "category": ["care", "care"], "value": [5.0, 5.0]}
    )
    assert "nothing to draw" in describe(STEPS, {"cost_by_category": same})


# price_curve


def test_the_price_of_expected_values_passes_through_its_table() -> None:
    svg = draw(PRICES, TABLES)
    (curve,) = paths(svg, stroke=colour("ink"), stroke_width="2.4")
    places = placed(svg)
    top, bottom = places["200 %"][0][1], places["0 %"][0][1]
    own = TABLES["prices"].filter(pl.col("probability").is_null()).sort("threshold")
    for (x, y), (k, price) in zip(curve, own.select("threshold", "price").iter_rows(), strict=True):
        assert x == pytest.approx(WIDTH * k / 300_000, abs=0.1)
        assert HEIGHT - y == pytest.approx(price * (bottom - top) / 2, abs=0.5)


def test_prices_at_the_payers_thresholds_are_told() -> None:
    told = describe(PRICES, TABLES)
    price = (100_000 * 2.8 - 40_000) / 209_000
    assert f"at 100,000 USD per QALY {100 * price:.0f} % on expected values" in told
    assert f"{100 * 0.86 * price:.0f} % with 80 %" in told
    assert {"with 80 %", "with 95 %", "on expected values", "list price"} <= set(texts(draw(PRICES, TABLES)))


def test_the_band_is_that_of_the_expected_price() -> None:
    svg = draw(PRICES, TABLES)
    assert [e for e in ElementTree.fromstring(svg).iter(f"{SVG}path") if e.get("opacity") == "0.12"]
    bare = TABLES["prices"].drop("low", "high")
    svg = draw(PRICES, {"prices": bare})
    assert not [e for e in ElementTree.fromstring(svg).iter(f"{SVG}path") if e.get("opacity") == "0.12"]


def test_other_strategies_are_left_to_their_own_pictures() -> None:
    both = pl.concat([TABLES["prices"], TABLES["prices"].with_columns(strategy=pl.lit("x"), price=9.0)])
    assert draw(PRICES, {"prices": both}) == draw(PRICES, TABLES)


# budget_bars


def bar(svg: str, role: str) -> list[float]:
    """Heights of the parts of one category."""
    return [
        float(match[1])
        for e in ElementTree.fromstring(svg).iter(f"{SVG}path")
        if e.get("fill") == colour(role) and (match := re.search(r"h23v([\d.]+)h", e.get("d", "")))
    ]


def test_parts_of_a_bar_are_as_high_as_their_costs() -> None:
    svg = draw(BUDGET, TABLES)
    drugs = TABLES["budget"].filter(pl.col("category") == "drugs").sort("year", pl.col("scenario") == "with")
    heights = bar(svg, "part 1")
    assert len(heights) == 10
    costs = drugs["cost"].to_list()
    assert [h / heights[0] for h in heights] == pytest.approx([c / costs[0] for c in costs], abs=0.01)


def test_the_difference_comes_from_its_table_else_from_the_bars() -> None:
    told = describe(BUDGET, TABLES)
    first = TABLES["budget_net"].row(0, named=True)["value"]
    assert f"2026 {first / 1e6:.2f} million USD" in told
    bare = describe(Figure("budget_bars", "budget", options={"currency": "USD"}), TABLES)
    assert f"2026 {first / 1e6:.2f} million USD" in bare

    def limits(svg: str) -> list[ElementTree.Element]:
        lines = ElementTree.fromstring(svg).iter(f"{SVG}line")
        return [e for e in lines if e.get("stroke") == colour("ink") and float(e.get("y2", "0")) != 0]

    assert len(limits(draw(BUDGET, TABLES))) == 5
    assert not limits(draw(Figure("budget_bars", "budget"), TABLES))


def test_many_categories_and_years_are_gathered_and_counted() -> None:
    rows = [
        {"year": year, "scenario": s, "category": f"c{i:02}", "cost": 1e5 * (20 - i)}
        for year in range(15)
        for s in ("without", "with")
        for i in range(11)
    ]
    words = texts(draw(BUDGET, {"budget": pl.DataFrame(rows)}))
    assert OTHER in words
    assert "c06" in words
    assert "c07" not in words
    assert any("3 further years in the table." in told for told in words)


def test_savings_lie_below_the_line_of_nothing() -> None:
    net = TABLES["budget_net"].with_columns(-pl.col("value"), low=-pl.col("high"), high=-pl.col("low"))
    svg = draw(BUDGET, {**TABLES, "budget_net": net})
    places = placed(svg)
    assert "−29.7" in places
    zero = max(y for _, y in places["0"])
    assert all(y > zero - 12 for _, y in places["−29.7"])


def test_strategies_as_categories_keep_their_colours() -> None:
    rows = [
        {"year": 1, "scenario": s, "category": name, "cost": 1e6 + i}
        for s in ("without", "with")
        for i, name in enumerate((*worth.LABELS[:2], "care"))
    ]
    svg = draw(Figure("budget_bars", "budget", options=worth.EVERY), {"budget": pl.DataFrame(rows)})
    assert len(bar(svg, "grey")) == 2
    assert len(bar(svg, "accent")) == 2
    assert len(bar(svg, "part 1")) == 2  # the dearest, and no strategy
