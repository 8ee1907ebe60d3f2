"""All pairs at a glance, and the signals by event and drug."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.answer import Estimate
from coley.model.part import Part
from coley.questions.harm.pictures import NOT_ILLNESS, cells_of, heat_map, signal_words, volcano

if TYPE_CHECKING:
    import polars as pl

    from coley.questions.harm.contingency.examined import Examined
    from coley.questions.harm.settings import HarmSettings

MOST_EVENTS, MOST_DRUGS = 30, 14  # of the map: as many as a page shows at a size that can be read
MOST_ROWS = 5_000  # of the table of pairs, signals first: what a page can hold
MOST_POINTS = 120_000  # of the picture of all pairs: with more, its table makes a page of over 20 MB
MOST_ESTIMATES = 60  # signals that stand among the numbers; all are in the table
AGAINST = "all other pairs of the table"


def signal_part(examined: Examined) -> Part:
    """Return the pairs, the surest as estimates, and both pictures."""
    pairs, told, settings = examined.pairs, examined.told, examined.settings
    points, thinned = _points(told)
    return Part(
        estimates=tuple(_estimates(told, settings)),
        caveats=(
            (
                f"The table holds the first {MOST_ROWS:,} of {told.height:,} pairs, signals first, then the surest.",
            )
            if told.height > MOST_ROWS
            else ()
        ),
        tables={"signal_map": _map(told), "pair_volcano": points, "pairs": told.head(MOST_ROWS)},
        figures=(
            heat_map(
                "signal_map",
                "Signals by event and drug",
                f"Reporting odds ratio against {AGAINST}; events and drugs with most signals first. "
                f"{signal_words(settings, f'all {len(pairs):,} pairs')} {NOT_ILLNESS}",
                settings=settings,
                heads=("event", "drug"),
            ),
            volcano(
                "pair_volcano",
                "All pairs that are reported",
                f"Reporting odds ratio against {AGAINST}, and false discovery rate over all {len(pairs):,} pairs of a "
                f"drug and an event.{thinned}",
                settings=settings,
            ),
        ),
    )


def _map(told: pl.DataFrame) -> pl.DataFrame:
    """Return the cells of the events and drugs with most signals, in that order."""
    import polars as pl

    events, drugs = (
        _foremost(told, key, most) for key, most in (("event", MOST_EVENTS), ("drug", MOST_DRUGS))
    )
    places = {
        "row": pl.col("event").replace_strict(events, range(len(events)), default=None),
        "column": pl.col("drug").replace_strict(drugs, range(len(drugs)), default=None),
    }
    foremost = told.filter(pl.col("event").is_in(events) & pl.col("drug").is_in(drugs))
    return cells_of(foremost.sort(places["row"], places["column"]), "event", "drug")


def _foremost(told: pl.DataFrame, key: str, most: int) -> list[str]:
    import polars as pl

    best = told.group_by(key, maintain_order=True).agg(pl.col("signal").sum(), pl.col("ic_low").max())
    order = best.sort(["signal", "ic_low"], descending=True, nulls_last=True, maintain_order=True)
    return order[key].head(most).to_list()


def _points(told: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """Return the pairs that are reported, of too many all signals and some of the others, and which in words."""
    import polars as pl

    shown, words = told.filter(pl.col("reports") > 0), ""
    if shown.height > MOST_POINTS:
        signals, others = shown.filter("signal"), shown.filter(~pl.col("signal"))
        every = -(-others.height // max(MOST_POINTS - signals.height, 1))
        shown = pl.concat([signals.head(MOST_POINTS), others.gather_every(every)])
        words = f" Of the pairs that are no signal one in {every:,} is drawn."
    # Four digits are more than a picture shows; a list of 100,000 pairs would else weigh ten times as much.
    picture = shown.select(
        pl.format("{}, {}", "event", "drug").alias("label"),
        pl.col("ror").round_sig_figs(4).alias("value"),
        pl.col("ror_low").round_sig_figs(4).alias("low"),
        pl.col("reports").alias("n"),
        pl.col("q").round_sig_figs(4),
        *([pl.col("drug").alias("group")] if shown["drug"].n_unique() <= MOST_DRUGS else []),
        "signal",
    )
    return picture, words


def _estimates(told: pl.DataFrame, settings: HarmSettings) -> list[Estimate]:
    return [
        Estimate(
            "reporting_odds_ratio",
            row["ror"],
            row["ror_low"],
            row["ror_high"],
            n=row["exposed"],
            events=row["reports"],
            unit="ratio",
            method="ror",
            level=settings.level,
            endpoint="reporting",
            group=f"{row['event']}, {row['drug']}",
            note=f"Against {AGAINST}; n counts pairs.",
            p=row["p"],
            p_adjusted=row["q"],
            multiplicity="false discovery rate over all pairs of a named drug with a named event",
        )
        for row in told.filter("signal").head(MOST_ESTIMATES).iter_rows(named=True)
    ]
