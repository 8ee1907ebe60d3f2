"""The one sentence: how many pairs, how many signals, the surest with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.model.words import format_interval
from coley.questions.harm.contingency.pictures import AGAINST

if TYPE_CHECKING:
    from coley.questions.harm.contingency.examined import Examined

STRONGEST = 3  # named


def headline(examined: Examined) -> str:
    """Return the answer in one sentence or two."""
    import polars as pl

    pairs, told = examined.pairs, examined.told
    reported = told.filter(pl.col("reports") > 0).height
    what = f"{_many(len(pairs.named_events), 'event')} with {_many(len(pairs.named_drugs), 'drug')}"
    signals = told.filter("signal")
    of = f"Of {_many(reported, 'reported pair')} of {what}"
    if signals.is_empty():
        return f"{of}, none is a signal against {AGAINST}."
    named = "; ".join(
        f"{row['event']} with {row['drug']}, {_ratio(row)}in {row['reports']:,} reports"
        for row in signals.head(STRONGEST).iter_rows(named=True)
    )
    are = "1 is a signal" if signals.height == 1 else f"{signals.height:,} are signals"
    return f"{of}, {are} against {AGAINST}. The surest, by reporting odds ratio: {named}."


def _ratio(row: dict[str, float]) -> str:
    """Return the odds ratio; nothing where no other event is reported of the drug, or the event of no other drug."""
    return "" if row["ror"] is None else f"{format_interval(row['ror'], row['ror_low'], row['ror_high'])} "


def _many(n: int, thing: str) -> str:
    return f"{n:,} {thing}{'' if n == 1 else 's'}"
