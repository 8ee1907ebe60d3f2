"""The volcano: points lie at their values, none is lost, and names keep apart."""

from __future__ import annotations

import re
from itertools import combinations
from xml.etree import ElementTree

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report import signals
from tests.report.test_figures import SVG, placed, texts

from coley.model.answer import Figure
from coley.report.clean import text_width
from coley.report.figures import describe, draw
from coley.report.figures.labels import GAP, TALL, Box, place
from coley.report.figures.volcano import BIN, MOST_SINGLE
from coley.report.palette import colour

SMALL_TABLE = pl.DataFrame(
    {
        "label": ["a", "b", "c", "d", "e"],
        "value": [4.0, 1.0, 0.25, 16.0, None],
        "low": [2.0, 0.5, 0.1, 8.0, None],
        "n": [40, 10, 5, 200, 0],
        "p": [1e-5, 0.9, 0.01, 1e-10, None],
    }
)


def volcano(table: pl.DataFrame, **options: object) -> str:
    return draw(Figure("volcano", "t", options=options), {"t": table})


def spots(svg: str, role: str, *, hollow: bool = False) -> list[tuple[float, float]]:
    """Where the marks of one colour lie, those of the key left out, shifts added up."""
    found: list[tuple[float, float]] = []

    def walk(element: ElementTree.Element, x: float, y: float) -> None:
        shift = re.search(r"translate\(([-\d.]+),\s*([-\d.]+)\)", element.get("transform", ""))
        if shift:
            x, y = x + float(shift[1]), y + float(shift[2])
        paint = "stroke" if hollow else "fill"
        plain = element.tag == f"{SVG}path" and element.get(paint) == colour(role)
        if plain and element.get("opacity") == "0.85":
            found.append((x, y))
        for child in element:
            walk(child, x, y)

    walk(ElementTree.fromstring(svg), 0, 0)
    return found


@pytest.mark.parametrize("heights", [("4", "10"), ("20", "100")], ids=["straight", "square root"])
def test_points_lie_at_their_ratio_and_their_p(heights: tuple[str, str]) -> None:
    small, great = (10.0 ** -float(height) for height in heights)
    svg = volcano(SMALL_TABLE.with_columns(p=pl.Series([small, 0.9, 0.01, great, None])))
    places = placed(svg)
    for (x, y), ratio, height in zip(sorted(spots(svg, "accent")), ("4", "16"), heights, strict=True):
        below = max(places[ratio], key=lambda place: place[1])
        beside = min(places[height], key=lambda place: place[0])
        assert x == pytest.approx(below[0], abs=1)
        assert y == pytest.approx(beside[1] - 4, abs=1.5)  # the baseline of a label is below its middle
    assert len(spots(svg, "grey", hollow=True)) == 2


def test_what_cannot_be_placed_is_counted() -> None:
    assert any("1 pair of 5 without a value is left out." in words for words in texts(volcano(SMALL_TABLE)))
    nothing = SMALL_TABLE.with_columns(value=pl.lit(0.0), low=pl.lit(0.0))
    assert "no pair has both a value above 0 and a measure of certainty" in describe(
        Figure("volcano", "t"), {"t": nothing}
    )


def test_a_p_value_that_the_machine_rounds_to_nothing_stands_at_the_top() -> None:
    table = SMALL_TABLE.with_columns(p=pl.when(pl.col("label") == "d").then(0.0).otherwise(pl.col("p")))
    svg = volcano(table)
    top = min(y for _, y in spots(svg, "accent"))
    assert max(spots(svg, "accent"))[1] == top
    assert "−log10 p, square-root scale" in texts(svg)


def test_ratios_beyond_the_axis_stand_at_its_edge_and_are_counted() -> None:
    table = SMALL_TABLE.with_columns(value=pl.Series([1e6, 1.0, 0.25, 16.0, None]))
    words = texts(volcano(table))
    assert "4,096" in words
    assert any("1 pair beyond 4,096 times stands at the edge." in word for word in words)


def test_certainty_is_q_before_p_before_reports() -> None:
    with_q = SMALL_TABLE.with_columns(q=pl.col("p"))
    assert "−log10 q" in texts(volcano(with_q))
    assert "−log10 p" in texts(volcano(with_q, y="p"))
    assert "Reports, logarithmic" in texts(volcano(with_q.drop("q", "p")))


