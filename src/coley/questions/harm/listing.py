"""Each cell down to its reports: the gravest and the latest, as a reviewer would take them up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.vigilance.counting import REPORT

if TYPE_CHECKING:
    import polars as pl

    from coley.questions.harm.evidence import Evidence

MOST_WORDS = 12  # terms or drugs of one report that are listed


def listing(evidence: Evidence, level: str) -> pl.DataFrame:
    """Return the reports behind each cell: fatal ones first, then the latest, at most `reports_shown` of each.

    The columns `row` and `column` are the titles under which the heat map shows the cell.
    """
    import ibis
    import polars as pl

    con, cases, settings = evidence.con, evidence.database.reports.cases, evidence.settings
    chosen = evidence.exposures.filter(evidence.exposures.exposure.isin(list(evidence.regimens)))
    told = chosen.join(evidence.reactions[level], REPORT).join(cases, REPORT)
    first = ibis.row_number().over(
        group_by=["exposure", "event"],
        order_by=[told.fatal.fill_null(False).desc(), told.quarter.fill_null(0).desc(), told[REPORT].desc()],
    )
    told = told.mutate(place=first)
    told = told.filter(told.place < settings.reports_shown)
    frame = pl.DataFrame(
        con.to_polars(
            told.select(
                "exposure", "event", "place", REPORT, "case_id", "year", "age_years", "sex", "country", "fatal"
            )
        )
    )  # fmt: skip
    if frame.is_empty():
        return frame
    words = frame.select(REPORT).unique()
    for name, table, key in (
        ("reactions", evidence.database.reports.events, "term"),
        ("drugs", evidence.database.reports.exposures, "ingredient"),
    ):
        words = words.join(_words(evidence, table, words, key=key).rename({key: name}), on=REPORT, how="left")
    titles = evidence.levels[level].titles()
    return (
        frame.join(words, on=REPORT, how="left")
        .sort("exposure", "event", "place")
        .select(
            pl.col("event").replace_strict(titles, return_dtype=pl.String).alias("row"),
            pl.col("exposure").map_elements(evidence.title, return_dtype=pl.String).alias("column"),
            pl.col(REPORT).alias("report"),
            pl.col("case_id").alias("case"),
            "year",
            pl.col("age_years").round(0).alias("age"),
            "sex",
            "country",
            "fatal",
            "reactions",
            "drugs",
        )
    )


def _words(evidence: Evidence, table: object, reports: pl.DataFrame, *, key: str) -> pl.DataFrame:
    """Return report_id and its terms in one text."""
    import polars as pl

    from coley.vigilance.engine import memtable

    own = table.semi_join(memtable(reports), REPORT)  # type: ignore[attr-defined]
    frame = pl.DataFrame(evidence.con.to_polars(own.select(REPORT, key))).sort(REPORT, key)
    return (
        frame.group_by(REPORT, maintain_order=True)
        .agg(pl.col(key))
        .with_columns(
            pl.when(pl.col(key).list.len() > MOST_WORDS)
            .then(
                pl.col(key).list.head(MOST_WORDS).list.join(", ")
                + pl.format(" and {} more", pl.col(key).list.len() - MOST_WORDS)
            )
            .otherwise(pl.col(key).list.join(", "))
            .alias(key)
        )
    )
