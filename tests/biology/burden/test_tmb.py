import numpy as np
import polars as pl
import pytest

from coley.biology.burden import garwood, per_patient, tmb
from coley.model.errors import InvalidSetting, MissingData, NotEstimable, UnknownName


def counts(burden):
    return dict(burden.table.select("sample_id", "mutations").iter_rows())


def level(burden, name):
    return {check.name: check.level for check in burden.checks}[name]


def test_zero_where_sequenced_and_nothing_where_not(mutations, samples):
    burden = tmb(mutations, samples, megabases=2.0)
    assert counts(burden) == {"s1": 3, "s2": 0, "s3": None, "s4": None}
    row = burden.table.row(0, named=True)
    limits = garwood(3, 2.0)[0]
    assert (row["per_mb"], row["low"], row["high"]) == (1.5, limits.low, limits.high)
    zero = burden.table.row(1, named=True)
    assert zero["per_mb"] == 0
    assert zero["high"] == pytest.approx(3.688879 / 2, abs=1e-6)
    assert burden.table["low"].null_count() == 2


@pytest.mark.parametrize(
    ("counted", "expected"),
    [("nonsynonymous", 3), ("coding", 4), ("indel", 2), ("frameshift", 1), ("missense", 1), ("every", 5)],
)
def test_what_is_counted_is_what_the_rule_says(mutations, samples, counted, expected):
    burden = tmb(mutations, samples, megabases=1.0, counted=counted)
    assert counts(burden)["s1"] == expected
    assert any(burden.rule.title in check.message for check in burden.checks if check.name == "counted")


def test_twice_the_rows_is_the_same_burden(mutations, samples):
    once = tmb(mutations, samples, megabases=1.0)
    twice = tmb(pl.concat([mutations, mutations.reverse()]), samples.reverse(), megabases=1.0)
    assert once.table.equals(twice.table)


def test_megabases_are_never_guessed(mutations, samples):
    with pytest.raises(MissingData, match="megabases") as caught:
        tmb(mutations, samples, megabases=None)
    assert "panel_megabases" in caught.value.remedy


@pytest.mark.parametrize("megabases", [0, -1.0, float("nan"), float("inf")])
def test_impossible_megabases_are_refused(mutations, samples, megabases):
    with pytest.raises(InvalidSetting, match="positive"):
        tmb(mutations, samples, megabases=megabases)


def test_each_sample_may_have_its_own_panel(mutations, samples):
    burden = tmb(mutations, samples, megabases={"s1": 3.0, "s2": 1.0})
    assert burden.table["megabases"].to_list() == [3.0, 1.0, None, None]
    assert burden.table["per_mb"].to_list() == [1.0, 0.0, None, None]
    with pytest.raises(MissingData, match="1 sequenced samples"):
        tmb(mutations, samples, megabases={"s1": 3.0})


def test_a_file_without_synonymous_mutations_cannot_count_them(samples):
    many = pl.DataFrame(
        {
            "sample_id": ["s1"] * 40,
            "chromosome": ["1"] * 40,
            "position": list(range(40)),
            "classification": ["Missense_Mutation"] * 40,
        }
    )
    with pytest.raises(NotEstimable, match="none of its 40 mutations is synonymous"):
        tmb(many, samples, megabases=1.0, counted="coding")
    few = tmb(many.head(5), samples, megabases=1.0, counted="coding")
    assert level(few, "synonymous_absent") == "warn"
    assert counts(tmb(many, samples, megabases=1.0))["s1"] == 40


def test_a_small_panel_is_said_to_be_small(mutations, samples):
    assert level(tmb(mutations, samples, megabases=0.5), "small_panel") == "warn"
    assert level(tmb(mutations, samples, megabases=1.1), "counting_error") == "pass"


def test_an_unknown_rule_is_refused(mutations, samples):
    with pytest.raises(UnknownName):
        tmb(mutations, samples, megabases=1.0, counted="silent")


def test_one_burden_a_patient_is_the_mean_of_the_samples(mutations, samples):
    burden = tmb(mutations, samples, megabases=2.0, timepoint=None)
    table = per_patient(burden)
    assert table["patient_id"].to_list() == ["p1", "p2", "p3", "p4"]
    assert table["samples"].to_list() == [2, 1, 0, 0]
    assert table["per_mb"].to_list() == [1.25, 0.0, None, None]
    limits = garwood(2.5, 2.0)[0]
    assert table.row(0)[-2:] == (limits.low, limits.high)


