"""Quantiles and doses: against exact coverage, and the published times to onset of DiAna's sample."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.stats.onset.empirical import dose_number, onset_by_dose, onset_quantiles


@pytest.mark.parametrize("n", [3, 6, 10, 41, 200])
def test_limits_cover_at_least_the_level_and_no_shorter_ones_would(n):
    from scipy.stats import binom

    shares = np.array([0.1, 0.25, 0.5, 0.75])
    found = onset_quantiles(np.arange(n) * 10, shares)  # the value of a limit tells its rank
    low, high = found.low / 10 + 1, found.high / 10 + 1
    for share, r, s in zip(shares, low, high, strict=True):
        below = binom.cdf(np.arange(n + 1) - 1, n, share)  # entry r: fewer than r lie below the quantile
        r_or_none, s_or_none = (0 if np.isnan(r) else int(r)), (n + 1 if np.isnan(s) else int(s))
        assert below[r_or_none] <= 0.025
        assert r_or_none == n or below[r_or_none + 1] > 0.025
        if s_or_none <= n:
            assert 1 - below[s_or_none] <= 0.025 + 1e-12
        assert 1 - below[s_or_none - 1] > 0.025


def test_values_are_those_of_numpy():
    days = np.random.default_rng(1).integers(0, 300, 57)
    np.testing.assert_allclose(onset_quantiles(days).value, np.quantile(days, [0.25, 0.5, 0.75]))


@given(st.lists(st.integers(0, 500), min_size=1, max_size=60))
def test_limits_are_times_of_reports(days):
    found = onset_quantiles(days)
    for ends in (found.low, found.high):
        assert set(ends[~np.isnan(ends)]) <= set(days)
    assert not (found.low > found.value).any()
    assert not (found.high < found.value).any()


def test_doses():
    np.testing.assert_array_equal(dose_number([0, 13, 14, 27, 28], 14), [1, 1, 2, 2, 3])
    found = onset_by_dose([0, 1, 45, 46], 21)
    np.testing.assert_array_equal(found.dose, [1, 2, 3])
    np.testing.assert_array_equal(found.reports, [2, 0, 2])
    assert found.share.low[1] == 0
    with pytest.raises(InvalidSetting, match="days apart"):
        dose_number([3], 0)
    with pytest.raises(UnreadableInput, match="whole days"):
        dose_number([-3], 21)
    with pytest.raises(InvalidSetting, match="shares"):
        onset_quantiles([1, 2], [0.0])


@pytest.mark.real
@pytest.mark.parametrize(
    ("drug", "events", "share", "expected"),
    [
        ("skin care", ["acne"], 0.5, "13"),
        ("skin care", ["erythema", "skin irritation", "dry skin"], 0.25, "8"),
        ("adapalene", ["erythema", "skin irritation", "dry skin"], 0.5, "15"),
        ("adapalene", ["acne"], 0.5, "13"),
    ],
)
def test_published_times_of_diana(shared, drug, events, share, expected):
    """DiAna counts the day of the start as day 1, and takes each report once."""
    folder = shared / "diana_faers_sample"
    stated = pl.read_csv(folder / "expected_values.csv")
    stated = stated.filter(pl.col("check") == "time to onset", pl.col("input").str.contains(drug))
    assert any(expected in row.split(" ; ") for row in stated["expected"])

    drugs = pl.read_csv(folder / "sample_Drug.csv").filter(pl.col("substance") == drug)
    reports = pl.read_csv(folder / "sample_Reac.csv").filter(pl.col("pt").is_in(events))
    times = (
        pl.read_csv(folder / "sample_Ther.csv")
        .join(drugs, on=["primaryid", "drug_seq"], how="semi")
        .join(reports, on="primaryid", how="semi")
        .filter(pl.col("time_to_onset") >= 1)
        .select("primaryid", "time_to_onset")
        .unique()
    )
    found = onset_quantiles(times["time_to_onset"] - 1, [share])
    assert found.value[0] + 1 == float(expected)
