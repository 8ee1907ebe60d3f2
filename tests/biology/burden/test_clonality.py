import gzip

import polars as pl
import pytest

from coley.biology.burden import clonal_burden, garwood
from coley.biology.burden.clonality import CLONAL_CCF
from coley.model.errors import InvalidSetting, MissingData, UnreadableInput


def test_counts_by_hand():
    clones = pl.DataFrame(
        {
            "sample_id": ["a", "a", "a", "a", "b", "c"],
            "mutation": ["x", "x", "y", "z", "x", "x"],  # x of a stands twice
            "ccf": [1.0, 1.0, 0.5, None, 0.95, None],
        }
    )
    found = clonal_burden(clones, megabases=2.0)
    assert found.table.select("sample_id", "clonal", "subclonal", "clonal_share").rows() == [
        ("a", 1, 1, 0.5),
        ("b", 1, 0, 1.0),
        ("c", None, None, None),
    ]
    limits = garwood(1, 2.0)[0]
    row = found.table.row(0, named=True)
    assert (row["clonal_per_mb"], row["clonal_low"], row["clonal_high"]) == (0.5, limits.low, limits.high)
    checks = {check.name: check for check in found.checks}
    assert "0.95" in checks["clonal_rule"].message
    assert checks["clonality_unknown"].message.startswith("2 mutations")


def test_silent_mutations_of_clones_do_not_count_where_the_mutations_say_so():
    mutations = pl.DataFrame(
        {
            "sample_id": ["a", "a", "a", "b"],
            "gene": ["TP53", "TTN", "KRAS", "TTN"],
            "protein_change": ["p.R175H", "p.L5=", "p.G12D", "p.L5="],
            "classification": ["Missense_Mutation", "Silent", "Missense_Mutation", "Silent"],
        }
    )
    clones = pl.DataFrame(
        {
            "sample_id": ["a", "a", "a", "b", "b"],
            "mutation": ["TP53 p.R175H", "TTN p.L5=", "KRAS:p.G12D", "TTN p.L5=", "BRAF p.V600E"],
            "ccf": [1.0, 1.0, 0.3, 1.0, 1.0],
        }
    )
    found = clonal_burden(clones, mutations=mutations)
    assert found.table.select("sample_id", "clonal", "subclonal").rows() == [("a", 1, 1), ("b", 0, 0)]
    assert found.table["clonal_share"].to_list() == [0.5, None]
    checks = {check.name: check for check in found.checks}
    assert checks["clones_unmatched"].message.startswith("1 of 5")
    assert clonal_burden(clones, mutations=mutations, counted="every").table["clonal"].to_list() == [2, 1]
    assert clonal_burden(clones).table["clonal"].to_list() == [2, 2]
    with pytest.raises(UnreadableInput, match="No mutation of the table of clones"):
        clonal_burden(clones.with_columns(pl.lit("m1").alias("mutation")), mutations=mutations)


def test_names_by_position_are_joined_as_well():
    place = {"chromosome": ["1"], "position": [17083776], "reference": ["C"], "alternate": ["A"]}
    mutations = pl.DataFrame({"sample_id": ["Pt10"], **place, "classification": ["missense_variant"]})
    for name in ("1_17083776_C_A", "Pt10_1_17083776_C_A", "1:17083776:C:A"):
        clones = pl.DataFrame({"sample_id": ["Pt10"], "mutation": [name], "ccf": [1.0]})
        assert clonal_burden(clones, mutations=mutations).table["clonal"].item() == 1


def test_samples_of_other_times_are_left_out_and_patients_named(samples):
    clones = pl.DataFrame({"sample_id": ["s1", "s5"], "mutation": ["x", "x"], "ccf": [1.0, 1.0]})
    found = clonal_burden(clones, samples)
    rows = dict(found.table.select("sample_id", "clonal").iter_rows())
    assert rows == {"s1": 1, "s2": None, "s3": None, "s4": None}
    assert found.table.filter(pl.col("sample_id") == "s1")["patient_id"].item() == "p1"


def test_the_upper_limit_decides_where_there_is_one():
    clones = pl.DataFrame(
        {
            "sample_id": ["a"] * 3,
            "mutation": list("xyz"),
            "ccf": [0.8, 0.8, 0.99],
            "ccf_high": [1.0, 0.9, None],
        }
    )
    found = clonal_burden(clones)
    assert found.table.select("clonal", "subclonal").row(0) == (2, 1)
    assert any("upper limit" in check.message for check in found.checks)


def test_what_is_lacking_is_named():
    with pytest.raises(MissingData, match="ccf"):
        clonal_burden(pl.DataFrame({"sample_id": ["a"], "mutation": ["x"]}))
    with pytest.raises(InvalidSetting):
        clonal_burden(pl.DataFrame({"sample_id": ["a"], "mutation": ["x"], "ccf": [1.0]}), threshold=95)


@pytest.mark.real
def test_the_published_classes_of_riaz_split_at_the_threshold(shared):
    packed = (shared / "riaz2017_genomics" / "clonality_pyclone_95ci.txt.gz").read_bytes()
    text = gzip.decompress(packed).decode()
    header, *lines = (line.split("\t") for line in text.splitlines())
    rows = pl.DataFrame(lines, schema=["mutation", *header], orient="row")
    first = pl.col("clonal").is_in(["clonal both", "lost clonal pre2on"])
    second = pl.col("clonal").is_in(["subclonal both", "lost subclonal pre2on"])
    rows = rows.filter(first | second).with_columns(
        pl.col("sample").alias("sample_id"), pl.col("pre.ccf").cast(pl.Float64).alias("ccf")
    )
    found = clonal_burden(rows.select("sample_id", "mutation", "ccf"), threshold=CLONAL_CCF).table
    theirs = rows.group_by("sample_id").agg(first.sum().alias("c"), second.sum().alias("s"))
    both = found.join(theirs, on="sample_id")
    assert both.height > 30
    assert both["clonal"].sum() == 15822
    assert both["clonal"].to_list() == both["c"].to_list()
    assert both["subclonal"].to_list() == both["s"].to_list()
