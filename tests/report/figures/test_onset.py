"""Days to onset: curves, medians and counts lie at the days that the tables say."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import polars as pl
import pytest
from tests.report import signals
from tests.report.test_figures import SVG, paths, placed, texts

from coley.model.answer import Figure
from coley.report.figures import describe, draw
from coley.report.palette import colour

CURVES, MEDIANS, NUMBERS = signals.onsets()
TABLES = {"t": CURVES, "medians": MEDIANS, "numbers": NUMBERS}
OPTIONS = {"medians_table": "medians", "numbers_table": "numbers"}


def onset(tables: dict[str, pl.DataFrame] = TABLES, **options: object) -> str:
    return draw(Figure("onset", "t", options={**OPTIONS, **options}), tables)


@pytest.mark.parametrize(("scale", "days"), [("linear", 4), ("log", 6)])
def test_numbers_of_reports_stand_under_their_days_as_far_as_there_is_room(scale: str, days: int) -> None:
    places = placed(onset(scale=scale))
    shown = 0
    for day, n in NUMBERS.select("time", "n").iter_rows():
        if f"{day:g}" in places and f"{n:,}" in places:
            shown += 1
            assert any(abs(x - tick) < 1 for x, _ in places[f"{n:,}"] for tick, _ in places[f"{day:g}"])
    assert shown == 3 * days


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_curve_rises_from_no_report_to_all_of_them(scale: str) -> None:
    (curve,) = [
        p for p in paths(onset(scale=scale), stroke=colour("accent"), stroke_width="2.2") if len(p) > 10
    ]
    own = CURVES.filter(pl.col("group") == "Cardiac")
    assert curve[0][0] == 0
    heights = [280 - y for _, y in curve] if curve[0][1] == 280 else [y for _, y in curve]
    assert heights[0] == 0
    assert heights[-1] == pytest.approx(280)
    same_day = own.filter(pl.col("time") == 0)["share"].item()
    assert any(abs(height - 280 * same_day) < 0.1 for height in heights)


def test_the_day_of_the_first_dose_has_its_place_on_a_logarithm() -> None:
    places = placed(onset(numbers_table="", scale="log"))
    days = [places[f"{day}"][-1][0] for day in (0, 1, 3, 7)]
    steps = [b - a for a, b in pairwise(days)]
    assert steps == pytest.approx([steps[0]] * 3, abs=1)  # log(day + 1): 1, 2, 4, 8
    assert "Days since the first dose, logarithmic" in places


def test_medians_and_shapes_stand_in_the_key_and_in_words() -> None:
    shaped = MEDIANS.with_columns(
        n=pl.lit(160), shape=pl.lit(0.91), shape_low=pl.lit(0.8), shape_high=pl.lit(1.03)
    )
    words = texts(onset({**TABLES, "medians": shaped}))
    assert {"median (quartiles), days", "Weibull shape (95 % CI)", "0.91 (0.80–1.03)", "160"} <= set(words)
    told = describe(Figure("onset", "t", options=OPTIONS), TABLES)
    for row in MEDIANS.iter_rows(named=True):
        assert f"{row['group']}, median {row['median']:.0f} ({row['low']:.0f}–{row['high']:.0f}) days" in told


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_the_dot_of_a_median_lies_at_half_of_the_reports_on_its_day(scale: str) -> None:
    middle = MEDIANS.filter(pl.col("group") == "Cardiac").with_columns(median=pl.lit(30.0))
    svg = onset({**TABLES, "medians": middle}, scale=scale)
    places = placed(svg)
    shift = re.search(r"translate\(([-\d.]+),", svg)
    (dot,) = [
        e
        for e in ElementTree.fromstring(svg).iter(f"{SVG}path")
        if e.get("fill") == colour("accent") and e.get("transform")
    ]
    x, y = (float(n) for n in re.findall(r"[-\d.]+", dot.get("transform", ""))[:2])
    assert y == pytest.approx(140)
    assert shift is not None
    assert x + float(shift[1]) == pytest.approx(min(places["30"], key=lambda place: place[1])[0], abs=1)


def test_without_medians_the_ends_are_told() -> None:
    told = describe(Figure("onset", "t"), {"t": CURVES})
    last = CURVES.filter(pl.col("group") == "Skin")["time"].max()
    assert f"Skin, 100 % by day {last:g}" in told


def test_days_that_nobody_knows_give_a_sentence() -> None:
    unknown = CURVES.with_columns(time=pl.lit(None, pl.Float64))
    assert "no report has both dates" in describe(Figure("onset", "t"), {"t": unknown})
