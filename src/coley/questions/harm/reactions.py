"""The reactions that are counted, at three levels: organ classes, the harms of the label, single terms."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from coley.biology.irae.labels import label_iraes, label_table
from coley.biology.irae.terms import organ_classes, term_table
from coley.model.registry import Registry
from coley.vigilance.counting import REPORT, labelled
from coley.vigilance.engine import memtable

if TYPE_CHECKING:
    import ibis.expr.types as ir


PEOPLE = re.compile(r"[A-Z][a-z]+-[A-Z]")  # two surnames


@dataclass(frozen=True, slots=True)
class Level:
    """A level at which reactions are counted.

    Attributes
    ----------
    name, title
        "organ"; "organ class".
    titles
        The reactions of the level, in the order in which they are shown, each with its title; empty for single
        terms, which are whatever the reports hold.
    events
        From the relation of terms (report_id, term) to report_id, event.
    """

    name: str
    title: str
    titles: Callable[[], Mapping[str, str]]
    events: Callable[[ir.Table], ir.Table]


@cache
def organ_titles() -> Mapping[str, str]:
    """Return the organ classes with their titles."""
    return MappingProxyType({name: organ.title for name, organ in organ_classes().items()})


@cache
def harm_titles() -> Mapping[str, str]:
    """Return the harms of the label with their titles, those first that any method must find."""
    ordered = sorted(label_iraes().values(), key=lambda irae: not irae.core)
    return MappingProxyType({irae.name: irae.title for irae in ordered})


def spoken(title: str) -> str:
    """Return a title as it stands within a sentence: names of people keep their capitals.

    Examples
    --------
    >>> spoken("Type 1 diabetes mellitus"), spoken("Guillain-Barre syndrome")
    ('type 1 diabetes mellitus', 'Guillain-Barre syndrome')
    """
    return title if PEOPLE.match(title) else title[0].lower() + title[1:]


def _organs(terms: ir.Table) -> ir.Table:
    table = memtable(term_table().select("term", "organ_class"))
    return labelled(terms, table, key="term", label="organ_class", name="event")


def _harms(terms: ir.Table) -> ir.Table:
    return labelled(terms, memtable(label_table()), key="term", label="irae", name="event")


def _terms(terms: ir.Table) -> ir.Table:
    return terms.select(REPORT, event=terms.term)


QUERY = "query"


def query_level(queries: Mapping[str, frozenset[str]]) -> Level:
    """Return the level of chosen groups of terms, name to terms."""

    def events(terms: ir.Table) -> ir.Table:
        import polars as pl

        rows = [(term, name) for name, held in queries.items() for term in sorted(held)]
        table = pl.DataFrame(rows, schema=["term", QUERY], orient="row")
        return labelled(terms, memtable(table), key="term", label=QUERY, name="event")

    return Level(QUERY, "standardised MedDRA query", lambda: {name: name for name in queries}, events)


LEVELS: Registry[Level] = Registry("level of reactions")
for _level in (
    Level("organ", "organ class", organ_titles, _organs),
    Level("harm", "harm of the label", harm_titles, _harms),
    Level("term", "term", dict, _terms),
):
    LEVELS.add(_level.name, _level)
