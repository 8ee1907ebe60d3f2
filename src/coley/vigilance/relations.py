"""Two sets of relations, as they were read and as they are cleaned, each a table of some engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir


@dataclass(frozen=True, eq=False)
class RawReports:
    """The relations of `schema.RAW`, as Ibis tables: nothing is computed until it is asked for."""

    reports: ir.Table
    drugs: ir.Table
    reactions: ir.Table
    outcomes: ir.Table
    therapies: ir.Table
    indications: ir.Table
    sources: ir.Table
    deleted: ir.Table


@dataclass(frozen=True, eq=False)
class CleanReports:
    """The relations of `schema.CLEAN`, as Ibis tables."""

    cases: ir.Table
    exposures: ir.Table
    events: ir.Table
    onsets: ir.Table
    indications: ir.Table
