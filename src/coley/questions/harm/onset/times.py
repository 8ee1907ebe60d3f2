"""The reports whose onset is known to the day, and the last day on which each could have been told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.questions.harm.evidence import ALONE
from coley.vigilance.counting import REPORT
from coley.vigilance.dates import full_day, is_full

if TYPE_CHECKING:
    import polars as pl

    from coley.questions.harm.evidence import Evidence

LEVELS_DATED = ("organ", "harm")


def known_onsets(evidence: Evidence) -> pl.DataFrame:
    """Return level, exposure, event, days and limit of each report whose onset is known to the day.

    Days are those since the first dose of any checkpoint inhibitor, whichever of them the exposure is.
    """
    import polars as pl

    reports = evidence.database.reports
    own = reports.onsets.filter(reports.onsets.ingredient.isin([*evidence.agents]))
    # The first dose of any checkpoint inhibitor: the longest time.
    first = own.group_by(REPORT).agg(days=own.days.max())
    dated = reports.cases.filter(is_full(reports.cases.event_date))
    dated = dated.select(REPORT, event_day=full_day(dated.event_date))
    told = first.join(dated, REPORT).join(evidence.exposures, REPORT)
    told = told.filter(told.exposure.isin([*evidence.regimens, ALONE, *evidence.agents]))
    last = reports.cases.quarter.max().as_scalar()
    told = told.select(REPORT, "exposure", "days", "event_day", last_quarter=last)
    frames = []
    for level in LEVELS_DATED:
        found = told.join(evidence.reactions[level], REPORT)
        frame = pl.DataFrame(
            evidence.con.to_polars(
                found.select(REPORT, "exposure", "event", "days", "event_day", "last_quarter")
            )
        )
        frames.append(frame.with_columns(level=pl.lit(level)))
    known = pl.concat(frames)
    if known.is_empty():
        return known
    # An event after the data were closed could not be told: each report is truncated there.
    closed = last_day(int(known["last_quarter"][0]))
    limit = pl.max_horizontal(closed - (pl.col("event_day") - pl.col("days")), pl.col("days"))
    return known.with_columns(limit=limit).sort("level", "exposure", "event", "days", REPORT)


def last_day(quarter: int) -> int:
    """Return the last day of a quarter (4 * year + quarter - 1), in days since 1970-01-01.

    Examples
    --------
    >>> from datetime import date, timedelta
    >>> date(1970, 1, 1) + timedelta(last_day(4 * 2017 + 1))
    datetime.date(2017, 6, 30)
    """
    from datetime import date

    following = quarter + 1
    return (date(following // 4, following % 4 * 3 + 1, 1) - date(1970, 1, 1)).days - 1
