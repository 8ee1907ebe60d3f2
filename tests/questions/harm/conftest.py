"""Simulated databases of reports, asked once for all tests of a worker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coley.model.answer import Answer
from coley.questions.harm import signals
from coley.questions.harm.settings import HarmSettings
from coley.toy.reports import ReportDesign, SimulatedReports, simulate_reports
from coley.vigilance.cleaning import CleaningLog
from coley.vigilance.database import Database
from coley.vigilance.engine import connect, keep, memtable
from coley.vigilance.relations import CleanReports


def _database(frames: dict[str, Any], con: Any = None) -> Database:
    """Return clean frames as a database, kept in an engine of its own where none is given."""
    con = connect() if con is None else con
    kept = {name: keep(con, memtable(frame)) for name, frame in frames.items()}
    return Database("toy", con, CleanReports(**kept), CleaningLog((), {}))


@pytest.fixture(scope="session")
def database() -> Callable[..., Database]:
    """Clean frames, and an engine or none, as a database."""
    return _database


@pytest.fixture(scope="session")
def simulated() -> SimulatedReports:
    """60,000 cases, perfectly cleaned where `.clean` is asked for."""
    return simulate_reports(ReportDesign(n_cases=60_000))


@pytest.fixture(scope="session")
def whole(simulated: SimulatedReports) -> Answer:
    """What is said of them, against all other reports."""
    return signals(_database(simulated.clean), HarmSettings(comparator="database"))
