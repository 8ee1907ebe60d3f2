"""The whole of cleaning: against the truth of a simulation, on both engines, on disk, on real reports."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from coley.toy.reports import NO_DIRT, ReportDesign, simulate_reports
from coley.vigilance.cleaning import Cleaning, CleaningLog, Match, clean
from coley.vigilance.cleaning.matchers import as_written
from coley.vigilance.dates import difference
from coley.vigilance.engine import connect
from coley.vigilance.relations import CleanReports
from coley.vigilance.schema import CLEAN
from coley.vigilance.store import from_frames, open_store

# Kinds of the clean schema, as Ibis writes them.
KINDS = {
    "text": {"string"},
    "whole": {"int64", "int32"},
    "number": {"float64"},
    "date": {"int32", "int64"},
    "flag": {"boolean"},
}
WITH_DUPLICATES = ReportDesign(n_cases=600, seed=5, n_drugs=40, n_terms=60)


def frame_of(con: Any, table: Any) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(con.to_pyarrow(table))).sort(pl.all())


def frames_of(con: Any, cleaned: CleanReports) -> dict[str, pl.DataFrame]:
    return {name: frame_of(con, getattr(cleaned, name)) for name in CLEAN}


def counts_of(log: CleaningLog) -> Any:
    return log.steps, log.noted, log.unmatched


def test_a_simulated_database_is_cleaned_as_a_perfect_cleaning_leaves_it() -> None:
    """Without duplicates nothing is left to chance: every relation is the true one, row by row."""
    design = ReportDesign(
        n_cases=1500,
        seed=2,
        dirt=replace(
            NO_DIRT, follow_ups=0.3, withdrawn=0.02, missing_date=0.2, partial_date=0.2, missing_age=0.2
        ),
    )
    simulated = simulate_reports(design)
    standard = dict(simulated.names.select("name", "ingredient").iter_rows())

    def matcher(names: Any) -> list[Match]:
        return [Match((str(standard[name]).lower(),), "exact") for name, _ in names]

    con = connect()
    cleaned, log = clean(
        from_frames(simulated.raw, con), con, Cleaning(find_duplicates=False), matcher=matcher
    )
    found, truth = frames_of(con, cleaned), simulated.clean
    assert found["cases"]["report_id"].sort().to_list() == truth["cases"]["report_id"].sort().to_list()
    for name, columns in {
        "cases": [
            "report_id",
            "case_id",
            "quarter",
            "year",
            "event_date",
            "age_group",
            "sex",
            "country",
            "reporter",
            "serious",
            "fatal",
        ],
        "exposures": ["report_id", "ingredient", "role"],
        "events": ["report_id", "term"],
        "onsets": ["report_id", "ingredient", "days"],
    }.items():
        ours, theirs = (frame[name].select(columns).sort(pl.all()) for frame in (found, truth))
        assert ours.rows() == theirs.rows(), name
    assert log.step("case versions").after == truth["cases"].height


def test_relations_have_the_columns_and_kinds_of_the_schema(tmp_path: Path) -> None:
    con = connect()
    raw = from_frames(simulate_reports(WITH_DUPLICATES).raw, con)
    for folder in (None, tmp_path / "clean"):
        cleaned, _ = clean(raw, con, matcher=as_written, folder=folder)
        for name, relation in CLEAN.items():
            table = getattr(cleaned, name)
            assert table.columns == relation.names
            for column in relation.columns:
                assert str(table[column.name].type()) in KINDS[column.kind], (name, column.name)


def test_parquet_on_disk_gives_what_tables_in_the_engine_give(tmp_path: Path) -> None:
    con = connect()
    raw = from_frames(simulate_reports(WITH_DUPLICATES).raw, con)
    here, log = clean(raw, con, matcher=as_written)
    there, log_there = clean(raw, con, matcher=as_written, folder=tmp_path / "clean")
    assert sorted(path.name for path in (tmp_path / "clean").iterdir()) == sorted(CLEAN)
    assert counts_of(log) == counts_of(log_there)
    for name, frame in frames_of(con, here).items():
        assert frame.rows() == frames_of(con, there)[name].rows()


def test_the_order_of_rows_does_not_matter() -> None:
    raw = simulate_reports(WITH_DUPLICATES).raw
    shuffled = {name: frame.sample(fraction=1, shuffle=True, seed=9) for name, frame in raw.items()}
    results = []
    for frames in (raw, shuffled):
        con = connect()
        cleaned, log = clean(from_frames(frames, con), con, matcher=as_written)
        results.append((frames_of(con, cleaned), counts_of(log), log.duplicates.pairs.rows()))  # type: ignore[union-attr]
    assert results[0][1:] == results[1][1:]
    assert all(results[0][0][name].equals(results[1][0][name]) for name in CLEAN)


@pytest.mark.real
def test_onsets_are_those_of_diana_less_the_day_of_the_first_dose(shared: Path, duck: Any) -> None:
    """DiAna counts the day of the first dose as 1, and negative times as they are; here that day is 0."""
    import ibis

    written = pl.read_csv(shared / "diana_faers_sample" / "sample_Ther.csv", infer_schema_length=0)
    known = written.filter(pl.col("time_to_onset").is_not_null()).select(
        pl.col("start_dt", "event_dt", "time_to_onset").cast(pl.Float64).cast(pl.Int64)
    )
    table = ibis.memtable(known.to_arrow())
    days = difference(table.start_dt, table.event_dt)
    ours = duck.to_pyarrow(table.select("time_to_onset", low=days.low, high=days.high)).to_pydict()
    assert len(ours["low"]) == 502
    assert [day + 1 for day in ours["low"]] == ours["time_to_onset"]
    assert ours["high"] == ours["low"]


@pytest.mark.real
def test_diana_sample(shared: Path, tmp_path: Path, duck: Any) -> None:
    """Skin care and acne: a median of 13 days, as DiAna's own tests assert, which is 12 counted from day 0.

    DiAna counts 8 drug rows, which are 2 reports. It also flags 170 of these reports as copies of others in the
    whole of FAERS, by rule: date, sex, age, country, drugs and reactions all equal, missing to missing. Few of
    the others are in this sample, and equal drugs and reactions with nothing else known are no duplicates here.
    """
    from coley.vigilance.reading import read_reports

    read_reports(shared / "diana_faers_sample", tmp_path / "store")
    cleaned, log = clean(open_store(tmp_path / "store", duck), duck, matcher=as_written)
    frames = frames_of(duck, cleaned)
    acne = (
        frames["onsets"]
        .filter(pl.col("ingredient").str.contains("skin care"))
        .join(frames["events"].filter(pl.col("term") == "acne"), on="report_id")
    )
    assert (acne.height, acne["days"].median()) == (2, 12.0)
    assert log.step("case versions").after == 1000
    assert len(log.duplicates.dropped) == 0  # type: ignore[union-attr]


@pytest.mark.real
def test_real_quarters_of_both_vintages(shared: Path, tmp_path: Path, duck: Any) -> None:
    from coley.vigilance.reading import read_reports

    read_reports(shared / "faers_ascii_mini", tmp_path / "store")
    cleaned, log = clean(open_store(tmp_path / "store", duck), duck)
    frames = frames_of(duck, cleaned)
    assert frames["cases"].height == log.step("case versions").after == 200
    assert frames["cases"]["quarter"].null_count() == 0
    assert frames["cases"].filter(pl.col("year") <= 2004).height >= 100
    # Every report names a drug and a reaction, and the drugs of both vintages go by one name.
    assert frames["exposures"]["report_id"].n_unique() == frames["events"]["report_id"].n_unique() == 200
    assert "acetylsalicylic acid" in set(frames["exposures"]["ingredient"])
    assert frames["onsets"]["days"].min() >= 0  # type: ignore[operator]
