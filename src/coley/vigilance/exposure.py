"""What a report's patients were given: single agents, classes of regimens, and two exposures crossed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from coley.biology.drugs.regimens import feature_table, regimens
from coley.biology.drugs.table import checkpoint_inhibitors
from coley.vigilance.counting import REPORT
from coley.vigilance.engine import memtable

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import polars as pl
    from ibis.backends import BaseBackend

    from coley.biology.drugs.regimens import Regimen

SUSPECT = ("PS", "SS", "I")
ANY_INHIBITOR = "ici"
INHIBITOR_FEATURES = ("ici", "pd-1", "pd-l1", "pd-(l)1", "ctla-4", "lag-3", "tigit", "tim-3")


def inhibitors(exposures: ir.Table, *, roles: Iterable[str] = SUSPECT) -> ir.Table:
    """Return report_id, exposure for each checkpoint inhibitor that a report holds in one of the roles."""
    names = [drug.ingredient for drug in checkpoint_inhibitors()]
    chosen = exposures.filter(exposures.ingredient.isin(names) & exposures.role.isin(list(roles)))
    return chosen.select(REPORT, exposure=chosen.ingredient).distinct()


def features(exposures: ir.Table, *, roles: Iterable[str] = SUSPECT) -> ir.Table:
    """Return report_id and one flag for each feature that regimens are told by, for reports that have any.

    A checkpoint inhibitor counts in the given roles alone; what it was combined with counts in any role,
    for a partner that nobody suspects was given all the same.
    """
    table = feature_table()
    names = sorted(table["feature"].unique())
    known = memtable(table)
    marked = exposures.join(known, "ingredient")
    marked = marked.filter(~marked.feature.isin(list(INHIBITOR_FEATURES)) | marked.role.isin(list(roles)))
    # Ingredients bear several features; a report has one of them if any of its ingredients does.
    return marked.group_by(REPORT).agg(**{name: (marked.feature == name).any() for name in names})


def regimen_exposures(flags: ir.Table, names: Iterable[str] | None = None) -> ir.Table:
    """Return report_id, exposure for each class of regimens that a report is of.

    Parameters
    ----------
    flags
        From `features`.
    names
        Names of `biology.drugs.regimens`; all of them where None.
    """
    import ibis

    chosen = [regimens()[name] for name in (regimens() if names is None else names)]
    # One pass over the reports, whatever the number of classes.
    named = ibis.array(
        [_is_of(flags, regimen).ifelse(regimen.name, ibis.null("string")) for regimen in chosen]
    )
    found = flags.select(REPORT, exposure=named.unnest())
    return found.filter(found.exposure.notnull())


def _is_of(flags: ir.Table, regimen: Regimen) -> ir.BooleanValue:
    import ibis

    present = [flags[name] for name in sorted(regimen.requires)]
    absent = [~flags[name] for name in sorted(regimen.excludes)]
    return ibis.and_(*present, *absent)


def crossed(first: ir.Table, second: ir.Table, universe: ir.Table) -> ir.Table:
    """Return report_id, first, second (flags) for every report of the universe.

    Parameters
    ----------
    first, second
        Reports that name the one and the other: report_id.
    universe
        Reports that count: report_id.
    """
    one, two = first[[REPORT]].distinct().mutate(first=True), second[[REPORT]].distinct().mutate(second=True)
    joined = universe[[REPORT]].left_join(one, REPORT)[[REPORT, "first"]]
    joined = joined.left_join(two, REPORT)[[REPORT, "first", "second"]]
    return joined.mutate(first=joined["first"].fill_null(False), second=joined["second"].fill_null(False))


def crossed_counts(
    con: BaseBackend, cross: ir.Table, events: ir.Table
) -> tuple[Mapping[tuple[bool, bool], int], pl.DataFrame]:
    """Return reports by (first, second), and event, first, second, n of the reports with each event."""
    import polars as pl

    totals = con.to_polars(cross.group_by("first", "second").agg(n=cross.count()))
    joined = events[[REPORT, "event"]].join(cross, REPORT)
    counted = con.to_polars(joined.group_by("event", "first", "second").agg(n=joined.count()))
    reports = {(bool(a), bool(b)): int(n) for a, b, n in pl.DataFrame(totals).rows()}
    return (
        {key: reports.get(key, 0) for key in ((False, False), (True, False), (False, True), (True, True))},
        pl.DataFrame(counted).sort("event", "first", "second"),
    )
