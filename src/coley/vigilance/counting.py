"""Counting reports: with both, with the exposure, with the event, and in all; for every pair or for some.

Every function takes relations in which a report stands once for each exposure and once for each event, so that
counts are of reports, never of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import polars as pl
    from ibis.backends import BaseBackend

REPORT = "report_id"


@dataclass(frozen=True, eq=False)
class Counts:
    """Numbers of reports, each frame in long form; a combination that does not occur has no row.

    Attributes
    ----------
    both
        exposure, event, the strata, n.
    exposed
        exposure, the strata, n.
    event
        event, the strata, n.
    total
        The strata, n.
    by
        The names of the strata; none where nothing is stratified.
    """

    both: pl.DataFrame
    exposed: pl.DataFrame
    event: pl.DataFrame
    total: pl.DataFrame
    by: tuple[str, ...] = ()


def count(
    con: BaseBackend,
    universe: ir.Table,
    *,
    exposures: ir.Table,
    events: ir.Table,
    by: Sequence[str] = (),
    whole: bool = False,
) -> Counts:
    """Return the numbers of reports of every exposure with every event, among the reports of a universe.

    Parameters
    ----------
    con
        The engine.
    universe
        Reports that count: report_id, once each, and the columns of `by`.
    exposures
        report_id, exposure; distinct.
    events
        report_id, event; distinct.
    by
        Columns of the universe by which all is counted: quarter, sex ...
    whole
        Whether the universe holds every report of the exposures and the events, so that none need be looked up.

    Examples
    --------
    >>> import ibis
    >>> from coley.vigilance.engine import connect
    >>> con = connect()
    >>> made = lambda **columns: con.create_table("t" + "".join(columns), __import__("pyarrow").table(columns))
    >>> counted = count(
    ...     con,
    ...     made(report_id=[1, 2, 3]),
    ...     exposures=made(report_id=[1, 2], exposure=["a", "a"]),
    ...     events=made(report_id=[1, 3], event=["x", "x"]),
    ... )
    >>> [frame["n"].to_list() for frame in (counted.both, counted.exposed, counted.event, counted.total)]
    [[1], [2], [2], [3]]
    """
    by = tuple(by)
    strata, happened = universe[[REPORT, *by]], events[[REPORT, "event"]]
    exposed = exposures[[REPORT, "exposure"]]
    told = happened
    if by or not whole:
        exposed, told = exposed.join(strata, REPORT), happened.join(strata, REPORT)
    return Counts(
        both=_tally(con, exposed.join(happened, REPORT), ("exposure", "event", *by)),
        exposed=_tally(con, exposed, ("exposure", *by)),
        event=_tally(con, told, ("event", *by)),
        total=_tally(con, strata, by),
        by=by,
    )


def _tally(con: BaseBackend, table: ir.Table, keys: tuple[str, ...]) -> pl.DataFrame:
    import polars as pl

    counted = table.group_by(list(keys)).agg(n=table.count()) if keys else table.aggregate(n=table.count())
    frame = pl.DataFrame(con.to_polars(counted))
    return frame.sort(list(keys), nulls_last=True) if keys else frame


def within(table: ir.Table, universe: ir.Table) -> ir.Table:
    """Return those rows of a relation whose report belongs to the universe."""
    return table.semi_join(universe, REPORT)


def labelled(table: ir.Table, labels: ir.Table, *, key: str, label: str, name: str) -> ir.Table:
    """Return report_id and the labels of what a report names, each label once a report.

    Parameters
    ----------
    table
        report_id and `key`.
    labels
        `key` and `label`; one key may bear several labels.
    key, label
        Columns of `labels`.
    name
        What the label is called in the result: "exposure" or "event".
    """
    joined = table[[REPORT, key]].join(labels[[key, label]], key)
    return joined.select(joined[REPORT], joined[label].name(name)).distinct()
