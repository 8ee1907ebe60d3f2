"""Days from the first dose of a suspected drug to the event, where both are known to the day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.vigilance.cleaning.exposures import rank_of, suspect_rank
from coley.vigilance.cleaning.log import Step
from coley.vigilance.dates import first_day, full_day, is_full

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coley.vigilance.cleaning.dictionary import Dictionary
    from coley.vigilance.cleaning.settings import Cleaning
    from coley.vigilance.cleaning.shelf import Shelf
    from coley.vigilance.relations import RawReports

STEP = "onsets"


def dated_suspects(raw: RawReports, drugs: ir.Table, names: Dictionary, *, cases: ir.Table) -> ir.Table:
    """Return report_id, code, start, unsure and event for suspects with any start and a full event date.

    `start` is the earliest full date of a start (null where there is none) and `unsure` the earliest day
    that a partial one allows, both in days since 1970.
    """
    import ibis

    dated = cases.filter(is_full(cases.event_date)).select("report_id", event=full_day(cases.event_date))
    started = raw.therapies.filter(raw.therapies.start_date.notnull()).semi_join(dated, "report_id")
    starts = started.group_by("report_id", "drug_seq").aggregate(
        start=full_day(started.start_date).min(),
        unsure=first_day(
            ibis.ifelse(started.start_date < 10_000_000, started.start_date, ibis.null("int64"))
        ).min(),
    )
    suspects = drugs.filter(rank_of(drugs.role) <= suspect_rank())
    coded = names.coded(suspects.inner_join(starts, ["report_id", "drug_seq"]))
    merged = coded.group_by("report_id", "code").aggregate(start=coded.start.min(), unsure=coded.unsure.min())
    return merged.inner_join(dated, "report_id")


def onsets(
    dated: ir.Table, exposures: ir.Table, shelf: Shelf, *, cases: ir.Table, settings: Cleaning
) -> tuple[ir.Table, Step]:
    """Return report_id, code and days, and why other suspected drugs have none.

    Nothing is imputed. A start is that of the earliest full date, unless a partial date could lie before it;
    then the first dose is not known.
    """
    suspected = exposures.filter(exposures["rank"] <= suspect_rank())
    event = suspected.inner_join(cases.select("report_id", "event_date"), "report_id")
    asked = shelf.count(
        event, undated=event.event_date.isnull().sum(), partial=(event.event_date < 10_000_000).sum()
    )
    sure = dated.start.notnull() & (dated.unsure.isnull() | (dated.unsure >= dated.start))
    days = dated.event - dated.start
    seen = shelf.count(
        dated,
        unsure=(~sure).sum(),
        negative=(sure & (days < 0)).sum(),
        long=(sure & (days > settings.longest_onset_days)).sum(),
    )
    kept = dated.mutate(days=days).filter(sure & (days >= 0) & (days <= settings.longest_onset_days))
    unstarted = asked["n"] - asked["undated"] - asked["partial"] - seen["n"]
    dropped = {
        "event date missing": asked["undated"],
        "event date not known to the day": asked["partial"],
        "start of the drug missing": unstarted,
        "start of the drug not known to the day": seen["unsure"],
        "start after the event": seen["negative"],
        f"more than {settings.longest_onset_days} days": seen["long"],
    }
    after = seen["n"] - seen["unsure"] - seen["negative"] - seen["long"]
    return kept.select("report_id", "code", "days"), Step(
        STEP, "suspected drugs of reports", asked["n"], after, dropped
    )
