"""Against whom reports are compared: the choice changes the answer, so that all are shown side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coley.model.registry import Registry
from coley.vigilance.counting import REPORT, within
from coley.vigilance.exposure import ANY_INHIBITOR
from coley.vigilance.indication import cancer_terms

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends import BaseBackend

    from coley.vigilance.relations import CleanReports


@dataclass(frozen=True, slots=True)
class Comparator:
    """A choice of the reports that an exposure is compared with.

    Attributes
    ----------
    name, title
        "outside"; in words, to follow "against".
    family
        The exposure without which a report must be to be compared with; None where any other report may be.
    universe
        Name of the reports that count, in `UNIVERSES`.
    why
        What it is good for and what it hides.
    """

    name: str
    title: str
    family: str | None
    universe: str
    why: str


def _everybody(con: BaseBackend, reports: CleanReports) -> ir.Table:
    return reports.cases


def _oncology(con: BaseBackend, reports: CleanReports) -> ir.Table:
    from coley.biology.drugs.table import group_table
    from coley.vigilance.engine import memtable

    drugs = memtable(group_table().filter("oncology").select("ingredient"))
    return within(reports.cases, reports.exposures.semi_join(drugs, "ingredient")[[REPORT]].distinct())


def _cancer(con: BaseBackend, reports: CleanReports) -> ir.Table:
    named = cancer_terms(con, reports.indications)
    return within(reports.cases, reports.indications.semi_join(named, "term")[[REPORT]].distinct())


# From the cleaned reports to those that count: report_id and all other columns of the cases.
WHOLE = "whole"
UNIVERSES: dict[str, Callable[[BaseBackend, CleanReports], ir.Table]] = {
    WHOLE: _everybody,
    "oncology": _oncology,
    "cancer": _cancer,
}
COMPARATORS: Registry[Comparator] = Registry("comparator")
for _comparator in (
    Comparator(
        "outside",
        "all reports without a checkpoint inhibitor",
        ANY_INHIBITOR,
        WHOLE,
        "Kindred drugs do not hide a reaction that they share; cancer itself and its other drugs may show.",
    ),
    Comparator(
        "database",
        "all other reports, those of other checkpoint inhibitors included",
        None,
        WHOLE,
        "The usual choice of screening; a reaction that all checkpoint inhibitors share looks weaker.",
    ),
    Comparator(
        "oncology",
        "reports of other oncology drugs without a checkpoint inhibitor",
        ANY_INHIBITOR,
        "oncology",
        "Takes out what cancer and its care bring with them; hides what other oncology drugs do as well.",
    ),
    Comparator(
        "cancer",
        "reports with cancer as an indication, without a checkpoint inhibitor",
        ANY_INHIBITOR,
        "cancer",
        "Takes out what the disease brings with it, as far as the indication was reported.",
    ),
):
    COMPARATORS.add(_comparator.name, _comparator)
