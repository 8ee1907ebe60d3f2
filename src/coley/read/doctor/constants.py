"""Values that nobody measured: one value for nearly everybody, fills, and caps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.dictionary import table as dictionary_table
from coley.model.question import Need
from coley.read.doctor.examination import Findings, examination
from coley.read.doctor.rows import (
    found,
    groups,
    in_groups,
    largest,
    numbers,
    numeric_columns,
    patients_word,
    place,
    word,
)
from coley.read.doctor.thresholds import limit

if TYPE_CHECKING:
    import polars as pl

    from coley.model.study import Study

PATIENTS = (Need("patients"),)


def _measured(frame: pl.DataFrame) -> list[str]:
    """Return the columns that hold a measurement: numbers of the dictionary, and covariates with a grain."""
    known = dictionary_table("patients").columns
    outcomes = dictionary_table("patients").role("outcome", "key")
    columns = []
    for name in numeric_columns(frame):
        if name in outcomes:
            continue
        if name in known:
            if known[name].kind == "number":
                columns.append(name)
        elif len(values := numbers(frame, name)) and values.n_unique() >= limit("constant.distinct"):
            columns.append(name)
    return columns


@examination(
    "constant",
    title="One value for everybody",
    looks_for="a measurement that is the same in (nearly) all patients of a cohort",
    needs=PATIENTS,
)
def constant(study: Study) -> Findings:
    """Find imputed columns: the whole column, or the whole column of one cohort."""
    import polars as pl

    checks: Findings = []
    cohorts = list(groups(study))
    for column in _measured(study.tables["patients"]):
        same: dict[float, list[tuple[str, pl.DataFrame, int, int]]] = {}
        for label, frame in cohorts:
            values = numbers(frame, column)
            if len(values) < limit("group.smallest"):
                continue
            mode, count = _most_frequent(values)
            if count / len(values) < limit("constant.share") or (mode == 0 and count < len(values)):
                continue
            if count == len(values) and mode == 0 and column not in dictionary_table("patients").columns:
                continue  # a marker of which this cohort has none
            same.setdefault(mode, []).append((label, frame, count, len(values)))
        for mode, seen in same.items():
            count, n = sum(s[2] for s in seen), sum(s[3] for s in seen)
            rows = seen[0][1].filter(pl.col(column) == mode)
            checks.append(
                found(
                    "constant",
                    "fail",
                    f"{column} is {word(mode)} in {count} of {patients_word(n)}"
                    f"{in_groups(s[0] for s in seen)}.",
                    cause="Missing values were filled with one number (imputed), not measured.",
                    remedy=f"Set {column} missing there; it tells nothing about these patients.",
                    where=place(rows, column),
                )
            )
    return checks


def _most_frequent(values: pl.Series) -> tuple[float, int]:
    counts = values.value_counts(sort=True, name="n")
    return float(counts[values.name][0]), int(counts["n"][0])


@examination(
    "filled",
    title="Missing values filled in",
    looks_for="one value inside a measurement that is far more frequent than its neighbours",
    needs=PATIENTS,
)
def filled(study: Study) -> Findings:
    """Find the median or mean that replaced missing values: a spike amid a smooth distribution."""
    import polars as pl

    checks: Findings = []
    for column in _measured(study.tables["patients"]):
        for label, frame in groups(study):
            values = numbers(frame, column)
            counts = values.value_counts(name="n").sort(column)
            if counts.height < limit("filled.distinct"):
                continue
            at = int(counts["n"].arg_max() or 0)
            mode, count = float(counts[column][at]), int(counts["n"][at])
            if mode == 0 or at in (0, counts.height - 1) or count / len(values) >= limit("constant.share"):
                continue
            second = int(counts["n"].sort(descending=True)[1])
            if count < limit("filled.count") or count < limit("filled.ratio") * second:
                continue
            checks.append(
                found(
                    "filled",
                    "warn",
                    f"{column} is {word(mode)} in {count} of {patients_word(len(values))}"
                    f"{in_groups([label])}; the next most frequent value occurs {second} times.",
                    cause="Missing values were filled with a median or mean.",
                    remedy=f"Set the filled values missing; taken as measured, they blur {column}.",
                    where=place(frame.filter(pl.col(column) == mode), column),
                )
            )
    return checks


@examination(
    "capped",
    title="Capped measurements",
    looks_for="a pile of equal values exactly at the maximum",
    needs=PATIENTS,
)
def capped(study: Study) -> Findings:
    """Find truncation at a limit: many at the maximum, few at each value just below it."""
    import polars as pl

    bounds = dictionary_table("patients").columns
    checks: Findings = []
    for column in _measured(study.tables["patients"]):
        for label, frame in groups(study):
            counts = numbers(frame, column).value_counts(name="n").sort(column, descending=True)
            if counts.height < limit("capped.distinct"):
                continue
            top, pile = float(counts[column][0]), int(counts["n"][0])
            if top in (1.0, 100.0) or (column in bounds and bounds[column].high == top):
                continue  # the natural end of a share or a score
            below = counts["n"][1 : 1 + int(limit("capped.neighbours"))]
            usual = float(below.sum()) / len(below)
            if pile < max(limit("capped.count"), limit("capped.ratio") * usual, largest(below) + 1):
                continue
            others = [
                largest(numbers(other, column))
                for name, other in groups(study)
                if name != label and len(numbers(other, column))
            ]
            beyond = f"; other cohorts reach {word(max(others))}" if others and max(others) > top else ""
            checks.append(
                found(
                    "capped",
                    "warn",
                    f"{column}{in_groups([label])} is capped at {word(top)}: {patients_word(pile)} "
                    f"have exactly this value, about {usual:.1g} each of the values just below{beyond}.",
                    cause="Values above a limit were set to it.",
                    remedy="Cap the other cohorts alike before pooling; above the cap nothing is known.",
                    where=place(frame.filter(pl.col(column) == top), column),
                )
            )
    return checks
