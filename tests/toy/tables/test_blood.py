from __future__ import annotations

import numpy as np
import polars as pl


def test_tumour_dna_falls_where_the_tumour_is_controlled(study):
    wide = study.study.table("ctdna").pivot("timepoint", index="patient_id", values="molecules_per_ml")
    joined = wide.join(study.study.patients, on="patient_id").drop_nulls(["baseline", "week 24"])
    change = (np.log(joined["week 24"] + 0.3) - np.log(joined["baseline"] + 0.3)).to_numpy()
    responders = joined["response"].is_in(["CR", "PR"]).to_numpy()
    assert np.median(change[responders]) < -1
    assert np.median(change[~responders]) > -0.3


def test_zero_molecules_is_zero_fraction(study):
    frame = study.study.table("ctdna")
    assert ((frame["molecules_per_ml"] == 0) == (frame["max_vaf"] == 0)).all()
    assert 0 < (frame["molecules_per_ml"] == 0).sum() < frame.height / 3


def test_six_alleles_two_at_each_locus(study):
    hla = study.study.table("hla").with_columns(
        pl.col("allele").str.extract(r"^HLA-([ABC])\*\d+:\d+$", 1).alias("locus")
    )
    assert hla["locus"].null_count() == 0
    assert (hla.group_by("patient_id", "locus").len()["len"] == 2).all()
    assert hla.height == 6 * study.study.patients.height
