import polars as pl
import pytest

from coley.biology.burden import neoantigens
from coley.model.errors import InvalidSetting, MissingData


@pytest.fixture
def peptides():
    return pl.DataFrame(
        {
            "sample_id": ["s1"] * 4,
            "peptide": ["AAA", "AAA", "BBB", "BBB"],
            "allele": ["A", "B", "A", "A"],
            "gene": ["G1", "G1", "G1", "G2"],
            "ic50_nm": [50.0, 700.0, 20.0, 20.0],
        }
    )


@pytest.mark.parametrize(("unit", "n"), [("rows", 4), ("pairs", 3), ("peptides", 2), ("genes", 2)])
def test_what_counts_once(peptides, samples, unit, n):
    found = neoantigens(peptides, samples, unit=unit)
    assert dict(found.table.select("sample_id", "neoantigens").iter_rows()) == {
        "s1": n,
        "s2": 0,
        "s3": None,
        "s4": None,
    }
    assert unit in found.checks[-1].message


def test_a_cut_in_affinity(peptides, samples):
    found = neoantigens(peptides, samples, max_ic50_nm=500)
    assert found.table["neoantigens"].to_list()[:2] == [2, 0]
    none = neoantigens(peptides, samples, max_ic50_nm=1)
    assert none.table["neoantigens"].to_list()[:2] == [0, 0]  # predicted for, and none binds


def test_what_is_lacking_is_named(peptides, samples):
    with pytest.raises(MissingData, match="mutation"):
        neoantigens(peptides, samples, unit="mutations")
    with pytest.raises(InvalidSetting, match="cannot be counted"):
        neoantigens(peptides, samples, unit="epitopes")


@pytest.mark.real
def test_counts_of_riaz_are_those_of_the_paper(shared):
    folder = shared / "riaz2017_genomics"
    read = {"separator": "\t", "infer_schema_length": 0}
    table = pl.read_csv(folder / "table_s5a_neoantigens_pre.tsv.gz", **read).select(
        pl.col("Patient").alias("sample_id"), pl.col("Hugo Symbol").alias("gene")
    )
    clinical = pl.read_csv(folder / "table_s2_clinical.tsv.gz", **read)
    for unit, column in (("rows", "Neo-peptide Load"), ("genes", "Neo-antigen Load")):
        load = clinical.select(
            pl.col("Patient").alias("sample_id"), pl.col(column).cast(pl.Int64, strict=False)
        )
        both = neoantigens(table, unit=unit).table.join(load, on="sample_id")
        assert both.height == 68
        assert both["neoantigens"].to_list() == both[column].to_list()


@pytest.mark.real
def test_counts_of_snyder_are_those_of_the_paper(shared):
    folder = shared / "snyder2017_bladder"
    table = pl.read_csv(folder / "neoantigens.tsv.gz", separator="\t", infer_schema_length=0).select(
        pl.col("patient_id").alias("sample_id"), pl.col("ic50").cast(pl.Float64).alias("ic50_nm")
    )
    counts = pl.read_csv(folder / "data_counts.csv.gz", infer_schema_length=0).select(
        pl.col("patient_id").alias("sample_id"), pl.col("neoantigen_count").cast(pl.Int64)
    )
    samples = counts.select("sample_id", pl.lit(value=True).alias("sequenced"))
    both = neoantigens(table, samples, unit="rows", max_ic50_nm=500).table.join(counts, on="sample_id")
    assert both.height == 25
    assert both["neoantigens"].to_list() == both["neoantigen_count"].to_list()
