import polars as pl
import pytest

from coley.biology.burden import somatic
from coley.model.errors import MissingData, UnreadableInput


def names(found):
    return {check.name: check for check in found.checks}


def test_several_callers_count_once_and_the_worst_class_stands(mutations):
    found = somatic(mutations)
    assert found.table.filter(pl.col("sample_id") == "s1").height == 5
    assert "1 rows repeat" in names(found)["repeated_mutations"].message
    other = mutations.with_columns(
        pl.when(pl.col("chromosome") == "chr17")
        .then(pl.lit("stop_gained"))
        .otherwise("classification")
        .alias("classification")
    )
    kept = somatic(other).table.filter((pl.col("sample_id") == "s1") & (pl.col("gene") == "TP53"))
    assert kept["class"].to_list() == ["nonsense"]


def test_row_order_does_not_matter(mutations):
    one = somatic(mutations).table.select("sample_id", "gene", "class").sort("sample_id", "gene", "class")
    two = somatic(mutations.reverse()).table.select("sample_id", "gene", "class")
    assert one.equals(two.sort("sample_id", "gene", "class"))


def test_two_alleles_at_one_position_are_two_mutations():
    rows = {"sample_id": ["a", "a"], "chromosome": ["1", "1"], "position": [5, 5], "alternate": ["T", "G"]}
    assert somatic(pl.DataFrame({**rows, "classification": ["missense"] * 2})).table.height == 2


def test_rows_without_a_place_stand_alone():
    rows = {"sample_id": ["a"] * 3, "chromosome": [None, None, "1"], "position": [None, None, 5]}
    table = pl.DataFrame({**rows, "classification": ["missense"] * 3})
    assert somatic(table).table.height == 3


def test_germline_and_loss_of_heterozygosity_are_left_out():
    rows = {"sample_id": ["a"] * 4, "gene": list("WXYZ"), "protein_change": list("1234")}
    status = ["Somatic", "GERMLINE", "LOH", None]
    found = somatic(
        pl.DataFrame({**rows, "mutation_status": status, "classification": ["missense_variant"] * 4})
    )
    assert found.table["gene"].to_list() == ["W", "Z"]
    assert names(found)["germline_left_out"].message.startswith("2 rows")


def test_without_place_and_protein_change_repeats_cannot_be_told():
    found = somatic(pl.DataFrame({"sample_id": ["a", "a"], "classification": ["missense"] * 2}))
    assert found.table.height == 2
    assert names(found)["repeats_unknown"].level == "warn"


def test_unknown_words_are_named_and_do_not_count():
    rows = {"sample_id": ["a"] * 3, "gene": list("XYZ"), "protein_change": list("123")}
    found = somatic(pl.DataFrame({**rows, "classification": ["missense", "weird_effect", None]}))
    assert "2 of 3" in names(found)["classification_unknown"].message
    assert "weird_effect" in names(found)["classification_unknown"].message


def test_a_column_of_strange_words_is_refused():
    with pytest.raises(UnreadableInput, match="None of the classifications"):
        somatic(pl.DataFrame({"sample_id": ["a"], "classification": ["gain"]}))


def test_a_table_without_samples_is_refused():
    with pytest.raises(MissingData, match="sample_id"):
        somatic(pl.DataFrame({"gene": ["TP53"]}))
