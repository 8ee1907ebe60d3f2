"""The native folder: files by manifest or by name, combined by key, recorded with their checksums."""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl
import pytest

import coley
from coley.model.errors import ColeyError, UnreadableInput


def study(folder: Path, manifest: str = "", **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    if manifest:
        (folder / "study.toml").write_text(manifest)
    return folder


def test_tables_are_found_by_name(tmp_path: Path) -> None:
    pl.DataFrame(
        {"patient_id": ["a"], "lesion_id": ["1"], "day": [0.0], "diameter_mm": [12.5]}
    ).write_parquet(tmp_path / "lesions.parquet")
    study(tmp_path, patients__csv="patient_id,os_months\na,3\n", notes__csv="x\n1\n")
    read = coley.read(tmp_path)
    assert read.name == tmp_path.name
    assert list(read.tables) == ["patients", "lesions"]
    assert read.patients["_where"][0] == "patients.csv:2"
    (source, _) = read.sources
    data = (tmp_path / "patients.csv").read_bytes()
    assert (source.file, source.tables, source.bytes) == ("patients.csv", ("patients",), len(data))
    assert source.sha256 == hashlib.sha256(data).hexdigest()


def test_two_files_for_one_table_are_refused(tmp_path: Path) -> None:
    study(tmp_path, patients__csv="patient_id\na\n", patients__tsv="patient_id\na\n")
    with pytest.raises(UnreadableInput, match="Two files bear the name of table patients"):
        coley.read(tmp_path)


JOIN = """
root = "data"
[[tables.patients]]
file = "a.csv"
[[tables.patients]]
file = "b.csv"
combine = "join"
"""


def joined(tmp_path: Path, a: str, b: str) -> coley.Study:
    (tmp_path / "data").mkdir()
    study(tmp_path / "data", a__csv=a, b__csv=b)
    return coley.read(study(tmp_path, JOIN))


def test_files_are_joined_by_key_and_not_by_position(tmp_path: Path) -> None:
    read = joined(tmp_path, "patient_id,age\nP1,61\nP2,70\nP3,50\n", "tmb,subject\n9,P3\n4,P1\n1,P9\n")
    assert read.patients["tmb_per_mb"].to_list() == [4.0, None, 9.0]
    assert read.patients["_where"].to_list() == ["a.csv:2", "a.csv:3", "a.csv:4"]
    (note,) = [note for note in read.notes if note.name == "join_unmatched"]
    assert note.where is not None
    assert note.where.values == ("P9",)


def test_a_key_twice_in_the_joined_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput) as caught:
        joined(tmp_path, "patient_id,age\nP1,61\n", "patient_id,tmb\nP1,3\nP1,4\n")
    assert "b.csv:2, b.csv:3" in caught.value.where
    assert "P1" in caught.value.where


def test_a_column_in_both_files_is_kept_from_the_first_with_a_warning(tmp_path: Path) -> None:
    read = joined(tmp_path, "patient_id,age\nP1,61\n", "patient_id,age,nlr\nP1,99,3\n")
    assert read.patients["age_years"].to_list() == [61.0]
    assert read.patients["nlr"].to_list() == [3.0]
    assert "column_in_two_files" in {note.name for note in read.notes}


def test_files_are_stacked_and_a_patient_in_both_is_an_error(tmp_path: Path) -> None:
    manifest = '[[tables.patients]]\nfile = "a.csv"\n[[tables.patients]]\nfile = "b.csv"\ncombine = "stack"\n'
    study(tmp_path, manifest, a__csv="patient_id,age\nP1,61\n", b__csv="patient_id,ki67\nP2,12\n")
    assert coley.read(tmp_path).patients["age_years"].to_list() == [61.0, None]
    study(tmp_path, b__csv="patient_id,ki67\nP1,12\n")
    with pytest.raises(UnreadableInput, match="share a patient_id"):
        coley.read(tmp_path)


def test_several_files_must_say_how_they_meet(tmp_path: Path) -> None:
    manifest = '[[tables.patients]]\nfile = "a.csv"\n[[tables.patients]]\nfile = "b.csv"\n'
    study(tmp_path, manifest, a__csv="patient_id\nP1\n", b__csv="patient_id\nP2\n")
    with pytest.raises(UnreadableInput, match="does not say how they meet"):
        coley.read(tmp_path)


def test_rows_are_chosen_by_value_and_keep_their_lines(tmp_path: Path) -> None:
    manifest = '[tables.patients]\nfile = "a.csv"\nwhere = { PARAMCD = "OS", phase = [2, 3] }\n'
    rows = "patient_id,PARAMCD,phase\nP1,PFS,2\nP1,OS,2\nP2,OS,1\nP3,OS,3\n"
    study(tmp_path, manifest, a__csv=rows)
    assert coley.read(tmp_path).patients["_where"].to_list() == ["a.csv:3", "a.csv:5"]
    study(tmp_path, manifest.replace('"OS"', '"DFS"'))
    with pytest.raises(UnreadableInput, match=r"No row of a\.csv has PARAMCD = DFS") as caught:
        coley.read(tmp_path)
    assert "OS" in caught.value.where
    study(tmp_path, manifest.replace("PARAMCD", "PARAMCDE"))
    with pytest.raises(UnreadableInput, match="no column 'PARAMCDE'"):
        coley.read(tmp_path)


@pytest.mark.parametrize("name", ["../secret.csv", "/etc/passwd", "link.csv", "sub/../../secret.csv"])
def test_no_file_outside_the_folder_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.csv").write_text("patient_id\nP1\n")
    inner = tmp_path / "study"
    inner.mkdir()
    (inner / "sub").mkdir()
    (inner / "link.csv").symlink_to(tmp_path / "secret.csv")
    study(inner, f'[tables.patients]\nfile = "{name}"\n')
    with pytest.raises(UnreadableInput, match="outside the folder"):
        coley.read(inner)


def test_an_absent_file_is_met_with_the_nearest(tmp_path: Path) -> None:
    study(tmp_path, '[tables.patients]\nfile = "clinical.csv"\n', clinicl__csv="patient_id\n1\n")
    with pytest.raises(UnreadableInput, match="which is not there") as caught:
        coley.read(tmp_path)
    assert "clinicl.csv" in caught.value.remedy


@pytest.mark.parametrize("name", ["loop.csv", "a\\u0000b.csv", "a" * 5000 + ".csv", ".", "", "sub"])
def test_strange_file_names_end_in_a_message(tmp_path: Path, name: str) -> None:
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    (tmp_path / "sub").mkdir()
    study(tmp_path, f'[tables.patients]\nfile = "{name}"\n')
    with pytest.raises(ColeyError):
        coley.read(tmp_path)


def test_the_manifest_itself_may_be_named(tmp_path: Path) -> None:
    study(
        tmp_path,
        'name = "N"\nrandomised = true\n[tables.patients]\nfile = "a.csv"\n',
        a__csv="patient_id\nP1\n",
    )
    read = coley.read(tmp_path / "study.toml", currency="EUR")
    assert (read.name, read.about.randomised, read.about.currency) == ("N", True, "EUR")


def test_an_absent_root_and_an_empty_study(tmp_path: Path) -> None:
    study(tmp_path, 'root = "nowhere"')
    with pytest.raises(UnreadableInput, match="'nowhere'"):
        coley.read(tmp_path)
    study(tmp_path, 'title = "t"')
    with pytest.raises(UnreadableInput, match="names no tables"):
        coley.read(tmp_path)
