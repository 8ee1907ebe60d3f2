"""The verb: paths, dataframes of any library, and what the caller says about the study."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import coley
from coley.model.errors import InvalidSetting, UnknownName, UnreadableInput

COLUMNS = {"patient_id": ["0040", "0471"], "age": [61.0, None], "BOR": ["PR", "NE"], "os_days": [61, 122]}


@pytest.mark.parametrize(
    "frame",
    [
        pl.DataFrame(COLUMNS),
        pl.LazyFrame(COLUMNS),
        pd.DataFrame(COLUMNS),
        pa.table(COLUMNS),
        {"patients": pd.DataFrame(COLUMNS)},
    ],
    ids=["polars", "lazy", "pandas", "pyarrow", "mapping"],
)
def test_any_dataframe_gives_the_same_study(frame: object) -> None:
    study = coley.read(frame, name="s", randomised=False)
    patients = study.patients
    assert patients["patient_id"].to_list() == ["0040", "0471"]
    assert patients["age_years"].to_list() == [61.0, None]
    assert patients["response"].to_list() == ["PR", "NE"]
    assert patients["os_months"][0] * 30.4375 == pytest.approx(61)
    assert patients["_where"].to_list() == ["patients:0", "patients:1"]
    assert (study.name, study.about.randomised) == ("s", False)


def test_a_pandas_column_of_mixed_objects_and_nested_values() -> None:
    frame = pd.DataFrame(
        {"patient_id": [1, "b", "c"], "age": [61, "NA", None], "hla": [["A*02"], ["B*07"], []]}
    )
    patients = coley.read(frame).patients
    assert patients["patient_id"].to_list() == ["1", "b", "c"]
    assert patients["age_years"].to_list() == [61.0, None, None]


def test_what_is_no_frame_is_refused() -> None:
    for thing in (3, None, [3], {"patients": "a.csv"}):
        with pytest.raises(UnreadableInput, match="cannot be read from"):
            coley.read(thing)
    with pytest.raises(UnknownName, match="'patiens'"):
        coley.read({"patiens": pl.DataFrame(COLUMNS)})


def test_words_about_the_study_are_checked() -> None:
    with pytest.raises(InvalidSetting) as caught:
        coley.read(pl.DataFrame(COLUMNS), randomized=True)
    assert "'randomised'" in caught.value.remedy


@pytest.mark.parametrize("path", ["no/such/folder", "https://example.org/a.csv", "a\0b", "x" * 5000, ""])
def test_paths_that_lead_nowhere(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UnreadableInput):
        coley.read(path)


def test_the_package_and_the_verb_share_a_name() -> None:
    code = (
        "import coley, coley.read.raw, polars as pl\n"
        "print(coley.read(pl.DataFrame({'patient_id': ['a']})).patients.height, coley.read.raw.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "coley.read.raw"]
