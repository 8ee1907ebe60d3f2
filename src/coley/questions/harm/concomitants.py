"""What was given besides, and suspected by nobody: which harms are told more often with it than without."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.biology.drugs.table import drugs, groups
from coley.model.errors import MissingData
from coley.model.part import Part
from coley.questions.harm.cells import tell
from coley.questions.harm.reactions import harm_titles
from coley.vigilance.counting import REPORT, count, within
from coley.vigilance.exposure import ANY_INHIBITOR
from coley.vigilance.grid import grid

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import polars as pl

    from coley.questions.harm.evidence import Evidence

MOST = (
    20  # concomitant drugs that are compared, the commonest first: each adds a family of harms to be tested
)
FEWEST = 20  # reports with one from which it is compared, as combinations are
EARLIER = (
    "What was given before: reports name the drugs about the time of the reaction, and none of the formats that are "
    "read has a field for earlier treatment. A drug of the past that a reporter lists is counted as concomitant."
)
NONE_BESIDES = "What was given besides: these reports name no concomitant drug with a checkpoint inhibitor."
CAVEAT = (
    "A concomitant drug may have been given for the reaction itself, as steroids are, or for another illness: that a "
    "harm is reported more often with it does not say that it adds to the harm."
)


def concomitant_part(evidence: Evidence) -> Part:
    """Return the harms with each common concomitant drug, among reports of any checkpoint inhibitor."""
    exposures = _given_besides(evidence)
    named = evidence.con.to_polars(exposures.group_by("exposure").agg(n=exposures.count()))
    common = named.sort(["n", "exposure"], descending=[True, False])
    if common.is_empty():
        return Part(cannot_tell=(NONE_BESIDES, EARLIER))
    table = _compared(evidence, exposures, common)
    tables = {} if table is None else {"concomitant": table}
    return Part(tables=tables, caveats=(CAVEAT,) if tables else (), cannot_tell=(EARLIER,))


def _given_besides(evidence: Evidence) -> ir.Table:
    """Return report_id, exposure for each drug that a report of a checkpoint inhibitor names as concomitant."""
    told = evidence.database.reports.exposures
    own = told.filter((told.role == "C") & ~told.ingredient.isin(list(evidence.agents)))
    return within(own.select(REPORT, exposure=own.ingredient).distinct(), evidence.among(ANY_INHIBITOR))


def _compared(evidence: Evidence, exposures: ir.Table, common: pl.DataFrame) -> pl.DataFrame | None:
    import polars as pl

    names = tuple(common.filter(pl.col("n") >= FEWEST)["exposure"].head(MOST))
    if not names:
        return None
    universe = within(evidence.database.reports.cases, evidence.among(ANY_INHIBITOR))
    chosen = exposures.filter(exposures.exposure.isin(list(names)))
    counts = count(evidence.con, universe, exposures=chosen, events=evidence.reactions["harm"])
    try:
        made = grid(counts, names, tuple(harm_titles()))
    except MissingData:
        return None
    told = tell(evidence, made).filter(pl.col("reports") >= evidence.settings.min_reports)
    if told.is_empty():
        return None
    return told.sort(["signal", "ic_low"], descending=True, nulls_last=True).select(
        pl.col("exposure").alias("concomitant_drug"),
        pl.col("exposure").map_elements(_group, return_dtype=pl.String).alias("group"),
        pl.col("event").replace_strict(harm_titles(), return_dtype=pl.String),
        "reports", "exposed", "ror", "ror_low", "ror_high", "ic", "ic_low", "ic_high", "p", "q", "signal",
    )  # fmt: skip


def _group(ingredient: str) -> str:
    known = drugs().get(ingredient)
    return groups()[known.group].title if known is not None and known.group else "of no group"
