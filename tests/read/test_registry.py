"""Counts of registries: three ways to tell them, and one message for each slip."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.read.test_economic_model import _of_study, _study, model_words, patients, write

from coley.economics.projection.registry_data import Counts
from coley.model.errors import UnreadableInput
from coley.read.economic_model import follow_up_of_study, model_of_study, read_economic_model

TABLE = pl.DataFrame(
    {
        "sex": ["all"] * 3 + ["women"],
        "start_months": [24.0, 36.0, 60.0, 24.0],
        "stop_months": [36.0, 60.0, 96.0, 36.0],
        "at_risk": [200, 150, 60, 80],
        "deaths": [20, 30, 6, 5],
        "survivors": [180, 120, 54, 75],
        "survival": [0.36, 0.288, 0.2592, 0.4],
    }
)
SPEC = {
    "file": "registry.csv",
    "time_unit": "months",
    "start": "start_months",
    "stop": "stop_months",
    "deaths": "deaths",
    "where": {"sex": "all"},
}


def read(folder: Path, table: pl.DataFrame = TABLE, **changes: Any) -> Counts:
    folder.mkdir(parents=True, exist_ok=True)
    table.write_csv(folder / "registry.csv")
    words = model_words()
    words["strategies"]["new"]["os"]["registry"] = SPEC | changes
    found = read_economic_model(write(folder, words, patients()))
    assert [source.file for source in found.sources] == ["model.toml", "patients.csv", "registry.csv"]
    assert found.followed["old.os"].registry is None
    counts = found.followed["new.os"].registry
    assert counts is not None
    return counts


def test_counts_are_read_in_years_in_order_of_time(tmp_path: Path) -> None:
    found = read(tmp_path / "a", TABLE.reverse())
    assert found.start_years.tolist() == [2, 3, 5]
    assert found.stop_years.tolist() == [3, 5, 8]
    assert found.at_risk.tolist() == [200, 150, 60]
    assert found.survivors.tolist() == [180, 120, 54]
    assert found.source == "registry.csv"
    assert read(tmp_path / "b", source="SEER").source == "SEER"


def test_deaths_survivors_and_survival_say_the_same(tmp_path: Path) -> None:
    deaths = read(tmp_path / "a").survivors
    assert read(tmp_path / "b", deaths="", survivors="survivors").survivors == pytest.approx(deaths)
    first = TABLE.head(1).with_columns(
        start_months=pl.lit(0.0), stop_months=pl.lit(24.0), at_risk=pl.lit(500), survival=pl.lit(0.4)
    )
    whole = pl.concat([first.cast(TABLE.schema), TABLE])
    for i, factor in enumerate((1, 100)):
        table = whole.with_columns(pl.col("survival") * factor)
        found = read(tmp_path / f"c{i}", table, deaths="", survival="survival", from_years=2)
        assert found.start_years.tolist() == [2, 3, 5]
        assert found.survivors == pytest.approx(deaths)
    everything = read(tmp_path / "d", whole, deaths="", survival="survival")
    assert everything.survivors[0] == pytest.approx(200)


def test_unit_of_time_does_not_matter(tmp_path: Path) -> None:
    table = TABLE.with_columns(pl.col("start_months", "stop_months") / 12).rename(
        {"start_months": "start_years", "stop_months": "stop_years"}
    )
    found = read(tmp_path, table, start="start_years", stop="stop_years", time_unit="years")
    assert found.stop_years == pytest.approx(np.array([3.0, 5.0, 8.0]))


def _first(**values: Any) -> pl.DataFrame:
    """Return the table with other values in its first row."""
    at = pl.int_range(pl.len()) == 0
    return TABLE.with_columns(
        pl.when(at).then(pl.lit(value)).otherwise(pl.col(name)).alias(name) for name, value in values.items()
    )


@pytest.mark.parametrize(
    ("table", "changes", "told"),
    [
        (TABLE, {"start": "start_month"}, ["has no column 'start_month'", "Did you mean 'start_months'?"]),
        (TABLE, {"time_unit": "years"}, ["reads the column 'start_months' in years"]),
        (TABLE, {"where": {}}, ["lie over each other", "Choose one group by where"]),
        (TABLE, {"where": {"sex": "men"}}, ["No row of registry.csv has sex = men"]),
        (_first(stop_months=12.0), {}, ["ends before it begins", "registry.csv:2"]),
        (_first(start_months=-3.0), {}, ["begins before zero"]),
        (_first(at_risk=0), {}, ["nobody is at risk", "registry.csv:2"]),
        (_first(deaths=201), {}, ["more die than are at risk", "registry.csv:2"]),
        (_first(survivors=-1), {"deaths": "", "survivors": "survivors"}, ["more survive than"]),
        (_first(deaths="20 %"), {}, ["deaths of registry.csv holds '20 %', which is no number", "csv:2"]),
        (_first(deaths=None), {}, ["deaths of registry.csv is empty in a row", "csv:2"]),
        (TABLE, {"from_years": 9}, ["No interval of registry.csv begins at 9 years or later"]),
        (TABLE, {"deaths": "", "survival": "survival"}, ["at the start of an interval", "no row ends where"]),
        (
            _first(start_months=0.0, survival=0.2),
            {"deaths": "", "survival": "survival"},
            ["Survival rises in registry.csv"],
        ),
        (
            _first(start_months=0.0, survival=-0.2),
            {"deaths": "", "survival": "survival"},
            ["lies outside 0 to 1"],
        ),
        (
            TABLE.with_columns(pl.col("start_months", "stop_months") * 30).rename(
                {"start_months": "start", "stop_months": "stop"}
            ),
            {"start": "start", "stop": "stop"},
            ["ends after 240 years", "another unit than months"],
        ),
    ],
)
def test_a_slip_is_named_with_its_line(
    tmp_path: Path, table: pl.DataFrame, changes: dict[str, Any], told: list[str]
) -> None:
    with pytest.raises(UnreadableInput) as caught:
        read(tmp_path, table, **changes)
    for words in told:
        assert words in str(caught.value)


def test_the_model_of_a_study_brings_no_registry() -> None:
    words = _of_study()
    words["strategies"]["new"]["os"]["registry"] = SPEC
    study = _study(patients(), words)
    with pytest.raises(UnreadableInput, match=r"new\.os names the registry 'registry\.csv'"):
        follow_up_of_study(study, model_of_study(study))


def test_notes_of_reading_go_with_the_patients(tmp_path: Path) -> None:
    table = patients().with_columns(pl.col("os_months").cast(pl.String).str.replace(".", ",", literal=True))
    path = write(tmp_path, model_words())
    table.write_csv(tmp_path / "patients.csv", separator=";")
    found = read_economic_model(path)
    assert found.followed["new.os"].time_years == pytest.approx(
        patients().filter(pl.col("arm") == "new")["os_months"].to_numpy() / 12
    )
    notes = found.followed["new.os"].notes
    assert any("comma" in note.message for note in notes), [note.message for note in notes]
    assert not any("comma" in note.message for note in found.followed["new.pfs"].notes)
