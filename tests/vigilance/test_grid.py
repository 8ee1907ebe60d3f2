"""The grid: each comparator counted by hand over the same reports."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from coley.model.errors import MissingData
from coley.vigilance.counting import Counts
from coley.vigilance.grid import grid, strata_grid

# 10 reports: 1-3 nivolumab, 3-4 ipilimumab, 5-6 another drug; colitis in 1, 4, 5, 10.
COUNTS = Counts(
    both=pl.DataFrame(
        {
            "exposure": ["nivolumab", "ipilimumab", "ici", "other"],
            "event": ["colitis"] * 4,
            "n": [1, 1, 2, 1],
        }
    ),
    exposed=pl.DataFrame({"exposure": ["nivolumab", "ipilimumab", "ici", "other"], "n": [3, 2, 4, 2]}),
    event=pl.DataFrame({"event": ["colitis", "rash"], "n": [4, 2]}),
    total=pl.DataFrame({"n": [10]}),
)


def cells(family: str | None) -> dict[tuple[str, str], tuple[float, ...]]:
    made = grid(COUNTS, ["nivolumab", "ipilimumab"], ["colitis", "rash"], family=family)
    counts = made.counts
    return {
        pair: tuple(x[k] for x in (counts.both, counts.exposed, counts.event, counts.total))
        for k, pair in enumerate(made.pairs)
    }


def test_against_every_other_report() -> None:
    assert cells(None) == {
        ("nivolumab", "colitis"): (1, 3, 4, 10),
        ("nivolumab", "rash"): (0, 3, 2, 10),
        ("ipilimumab", "colitis"): (1, 2, 4, 10),
        ("ipilimumab", "rash"): (0, 2, 2, 10),
    }


def test_against_reports_outside_the_family() -> None:
    # Outside: reports 5 to 10, of which 5 and 10 tell of colitis.
    assert cells("ici")[("nivolumab", "colitis")] == (1, 3, 3, 9)
    assert cells("ici")[("ipilimumab", "colitis")] == (1, 2, 3, 8)


def test_the_family_itself_is_compared_with_all_outside_it() -> None:
    made = grid(COUNTS, ["nivolumab", "ici"], ["colitis"], family="ici").counts
    np.testing.assert_array_equal(
        [made.both, made.exposed, made.event, made.total], [[1, 2], [3, 4], [3, 4], [9, 10]]
    )


def test_a_pair_is_found_by_its_names() -> None:
    made = grid(COUNTS, ["nivolumab", "ipilimumab"], ["colitis", "rash"])
    assert made.counts.both[made.at("ipilimumab", "colitis")] == 1
    assert made.pairs[made.at("ipilimumab", "rash")] == ("ipilimumab", "rash")


def test_without_a_report_outside_there_is_no_comparison() -> None:
    everybody = Counts(
        COUNTS.both,
        pl.DataFrame({"exposure": ["nivolumab", "ici"], "n": [3, 10]}),
        COUNTS.event,
        COUNTS.total,
    )
    with pytest.raises(MissingData, match="Every report names ici"):
        grid(everybody, ["nivolumab"], ["colitis"], family="ici")


def test_strata_are_counted_apart_and_missing_is_one_of_them() -> None:
    counts = Counts(
        both=pl.DataFrame({"exposure": ["a", "a"], "event": ["x", "x"], "sex": ["F", None], "n": [2, 1]}),
        exposed=pl.DataFrame({"exposure": ["a", "a", "a"], "sex": ["F", "M", None], "n": [3, 2, 1]}),
        event=pl.DataFrame({"event": ["x", "x"], "sex": ["F", None], "n": [5, 1]}),
        total=pl.DataFrame({"sex": ["F", "M", None], "n": [20, 30, 4]}),
        by=("sex",),
    )
    made = strata_grid(counts, ["a"], ["x"])
    assert made.strata == (("F",), ("M",), (None,))
    np.testing.assert_array_equal(made.counts.both[:, 0], [2, 0, 1])
    np.testing.assert_array_equal(made.counts.exposed[:, 0], [3, 2, 1])
    np.testing.assert_array_equal(made.counts.event[:, 0], [5, 0, 1])
    np.testing.assert_array_equal(made.counts.total[:, 0], [20, 30, 4])
