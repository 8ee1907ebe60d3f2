"""What pictures of signals share: the rule in words, the cells of a map, the map and the volcano themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coley.model.answer import Figure

if TYPE_CHECKING:
    import polars as pl

    from coley.questions.harm.settings import HarmSettings

SIGNAL_RULE = "IC025 above 0, within the false discovery rate"
MEASURE = {"measure": "reporting_odds_ratio", "signal_rule": SIGNAL_RULE}
NOT_ILLNESS = "Odds of being reported, not of falling ill."


def percent(share: float) -> str:
    """Write a share of the settings.

    >>> percent(0.05), percent(0.005)
    ('5 %', '0.5 %')
    """
    return f"{100 * share:g} %"


def signal_words(settings: HarmSettings, over: str) -> str:
    """Say when a pair is a signal, and over which pairs the false discovery rate is held."""
    return (
        f"A signal has at least {settings.min_reports} reports, an information component surely above 0, and a false "
        f"discovery rate of at most {percent(settings.fdr)} over {over}."
    )


def cells_of(table: pl.DataFrame, row: str, column: str, *more: str) -> pl.DataFrame:
    """Return the columns of a map from a table of measures: row, column, value, low, high, n, signal and `more`."""
    import polars as pl

    return table.select(
        pl.col(row).alias("row"),
        pl.col(column).alias("column"),
        pl.col("ror").alias("value"),
        pl.col("ror_low").alias("low"),
        pl.col("ror_high").alias("high"),
        pl.col("reports").alias("n"),
        "signal",
        *more,
    )


def heat_map(
    table: str, title: str, caption: str, *, settings: HarmSettings, heads: tuple[str, str], reports: str = ""
) -> Figure:
    """Return a map of reporting odds ratios.

    Parameters
    ----------
    table, title, caption
        Of the figure.
    settings
        Of the question.
    heads
        What its rows and its columns are.
    reports
        The table of the reports behind its cells.
    """
    options: dict[str, Any] = {
        **MEASURE,
        "least_reports": settings.min_reports,
        "row_title": heads[0],
        "column_title": heads[1],
    }
    return Figure(
        "heat_map", table, title, caption, {**options, **({"reports_table": reports} if reports else {})}
    )


def volcano(table: str, title: str, caption: str, *, settings: HarmSettings) -> Figure:
    """Return a volcano of reporting odds ratios against false discovery rates."""
    return Figure("volcano", table, title, caption, {**MEASURE, "y": "q", "p_threshold": settings.fdr})
