"""Reading expression for scores: whose unit it is, and values that keep to their sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from coley.model.errors import InvalidSetting, MissingData, UnknownName
from coley.model.study import Study
from coley.run.score.matrix import Measured, measured, prepared

from .conftest import coding_genes

PATIENTS = "patient_id,response\n" + "".join(f"p{i},PD\n" for i in range(3))
GENES = ["CD8A", "CD4", "GZMA", "PRF1", "CD3E", "CD274"]


def matrix(folder: Path, *, name: str = "expression.tsv", scale: float = 100.0) -> Path:
    rows = [f"{gene}\t{scale * (i + 1)}\t{scale * i}\t{scale}\n" for i, gene in enumerate(GENES)]
    (folder / name).write_text("gene\tp0\tp1\tp2\n" + "".join(rows))
    return folder / name


def study(folder: Path, unit: str) -> Path:
    (folder / "study.toml").write_text(
        f'title = "T"\nexpression_unit = "{unit}"\n' if unit else 'title = "T"\n'
    )
    (folder / "patients.csv").write_text(PATIENTS)
    matrix(folder)
    return folder


def level(found: Measured) -> tuple[str, str, str]:
    return found.unit, found.unit_from, next(n.level for n in found.notes if n.name == "expression_unit")


def test_who_says_the_unit(tmp_path: Path) -> None:
    folder = study(tmp_path, "fpkm")
    # whole numbers look like counts, so whatever else is said is doubted, and a guess is said to be one
    assert level(measured(folder)) == ("fpkm", "the study", "warn")
    assert level(measured(folder, unit="tpm")) == ("tpm", "--unit", "warn")
    assert level(measured(folder, unit="counts")) == ("counts", "--unit", "pass")
    assert level(measured(study(tmp_path, "counts"))) == ("counts", "the study", "pass")
    assert level(measured(study(tmp_path, ""))) == ("counts", "a guess", "warn")
    assert level(measured(tmp_path / "expression.tsv")) == ("counts", "a guess", "warn")
    assert level(measured(folder / "study.toml", unit="tpm")) == ("tpm", "--unit", "warn")


def test_a_unit_that_cannot_be_told_must_be_said(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="cannot be told") as caught:
        measured(matrix(tmp_path, scale=100.5))
    assert "log2_tpm1" in caught.value.remedy
    with pytest.raises(UnknownName, match="tmp"):
        measured(tmp_path / "nowhere.tsv", unit="tmp")


def test_a_sample_of_zeros_does_not_hide_the_unit_of_the_others(tmp_path: Path) -> None:
    path = tmp_path / "m.tsv"
    path.write_text("gene\ta\tb\nCD8A\t400000.5\t0\nCD4\t599999.5\t0\n")
    assert measured(path).unit == "tpm"


def test_samples_in_rows_are_turned(tmp_path: Path) -> None:
    (tmp_path / "m.tsv").write_text("sample\tCD8A\tCD4\tGZMA\nx\t7\t100\t3\ny\t1\t2\t3\n")
    found = measured(tmp_path / "m.tsv")
    assert found.samples == ["x", "y"]
    assert found.frame.rows()[0] == ("CD8A", 7.0, 1.0)


def test_studies_without_expression_and_with_that_of_several_cohorts(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        study(tmp_path / name, "tpm")
    (tmp_path / "study.toml").write_text('studies = ["one", "two"]\n')
    with pytest.raises(InvalidSetting, match="2 cohorts: one, two"):
        measured(tmp_path)
    (tmp_path / "two" / "expression.tsv").unlink()
    assert level(measured(tmp_path)) == ("tpm", "the study", "warn")
    with pytest.raises(MissingData, match="expression"):
        measured(tmp_path / "two")


def test_notes_on_other_tables_are_left_to_the_doctor(tmp_path: Path) -> None:
    found = measured(study(tmp_path, "counts"))
    assert {n.name for n in found.study.notes} - {n.name for n in found.notes}
    assert {n.where.file for n in found.notes if n.where} == {"expression.tsv"}


def made(genes: list[str], values: np.ndarray, unit: str) -> Measured:
    names = [f"s{i}" for i in range(values.shape[1])]
    frame = pl.DataFrame(values, schema=names).insert_column(0, pl.Series("gene", genes))
    return Measured(Study("made", {"expression": frame}), frame, unit, "--unit", ())


def one(matrix: Measured, name: str) -> Measured:
    return Measured(matrix.study, matrix.frame.select("gene", name), matrix.unit, matrix.unit_from, ())


def test_with_a_reference_the_highest_row_of_a_gene_counts_in_each_sample() -> None:
    values = np.array([[100.0, 1.0], [3.0, 50.0], [40.0, 40.0]])
    both = made(["SEPT4", "C17orf47", "CD8A"], values, "tpm")  # two former names of SEPTIN4
    place = prepared(both, by_reference=False).genes.index("SEPTIN4")
    assert np.exp2(prepared(both, by_reference=False).values[place]) - 1 == pytest.approx([100, 1])
    assert np.exp2(prepared(both, by_reference=True).values[place]) - 1 == pytest.approx([100, 50])


def test_a_sample_may_be_called_anything() -> None:
    frame = pl.DataFrame({"gene": ["CD8A", None], "_a": [100.0, 1.0], "b c": [40.0, None]})
    found = prepared(Measured(Study("m", {}), frame, "tpm", "--unit", ()), by_reference=False)
    assert (found.genes, found.samples) == (("CD8A",), ("_a", "b c"))


@pytest.mark.parametrize("unit", ["fpkm", "counts"])
def test_with_a_reference_a_lone_sample_is_prepared_to_the_same_bits(tpm: np.ndarray, unit: str) -> None:
    values = np.rint(tpm[:, :3] * 7) if unit == "counts" else tpm[:, :3] * [0.3, 0.5, 1.1]
    several = made(coding_genes(), values, unit)
    expected = prepared(several, by_reference=True).values
    for i, name in enumerate(several.samples):
        alone = prepared(one(several, name), by_reference=True)
        assert alone.samples == (name,)
        assert (alone.values[:, 0] == expected[:, i]).all()
