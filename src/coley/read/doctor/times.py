"""Survival times: their unit, their grain, their order, and whether they are there at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.answer import Check
from coley.model.question import Need
from coley.model.study import DAYS_PER_MONTH
from coley.read.doctor.examination import Findings, examination
from coley.read.doctor.rows import (
    flag,
    found,
    groups,
    in_groups,
    numbers,
    patients_word,
    place,
    severity,
    table,
)
from coley.read.doctor.thresholds import limit

if TYPE_CHECKING:
    import polars as pl

    from coley.model.study import Study

TIMES = ("pfs_months", "os_months")
PAIRS = (("pfs_months", "pfs_event"), ("os_months", "os_event"))
TO_MONTHS = {"days": DAYS_PER_MONTH, "weeks": DAYS_PER_MONTH / 7, "years": 1 / 12}  # divide by it
ANY_TIME = (Need("patients", any_of=TIMES),)
BOTH_TIMES = (Need("patients", TIMES),)


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
    median = times.median() if len(times) >= limit("time.first_progressions") else None
    return float(median) if isinstance(median, (int, float)) else None


def _unit(frame: pl.DataFrame, column: str, elsewhere: float | None) -> tuple[str, str] | None:
    """Return the unit that the values seem to have instead of months, with the evidence."""
    values = numbers(frame, column)
    if len(values) < limit("group.smallest"):
        return None
    median, largest = float(values.median()), float(values.max())  # type: ignore[arg-type]
    whole = float((values == values.round()).mean())  # type: ignore[arg-type]
    seen = f"median {median:.4g}, largest {largest:,.4g}" + (", all whole numbers" if whole == 1 else "")
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
        largest > limit("time.longest_months")
        or (elsewhere and median / elsewhere > limit("time.ratio_days") and whole == 1)
    ):
        return "days", seen
    if len(values) >= limit("time.years_n") and largest < limit("time.years_largest"):
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
    cohorts = list(groups(study))
    checks: Findings = []
    for column in TIMES:
        medians = {label: numbers(frame, column).median() for label, frame in cohorts}
        for label, frame in cohorts:
            others = sorted(
                float(m) for name, m in medians.items() if name != label and isinstance(m, (int, float))
            )
            told = _unit(frame, column, others[len(others) // 2] if others else None)
            if told is None:
                continue
            unit, evidence = told
            n = len(numbers(frame, column))
            checks.append(
                found(
                    "time_unit",
                    "fail",
                    f"{column}{in_groups([label])} looks like {unit}, not months "
                    f"({patients_word(n)}: {evidence}).",
                    cause=f"The file holds {unit}.",
                    remedy=f'Say so in study.toml: [tables.patients.columns] {column} = {{ column = "...", '
                    f'unit = "{unit}" }}; a cohort that differs from the others needs a table of its own.',
                    where=place(frame.filter(frame[column].is_not_null()), column),
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
            share = same.height / max(frame.height, 1)
            if unit != "years" and same.height >= limit("time.mixed_n") and share > limit("time.mixed_share"):
                checks.append(
                    found(
                        "time_unit",
                        "fail",
                        f"In {patients_word(same.height)} {one} is exactly {per_month:.4g} times {other}: "
                        f"{one} is in {unit}, {other} in months.",
                        cause="Where death or the last visit ends both, the two times are the same moment.",
                        remedy=f'Say in study.toml that {one} has unit = "{unit}".',
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
            if long.height and _unit(frame, column, None) is None:
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
    "time_impossible",
    title="Impossible times",
    looks_for="negative, infinite or undefined survival times, and follow-up of zero",
    needs=ANY_TIME,
)
def time_impossible(study: Study) -> Findings:
    """Look for values that no survival time can take."""
    import polars as pl

    patients = table(study, "patients")
    checks: Findings = []
    for column in TIMES:
        if column not in patients.columns or not patients.schema[column].is_numeric():
            continue
        value = pl.col(column).cast(pl.Float64)
        bad = patients.filter((value < 0) | value.is_infinite() | value.is_nan())
        if bad.height:
            checks.append(
                found(
                    "time_impossible",
                    "fail",
                    f"{column} is negative, infinite or not a number in {patients_word(bad.height)}.",
                    cause="Two dates in the wrong order, or a division by zero.",
                    remedy="Correct these values or set them missing.",
                    where=place(bad, column),
                )
            )
        zero = patients.filter(value == 0)
        if zero.height:
            checks.append(
                found(
                    "time_impossible",
                    "warn",
                    f"{column} is 0 in {patients_word(zero.height)}: they count at time 0 and never after.",
                    cause="Rounding to whole months, or an end that was recorded on the day of entry.",
                    remedy="Where days are known, give days; otherwise see how far the result rests on them.",
                    where=place(zero, column),
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
            if len(values) < limit("group.smallest") or _unit(frame, column, None) is not None:
                continue
            if float((values == values.round()).mean()) >= limit("time.whole_share"):  # type: ignore[arg-type]
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


@examination(
    "os_before_pfs",
    title="Order of progression and death",
    looks_for="overall survival shorter than progression-free survival",
    needs=BOTH_TIMES,
)
def os_before_pfs(study: Study) -> Findings:
    """PFS ends at death at the latest, so it cannot exceed OS."""
    import polars as pl

    checks: Findings = []
    for label, frame in groups(study):
        both = frame.filter(pl.col("pfs_months").is_not_null() & pl.col("os_months").is_not_null())
        if not both.height:
            continue
        bad = both.filter(pl.col("os_months") < pl.col("pfs_months") - _tolerance(both))
        if not bad.height:
            continue
        swapped = bad.height > both.height / 2
        checks.append(
            found(
                "os_before_pfs",
                severity(bad.height, both.height),
                f"OS is shorter than PFS in {bad.height} of {patients_word(both.height)}"
                f"{in_groups([label])}.",
                cause="The two columns are interchanged, or one has another unit."
                if swapped
                else "PFS was updated after OS, or a slip in the file.",
                remedy="Correct these rows; PFS ends at death at the latest.",
                where=place(bad, "os_months", _both(bad, "os_months", "pfs_months")),
            )
        )
    return checks


def _tolerance(frame: pl.DataFrame) -> float:
    """Return by how much rounding alone may put OS before PFS: a month for whole months, else days."""
    whole = [bool((numbers(frame, column) % 1 == 0).all()) for column in TIMES]
    return 1.0 if any(whole) else limit("time.rounding")


def _both(frame: pl.DataFrame, one: str, other: str) -> list[str]:
    return [f"{a:.4g} < {b:.4g}" for a, b in frame.select(one, other).head(5).iter_rows()]


@examination(
    "time_missing",
    title="Times and events together",
    looks_for="events without a time, times without an event status, and times known only of the dead",
    needs=tuple(Need("patients", pair) for pair in PAIRS),
)
def time_missing(study: Study) -> Findings:
    """Half of a survival outcome is none; and times missing for the living alone make survival look short."""
    import polars as pl

    checks: Findings = []
    for time, event in PAIRS:
        for label, frame in groups(study):
            if not _present(frame, time, event):
                continue
            untimed = frame.filter(flag(event) & pl.col(time).is_null())
            if untimed.height:
                checks.append(
                    found(
                        "time_missing",
                        "warn",
                        f"{event} without {time} in {patients_word(untimed.height)}{in_groups([label])}.",
                        cause="The date is missing.",
                        remedy=f"Supply {time}; without these events survival looks longer.",
                        where=place(untimed, event),
                    )
                )
            unknown = frame.filter(pl.col(event).is_null() & pl.col(time).is_not_null())
            if unknown.height:
                checks.append(
                    found(
                        "time_missing",
                        "warn",
                        f"{time} without {event} in {patients_word(unknown.height)}{in_groups([label])}.",
                        cause="The status is missing: it is unknown whether the time ended in an event.",
                        remedy=f"Supply {event}; without it these patients are left out.",
                        where=place(unknown, time),
                    )
                )
            checks += _only_the_dead(frame, label, time, event)
    return checks


def _only_the_dead(frame: pl.DataFrame, label: str, time: str, event: str) -> list[Check]:
    import polars as pl

    known = frame.filter(pl.col(time).is_not_null() & pl.col(event).is_not_null())
    n, events = known.height, known.filter(flag(event)).height
    missing = frame.height - n
    if n < limit("outcome.one_sided_n") or 0 < events < n or not _present(frame, time, event):
        return []
    if events == n and missing / frame.height > limit("outcome.missing_share"):
        return [
            found(
                "time_missing",
                "fail",
                f"All {n} known values of {time}{in_groups([label])} end in an event, and {missing} of "
                f"{patients_word(frame.height)} have none: times are known only where the event was seen.",
                cause="The times of patients without the event were left out, not censored.",
                remedy="Supply the follow-up of the others as censored times; survival is far too short as it is.",
                where=place(known, time),
            )
        ]
    if event == "os_event":
        return [
            found(
                "time_missing",
                "warn",
                f"{'All' if events else 'None'} of {patients_word(n)}{in_groups([label])} died.",
                cause="A selected cohort, or an event column that is filled with one value.",
                remedy="Make sure that os_event tells deaths from patients who are alive.",
                where=place(known, event),
            )
        ]
    return []
