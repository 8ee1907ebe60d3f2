"""The one sentence: how many reports, which signals, the strongest with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coley.model.words import format_interval
from coley.questions.harm.maps import chosen, comparator_title
from coley.questions.harm.reactions import harm_titles, spoken
from coley.vigilance.exposure import ANY_INHIBITOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from coley.questions.harm.evidence import Evidence

STRONGEST = 3  # named


def headline(evidence: Evidence, harms: Mapping[str, pl.DataFrame]) -> str:
    """Return the answer in one sentence."""
    import polars as pl

    told = f"{evidence.inhibitor_reports:,} of {evidence.total:,} reports name a checkpoint inhibitor"
    if not evidence.inhibitor_reports:
        return f"None of {evidence.total:,} reports names a checkpoint inhibitor."
    if not harms:
        return f"{told}, and none of them a harm of the label."
    name, table = chosen(evidence, harms)
    if evidence.case_only:
        signals = table.filter("signal")
        return (
            f"{told}, so that they can be compared with each other alone: {signals.height} of {table.height} pairs of "
            f"regimen or agent with a harm of the label are reported more often than among the others."
        )
    own = table.filter(pl.col("exposure") == ANY_INHIBITOR)
    signals = own.filter("signal").sort("ic_low", descending=True)
    reported = own.filter(pl.col("reports") > 0).height
    against = comparator_title(evidence, name)
    if signals.is_empty():
        return (
            f"{told}; of {reported} harms of the label that are reported, none is a signal against {against}."
        )
    named = "; ".join(_named(row) for row in signals.head(STRONGEST).iter_rows(named=True))
    return (
        f"{told}; of {reported} harms of the label that are reported, {signals.height} are signals against {against}. "
        f"The surest, by reporting odds ratio: {named}."
    )


def _named(row: dict[str, Any]) -> str:
    harm, reports = spoken(harm_titles()[row["event"]]), f"{row['reports']:,} reports"
    if row["ror"] is None:
        return f"{harm} (no report of it without a checkpoint inhibitor, {reports} with one)"
    return f"{harm} {format_interval(row['ror'], row['ror_low'], row['ror_high'], unit='ratio')}, {reports}"
