"""Dates and study days to days since the first dose.

CDISC counts the reference day as day 1 and the day before it as day -1; there is no day 0. In Coley the day of
the first dose is day 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.read.cdisc.datasets import SUBJECT
from coley.read.cdisc.facts import day_variables
from coley.read.findings import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from coley.model.answer import Check
    from coley.read.raw import RawTable

FIRST_DOSE = ("TRTSDT", "TRTSDTM", "RFXSTDTC", "RFSTDTC")  # of ADSL or DM, best first
DISAGREE = 0.05  # of the rows with both: above it, the study days do not count from the first dose
_FULL = r"^(\d{4}-\d{2}-\d{2})"  # ISO 8601; "2014-03" is no day


def dates(texts: pl.Series) -> pl.Series:
    """Return the calendar days of ISO 8601 texts; a partial date is null, and never completed.

    Examples
    --------
    >>> import polars as pl
    >>> dates(pl.Series(["2014-03-06T11:45", "2014-03", None])).to_list()
    [datetime.date(2014, 3, 6), None, None]
    """
    import polars as pl

    return texts.cast(pl.String).str.extract(_FULL, 1).str.to_date("%Y-%m-%d", strict=False)


def first_doses(subjects: pl.DataFrame | None) -> pl.DataFrame:
    """Return the date of the first dose of each subject (USUBJID, first_dose)."""
    import polars as pl

    empty = pl.DataFrame(schema={SUBJECT: pl.String, "first_dose": pl.Date})
    if subjects is None:
        return empty
    found = [dates(subjects[name]) for name in FIRST_DOSE if name in subjects.columns]
    if not found:
        return empty
    first = found[0]
    for further in found[1:]:
        first = first.fill_null(further)
    return pl.DataFrame({SUBJECT: subjects[SUBJECT], "first_dose": first}).unique(SUBJECT)


def with_days(
    raw: RawTable, table: str, dataset: str, *, doses: pl.DataFrame
) -> tuple[RawTable, tuple[Check, ...]]:
    """Add the columns of days that a table of the dictionary has (and `end_day`, for doses).

    Parameters
    ----------
    raw
        A data set.
    table, dataset
        Which it is, and what becomes of it.
    doses
        Date of the first dose, from `first_doses`.
    """
    from dataclasses import replace

    frame, notes = raw.frame, []
    for column, (day_names, date_names) in day_variables(table, dataset).items():
        days = [name for name in day_names if name in frame.columns]
        when = [name for name in date_names if name in frame.columns]
        values, found = _days(raw, days, when, doses)
        frame = frame.with_columns(values.alias(column))
        notes += found
    return replace(raw, frame=frame), tuple(notes)


def _days(
    raw: RawTable, days: Sequence[str], when: Sequence[str], doses: pl.DataFrame
) -> tuple[pl.Series, list[Check]]:
    import polars as pl

    frame = raw.frame
    nothing = pl.Series([None], dtype=pl.Float64).new_from_index(0, frame.height)
    study_day = nothing
    for name in days:
        study_day = study_day.fill_null(frame[name].cast(pl.Float64, strict=False))
    told = study_day - (study_day > 0).cast(pl.Float64)
    first = frame.select(SUBJECT).join(doses, on=SUBJECT, how="left", maintain_order="left")["first_dose"]
    counted = nothing
    for name in when:
        since = (dates(frame[name]) - first).dt.total_days().cast(pl.Float64)
        counted = counted.fill_null(since)
    values = told.fill_null(counted)
    notes: list[Check] = []
    if days:
        place = Place(raw, days[0])
        message = f"{days[0]} has no day 0: its day 1 became day 0, and later days are one less."
        notes.append(place.check("study_day", "pass", message))
        notes += _check_zero(place, study_day)
        notes += _check_reference(place, told, counted)
    return values, notes + _check_partial(raw, when, values)


def _check_zero(place: Place, study_day: pl.Series) -> list[Check]:
    zero = (study_day == 0).fill_null(value=False)
    if not zero.any():
        return []
    message = (
        f"{place.column} has {zero.sum()} values 0, a study day that does not exist; they were read as day 0."
    )
    where = place.rows(zero, place.raw.frame[place.column])
    cause = "Another convention of counting, in which case later days are one too small."
    return [place.check("study_day_zero", "warn", message, cause=cause, where=where)]


def _check_reference(place: Place, told: pl.Series, counted: pl.Series) -> list[Check]:
    both = told.is_not_null() & counted.is_not_null()
    differs = ((told != counted) & both).fill_null(value=False)
    if not both.any() or differs.sum() <= DISAGREE * int(both.sum()):
        return []
    rows = f"{differs.sum()} of {both.sum()} rows"
    message = f"{place.column} differs from the days between first dose and date in {rows}."
    return [
        place.check(
            "study_day_reference",
            "warn",
            message,
            cause="The study days count from another reference (randomisation, informed consent).",
            remedy="The study days were kept; supply dates alone to count from the first dose.",
            where=place.rows(differs, place.raw.frame[place.column]),
        )
    ]


def _check_partial(raw: RawTable, when: Sequence[str], values: pl.Series) -> list[Check]:
    if not when:
        return []
    place = Place(raw, when[0])
    texts = raw.frame[when[0]]
    partial = texts.is_not_null() & dates(texts).is_null() & values.is_null()
    if not partial.any():
        return []
    message = f"{partial.sum()} dates in {when[0]} are partial; without a study day their day is missing."
    return [place.check("partial_dates", "warn", message, where=place.rows(partial, texts))]
