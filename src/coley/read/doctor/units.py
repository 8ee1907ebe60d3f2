"""Units: values that fit another unit than the one they are said to have."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from coley.model.dictionary import table as dictionary_table
from coley.model.dictionary import tables
from coley.model.question import Need
from coley.read.doctor.examination import Findings, examination
from coley.read.doctor.rows import (
    data_columns,
    found,
    groups,
    in_groups,
    largest,
    manifest_unit,
    middle,
    numbers,
    patients_word,
    place,
    table,
)
from coley.read.doctor.thresholds import limit, rows

if TYPE_CHECKING:
    import polars as pl

    from coley.model.study import Study

PATIENTS = (Need("patients"),)


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another unit in which a column is often kept, and the medians that give it away."""

    column: str
    unit: str
    low: float
    high: float
    reason: str


@dataclass(frozen=True, slots=True)
class Header:
    """A quantity and a unit that a header may name, and the medians that such a column can have."""

    quantity: re.Pattern[str]
    unit: re.Pattern[str]
    says: str
    low: float
    high: float
    reason: str


@cache
def alternatives() -> tuple[Alternative, ...]:
    """Return the other units of the measurements of the dictionary."""
    return tuple(
        Alternative(row["column"], row["unit"], float(row["low"]), float(row["high"]), row["reason"])
        for row in rows("alternative_units.csv")
    )


@cache
def headers() -> tuple[Header, ...]:
    """Return what headers may say and which medians they allow."""
    return tuple(
        Header(
            re.compile(row["quantity"], re.IGNORECASE),
            re.compile(row["unit"], re.IGNORECASE),
            row["says"],
            float(row["low"]),
            float(row["high"]),
            row["reason"],
        )
        for row in rows("header_units.csv")
    )


@examination(
    "unit",
    title="Units of the measurements",
    looks_for="measurements in another unit (g/L for g/dL, cells per microlitre, pounds, fractions)",
    needs=PATIENTS,
)
def unit(study: Study) -> Findings:
    """Compare each cohort's median with the medians that betray another unit."""
    import polars as pl

    units = {column.name: column.unit for column in dictionary_table("patients").columns.values()}
    checks: Findings = []
    for other in alternatives():
        for label, frame in groups(study):
            values = numbers(frame, other.column)
            if len(values) < limit("unit.n"):
                continue
            median = middle(values)
            if not other.low <= median <= other.high:
                continue
            if other.unit == "fraction" and not _fractions(values):
                continue
            checks.append(
                found(
                    "unit",
                    "fail",
                    f"{other.column}{in_groups([label])} looks like {other.unit}, not {units[other.column]} "
                    f"({patients_word(len(values))}: median {median:.4g}, largest {largest(values):.4g}).",
                    cause=other.reason,
                    remedy=manifest_unit(other.column, other.unit),
                    where=place(frame.filter(pl.col(other.column).is_not_null()), other.column),
                )
            )
    return checks


def _fractions(values: pl.Series) -> bool:
    """Say whether these are shares of one: none above 1, several between 0 and 1."""
    inside = values.filter((values > 0) & (values < 1))
    return largest(values) <= 1 and inside.n_unique() >= limit("unit.fractions")


@examination(
    "percent_and_fraction",
    title="Percent and fraction",
    looks_for="fractions (0 to 1) among percentages (0 to 100)",
    needs=(Need("patients", any_of=("pdl1_tps",)),),
)
def percent_and_fraction(study: Study) -> Findings:
    """Find percentages of which some are hundredths of the usual grid (0.05, 0.5 among 5, 50)."""
    import polars as pl

    shares = [c.name for c in dictionary_table("patients").columns.values() if c.unit == "percent"]
    checks: Findings = []
    for column in shares:
        values = numbers(study.tables["patients"], column)
        small = values.filter((values > 0) & (values < 1))
        big = values.filter(values > 1)
        if small.n_unique() < limit("unit.fractions") or len(big) < limit("unit.fractions"):
            continue
        hundredths = (small * 100 - (small * 100).round()).abs() < limit("unit.hundredths")
        if not bool(hundredths.all()) or largest(small) < limit("unit.smallest_percent"):
            continue  # 0.1 and 0.5 percent are percentages too
        frame = table(study, "patients")
        bad = frame.filter((pl.col(column) > 0) & (pl.col(column) < 1))
        labels = [
            label
            for label, group in groups(study)
            if label and len(v := numbers(group, column)) and _fractions(v)
        ]
        checks.append(
            found(
                "percent_and_fraction",
                "fail",
                f"{column} holds fractions among percentages: {len(small)} values between 0 and 1, "
                f"{len(big)} above 1{in_groups(labels)}.",
                cause="Cohorts or hands with different habits.",
                remedy="Turn the fractions into percent; 1 itself cannot be told and must be looked up.",
                where=place(bad, column),
            )
        )
    return checks


@examination(
    "header_unit",
    title="Units in headers",
    looks_for="a unit in the name of a column that its values contradict",
    needs=PATIENTS,
)
def header_unit(study: Study) -> Findings:
    """Read the unit that a column's own name states, and ask whether its values can have it."""
    import polars as pl

    checks: Findings = []
    for name in study.tables:
        if name == "expression":
            continue
        frame = table(study, name)
        known = tables()[name].columns if name in tables() else {}
        for column in data_columns(frame):
            if column in known:
                continue  # its unit is that of the dictionary, whatever its header was
            said = next((h for h in headers() if h.quantity.search(column) and h.unit.search(column)), None)
            values = numbers(frame, column)
            if said is None or len(values) < limit("unit.n") or said.low <= middle(values) <= said.high:
                continue
            checks.append(
                found(
                    "header_unit",
                    "warn",
                    f"Column {column!r} of {name} says {said.says}, but its median is {middle(values):.4g} "
                    f"(largest {largest(values):.4g}); {said.reason}.",
                    cause="The header is wrong, or the values were converted and the header was not.",
                    remedy="Say the true unit in study.toml, not the one of the header.",
                    where=place(frame.filter(pl.col(column).is_not_null()), column),
                )
            )
    return checks + _impossibly_young(study)


def _impossibly_young(study: Study) -> Findings:
    """Years that were taken for days and divided by 365: everybody is an infant."""
    import polars as pl

    values = numbers(study.tables["patients"], "age_years")
    if len(values) < limit("unit.n") or largest(values) >= limit("unit.infant"):
        return []
    frame = table(study, "patients").filter(pl.col("age_years").is_not_null())
    return [
        found(
            "header_unit",
            "fail",
            f"All {patients_word(len(values))} are younger than {limit('unit.infant'):g} years "
            f"(median {middle(values):.2g}).",
            cause="A header says days, but the values were years and were divided once more.",
            remedy=manifest_unit("age_years", "years"),
            where=place(frame, "age_years"),
        )
    ]
