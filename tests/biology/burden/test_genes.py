import polars as pl
import pytest

from coley.biology.burden import gene_status, ici_genes
from coley.biology.burden.classes import rules
from coley.model.errors import MissingData


def column(found, gene):
    return dict(found.table.select("sample_id", gene).iter_rows())


def test_mutated_wild_type_and_unknown_are_three_things(mutations, samples):
    found = gene_status(mutations, samples, ["TP53", "B2M", "JAK2"], panel=["TP53", "B2M"])
    assert column(found, "TP53") == {"s1": True, "s2": False, "s3": None, "s4": None}
    assert column(found, "B2M") == {"s1": True, "s2": False, "s3": None, "s4": None}
    assert set(column(found, "JAK2").values()) == {None}
    assert any("JAK2" in check.message for check in found.checks if check.name == "genes_off_panel")


def test_silent_and_missense_do_not_truncate(mutations, samples):
    found = gene_status(mutations, samples, ["TP53", "B2M", "TTN"], counted="truncating")
    assert column(found, "TP53")["s1"] is False
    assert column(found, "B2M")["s1"] is True
    assert column(gene_status(mutations, samples, ["TTN"]), "TTN")["s1"] is False


def test_without_a_panel_genes_without_any_row_raise_a_warning(mutations, samples):
    found = gene_status(mutations, samples, ["TP53", "STK11"])
    named = {check.name: check for check in found.checks}
    assert named["panel_unknown"].level == "warn"
    assert "STK11" in named["panel_unknown"].message
    assert "TP53" not in named["panel_unknown"].message


def test_patients_come_with_their_samples(mutations, samples):
    found = gene_status(mutations, samples.reverse(), ["TP53"])
    assert dict(found.table.select("sample_id", "patient_id").iter_rows())["s2"] == "p2"


def test_a_table_without_genes_is_refused(samples):
    with pytest.raises(MissingData, match="gene"):
        gene_status(pl.DataFrame({"sample_id": ["s1"]}), samples, ["TP53"])


def test_the_table_of_genes_is_sourced_and_counts_by_known_rules():
    genes = ici_genes()
    assert len({gene.name for gene in genes}) == len(genes) > 15
    for gene in genes:
        assert gene.source
        assert "memory" not in (gene.source + gene.caveat)
        assert "unverified" not in (gene.source + gene.caveat)
        assert gene.counted in rules()
        assert gene.direction in {"resistance", "response", "mixed"}
        assert gene.evidence in set("ABCDR")


@pytest.mark.real
def test_imvigor210_genes_of_the_panel(shared):
    folder = shared / "imvigor210_fmone"
    read = {"separator": "\t", "infer_schema_length": 0}
    rows = pl.read_csv(folder / "fmone_alterations_long.tsv.gz", **read).filter(
        pl.col("class").is_in(["known_short", "likely_short"])
    )
    mutations = rows.select(
        pl.col("sample").alias("sample_id"), "gene", pl.col("alteration").alias("protein_change")
    )
    patients = pl.read_csv(folder / "fmone_patients.tsv.gz", **read)
    samples = patients.select(pl.col("sample").alias("sample_id"), pl.lit(value=True).alias("sequenced"))
    panel = pl.read_csv(folder / "fmone_genes.tsv.gz", **read).to_series(0).to_list()
    found = gene_status(mutations, samples, ["TP53", "B2M", "NOTAGENE"], counted="every", panel=panel)
    carriers = mutations.filter(pl.col("gene") == "TP53")["sample_id"].n_unique()
    assert found.table.height == 293
    assert found.table["TP53"].sum() == carriers > 100
    assert found.table["TP53"].null_count() == 0
    assert found.table["NOTAGENE"].null_count() == 293
