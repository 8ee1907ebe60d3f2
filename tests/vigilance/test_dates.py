"""Dates of any precision, held to Python's own calendar."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Callable
from typing import Any

import ibis
import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from coley.vigilance import dates
from coley.vigilance.engine import connect

EPOCH = datetime.date(1970, 1, 1)
DUCK = connect()


def evaluate(expression: Callable[[Any], Any], values: list[int | None]) -> list[Any]:
    table = ibis.memtable(pa.table({"d": pa.array(values, pa.int32())}))
    return DUCK.to_pyarrow(table.select(x=expression(table.d)))["x"].to_pylist()


def test_full_dates_are_counted_as_python_counts_them() -> None:
    days = [EPOCH + datetime.timedelta(n) for n in range(-135_000, 160_000)]  # 1600 to 2408
    written = [day.year * 10_000 + day.month * 100 + day.day for day in days]
    expected = list(range(-135_000, 160_000))
    for count in (dates.full_day, dates.first_day, dates.last_day):
        assert evaluate(count, written) == expected


def test_partial_dates_span_their_month_or_year() -> None:
    months = [(year, month) for year in (1899, 1900, 2000, 2023, 2024) for month in range(1, 13)]
    written = [year * 100 + month for year, month in months]
    assert evaluate(dates.first_day, written) == [
        (datetime.date(year, month, 1) - EPOCH).days for year, month in months
    ]
    assert evaluate(dates.last_day, written) == [
        (datetime.date(year, month, calendar.monthrange(year, month)[1]) - EPOCH).days
        for year, month in months
    ]
    assert evaluate(dates.first_day, [2017]) == [(datetime.date(2017, 1, 1) - EPOCH).days]
    assert evaluate(dates.last_day, [2017]) == [(datetime.date(2017, 12, 31) - EPOCH).days]
    assert evaluate(dates.full_day, [2017, 201706, None]) == [None] * 3


def test_only_dates_of_the_calendar_are_valid() -> None:
    rng = np.random.default_rng(3)
    near_misses = rng.integers(1990, 2025, 20_000) * 10_000 + rng.integers(0, 14, 20_000) * 100
    numbers = np.concatenate(
        [near_misses + rng.integers(0, 33, 20_000), rng.integers(0, 10**8, 20_000), np.arange(300_000)]
    )
    written = [int(number) for number in numbers]
    assert evaluate(dates.valid, written) == [is_date(str(number)) for number in written]


def is_date(text: str) -> bool:
    if len(text) not in (4, 6, 8):
        return False
    try:
        datetime.date(int(text[:4]), int(text[4:6] or 1), int(text[6:8] or 1))
    except ValueError:
        return False
    return True


def test_precision_and_quarter() -> None:
    written = [20170630, 201706, 2017, 20171331, 201700, 17, None]
    assert evaluate(dates.precision, written) == ["day", "month", "year", None, None, None, None]
    assert evaluate(dates.is_full, written) == [True] + [False] * 6
    assert evaluate(dates.quarter_index, [20170331, 20170401, 201712, 2017]) == [8068, 8069, 8071, None]
    assert evaluate(dates.year_of, [20170331, 201712, 2017, 20171301]) == [2017, 2017, 2017, None]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (20170630, 20170701, (1, 1)),
        (20170630, 201707, (1, 31)),
        (201706, 201706, (-29, 29)),
        (2016, 2017, (1, 730)),
        (20170630, None, (None, None)),
    ],
)
def test_differences_hold_every_day_that_the_dates_allow(
    start: int, end: int | None, expected: tuple[int | None, int | None]
) -> None:
    frame = pl.DataFrame({"a": [start], "b": [end]}, schema={"a": pl.Int32, "b": pl.Int32})
    table = ibis.memtable(frame.to_arrow())
    span = dates.difference(table.a, table.b)
    row = DUCK.to_pyarrow(table.select(low=span.low, high=span.high)).to_pylist()[0]
    assert (row["low"], row["high"]) == expected


def test_sorts_by_time_whatever_the_precision() -> None:
    assert evaluate(dates.padded, [2017, 201701, 20170101]) == [20170000, 20170100, 20170101]
