"""Counts without frames against counts of the frames, and the level of a test over many null pairs."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy.stats import hypergeom

from coley.toy.reports import NO_DIRT, ReportDesign, null_database, simulate_counts, simulate_reports

DESIGN = ReportDesign(n_cases=5000, seed=6, n_drugs=60, n_terms=80, dirt=NO_DIRT)


def test_counts_are_those_of_the_clean_relations() -> None:
    counts, clean = simulate_counts(DESIGN), simulate_reports(DESIGN).clean
    both = (
        clean["exposures"]
        .join(clean["events"], on="report_id")
        .group_by(drug="ingredient", term="term")
        .len()
        .filter(pl.col("drug").is_in(counts.drugs) & pl.col("term").is_in([t.lower() for t in counts.terms]))
    )
    assert both.height == (counts.both > 0).sum()
    drug, term = (
        {d: i for i, d in enumerate(counts.drugs)},
        {t.lower(): i for i, t in enumerate(counts.terms)},
    )
    assert all(counts.both[drug[d], term[t]] == n for d, t, n in both.iter_rows())
    exposed = dict(clean["exposures"].group_by("ingredient").len().iter_rows())
    assert counts.exposed.tolist() == [exposed.get(name, 0) for name in counts.drugs]
    assert counts.total == 5000


def test_counts_within_a_drug_are_of_its_cases_alone() -> None:
    drug = simulate_counts(DESIGN).drugs[20]
    within, clean = simulate_counts(DESIGN, within=drug), simulate_reports(DESIGN).clean
    own = clean["exposures"].filter(pl.col("ingredient") == drug)["report_id"].unique()
    assert within.total == len(own) > 50
    for name, counted, names in (
        ("exposures", within.exposed, within.drugs),
        ("events", within.event, within.terms),
    ):
        column = clean[name].columns[1]
        there = clean[name].filter(pl.col("report_id").is_in(own.implode())).group_by(column).len()
        told = dict(there.iter_rows())
        assert counted.tolist() == [told.get(each.lower(), 0) for each in names]
    assert within.both[20].tolist() == within.event.tolist()


def test_planted_pairs_are_not_null_and_null_pairs_not_planted() -> None:
    counts = simulate_counts(DESIGN)
    assert not (counts.null & (counts.planted > 1)).any()
    assert 0.5 < counts.null.mean() < 0.99
    picked = counts.pairs(counts.planted > 1)
    assert len(picked) == (counts.planted > 1).sum()
    assert simulate_counts(null_database(n_cases=50)).null.all()


@pytest.mark.parametrize("seed", [1, 2])
def test_exact_tests_of_null_pairs_hold_their_level(seed: int) -> None:
    counts = simulate_counts(ReportDesign(n_cases=20_000, seed=seed))
    often = counts.null & (counts.exposed[:, None] * counts.event > 5 * counts.total)
    often[:, ::3] = False  # enough of them, and scipy is slow
    pairs = counts.pairs(often)
    tail = hypergeom.sf(pairs.both - 1, pairs.total, pairs.exposed, pairs.event)
    mid = tail - hypergeom.pmf(pairs.both, pairs.total, pairs.exposed, pairs.event) / 2
    assert len(mid) > 3000
    for level in (0.01, 0.05, 0.5):
        share = (mid <= level).mean()
        # pairs of one database share margins: the bound is wider than that of independent tests
        assert abs(share - level) < 5 * np.sqrt(level * (1 - level) / len(mid)), level
