"""Where a finding is, and in which group of patients: the helpers that every examination shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from coley.model.answer import Check, Level, Where
from coley.model.dictionary import Kind, tables
from coley.model.study import WHERE_COLUMN
from coley.read.doctor.thresholds import limit

if TYPE_CHECKING:
    import polars as pl

    from coley.model.study import Study

ROW = "_row"  # row number from 1, for tables that came from frames and not from files
TABLE = "_table"  # name of the table, stands in for the file where there is none
SHOWN = 5  # lines and values quoted in a finding: enough to look them up, few enough to read


def conform(study: Study) -> Study:
    """Return the study with every column of the dictionary in the type of its kind.

    Readers see to that; frames from outside may hold numbers as text or ids as numbers. What cannot be
    turned is missing.
    """
    made = {}
    for name, frame in study.tables.items():
        known = tables()[name].columns if name in tables() else {}
        made[name] = frame.with_columns(_typed(frame[c], known[c].kind) for c in frame.columns if c in known)
    return study.replace(tables=made)


def _typed(values: pl.Series, kind: Kind) -> pl.Series:
    import polars as pl

    if kind == "text":
        return values.cast(pl.String, strict=False)
    if values.dtype == pl.Boolean or (kind != "flag" and values.dtype.is_numeric()):
        return values
    if not (values.dtype.is_numeric() or values.dtype == pl.String):
        return pl.Series(values.name, [None] * len(values), dtype=pl.Float64)
    numbers = values.cast(pl.Float64, strict=False)
    return numbers > 0 if kind == "flag" else numbers


def table(study: Study, name: str) -> pl.DataFrame:
    """Return a table of the study with row numbers, so that a finding can name its rows."""
    import polars as pl

    return study.tables[name].with_row_index(ROW, offset=1).with_columns(pl.lit(name).alias(TABLE))


def data_columns(frame: pl.DataFrame) -> list[str]:
    """Return the columns that hold data, not places."""
    return [name for name in frame.columns if name not in (ROW, TABLE, WHERE_COLUMN)]


def numeric_columns(frame: pl.DataFrame) -> list[str]:
    """Return the columns that hold numbers."""
    return [name for name in data_columns(frame) if frame.schema[name].is_numeric()]


def flag(column: str) -> pl.Expr:
    """Return a flag as Boolean, whether it was stored as one or as 0 and 1."""
    import polars as pl

    return pl.col(column).cast(pl.Float64, strict=False) > 0


def numbers(frame: pl.DataFrame, column: str) -> pl.Series:
    """Return the finite values of a column as float64; empty where it does not hold numbers."""
    import polars as pl

    if column not in frame.columns or not frame.schema[column].is_numeric():
        return pl.Series(column, [], dtype=pl.Float64)
    values = frame[column].cast(pl.Float64)
    return values.filter(values.is_finite() & values.is_not_null())


def middle(values: pl.Series) -> float:
    """Return the median of a series that is not empty."""
    return float(values.median())  # type: ignore[arg-type]  # numbers alone come here


def largest(values: pl.Series) -> float:
    """Return the maximum of a series that is not empty."""
    return float(values.max())  # type: ignore[arg-type]


def share(mask: pl.Series) -> float:
    """Return the share of true values."""
    return float(mask.mean() or 0.0)  # type: ignore[arg-type]


def groups(study: Study) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield each cohort with its patients; cohorts too small to judge are taken together.

    A study without cohorts is one group named "". A fault often sits in one sheet of a stacked file and
    drowns in the whole.
    """
    import polars as pl

    patients = table(study, "patients")
    if "cohort" not in patients.columns or patients["cohort"].drop_nulls().n_unique() < 2:
        yield "", patients
        return
    named = patients.with_columns(pl.col("cohort").cast(pl.String).fill_null("no cohort"))
    small = named.group_by("cohort").len().filter(pl.col("len") < limit("group.smallest"))["cohort"]
    for (cohort,), frame in named.filter(~pl.col("cohort").is_in(small.implode())).group_by(
        "cohort", maintain_order=True
    ):
        yield str(cohort), frame
    if len(small):
        yield "the small cohorts", named.filter(pl.col("cohort").is_in(small.implode()))


def place(frame: pl.DataFrame, column: str = "", values: Iterable[Any] | None = None) -> Where:
    """Return the place of the rows of `frame`: file, first lines, column and values seen.

    Rows of several files are named by the file that holds most of them.
    """
    shown = frame.head(SHOWN)
    if values is None:
        values = shown[column].to_list() if column in frame.columns else ()
    seen = tuple(dict.fromkeys(word(value) for value in values))[:SHOWN]
    if WHERE_COLUMN in frame.columns and frame[WHERE_COLUMN].null_count() < frame.height:
        parts = [str(text).rpartition(":") for text in frame[WHERE_COLUMN].drop_nulls()]
        files = [file for file, _, _ in parts]
        file = max(dict.fromkeys(files), key=files.count)
        lines = [line for name, _, line in parts if name == file and line.isdigit()]
        return Where(file, tuple(int(line) for line in lines[:SHOWN]), column, seen)
    name = str(frame[TABLE][0]) if frame.height and TABLE in frame.columns else ""
    lines = shown[ROW].to_list() if ROW in frame.columns else []
    return Where(name, tuple(int(line) for line in lines), column, seen)


def word(value: Any) -> str:
    """Return a value as it is written in a message.

    Examples
    --------
    >>> word(3.0), word(0.123456), word(None)
    ('3', '0.1235', 'missing')
    """
    if value is None:
        return "missing"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def found(
    name: str, level: Level, message: str, *, remedy: str, cause: str = "", where: Where | None = None
) -> Check:
    """Return a finding; every finding has a remedy."""
    return Check(name=name, level=level, message=message, remedy=remedy, cause=cause, where=where)


def manifest_unit(column: str, unit: str, *, table_name: str = "patients") -> str:
    """Return the remedy for a wrong unit: the line of study.toml that names the true one."""
    return (
        f"Say in study.toml, under [tables.{table_name}.columns]: "
        f'{column} = {{ column = "its name in the file", unit = "{unit}" }}.'
    )


def manifest_events(*columns: str) -> str:
    """Return the remedy for reversed flags: the lines of study.toml that turn them."""
    lines = " and ".join(
        f'{column} = {{ column = "its name in the file", codes = {{ "0" = true, "1" = false }} }}'
        for column in columns
    )
    return f"Check the codes; in study.toml, under [tables.patients.columns], this turns them: {lines}."


def in_groups(labels: Iterable[str]) -> str:
    """Return " in A, B" for named cohorts and "" for a study that has none.

    Examples
    --------
    >>> in_groups(["Kato", "Ravi"]), in_groups([""])
    (' in Kato, Ravi', '')
    """
    named = [label for label in labels if label]
    return f" in {', '.join(named)}" if named else ""


def severity(bad: int, n: int) -> Level:
    """Return warn for a few slips and fail where the share of bad rows shows a fault of the whole column."""
    return "fail" if n and bad / n > limit("slips.share") else "warn"


def patients_word(count: int) -> str:
    """Return "1 patient" or "7 patients"."""
    return f"{count:,} patient{'' if count == 1 else 's'}"
