"""The table of laboratory tests: stable in health, moved by the immune-related event of the organ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.toy.facts import column, immune_events, numbers
from coley.toy.recist import NEVER
from coley.toy.streams import Floats, Ints
from coley.toy.tables.patients import UPPER_LDH, ldh_uln
from coley.toy.tables.safety import irae_seen
from coley.toy.trial import Trial

if TYPE_CHECKING:
    import polars as pl

EVERY_DAYS, VISITS = 28, 27  # with every other dose, for two years
AFTER_TREATMENT_DAYS = 30
RECOVERY_DAYS = 21  # the disturbance decays with this time constant; that of an endocrine organ stays
LOW_TSH = 0.03  # of the personal value, in overt hyperthyroidism
# Laboratory test of an event (in irae.csv) to the rows of labs.csv that move, and how far for its grade.
MOVES = {
    "ALT": {"ALT": 1.0, "AST": 0.75},
    "TSH high": {"TSH": 1.0},
    "TSH low": {"TSH": 0.0},
    "lipase": {"Lipase": 1.0},
    "troponin": {"Troponin T": 1.0},
    "creatinine": {"Creatinine": 1.0},
}


def labs(trial: Trial) -> pl.DataFrame:
    """Return the tests of day 0, of every fourth week on treatment, and of the day an event began."""
    import polars as pl

    seen, n = trial.observed, trial.patients
    events = irae_seen(trial)
    linked = [k for k, lab in enumerate(immune_events().labs) if lab]
    event_day = events.day[:, linked]
    plan = np.broadcast_to(EVERY_DAYS * np.arange(VISITS), (n, VISITS))
    day = np.concatenate([plan, event_day], axis=1)
    on = plan <= np.minimum(seen.stop_day + AFTER_TREATMENT_DAYS, seen.os_day)[:, None]
    # A day is tested once: as planned, or for the first of the events that began on it.
    at = np.minimum(event_day // EVERY_DAYS, VISITS - 1)
    again = (event_day == EVERY_DAYS * at) & np.take_along_axis(on, at, axis=1)
    for k in range(1, len(linked)):
        again[:, k] |= (event_day[:, :k] == event_day[:, k : k + 1]).any(axis=1)
    made = np.concatenate([on, (event_day < NEVER) & ~again], axis=1)
    who, visit = np.nonzero(made)
    when = day[who, visit]
    order = np.lexsort((when, who))
    who, when = who[order], when[order]
    tests = column("labs", "test")
    value = _personal(trial)[who]
    within = numbers("labs", "within_sd") * trial.streams.normal("lab", n, day.shape[1] * len(tests)).reshape(
        n, day.shape[1], len(tests)
    )
    value = value * np.where((when == 0)[:, None], 1.0, np.exp(within[who, visit[order]]))
    for k in linked:
        start = events.day[who, k]
        grade = np.minimum(events.grade[who, k], 4)
        age = when - start
        lasting = immune_events().endocrine[k] & (immune_events().labs[k] == "TSH high")
        fade = np.where(age >= 0, 1.0 if lasting else np.exp(-np.maximum(age, 0) / RECOVERY_DAYS), 0.0)
        for test, strength in MOVES[immune_events().labs[k]].items():
            j = tests.index(test)
            value[:, j] *= np.exp(fade * _log_shift(test, value[:, j], grade, strength))
    decimals = numbers("labs", "decimals").astype(int)
    rounded = np.stack([np.round(value[:, j], d) for j, d in enumerate(decimals)], axis=1)
    width = len(tests)
    return pl.DataFrame(
        {
            "patient_id": np.repeat(trial.ids[who], width),
            "day": np.repeat(when, width),
            "test": np.tile(tests, who.size),
            "value": rounded.ravel(),
            "unit": np.tile(column("labs", "unit"), who.size),
            "lower_normal": np.tile(numbers("labs", "lower_normal"), who.size),
            "upper_normal": np.tile(numbers("labs", "upper_normal"), who.size),
        }
    )


def _personal(trial: Trial) -> Floats:
    """Return each patient's own level of each test; shape (patients, tests)."""
    b = trial.baseline
    spread = numbers("labs", "log_sd") * trial.streams.normal(
        "lab level", trial.patients, len(column("labs", "test"))
    )
    level = numbers("labs", "median") * np.exp(spread)
    own = {
        "Albumin": b.albumin,
        "Haemoglobin": b.haemoglobin,
        "Platelets": b.platelets,
        "Neutrophils": b.neutrophils,
        "Lymphocytes": b.lymphocytes,
        "LDH": np.round(UPPER_LDH * ldh_uln(trial)),
    }
    for test, values in own.items():
        level[:, column("labs", "test").index(test)] = values
    return np.asarray(level)


def _log_shift(test: str, value: Floats, grade: Ints, strength: float) -> Floats:
    """Return the logarithm by which an event of this grade moves a value at its height."""
    if strength == 0:
        return np.full(value.size, np.log(LOW_TSH))
    j = column("labs", "test").index(test)
    multiple = np.array([numbers("labs", f"grade{g}")[j] for g in range(1, 5)])[np.clip(grade, 1, 4) - 1]
    peak = strength * multiple * numbers("labs", "upper_normal")[j]
    return np.asarray(np.log(np.maximum(peak / value, 1.0)))
