"""Frames of text to relations of the schema: numbers, dates in the usual ways of writing, units and codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.vigilance.reading import facts, kernels
from coley.vigilance.reading.columns import schema_of
from coley.vigilance.reading.rows import LINE

if TYPE_CHECKING:
    import polars as pl
    import pyarrow as pa

    from coley.vigilance.reading.facts import Wanted
    from coley.vigilance.reading.log import Counter

_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTHS = {name: f"{number:02d}" for number, name in enumerate(_NAMES, 1)}
_WORDS = {"date": "no date", "whole": "no whole number", "number": "no number"}


def headers_of(fmt: str, relation: str) -> set[str]:
    """Return the headers that may give a relation."""
    return {header for want in facts.wanted(fmt, relation) for header in (*want.headers, *want.unit_headers)}


def assemble(frame: pl.DataFrame, fmt: str, relation: str, altered: Counter) -> pa.Table:
    """Return the relation that the columns of a frame give; rows without a key are left out.

    Parameters
    ----------
    frame
        Text columns under the headers of the format, with `line_number` where lines are to be named.
    altered
        Told what could not be read.
    """
    import polars as pl

    schema = schema_of(relation)
    lines = frame[LINE] if LINE in frame.columns else None
    columns = {}
    for want in facts.wanted(fmt, relation):
        present = [header for header in want.headers if header in frame.columns]
        if present:
            cells = [pl.col(header).cast(pl.String) for header in present]
            if want.column.name == "country":
                cells = [_countries(cell) for cell in cells]
            text = frame.select(pl.coalesce(cells)).to_series()
            columns[want.column.name] = _cast(text, frame, want, fmt, relation, lines, altered)
    types = {
        "int64": pl.Int64,
        "int32": pl.Int32,
        "double": pl.Float64,
        "bool": pl.Boolean,
        "string": pl.String,
    }
    whole = pl.DataFrame(
        {
            field.name: columns.get(
                field.name, pl.Series([None] * frame.height, dtype=types[str(field.type)])
            )
            for field in schema
        },
        schema={field.name: types[str(field.type)] for field in schema},
    )
    kept = whole.filter(pl.col(schema.names[0]).is_not_null())
    if relation in ("reactions", "outcomes", "sources"):  # a row that says nothing is no row
        kept = kept.drop_nulls()
    return kept.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(schema)


def _cast(
    text: pl.Series,
    frame: pl.DataFrame,
    want: Wanted,
    fmt: str,
    relation: str,
    lines: pl.Series | None,
    altered: Counter,
) -> pl.Series:
    import polars as pl

    column = want.column
    known = facts.codes(fmt, relation, column.name)

    def count(reason: str, rows: pl.Series, *, shown: pl.Series = text) -> None:
        if rows.any():
            first = [] if lines is None else lines.filter(rows).head(10).to_list()
            example = shown.filter(rows)[0] or ""
            altered.add(f"{column.name}: {reason}", first, count=int(rows.sum()), example=example)

    if known:
        upper = text.str.to_uppercase()
        count("unknown code, null", ~upper.is_in(list(known)) & text.is_not_null())
        meaning = upper.replace_strict(known, default=None, return_dtype=pl.String)
        return meaning == "true" if column.kind == "flag" else meaning
    if column.kind == "text":
        return text
    plain = text.str.strip_suffix(".0")  # whole numbers that another program took for decimal ones
    if column.kind == "date":
        values = parse_dates(plain)
    elif column.kind == "whole":
        values = plain.str.replace_all(",", "").cast(pl.Int64, strict=False)
    else:
        values = plain.cast(pl.Float64, strict=False)
        values = values.set(~values.is_finite().fill_null(value=True), None)
    count(f"{_WORDS[column.kind]}, null", values.is_null() & text.is_not_null())
    if want.quantity:
        by_unit = facts.factors(want.quantity)
        if want.unit:
            return values * by_unit[want.unit]
        unit = frame[want.unit_headers[0]].str.to_uppercase()
        count("no unit, null", values.is_not_null() & unit.is_null())
        count(
            "unknown unit, null",
            values.is_not_null() & unit.is_not_null() & ~unit.is_in(list(by_unit)),
            shown=unit,
        )
        return values * unit.replace_strict(by_unit, default=None, return_dtype=pl.Float64)
    return values


def parse_dates(text: pl.Series) -> pl.Series:
    """Return dates as whole numbers of as many digits as are known, null where it is no day of the calendar.

    Read are 20170630, 201706, 2017, 2017-06-30, 2017-06, 30-JUN-2017, JUN-2017 and, as the authorities of the
    United States write, 6/30/2017 with the month first.

    Examples
    --------
    >>> import polars as pl
    >>> parse_dates(pl.Series(["02-APR-2021", "APR-2021", "4/2/2021", "2021-04", "2021", "31-APR-2021"])).to_list()
    [20210402, 202104, 20210402, 202104, 2021, None]
    """
    import polars as pl

    def joined(pattern: str, *, month: int, day: int = 0, year: int) -> pl.Expr:
        groups = pl.col("t").str.extract_groups(pattern)
        named = groups.struct.field(str(month))
        number = named.str.to_uppercase().replace(_MONTHS).str.zfill(2)
        parts = [groups.struct.field(str(year)), number]
        if day:
            parts.append(groups.struct.field(str(day)).str.zfill(2))
        return pl.concat_str(parts)

    ways = pl.coalesce(
        pl.col("t").str.extract(r"^(\d{4}|\d{6}|\d{8})$"),
        joined(r"^(\d{1,2})[- ]([A-Za-z]{3})[- ](\d{4})$", day=1, month=2, year=3),
        joined(r"^([A-Za-z]{3})[- ](\d{4})$", month=1, year=2),
        joined(r"^(\d{1,2})/(\d{1,2})/(\d{4})$", month=1, day=2, year=3),
        joined(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?$", year=1, month=2, day=3),
        joined(r"^(\d{4})-(\d{1,2})$", year=1, month=2),
    )
    values = pl.DataFrame({"t": text}).select(ways.cast(pl.Int32, strict=False)).to_series()
    good = kernels.are_dates(values.fill_null(0).to_numpy().astype(np.int64))
    return values.set(~pl.Series(good), None).rename(text.name)


def _countries(cell: pl.Expr) -> pl.Expr:
    """Return codes for the names of countries; what is no known name, such as a code, stands as written."""
    import polars as pl

    return cell.str.to_uppercase().replace_strict(facts.countries(), default=cell, return_dtype=pl.String)
