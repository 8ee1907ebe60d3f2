"""Candidate pairs: who shares a key, each pair once, and never more than was asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from coley.vigilance.cleaning.duplicates.blocks import KEYS, candidates
from coley.vigilance.cleaning.shelf import Shelf

FIELDS = sorted({field for key in KEYS for field in key})
NUMBERS = ("date", "age", "rare_drug", "rare_event", "drugs")


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
    shared = sum(2**place for place, key in enumerate(KEYS) if set(key) <= set(twin))
    assert shared.bit_count() > 2
    assert pairs == {(0, 1): shared}


def test_what_is_not_known_is_not_shared(duck: Any) -> None:
    pairs, _ = pairs_of(duck, [{"rare_drug": 1}, {"rare_drug": 1}, {"number": None}, {"number": None}])
    assert pairs == {}


@pytest.mark.parametrize("bounds", [{"largest": 9}, {"most_pairs": 2 * 47}])
def test_groups_that_are_too_large_are_skipped_and_told(duck: Any, bounds: dict[str, int]) -> None:
    rows = [{"number": "common"}] * 10 + [{"number": "rare"}] * 3
    pairs, blocks = pairs_of(duck, rows, **bounds)
    assert set(pairs) == {(10, 11), (10, 12), (11, 12)}
    assert (blocks[0].pairs, blocks[0].largest) == (3, 3)
    assert (blocks[0].skipped_groups, blocks[0].skipped_reports) == (1, 10)


def test_what_is_allowed_is_left_to_the_keys_that_few_share(duck: Any) -> None:
    """Half of what is left for each key, and of its groups the small ones first."""
    rows = [{"number": f"{i // 2}", "date": 20170101 + i // 8, "rare_drug": 1} for i in range(64)]
    pairs, blocks = pairs_of(duck, rows, most_pairs=64)
    found = {block.key: block for block in blocks}
    assert found["number",].pairs == 32
    assert found["date", "rare_drug"].pairs == 0  # 8 groups of 28 pairs, and 16 are allowed
    assert found["date", "rare_drug"].skipped_reports == 64
    assert set(pairs) == {(i, i + 1) for i in range(0, 64, 2)}


@pytest.mark.parametrize("most", [0, 10, 100, 1000])
def test_pairs_never_exceed_what_is_allowed(duck: Any, most: int) -> None:
    rng = np.random.default_rng(3)
    rows = [
        {field: int(value) for field, value in zip(NUMBERS, rng.integers(0, 20, 5), strict=True)}
        for _ in range(200)
    ]
    pairs, blocks = pairs_of(duck, rows, most_pairs=most)
    assert len(pairs) <= sum(block.pairs for block in blocks) <= most


def test_every_field_is_absent_from_some_key() -> None:
    for field in FIELDS:
        assert any(field not in key for key in KEYS)
