"""CSV from Coley: no live formula, numbers as numbers, and nothing lost on the way back."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coley.model.csv_out import harmless, write_csv

if TYPE_CHECKING:
    from pathlib import Path

LIVE = tuple("=+-@\t\r\n＝＋－＠")


def cells(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("start", LIVE)
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(start: str, tmp_path: Path) -> None:
    write_csv(pl.DataFrame({f"{start}name": [f"{start}cmd|' /C calc'!A0", "plain"]}), tmp_path / "t.csv")
    header, first, second = cells(tmp_path / "t.csv")
    assert header == [f"'{start}name"]
    assert first == [f"'{start}cmd|' /C calc'!A0"]
    assert second == ["plain"]


def test_numbers_missing_values_and_categories(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "change": [-2.5, None, 0.1 + 0.2],
            "arm": pl.Series(["=a", None, "b"], dtype=pl.Categorical),
            "event": [True, False, None],
        }
    )
    write_csv(frame, tmp_path / "t.csv")
    assert cells(tmp_path / "t.csv") == [
        ["change", "arm", "event"],
        ["-2.5", "'=a", "true"],
        ["", "", "false"],
        ["0.30000000000000004", "b", ""],
    ]


@given(st.lists(st.text(st.characters(blacklist_categories=("Cs",))), min_size=1))
def test_no_text_survives_as_a_formula_and_none_is_lost(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    write_csv(pl.DataFrame({"x": texts, "n": range(len(texts))}), path)
    written = [row[0] for row in cells(path)[1:]]
    assert written == [harmless(text) for text in texts]
    assert not any(cell.startswith(LIVE) for cell in written)
