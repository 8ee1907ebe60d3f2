from __future__ import annotations

import numpy as np
import polars as pl

from coley.toy.facts import column


def module(study, name):
    genes = [
        g
        for g, m in zip(column("expression", "gene"), column("expression", "module"), strict=True)
        if m == name
    ]
    frame = study.study.table("expression").filter(pl.col("gene").is_in(genes)).drop("gene")
    means = frame.mean().transpose(include_header=True, header_name="sample_id", column_names=["score"])
    return means.join(study.study.table("samples"), on="sample_id").join(
        study.truth.individuals, on="patient_id"
    )


def test_columns_are_the_samples_and_genes_are_unique(study):
    frame = study.study.table("expression")
    assert frame.columns[1:] == study.study.table("samples")["sample_id"].to_list()
    assert frame["gene"].n_unique() == frame.height > 200
    assert frame.drop("gene").min_horizontal().min() >= 0


def test_immune_genes_follow_immune_tone_and_housekeeping_does_not(study):
    for name, low, high in (("interferon_gamma", 0.6, 0.95), ("housekeeping", -0.15, 0.15)):
        pre = module(study, name).filter(pl.col("timepoint") == "pre")
        r = np.corrcoef(pre["score"], pre["immune_tone"])[0, 1]
        assert low < r < high, name


def test_inflammation_rises_on_treatment_where_the_tumour_is_controlled(study):
    scores = module(study, "interferon_gamma").pivot(
        "timepoint", index=["patient_id", "controlled"], values="score"
    )
    change = scores.drop_nulls(["pre", "on"]).with_columns((pl.col("on") - pl.col("pre")).alias("change"))
    means = dict(change.group_by("controlled").agg(pl.col("change").mean()).iter_rows())
    assert means[True] > means[False] + 0.2
