"""Values that nobody measured: one value for nearly everybody, fills, and caps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.dictionary import table as dictionary_table
from coley.model.question import Need
from coley.read.doctor.chance import digits_of, log10_tail
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
    cohorts = list(groups(study))
    for column in _measured(study.tables["patients"]):
        spikes: dict[float, list[tuple[str, pl.DataFrame, int, int, int]]] = {}
        for label, frame in cohorts:
            values = numbers(frame, column)
            spike = _spike(values)
            if spike is not None:
                spikes.setdefault(spike[0], []).append((label, frame, spike[1], len(values), spike[2]))
        for mode, seen in spikes.items():
            count, n, second = sum(s[2] for s in seen), sum(s[3] for s in seen), sum(s[4] for s in seen)
            checks.append(
                found(
                    "filled",
                    "warn",
                    f"{column} is {word(mode)} in {count} of {patients_word(n)}{in_groups(s[0] for s in seen)}; "
                    f"the next most frequent value occurs {second} times.",
                    cause="Missing values were filled with a median or mean.",
                    remedy=f"Set the filled values missing; taken as measured, they blur {column}.",
                    where=place(seen[0][1].filter(pl.col(column) == mode), column),
                )
            )
    return checks


def _spike(values: pl.Series) -> tuple[float, int, int] | None:
    """Return the most frequent value, its count and the next count, where it towers over the others."""
    counts = values.value_counts(name="n").sort(values.name)
    if counts.height < limit("filled.distinct"):
        return None
    at = int(counts["n"].arg_max() or 0)
    mode, count = float(counts[values.name][at]), int(counts["n"][at])
    if mode == 0 or at in (0, counts.height - 1) or count / len(values) >= limit("constant.share"):
        return None  # zero is a value of its own, the ends are limits, and constant has the rest
    second = int(counts["n"].sort(descending=True)[1])
    towers = count >= limit("filled.count") and count >= limit("filled.ratio") * second
    return (mode, count, second) if towers else None


@examination(
    "capped",
    title="Capped measurements",
    looks_for="a pile of equal values exactly at the maximum",
    needs=PATIENTS,
)
def capped(study: Study) -> Findings:
    """Find truncation at a limit: many at the maximum, few at each value just below it."""
    import polars as pl

    checks: Findings = []
    cohorts = list(groups(study))
    for column in _measured(study.tables["patients"]):
        caps: dict[float, list[tuple[str, pl.DataFrame, int]]] = {}
        for label, frame in cohorts:
            pile = _pile(numbers(frame, column))
            if pile is not None:
                caps.setdefault(pile[0], []).append((label, frame, pile[1]))
        for top, seen in caps.items():
            highest = largest(numbers(study.tables["patients"], column))
            beyond = f"; other cohorts reach {word(highest)}" if highest > top else ""
            checks.append(
                found(
                    "capped",
                    "warn",
                    f"{column}{in_groups(s[0] for s in seen)} is capped at {word(top)}: "
                    f"{patients_word(sum(s[2] for s in seen))} have exactly this value, and few each of the "
                    f"values just below{beyond}.",
                    cause="Values above a limit were set to it.",
                    remedy="Cap the other cohorts alike before pooling; above the cap nothing is known.",
                    where=place(seen[0][1].filter(pl.col(column) == top), column),
                )
            )
    return checks


def _pile(values: pl.Series) -> tuple[float, int] | None:
    """Return the maximum and its count, where far more patients have it than each value just below."""
    if not len(values):
        return None
    top = largest(values)
    pile = int((values == top).sum())
    # the end of a share or a percentage is natural
    if pile < limit("capped.count") or top in (1.0, 100.0):
        return None
    counts = values.value_counts(name="n").sort(values.name, descending=True)
    if counts.height < limit("capped.distinct"):
        return None
    below = counts[1 : 1 + int(limit("capped.neighbours"))]
    # patients expected at one step of the scale, from those just below the maximum
    steps = max((top - float(below[values.name][-1])) * 10 ** digits_of(values), float(below.height))
    usual = float(below["n"].sum()) / steps
    cap = pile > largest(below["n"]) and log10_tail(pile, usual) < limit("capped.log10_p")
    return (top, pile) if cap else None
