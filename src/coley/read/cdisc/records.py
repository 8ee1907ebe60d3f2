"""Adverse events, laboratory results and doses: one row of the file, one row of the table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from coley.read.cdisc.days import with_days
from coley.read.cdisc.subjects import chosen
from coley.read.columns import ColumnMap
from coley.read.facts import spell, units
from coley.read.findings import Place
from coley.read.kinds import naming
from coley.read.mapping import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import polars as pl

    from coley.model.answer import Check
    from coley.read.cdisc.datasets import Part
    from coley.read.raw import RawTable

    Prepare = Callable[["RawTable"], tuple["RawTable", list[Check]]]

_GRADE = r"^(?:GRADE\s*)?([1-5])$"
_UNIT_IN_NAME = r"\(([^()]+)\)\s*$"  # "Alanine Aminotransferase (U/L)"


def rows(
    parts: Sequence[Part], table: str, dataset: str, *, doses: pl.DataFrame, known: Iterable[str]
) -> tuple[pl.DataFrame, tuple[Check, ...]]:
    """Return a table with one row for each row of a data set.

    Parameters
    ----------
    parts, dataset
        Files and name of the data set.
    table
        adverse_events, labs or doses.
    doses
        Date of the first dose of each subject.
    known
        Variables of the subjects, which ADaM repeats on every row; they are left out.
    """
    import polars as pl

    frames: list[pl.DataFrame] = []
    notes: list[Check] = []
    for part in parts:
        raw, found = _PREPARE[table](part.raw)
        raw, days = with_days(raw, table, dataset, doses=doses)
        columns = chosen(raw.frame, table)
        for name in ("start_day", "end_day", "day", "mg"):
            if name in raw.frame.columns:
                columns[name] = ColumnMap(column=name)
        taken = {given.column for given in columns.values() if isinstance(given, ColumnMap)}
        repeated = [name for name in raw.frame.columns if name in set(known) and name not in taken]
        frame, more = canonical(raw, table, columns, guess=False, ignore=repeated)
        frames.append(frame)
        notes += [*found, *days, *more]
    return pl.concat(frames, how="diagonal_relaxed"), tuple(notes)


def _events(raw: RawTable) -> tuple[RawTable, list[Check]]:
    """Read "GRADE 3" as 3; say where severity is given in words, which are no grades."""
    import polars as pl

    frame = raw.frame
    grades = [name for name in ("AETOXGR", "ATOXGR", "ATOXGRN") if name in frame.columns]
    grades = [name for name in grades if frame[name].null_count() < frame.height]
    frame = frame.with_columns(
        pl.coalesce(pl.col(name).str.to_uppercase().str.extract(_GRADE, 1), pl.col(name)).alias(name)
        for name in grades
    )
    notes: list[Check] = []
    severity = [name for name in ("AESEV", "ASEV") if name in frame.columns]
    if not grades and severity:
        message = (
            f"{raw.file} holds no CTCAE grade. {severity[0]} (mild, moderate, severe) is another scale, and was "
            "not turned into grades; it is kept as a column."
        )
        remedy = "Supply AETOXGR."
        notes.append(Place(raw, severity[0]).check("severity_is_no_grade", "warn", message, remedy=remedy))
    if "TRTEMFL" in frame.columns:
        n = (frame["TRTEMFL"] == "Y").sum()
        message = f"All {frame.height} adverse events were kept; {n} are treatment-emergent (TRTEMFL Y)."
        notes.append(Place(raw, "TRTEMFL").check("treatment_emergent", "pass", message))
    return replace(raw, frame=frame), notes


def _labs(raw: RawTable) -> tuple[RawTable, list[Check]]:
    """Leave out rows that the analysis derived; take the unit from the name of the parameter where none is given."""
    import polars as pl

    notes: list[Check] = []
    if "DTYPE" in raw.frame.columns and raw.frame["DTYPE"].is_not_null().any():
        derived = raw.frame["DTYPE"].is_not_null()
        kinds = naming(raw.frame["DTYPE"].drop_nulls().unique().sort())
        message = f"{derived.sum()} rows of {raw.file} that the analysis derived ({kinds}) were left out."
        notes.append(Place(raw, "DTYPE").check("derived_rows", "pass", message))
        raw = raw.filter(~derived)
    frame = raw.frame
    unit = [name for name in ("LBSTRESU", "AVALU") if name in frame.columns]
    if not unit and "PARAM" in frame.columns:
        frame = frame.with_columns(AVALU=pl.col("PARAM").str.extract(_UNIT_IN_NAME, 1))
    return replace(raw, frame=frame), notes


def _doses(raw: RawTable) -> tuple[RawTable, list[Check]]:
    """Return doses in mg; one that is given per kg, per area or in other things has none."""
    import polars as pl

    frame = raw.frame
    if "EXDOSE" not in frame.columns:
        return raw, []
    known = units()
    given = (
        frame["EXDOSU"] if "EXDOSU" in frame.columns else pl.Series([None] * frame.height, dtype=pl.String)
    )
    factors = {
        text: known[spell(text)].size / known["mg"].size
        for text in given.drop_nulls().unique()
        if spell(text) in known and known[spell(text)].dimension == known["mg"].dimension
    }
    factor = given.replace_strict(factors, default=None, return_dtype=pl.Float64)
    mg = frame["EXDOSE"].cast(pl.Float64, strict=False) * factor
    other = frame["EXDOSE"].is_not_null() & factor.is_null()
    notes = []
    if other.any():
        seen = naming(str(text) for text in given.filter(other).unique().sort())
        message = f"{other.sum()} doses are not in a unit of mass ({seen}); their mg is missing."
        place = Place(raw, "EXDOSU")
        remedy = "Doses per kg need the body weight on the day."
        notes.append(
            place.check("dose_unit", "warn", message, remedy=remedy, where=place.rows(other, frame["EXDOSE"]))
        )
    if "EXDOSFRQ" in frame.columns:
        seen = naming(frame["EXDOSFRQ"].drop_nulls().unique().sort())
        message = f"A row of doses is a period from day to end_day with the frequency of EXDOSFRQ ({seen})."
        notes.append(Place(raw, "EXDOSFRQ").check("dose_periods", "pass", message))
    return replace(raw, frame=frame.with_columns(mg=mg)), notes


_PREPARE: dict[str, Prepare] = {"adverse_events": _events, "labs": _labs, "doses": _doses}
