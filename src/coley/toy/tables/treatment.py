"""The table of doses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.toy.design import Drug
from coley.toy.recist import NEVER
from coley.toy.streams import Floats, Ints
from coley.toy.tables.safety import irae_seen
from coley.toy.toxicity import INTERRUPTED
from coley.toy.trial import Trial

if TYPE_CHECKING:
    import polars as pl

HELD_DAYS = 28  # an interruption skips the doses of four weeks
DELAYED, DELAY_DAYS = 0.05, 7  # share of cycles that are put off, and by how much
HEIGHT_M = (1.64, 1.77)  # women, men: medians
HEIGHT_LOG_SD = 0.04


def doses(trial: Trial) -> pl.DataFrame:
    """Return every dose: until progression, withdrawal, death, loss or the planned end; none while held."""
    import polars as pl

    held = irae_seen(trial)
    hold_from = np.where(held.action == INTERRUPTED, held.day, NEVER)
    frames = []
    for k, arm in enumerate(trial.design.arms):
        for drug in arm.drugs:
            day = _days(trial, drug)
            given = (day < trial.observed.stop_day[:, None]) & (trial.arm == k)[:, None]
            for start in hold_from.T:
                given &= (day < start[:, None]) | (day >= start[:, None] + HELD_DAYS)
            who, cycle = np.nonzero(given)
            frames.append(
                pl.DataFrame(
                    {
                        "patient_id": trial.ids[who],
                        "day": day[who, cycle],
                        "drug": np.full(who.size, drug.name),
                        "mg": _amount(trial, drug)[who],
                    }
                )
            )
    return pl.concat(frames).sort("patient_id", "day", "drug")


def _days(trial: Trial, drug: Drug) -> Ints:
    late = trial.streams.uniform(f"delay {drug.every_days}", trial.patients, drug.cycles) < DELAYED
    late[:, 0] = False
    return np.asarray(np.arange(drug.cycles) * drug.every_days + DELAY_DAYS * np.cumsum(late, axis=1))


def _amount(trial: Trial, drug: Drug) -> Floats:
    weight, male = trial.baseline.weight, trial.baseline.male
    height = np.where(male, HEIGHT_M[1], HEIGHT_M[0]) * np.exp(
        HEIGHT_LOG_SD * trial.streams.normal("height", trial.patients)
    )
    size = {
        "dose": np.ones_like(weight),
        "kg": weight,
        "m2": np.sqrt(weight * height * 100 / 3600),  # Mosteller 1987, cm and kg
    }[drug.per]
    return np.asarray(np.round(drug.amount * size))
