"""From a cell to its reports: every count leads to its list, and what a list leaves out is said."""

from __future__ import annotations

import re

import polars as pl
import pytest
from tests.report import signals
from tests.report.test_page import Page

from coley.model.answer import Figure
from coley.model.errors import ColeyError
from coley.report import render_page
from coley.report.drill import FEW, MOST_CELLS, drill

ANSWER = signals.signals_answer()
FIGURE = ANSWER.figures[0]


@pytest.fixture(scope="module")
def html() -> str:
    return render_page([ANSWER], title="reports", about={}, provenance={"version": "0"})


def test_every_count_is_that_of_the_table() -> None:
    found = drill(FIGURE, ANSWER.tables)
    assert found is not None
    counts = {(row, cell.column): cell.count for row, cells in found.rows for cell in cells}
    for cell in ANSWER.tables["signals"].iter_rows(named=True):
        wanted = "–" if cell["n"] is None else f"{cell['n']:,}"
        assert counts[cell["row"], cell["column"]] == wanted


def test_lists_are_short_and_say_what_they_leave_out() -> None:
    found = drill(FIGURE, ANSWER.tables)
    assert found is not None
    held = ANSWER.tables["cell_reports"]
    for row, cells in found.rows:
        for cell in cells:
            own = held.filter(pl.col("row") == row, pl.col("column") == cell.column)
            assert len(cell.rows) == min(FEW, own.height)
            if own.height > FEW:
                whole = f"{own.height:,}" == cell.count
                rest = "all are" if whole else f"{own.height} of them are"
                assert cell.more == f"{FEW} of {cell.count} reports; {rest} in the CSV."
            if own.height:
                assert cell.rows[0][0] == str(own["case_id"][0])  # a key, without thousands set off


def test_a_list_that_is_shown_whole_says_that_there_are_more_reports_than_it_holds() -> None:
    held = signals.listed(ANSWER.tables["signals"], most=3)
    found = drill(FIGURE, {**ANSWER.tables, "cell_reports": held})
    assert found is not None
    cell = found.rows[0][1][0]
    assert cell.more == f"3 of {cell.count} reports; 3 of them are in the CSV."


def test_dates_are_read_as_dates() -> None:
    found = drill(FIGURE, ANSWER.tables)
    assert found is not None
    dates = {row[1] for _, cells in found.rows for cell in cells for row in cell.rows}
    assert dates == {"2017-06-30", "2019-11", "2020"}


def test_every_link_has_its_target_and_every_target_a_way_back(html: str) -> None:
    page = Page(html)
    ids = {attributes.get("id") for _, attributes in page.elements}
    links = [str(a.get("href")) for a in page.all("a") if "-cell" in str(a.get("href"))]
    assert links
    assert all(link.removeprefix("#") in ids for link in links)
    assert sum(link.endswith("-cells") for link in links) == sum("-cell-" in link for link in links)


def test_the_reports_are_not_printed_a_second_time_among_the_tables(html: str) -> None:
    assert "From each cell to its reports" in html
    assert not re.search(r"<summary>Cell reports <span", html)
    assert 'download="cell_reports.csv"' in html


def test_a_figure_without_a_table_of_reports_has_no_lists() -> None:
    assert drill(Figure("heat_map", "signals"), ANSWER.tables) is None
    assert drill(ANSWER.figures[1], ANSWER.tables) is None


def test_a_table_of_reports_without_its_keys_is_refused() -> None:
    tables = {**ANSWER.tables, "cell_reports": ANSWER.tables["cell_reports"].rename({"column": "regimen"})}
    with pytest.raises(ColeyError, match="lacks the columns column"):
        drill(FIGURE, tables)


def test_of_many_cells_the_signals_have_their_lists_first() -> None:
    table = pl.DataFrame(
        {"row": f"r{i}", "column": f"c{j}", "value": 2.0, "low": 1.5 if i > 20 else 0.5, "high": 3.0, "n": 9}
        for i in range(30)
        for j in range(10)
    )
    reports = table.select("row", "column", note=pl.lit("x"))
    found = drill(
        Figure("heat_map", "t", options={"reports_table": "reports"}), {"t": table, "reports": reports}
    )
    assert found is not None
    listed = [(row, cell.signal) for row, cells in found.rows for cell in cells if cell.rows]
    assert len(listed) == MOST_CELLS
    assert sum(signal for _, signal in listed) == 90


def test_names_that_are_missing_have_no_list_and_break_nothing() -> None:
    reports = pl.DataFrame(
        {"row": [None, "Hepatitis"], "column": ["nivolumab", "nivolumab"], "note": ["a", "b"]}
    )
    found = drill(FIGURE, {**ANSWER.tables, "cell_reports": reports})
    assert found is not None
    assert [cell.rows for _, cells in found.rows for cell in cells if cell.rows] == [(("b",),)]
