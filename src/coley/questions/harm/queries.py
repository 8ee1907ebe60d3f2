"""Standardised queries of the user's own MedDRA, counted like organ classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.errors import InvalidSetting
from coley.model.part import Part
from coley.questions.harm.cells import cells
from coley.questions.harm.maps import map_part
from coley.questions.harm.reactions import QUERY

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from coley.biology.irae.meddra import MedDRA
    from coley.questions.harm.evidence import Evidence
    from coley.questions.harm.settings import HarmSettings


def chosen_queries(settings: HarmSettings, meddra: MedDRA | None) -> Mapping[str, frozenset[str]]:
    """Return the queries that the settings name: name to terms.

    Raises
    ------
    InvalidSetting
        Where queries are named and there is no MedDRA to take them from.
    UnknownName, MissingData
        Where it does not have them.
    """
    from coley.biology.irae.meddra import choose_queries

    if not settings.queries:
        return {}
    if meddra is None:
        raise InvalidSetting(
            f"The query {settings.queries[0]!r} needs your own MedDRA.",
            cause="Standardised MedDRA queries are licensed, and Coley holds none of them.",
            remedy="Give the folder of its ASCII files: meddra = DIR, or --meddra DIR of coley signals.",
        )
    return choose_queries(meddra, settings.queries, broad=settings.query_scope == "broad")


def query_part(evidence: Evidence, queries: Mapping[str, frozenset[str]]) -> Part:
    """Return the queries by regimen, each cell down to its reports, and which of their terms are reported."""
    if not queries:
        return Part()
    terms = _terms(evidence, queries)
    found = cells(evidence, QUERY)
    scope = "narrow terms" if evidence.settings.query_scope == "narrow" else "narrow and broad terms"
    absent = tuple(
        f"{row['query']}: none of its {row['terms']:,} {scope} is in any report."
        for row in terms.iter_rows(named=True)
        if not row["terms_found"]
    )
    part = Part(
        cannot_tell=absent,
        tables={"query_terms": terms},
        caveats=(
            f"Standardised MedDRA queries were searched by their {scope}; those with an algorithm of categories were "
            "searched by terms all the same.",
        ),
    )
    return part + (
        map_part(evidence, found, QUERY, "Standardised MedDRA queries by regimen") if found else Part()
    )


def _terms(evidence: Evidence, queries: Mapping[str, frozenset[str]]) -> pl.DataFrame:
    import polars as pl

    events = evidence.database.reports.events
    every = sorted(set().union(*queries.values()))
    held = events.filter(events.term.isin(every))[["term"]].distinct()
    present = set(evidence.con.to_pyarrow(held).column("term").to_pylist())
    return pl.DataFrame(
        [
            {"query": name, "terms": len(terms), "terms_found": ", ".join(sorted(terms & present))}
            for name, terms in queries.items()
        ]
    )
