"""One report a case: FDA's rule of the latest version, and without the cases that were withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.vigilance.cleaning.log import Step
from coley.vigilance.dates import padded

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coley.vigilance.cleaning.shelf import Shelf
    from coley.vigilance.relations import RawReports

STEP = "case versions"


def latest_versions(raw: RawReports, shelf: Shelf) -> tuple[ir.Table, Step]:
    """Return the reports to keep: report_id, and the date on which any version of its case was first received.

    Of each case that one which was received last, and of several of that day the highest report_id: so FDA's
    note to the quarterly extracts (ASC_NTS, "caseid") has it. AERS and FAERS number cases alike, so that a
    case which began in AERS and went on in FAERS is one. A report without a case is a case of its own. A
    report that came in two quarters is one report, of the later quarter.
    """
    import ibis

    reports = raw.reports
    standing = reports.select(
        "report_id",
        "case_id",
        received=padded(reports.received_date),
        first=padded(ibis.coalesce(reports.first_received_date, reports.received_date)),
    ).anti_join(raw.deleted.filter(raw.deleted.case_id.notnull()), "case_id")
    counted = shelf.count(standing, reports=standing.report_id.nunique())
    own = ibis.ifelse(standing.case_id.isnull(), standing.report_id, ibis.null("int64"))
    case = ibis.window(group_by=[standing.case_id, own])
    ranked = standing.mutate(
        first_receipt=standing["first"].min().over(case),
        place=ibis.row_number().over(
            group_by=[standing.case_id, own],
            order_by=[ibis.desc(standing.received, nulls_first=False), standing.report_id.desc()],
        ),
    )
    chosen = ranked.filter(ranked.place == 0).select("report_id", "first_receipt")
    if counted["reports"] < counted["n"]:  # else no report_id can stand under two cases
        chosen = chosen.group_by("report_id").aggregate(first_receipt=chosen.first_receipt.min())
    kept = shelf.put("work_chosen", chosen, work=True)
    before, after = shelf.count(reports)["n"], shelf.count(kept)["n"]
    dropped = {
        "case withdrawn": before - counted["n"],
        "same report twice": counted["n"] - counted["reports"],
        "superseded by a later version": counted["reports"] - after,
    }
    return kept, Step(STEP, "reports", before, after, dropped)


def one_row_each(reports: ir.Table) -> ir.Table:
    """Return reports with one row a report_id, that of the last quarter in which it came."""
    import ibis

    ranked = reports.mutate(
        place=ibis.row_number().over(
            group_by=reports.report_id,
            order_by=[ibis.desc(reports.quarter, nulls_first=False), reports.received_date.desc()],
        )
    )
    return ranked.filter(ranked.place == 0).drop("place")
