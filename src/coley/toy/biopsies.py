"""Tumour samples: who is biopsied and when, and what state the tumour is in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coley.model.study import DAYS_PER_MONTH
from coley.toy.facts import column
from coley.toy.recist import NEVER
from coley.toy.streams import Bools, Floats, Ints
from coley.toy.trial import Trial

ON_DAY, ON_SHARE = 35, 0.3  # a second biopsy on treatment
POST_DAY, POST_SHARE = 7, 0.45  # a third after progression
SEQUENCED_LATER = 0.88  # of later samples; the others hold too little tumour for DNA, but RNA was made
PRE, ON, POST = range(3)
TIMEPOINTS = np.array(["pre", "on", "post"])


@dataclass(frozen=True, eq=False)
class Biopsies:
    """Samples, ordered by patient and time.

    Attributes
    ----------
    ids
        Sample ids.
    patient, time, day
        Row of the patient; index into `TIMEPOINTS`; study day.
    purity
        Share of cancer cells.
    sequenced
        Whether DNA was read.
    escaped
        Whether the sample was taken from a tumour that had escaped: its mechanism shows.
    """

    ids: NDArray[np.str_]
    patient: Ints
    time: Ints
    day: Ints
    purity: Floats
    sequenced: Bools
    escaped: Bools


def draw_biopsies(trial: Trial) -> Biopsies:
    """Draw the samples of a trial."""
    n, course, seen = trial.patients, trial.course, trial.observed
    u = trial.streams.uniform("biopsies", n, 12)
    post_day = np.minimum(course.scans.progression_day, NEVER - POST_DAY) + POST_DAY
    day = np.stack(
        [
            -2 - np.floor(20 * u[:, 0]).astype(np.int64),
            ON_DAY + np.floor(11 * u[:, 1]).astype(np.int64) - 5,
            post_day,
        ],
        axis=1,
    )
    on = (u[:, 2] < ON_SHARE) & (day[:, ON] <= seen.os_day) & (day[:, ON] < course.scans.progression_day)
    post = (u[:, 3] < POST_SHARE) & (post_day <= seen.os_day)
    made = np.stack([np.ones(n, dtype=bool), on, post], axis=1)
    purity = np.clip(0.25 + 0.6 * u[:, 4:7], 0, 1)
    purity[:, ON] *= np.where(course.sensitive, 0.6, 1.0)
    sequenced = u[:, 7:10] < np.array([1.0, SEQUENCED_LATER, SEQUENCED_LATER])
    who, time = np.nonzero(made)
    when = day[who, time]
    escaped = (
        (time == POST) & (course.mechanism[who] >= 0) & (course.curves.escape[who] * DAYS_PER_MONTH < when)
    )
    return Biopsies(
        ids=np.char.add(np.char.add(trial.ids[who], "-"), TIMEPOINTS[time]),
        patient=who.astype(np.int64),
        time=time.astype(np.int64),
        day=when,
        purity=np.round(purity[who, time], 2),
        sequenced=sequenced[who, time],
        escaped=escaped,
    )


def escape_rows(trial: Trial, biopsies: Biopsies) -> NDArray[np.str_]:
    """Return the mechanism of escape shown by each sample; empty where none."""
    names = np.array([*column("escape", "mechanism"), ""])
    return names[np.where(biopsies.escaped, trial.course.mechanism[biopsies.patient], -1)]
