"""Response against what followed."""

from __future__ import annotations

import polars as pl


def test_shuffled_responses_are_rows_out_of_step(clean, findings):
    patients = clean(200)
    shuffled = patients.with_columns(patients["response"].sample(fraction=1, shuffle=True, seed=2))
    told = [c for c in findings(shuffled) if c.name == "response_order"]
    assert [c.level for c in told] == ["fail"]
    assert "different rows" in told[0].cause


def test_a_reversed_responder_flag(clean, findings):
    patients = (
        clean(200).with_columns(~pl.col("response").is_in(["CR", "PR"]).alias("responder")).drop("response")
    )
    told = [c for c in findings(patients) if c.name == "response_order"]
    assert [c.level for c in told] == ["fail"]
    assert "reversed" in told[0].cause


def test_single_contradictions_are_looked_at(clean, findings):
    patients = clean(200).with_row_index()
    late = patients.filter((pl.col("response") == "PD") & (pl.col("os_months") > 14))["index"][0]
    early = patients.filter(pl.col("response") == "PR")["index"][0]
    at = pl.col("index")
    spoilt = patients.with_columns(
        pl.when(at == late)
        .then(13.0)
        .when(at == early)
        .then(0.4)
        .otherwise(pl.col("pfs_months"))
        .alias("pfs_months"),
        (pl.col("pfs_event") | (at == early)).alias("pfs_event"),
    ).drop("index")
    told = [c for c in findings(spoilt) if c.name == "response_time"]
    assert [(c.level, c.where.lines) for c in told] == [("warn", (late + 1,)), ("warn", (early + 1,))]


def test_clinical_benefit_under_the_name_of_response(clean, findings):
    patients = clean(200).with_columns(pl.col("response").is_in(["CR", "PR", "SD"]).alias("responder"))
    told = [c for c in findings(patients) if c.name == "responder_flag"]
    assert [c.level for c in told] == ["fail"]
    assert "stable disease" in told[0].message
