"""Plane, frontier, acceptability, loss and information: their geometry says what their tables say."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest
from tests.report import worth
from tests.report.test_figures import SVG, paths, placed, texts

from coley.model.answer import Figure
from coley.report.figures import describe, draw
from coley.report.figures.economic.ce_plane import MOST_DRAWS
from coley.report.figures.economic.thresholds import HEAVY, HEIGHT, WIDTH
from coley.report.palette import colour

TABLES = worth.worth_answer().tables
LINES = worth.LINES
PLANE = Figure("ce_plane", "plane", options=LINES)
CHANCE = Figure("acceptability", "acceptability", options=LINES)
LOSS = Figure("loss_curves", "expected_loss", options=LINES)
INFORMATION = Figure("information", "information", options=LINES)
BARS = Figure("information_bars", "information_by_input", options={"currency": "USD"})


def clouds(svg: str, shade: str) -> list[tuple[float, float]]:
    """Places of the draws of one colour, in pixels."""
    found = []
    for element in ElementTree.fromstring(svg).iter(f"{SVG}path"):
        if element.get("stroke") == shade and element.get("stroke-linecap") == "round":
            starts = re.findall(r"M([-\d.]+),([-\d.]+)", element.get("d", ""))
            found += [(float(x), float(y)) for x, y in starts]
    return found


def axis_of(svg: str, least: str, most: str, *, along: int) -> tuple[float, float, float, float]:
    """Two labels of an axis with their places: (value, pixel, value, pixel)."""
    places = placed(svg)
    a, b = (float(words.replace(",", "").replace("−", "-")) for words in (least, most))
    return a, places[least][0][along], b, places[most][0][along]


# ce_plane


def test_at_most_so_many_draws_are_drawn_and_the_cloud_keeps_its_place() -> None:
    svg = draw(PLANE, TABLES)
    names = worth.LABELS[1:]
    shades = [colour(role) for role in ("accent", "group 2", "group 3")]
    assert sum(len(clouds(svg, shade)) for shade in shades) <= MOST_DRAWS
    a, xa, b, xb = axis_of(svg, "1", "3", along=0)
    (x0, _), *_ = placed(svg)["0"]
    for name, shade in zip(names, shades, strict=True):
        own = TABLES["plane"].filter(pl.col("strategy") == name, pl.col("kind") == "draw")
        seen = clouds(svg, shade)
        assert len(seen) == MOST_DRAWS // 3
        xs = np.array([x for x, _ in seen])
        spread = np.std(xs) * (b - a) / (xb - xa)
        assert spread == pytest.approx(own["effect"].std(), rel=0.06)
    assert x0 == pytest.approx(xa - (xb - xa) / (b - a) * a, abs=80)


def test_the_mean_lies_in_the_middle_of_its_ellipse() -> None:
    svg = draw(PLANE, TABLES)
    (rim,) = [
        path
        for path in paths(svg, stroke=colour("accent"), stroke_width="1.8")
        if len(path) > 60 and path[0] == path[-1]
    ]
    middle = (min(x for x, _ in rim) + max(x for x, _ in rim)) / 2
    spots = [
        float(re.findall(r"translate\(([-\d.]+)", e.get("transform", ""))[0])
        for e in ElementTree.fromstring(svg).iter(f"{SVG}path")
        if e.get("fill") == colour("accent") and e.get("transform")
    ]
    assert any(abs(spot - middle) < 1 for spot in spots)
    turns = [math.atan2(y - sum(q for _, q in rim) / len(rim), x - middle) for x, y in rim[:-1]]
    assert turns == sorted(turns)


def test_thresholds_go_through_the_origin_with_their_slope() -> None:
    svg = draw(PLANE, TABLES)
    words = texts(svg)
    assert {"50,000 per QALY", "100,000 per QALY", "150,000 per QALY"} <= set(words)
    (ya,), (yb,) = ({y for _, y in placed(svg)[label]} for label in ("100,000", "300,000"))
    (xa,), (xb,) = ({x for x, _ in placed(svg)[label]} for label in ("1", "3"))
    per_cost, per_qaly = (ya - yb) / 200_000, (xb - xa) / 2
    slopes = []
    for element in ElementTree.fromstring(svg).iter(f"{SVG}line"):
        if element.get("stroke-dasharray") == "5,3":
            dx, dy = float(element.get("x2", "0")), -float(element.get("y2", "0"))
            slopes.append((dy / per_cost) / (dx / per_qaly))
    assert sorted(slopes) == pytest.approx([50_000, 100_000, 150_000], rel=0.01)


def test_corners_are_named_where_there_is_room_with_the_shares_of_a_single_strategy() -> None:
    shares = pl.DataFrame(
        {
            "strategy": [worth.LABELS[1]],
            "better_and_costlier": [0.97],
            "better_and_cheaper": [0.02],
            "worse_and_cheaper": [0.0],
            "worse_and_costlier": [0.01],
        }
    )
    figure = Figure("ce_plane", "plane", options={**LINES, "quadrants_table": "quadrants"})
    one = TABLES["plane"].filter(pl.col("strategy") == worth.LABELS[1])
    wide = pl.concat([one, one.head(1).with_columns(effect=-3.0, cost=-2e5, kind=pl.lit("mean"))])
    words = set(texts(draw(figure, {"plane": wide, "quadrants": shares})))
    assert {
        "better, dearer: 97 %",
        "better, cheaper: 2 %",
        "worse, cheaper: 0 %",
        "worse, dearer: 1 %",
    } <= words
    assert "better, dearer" in texts(draw(figure, {**TABLES, "quadrants": shares}))
    assert not any("worse" in told for told in texts(draw(figure, {**TABLES, "quadrants": shares})))


def test_draws_far_off_do_not_set_the_axes_and_are_counted() -> None:
    far = TABLES["plane"].head(1).with_columns(effect=400.0, cost=4e7, kind=pl.lit("draw"))
    svg = draw(PLANE, {"plane": pl.concat([TABLES["plane"], far])})
    before = re.findall(r"(\d+) draws lie outside", " ".join(texts(draw(PLANE, TABLES))))
    after = re.findall(r"(\d+) draws lie outside", " ".join(texts(svg)))
    assert 0 < int(after[0]) <= int(before[0]) + 2
    assert "4" in texts(svg)


# frontier


def test_only_the_frontier_is_joined_and_filled() -> None:
    svg = draw(Figure("frontier", "frontier", options=worth.EVERY), TABLES)
    root = ElementTree.fromstring(svg)
    joined = [e for e in root.iter(f"{SVG}line") if e.get("stroke") == colour("ink")]
    assert len(joined) == 2
    words = texts(svg)
    assert {"85,556 per QALY", "95,000 per QALY", "Nivolumab + relatlimab (dominated)"} <= set(words)
    hollow = [e for e in root.iter(f"{SVG}path") if e.get("stroke") == colour("group 3")]
    assert len(hollow) == 1
    assert colour("group 3") not in {e.get("fill") for e in root.iter()}
    assert colour("group 2") in {e.get("fill") for e in root.iter()}
    assert "Off it: Nivolumab + relatlimab dominated" in describe(Figure("frontier", "frontier"), TABLES)


# acceptability and loss


def test_the_heavy_line_is_the_best_choice_and_not_the_likeliest() -> None:
    svg = draw(CHANCE, TABLES)
    table = TABLES["acceptability"].sort("threshold", "strategy")
    by_strategy = dict(zip(worth.LABELS, ("grey", "accent", "group 2", "group 3"), strict=True))
    heavy = {
        role: [x for path in paths(svg, stroke=colour(role), stroke_width=str(HEAVY)) for x, _ in path]
        for role in by_strategy.values()
    }
    top = table["threshold"].max()
    for row in table.filter(pl.col("frontier")).iter_rows(named=True):
        x = WIDTH * row["threshold"] / top
        own = heavy[by_strategy[row["strategy"]]]
        assert min(own) - 0.1 <= x <= max(own) + 0.1
    likeliest = table.sort("probability").group_by("threshold", maintain_order=True).last()
    differs = likeliest.filter(~pl.col("frontier"))
    assert differs.height  # else the test could not fail


def test_a_curve_passes_through_its_table() -> None:
    svg = draw(CHANCE, TABLES)
    (curve,) = paths(svg, stroke=colour("accent"), stroke_width="2.2")
    own = TABLES["acceptability"].filter(pl.col("strategy") == worth.LABELS[1]).sort("threshold")
    seen = dict(curve)
    for k, share in own.select("threshold", "probability").iter_rows():
        x = WIDTH * k / own["threshold"].max()
        place = min(seen, key=lambda at: abs(at - x))
        assert 1 - seen[place] / HEIGHT == pytest.approx(share, abs=2e-3)


def test_payers_thresholds_are_named_as_far_as_there_is_room() -> None:
    close = Figure("acceptability", "acceptability", options={**LINES, "thresholds": [100e3, 101e3, 9e6]})
    words = texts(draw(close, TABLES))
    assert words.count("100,000") == 2  # over the plot and on the axis
    assert "101,000" not in words
    rules = [
        e
        for e in ElementTree.fromstring(draw(close, TABLES)).iter(f"{SVG}line")
        if e.get("stroke-dasharray") == "5,3" and e.get("stroke") == colour("muted")
    ]
    assert len(rules) == 2


def test_what_is_told_of_the_choice_is_what_the_table_says() -> None:
    told = describe(CHANCE, TABLES)
    at = TABLES["acceptability"].filter(pl.col("threshold") == 100_000)
    for row in at.iter_rows(named=True):
        assert f"{row['strategy']} {100 * row['probability']:.0f} %" in told
    best = TABLES["acceptability"].filter(pl.col("frontier")).sort("threshold")
    for a, b in pairwise(best.iter_rows(named=True)):
        if a["strategy"] != b["strategy"]:
            assert f"{b['strategy']} from {b['threshold']:,.0f}" in told


@pytest.mark.parametrize("scale", ["log", "linear"])
def test_losses_lie_where_their_scale_puts_them(scale: str) -> None:
    svg = draw(Figure("loss_curves", "expected_loss", options={**LINES, "scale": scale}), TABLES)
    (curve,) = paths(svg, stroke=colour("accent"), stroke_width="2.2")
    own = TABLES["expected_loss"].filter(pl.col("strategy") == worth.LABELS[1]).sort("threshold")["loss"]
    most = TABLES["expected_loss"]["loss"].max()
    for (_, y), loss in zip(curve, own, strict=True):
        share = 1 - y / HEIGHT
        if scale == "linear":
            assert share == pytest.approx(loss / (1.03 * most), abs=2e-3)
        else:
            assert share == pytest.approx(math.log(1e4 * loss / most) / math.log(1.2e4), abs=2e-3)


def test_the_lowest_loss_is_the_value_of_perfect_information() -> None:
    lowest = TABLES["expected_loss"].group_by("threshold").agg(pl.col("loss").min()).sort("threshold")
    assert lowest["loss"].to_list() == pytest.approx(TABLES["information"]["per_person"].to_list())
    words = describe(INFORMATION, TABLES)
    at = TABLES["information"].filter(pl.col("threshold") == 100_000)["per_person"].item()
    assert f"at 100,000 USD per QALY {at:,.0f} USD" in words


# information


def test_the_axis_of_all_patients_is_that_of_one_times_their_number() -> None:
    svg = draw(INFORMATION, TABLES)
    places = placed(svg)
    zero = places["0"][-1][1]
    one = zero - places["30,000"][0][1]
    many = zero - next(y for x, y in places["600"] if x > WIDTH)
    assert (600e6 / many) / (30_000 / one) == pytest.approx(21_400, rel=0.01)
    assert "All patients, million USD" in texts(svg)
    alone = TABLES["information"].drop("population")
    assert not any("All patients" in words for words in texts(draw(INFORMATION, {"information": alone})))


def test_inputs_are_sorted_with_their_errors_and_those_of_no_worth_are_counted() -> None:
    svg = draw(BARS, TABLES)
    root = ElementTree.fromstring(svg)
    words = texts(svg)
    assert "1 input would change nothing." in " ".join(words)
    heights = [placed(svg)[f"{value:,.0f}"][0][1] for value in (2913, 1204, 388, 96)]
    assert heights == sorted(heights)
    lengths = [
        float(match[1])
        for e in root.iter(f"{SVG}path")
        if e.get("fill") == colour("muted") and (match := re.search(r"h([\d.]+)v14", e.get("d", "")))
    ]
    assert [value / lengths[0] for value in lengths] == pytest.approx(
        [1, 1204 / 2913, 388 / 2913, 96 / 2913], abs=0.01
    )
    whiskers = [
        abs(float(e.get("x2", "0"))) for e in root.iter(f"{SVG}line") if e.get("stroke") == colour("ink")
    ]
    assert whiskers[0] / lengths[0] == pytest.approx(2 * 1.96 * 160 / 2913, abs=0.01)


def test_where_no_input_matters_a_sentence_stands() -> None:
    nothing = TABLES["information_by_input"].with_columns(value=0.0)
    assert describe(BARS, {"information_by_input": nothing}).startswith("No uncertain input")


def test_further_inputs_are_counted() -> None:
    many = pl.concat(
        TABLES["information_by_input"].head(1).with_columns(input=pl.lit(f"input {i}")) for i in range(19)
    )
    assert "4 further inputs are in the table." in " ".join(texts(draw(BARS, {"information_by_input": many})))
