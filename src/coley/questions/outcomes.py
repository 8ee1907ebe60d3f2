"""Outcomes of patients as arrays over the rows of their table: response, and times to an event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from coley.model.study import Study

ENDPOINTS = {"pfs": "Progression-free survival", "os": "Overall survival"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One time-to-event endpoint: which rows have it, with time in months and event."""

    endpoint: str
    known: NDArray[np.bool_]
    time: NDArray[np.float64]
    event: NDArray[np.bool_]

    @property
    def title(self) -> str:
        """Its name in the field."""
        return ENDPOINTS[self.endpoint]

    def among(self, rows: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return time and event of those of `rows` in whom the endpoint is known."""
        chosen = rows & self.known
        return self.time[chosen], self.event[chosen]


def responders(patients: pl.DataFrame) -> NDArray[np.float64]:
    """Return (n,) float64: 1 responded, 0 did not, NaN not recorded."""
    if "responder" not in patients.columns:
        return np.full(patients.height, np.nan)
    return patients["responder"].cast(float).to_numpy().astype(np.float64)


def outcomes(study: Study) -> tuple[Outcome, ...]:
    """Return those of progression-free and overall survival that the study holds."""
    return tuple(
        _outcome(study.patients, endpoint)
        for endpoint in ENDPOINTS
        if study.has("patients", f"{endpoint}_months", f"{endpoint}_event")
    )


def _outcome(patients: pl.DataFrame, endpoint: str) -> Outcome:
    time = patients[f"{endpoint}_months"].cast(float).to_numpy().astype(np.float64)
    event = patients[f"{endpoint}_event"].cast(float).to_numpy().astype(np.float64)
    known = np.isfinite(time) & np.isfinite(event) & (time >= 0)
    return Outcome(endpoint, known, np.where(known, time, 0.0), np.where(known, event, 0.0) > 0)
