"""How many of the reports are of a death: by reaction and by regimen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.answer import Estimate
from coley.model.part import Part
from coley.questions.harm.reactions import harm_titles, organ_titles
from coley.stats.proportions import wilson
from coley.vigilance.counting import REPORT
from coley.vigilance.exposure import ANY_INHIBITOR

if TYPE_CHECKING:
    from coley.questions.harm.evidence import Evidence

FEWEST = 5  # reports from which a share is told: of fewer, one death is a fifth or more


def fatality_part(evidence: Evidence) -> Part:
    """Return the share of reports with a fatal outcome, with Wilson intervals."""
    import polars as pl

    con, cases = evidence.con, evidence.database.reports.cases
    told = cases.filter(cases.fatal.notnull())
    if not con.to_pyarrow(told.count()).as_py():
        return Part(cannot_tell=("How many reports are of a death: the reports hold no outcomes.",))
    fatal = told.select(REPORT, fatal=told.fatal.cast("int64"))
    frames = []
    for level, titles in (("organ", organ_titles()), ("harm", harm_titles())):
        joined = evidence.reactions[level].join(fatal, REPORT).join(evidence.exposures, REPORT)
        joined = joined.filter(joined.exposure.isin(list(evidence.regimens)))
        counted = joined.group_by("exposure", "event").agg(reports=joined.count(), fatal=joined.fatal.sum())
        frame = pl.DataFrame(con.to_polars(counted)).with_columns(
            level=pl.lit(level), title=pl.col("event").replace_strict(titles, return_dtype=pl.String)
        )
        frames.append(frame)
    table = pl.concat(frames).filter(pl.col("reports") >= FEWEST).sort("level", "exposure", "event")
    if table.is_empty():
        return Part(cannot_tell=(f"How many reports are of a death: no reaction has {FEWEST} reports.",))
    share = wilson(table["fatal"].to_numpy(), table["reports"].to_numpy(), level=evidence.settings.level)
    table = table.with_columns(
        fatal_share=pl.Series(share.value), low=pl.Series(share.low), high=pl.Series(share.high)
    )
    shown = table.filter((pl.col("exposure") == ANY_INHIBITOR) & (pl.col("level") == "harm")).sort(
        "fatal_share", descending=True
    )
    return Part(
        estimates=tuple(_estimate(evidence, row) for row in shown.iter_rows(named=True)),
        tables={
            "fatality": table.with_columns(
                pl.col("exposure").map_elements(evidence.title, return_dtype=pl.String)
            ).select(
                "exposure", pl.col("title").alias("event"), "reports", "fatal",
                "fatal_share", "low", "high",
            )
        },
        caveats=(
            "A fatal report is one with death among its outcomes, whatever it was of; deaths are reported more "
            "readily than what passes.",
        ),
    )  # fmt: skip


def _estimate(evidence: Evidence, row: dict[str, object]) -> Estimate:
    return Estimate(
        "fatal_share_of_reports",
        row["fatal_share"],  # type: ignore[arg-type]
        row["low"],  # type: ignore[arg-type]
        row["high"],  # type: ignore[arg-type]
        n=row["reports"],  # type: ignore[arg-type]
        events=row["fatal"],  # type: ignore[arg-type]
        unit="proportion",
        method="wilson",
        level=evidence.settings.level,
        endpoint="fatality",
        group=f"{row['title']}, {evidence.title(str(row['exposure']))}",
    )
