import polars as pl
import pytest

from coley.biology.hla import class_one
from coley.model.errors import MissingData, UnreadableInput


def typed(*rows, **settings):
    table = pl.DataFrame({"patient_id": [r[0] for r in rows], "allele": [r[1] for r in rows]})
    return class_one(table, **settings)


def row(found, patient="p"):
    return found.table.filter(pl.col("patient_id") == patient).row(0, named=True)


def names(found):
    return {check.name: check for check in found.checks}


def test_heterozygous_at_all_loci():
    found = row(typed(("p", "A*02:01,A*03:01,B*07:02,B*08:01,C*07:01,C*07:02")))
    assert found["fully_heterozygous"] is True
    assert found["alleles"] == 6


def test_homozygous_at_one_locus():
    found = row(typed(("p", "HLA-A02:01 HLA-A02:01 B0702 B0801 hla_c_07_01 C*07:02")))
    assert (found["heterozygous_a"], found["heterozygous_b"]) == (False, True)
    assert found["fully_heterozygous"] is False
    assert found["alleles"] == 5


def test_alleles_that_differ_in_the_third_field_make_one_protein():
    assert row(typed(("p", "A*02:01:01"), ("p", "A*02:01:14")))["heterozygous_a"] is False


def test_an_allele_listed_once_is_not_told_unless_said():
    rows = ("p", "A*02:01,B*07:02,B*08:01,C*07:01,C*07:02")
    found = typed(rows)
    assert row(found)["heterozygous_a"] is None
    assert row(found)["fully_heterozygous"] is None
    assert row(found)["alleles"] is None
    assert "p A" in names(found)["hla_listed_once"].message
    said = typed(rows, single_is_homozygous=True)
    assert row(said)["heterozygous_a"] is False
    assert row(said)["alleles"] == 5


def test_one_homozygous_locus_is_enough_where_another_is_not_told():
    assert row(typed(("p", "A*02:01,A*02:01,B*07:02")))["fully_heterozygous"] is False


def test_two_samples_of_a_patient_count_once():
    pair = "A*02:01,A*03:01"
    assert row(typed(("p", pair), ("p", pair)))["heterozygous_a"] is True
    assert row(typed(("p", "A*02:01"), ("p", "A*02:01")))["heterozygous_a"] is False


def test_more_than_two_alleles_contradict_each_other():
    found = typed(("p", "A*02:01,A*03:01,A*11:01"))
    assert row(found)["heterozygous_a"] is None
    assert "p A" in names(found)["hla_too_many"].message


def test_low_resolution_tells_groups_apart_and_no_more():
    assert row(typed(("p", "A*02,A*03")))["heterozygous_a"] is True
    found = typed(("p", "A*02,A*02"))
    assert row(found)["heterozygous_a"] is None
    assert "hla_low_resolution" in names(found)
    assert row(typed(("p", "A*02:01,A*02")))["heterozygous_a"] is None
    assert "p" in typed(("p", "A*02,A*03")).genotypes
    assert typed(("p", "A*02,A*03")).genotypes["p"] == {}


def test_class_two_is_passed_over_and_untyped_patients_stay():
    found = typed(("p", "DRB1*03:01,DRB1*04:01"), ("q", None))
    assert found.table["patient_id"].to_list() == ["p", "q"]
    assert found.table["fully_heterozygous"].to_list() == [None, None]


def test_row_order_does_not_matter():
    rows = [("p", "A*02:01"), ("q", "A*02:01,A*02:01"), ("p", "A*03:01")]
    assert typed(*rows).table.equals(typed(*reversed(rows)).table)


def test_unreadable_texts_are_named_and_a_wrong_column_is_refused():
    found = typed(("p", "A*02:01,A*03:01,A*02:01/02:06"))
    assert "A*02:01/02:06" in names(found)["hla_unread"].message
    with pytest.raises(UnreadableInput, match="something else"):
        typed(("p", "positive"), ("q", "A*02:01"), ("r", "negative"))
    with pytest.raises(MissingData, match="allele"):
        class_one(pl.DataFrame({"patient_id": ["p"]}))


@pytest.mark.real
def test_nathanson_four_digit_alleles(shared):
    table = pl.read_csv(shared / "nathanson2017" / "hla_types.csv.gz", infer_schema_length=0)
    found = class_one(table.select(pl.col("sample").alias("patient_id"), pl.col("alleles").alias("allele")))
    assert found.table.height == 64
    assert "hla_unread" not in names(found)
    by_hand = row(found, "0095")  # A0201,A3101,B3502,B3906,C0401,C0702
    assert (by_hand["fully_heterozygous"], by_hand["alleles"]) == (True, 6)
    half = row(found, "06670")  # A2402,A2501,B4403,,C1601,C1203
    assert (half["heterozygous_a"], half["heterozygous_b"], half["fully_heterozygous"]) == (True, None, None)
    assert "06670 B" in names(found)["hla_listed_once"].message
    assert found.table["fully_heterozygous"].drop_nulls().mean() > 0.5


@pytest.mark.real
def test_riaz_pairs_of_samples_agree(shared):
    table = pl.read_csv(
        shared / "riaz2017_genomics" / "hla_class_i_ii.tsv.gz", separator="\t", infer_schema_length=0
    )
    long = table.unpivot(
        on=[c for c in table.columns if c[:2] in {"A1", "A2", "B1", "B2", "C1", "C2", "DR", "DQ", "DP"}],
        index="PtID",
        value_name="allele",
    ).rename({"PtID": "patient_id"})
    found = class_one(long)
    assert found.table.height == table["PtID"].n_unique()
    assert not {"hla_unread", "hla_too_many", "hla_low_resolution"} & set(names(found))
    assert found.table["fully_heterozygous"].null_count() == 0
    first = table.unique("PtID", keep="first", maintain_order=True)
    differ = [first[f"{x}1"] != first[f"{x}2"] for x in "ABC"]
    by_hand = dict(zip(first["PtID"], differ[0] & differ[1] & differ[2], strict=True))
    assert dict(found.table.select("patient_id", "fully_heterozygous").iter_rows()) == by_hand
    assert 0.6 < found.table["fully_heterozygous"].mean() < 0.95


@pytest.mark.real
def test_snyder_alleles_in_one_cell(shared):
    table = pl.read_csv(shared / "snyder2017_bladder" / "data_hla_alleles.csv.gz", infer_schema_length=0)
    found = class_one(table.rename({"hla_alleles": "allele"}))
    assert found.table.height == 29
    assert row(found, "0040")["alleles"] == 6
    by_cell = {
        patient: len({text.strip() for text in cell.split(";")})
        for patient, cell in table.drop_nulls().iter_rows()
    }
    whole = found.table.drop_nulls("alleles")
    assert {p: by_cell[p] for p in whole["patient_id"]} == dict(
        whole.select("patient_id", "alleles").iter_rows()
    )
