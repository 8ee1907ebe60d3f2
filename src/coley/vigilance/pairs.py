"""Every exposure with every event: coded as whole numbers, counted in the engine, brought back as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coley.stats.disproportionality.counts import PairCounts
from coley.vigilance.counting import REPORT
from coley.vigilance.engine import keep

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends import BaseBackend
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class AllPairs:
    """Every pair that occurs at least once, in order of exposure and event.

    Attributes
    ----------
    exposures, events
        Names; `exposure` and `event` point into them.
    exposure, event
        (n,) int32.
    counts
        The four numbers of each pair.
    """

    exposures: tuple[str, ...]
    events: tuple[str, ...]
    exposure: NDArray[np.int32]
    event: NDArray[np.int32]
    counts: PairCounts


@dataclass(frozen=True, eq=False)
class Coded:
    """Exposures and events as whole numbers: what all-by-all counting reads.

    Attributes
    ----------
    exposures, events
        Relations report_id, code; distinct.
    exposure_names, event_names
        Name of each code.
    total
        Reports in all.
    """

    exposures: ir.Table
    events: ir.Table
    exposure_names: tuple[str, ...]
    event_names: tuple[str, ...]
    total: int


@dataclass(frozen=True, eq=False)
class Codes:
    """One relation under whole numbers: report_id, code, kept in the engine, and the name of each code."""

    table: ir.Table
    names: tuple[str, ...]


def codes(con: BaseBackend, table: ir.Table, label: str) -> Codes:
    """Return a relation of report_id and `label` under whole numbers, in alphabetical order of the names."""
    ranked, names = _codes(con, table, label)
    return Codes(keep(con, table.join(ranked, label)[[REPORT, "code"]]), names)


def code(con: BaseBackend, cases: ir.Table, *, exposures: ir.Table | Codes, events: ir.Table) -> Coded:
    """Return exposures and events under whole numbers, kept in the engine.

    Parameters
    ----------
    con
        The engine.
    cases
        Reports that count, once each.
    exposures, events
        report_id and a column `exposure` or `event`; distinct. Exposures that are met with several kinds of
        events are coded once, by `codes`.
    """
    drugs = exposures if isinstance(exposures, Codes) else codes(con, exposures, "exposure")
    told = codes(con, events, "event")
    total = int(con.to_pyarrow(cases.count()).as_py())
    return Coded(drugs.table, told.table, drugs.names, told.names, total)


def _codes(con: BaseBackend, table: ir.Table, label: str) -> tuple[ir.Table, tuple[str, ...]]:
    """Return the codes of the names, given in alphabetical order: two engines give the same."""
    import ibis
    import pyarrow as pa

    names = sorted(con.to_pyarrow(table[[label]].distinct()).column(label).to_pylist())
    return ibis.memtable(
        pa.table({label: pa.array(names, pa.string()), "code": pa.array(range(len(names)), pa.int32())})
    ), tuple(names)


def count_pairs(con: BaseBackend, coded: Coded) -> AllPairs:
    """Return the counts of every pair of exposure and event that occurs in a report."""
    joined = coded.exposures.rename(exposure="code").join(coded.events.rename(event="code"), REPORT)
    pairs = con.to_pyarrow(joined.group_by("exposure", "event").agg(n=joined.count()))
    exposure, event, both = (pairs.column(name).to_numpy() for name in ("exposure", "event", "n"))
    order = np.argsort(exposure.astype(np.int64) * len(coded.event_names) + event)
    exposure, event = exposure[order].astype(np.int32), event[order].astype(np.int32)
    exposed = _margin(con, coded.exposures, len(coded.exposure_names))
    happened = _margin(con, coded.events, len(coded.event_names))
    counts = PairCounts.of(
        both[order], exposed=exposed[exposure], event=happened[event], total=float(coded.total)
    )
    return AllPairs(coded.exposure_names, coded.event_names, exposure, event, counts)


def _margin(con: BaseBackend, table: ir.Table, size: int) -> NDArray[np.float64]:
    counted = con.to_pyarrow(table.group_by("code").agg(n=table.count()))
    margin = np.zeros(size)
    margin[counted.column("code").to_numpy()] = counted.column("n").to_numpy()
    return margin
