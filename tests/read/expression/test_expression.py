"""Expression matrices of every make to one table."""

from __future__ import annotations

import builtins
import gzip
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import coley
from coley.model.answer import Check
from coley.model.errors import UnreadableInput
from coley.model.study import Study
from coley.read.expression import guess_unit

GENES = ["CD8A", "IFNG", "GZMB"]
SAMPLES = ["s1", "s2"]
VALUES = [[1.5, 2.5], [0.0, 4.0], [3.0, 12.25]]
EXPECTED = [("CD8A", 1.5, 2.5), ("IFNG", 0.0, 4.0), ("GZMB", 3.0, 12.25)]


def tsv(rows: list[str], columns: list[str], values: list[list[float]], corner: str = "gene") -> str:
    lines = ["\t".join([corner, *columns])]
    lines += ["\t".join([name, *map(str, row)]) for name, row in zip(rows, values, strict=True)]
    return "\n".join(lines) + "\n"


def rows_of(study: Study) -> list[tuple[object, ...]]:
    return study.table("expression").drop("_where").rows()


def notes(study: Study, name: str) -> list[Check]:
    return [check for check in study.notes if check.name == name]


def native(folder: Path, text: str, *, unit: str = "", ids: tuple[str, ...] = ("s1", "s2")) -> Path:
    (folder / "patients.csv").write_text("patient_id\n" + "".join(f"{name}\n" for name in ids))
    (folder / "matrix.tsv").write_text(text)
    said = f'expression_unit = "{unit}"\n' if unit else ""
    (folder / "study.toml").write_text(
        f'{said}[tables.expression]\nfile = "matrix.tsv"\n[tables.patients]\nfile = "patients.csv"\n'
    )
    return folder


