"""Mutations: a lone MAF, and the table of mutations of a study."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import coley
from coley.model.answer import Check
from coley.model.study import Study
from coley.read.maf import classifications

HEADER = [
    "Hugo_Symbol", "NCBI_Build", "Chromosome", "Start_Position", "Variant_Classification", "Reference_Allele",
    "Tumor_Seq_Allele2", "Tumor_Sample_Barcode", "Mutation_Status", "HGVSp_Short", "t_depth", "t_alt_count",
]  # fmt: skip
ROWS = [
    [
        "BRAF",
        "GRCh38",
        "chr7",
        "140753336",
        "Missense_Mutation",
        "A",
        "T",
        "S1",
        "Somatic",
        "p.V600E",
        "100",
        "40",
    ],
    ["TP53", "GRCh38", "chr17", "7675088", "Silent", "C", "T", "S1", "Somatic", "p.=", "50", "5"],
    ["MARCH1", "GRCh38", "chr4", "164000000", "Nonsense_Mutation", "G", "A", "S2", "", "p.R2*", "0", "0"],
]


def maf(rows: list[list[str]], comments: str = "#version gdc-1.0.0\n#annotation.spec gdc-2.0.0\n") -> str:
    return comments + "\n".join("\t".join(row) for row in [HEADER, *rows]) + "\n"


def read(tmp_path: Path, rows: list[list[str]]) -> Study:
    (tmp_path / "cohort.maf").write_text(maf(rows))
    return coley.read(tmp_path / "cohort.maf")


def changed(row: list[str], **values: str) -> list[str]:
    return [values.get(name, value) for name, value in zip(HEADER, row, strict=True)]


def found(study: Study, name: str) -> Check:
    (check,) = [check for check in study.notes if check.name == name]
    return check


def names(study: Study) -> set[str]:
    return {check.name for check in study.notes if check.level != "pass"}


def test_a_lone_maf_is_mutations_and_samples(tmp_path: Path) -> None:
    study = read(tmp_path, ROWS)
    assert set(study.tables) == {"mutations", "samples"}
    rows = (
        study.table("mutations")
        .select("sample_id", "gene", "classification", "position", "alternate", "vaf")
        .rows()
    )
    assert rows == [
        ("S1", "BRAF", "Missense_Mutation", 140753336, "T", 0.4),
        ("S1", "TP53", "Silent", 7675088, "T", 0.1),
        ("S2", "MARCH1", "Nonsense_Mutation", 164000000, "A", None),
    ]
    assert study.table("mutations")["_where"].to_list() == ["cohort.maf:4", "cohort.maf:5", "cohort.maf:6"]
    assert study.table("samples").select("sample_id", "patient_id", "sequenced").rows() == [
        ("S1", "S1", True), ("S2", "S2", True)
    ]  # fmt: skip
    assert names(study) == {"samples_without_mutations"}


def test_the_patient_of_a_tcga_barcode(tmp_path: Path) -> None:
    study = read(tmp_path, [changed(ROWS[0], Tumor_Sample_Barcode="TCGA-D3-A2JP-06A-11D-A19A-08")])
    assert study.table("samples")["patient_id"].to_list() == ["TCGA-D3-A2JP"]


def test_no_silent_row_is_said(tmp_path: Path) -> None:
    assert "no_silent_mutations" in names(read(tmp_path, [ROWS[0], ROWS[2]]))


def test_foreign_words_are_named_and_say_nothing_about_silence(tmp_path: Path) -> None:
    study = read(tmp_path, [changed(ROWS[0], Variant_Classification="missense_variant")])
    assert "missense_variant" in found(study, "classification_unknown").message
    assert "no_silent_mutations" not in names(study)


def test_repeated_mutations_are_counted_once(tmp_path: Path) -> None:
    other = changed(
        ROWS[0], Tumor_Sample_Barcode="S3"
    )  # the same mutation of another sample is another mutation
    study = read(tmp_path, [*ROWS, ROWS[0], other, ROWS[0]])
    assert study.table("mutations").height == 4
    assert "2 rows" in found(study, "duplicate_mutations").message
    assert "cohort.maf:7, cohort.maf:9" in found(study, "duplicate_mutations").message


def test_rows_that_are_no_somatic_mutation_are_left_out(tmp_path: Path) -> None:
    rows = [changed(ROWS[0], Mutation_Status=status) for status in ("Germline", "LOH", "None", "Wildtype")]
    study = read(tmp_path, [*ROWS, *rows])
    assert study.table("mutations").height == 3
    messages = [check.message for check in study.notes if check.name == "not_somatic"]
    assert [message.split(" ")[0] for message in messages] == ["3", "1"]


def test_two_genome_builds_are_told(tmp_path: Path) -> None:
    assert "genome_builds" in names(
        read(tmp_path, [*ROWS, changed(ROWS[0], NCBI_Build="GRCh37", Start_Position="1")])
    )


def test_symbols_that_excel_mangled_are_left_for_the_doctor(tmp_path: Path) -> None:
    study = read(tmp_path, [changed(ROWS[0], Hugo_Symbol="1-Mar")])
    assert study.table("mutations")["gene"].to_list() == ["1-Mar"]


def test_mutations_of_a_native_study_are_examined_too(tmp_path: Path) -> None:
    (tmp_path / "patients.csv").write_text("patient_id\nS1\nS2\n")
    (tmp_path / "calls.txt").write_text(maf([*ROWS, ROWS[0]]))
    (tmp_path / "study.toml").write_text(
        '[tables.patients]\nfile = "patients.csv"\n[tables.mutations]\nfile = "calls.txt"\n'
        'where = { Tumor_Sample_Barcode = "S1" }\n'
    )
    study = coley.read(tmp_path)
    assert study.table("mutations").height == 2
    assert found(study, "duplicate_mutations").level == "warn"


@settings(deadline=None, max_examples=20)
@given(order=st.permutations(range(6)))
def test_the_order_of_rows_does_not_matter(
    order: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = [
        *ROWS,
        ROWS[0],
        changed(ROWS[0], Tumor_Sample_Barcode="S3"),
        changed(ROWS[1], Mutation_Status="LOH"),
    ]
    study = read(tmp_path_factory.mktemp("maf"), [rows[i] for i in order])
    kept = study.table("mutations").select("sample_id", "gene").sort("sample_id", "gene").rows()
    assert kept == [("S1", "BRAF"), ("S1", "TP53"), ("S2", "MARCH1"), ("S3", "BRAF")]


def test_the_vocabulary_is_that_of_the_specification() -> None:
    assert {"Silent", "3'UTR", "De_novo_Start_OutOfFrame"} <= classifications()
    assert len(classifications()) == 23


@pytest.mark.real
def test_riaz_is_not_in_the_words_of_maf(shared: Path) -> None:
    study = coley.read(Path(__file__).parents[1] / "real" / "riaz2017_genomics")
    assert study.table("mutations").height == 28589
    assert "missense_variant" in found(study, "classification_unknown").message
