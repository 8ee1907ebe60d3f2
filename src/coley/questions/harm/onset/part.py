"""Times to onset as a part of the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.part import Part
from coley.questions.harm.onset.contrasts import compared
from coley.questions.harm.onset.doses import by_dose
from coley.questions.harm.onset.fits import estimates, fits
from coley.questions.harm.onset.pictures import curves, curves_figure, medians_by_organ, medians_figure
from coley.questions.harm.onset.times import LEVELS_DATED, known_onsets
from coley.vigilance.exposure import ANY_INHIBITOR

if TYPE_CHECKING:
    import polars as pl

    from coley.questions.harm.evidence import Evidence

NO_DATES = "When a reaction begins: no report has both the day of the first dose and the day of the event."
TABLES = {"organ": "onset_organs", "harm": "onset"}
CAVEATS = (
    "Times to onset are those of reports with both dates to the day; reactions that are never dated, or come after "
    "the data were closed, are not among them.",
    "Days count from the first dose of any checkpoint inhibitor that the report dates; a treatment that began before "
    "that date and is not in the report is not known.",
)
SCHEDULE = (
    "The number of doses is that of the label's schedule by the day of the reaction: how many were given, delayed or "
    "left out, the reports do not say."
)


def onset_part(evidence: Evidence) -> Part:
    """Return times to onset with medians and Weibull shapes, by organ class and harm, by drug and regimen."""
    known = known_onsets(evidence)
    if known.is_empty():
        return Part(cannot_tell=(NO_DATES,))
    found = {level: fits(evidence, known, level) for level in LEVELS_DATED}
    found = {level: table for level, table in found.items() if table.height}
    if not found:
        fewest = evidence.settings.min_reports
        return Part(
            cannot_tell=(f"When a reaction begins: no reaction has {fewest} reports with both dates.",)
        )
    part = Part(caveats=CAVEATS)
    for level, table in found.items():
        part += _level_part(evidence, known, table, level)
    doses = by_dose(evidence, known)
    return (
        part
        + _forest(evidence, found)
        + _with_rows("onset_compared", compared(evidence, known))
        + _with_rows("onset_by_dose", doses)
        + Part(caveats=(SCHEDULE,) if doses.height else ())
    )


def _level_part(evidence: Evidence, known: pl.DataFrame, table: pl.DataFrame, level: str) -> Part:
    import polars as pl

    overall = table.filter(pl.col("exposure") == evidence.title(ANY_INHIBITOR))
    return Part(
        estimates=tuple(estimates(evidence, overall)),
        tables={TABLES[level]: table, **(curves(known, overall, level) if overall.height else {})},
        figures=(curves_figure(level),) if overall.height else (),
    )


def _forest(evidence: Evidence, found: dict[str, pl.DataFrame]) -> Part:
    if "organ" not in found:
        return Part()
    forest = medians_by_organ(evidence, found["organ"])
    if forest.is_empty():
        return Part()
    return Part(tables={"onset_forest": forest}, figures=(medians_figure(),))


def _with_rows(name: str, table: pl.DataFrame) -> Part:
    return Part(tables={name: table}) if table.height else Part()
