"""What a report's patients were given: single agents, classes of regimens, and two exposures crossed."""

from __future__ import annotations

from collections.abc import Iterable
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
    from coley.vigilance.counting import Counts

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


def four_groups(
    con: BaseBackend, flags: ir.Table, pair: tuple[str, str], *, reactions: ir.Table, counts: Counts
) -> tuple[list[int], pl.DataFrame]:
    """Return reports with neither of two features, the first alone, the second alone and both; and events of each.

    Parameters
    ----------
    con
        The engine.
    flags
        From `features`: reports with any feature.
    pair
        The two features.
    reactions
        report_id, event; distinct.
    counts
        Of all these reports: their number, and those of each event.

    Returns
    -------
    Reports of the four groups, and a frame with event, neither, first, second, both: reports of each with the event.
    """
    import polars as pl

    first, second = pair
    cross = flags.select(REPORT, first=flags[first], second=flags[second])
    cross = cross.filter(cross["first"] | cross["second"])
    group = (cross["first"].cast("int8") + cross["second"].cast("int8") * 2).name("group")
    cross = cross.select(REPORT, group)
    sizes = dict(pl.DataFrame(con.to_polars(cross.group_by("group").agg(n=cross.count()))).rows())
    exposed = [int(sizes.get(k, 0)) for k in (1, 2, 3)]
    joined = reactions[[REPORT, "event"]].join(cross, REPORT)
    counted = pl.DataFrame(con.to_polars(joined.group_by("event", "group").agg(n=joined.count())))
    table = counts.event.select("event", pl.col("n").alias("total")).sort("event")
    for k, name in ((1, "first"), (2, "second"), (3, "both")):
        own = counted.filter(pl.col("group") == k).select("event", pl.col("n").alias(name))
        table = table.join(own, on="event", how="left", maintain_order="left").with_columns(
            pl.col(name).fill_null(0)
        )
    neither = (pl.col("total") - pl.sum_horizontal("first", "second", "both")).alias("neither")
    total = int(counts.total["n"].item())
    return [total - sum(exposed), *exposed], table.select("event", neither, "first", "second", "both")
