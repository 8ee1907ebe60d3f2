"""Gene symbols that a spreadsheet took for dates: what the date can have been."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WORD = "(" + "|".join(MONTHS) + r")[A-Z]*\.?"
_SEP = r"[-/ .]"
_YEAR = rf"(?:{_SEP}(?:\d\d|\d{{4}}))?"
_DAY = r"(\d{1,2})"
# "1-Mar", "01-Mar-17", "Mar-01", "March 1", "2017-03-01" (with or without midnight), "3/1/2017"
_DAY_FIRST = re.compile(rf"{_DAY}{_SEP}{_WORD}{_YEAR}", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"{_WORD}{_SEP}{_DAY}{_YEAR}", re.IGNORECASE)
_ISO = re.compile(r"\d{4}-(\d\d)-(\d\d)(?:[ T]00:00(?::00(?:\.0+)?)?)?")
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/\d{2,4}")


def dates_of(text: str) -> tuple[tuple[int, int], ...]:
    """Return the (month, day) that a text can mean, or nothing where it is no date.

    Examples
    --------
    >>> dates_of("1-Mar"), dates_of("2017-09-03"), dates_of("3/9/2017"), dates_of("MARCHF1")
    (((3, 1),), ((9, 3),), ((3, 9), (9, 3)), ())
    """
    if match := _DAY_FIRST.fullmatch(text):
        return ((_month(match[2]), int(match[1])),)
    if match := _MONTH_FIRST.fullmatch(text):
        return ((_month(match[1]), int(match[2])),)
    if match := _ISO.fullmatch(text):
        return ((int(match[1]), int(match[2])),)
    if match := _SLASHES.fullmatch(text):  # nobody says which of the two is the month
        return tuple(sorted({(int(match[1]), int(match[2])), (int(match[2]), int(match[1]))}))
    return ()


def symbols_of(text: str) -> tuple[str, ...]:
    """Return the symbols, as they were called then, that a spreadsheet would show as this date.

    Examples
    --------
    >>> symbols_of("1-Mar")
    ('MARCH1', 'MARC1')
    """
    return tuple(
        f"{prefix}{day}"
        for month, day in dates_of(text)
        for prefix_month, prefix in _prefixes()
        if prefix_month == month
    )


def _month(word: str) -> int:
    return MONTHS.index(word[:3].upper()) + 1


@cache
def _prefixes() -> tuple[tuple[int, str], ...]:
    text = files("coley.biology.genes").joinpath("resources/excel_dates.csv").read_text(encoding="utf-8")
    return tuple((int(row["month"]), row["prefix"]) for row in csv.DictReader(text.splitlines()))
