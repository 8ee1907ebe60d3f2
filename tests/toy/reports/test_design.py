"""Designs of simulated databases: what is refused, and what the defaults hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from coley.model.errors import InvalidSetting
from coley.toy.reports import NO_DIRT, Dirt, ReportDesign, Signal, null_database, simulate_reports


@pytest.mark.parametrize(
    "wrong",
    [
        {"n_cases": 0},
        {"first_quarter": "2013-1"},
        {"signals": (Signal("nivolumab", "Colitis", 0.5),)},
        {"signals": (Signal("nivolumab", "Colitis", 2.0), Signal("nivolumab", "Colitis", 3.0))},
        {"regimen_share": 0.5},
        {"dirt": replace(NO_DIRT, duplicates=1.5)},
        {"names_per_drug": 1},
    ],
)
def test_a_design_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidSetting, match="cannot be simulated"):
        ReportDesign(**wrong)  # type: ignore[arg-type]


def test_no_dirt_is_none_of_any_kind() -> None:
    assert {getattr(NO_DIRT, name) for name in Dirt.__slots__} == {0.0}


def test_a_null_database_plants_nothing_but_keeps_its_settings() -> None:
    design = null_database(n_cases=7, quarters=3)
    assert (design.n_cases, design.quarters, design.all_signals, design.interactions) == (7, 3, (), ())


def test_a_small_design_keeps_the_defaults_that_fit() -> None:
    small, default = ReportDesign(n_drugs=20, n_terms=30), ReportDesign()
    assert 0 < len(small.all_signals) < len(default.all_signals)
    assert simulate_reports(small).truth.masked.height == 3
    assert len(simulate_reports(ReportDesign(n_cases=5, n_drugs=10, n_terms=10)).clean["cases"]) == 5
