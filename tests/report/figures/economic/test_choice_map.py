"""Two inputs together: cells have the colour of the best strategy and tell its lead."""

from __future__ import annotations

import re
from collections import Counter
from xml.etree import ElementTree

import polars as pl
import pytest
from tests.report import worth
from tests.report.test_figures import SVG, placed, texts

from coley.model.answer import Figure
from coley.report.figures import describe, draw
from coley.report.figures.economic.choice_map import PLOT
from coley.report.figures.economic.strategies import strategy_strokes

TABLES = worth.worth_answer().tables
MAP = Figure("choice_map", "two_way", options={**worth.EVERY, "x_title": "Discount", "base": [0.2, 0.5]})


def by_hand() -> dict[tuple[float, float], tuple[str, float]]:
    found = {}
    for (x, y), own in TABLES["two_way"].group_by(["x", "y"]):
        ranked = own.sort("net_benefit", descending=True)
        found[x, y] = (ranked["strategy"][0], ranked["net_benefit"][0] - ranked["net_benefit"][1])
    return found


def test_each_cell_is_painted_for_the_best_strategy() -> None:
    svg = draw(MAP, TABLES)
    wide, tall = (pixels / 5 for pixels in PLOT)
    manner = strategy_strokes(worth.LABELS, worth.EVERY)
    painted = Counter(
        e.get("fill")
        for e in ElementTree.fromstring(svg).iter(f"{SVG}path")
        if re.search(rf"h{wide:g}v{tall:g}h", e.get("d", ""))
    )
    chosen = Counter(name for name, _ in by_hand().values())
    assert len(chosen) == 3
    assert painted == {manner[name].colour: count for name, count in chosen.items()}


def test_the_lead_over_the_next_stands_in_the_cell() -> None:
    places = placed(draw(MAP, TABLES))
    middle = places["Discount"][0][0]  # of the plot, from left to right
    for (x, _), (_, lead) in by_hand().items():
        column = middle + PLOT[0] * ((x / 0.8 * 4 + 0.5) / 5 - 0.5)
        assert any(abs(at - column) < 1 for at, _ in places[f"{round(lead):,}"])


def test_values_stand_along_both_axes_with_decimals_that_tell_them_apart() -> None:
    words = texts(draw(MAP, TABLES))
    assert {"0.0", "0.2", "0.4", "0.6", "0.8", "0.400", "0.475", "0.550", "0.625", "0.700"} <= set(words)


def test_a_base_case_outside_the_picture_is_not_drawn() -> None:
    assert "base case" in texts(draw(MAP, TABLES))
    outside = Figure("choice_map", "two_way", options={**MAP.options, "base": [2.0, 0.5]})
    assert "base case" not in texts(draw(outside, TABLES))


def test_only_the_analysis_asked_for_is_drawn() -> None:
    turned = TABLES["two_way"].with_columns(net_benefit=-pl.col("net_benefit"), analysis=pl.lit("b"))
    both = pl.concat([TABLES["two_way"].with_columns(analysis=pl.lit("a")), turned], how="diagonal")
    asked = Figure("choice_map", "t", options={**MAP.options, "analysis": "a"})
    alone = Figure("choice_map", "t", options=MAP.options)
    assert texts(draw(asked, {"t": both})) == texts(draw(alone, {"t": TABLES["two_way"]}))


def test_the_summary_counts_cells() -> None:
    told = describe(MAP, TABLES)
    chosen = Counter(name for name, _ in by_hand().values())
    for name, count in chosen.items():
        most = max(lead for strategy, lead in by_hand().values() if strategy == name)
        assert f"{name} in {count} of 25 cells, leading by at most {round(most):,} USD" in told


@pytest.mark.parametrize("steps", [2, 21])
def test_amounts_are_left_out_where_cells_are_too_small(steps: int) -> None:
    words = texts(draw(MAP, {"two_way": worth.two_way(steps)}))
    amounts = [word for word in words if "," in word]
    assert bool(amounts) == (steps == 2)
