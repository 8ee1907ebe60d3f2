"""Small databases of reports, cleaned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import polars as pl
import pytest

from coley.vigilance.cleaning import Cleaning, CleaningLog, clean
from coley.vigilance.cleaning.matchers import as_written, lower
from coley.vigilance.relations import CleanReports
from coley.vigilance.store import from_frames

Frames = dict[str, pl.DataFrame]
Cleaned = Callable[..., tuple[Frames, CleaningLog]]


def frames_of(con: Any, cleaned: CleanReports) -> Frames:
    """The clean relations as frames, sorted by all their columns."""
    return {
        field.name: pl.DataFrame(pl.from_arrow(con.to_pyarrow(getattr(cleaned, field.name)))).sort(pl.all())
        for field in fields(CleanReports)
    }


@pytest.fixture
def cleaned(duck: Any) -> Cleaned:
    """Cleans relations given as lists of columns: `cleaned({"reports": {"report_id": [1]} ...})`.

    Duplicates are left in, since a handful of reports tells nothing of how rare a value is, and names stand as
    written unless a matcher is given.
    """

    def run(relations: dict[str, dict[str, list[Any]]], **arguments: Any) -> tuple[Frames, CleaningLog]:
        frames = {name: pl.DataFrame(columns) for name, columns in relations.items()}
        n = frames["reports"]["report_id"].to_list()
        frames.setdefault("drugs", pl.DataFrame({"report_id": n, "drug_seq": 1, "role": "PS", "name": "x"}))
        frames.setdefault("reactions", pl.DataFrame({"report_id": n, "term": "Y"}))
        settings = arguments.pop("settings", Cleaning(find_duplicates=False))
        plain = {"matcher": as_written, "standard_term": lower, **arguments}
        reports, log = clean(from_frames(frames, duck), duck, settings, **plain)
        return frames_of(duck, reports), log

    return run
