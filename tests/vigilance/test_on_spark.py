"""The same from Spark as from DuckDB: a whole run, and what each relation is made of.

They stand together, so that one worker starts one cluster.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis
import polars as pl
import pyarrow as pa
import pytest

import coley.questions.harm as harm
from coley.run.signals import SignalsSettings, run_signals
from coley.toy.reports import ReportDesign, simulate_reports, write_faers
from coley.vigilance import dates
from coley.vigilance.counting import count
from coley.vigilance.engine import connect, is_spark, release
from coley.vigilance.exposure import features, regimen_exposures
from coley.vigilance.pairs import code, count_pairs
from coley.vigilance.schema import CLEAN
from coley.vigilance.store import from_frames

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def duckdb() -> Any:
    return connect()


def test_a_whole_run_gives_the_same_to_the_byte(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cleaned relations row by row, the log, the pairs of duplicates, the answers and every table."""
    write_faers(tmp_path / "faers", simulate_reports(ReportDesign(n_cases=1_500, quarters=2)).raw)
    cleaned: dict[str, Any] = {}
    ask = harm.signals

    def watched(database: Any, *asked: Any) -> Any:
        rows = {
            name: sorted(database.con.to_polars(getattr(database.reports, name)).rows(), key=str)
            for name in CLEAN
        }
        cleaned[database.con.name] = (rows, database.cleaning, database.cleaning.duplicates)
        return ask(database, *asked)

    monkeypatch.setattr(harm, "signals", watched)
    master = spark._session.sparkContext.master
    for name, engine in (("here", "duckdb"), ("there", master)):
        run_signals(
            [tmp_path / "faers"],
            out=tmp_path / name,
            settings={"screen": "false"},
            how=SignalsSettings(engine=engine),
        )
    (rows, log, pairs), (rows_there, log_there, pairs_there) = cleaned["duckdb"], cleaned["pyspark"]
    for name in CLEAN:
        assert rows[name] == rows_there[name], name
    assert log == log_there
    assert pairs.pairs.height > 50
    assert pairs.pairs.drop("probability").rows() == pairs_there.pairs.drop("probability").rows()
    here, there = (written(tmp_path / name) for name in ("here", "there"))
    assert sorted(here) == sorted(there)
    assert "answers.json" in here
    assert len(here) > 10
    assert [name for name in here if here[name] != there[name]] == []


def written(folder: Path) -> dict[str, bytes]:
    """The answers and the tables of a report."""
    paths = [folder / "answers.json", *(folder / "tables").rglob("*.csv")]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_relations_from_frames_are_joined_and_counted(duckdb: Any, spark: Any) -> None:
    assert is_spark(spark)
    frames = {
        "reports": pl.DataFrame({"report_id": [1, 2, 3]}),
        "drugs": pl.DataFrame(
            {"report_id": [1, 2, 2], "drug_seq": [1, 1, 2], "name": ["Opdivo", "Yervoy", "Opdivo"]}
        ),
        "reactions": pl.DataFrame({"report_id": [1, 2, 3], "term": ["Colitis", "Colitis", "Rash"]}),
    }
    told = []
    for con in (duckdb, spark):
        raw = from_frames(frames, con)
        joined = raw.drugs.join(raw.reactions, "report_id")
        counted = joined.group_by("name", "term").agg(n=joined.report_id.nunique())
        told.append(sorted(con.to_polars(counted).rows()))
    assert told[0] == told[1] == [("Opdivo", "Colitis", 2), ("Yervoy", "Colitis", 1)]


def test_pairs_and_margins(duckdb: Any, spark: Any) -> None:
    reports = ibis.memtable({"report_id": [1, 2, 3, 4, 5], "sex": ["F", "F", "M", None, "M"]})
    exposures = ibis.memtable({"report_id": [1, 1, 2, 3, 5], "exposure": ["a", "b", "a", "b", "c"]})
    events = ibis.memtable({"report_id": [1, 2, 2, 4, 5], "event": ["x", "x", "y", "y", "x"]})
    told = []
    for con in (duckdb, spark):
        counted = count(con, reports, exposures=exposures, events=events, by=["sex"])
        pairs = count_pairs(con, code(con, reports, exposures=exposures, events=events))
        told.append(
            [
                *(frame.rows() for frame in (counted.both, counted.exposed, counted.event, counted.total)),
                pairs.exposure.tolist(), pairs.event.tolist(), pairs.counts.both.tolist(),
                pairs.counts.exposed.tolist(), pairs.exposures, pairs.events,
            ]
        )  # fmt: skip
    assert told[0] == told[1]


def test_regimens(duckdb: Any, spark: Any) -> None:
    given = [
        (1, "nivolumab", "PS"), (1, "ipilimumab", "SS"), (2, "pembrolizumab", "PS"), (2, "carboplatin", "C"),
        (3, "axitinib", "PS"), (4, "nivolumab", "C"),
    ]  # fmt: skip
    table = pl.DataFrame(given, schema=["report_id", "ingredient", "role"], orient="row")
    exposures = ibis.memtable(table.to_arrow(compat_level=pl.CompatLevel.oldest()))
    found = regimen_exposures(features(exposures))
    here, there = (sorted(con.to_polars(found).rows()) for con in (duckdb, spark))
    assert here == there
    assert (1, "pd1_ctla4") in here or any(report == 1 for report, _ in here)


def test_days_of_dates_of_any_precision(duckdb: Any, spark: Any) -> None:
    days = [20240229, 20230229, 201702, 2017, 19000228, 19691231, None]
    table = ibis.memtable(pa.table({"d": pa.array(days, pa.int32())}))
    asked = table.select(
        full=dates.full_day(table.d),
        first=dates.first_day(table.d),
        last=dates.last_day(table.d),
        quarter=dates.quarter_index(table.d),
        precision=dates.precision(table.d),
    )
    assert spark.to_pyarrow(asked).to_pylist() == duckdb.to_pyarrow(asked).to_pylist()


def test_a_shared_session_outlives_its_users(spark: Any) -> None:
    release(spark)
    assert spark.to_pyarrow(spark.sql("SELECT 1 AS one")).column("one").to_pylist() == [1]