def test_genes_by_samples_and_samples_by_genes_give_the_same_table(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    turned = np.array(VALUES).T.tolist()
    upright = coley.read(native(tmp_path / "a", tsv(GENES, SAMPLES, VALUES)))
    lying = coley.read(native(tmp_path / "b", tsv(SAMPLES, GENES, turned, corner="sample")))
    assert rows_of(upright) == EXPECTED
    assert rows_of(lying) == EXPECTED
    assert "2 names of its columns are ids" in notes(upright, "expression_orientation")[0].message
    assert "2 names of its rows are ids" in notes(lying, "expression_orientation")[0].message


def test_a_square_matrix_is_not_turned(tmp_path: Path) -> None:
    study = coley.read(native(tmp_path, tsv(GENES[:2], SAMPLES, VALUES[:2])))
    assert rows_of(study) == EXPECTED[:2]


def test_ids_decide_against_names_that_look_like_genes(tmp_path: Path) -> None:
    text = tsv(["probe1", "probe2"], ["TP53", "KRAS"], [[1.0, 2.0], [3.0, 4.0]], corner="probe")
    study = coley.read(native(tmp_path, text, ids=("TP53", "KRAS")))
    assert study.table("expression").columns == ["gene", "TP53", "KRAS", "_where"]


def test_names_of_genes_decide_where_no_id_does(tmp_path: Path) -> None:
    path = tmp_path / "lone.tsv"
    path.write_text(tsv(SAMPLES, GENES, np.array(VALUES).T.tolist(), corner="gene"))
    study = coley.read(path)
    assert rows_of(study) == EXPECTED
    assert study.table("samples").rows() == [("s1", "s1"), ("s2", "s2")]


def test_a_matrix_that_cannot_be_oriented_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lone.tsv"
    path.write_text(tsv(["x1", "x2"], ["y1", "y2"], [[1.0, 2.0], [3.0, 4.0]]))
    with pytest.raises(UnreadableInput, match="Nothing tells"):
        coley.read(path)


def test_samples_that_belong_to_nobody_are_named(tmp_path: Path) -> None:
    study = coley.read(native(tmp_path, tsv(GENES, SAMPLES, VALUES), ids=("s1", "p9")))
    assert "1 of 2 samples" in notes(study, "samples_unknown")[0].message


def test_of_a_gene_with_several_rows_the_highest_is_kept(tmp_path: Path) -> None:
    text = tsv(["CD8A", "IFNG", "CD8A"], SAMPLES, [[1.0, 1.0], [5.0, 6.0], [2.0, 3.0]])
    study = coley.read(native(tmp_path, text))
    assert rows_of(study) == [("IFNG", 5.0, 6.0), ("CD8A", 2.0, 3.0)]
    assert "CD8A" in notes(study, "genes_repeated")[0].message


def test_missing_infinite_and_strange_cells(tmp_path: Path) -> None:
    text = "gene\ts1\ts2\nCD8A\tNA\t1\nIFNG\t-Inf\tlow\nGZMB\t\t2\nNA\t5\t6\n"
    study = coley.read(native(tmp_path, text))
    assert rows_of(study) == [
        ("CD8A", None, 1.0),
        ("IFNG", None, None),
        ("GZMB", None, 2.0),
        ("NA", 5.0, 6.0),
    ]
    assert "1 cells" in notes(study, "not_a_number")[0].message
    assert "1 cells" in notes(study, "infinite_value")[0].message


def test_a_column_of_words_is_refused(tmp_path: Path) -> None:
    text = "gene\ts1\ts2\nCD8A\t1\thigh\nIFNG\t2\tlow\n"
    with pytest.raises(UnreadableInput, match="no matrix of numbers") as caught:
        coley.read(native(tmp_path, text))
    assert "s2" in caught.value.where


def test_a_manifest_may_name_the_column_of_genes(tmp_path: Path) -> None:
    text = "locus\tsymbol_x\ts1\ts2\nchr1\tCD8A\t1\t2\nchr2\tIFNG\t3\t4\n"
    place = native(tmp_path, text)
    manifest = (
        (place / "study.toml")
        .read_text()
        .replace(
            'file = "matrix.tsv"\n',
            'file = "matrix.tsv"\ncolumns = { gene = "symbol_x" }\nignore = ["locus"]\n',
        )
    )
    (place / "study.toml").write_text(manifest)
    assert rows_of(coley.read(place)) == [("CD8A", 1.0, 2.0), ("IFNG", 3.0, 4.0)]


def test_a_table_of_people_or_of_mutations_is_no_matrix(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("Name,patient_id,os_months,os_event\nAnn,1,3,1\n")
    assert coley.read(tmp_path / "people.csv").patients.height == 1
    (tmp_path / "calls.csv").write_text("gene,sample_id,effect\nBRAF,s1,missense\n")
    with pytest.raises(UnreadableInput, match="patients"):
        coley.read(tmp_path / "calls.csv")


# GCT


def gct(version: str = "#1.2", sizes: str = "3\t2", extra: str = "") -> str:
    head = "Name\tDescription\ts1\ts2\n" if version == "#1.2" else "id\tpr_title\ts1\ts2\n"
    body = "CD8A\tna\t1.5\t2.5\nIFNG\tna\t0\t4\nGZMB\tna\t3\t12.25\n"
    return f"{version}\n{sizes}\n{head}{extra}{body}"


def test_gct_of_both_versions(tmp_path: Path) -> None:
    (tmp_path / "a.gct").write_text(gct())
    (tmp_path / "b.gct").write_text(gct("#1.3", "3\t2\t1\t2", "dose\tna\t1\t2\nbatch\tna\tx\ty\n"))
    (tmp_path / "c.gct.gz").write_bytes(gzip.compress(gct().encode()))
    for name in ("a.gct", "b.gct", "c.gct.gz"):
        study = coley.read(tmp_path / name)
        assert rows_of(study) == EXPECTED, name
    assert coley.read(tmp_path / "b.gct").table("expression")["_where"][0] == "b.gct:6"


def test_gct_minus_666_is_a_number_and_a_blank_is_missing(tmp_path: Path) -> None:
    (tmp_path / "a.gct").write_text(gct().replace("1.5", "-666").replace("12.25", ""))
    assert rows_of(coley.read(tmp_path / "a.gct")) == [
        ("CD8A", -666.0, 2.5), ("IFNG", 0.0, 4.0), ("GZMB", 3.0, None)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (gct("#2.0"), "no GCT file"),
        (gct(sizes="many"), "Line 2"),
        (gct(sizes="4\t2"), "announces 4 rows"),
        (gct(sizes="3\t5"), "announces 5 samples"),
        (gct().replace("IFNG\tna\t0\t4", "IFNG\tna\t0"), "3 fields"),
        (gct().replace("s2", "s1"), "twice"),
        ("#1.2\n3\t2\n", "ends after"),
    ],
)
def test_broken_gct(text: str, match: str, tmp_path: Path) -> None:
    (tmp_path / "a.gct").write_text(text)
    with pytest.raises(UnreadableInput, match=match):
        coley.read(tmp_path / "a.gct")


# h5ad


def write_h5ad(path: Path, *, sparse: bool = False) -> None:
    anndata = pytest.importorskip("anndata")
    import pandas as pd
    from scipy.sparse import csr_matrix

    values = np.array(VALUES).T
    data = anndata.AnnData(
        csr_matrix(values) if sparse else values,
        obs=pd.DataFrame(index=pd.Index(SAMPLES, dtype=object)),
        var=pd.DataFrame(index=pd.Index(GENES, dtype=object)),
    )
    data.write_h5ad(path)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("sparse", [False, True])
def test_h5ad(sparse: bool, tmp_path: Path) -> None:
    write_h5ad(tmp_path / "a.h5ad", sparse=sparse)
    study = coley.read(tmp_path / "a.h5ad")
    assert rows_of(study) == EXPECTED
    assert "the format has them there" in notes(study, "expression_orientation")[0].message


@pytest.mark.filterwarnings("ignore")
def test_h5ad_without_anndata_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_h5ad(tmp_path / "a.h5ad")
    real = builtins.__import__

    def without(name: str, *args: object, **kwargs: object) -> object:
        if name == "anndata":
            raise ImportError(name)
        return real(name, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.delitem(sys.modules, "anndata", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UnreadableInput, match="not installed") as caught:
        coley.read(tmp_path / "a.h5ad")
    assert "coley[anndata]" in caught.value.remedy


def test_an_h5ad_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.h5ad").write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 500)
    with pytest.raises(UnreadableInput, match="cannot read"):
        coley.read(tmp_path / "a.h5ad")
    (tmp_path / "b.h5ad").write_text("gene\ts1\n")
    with pytest.raises(UnreadableInput, match="not an h5ad"):
        coley.read(tmp_path / "b.h5ad")


# Units


def simulated(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.negative_binomial(0.5, 0.005, size=(3000, 8)).astype(float)


def frame(values: np.ndarray) -> pl.DataFrame:
    columns = {f"s{i}": values[:, i] for i in range(values.shape[1])}
    return pl.DataFrame({"gene": [f"g{i}" for i in range(len(values))], **columns})


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10_000))
def test_units_are_guessed_from_the_numbers(seed: int) -> None:
    counts = simulated(seed)
    tpm = counts / counts.sum(axis=0) * 1e6
    assert guess_unit(frame(counts)).unit == "counts"
    assert guess_unit(frame(tpm)).unit == "tpm"
    assert guess_unit(frame(np.log2(tpm + 1))).unit == "log2_tpm1"
    assert guess_unit(frame(np.log2(tpm + 0.001))).unit == "log2_tpm001"
    assert guess_unit(frame(np.log2(counts + 1).round(4))).unit == "log2_counts1"
    assert guess_unit(frame(counts * 1.37)).unit == ""
    assert guess_unit(frame(np.log2(counts * 1.37 + 0.3) + 2)).unit == ""


def test_the_manifest_is_believed_and_contradictions_are_told(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    study = coley.read(native(tmp_path / "a", tsv(GENES, SAMPLES, [[1.0, 40.0]] * 3), unit="tpm"))
    assert study.about.expression_unit == "tpm"
    assert "looks like counts" in notes(study, "expression_unit")[0].message
    (tmp_path / "b").mkdir()
    study = coley.read(native(tmp_path / "b", tsv(GENES, SAMPLES, [[1.0, 40.0]] * 3)))
    assert "This is a guess" in notes(study, "expression_unit")[0].message


# Real matrices


@pytest.mark.real
@pytest.mark.parametrize(
    ("file", "genes", "samples", "unit"),
    [
        (
            "snyder2017_bladder/expression_log2counts1.tsv.gz",
            19727,
            25,
            "",
        ),  # estimated counts are no whole numbers
        ("prince_trial/rna_tpm.tsv.gz", 21830, 65, "tpm"),
        ("prince_trial/rna_counts.tsv.gz", 21830, 65, "counts"),
        ("riaz2017_predictior/expression_log2tpm001.tsv.gz", 1801, 23, "log2_tpm001"),
    ],
)
def test_real_matrices(file: str, genes: int, samples: int, unit: str, shared: Path) -> None:
    study = coley.read(shared / file)
    table = study.table("expression")
    assert (table.height, table.width - 2) == (genes, samples)
    assert study.about.expression_unit == unit
    assert study.table("samples").height == samples
    lines = gzip.decompress((shared / file).read_bytes()).decode().splitlines()
    header, last = lines[0].split("\t"), lines[-1].split("\t")
    row = table.row(-1, named=True)
    assert [row["gene"], *(row[name] for name in header[1:])] == [last[0], *map(float, last[1:])]
    assert row["_where"] == f"{Path(file).name}:{len(lines)}"


@pytest.mark.real
def test_snyder_is_matched_with_its_patients() -> None:
    place = Path(__file__).parents[2] / "real" / "snyder2017_bladder"
    if not (place / "../../../../shared/data/snyder2017_bladder").exists():
        pytest.skip("the real cohorts are not here")
    study = coley.read(place)
    assert "25 names of its columns are ids" in notes(study, "expression_orientation")[0].message
    assert set(study.table("expression").columns) - {"gene", "_where"} == set(study.patients["patient_id"])
    assert "0040" in study.table("expression").columns
