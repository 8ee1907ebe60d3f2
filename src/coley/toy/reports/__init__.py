"""Simulated databases of spontaneous reports whose truth is known, as relations and as files of any size."""

from coley.toy.reports.counts import SimulatedCounts, simulate_counts
from coley.toy.reports.crossed import (
    SimulatedGroups,
    SimulatedQuarters,
    simulate_groups,
    simulate_quarters,
)
from coley.toy.reports.design import (
    NO_DIRT,
    Confounding,
    Dirt,
    Interaction,
    Masking,
    ReportDesign,
    Signal,
    null_database,
)
from coley.toy.reports.names import FILLER_DRUG, FILLER_TERM, drug_name, term_name
from coley.toy.reports.scale import LARGE, WrittenReports, write_faers_at_scale
from coley.toy.reports.simulate import SimulatedReports, simulate_reports
from coley.toy.reports.truth import ReportTruth
from coley.toy.reports.write import write_faers

__all__ = [
    "FILLER_DRUG",
    "FILLER_TERM",
    "LARGE",
    "NO_DIRT",
    "Confounding",
    "Dirt",
    "Interaction",
    "Masking",
    "ReportDesign",
    "ReportTruth",
    "Signal",
    "SimulatedCounts",
    "SimulatedGroups",
    "SimulatedQuarters",
    "SimulatedReports",
    "WrittenReports",
    "drug_name",
    "null_database",
    "simulate_counts",
    "simulate_groups",
    "simulate_quarters",
    "simulate_reports",
    "term_name",
    "write_faers",
    "write_faers_at_scale",
]