def test_twenty_thousand_pairs_are_a_small_picture_that_loses_none() -> None:
    table = signals.pairs(20_000, 7)
    svg = volcano(table, y="n")
    assert len(svg) < 150_000
    found = table.filter(pl.col("low") > 1, pl.col("n") >= 3)
    assert found.height > MOST_SINGLE
    squares = [
        e
        for e in ElementTree.fromstring(svg).iter(f"{SVG}path")
        if re.fullmatch(rf"M[-\d.]+,[-\d.]+h{BIN}v{BIN}h-{BIN}Z", e.get("d", ""))
    ]
    single = [e for e in ElementTree.fromstring(svg).iter(f"{SVG}path") if e.get("opacity") == "0.85"]
    single = [
        e for e in single if e.get("fill") not in (None, "transparent") and f"v{BIN}" not in e.get("d", "")
    ]
    assert len(single) == MOST_SINGLE
    assert {e.get("fill") for e in squares} == {colour("grey"), colour("accent")}
    # A grey square lies where a pair is that is no signal, and nowhere else.
    logs = table["value"].log(2).clip(-12, 12)
    low, high = logs.min() - 0.3, logs.max() + 0.3  # the axis ends three tenths of a doubling further out
    rest = table.filter((pl.col("low") <= 1) | (pl.col("n") < 3)).with_columns(
        a=((pl.col("value").log(2) - low) / (high - low) * 620 // BIN),
        b=(400 * (1 - pl.col("n").log10() / (pl.lit(table["n"].max()).log10() * 1.06))).clip(0, 399.99)
        // BIN,
    )
    corners = [
        re.findall(r"-?[\d.]+", e.get("d", ""))[:2] for e in squares if e.get("fill") == colour("grey")
    ]
    drawn = {(float(x) / BIN, float(y) / BIN) for x, y in corners if float(y) >= 0}  # the key is above
    wanted = set(rest.select("a", "b").iter_rows())
    assert len(drawn ^ wanted) < 0.01 * len(
        wanted
    )  # labels stand on whole pixels: a pair at a seam may cross it
    assert f"{found.height} signals" in describe(Figure("volcano", "t", options={"y": "n"}), {"t": table})


def test_the_summary_does_not_depend_on_the_order_of_rows() -> None:
    table = signals.pairs(600)
    figure = Figure("volcano", "t")
    assert describe(figure, {"t": table}) == describe(
        figure, {"t": table.sample(fraction=1, shuffle=True, seed=2)}
    )


def test_at_most_six_groups_have_a_colour_and_the_rest_share_one() -> None:
    table = signals.pairs(900).with_columns(group=pl.format("organ {}", pl.int_range(pl.len()) % 9))
    words = texts(volcano(table))
    assert sum(bool(re.fullmatch(r"organ \d", word)) for word in words) == 6
    assert "other" in words


points = st.tuples(st.floats(0, 300), st.floats(0, 200))


@settings(max_examples=60, deadline=None)
@given(spots=st.lists(points, min_size=1, max_size=25))
def test_names_never_overlap_each_other_nor_leave_the_frame(spots: list[tuple[float, float]]) -> None:
    frame = Box(0, 0, 300, 200)
    names = [(f"name {i}", x, y) for i, (x, y) in enumerate(spots)]
    kept = place(names, spots, frame=frame, size=12)
    boxes = [Box(n.x, n.y - TALL / 2, n.x + text_width(n.text, 12), n.y + TALL / 2) for n in kept]
    assert not any(a.meets(b) for a, b in combinations(boxes, 2))
    assert all(box.within(frame) for box in boxes)
    assert not any(box.x < x < box.x2 and box.y < y < box.y2 for box in boxes for x, y in spots)


def test_a_lonely_name_stands_to_the_right_of_its_point() -> None:
    (name,) = place([("a", 50, 50)], [(50, 50)], frame=Box(0, 0, 100, 100), size=12)
    assert (name.x, name.y) == (50 + GAP, 50)


def crowded(n: int, q: float) -> pl.DataFrame:
    """Signals of which all have the same q, in order of their ratio."""
    return pl.DataFrame(
        {
            "label": [f"term {i:02d}" for i in range(n)],
            "value": [2.0 * 1.15**i for i in range(n)],
            "low": [1.8 * 1.15**i for i in range(n)],
            "n": [30 * (1 + (7 * i) % 11) ** 3 for i in range(n)],
            "q": [q] * n,
        }
    )


def test_where_q_tells_nothing_of_many_pairs_heights_are_reports_and_names_go_by_effect() -> None:
    svg = volcano(crowded(30, 0.0), y="q", p_threshold=0.05)
    assert "Reports, logarithmic" in texts(svg)
    assert any("q is too small to tell apart for 30 pairs" in text for text in texts(svg))
    named = [text for text in texts(svg) if re.fullmatch(r"term \d\d", text)]
    assert len(named) == 14
    assert {"term 29", "term 28"} <= set(named)
    few = texts(volcano(crowded(30, 1e-20), y="q"))
    assert "Reports, logarithmic" not in few
    assert not [text for text in few if "too small to tell apart" in text]


def test_where_the_foremost_find_no_room_the_next_are_tried() -> None:
    table = crowded(40, 1e-20).with_columns(
        value=pl.Series([50.0] * 20 + [2.0 + 0.9 * i for i in range(20)]),
        q=pl.Series([1e-30] * 20 + [10.0 ** -(4 + i) for i in range(20)]),
    )
    shown = texts(volcano(table, y="q"))
    named = [int(text[5:]) for text in shown if re.fullmatch(r"term \d\d", text)]
    assert len([i for i in named if i >= 20]) >= 5
    assert any(re.search(r"Named: \d+ of the foremost \d+", text) for text in shown)
