"""The facts of the formats: which header gives which column, which words and units mean what."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files
from io import StringIO

from coley.vigilance.schema import RAW, Column


@dataclass(frozen=True, slots=True)
class Wanted:
    """A column of a relation, the headers that may hold it, and its unit if it has one.

    Headers stand in order of preference: where several are present, the first that is filled counts.
    """

    column: Column
    headers: tuple[str, ...]
    unit_headers: tuple[str, ...]
    quantity: str
    unit: str


@dataclass(frozen=True, slots=True)
class TableMark:
    """A table of a format: its relation, its name in the format, and sets of headers one of which tells it."""

    relation: str
    file: str
    marks: tuple[frozenset[str], ...]


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table of facts."""
    text = files("coley.vigilance.reading").joinpath("resources", name).read_text(encoding="utf-8")
    return list(csv.DictReader(StringIO(text)))


@cache
def wanted(fmt: str, relation: str) -> tuple[Wanted, ...]:
    """Return the columns of a relation that a format can give, the key first.

    Examples
    --------
    >>> [column.headers for column in wanted("faers", "outcomes")]
    [('primaryid', 'isr'), ('outc_cod', 'outc_code')]
    """
    columns = {column.name: column for column in RAW[relation].columns}
    return tuple(
        Wanted(
            columns[row["column"]],
            tuple(row["headers"].split()),
            tuple(row["unit_headers"].split()),
            row["quantity"],
            row["unit"],
        )
        for row in rows("columns.csv")
        if row["format"] == fmt and row["relation"] == relation
    )


@cache
def tables(fmt: str) -> tuple[TableMark, ...]:
    """Return the tables of a format."""
    return tuple(
        TableMark(
            row["relation"], row["file"], tuple(frozenset(mark.split()) for mark in row["marks"].split("|"))
        )
        for row in rows("tables.csv")
        if row["format"] == fmt
    )


@cache
def factors(quantity: str) -> dict[str, float]:
    """Return by what a number in each unit is multiplied: age to years, weight to kg, duration to days.

    Examples
    --------
    >>> factors("age")["DEC"], round(factors("age")["MON"] * 12, 12)
    (10.0, 1.0)
    """
    return {
        row["unit"]: float(_product(row["factor"]))
        for row in rows("units.csv")
        if row["quantity"] == quantity
    }


@cache
def codes(fmt: str, relation: str, column: str) -> dict[str, str | None]:
    """Return the known words of a coded column and what they mean; None for a word that says it is not known."""
    return {
        row["word"]: row["value"] or None
        for row in rows("codes.csv")
        if (row["format"], row["relation"], row["column"]) == (fmt, relation, column)
    }


@cache
def countries() -> dict[str, str | None]:
    """Return the ISO 3166 alpha-2 code of each country's names, upper case; None for a name that tells none.

    Examples
    --------
    >>> countries()["GERMANY, FEDERAL REPUBLIC OF"], countries()["COUNTRY NOT SPECIFIED"]
    ('DE', None)
    """
    return {row["name"]: row["code"] or None for row in rows("countries.csv")}


def _product(text: str) -> Fraction:
    above, _, below = text.partition("/")
    return Fraction(above) / Fraction(below or "1")
