"""Which terms each report names, each once: reactions, and indications."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coley.vigilance.cleaning.dictionary import Dictionary


def coded_terms(relation: ir.Table, terms: Dictionary, kept: ir.Table) -> ir.Table:
    """Return report_id, code and rows, for the reports that are kept."""
    coded = terms.coded(relation).semi_join(kept, "report_id")
    return coded.group_by("report_id", "code").aggregate(rows=coded.count())


def named_terms(coded: ir.Table, terms: Dictionary) -> ir.Table:
    """Return report_id and term."""
    return coded.inner_join(terms.names, "code").select("report_id", term="standard")
