"""Several studies as one: nothing collides, nothing is lost, and each keeps its own words."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import coley
from coley.model.errors import InvalidSetting, UnreadableInput
from coley.model.study import About, Study
from coley.read.collection import collection
from coley.read.write import write_study


def member(name: str, *, unit: str = "tpm", **columns: list[object]) -> Study:
    patients = pl.DataFrame({"patient_id": ["1", "2"], "os_months": [3.0, 9.0], **columns})
    expression = pl.DataFrame({"gene": ["A", "B"], "1": [1.0, 2.0], "2": [3.0, 4.0]})
    return Study(
        name, {"patients": patients, "expression": expression}, About(title=name, expression_unit=unit)
    )


def test_the_same_id_in_two_studies_is_two_patients() -> None:
    both = collection([member("a"), member("b")], name="both")
    assert both.patients["patient_id"].to_list() == ["a/1", "a/2", "b/1", "b/2"]
    assert both.patients["cohort"].to_list() == ["a", "a", "b", "b"]
    assert both.tables["expression"].columns == ["gene", "a/1", "a/2", "b/1", "b/2"]


def test_genes_are_joined_by_name_and_not_by_position() -> None:
    other = member("b").with_table("expression", pl.DataFrame({"gene": ["C", "A"], "1": [7.0, 8.0]}))
    joined = collection([member("a"), other], name="both").tables["expression"].sort("gene")
    assert joined["gene"].to_list() == ["A", "B", "C"]
    assert joined["b/1"].to_list() == [8.0, None, 7.0]
    assert joined["a/1"].to_list() == [1.0, 2.0, None]


def test_a_gene_that_stands_twice_does_not_multiply_rows() -> None:
    twice = pl.DataFrame({"gene": ["A", "A"], "1": [1.0, 2.0]})
    joined = collection(
        [member("a").with_table("expression", twice), member("b").with_table("expression", twice)],
        name="both",
    ).tables["expression"]
    assert joined.height == 2
    assert joined.select("a/1", "b/1").rows() == [(1.0, 1.0), (2.0, 2.0)]


def test_each_cohort_keeps_what_its_manifest_says() -> None:
    both = collection([member("a", unit="tpm"), member("b", unit="counts")], name="both")
    assert (both.about.of("a").expression_unit, both.about.of("b").expression_unit) == ("tpm", "counts")
    assert both.about.expression_unit == ""
    assert both.about.of("somebody else") is both.about


def test_what_all_say_alike_is_said_of_the_whole() -> None:
    assert collection([member("a"), member("b")], name="both").about.expression_unit == "tpm"


def test_a_study_of_several_cohorts_gives_as_many() -> None:
    several = member("a", cohort=["first", "second"])
    assert collection([several, member("b")], name="x").patients["cohort"].unique(
        maintain_order=True
    ).to_list() == [
        "a/first",
        "a/second",
        "b",
    ]


def test_a_column_that_is_text_in_one_study_and_a_number_in_another_is_kept_as_text() -> None:
    both = collection([member("a", site=["x", "y"]), member("b", site=[1, 2])], name="both")
    assert both.patients["site"].to_list() == ["x", "y", "1", "2"]


@pytest.mark.parametrize("members", [[], [member("a"), member("a")]], ids=["none", "one name twice"])
def test_what_cannot_be_told_apart_is_refused(members: list[Study]) -> None:
    with pytest.raises(UnreadableInput):
        collection(members, name="both")


def test_a_manifest_names_its_studies(tmp_path: Path) -> None:
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "patients.csv").write_text("patient_id,os_months\n1,3\n")
    (tmp_path / "study.toml").write_text('title = "Both"\nstudies = ["a", "b"]\n')
    both = coley.read(tmp_path)
    assert both.patients["patient_id"].to_list() == ["a/1", "b/1"]
    assert both.about.title == "Both"
    assert [source.file for source in both.sources] == ["a/patients.csv", "b/patients.csv"]


def test_a_collection_names_its_economic_model(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "patients.csv").write_text("patient_id,os_months\n1,3\n")
    (tmp_path / "study.toml").write_text('studies = ["a", "b"]\neconomic_model = "model.toml"\n')
    (tmp_path / "model.toml").write_text('title = "A model"\n')
    read = coley.read(tmp_path)
    assert read.economic_model["title"] == "A model"
    assert "model.toml" in [source.file for source in read.sources]


@pytest.mark.parametrize("studies", ['["."]', '["../elsewhere"]', '["absent"]'])
def test_a_collection_stays_in_its_folder(tmp_path: Path, studies: str) -> None:
    (tmp_path / "study.toml").write_text(f"studies = {studies}\n")
    with pytest.raises(UnreadableInput):
        coley.read(tmp_path)


def test_studies_and_tables_do_not_stand_in_one_manifest(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text('studies = ["a"]\n[tables.patients]\nfile = "a.csv"\n')
    with pytest.raises(UnreadableInput, match="both studies and tables"):
        coley.read(tmp_path)


def test_a_list_of_studies_is_read_as_one() -> None:
    assert coley.read([member("a"), member("b")], name="both").patients.height == 4


def test_a_collection_is_not_written_as_one_folder(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="several studies"):
        write_study(collection([member("a"), member("b")], name="both"), tmp_path)
    assert not list(tmp_path.iterdir())
