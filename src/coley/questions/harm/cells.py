"""How often: each regimen and each agent with each reaction, against a comparator, in every measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import MissingData
from coley.questions.harm.measures import measures
from coley.stats.disproportionality.counts import PairCounts
from coley.stats.disproportionality.discovery.false_discovery import discrete_false_discovery
from coley.stats.disproportionality.discovery.null_counts import NullCounts
from coley.stats.disproportionality.discovery.one_sided import one_sided_tests
from coley.vigilance.comparators import COMPARATORS
from coley.vigilance.exposure import ANY_INHIBITOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray

    from coley.questions.harm.evidence import Evidence
    from coley.questions.harm.screen import Screen
    from coley.vigilance.grid import Grid

BAYES = ("ebgm", "eb05", "eb95")


def cells(evidence: Evidence, level: str, *, screened: Screen | None = None) -> dict[str, pl.DataFrame]:
    """Return for each comparator one row for each exposure and each reaction of a level.

    Each has every measure, and whether it is a signal: at least `min_reports` reports, an information component
    whose lower limit is above 0, and a false discovery rate within the setting over the pairs of its table.
    EBGM always stands for the whole database, from all pairs of which its prior is learnt. A comparator that
    leaves nobody to compare with is left out.
    """
    events = tuple(evidence.levels[level].titles())
    exposures = exposures_of(evidence)
    found = {}
    for name in COMPARATORS if not evidence.case_only else ("database",):
        try:
            made = evidence.grid(evidence.counts(level, name), exposures, events, name)
        except MissingData:
            continue
        if made.counts.both.sum() > 0:
            found[name] = tell(evidence, made)
    if screened is not None and screened.prior is not None and "database" in found:
        own = measures(_counts(found["database"]), level=evidence.settings.level, prior=screened.prior)
        found = {name: table.hstack(own.select(BAYES)) for name, table in found.items()}
    return found


def exposures_of(evidence: Evidence) -> tuple[str, ...]:
    """Return the exposures of the tables; where all reports are of them, the class as a whole is none."""
    shown = (*evidence.regimens, *evidence.classes, *evidence.agents)
    return tuple(name for name in shown if name != ANY_INHIBITOR) if evidence.case_only else shown


def tell(evidence: Evidence, made: Grid) -> pl.DataFrame:
    """Return exposure, event and every measure of a grid, the false discovery rate and whether it is a signal."""
    import polars as pl

    settings = evidence.settings
    names = pl.DataFrame(made.pairs, schema={"exposure": pl.String, "event": pl.String}, orient="row")
    table = names.hstack(measures(made.counts, level=settings.level)).with_columns(
        q=pl.Series(false_discovery(made.counts)).fill_nan(None)
    )
    signal = (
        (pl.col("reports") >= settings.min_reports) & (pl.col("ic_low") > 0) & (pl.col("q") <= settings.fdr)
    )
    return table.with_columns(signal=signal.fill_null(value=False))


def false_discovery(counts: PairCounts) -> NDArray[np.float64]:
    """Return the false discovery rate at which each pair would be listed; NaN where nothing is expected."""
    q = np.full(len(counts), np.nan)
    tested = counts.expected > 0
    if tested.any():
        own = PairCounts(*(x[tested] for x in (counts.both, counts.exposed, counts.event, counts.total)))
        q[tested] = discrete_false_discovery(one_sided_tests(own.both, NullCounts.given_margins(own))).q
    return q


def in_titles(
    evidence: Evidence, table: pl.DataFrame, level: str, columns: Sequence[str] = ()
) -> pl.DataFrame:
    """Return a table with exposures and reactions in words, and of its columns those that are named (or all)."""
    import polars as pl

    titles = evidence.levels[level].titles()
    named = table.with_columns(
        pl.col("exposure").map_elements(evidence.title, return_dtype=pl.String),
        *([pl.col("event").replace_strict(titles, return_dtype=pl.String)] if titles else []),
    )
    return named.select("exposure", "event", *columns) if columns else named


def _counts(table: pl.DataFrame) -> PairCounts:
    return PairCounts(
        *(table[name].to_numpy().astype(np.float64) for name in ("reports", "exposed", "with_event", "of"))
    )