@pytest.mark.real
def test_riaz_counts_are_those_of_the_paper(shared):
    folder = shared / "riaz2017_genomics"
    read = {"separator": "\t", "infer_schema_length": 0}
    rows = pl.read_csv(folder / "table_s3_somatic_mutations.tsv.gz", **read)
    names = {
        "Patient": "sample_id",
        "Hugo Symbol": "gene",
        "Chromosome": "chromosome",
        "Start": "position",
        "Variant Classification": "classification",
        "HGVS_p": "protein_change",
    }
    mutations = rows.select(pl.col(old).alias(new) for old, new in names.items())
    done = pl.read_csv(folder / "table_s4_available_assays.tsv.gz", **read)
    samples = done.select(
        pl.col("Patient").alias("sample_id"),
        (pl.col("Pre-treatment Exome") == "1").alias("sequenced"),
        pl.lit("pre").alias("timepoint"),
    )
    burden = tmb(mutations, samples, megabases=30.0)
    clinical = pl.read_csv(folder / "table_s2_clinical.tsv.gz", **read)
    load = clinical.select(
        pl.col("Patient").alias("sample_id"), pl.col("Mutation Load").cast(pl.Int64, strict=False)
    )
    both = burden.table.join(load, on="sample_id").drop_nulls("Mutation Load")
    assert both.height == 68
    assert both["mutations"].to_list() == both["Mutation Load"].to_list()
    absent = burden.table.join(load.filter(pl.col("Mutation Load").is_null()), on="sample_id")
    assert absent["mutations"].null_count() == absent.height == 5  # not sequenced: unknown, not zero


@pytest.mark.real
def test_hugo_indels_and_substitutions_add_up_to_the_burden_of_the_paper(shared):
    folder = shared / "hugo2016_full"
    read = {"separator": "\t", "infer_schema_length": 0}
    burden = pl.read_csv(folder / "patient_info_with_mutations.tsv.gz", **read).select(
        pl.col("matchID").alias("sample_id"), pl.col("mb", "mb_SNV", "mb_indel").cast(pl.Int64)
    )
    lines = pl.read_csv(
        folder / "indels_by_strelka.txt.gz", **read, has_header=False, skip_rows=1, truncate_ragged_lines=True
    )
    indels = lines.select(  # the header of the file is one name short
        pl.col("column_1").alias("sample_id"),
        pl.col("column_9").alias("chromosome"),
        pl.col("column_10").cast(pl.Int64).alias("position"),
        pl.col("column_12").alias("reference"),
        pl.col("column_13").alias("alternate"),
    )
    called = tmb(indels, None, megabases=30.0, counted="every")
    both = burden.join(called.table, on="sample_id")
    assert both.height >= 30
    assert (both["mb"] == both["mb_SNV"] + both["mb_indel"]).all()
    assert (
        both["mutations"] >= both["mb_indel"]
    ).all()  # all indels called, against those in coding sequence
    assert both.select(pl.corr("mutations", "mb_indel", method="spearman")).item() > 0.5


@pytest.mark.real
def test_three_msk_panels_have_three_sizes_and_counts_over_size_give_their_tmb(shared):
    table = pl.read_csv(
        shared / "msk_tmb_2018" / "tmb_mskcc_2018_clinical_data.tsv.gz",
        separator="\t",
        infer_schema_length=0,
    ).select(
        pl.col("Gene Panel").alias("panel"),
        pl.col("Mutation Count").cast(pl.Int64, strict=False).fill_null(0).alias("count"),
        pl.col("TMB Score").cast(pl.Float64).alias("tmb"),
    )
    size = {}
    for panel, rows in table.group_by("panel"):
        large = rows.filter(pl.col("count") > 50)
        size[panel[0]] = (large["count"] / large["tmb"]).round(3).mode().max()
    assert size == {"IMPACT341": 0.897, "IMPACT410": 1.016, "IMPACT468": 1.139}
    k = table["count"].to_numpy()
    exposure = table["panel"].replace_strict(size, return_dtype=pl.Float64).to_numpy()
    ours = garwood(k, exposure)
    given = table["tmb"].to_numpy()
    # Where the score counts one or two mutations that the portal's count lacks, it is still a whole number.
    off = given * exposure - k
    assert (np.abs(off) < 0.1).mean() > 0.85
    assert (np.abs(off - np.round(off)) < 0.1).mean() > 0.97
    np.testing.assert_allclose(ours.value[np.abs(off) < 0.1], given[np.abs(off) < 0.1], rtol=0.01, atol=0.01)
    assert (ours.value[k == 0] == 0).all()
    assert ((given >= ours.low) & (given <= ours.high)).mean() > 0.98
