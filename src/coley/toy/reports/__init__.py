"""Simulated databases of spontaneous reports whose truth is known, as relations and as files of any size."""

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
from coley.toy.reports.simulate import SimulatedReports, simulate_reports
from coley.toy.reports.truth import ReportTruth

__all__ = [
    "FILLER_DRUG",
    "FILLER_TERM",
    "NO_DIRT",
    "Confounding",
    "Dirt",
    "Interaction",
    "Masking",
    "ReportDesign",
    "ReportTruth",
    "Signal",
    "SimulatedReports",
    "drug_name",
    "null_database",
    "simulate_reports",
    "term_name",
]
