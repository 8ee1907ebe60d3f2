"""Survival times: their unit and their grain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.question import Need
from coley.model.study import DAYS_PER_MONTH
from coley.read.doctor.examination import Findings, examination
from coley.read.doctor.rows import (
    flag,
    found,
    groups,
    in_groups,
    largest,
    manifest_unit,
    middle,
    numbers,
    patients_word,
    place,
    share,
    table,
)
from coley.read.doctor.thresholds import limit

if TYPE_CHECKING:
    import polars as pl

    from coley.model.study import Study

TIMES = ("pfs_months", "os_months")
TO_MONTHS = {"days": DAYS_PER_MONTH, "weeks": DAYS_PER_MONTH / 7, "years": 1 / 12}  # divide by it
ANY_TIME = (Need("patients", any_of=TIMES),)


def _present(frame: pl.DataFrame, *columns: str) -> bool:
    return all(column in frame.columns for column in columns)


def first_progression(frame: pl.DataFrame) -> float | None:
    """Return the median PFS of the patients who progressed at their first scans, or None.

    Best response PD means progression at the first or second scan, six to twelve weeks into every
    protocol: a clock that does not depend on drug or disease.
    """
    import polars as pl

    if not _present(frame, "response", "pfs_months", "pfs_event"):
        return None
    times = numbers(frame.filter((pl.col("response") == "PD") & flag("pfs_event")), "pfs_months")
    return middle(times) if len(times) >= limit("time.first_progressions") else None


def misread(frame: pl.DataFrame, column: str, elsewhere: float | None = None) -> tuple[str, str] | None:
    """Return the unit that the values seem to have instead of months, with the evidence."""
    values = numbers(frame, column)
    if len(values) < limit("group.smallest"):
        return None
    median, longest = middle(values), largest(values)
    whole = share(values == values.round())
    seen = f"median {median:.4g}, largest {longest:,.4g}" + (", all whole numbers" if whole == 1 else "")
    if elsewhere:
        seen += f"; median of the other cohorts {elsewhere:.3g}"
    clock = first_progression(frame) if column == "pfs_months" else None
    if clock is not None:
        seen += f"; median PFS of patients with best response PD {clock:.3g}"
        for unit, per_month in TO_MONTHS.items():
            low, high = limit(f"time.clock_low_{unit}"), limit(f"time.clock_high_{unit}")
            if low <= clock <= high and clock / per_month > limit("time.clock_lowest"):
                return unit, seen
    if median > limit("time.median_days") and (
        longest > limit("time.longest_months")
        or (elsewhere and median / elsewhere > limit("time.ratio_days") and whole == 1)
    ):
        return "days", seen
    if len(values) >= limit("time.years_n") and longest < limit("time.years_largest"):
        return "years", seen
    return None


@examination(
    "time_unit",
    title="Unit of the survival times",
    looks_for="times in days, weeks or years where months are meant",
    needs=ANY_TIME,
)
def time_unit(study: Study) -> Findings:
    """Compare the times with what a cohort under immunotherapy can show, cohort by cohort."""
    seen: dict[tuple[str, str], list[tuple[str, pl.DataFrame, str]]] = {}
    cohorts = list(groups(study))
    for column in TIMES:
        held = {label: numbers(frame, column) for label, frame in cohorts}
        for label, frame in cohorts:
            others = sorted(middle(v) for name, v in held.items() if name != label and len(v))
            told = misread(frame, column, others[len(others) // 2] if others else None)
            if told is not None:
                unit, evidence = told
                seen.setdefault((column, unit), []).append((label, frame, evidence))
    checks = []
    for (column, unit), parts in seen.items():
        evidence = "; ".join(
            f"{label + ': ' if label else ''}{patients_word(len(numbers(frame, column)))}, {words}"
            for label, frame, words in parts
        )
        apart = len(parts) < len(cohorts)
        checks.append(
            found(
                "time_unit",
                "fail",
                f"{column} looks like {unit}, not months ({evidence}).",
                cause=f"The file holds {unit}.",
                remedy=manifest_unit(column, unit)
                + (" A cohort that differs from the others needs a table of its own." if apart else ""),
                where=place(parts[0][1].filter(parts[0][1][column].is_not_null()), column),
            )
        )
    return checks + _mixed_units(study)


def _mixed_units(study: Study) -> Findings:
    """PFS and OS of one patient are equal or unrelated; a ratio of 30.44 in many is a difference of units."""
    import polars as pl

    if not study.has("patients", *TIMES):
        return []
    frame = table(study, "patients").filter((pl.col("pfs_months") > 0) & (pl.col("os_months") > 0))
    checks: Findings = []
    for unit, per_month in TO_MONTHS.items():
        ratio = pl.col("os_months") / pl.col("pfs_months")
        for one, other, expected in (
            ("os_months", "pfs_months", per_month),
            ("pfs_months", "os_months", 1 / per_month),
        ):
            same = frame.filter((ratio / expected - 1).abs() < limit("time.same"))
            part = same.height / max(frame.height, 1)
            if unit != "years" and same.height >= limit("time.mixed_n") and part > limit("time.mixed_share"):
                checks.append(
                    found(
                        "time_unit",
                        "fail",
                        f"In {patients_word(same.height)} {one} is exactly {per_month:.4g} times {other}: "
                        f"{one} is in {unit}, {other} in months.",
                        cause="Where death or the last visit ends both, the two times are the same moment.",
                        remedy=manifest_unit(one, unit),
                        where=place(same, one),
                    )
                )
    return checks


@examination(
    "time_too_long",
    title="Times beyond the age of the drugs",
    looks_for="single survival times of more than 25 years",
    needs=ANY_TIME,
)
def time_too_long(study: Study) -> Findings:
    """Name single times that are too long; a whole cohort of them is a matter of the unit."""
    import polars as pl

    checks: Findings = []
    for column in TIMES:
        for label, frame in groups(study):
            if column not in frame.columns:
                continue
            long = frame.filter(pl.col(column) > limit("time.longest_months"))
            if long.height and misread(frame, column) is None:
                checks.append(
                    found(
                        "time_too_long",
                        "fail",
                        f"{column}{in_groups([label])} exceeds 25 years in {patients_word(long.height)}.",
                        cause="Days among months, or a date that was read as a number.",
                        remedy="Correct these values or set them missing.",
                        where=place(long, column),
                    )
                )
    return checks


@examination(
    "time_grain",
    title="Grain of the survival times",
    looks_for="times rounded to whole months",
    needs=ANY_TIME,
)
def time_grain(study: Study) -> Findings:
    """Whole months tie many patients, and hide what happens before the first scan."""
    import polars as pl

    checks: Findings = []
    for column in TIMES:
        coarse = []
        for label, frame in groups(study):
            values = numbers(frame, column)
            if len(values) < limit("group.smallest") or misread(frame, column) is not None:
                continue
            if share(values == values.round()) >= limit("time.whole_share"):
                coarse.append((label, frame.filter(pl.col(column).is_not_null())))
        if coarse:
            n = sum(frame.height for _, frame in coarse)
            zeros = sum(int((frame[column] == 0).sum()) for _, frame in coarse)
            checks.append(
                found(
                    "time_grain",
                    "warn",
                    f"{column}{in_groups(label for label, _ in coarse)} is rounded to whole months "
                    f"({patients_word(n)}, {zeros} of them at 0).",
                    cause="The publisher rounded the times.",
                    remedy="Read medians and early differences with a margin of half a month.",
                    where=place(coarse[0][1], column),
                )
            )
    return checks
