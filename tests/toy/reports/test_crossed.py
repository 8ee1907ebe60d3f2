"""Counts by regimen and by quarter against counts of the frames, and against the planted truth."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from coley.model.errors import InvalidSetting, UnknownName
from coley.stats.disproportionality.interaction import expected_with_both
from coley.toy.reports import (
    NO_DIRT,
    Interaction,
    ReportDesign,
    Signal,
    drug_name,
    simulate_counts,
    simulate_groups,
    simulate_quarters,
    simulate_reports,
    term_name,
)

DESIGN = ReportDesign(n_cases=5000, seed=6, n_drugs=60, n_terms=80, dirt=NO_DIRT, regimen_share=0.2)


def test_four_groups_are_those_of_the_clean_relations() -> None:
    first, second = ["nivolumab", "durvalumab"], ["ipilimumab", "tremelimumab"]
    found, clean = simulate_groups(DESIGN, first, second), simulate_reports(DESIGN).clean
    drugs = (
        clean["exposures"]
        .group_by("report_id")
        .agg(
            group=pl.col("ingredient").is_in(first).any().cast(int)
            + 2 * pl.col("ingredient").is_in(second).any().cast(int)
        )
    )
    sizes = dict(drugs.group_by("group").len().iter_rows())
    assert found.groups.reports[:, 0].tolist() == [sizes[k] for k in range(4)]
    events = {
        (term, group): n
        for term, group, n in clean["events"]
        .join(drugs, on="report_id")
        .group_by("term", "group")
        .len()
        .iter_rows()
    }
    for i, term in enumerate(found.terms):
        assert found.groups.events[:, i].tolist() == [events.get((term.lower(), k), 0) for k in range(4)], (
            term
        )


def test_planted_interactions_have_their_size() -> None:
    term, other = term_name(0), term_name(1)
    pair = ("nivolumab", "ipilimumab")
    design = ReportDesign(
        n_cases=150_000,
        regimen_share=0.25,
        signals=tuple(Signal(drug, name, 2.0) for drug in pair for name in (term, other)),
        interactions=(Interaction(pair, term, 2.0),),
        maskings=(),
    )
    found = simulate_groups(design, [pair[0]], [pair[1]])
    ratio = found.groups.events[3] / expected_with_both(found.groups)
    assert ratio[found.terms.index(term)] == pytest.approx(2.0, rel=0.12)
    assert ratio[found.terms.index(other)] == pytest.approx(1.0, rel=0.12)


def test_quarters_add_up_to_the_counts_and_late_signals_are_late() -> None:
    late = ReportDesign(
        n_cases=20_000,
        n_drugs=20,
        n_terms=30,
        quarters=8,
        signals=(Signal(drug_name(2), term_name(4), 8.0, from_quarter=4),),
        interactions=(),
        maskings=(),
    )
    found, whole = simulate_quarters(late), simulate_counts(late)
    np.testing.assert_array_equal(found.both.sum(axis=2), whole.both)
    np.testing.assert_array_equal(found.exposed.sum(axis=1), whole.exposed)
    np.testing.assert_array_equal(found.event.sum(axis=1), whole.event)
    counts = found.pairs(found.planted > 1)
    assert counts.both.shape == (1, 8)
    ratio = counts.both[0] / counts.expected[0]
    assert ratio[:4].mean() < 2 < ratio[4:].min()


def test_refusals() -> None:
    with pytest.raises(InvalidSetting, match="oncology drugs"):
        simulate_groups(DESIGN, [drug_name(0)], ["ipilimumab"])
    with pytest.raises(InvalidSetting, match="not by: none"):
        simulate_groups(DESIGN, [], ["ipilimumab"])
    with pytest.raises(UnknownName):
        simulate_groups(DESIGN, ["nivolumap"], ["ipilimumab"])
