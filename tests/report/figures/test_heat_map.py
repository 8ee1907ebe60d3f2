"""The heat map: every cell says what its row of the table says, in colour, number and count."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report import signals
from tests.report.test_figures import SVG, placed, texts
from tests.report.test_palette import contrast, luminance

from coley.model.answer import Figure
from coley.report.figures import describe, draw
from coley.report.figures.heat_map import NARROWEST, TALL, _ink, state
from coley.report.figures.signal import STRONGEST_LESS, STRONGEST_MORE, measure
from coley.report.palette import colour, palette

MORE = [f"more {i}" for i in range(1, STRONGEST_MORE + 1)]
LESS = [f"less {i}" for i in range(1, STRONGEST_LESS + 1)]
RATIO, COMPONENT = measure({}), measure({"measure": "information_component"})


def heat(table: pl.DataFrame, **options: object) -> str:
    return draw(Figure("heat_map", "t", options=options), {"t": table})


def one(
    value: float | None, low: float | None, high: float | None, n: int | None, **more: object
) -> pl.DataFrame:
    row = {"row": "Colitis", "column": "nivolumab", "value": value, "low": low, "high": high, "n": n, **more}
    return pl.DataFrame([row], schema_overrides={"value": float, "low": float, "high": float, "n": int})


def fills(svg: str) -> list[str]:
    """Fill of each cell: the key's boxes are less tall."""
    return [
        str(element.get("fill"))
        for element in ElementTree.fromstring(svg).iter(f"{SVG}path")
        if element.get("fill")
        and re.fullmatch(rf"M[-\d.]+,[-\d.]+h[\d.]+v{TALL}h-[\d.]+Z", element.get("d", ""))
    ]


def hatches(svg: str) -> int:
    """Slanting lines, those of the key left out."""
    slanting = [
        element
        for element in ElementTree.fromstring(svg).iter(f"{SVG}line")
        if float(element.get("x2", "0"))
        and float(element.get("y2", "0"))
        and element.get("stroke") == colour("line")
    ]
    return len(slanting) - 6


@pytest.mark.parametrize(
    ("value", "low", "high", "role", "words"),
    [
        (10.7, 9.5, 12.1, "more 4", "10.7"),
        (1.5, 1.2, 1.9, "more 1", "1.5"),
        (40.0, 20.0, 80.0, "more 5", "40.0"),
        (1.4, 0.9, 2.2, "more weak", "· 1.4"),
        (0.8, 0.5, 1.3, "less weak", "· 0.80"),
        (0.6, 0.4, 0.9, "less 1", "0.60"),
        (0.1, 0.05, 0.2, "less 3", "0.10"),
    ],
)
def test_colour_and_number_follow_the_value_and_its_limits(
    value: float, low: float, high: float, role: str, words: str
) -> None:
    svg = heat(one(value, low, high, 268))
    assert fills(svg) == [colour(role)]
    assert {words, "n 268"} <= set(texts(svg))


def test_too_few_reports_are_hatched_and_carry_no_number_of_the_measure() -> None:
    few, none = heat(one(9.0, 2.0, 40.0, 2)), heat(one(0.4, 0.1, 3.0, 0))
    unseen = heat(one(None, None, None, 0, observable=False))
    assert "n 2" in texts(few)
    assert "9.0" not in texts(few)
    assert "n 0" in texts(none)
    assert hatches(few) > 3
    assert hatches(none) > 3
    # What cannot be observed is not zero.
    assert "–" in texts(unseen)
    assert "n 0" not in texts(unseen)
    assert hatches(unseen) == 0


def test_a_cell_that_the_table_lacks_has_no_value_and_is_not_zero() -> None:
    table = signals.cells().filter((pl.col("row") != "Hepatitis") | (pl.col("column") != "avelumab"))
    assert texts(heat(table)).count("–") == texts(heat(signals.cells())).count("–") + 1


def test_the_rule_of_a_signal_can_be_stricter_and_can_come_from_the_table() -> None:
    assert fills(heat(one(3.0, 1.5, 6.0, 40), threshold=2)) == [colour("more weak")]
    assert fills(heat(one(3.0, 1.5, 6.0, 4), least_reports=5)) == [colour("soft")]
    assert fills(heat(one(3.0, 1.5, 6.0, 40, signal=False))) == [colour("more weak")]
    assert fills(heat(one(3.0, 0.9, 6.0, 40, signal=True))) == [colour("more 2")]


def test_what_is_listed_already_carries_a_mark_that_the_key_explains() -> None:
    plain, listed = one(3.0, 2.0, 5.0, 40), one(3.0, 2.0, 5.0, 40, listed=True)
    assert {"3.0 †", "†  in the US label"} <= set(texts(heat(listed, listed_title="in the US label")))
    assert not any("†" in word for word in texts(heat(plain, listed_title="in the US label")))


