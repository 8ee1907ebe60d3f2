"""Masking in harm: a planted masker is named and what it hid comes back; where none is planted none is named."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from coley.questions.harm.evidence import evidence
from coley.questions.harm.masking import masking_part
from coley.questions.harm.screen import screen
from coley.questions.harm.settings import HarmSettings
from coley.toy.reports import NO_DIRT, Masking, ReportDesign, Signal, drug_name, simulate_reports
from coley.vigilance.database import Database

AGENTS = ("nivolumab", "pembrolizumab", "atezolizumab", "ipilimumab")
HARMS = {"Colitis": "Colitis", "Myositis": "Myositis", "Guillain-Barre syndrome": "Guillain-Barre syndrome"}


def _masked(database: Callable[..., Database], *, maskers: float, seed: int) -> pl.DataFrame | None:
    design = ReportDesign(
        n_cases=60_000,
        seed=seed,
        regimen_share=0.15,
        signals=tuple(Signal(drug, term, 3.0) for drug in AGENTS for term in HARMS),
        interactions=(),
        maskings=tuple(Masking(drug_name(k), term, maskers, ()) for k, term in enumerate(HARMS)),
        dirt=NO_DIRT,
    )
    told = evidence(database(simulate_reports(design).clean), HarmSettings())
    return masking_part(told, screen(told)["harm"]).tables.get("masking_drugs")


def test_planted_maskers_are_named_and_what_they_hid_comes_back(database: Callable[..., Database]) -> None:
    found = _masked(database, maskers=100.0, seed=1)
    assert found is not None
    named = {row["event"]: row for row in found.iter_rows(named=True)}
    for k, harm in enumerate(HARMS.values()):
        assert named[harm]["masked_by"] == drug_name(k)
        assert named[harm]["expected_without"] < named[harm]["expected"] / 1.5
    hidden = found.filter(~pl.col("signal") & pl.col("event").is_in(list(HARMS.values())))
    assert hidden.height >= 2
    assert hidden["signal_without"].sum() >= 2


def test_a_drug_that_chance_put_into_a_few_reports_is_no_masker(database: Callable[..., Database]) -> None:
    """Of 300 drugs, one has by chance a tenth of the reports of any rare harm; it was named once a harm."""
    found = [_masked(database, maskers=1.0, seed=seed) for seed in (2, 3)]
    assert sum(table.height for table in found if table is not None) <= 1
