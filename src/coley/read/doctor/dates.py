"""Dates: in the future, before anybody was born, defaults of programs, and two orders of day and month."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from coley.model.question import Need
from coley.read.doctor.examination import Findings, examination
from coley.read.doctor.rows import data_columns, found, place, table
from coley.read.doctor.thresholds import limit

if TYPE_CHECKING:
    import polars as pl

    from coley.model.study import Study

PATIENTS = (Need("patients"),)
NUMERIC_DATE = r"^\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\s*$"
DEFAULTS = {  # the dates that programs write for nothing
    datetime.date(1899, 12, 30),
    datetime.date(1899, 12, 31),
    datetime.date(1900, 1, 1),
    datetime.date(1904, 1, 1),
    datetime.date(1970, 1, 1),
}


def _dates(column: pl.Series) -> pl.Series | None:
    """Return a column as dates, or None where it holds none."""
    import polars as pl

    if column.dtype == pl.Date:
        return column
    if isinstance(column.dtype, pl.Datetime):
        return column.dt.date()
    if column.dtype != pl.String:
        return None
    filled = column.drop_nulls().head(int(limit("date.sample")))
    looks = filled.str.contains(r"^\s*\d{4}-\d{2}-\d{2}([ T].*)?\s*$")
    if not len(filled) or float(looks.sum()) / len(filled) < limit("date.share"):
        return None
    return column.str.strip_chars().str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)


@examination(
    "impossible_date",
    title="Dates",
    looks_for="dates in the future, before 1900, or standing for nothing (1900-01-01, 1970-01-01)",
    needs=PATIENTS,
)
def impossible_date(study: Study) -> Findings:
    """Hold each date against today and against the defaults of programs."""
    checks: Findings = []
    today = datetime.datetime.now(tz=datetime.UTC).date()
    for name in study.tables:
        frame = table(study, name)
        for column in data_columns(frame) if name != "expression" else ():
            dates = _dates(frame[column])
            if dates is None:
                continue
            wrong = (dates > today) | (dates < datetime.date(1900, 1, 1)) | dates.is_in(list(DEFAULTS))
            bad = frame.filter(wrong)
            if bad.height:
                checks.append(
                    found(
                        "impossible_date",
                        "fail",
                        f"{name}.{column} holds {bad.height} impossible dates (in the future, before "
                        "1900, or the day on which a program's calendar begins).",
                        cause="A century that was guessed, an empty cell, or a serial number.",
                        remedy="Correct these dates or set them missing.",
                        where=place(bad, column),
                    )
                )
    return checks


@examination(
    "date_order",
    title="Order of day and month",
    looks_for="one column with day/month/year and month/day/year",
    needs=PATIENTS,
)
def date_order(study: Study) -> Findings:
    """Find columns in which both the first and the second number exceed twelve."""
    import polars as pl

    checks: Findings = []
    for name in study.tables:
        frame = table(study, name)
        for column in data_columns(frame) if name != "expression" else ():
            if frame.schema[column] != pl.String:
                continue
            parts = frame.select(
                *(pl.col(column).str.extract(NUMERIC_DATE, k).cast(pl.Int32).alias(str(k)) for k in (1, 2))
            )
            day_first, month_first = parts["1"] > 12, parts["2"] > 12
            rows = int(day_first.sum() or 0), int(month_first.sum() or 0)
            if min(rows):
                fewer = day_first if rows[0] <= rows[1] else month_first
                checks.append(
                    found(
                        "date_order",
                        "fail",
                        f"{name}.{column} mixes two orders: {rows[0]} dates must be day/month/year, "
                        f"{rows[1]} month/day/year; the others cannot be told.",
                        cause="Files from two countries were put together.",
                        remedy="Write dates as year-month-day.",
                        where=place(frame.filter(fewer), column),
                    )
                )
    return checks
