"""Candidate pairs: who shares a key, each pair once, and never more than was asked for."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from coley.vigilance.cleaning.duplicates.blocks import KEYS, candidates
from coley.vigilance.cleaning.shelf import Shelf

FIELDS = sorted({field for key in KEYS for field in key})


def pairs_of(duck: Any, rows: list[dict[str, Any]], **bounds: int) -> tuple[dict[tuple[int, int], int], Any]:
    """The pairs of records that are given by the fields they know, with their blocks."""
    full = [{"report_id": i} | dict.fromkeys(FIELDS) | row for i, row in enumerate(rows)]
    schema = {"report_id": pl.Int64} | {
        field: pl.String if field in ("number", "sex", "country") else pl.Int64 for field in FIELDS
    }
    records = duck.create_table("records", pl.DataFrame(full, schema=schema).to_arrow(), overwrite=True)
    bounds = {"largest": 100, "most_pairs": 10_000} | bounds
    pairs, blocks = candidates(records, Shelf(duck), **bounds)
    found = duck.to_pyarrow(pairs).to_pylist()
    return {(pair["a"], pair["b"]): pair["blocks"] for pair in found}, blocks


def test_a_pair_that_shares_several_keys_comes_once_with_all_of_them(duck: Any) -> None:
    twin = {"number": "X", "date": 20170101, "rare_drug": 3, "rare_event": 4}
    pairs, _ = pairs_of(duck, [twin, twin, {"number": "Y", "date": 20170101}])
    assert pairs == {(0, 1): 0b111}


def test_what_is_not_known_is_not_shared(duck: Any) -> None:
    pairs, _ = pairs_of(duck, [{"rare_drug": 1}, {"rare_drug": 1}, {"number": None}, {"number": None}])
    assert pairs == {}


@pytest.mark.parametrize("bounds", [{"largest": 9}, {"most_pairs": 44 * len(KEYS)}])
def test_groups_that_are_too_large_are_skipped_and_told(duck: Any, bounds: dict[str, int]) -> None:
    rows = [{"number": "common"}] * 10 + [{"number": "rare"}] * 3
    pairs, blocks = pairs_of(duck, rows, **bounds)
    assert set(pairs) == {(10, 11), (10, 12), (11, 12)}
    assert (blocks[0].pairs, blocks[0].largest) == (3, 3)
    assert (blocks[0].skipped_groups, blocks[0].skipped_reports) == (1, 10)


def test_every_field_is_absent_from_some_key() -> None:
    for field in FIELDS:
        assert any(field not in key for key in KEYS)
