"""Tables without a manifest: recognised by their columns, sheets stacked as cohorts."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

import coley
from coley.model.dictionary import tables
from coley.model.errors import UnreadableInput
from coley.read.plain import recognise


def workbook(path: Path, **sheets: list[list[object]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for i, row in enumerate(rows):
                sheet.write_row(i, 0, row)
    return path


def test_every_table_of_the_dictionary_is_recognised_by_its_own_names() -> None:
    for name, table in tables().items():
        if name == "scores":
            continue  # it has no names of its own but its key: a study names its file
        assert recognise(list(table.columns), least=2 if len(table.columns) > 1 else 1) == name


def test_one_file_is_the_table_of_patients(tmp_path: Path) -> None:
    path = tmp_path / "clinical.tsv"
    path.write_text("Subject\tOS (days)\tOS_STATUS\nP1\t61\t1:DECEASED\n")
    study = coley.read(path)
    assert study.name == "clinical"
    assert study.patients.select("patient_id", "os_event").rows() == [("P1", True)]
    assert study.sources[0].file == "clinical.tsv"
    recognised = [note.message for note in study.notes if note.name == "columns_recognised"]
    assert "OS (days) as os_months" in recognised[0]


def test_sheets_become_cohorts_and_colliding_ids_are_told_apart(tmp_path: Path) -> None:
    rows = [["id no", "x"], ["read", "me"]]
    one = [["patient_id", "age", "ki67"], [1, 61, 5], [2, 70, 6]]
    two = [["patient_id", "age", "cohort"], [1, 50, "site A"]]
    study = coley.read(workbook(tmp_path / "all.xlsx", README=rows, Kato=one, Ravi=two))
    assert study.patients["patient_id"].to_list() == ["Kato:1", "Kato:2", "Ravi:1"]
    assert study.patients["cohort"].to_list() == ["Kato", "Kato", "Ravi"]
    assert study.patients["cohort_original"].to_list() == [None, None, "site A"]
    assert study.patients["_where"][2] == "all.xlsx[Ravi]:2"
    notes = {note.name: note for note in study.notes}
    assert notes["cohorts"].level == "warn"
    assert "README" in notes["table_not_recognised"].message


def test_ids_that_do_not_collide_stay_as_they_are(tmp_path: Path) -> None:
    sheets = {"A": [["patient_id", "age"], ["a1", 61]], "B": [["patient_id", "age"], ["b1", 50]]}
    study = coley.read(workbook(tmp_path / "all.xlsx", **sheets))
    assert study.patients["patient_id"].to_list() == ["a1", "b1"]
    assert {note.name: note.level for note in study.notes}["cohorts"] == "pass"


def test_colliding_ids_that_other_tables_refer_to_are_refused(tmp_path: Path) -> None:
    sheets: dict[str, list[list[object]]] = {
        "A": [["patient_id", "age"], ["1", 61]],
        "B": [["patient_id", "age"], ["1", 50]],
        "AE": [["patient_id", "term", "grade"], ["1", "Colitis", 3]],
    }
    with pytest.raises(UnreadableInput, match="cannot be linked"):
        coley.read(workbook(tmp_path / "all.xlsx", **sheets))


def test_files_of_a_folder_are_recognised(tmp_path: Path) -> None:
    (tmp_path / "demo.csv").write_text("USUBJID,AGE,SEX,os_days,os_status\nP1,61,M,30,1\nP2,70,F,60,0\n")
    (tmp_path / "ae.csv").write_text("USUBJID,AEDECOD,AETOXGR\nP1,Colitis,3\nP1,Rash,1\n")
    (tmp_path / "visits.csv").write_text("USUBJID,AGE\nP1,61\nP1,61\n")
    (tmp_path / "readme.txt").write_text("All about\nthis, and\nthat, too, and more\n")
    (tmp_path / "cars.csv").write_text("brand,colour\nx,y\n")
    study = coley.read(tmp_path)
    assert {name: frame.height for name, frame in study.tables.items()} == {
        "patients": 2,
        "adverse_events": 2,
    }
    notes = {note.name: note for note in study.notes}
    assert "visits.csv" in notes["table_left_out"].message
    unknown = {
        note.where.file: note.level
        for note in study.notes
        if note.name == "table_not_recognised" and note.where
    }
    assert unknown["cars.csv"] == "warn"
    assert unknown.get("readme.txt", notes.get("file_not_read", notes["table_left_out"]).level) == "pass"


def test_files_that_may_hold_the_same_patients_are_not_stacked(tmp_path: Path) -> None:
    (tmp_path / "v2019.csv").write_text("patient_id,os_months\nP1,3\nP2,4\n")
    (tmp_path / "v2020.csv").write_text("patient_id,os_months\nP1,9\nP3,4\n")
    with pytest.raises(UnreadableInput, match="2 rows share a patient_id across them") as caught:
        coley.read(tmp_path)
    assert "v2019.csv, v2020.csv" in caught.value.where


def test_a_table_of_something_else_says_what_was_looked_for(tmp_path: Path) -> None:
    (tmp_path / "cars.csv").write_text("brand,colour\nx,y\n")
    for path in (tmp_path, tmp_path / "cars.csv"):
        with pytest.raises(UnreadableInput, match="No table of patients") as caught:
            coley.read(path)
        assert "patient_id" in caught.value.cause
        assert "brand, colour" in caught.value.cause
