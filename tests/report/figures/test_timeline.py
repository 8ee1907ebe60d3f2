"""The timeline: the crossing is where the table says, over the reports that it rested on."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import polars as pl
import pytest
from tests.report import signals
from tests.report.test_figures import SVG, placed, texts

from coley.model.answer import Figure
from coley.model.errors import ColeyError
from coley.report.figures import describe, draw
from coley.report.figures.timeline import MOST_PANELS, PANEL, quarter_name, quarter_number
from coley.report.palette import colour

TABLE = signals.quarters()
FIGURE = Figure("timeline", "t")


def test_each_pair_is_told_with_the_quarter_in_which_its_lower_limit_first_passed() -> None:
    words, told = texts(draw(FIGURE, {"t": TABLE})), describe(FIGURE, {"t": TABLE})
    for (group,), own in TABLE.group_by(["group"]):
        passed = own.filter(pl.col("low") > 1, pl.col("n") >= 3).sort("x")
        if not passed.height:
            assert any(word.startswith("not crossed by 2021Q4") for word in words)
            assert f"Not crossed: {group}" in told
            continue
        first = passed.row(0, named=True)
        assert f"{group} first in {first['x']} at {first['n']} reports" in told
        assert any(
            word.startswith(f"crossed in {first['x']} at {first['n']} reports; 2021Q4: ") for word in words
        )


def test_a_crossing_that_the_table_marks_is_believed() -> None:
    # A sequential test crosses later than an interval that is looked at again and again.
    marked = TABLE.with_columns(
        crossed=(pl.col("group") == "nivolumab – myocarditis") & (pl.col("x") == "2016Q3")
    )
    told = describe(FIGURE, {"t": marked})
    assert "nivolumab – myocarditis first in 2016Q3" in told
    assert (
        "Not crossed: ipilimumab – hypophysitis, pembrolizumab – myasthenia gravis and nivolumab – headache"
        in told
    )


def test_the_mark_stands_at_its_quarter_and_reports_under_their_year() -> None:
    own = TABLE.filter(pl.col("group") == "nivolumab – myocarditis")
    svg = draw(FIGURE, {"t": own})
    places = placed(svg)
    for quarter, n in own.filter(pl.col("x").str.ends_with("Q1")).select("x", "n").iter_rows():
        (x, _), *_ = places[quarter[:4]]
        assert any(abs(px - x) < 1 for px, _ in places[f"{n:,}"])
    first, second = places["2016"][0][0], places["2017"][0][0]
    lines = [
        e
        for e in ElementTree.fromstring(svg).iter(f"{SVG}line")
        if e.get("stroke") == colour("ink") and abs(abs(float(e.get("y2", "0"))) - PANEL) < 0.1
    ]
    assert len(lines) == 1
    (crossed,) = re.findall(r"first in (\d{4}Q\d)", describe(FIGURE, {"t": own}))
    wanted = first + (quarter_number(crossed) - quarter_number("2016Q1")) / 4 * (second - first)
    start = quarter_number(own["x"].min())
    zero = first - (quarter_number("2016Q1") - start) / 4 * (second - first)
    shift = re.search(r"translate\(([-\d.]+)", lines[0].get("transform", ""))
    assert shift is not None
    assert float(shift[1]) == pytest.approx(wanted - zero, abs=1)


def test_quarters_are_text_or_numbers_and_nothing_else() -> None:
    numbered = TABLE.with_columns(x=pl.col("x").map_elements(quarter_number, return_dtype=pl.Int64))
    assert draw(FIGURE, {"t": numbered}) == draw(FIGURE, {"t": TABLE})
    assert quarter_name(quarter_number("2020 q4")) == "2020Q4"
    with pytest.raises(ColeyError, match="2017Q2"):
        draw(FIGURE, {"t": TABLE.with_columns(x=pl.lit("spring"))})


def test_the_order_of_rows_does_not_matter() -> None:
    shuffled = TABLE.sample(fraction=1, shuffle=True, seed=3).sort("group", maintain_order=True)
    assert draw(FIGURE, {"t": shuffled}) == draw(FIGURE, {"t": TABLE.sort("group", maintain_order=True)})


def test_pairs_beyond_those_that_fit_are_counted() -> None:
    many = pl.concat(TABLE.head(40).with_columns(group=pl.lit(f"pair {i}")) for i in range(MOST_PANELS + 4))
    assert any("4 further pairs are in the table." in words for words in texts(draw(FIGURE, {"t": many})))


def test_a_single_quarter_is_a_point_with_its_interval() -> None:
    single = TABLE.filter(pl.col("group") == "nivolumab – headache").head(1)
    root = ElementTree.fromstring(draw(FIGURE, {"t": single}))
    assert [
        e
        for e in root.iter(f"{SVG}path")
        if e.get("fill") == colour("grey") and "a" in e.get("d", "").lower()
    ]
    assert [e for e in root.iter(f"{SVG}line") if e.get("opacity") == "0.5"]


def test_an_information_component_is_read_on_its_own_axis() -> None:
    logs = TABLE.with_columns(pl.col("value", "low", "high").log(2))
    svg = draw(Figure("timeline", "t", options={"measure": "information_component"}), {"t": logs})
    assert any(
        "Information component (IC), logarithmic" in words and "dashed: 0." in words for words in texts(svg)
    )
    told = describe(Figure("timeline", "t", options={"measure": "information_component"}), {"t": logs})
    assert re.findall(r"first in \d{4}Q\d", told) == re.findall(
        r"first in \d{4}Q\d", describe(FIGURE, {"t": TABLE})
    )
