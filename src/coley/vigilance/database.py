"""A database of reports that is ready to be asked: cleaned relations in an engine, and what happened on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ibis.backends import BaseBackend

    from coley.vigilance.cleaning.log import CleaningLog
    from coley.vigilance.reading.log import ReadingLog
    from coley.vigilance.relations import CleanReports


@dataclass(frozen=True, eq=False)
class Database:
    """Reports, the engine they lie in, and the logs of how they came there.

    Attributes
    ----------
    name
        For the page.
    con, reports
        The engine and the cleaned relations in it.
    cleaning
        What cleaning dropped.
    reading
        What reading dropped; None where the reports came as frames.
    """

    name: str
    con: BaseBackend
    reports: CleanReports
    cleaning: CleaningLog
    reading: ReadingLog | None = None
