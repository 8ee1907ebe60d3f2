"""The clean relations of the simulator against the cleaning of the house: two programs, one answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from coley.toy.reports import NO_DIRT, Dirt, ReportDesign, SimulatedReports, simulate_reports
from coley.toy.reports.frames import hashed, pool, stamp
from coley.toy.reports.versions import FULL, MONTH, NONE, YEAR
from coley.vigilance.cleaning import Cleaning, Match, clean
from coley.vigilance.engine import connect
from coley.vigilance.schema import CLEAN
from coley.vigilance.store import from_frames


@pytest.mark.parametrize(
    ("first_quarter", "dirt"),
    [("2013Q1", NO_DIRT), ("2013Q1", Dirt(duplicates=0)), ("2009Q1", Dirt(duplicates=0))],
)
def test_cleaning_the_raw_relations_gives_the_clean_ones(first_quarter: str, dirt: Dirt) -> None:
    toy = simulate_reports(ReportDesign(n_cases=1500, seed=2, dirt=dirt, first_quarter=first_quarter))
    con = connect()
    cleaned, _ = clean(from_frames(toy.raw, con), con, Cleaning(find_duplicates=False), matcher=perfect(toy))
    for name in CLEAN:
        want = toy.clean[name]
        got = getattr(cleaned, name).to_polars().select(want.columns).cast(want.schema)
        assert got.sort(want.columns).equals(want.sort(want.columns)), name


def perfect(toy: SimulatedReports):  # type: ignore[no-untyped-def]
    """Return a matcher that knows every name."""
    ingredient = dict(toy.names.select("name", "ingredient").iter_rows())

    def match(pairs: Sequence[tuple[str | None, str | None]]) -> list[Match]:
        return [Match((ingredient[str(name)],), "exact") for name, _ in pairs]

    return match


def test_dates_have_as_many_digits_as_are_known() -> None:
    day = (np.datetime64("2016-02-29") - np.datetime64("1970-01-01")).astype(int)
    days = np.array([day, day, day, day, day + 1])
    assert stamp(days, np.array([FULL, MONTH, YEAR, NONE, FULL])).tolist() == [
        20160229,
        201602,
        2016,
        -1,
        20160301,
    ]


def test_words_of_codes() -> None:
    assert pool(("a", "b"), np.array([1, -1, 0])).to_list() == ["b", None, "a"]


def test_hashes_are_even_and_depend_on_the_salt() -> None:
    values = np.arange(100_000)
    counts = np.bincount(hashed(values, 1, 10))
    assert np.abs(counts - 10_000).max() < 4 * np.sqrt(9_000)
    assert abs(np.corrcoef(hashed(values, 1, 1000), hashed(values, 2, 1000))[0, 1]) < 0.02