def test_a_ratio_and_its_logarithm_are_the_same_picture_but_for_the_numbers() -> None:
    ratios = signals.cells()
    logs = ratios.with_columns(pl.col("value", "low", "high").log(2))
    assert fills(heat(ratios)) == fills(heat(logs, measure="information_component"))


@settings(max_examples=200, deadline=None)
@given(x=st.floats(-6, 8), half=st.floats(0.01, 4), n=st.integers(0, 1000))
def test_colours_do_not_depend_on_the_unit(x: float, half: float, n: int) -> None:
    log = {"value": x, "low": x - half, "high": x + half, "n": n}
    ratio = {**log, **{name: 2.0 ** float(log[name]) for name in ("value", "low", "high")}}
    edges = [abs(log[name] - round(log[name])) for name in ("value", "low", "high")]
    if min(edges) > 1e-9:
        assert RATIO.step(ratio) == COMPONENT.step(log)
        assert state(ratio, RATIO) == state(log, COMPONENT)


@settings(max_examples=100, deadline=None)
@given(xs=st.lists(st.floats(0.01, 9), min_size=2, max_size=2).map(sorted))
def test_what_is_reported_more_often_is_never_paler(xs: list[float]) -> None:
    steps = [MORE.index(COMPONENT.step({"value": x, "low": x / 2, "high": x * 2, "n": 9})) for x in xs]
    assert steps[0] <= steps[1]


def test_rows_and_columns_stand_in_the_order_asked_for_whatever_the_order_of_the_table() -> None:
    table = signals.cells()
    order = {
        "rows": list(signals.ORGANS[::-1]),
        "columns": [*signals.REGIMENS[3:], "unknown", *signals.REGIMENS[:3]],
    }
    assert heat(table, **order) == heat(table.sample(fraction=1, shuffle=True, seed=1), **order)
    places = placed(heat(table, **order))
    assert places["Sarcoidosis"][0][1] < places["Hepatitis"][0][1] < places["Lung toxicities"][0][1]
    assert places["atezolizumab"][0][0] < places["nivolumab"][0][0] < places["cemiplimab"][0][0]


def test_every_count_stands_in_its_own_row_and_column() -> None:
    table = signals.cells()
    places = placed(heat(table))
    for cell in table.filter(pl.col("n") >= 3, pl.col("column") == "ipilimumab").iter_rows(named=True):
        (x, _), *_ = places["ipilimumab"]
        row = next(value for name, value in places.items() if cell["row"].startswith(name) and len(name) > 5)[
            0
        ][1]
        assert any(abs(px - x) < 1 and abs(py - row) < 20 for px, py in places[f"n {cell['n']:,}"])


def test_the_summary_counts_every_cell() -> None:
    table = signals.cells()
    told = describe(
        Figure("heat_map", "t", options={"row_title": "organ class", "column_title": "regimen"}), {"t": table}
    )
    enough = table.filter(pl.col("n") >= 3)
    top = enough.filter(pl.col("low") > 1).sort("value").row(-1, named=True)
    assert told.startswith("Reporting odds ratio (ROR) by organ class (12) and regimen (8): ")
    assert (
        f"{enough.filter(pl.col('low') > 1).height} signals (lower limit above 1, at least 3 reports)" in told
    )
    assert f"the strongest is {top['row']} with {top['column']}, " in told
    assert f"{enough.filter(pl.col('high') < 1).height} cells reported less than expected" in told
    assert f"{table.filter(pl.col('n') < 3).height} cells with fewer than 3 reports" in told
    assert "1 cell not observable or not given" in told


def test_a_large_map_says_what_it_leaves_out_and_names_its_narrow_columns_aslant() -> None:
    table = pl.DataFrame(
        {"row": f"term {i}", "column": f"regimen {j}", "value": 2.0, "low": 1.5, "high": 3.0, "n": 5}
        for i in range(40)
        for j in range(16)
    )
    svg = heat(table)
    assert "10 further rows and 2 further columns are in the table." in texts(svg)
    assert len(fills(svg)) == 30 * 14
    assert f"h{NARROWEST}v{TALL}" in svg
    assert "rotate(-60)" in svg


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_on_every_step_is_legible_and_steps_differ_in_grey(scheme: str) -> None:
    shade = {role: getattr(entry, scheme) for role, entry in palette().items()}
    for role in (*MORE, *LESS, "more weak", "less weak"):
        assert contrast(shade[_ink(role)], shade[role]) >= 4.5, role
    for steps in (["more weak", *MORE], ["less weak", *LESS]):
        lights = [luminance(shade[role]) for role in steps]
        assert lights == sorted(lights, reverse=scheme == "light")
        assert all((max(pair) + 0.05) / (min(pair) + 0.05) > 1.25 for pair in pairwise(lights))


def test_numbers_are_short_enough_for_a_cell() -> None:
    assert [RATIO.number(v) for v in (0.0234, 0.995, 12.34, 99.96, 1234.0)] == [
        "0.02",
        "0.99",
        "12.3",
        "100.0",
        "1,234",
    ]
    assert COMPONENT.number(-0.04) == "0.0"
