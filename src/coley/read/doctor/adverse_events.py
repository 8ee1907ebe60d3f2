"""Adverse events: grades, dates, and fatal events of patients who live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.question import Need
from coley.model.study import DAYS_PER_MONTH
from coley.read.doctor.examination import Findings, examination
from coley.read.doctor.rows import found, patients_word, place, severity, table
from coley.read.doctor.thresholds import limit

if TYPE_CHECKING:
    from coley.model.study import Study

FATAL = 5  # grade 5 of CTCAE is death


@examination(
    "event_ends_first",
    title="Dates of adverse events",
    looks_for="adverse events that end before they begin",
    needs=(Need("adverse_events", ("start_day", "end_day")),),
)
def event_ends_first(study: Study) -> Findings:
    """Compare start and end of each event."""
    import polars as pl

    frame = table(study, "adverse_events")
    both = frame.filter(pl.col("start_day").is_not_null() & pl.col("end_day").is_not_null())
    bad = both.filter(pl.col("end_day") < pl.col("start_day"))
    if not bad.height:
        return []
    pairs = [f"{start:g} to {end:g}" for start, end in bad.select("start_day", "end_day").head(5).iter_rows()]
    return [
        found(
            "event_ends_first",
            severity(bad.height, both.height),
            f"{bad.height} of {both.height} adverse events end before they begin.",
            cause="Start and end interchanged, or a guessed date.",
            remedy="Correct these dates; such events have no duration.",
            where=place(bad, "end_day", pairs),
        )
    ]


@examination(
    "event_after_death",
    title="Adverse events and death",
    looks_for="adverse events that begin after death, and fatal events of patients who are alive",
    needs=(Need("adverse_events", ("patient_id",), any_of=("start_day", "grade")),),
)
def event_after_death(study: Study) -> Findings:
    """Join the events to the deaths."""
    import polars as pl

    if not study.has("patients", "patient_id", "os_event"):
        return []
    patients = study.tables["patients"].filter(pl.col("patient_id").is_unique())
    kept = [c for c in ("patient_id", "os_event", "os_months") if c in patients.columns]
    frame = table(study, "adverse_events").join(
        patients.select(kept), on="patient_id", how="inner", maintain_order="left"
    )
    dead = pl.col("os_event").cast(pl.Float64) > 0
    checks: Findings = []
    if "start_day" in frame.columns and "os_months" in frame.columns:
        after = pl.col("start_day") > pl.col("os_months") * DAYS_PER_MONTH + limit("adverse.grace_days")
        late = frame.filter(dead & after)
        if late.height:
            checks.append(
                found(
                    "event_after_death",
                    severity(late.height, frame.height),
                    f"{late.height} adverse events of {patients_word(late['patient_id'].n_unique())} begin "
                    "after death.",
                    cause="Another origin of time, another unit, or a wrong date.",
                    remedy="Count days of events and months of survival from the same day.",
                    where=place(late, "start_day"),
                )
            )
    if "grade" in frame.columns:
        alive = frame.filter((pl.col("grade") == FATAL) & ~dead)
        if alive.height:
            checks.append(
                found(
                    "event_after_death",
                    "warn",
                    f"{alive.height} adverse events have grade 5 (death) in "
                    f"{patients_word(alive['patient_id'].n_unique())} whose os_event is false.",
                    cause="The grade is wrong, the death came after the cut-off, or os_event is reversed.",
                    remedy="Correct the grade or the survival status.",
                    where=place(alive, "grade"),
                )
            )
    return checks


@examination(
    "event_twice",
    title="Adverse events entered twice",
    looks_for="the same event of the same patient on the same day more than once",
    needs=(Need("adverse_events", ("patient_id", "term", "start_day")),),
)
def event_twice(study: Study) -> Findings:
    """Compare patient, term, grade and both dates."""
    import polars as pl

    frame = table(study, "adverse_events")
    keys = [c for c in ("patient_id", "term", "grade", "start_day", "end_day") if c in frame.columns]
    twice = frame.filter(pl.col("start_day").is_not_null() & ~pl.struct(keys).is_first_distinct())
    if not twice.height:
        return []
    return [
        found(
            "event_twice",
            "warn",
            f"{twice.height} of {frame.height} adverse events stand there more than once.",
            cause="Tables were put together twice, or one row was written per action taken.",
            remedy="Count patients, not rows; drop the repetitions.",
            where=place(twice, "term"),
        )
    ]
