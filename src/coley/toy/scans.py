"""Scans: what a reader measures of the lesions, visit by visit, and the progression he calls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coley.model.study import DAYS_PER_MONTH
from coley.toy.design import Design
from coley.toy.kinetics import Curves
from coley.toy.lesions import TARGETS, Lesions
from coley.toy.recist import NEVER, PD, Readings, first_visit, time_points
from coley.toy.streams import Bools, Floats, Ints, Streams

MEASURED, TOO_SMALL, NOT_EVALUABLE, ABSENT = range(4)
STATES = np.array(["measured", "too small", "not evaluable", "absent"])
INVISIBLE = 2.0  # mm: below this a lesion is read as absent
READABLE = 5.0  # mm: below this it is "too small to measure" and stands at 5 mm
NORMAL_NODE = 10.0  # mm, RECIST 1.1: a node with a shorter axis is normal
RELATIVE_ERROR, ABSOLUTE_ERROR = 0.03, 0.4  # of one reader reading the same patient again; mm
NOT_READ = 0.012  # share of visits at which one target cannot be read
WINDOW_DAYS = 4  # visits fall within four days of the plan
CONFIRM_DAYS, CONFIRM_SHARE = 35, 0.6  # a later look at progression, in most patients
NEW_SIZE = 11.0  # mm at the first sight of a new lesion, median


@dataclass(frozen=True, eq=False)
class Scans:
    """Every scan that would be made if nobody died or left; targets, non-targets, then the new lesion.

    Attributes
    ----------
    day
        Shape (patients, visits); the last column is the look after progression (`NEVER` where none).
    diameter, state
        Shape (patients, visits, 9): mm to one decimal, and an index into `STATES`.
    response
        Time-point response at each visit.
    progression
        Index of the first visit with PD; `NEVER` where none.
    """

    day: Ints
    diameter: Floats
    state: Ints
    response: Ints
    progression: Ints

    @property
    def progression_day(self) -> Ints:
        """Day of the first visit with PD; `NEVER` where there is none."""
        at = np.minimum(self.progression, self.day.shape[1] - 1)
        day = np.take_along_axis(self.day, at[:, None], axis=1)[:, 0]
        return np.where(self.progression < NEVER, day, NEVER).astype(np.int64)


def make_scans(
    lesions: Lesions, curves: Curves, new_months: Floats, *, design: Design, streams: Streams, last_day: int
) -> Scans:
    """Scan every patient up to `last_day` and read the scans by RECIST 1.1.

    Parameters
    ----------
    lesions, curves, new_months
        Lesions at baseline, their course, and when a new lesion becomes visible (months).
    design, streams
        Of the study.
    last_day
        After which nobody is followed.
    """
    n, places = lesions.diameter.shape
    step = 7 * design.scan_weeks
    visits = max(1, last_day // step)
    u = streams.uniform("visits", n, 4 + visits)
    shift = np.floor((2 * WINDOW_DAYS + 1) * u[:, 4:]).astype(np.int64) - WINDOW_DAYS
    day = step * np.arange(1, visits + 1) + shift
    noise = streams.normal("reader", n, (visits + 1) * (places + 1)).reshape(n, visits + 1, places + 1)
    unread = streams.uniform("unread", n, visits) < NOT_READ

    diameter, state = _read(lesions, curves, new_months, day, noise[:, :visits])
    response = time_points(_readings(lesions, diameter, state, ~np.zeros_like(unread)))
    # One target is unreadable now and then, but only before progression: a sum that is incomplete and
    # yet shows progression would be read differently by different readers.
    unread &= np.arange(visits) < first_visit(response == PD)[:, None]
    state[:, :, 0][unread] = NOT_EVALUABLE
    diameter[:, :, 0][unread] = np.nan
    response = time_points(_readings(lesions, diameter, state, ~unread))
    progression = first_visit(response == PD)

    # The look after progression, which shows whether it was true.
    last = day[np.arange(n), np.minimum(progression, visits - 1)]
    again = (progression < NEVER) & (u[:, 0] < CONFIRM_SHARE)
    look = last + CONFIRM_DAYS + np.floor(10 * u[:, 1]).astype(np.int64) - 5
    extra, extra_state = _read(lesions, curves, new_months, look[:, None], noise[:, visits:])
    return Scans(
        day=np.concatenate([day, np.where(again, look, NEVER)[:, None]], axis=1),
        diameter=np.concatenate([diameter, extra], axis=1),
        state=np.concatenate([state, extra_state], axis=1),
        response=response,
        progression=progression,
    )


def true_diameters(lesions: Lesions, curves: Curves, months: Floats) -> Floats:
    """Return the diameters without error at `months` (patients, times); shape (patients, times, 8)."""
    sensitive = np.exp(curves.log_sensitive(months)[:, :, None] * lesions.power[:, None, :])
    resistant = curves.resistant(months)[:, :, None] * lesions.weight[:, None, :]
    scar = lesions.scar[:, None, None]
    return np.asarray(lesions.diameter[:, None, :] * (scar + (1 - scar) * sensitive + resistant))


def _read(
    lesions: Lesions, curves: Curves, new_months: Floats, day: Ints, noise: Floats
) -> tuple[Floats, Ints]:
    months = day / DAYS_PER_MONTH
    known = true_diameters(lesions, curves, months)
    age = months - new_months[:, None]
    then = np.where(np.isfinite(new_months), new_months, 0.0)[:, None]
    relative = curves.burden(months) / curves.burden(then)
    fresh = np.where(age >= 0, NEW_SIZE * np.clip(relative, 0.05, 20), 0.0)
    true = np.minimum(np.concatenate([known, fresh[:, :, None]], axis=2), 300.0)
    read = np.round(true * np.exp(RELATIVE_ERROR * noise) + ABSOLUTE_ERROR * noise, 1)
    state = np.where(true < INVISIBLE, ABSENT, np.where(read < READABLE, TOO_SMALL, MEASURED))
    return np.select([state == ABSENT, state == TOO_SMALL], [0.0, READABLE], read), state.astype(np.int64)


def _readings(lesions: Lesions, diameter: Floats, state: Ints, evaluable: Bools) -> Readings:
    present = lesions.present[:, None, :]
    normal = np.where(lesions.node[:, None, :], diameter[:, :, :-1] < NORMAL_NODE, state[:, :, :-1] == ABSENT)
    tenths = np.rint(10 * np.nan_to_num(diameter[:, :, :TARGETS])).astype(np.int64)
    return Readings(
        baseline=np.rint(10 * lesions.sld).astype(np.int64),
        sums=tenths.sum(axis=2),
        evaluable=evaluable,
        cleared=np.asarray((normal | ~present).all(axis=2)),
        new=state[:, :, -1] != ABSENT,
    )
