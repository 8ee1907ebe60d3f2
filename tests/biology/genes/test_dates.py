"""Dates that were symbols: every way in which spreadsheets and exports write them."""

from __future__ import annotations

import pytest

from coley.biology.genes.dates import dates_of, symbols_of


@pytest.mark.parametrize(
    "text",
    [
        "3-Sep",
        "03-Sep",
        "3-SEP",
        "Sep-03",
        "Sep-3",
        "September 3",
        "3/Sep",
        "3-Sep-17",
        "3 Sep 2017",
        "2017-09-03",
    ],
)
def test_the_third_of_september_however_it_is_written(text: str) -> None:
    assert dates_of(text) == ((9, 3),)
    assert symbols_of(text) == ("SEPT3", "SEP3")


@pytest.mark.parametrize(
    "text", ["SEPT3", "SEPTIN3", "MARCHF1", "OCT4", "DEC1", "1-2", "H2-K1", "2017", "NOV", ""]
)
def test_names_of_genes_are_no_dates(text: str) -> None:
    assert dates_of(text) == ()


def test_a_month_without_such_genes_gives_none() -> None:
    assert dates_of("4-Jul") == ((7, 4),)
    assert symbols_of("4-Jul") == ()
