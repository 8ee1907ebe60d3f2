"""The curves of the commonest reactions, and medians by organ class under one drug and under two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.answer import Figure
from coley.model.words import format_interval
from coley.questions.harm.onset.contrasts import COMBINED
from coley.questions.harm.onset.fits import FEWEST
from coley.questions.harm.reactions import LEVELS
from coley.vigilance.exposure import ANY_INHIBITOR

if TYPE_CHECKING:
    import polars as pl

    from coley.questions.harm.evidence import Evidence

MOST_CURVES = 6  # on one picture
BY_ORGAN = ("pd1_alone", "pdl1_alone", "ctla4_alone", COMBINED)


def curves(known: pl.DataFrame, overall: pl.DataFrame, level: str) -> dict[str, pl.DataFrame]:
    """Return the share of onsets by day for the commonest reactions of any checkpoint inhibitor, and their medians."""
    import polars as pl

    chosen = overall.head(MOST_CURVES)
    own = known.filter((pl.col("exposure") == ANY_INHIBITOR) & (pl.col("level") == level)).with_columns(
        group=pl.col("event").replace_strict(LEVELS[level].titles(), return_dtype=pl.String)
    )
    by_day = (
        own.filter(pl.col("group").is_in(chosen["event"].to_list()))
        .group_by("group", "days")
        .agg(n=pl.len())
        .sort("group", "days")
        .with_columns(share=pl.col("n").cum_sum().over("group") / pl.col("n").sum().over("group"))
    )
    order = {name: place for place, name in enumerate(chosen["event"])}
    drawn = by_day.select("group", pl.col("days").cast(pl.Float64).alias("time"), "share").sort(
        pl.col("group").replace_strict(order, return_dtype=pl.Int64), "time"
    )
    medians = chosen.select(
        pl.col("event").alias("group"),
        pl.col("median_days").alias("median"),
        pl.col("quartile_1").alias("low"),
        pl.col("quartile_3").alias("high"),
        pl.col("reports").alias("n"),
        pl.col("weibull_shape").alias("shape"),
        "shape_low",
        "shape_high",
    )
    return {f"onset_curves_{level}": drawn, f"onset_medians_{level}": medians}


def curves_figure(level: str) -> Figure:
    """Return the picture of those curves."""
    return Figure(
        "onset",
        f"onset_curves_{level}",
        f"Time from the first dose to the reaction, by {LEVELS[level].title}",
        "Reports of any checkpoint inhibitor in which both days are known; the commonest reactions. "
        "Dots are medians, with quartiles in the key. A Weibull shape surely below 1: most come early; surely "
        "above 1: more and more come with time.",
        {"scale": "log", "medians_table": f"onset_medians_{level}"},
    )


def medians_by_organ(evidence: Evidence, table: pl.DataFrame) -> pl.DataFrame:
    """Return organ classes with the median of each regimen that has onsets enough, as a forest shows them."""
    import polars as pl

    shown = {evidence.title(name): place for place, name in enumerate(BY_ORGAN)}
    own = table.filter(pl.col("exposure").is_in(list(shown)) & (pl.col("reports") >= FEWEST))
    titles = list(LEVELS["organ"].titles().values())
    return pl.DataFrame(
        [
            {
                "section": row["event"],
                "label": row["exposure"],
                "value": row["median_days"],
                "low": row["median_low"],
                "high": row["median_high"],
                "n": row["reports"],
                "note": format_interval(row["weibull_shape"], row["shape_low"], row["shape_high"], unit="ratio"),
            }
            for row in sorted(
                own.iter_rows(named=True), key=lambda r: (titles.index(r["event"]), shown[r["exposure"]])
            )
        ],
        schema={
            "section": pl.String, "label": pl.String, "value": pl.Float64, "low": pl.Float64, "high": pl.Float64,
            "n": pl.Int64, "note": pl.String,
        },
    )  # fmt: skip


def medians_figure() -> Figure:
    """Return the picture of those medians."""
    return Figure(
        "forest",
        "onset_forest",
        "Median time to onset by organ class and regimen",
        f"Regimens with at least {FEWEST} dated reports of the organ class. Medians of what was reported and dated, "
        "with distribution-free intervals.",
        {
            "unit": "days",
            "reference": "none",
            "limits": [0.5, 5_000],
            "n_title": "reports",
            "value_title": "Median, days (95 % CI)",
            "note_title": "Weibull shape (95 % CI)",
        },
    )
