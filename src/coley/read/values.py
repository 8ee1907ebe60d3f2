"""The words of one column to values of its kind; what is not understood becomes missing and is reported."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coley.read.facts import codes as known_codes
from coley.read.facts import factor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl

    from coley.model.answer import Check
    from coley.model.dictionary import Column
    from coley.read.findings import Place

CENSORED = "censored"  # the "unit" of a flag that is true where the event was not seen

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_BOUND = rf"^(?:<=|>=|<|>|≤|≥)\s*({_NUMBER})$"
_PERCENT = rf"^({_NUMBER})\s*%$"
_DECIMAL_COMMA = r"^[+-]?\d+,\d+$"
_THOUSANDS = r"^[+-]?\d{1,3},\d{3}$"  # or a decimal comma with three digits: cannot be told
_LABELLED = re.compile(r"^([01])\s*[:=]")  # "1:DECEASED", as cBioPortal writes a status
_WHOLE = re.compile(r"^([+-]?\d+)\.0+$")


@dataclass(frozen=True, slots=True)
class Parsed:
    """The values of a column, the rows that were not understood, and what there is to say."""

    values: pl.Series
    lost: pl.Series
    notes: tuple[Check, ...] = ()


def parse_column(
    texts: pl.Series,
    column: Column,
    place: Place,
    *,
    unit: str = "",
    coding: Mapping[str, str] | None = None,
    panel_megabases: float | None = None,
) -> Parsed:
    """Return the values of a column of the dictionary.

    Parameters
    ----------
    texts
        Its words; missing is null.
    column
        What the dictionary says of it: kind, unit, codes.
    place
        File and column, for the findings.
    unit
        Unit of the words, where it is not that of the dictionary; "censored" for a flag to be inverted.
    coding
        Words of this file to words of the dictionary.
    panel_megabases
        Assayed megabases, which turn a number of mutations into a density.
    """
    listed = None
    notes: tuple[Check, ...] = ()
    if coding:
        texts, listed, notes = _recode(texts, coding, place)
    if column.kind in ("number", "integer"):
        scale = _scale(unit, column, panel_megabases)
        parsed = _numbers(texts, column, place, scale=scale, unit=unit)
    elif column.kind == "flag":
        parsed = _flags(texts, column, place, inverted=unit == CENSORED, listed=listed)
    elif column.codes:
        parsed = _coded(texts, column, place)
    else:
        parsed = Parsed(texts, texts.is_null() & texts.is_not_null())
    return replace(parsed, notes=(*notes, *parsed.notes))


def _recode(
    texts: pl.Series, coding: Mapping[str, str], place: Place
) -> tuple[pl.Series, pl.Series, tuple[Check, ...]]:
    """Apply the codes of a manifest; "1.0" is found under "1", and other case where that is unambiguous."""
    exact = {key.strip(): value for key, value in coding.items()}
    lower = {key.lower(): value for key, value in exact.items()}

    def find(text: str) -> str | None:
        for word in (text, _WHOLE.sub(r"\1", text)):
            if word in exact:
                return exact[word]
        return lower.get(text.lower()) if len(lower) == len(exact) else None

    found = _by_word(texts, find)
    listed = found.is_not_null()
    if texts.null_count() == len(texts) or listed.any():
        return found.zip_with(listed, texts), listed, ()
    note = place.check(
        "codes_unused",
        "warn",
        f"None of the codes given for {place.column} occurs in it: {', '.join(exact)}.",
        remedy="Check the spelling of the codes in study.toml.",
        where=place.rows(texts.is_not_null(), texts),
    )
    return texts, listed, (note,)


def _by_word(texts: pl.Series, find: Callable[[str], str | None]) -> pl.Series:
    import polars as pl

    words = texts.drop_nulls().unique()
    table = {word: find(word) for word in words}
    if not table:
        return texts.cast(pl.String)
    return texts.replace_strict(table, default=None, return_dtype=pl.String)


def _scale(unit: str, column: Column, panel_megabases: float | None) -> float:
    if not unit:
        return 1.0
    if panel_megabases and column.unit == "mutations per Mb" and unit == "mutations":
        return 1 / panel_megabases
    return factor(unit, column.unit)


def _numbers(texts: pl.Series, column: Column, place: Place, *, scale: float, unit: str) -> Parsed:
    import polars as pl

    values, notes = _read_numbers(texts, column, place)
    lost = texts.is_not_null() & values.is_null()
    notes += _lost(
        lost, texts, place, "not_a_number", "is no number" if lost.sum() == 1 else "are no numbers"
    )
    infinite = values.is_infinite().fill_null(value=False)
    notes += _lost(infinite, texts, place, "infinite_value", "are infinite")
    values = values.set(infinite | values.is_nan().fill_null(value=False), None)
    if scale != 1.0:
        values = values * scale
        note = place.check("unit_converted", "pass", f"{place.column}: {unit} turned into {column.unit}.")
        notes += (note,)
    if column.role == "outcome" and column.low == 0:
        negative = (values < 0).fill_null(value=False)
        notes += _lost(negative, texts, place, "negative_time", "are below zero")
        values, lost = values.set(negative, None), lost | negative
    if column.kind == "integer":
        broken = ((values != values.round()) | (values.abs() > 2**53)).fill_null(value=False)
        notes += _lost(broken, texts, place, "not_a_whole_number", "are no whole numbers")
        values, lost = values.set(broken, None).cast(pl.Int64), lost | broken
    return Parsed(values, lost | infinite, notes)


def _read_numbers(texts: pl.Series, column: Column, place: Place) -> tuple[pl.Series, tuple[Check, ...]]:
    """Read plain numbers, then those with a bound, a percent sign or a decimal comma."""
    import polars as pl

    values = texts.cast(pl.Float64, strict=False)
    left = texts.is_not_null() & values.is_null()
    if not left.any():
        return values, ()
    notes: tuple[Check, ...] = ()
    bounds = texts.str.extract(_BOUND, 1).cast(pl.Float64, strict=False)
    if bounds.is_not_null().any():
        bounded = left & bounds.is_not_null()
        values = values.zip_with(~bounded, bounds)
        message = (
            f"{bounded.sum()} values of {place.column} are limits (< or >); the limit was taken as the value."
        )
        notes += (place.check("limit_values", "warn", message, where=place.rows(bounded, texts)),)
    if column.unit in ("percent", "fraction"):
        percents = texts.str.extract(_PERCENT, 1).cast(pl.Float64, strict=False)
        values = values.fill_null(percents * factor("percent", column.unit))
    left = texts.is_not_null() & values.is_null()
    commas = texts.filter(left)
    if (
        len(commas)
        and commas.str.contains(_DECIMAL_COMMA).all()
        and not commas.str.contains(_THOUSANDS).all()
    ):
        values = values.fill_null(texts.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False))
        notes += (place.check("decimal_comma", "pass", f"{place.column} is written with a decimal comma."),)
    return values, notes


def _flags(
    texts: pl.Series, column: Column, place: Place, *, inverted: bool, listed: pl.Series | None
) -> Parsed:
    import polars as pl

    words = {**known_codes("flag"), **known_codes(column.name)}

    def find(text: str) -> str | None:
        word = _WHOLE.sub(r"\1", text.lower())
        labelled = _LABELLED.match(word)
        if labelled:
            word = labelled[1]
        if inverted and word.isdecimal() and int(word) > 1:
            word = "1"  # ADaM: every CNSR above 0 is a censoring, each with a reason of its own
        return words.get(word)

    found = _by_word(texts, find)
    if listed is not None and listed.any():  # codes were given: a word outside them is not to be guessed
        found = found.zip_with(listed, pl.Series([None], dtype=pl.String).new_from_index(0, len(found)))
    lost = texts.is_not_null() & found.is_null()
    notes = _lost(lost, texts, place, "unknown_code", "are neither yes nor no")
    values = found == "true"
    if inverted:
        values = ~values
        message = f"{place.column} marks censoring; it was inverted to {column.name}."
        notes += (place.check("event_inverted", "pass", message),)
    return Parsed(values, lost, notes)


def _coded(texts: pl.Series, column: Column, place: Place) -> Parsed:
    words = {**{code.lower(): code for code in column.codes}, **known_codes(column.name)}
    seen = set(texts.drop_nulls().unique())
    notes: tuple[Check, ...] = ()
    if column.name == "sex" and seen == {
        "1",
        "2",
    }:  # ISO/IEC 5218; with only one of them, or with 0, nobody knows
        words |= {"1": "male", "2": "female"}
        notes = (
            place.check("sex_codes", "pass", "Sex 1 and 2 were read as male and female (ISO/IEC 5218)."),
        )
    found = _by_word(texts, lambda text: words.get(text.lower()))
    lost = texts.is_not_null() & found.is_null()
    known = ", ".join(column.codes)
    return Parsed(
        found, lost, notes + _lost(lost, texts, place, "unknown_code", f"are not among the codes ({known})")
    )


def _lost(mask: pl.Series, texts: pl.Series, place: Place, name: str, how: str) -> tuple[Check, ...]:
    n = int(mask.sum())
    if not n:
        return ()
    note = place.check(
        name,
        "warn",
        f"{n} value{'s' if n > 1 else ''} of {place.column} {how}, and became missing.",
        remedy="Mend the file, or say in study.toml what they mean (codes) or which of them are missing.",
        where=place.rows(mask, texts),
    )
    return (note,)
