"""Values that cannot be: outside the range of the dictionary, or not among the codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.dictionary import Column, tables
from coley.model.question import Need
from coley.read.doctor.examination import Findings, examination
from coley.read.doctor.rows import found, place, severity, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from coley.model.study import Study

ANY_TABLE = tuple(Need(name) for name in tables())
JUDGED_ELSEWHERE = ("pfs_months", "os_months")  # times.py and follow_up.py say more about them


def _columns(study: Study) -> Iterator[tuple[str, pl.DataFrame, Column]]:
    for name, known in tables().items():
        if name in study.tables:
            frame = table(study, name)
            for column in known.columns.values():
                if column.name in frame.columns and column.name not in JUDGED_ELSEWHERE:
                    yield name, frame, column


@examination(
    "impossible_value",
    title="Ranges of the data dictionary",
    looks_for="ages, grades, ECOG, shares and other values that cannot be",
    needs=ANY_TABLE,
)
def impossible_value(study: Study) -> Findings:
    """Hold every number against the widest range in which it can be true.

    Single days far off are old conditions or slips; one impossible measurement already spoils a mean.
    """
    import polars as pl

    checks: Findings = []
    for name, frame, column in _columns(study):
        if column.kind not in ("number", "integer") or not frame.schema[column.name].is_numeric():
            continue
        value = pl.col(column.name).cast(pl.Float64)
        outside = value.is_infinite() | value.is_nan()
        outside |= value < column.low if column.low is not None else pl.lit(False)
        outside |= value > column.high if column.high is not None else pl.lit(False)
        if column.kind == "integer":
            outside |= value != value.round()
        bad = frame.filter(outside)
        if not bad.height:
            continue
        span = f"{column.low:g} to {column.high:g}" if None not in (column.low, column.high) else "finite"
        unit = f" {column.unit}" if column.unit else ""
        kind = "whole numbers " if column.kind == "integer" else ""
        checks.append(
            found(
                "impossible_value",
                severity(bad.height, frame.height) if column.unit == "days" else "fail",
                f"{name}.{column.name} is outside {kind}{span}{unit} in {bad.height} of {frame.height} rows.",
                cause="Another unit, a code for missing (99, 999, -1), or a slip.",
                remedy='Correct them, name the unit, or say in study.toml missing = ["99"].',
                where=place(bad, column.name),
            )
        )
    return checks


@examination(
    "unknown_code",
    title="Codes of the data dictionary",
    looks_for="codes that the dictionary does not know",
    needs=ANY_TABLE,
)
def unknown_code(study: Study) -> Findings:
    """Hold every coded column against its list of codes."""
    import polars as pl

    checks: Findings = []
    for name, frame, column in _columns(study):
        if not column.codes:
            continue
        bad = frame.filter(
            pl.col(column.name).is_not_null() & ~pl.col(column.name).cast(pl.String).is_in(column.codes)
        )
        if bad.height:
            values = bad[column.name].unique(maintain_order=True).to_list()
            checks.append(
                found(
                    "unknown_code",
                    "fail",
                    f"{name}.{column.name} has {len(values)} codes that are not among "
                    f"{', '.join(column.codes)} ({bad.height} rows).",
                    cause="Codes of the file's own.",
                    remedy=f'Map them in study.toml: {column.name} = {{ column = "...", codes = {{...}} }}.',
                    where=place(bad, column.name, values),
                )
            )
    return checks
