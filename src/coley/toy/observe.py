"""What a study sees of a course: accrual, data cut-off and loss to follow-up end it early."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coley.model.study import DAYS_PER_MONTH
from coley.toy.course import Course
from coley.toy.design import Design
from coley.toy.recist import NE, NEVER, best_response
from coley.toy.streams import Bools, Ints, Streams


@dataclass(frozen=True, eq=False)
class Observed:
    """Outcomes as observed; one value per patient.

    Attributes
    ----------
    end_day
        Day on which the patient leaves sight: data cut-off or loss.
    scanned
        Which scans were made, shape (patients, visits + 1).
    response
        Best overall response, an index into `recist.CODES`.
    pfs_day, pfs_event, os_day, os_event
        PFS is censored at the last evaluable scan, or at day 1 where there was none.
    stop_day
        Last day of treatment as observed.
    irae_day
        First immune-related event; `NEVER` where none was seen.
    """

    end_day: Ints
    scanned: Bools
    response: Ints
    pfs_day: Ints
    pfs_event: Bools
    os_day: Ints
    os_event: Bools
    stop_day: Ints
    irae_day: Ints


def end_of_sight(patients: int, design: Design, streams: Streams) -> Ints:
    """Return the day on which each patient is cut off or lost."""
    u = streams.uniform("sight", patients, 2)
    cutoff = design.follow_up_months + design.accrual_months * (1 - u[:, 0])
    lost = -np.log(u[:, 1]) / max(design.dropout_per_month, 1e-12)
    return np.maximum(1, np.floor(np.minimum(cutoff, lost) * DAYS_PER_MONTH)).astype(np.int64)


def observe(course: Course, end_day: Ints) -> Observed:
    """Return what is seen of `course` up to `end_day` of each patient."""
    scans = course.scans
    visits = scans.response.shape[1]
    seen_until = np.minimum(end_day, course.death_day - 1)
    scanned = scans.day <= seen_until[:, None]
    # Nothing is scanned after progression but the one look that confirms it.
    scanned[:, :visits] &= np.arange(visits) <= scans.progression[:, None]
    counted = scanned[:, :visits]
    response = best_response(scans.response, counted)
    progressed = scans.progression_day <= seen_until
    died = course.death_day <= end_day
    os_day = np.minimum(course.death_day, end_day)
    evaluable = counted & (scans.response != NE)
    last_scan = np.where(evaluable, scans.day[:, :visits], 1).max(axis=1)
    pfs_event = progressed | died
    pfs_day = np.where(progressed, scans.progression_day, np.where(died, course.death_day, last_scan))
    first = course.toxicity.first_day
    return Observed(
        end_day=end_day,
        scanned=scanned,
        response=response,
        pfs_day=pfs_day.astype(np.int64),
        pfs_event=pfs_event,
        os_day=os_day.astype(np.int64),
        os_event=died,
        stop_day=np.minimum(course.stop_day, end_day).astype(np.int64),
        irae_day=np.where(first <= end_day, first, NEVER).astype(np.int64),
    )
