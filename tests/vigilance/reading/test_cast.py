import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.vigilance.reading.cast import parse_dates

WRITTEN = ("%Y%m%d", "%Y-%m-%d", "%d-%b-%Y", "%m/%d/%Y", "%Y-%m-%dT%H:%M:%S")


@given(st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31)), st.sampled_from(WRITTEN))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_a_day_is_the_same_however_it_is_written(day, written):
    expected = day.year * 10_000 + day.month * 100 + day.day
    texts = pl.Series(
        [dt.datetime(day.year, day.month, day.day).strftime(written), None, day.strftime("%b-%Y").upper()]
    )
    assert parse_dates(texts).to_list() == [expected, None, expected // 100]


@pytest.mark.parametrize(
    "wrong", ["2021-02-29", "13/13/2021", "31-JUN-2021", "99-XXX-2021", "1850", "soon", "2021-4-2-1"]
)
def test_what_is_no_day_is_null(wrong):
    assert parse_dates(pl.Series([wrong])).to_list() == [None]
