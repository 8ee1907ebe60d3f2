"""The table of adverse events: immune-related ones from the course, others from the treatment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.toy.course import TOXICITY
from coley.toy.facts import column, immune_events, numbers
from coley.toy.recist import NEVER
from coley.toy.toxicity import ACTIONS, INTERRUPTED, KEPT, Toxicity
from coley.toy.trial import Trial

if TYPE_CHECKING:
    import polars as pl

# Assumptions about duration: median days by grade (index 0 is not used), and its spread.
DURATION_DAYS = np.array([0, 24, 35, 48, 60, 60])
DURATION_LOG_SD = 0.6
OTHER_DURATION_DAYS, OTHER_GRADE_TWO, OTHER_GRADE_FOUR = 14, 0.35, 0.15
OTHER_WITHIN_DAYS = 180  # other events come early in treatment
SERIOUS_AT_THREE = 0.6  # share of grade 3 events that lead to hospital
SEVERE = 3


def irae_seen(trial: Trial) -> Toxicity:
    """Return the immune-related events that began in sight; grade 5 where death of it was seen too."""
    course, seen = trial.course, trial.observed
    events = course.toxicity.until(seen.end_day + 1)
    fatal = (
        (events.death_day == course.death_day[:, None])
        & (course.cause == TOXICITY)[:, None]
        & seen.os_event[:, None]
    )
    return Toxicity(
        day=events.day,
        grade=np.where(fatal, 5, np.minimum(events.grade, 4)),
        action=events.action,
        death_day=np.where(fatal, events.death_day, NEVER).astype(np.int64),
    )


def adverse_events(trial: Trial) -> pl.DataFrame:
    """Return the table of adverse events, ordered by patient and day of onset."""
    import polars as pl

    frame = pl.concat([_immune(trial), _other(trial)])
    return frame.sort("patient_id", "start_day", "term")


def _immune(trial: Trial) -> pl.DataFrame:
    table, events, seen = immune_events(), irae_seen(trial), trial.observed
    u = trial.streams.uniform("irae record", trial.patients, 2 * len(table.terms))
    z = trial.streams.normal("irae duration", trial.patients, len(table.terms))
    who, which = np.nonzero(events.day < NEVER)
    day, grade = events.day[who, which], events.grade[who, which]
    length = np.ceil(DURATION_DAYS[grade] * np.exp(DURATION_LOG_SD * z[who, which]))
    fatal = grade == 5
    end = np.where(fatal, seen.os_day[who], day + length)
    lasting = ~fatal & (table.endocrine[which] | (end > seen.os_day[who]))
    return _frame(
        trial,
        who,
        term=np.array(table.terms)[which],
        soc=np.array(table.socs)[which],
        grade=grade,
        day=day,
        end=np.where(lasting, np.nan, end),
        immune=True,
        serious=(grade > SEVERE) | ((grade == SEVERE) & (u[who, which] < SERIOUS_AT_THREE)),
        action=events.action[who, which],
        fatal=fatal,
    )


def _other(trial: Trial) -> pl.DataFrame:
    terms, seen, n = column("other_ae", "term"), trial.observed, trial.patients
    immune = np.array([arm.immune for arm in trial.design.arms])[trial.arm][:, None]
    share = {
        key: np.where(
            immune,
            numbers("other_ae", f"ici_{key}_percent"),
            numbers("other_ae", f"chemotherapy_{key}_percent"),
        )
        / 100
        for key in ("any", "severe")
    }
    u = trial.streams.uniform("other events", n, 5 * len(terms)).reshape(n, 5, len(terms))
    who, which = np.nonzero(u[:, 0] < share["any"])
    draw = u[who, :, which]
    window = np.minimum(seen.stop_day[who], OTHER_WITHIN_DAYS)
    day = 1 + np.floor((window - 1) * draw[:, 1] ** 2)
    severe = draw[:, 2] < (share["severe"] / share["any"])[who, which]
    grade = np.where(
        severe, np.where(draw[:, 3] < OTHER_GRADE_FOUR, 4, 3), np.where(draw[:, 3] < OTHER_GRADE_TWO, 2, 1)
    )
    end = day + np.ceil(-OTHER_DURATION_DAYS * np.log(draw[:, 4]))
    return _frame(
        trial,
        who,
        term=np.array(terms)[which],
        soc=np.array(column("other_ae", "soc"))[which],
        grade=grade,
        day=day,
        end=np.where(end > seen.os_day[who], np.nan, end),
        immune=False,
        serious=(grade > SEVERE) | (severe & (draw[:, 4] < SERIOUS_AT_THREE)),
        action=np.where(severe, INTERRUPTED, KEPT),
        fatal=np.zeros(who.size, dtype=bool),
    )


def _frame(trial: Trial, who: np.ndarray, **values: np.ndarray | bool) -> pl.DataFrame:
    import polars as pl

    end = np.asarray(values["end"], dtype=float)
    on_treatment = values["day"] <= trial.observed.stop_day[who]
    outcome = np.where(np.isnan(end), "not recovered/not resolved", "recovered/resolved")
    return pl.DataFrame(
        {
            "patient_id": trial.ids[who],
            "term": values["term"],
            "soc": values["soc"],
            "grade": np.asarray(values["grade"], dtype=np.int64),
            "start_day": np.asarray(values["day"], dtype=np.int64),
            "end_day": end,
            "immune_related": np.full(who.size, values["immune"]),
            "serious": values["serious"],
            "action": np.where(on_treatment, ACTIONS[values["action"]], "not on treatment"),
            "outcome": np.where(values["fatal"], "fatal", outcome),
        }
    ).with_columns(pl.col("end_day").fill_nan(None).cast(pl.Int64))
