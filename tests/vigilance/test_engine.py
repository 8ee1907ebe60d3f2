"""The engines: what each is, and that an expression means the same on both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.vigilance.engine import connect, release
from coley.vigilance.schema import RAW
from coley.vigilance.store import from_frames, open_store

REPORTS = pl.DataFrame(
    {"report_id": [1, 2, 3], "case_id": [1, 2, 3], "received_date": [2017, 201706, 20170630]}
)
DRUGS = pl.DataFrame(
    {"report_id": [1, 1, 2], "drug_seq": [1, 2, 1], "name": ["Opdivo", "Yervoy", "Keytruda"]}
)
REACTIONS = pl.DataFrame({"report_id": [1, 2, 2], "term": ["Colitis", "Rash", "Rash"]})
FRAMES = {"reports": REPORTS, "drugs": DRUGS, "reactions": REACTIONS}


def test_an_engine_of_no_known_kind_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="no engine 'dask'"):
        connect("dask")


def test_frames_become_relations_with_every_column(duck: Any) -> None:
    raw = from_frames(FRAMES, duck)
    assert raw.drugs.columns == RAW["drugs"].names
    assert raw.deleted.count().execute() == 0
    assert raw.reports.weight_kg.count().execute() == 0  # absent is missing, not zero


def test_without_reactions_nothing_can_be_counted(duck: Any) -> None:
    with pytest.raises(UnreadableInput, match="reactions"):
        from_frames({"reports": REPORTS, "drugs": DRUGS}, duck)


def test_a_database_file_holds_its_relations(tmp_path: Path) -> None:
    file = tmp_path / "reports.db"
    con = connect(f"duckdb://{file}", memory="200MB", threads=1, scratch=tmp_path)
    name = from_frames(FRAMES, con).drugs.op().name
    con.disconnect()
    assert connect(f"duckdb://{file}").table(name).count().execute() == 3


def test_two_databases_on_one_engine_stay_apart(duck: Any) -> None:
    first, second = (from_frames({**FRAMES, "reports": REPORTS.head(n)}, duck) for n in (3, 2))
    assert (first.reports.count().execute(), second.reports.count().execute()) == (3, 2)


def test_a_store_without_a_relation_is_named(duck: Any, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="no relation 'reports'"):
        open_store(tmp_path, duck)


def test_a_released_database_is_closed(duck: Any) -> None:
    release(duck)
    with pytest.raises(Exception, match=r"(?i)connection"):
        duck.list_tables()
