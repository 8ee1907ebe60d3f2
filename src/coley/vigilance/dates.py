"""Dates of any precision, 2017, 201706 or 20170630, as whole numbers: expressions of plain arithmetic.

Every engine must give the same answer, so that no engine's own calendar is used. Days are counted from
1 January 1970, which is day 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import ibis.expr.types as ir

# Days from 1 March of year 0 to 1 January 1970 in the Gregorian calendar.
_MARCH_OF_YEAR_0 = 719_468


class Span(NamedTuple):
    """The least and the most whole days that two dates allow; equal where both are full."""

    low: ir.IntegerValue
    high: ir.IntegerValue


def precision(date: ir.IntegerValue) -> ir.StringValue:
    """Return "day", "month" or "year"; null for what is no date.

    Parameters
    ----------
    date
        Whole numbers of 8, 6 or 4 digits.

    Examples
    --------
    >>> import ibis
    >>> [ibis.duckdb.connect().execute(precision(ibis.literal(d))) for d in (20170630, 201706, 2017)]
    ['day', 'month', 'year']
    """
    import ibis

    _, month, day = _parts(date)
    named = ibis.cases((day != 0, "day"), (month != 0, "month"), else_="year")
    return _where(valid(date), named)


def valid(date: ir.IntegerValue) -> ir.BooleanValue:
    """Say whether a whole number is a date of the calendar, of whatever precision; null stays null.

    Examples
    --------
    >>> import ibis
    >>> [bool(ibis.duckdb.connect().execute(valid(ibis.literal(d)))) for d in (20240229, 20230229, 20171)]
    [True, False, False]
    """
    year, month, day = _parts(date)
    digits = date.between(1000, 9999) | date.between(100_000, 999_999) | date.between(10_000_000, 99_999_999)
    known_month = (date < 100_000) | month.between(1, 12)
    known_day = (date < 10_000_000) | day.between(1, _days_in_month(year, month))
    return digits & known_month & known_day


def is_full(date: ir.IntegerValue) -> ir.BooleanValue:
    """Say whether a date is known to the day; false where it is missing, partial or no date.

    Examples
    --------
    >>> import ibis
    >>> bool(ibis.duckdb.connect().execute(is_full(ibis.literal(201706))))
    False
    """
    return ((date >= 10_000_000) & valid(date)).fill_null(False)


def first_day(date: ir.IntegerValue) -> ir.IntegerValue:
    """Return the first day that a date allows, in days since 1 January 1970; null for what is no date.

    Examples
    --------
    >>> import ibis
    >>> int(ibis.duckdb.connect().execute(first_day(ibis.literal(1971))))
    365
    """
    year, month, day = _parts(date)
    return _where(valid(date), _day_number(year, _at_least_1(month), _at_least_1(day)))


def last_day(date: ir.IntegerValue) -> ir.IntegerValue:
    """Return the last day that a date allows, in days since 1 January 1970; null for what is no date.

    Examples
    --------
    >>> import ibis
    >>> int(ibis.duckdb.connect().execute(last_day(ibis.literal(197002))))
    58
    """
    import ibis

    year, month, day = _parts(date)
    last_month = ibis.ifelse(month == 0, 12, month)
    last = ibis.ifelse(day == 0, _days_in_month(year, last_month), day)
    return _where(valid(date), _day_number(year, last_month, last))


def full_day(date: ir.IntegerValue) -> ir.IntegerValue:
    """Return the day of a full date, in days since 1 January 1970; null for every other.

    Examples
    --------
    >>> import ibis
    >>> int(ibis.duckdb.connect().execute(full_day(ibis.literal(19700102))))
    1
    """
    return _where(is_full(date), _day_number(*_parts(date)))


def difference(start: ir.IntegerValue, end: ir.IntegerValue) -> Span:
    """Return the least and the most days from one date to another; null where either is no date.

    Examples
    --------
    >>> import ibis
    >>> span = difference(ibis.literal(20170630), ibis.literal(201707))
    >>> [int(ibis.duckdb.connect().execute(days)) for days in span]
    [1, 31]
    """
    return Span(first_day(end) - last_day(start), last_day(end) - first_day(start))


def quarter_index(date: ir.IntegerValue) -> ir.IntegerValue:
    """Return 4 * year + (quarter - 1); null where the month is not known.

    Examples
    --------
    >>> import ibis
    >>> int(ibis.duckdb.connect().execute(quarter_index(ibis.literal(201706)))) == 4 * 2017 + 1
    True
    """
    year, month, _ = _parts(date)
    return _where(valid(date) & (month > 0), 4 * year + (month - 1) // 3)


def year_of(date: ir.IntegerValue) -> ir.IntegerValue:
    """Return the year of a date of any precision; null for what is no date.

    Examples
    --------
    >>> import ibis
    >>> int(ibis.duckdb.connect().execute(year_of(ibis.literal(201706))))
    2017
    """
    return _where(valid(date), _parts(date)[0])


def padded(date: ir.IntegerValue) -> ir.IntegerValue:
    """Return a date with eight digits, those unknown being 0, so that dates of any precision sort by time.

    Examples
    --------
    >>> import ibis
    >>> int(ibis.duckdb.connect().execute(padded(ibis.literal(201706))))
    20170600
    """
    import ibis

    wide = date.cast("int64")
    return ibis.cases((wide >= 10_000_000, wide), (wide >= 100_000, wide * 100), else_=wide * 10_000)


def _parts(date: ir.IntegerValue) -> tuple[Any, Any, Any]:
    """Year, month and day of a date; a part that is not known is 0."""
    eight = padded(date)
    return eight // 10_000, eight // 100 % 100, eight % 100


def _day_number(year: Any, month: Any, day: Any) -> Any:
    """Count days from years that begin on 1 March, so that a leap day is the last day of its year."""
    early = (month <= 2).cast("int64")  # January and February belong to the year before
    from_march = month - 3 + 12 * early
    y = year - early
    leap_days = y // 4 - y // 100 + y // 400
    # Months from March have 31, 30, 31, 30, 31 days, and again: 153 days in five.
    return 365 * y + leap_days + (153 * from_march + 2) // 5 + day - 1 - _MARCH_OF_YEAR_0


def _days_in_month(year: Any, month: Any) -> Any:
    import ibis

    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    return ibis.cases((month == 2, 28 + leap.cast("int64")), (month.isin([4, 6, 9, 11]), 30), else_=31)


def _at_least_1(part: Any) -> Any:
    import ibis

    return ibis.ifelse(part == 0, 1, part)


def _where(condition: Any, value: Any) -> Any:
    import ibis

    return ibis.ifelse(condition, value, ibis.null(value.type()))
