"""Follow-up: impossible times, the order of progression and death, and times that are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.answer import Check
from coley.model.question import Need
from coley.read.doctor.examination import Findings, examination
from coley.read.doctor.rows import (
    SHOWN,
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
from coley.read.doctor.times import ANY_TIME, TIMES

if TYPE_CHECKING:
    import polars as pl

    from coley.model.study import Study

PAIRS = (("pfs_months", "pfs_event"), ("os_months", "os_event"))
BOTH_TIMES = (Need("patients", TIMES),)


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
    return [f"{a:.4g} < {b:.4g}" for a, b in frame.select(one, other).head(SHOWN).iter_rows()]


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
            if not {time, event} <= set(frame.columns):
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
    if n < limit("outcome.one_sided_n") or 0 < events < n:
        return []
    if events == n and missing / frame.height > limit("outcome.missing_share"):
        return [
            found(
                "time_missing",
                "fail",
                f"All {n} known values of {time}{in_groups([label])} end in an event, and {missing} of "
                f"{patients_word(frame.height)} have none: times are known only where the event was seen.",
                cause="The times of patients without the event were left out, not censored.",
                remedy="Supply the follow-up of the others as censored times; survival looks far too short.",
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
