from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from coley.toy.facts import column
from coley.toy.tables.genome import COUNTED


def samples_of(study, timepoint):
    return study.study.table("samples").filter(pl.col("timepoint") == timepoint)


def test_tmb_is_the_number_of_counted_mutations_over_the_megabases(study):
    pre = samples_of(study, "pre")
    counted = (
        study.study.table("mutations")
        .filter(pl.col("classification").is_in(list(COUNTED)))
        .group_by("sample_id")
        .len()
    )
    both = pre.join(counted, on="sample_id", how="left").with_columns(pl.col("len").fill_null(0))
    both = both.join(study.study.patients.select("patient_id", "tmb_per_mb"), on="patient_id")
    megabases = study.study.about.panel_megabases
    assert both.height == study.study.patients.height
    np.testing.assert_allclose(both["tmb_per_mb"] * megabases, both["len"], atol=0.01)


def test_only_sequenced_samples_have_mutations(study):
    samples = study.study.table("samples")
    found = set(study.study.table("mutations")["sample_id"])
    assert found <= set(samples.filter("sequenced")["sample_id"])
    assert samples.filter(~pl.col("sequenced")).height > 0
    assert samples.filter(pl.col("timepoint") == "pre")["sequenced"].all()


def test_clones_and_mutations_tell_the_same(study):
    mutations, clones = study.study.table("mutations"), study.study.table("clones")
    names = mutations.select("sample_id", (pl.col("gene") + " " + pl.col("protein_change")).alias("mutation"))
    assert names.equals(clones.select("sample_id", "mutation"))
    assert not names.is_duplicated().any()
    assert clones["ccf"].is_between(0, 1).all()


def test_reads_and_fractions_agree(study):
    m = study.study.table("mutations")
    ratio = m["alt_reads"] / (m["alt_reads"] + m["ref_reads"])
    assert ((ratio - m["vaf"]).abs() < 1e-4).all()
    purity = m.join(study.study.table("samples"), on="sample_id").join(
        study.study.table("clones")
        .with_columns(
            pl.col("mutation").str.splitn(" ", 2).struct.rename_fields(["gene", "protein_change"]).alias("f")
        )
        .unnest("f"),
        on=["sample_id", "gene", "protein_change"],
    )
    expected = purity["purity"] * purity["ccf"] / 2
    assert (purity["vaf"] - expected).mean() == pytest.approx(0, abs=0.002)


def test_alleles_differ_and_positions_lie_on_the_gene(study):
    m = study.study.table("mutations")
    assert (m["reference"] != m["alternate"]).all()
    place = pl.DataFrame({k: column("genes", k) for k in ("gene", "chromosome")})
    joined = m.join(place, on="gene", suffix="_known")
    assert joined.height == m.height
    assert (joined["chromosome"] == joined["chromosome_known"]).all()
    assert set(m.filter(pl.col("position").is_null())["gene"]) <= {"B2M", "STK11"}


def test_escape_shows_after_progression_and_never_before():
    import coley.toy as toy

    out = toy.simulate(2000, seed=4)
    truth, samples = out.truth.individuals, out.study.table("samples")
    known = dict(zip(column("escape", "mechanism"), column("escape", "gene"), strict=True))
    found = out.study.table("mutations").filter(pl.col("gene").is_in(["B2M", "JAK1", "JAK2", "PTEN"]))
    found = found.join(samples, on="sample_id").join(truth, on="patient_id")
    assert found.height > 10
    assert (found["timepoint"] == "post").all()
    assert (found["arm"] == "ICI").all()
    assert (found["escape_months"] * 30.4375 < found["day"]).all()
    assert set(found["escape_mechanism"]) <= {name for name, gene in known.items() if gene}
    lost = truth.filter(pl.col("escape_mechanism") == "HLA loss")
    post = samples.filter(pl.col("timepoint") == "post").join(lost, on="patient_id")
    post = post.filter(pl.col("escape_months") * 30.4375 < pl.col("day"))
    assert post.height > 0
    assert post["hla_loh"].all()


def test_later_samples_are_taken_when_they_say(study):
    samples = study.study.table("samples").join(study.study.patients, on="patient_id")
    assert (samples.filter(pl.col("timepoint") == "pre")["day"] < 0).all()
    post = samples.filter(pl.col("timepoint") == "post")
    assert post.height > 30
    assert (post["day"] / 30.4375 > post["pfs_months"]).all()
    assert (samples["day"] <= samples["os_months"] * 30.4375 + 0.02).all()
