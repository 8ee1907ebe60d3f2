import gzip

import numpy as np
import polars as pl
import pytest

from coley.biology.burden import clonal_burden, fractions, garwood
from coley.biology.burden.clonality import CLONAL_CCF
from coley.model.errors import InvalidSetting, MissingData


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
    assert "upper limit" in found.checks[0].message


def test_what_is_lacking_is_named():
    with pytest.raises(MissingData, match="ccf"):
        clonal_burden(pl.DataFrame({"sample_id": ["a"], "mutation": ["x"]}))
    with pytest.raises(InvalidSetting):
        clonal_burden(pl.DataFrame({"sample_id": ["a"], "mutation": ["x"], "ccf": [1.0]}), threshold=95)
    with pytest.raises(MissingData, match="purity"):
        fractions(pl.DataFrame({"sample_id": ["a"], "vaf": [0.1]}), pl.DataFrame({"sample_id": ["a"]}))
    with pytest.raises(MissingData, match="vaf"):
        fractions(pl.DataFrame({"sample_id": ["a"]}), pl.DataFrame({"sample_id": ["a"], "purity": [0.5]}))
    with pytest.raises(InvalidSetting, match="fraction"):
        fractions(
            pl.DataFrame({"sample_id": ["a"], "mutation": ["x"], "vaf": [0.1]}),
            pl.DataFrame({"sample_id": ["a"], "purity": [60.0]}),
        )


def test_fractions_join_purity_by_sample_and_keep_missing_missing():
    mutations = pl.DataFrame({"sample_id": ["b", "a", "c"], "mutation": list("xyz"), "vaf": [0.2, 0.2, None]})
    samples = pl.DataFrame({"sample_id": ["c", "a", "b"], "purity": [0.5, None, 0.8]})
    table = fractions(mutations, samples)
    assert table["ccf"].to_list() == [0.5, None, None]


def test_fractions_recover_the_truth_from_simulated_reads():
    rng = np.random.default_rng(5)
    n, depth, purity = 4000, 400, 0.7
    truth = np.where(rng.random(n) < 0.6, 1.0, 0.4)
    alt = rng.binomial(depth, truth * purity / 2)
    mutations = pl.DataFrame(
        {
            "sample_id": ["a"] * n,
            "mutation": [str(i) for i in range(n)],
            "vaf": alt / depth,
            "alt_reads": alt,
            "ref_reads": depth - alt,
        }
    )
    table = fractions(mutations, pl.DataFrame({"sample_id": ["a"], "purity": [purity]}))
    sub = truth == 0.4
    ccf, low, high = (table[name].to_numpy() for name in ("ccf", "ccf_low", "ccf_high"))
    assert ccf[sub].mean() == pytest.approx(0.4, abs=0.01)
    assert ((low <= truth) & (truth <= high))[sub].mean() == pytest.approx(0.95, abs=0.02)
    counts = clonal_burden(table).table.row(0, named=True)
    assert counts["clonal"] == pytest.approx((~sub).sum(), rel=0.05)


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
