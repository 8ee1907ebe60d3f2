"""Every term that is reported with a checkpoint inhibitor: which are signals, and which of them no label names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.biology.irae.labels import label_table
from coley.biology.irae.terms import term_table
from coley.model.part import Part
from coley.questions.harm.cells import BAYES, exposures_of, in_titles, tell
from coley.questions.harm.maps import comparator_title
from coley.questions.harm.measures import measures
from coley.questions.harm.pictures import volcano
from coley.questions.harm.reactions import harm_titles, organ_titles
from coley.vigilance.exposure import ANY_INHIBITOR

if TYPE_CHECKING:
    import polars as pl

    from coley.questions.harm.evidence import Evidence
    from coley.questions.harm.screen import Screen

MOST_ROWS = 5_000  # of the table, signals first: what a page can hold


def term_part(evidence: Evidence, screened: Screen | None) -> Part:
    """Return every term with every regimen and agent, as far as it has reports enough to be a signal."""
    import polars as pl

    name = "database" if evidence.case_only else evidence.settings.comparator
    counts = evidence.counts("term", name)
    terms = tuple(counts.both["event"].unique().sort())
    exposures = exposures_of(evidence)
    if not terms or not exposures:
        return Part()
    table = _with_bayes(evidence, tell(evidence, evidence.grid(counts, exposures, terms, name)), screened)
    kept = (
        table.filter(pl.col("reports") >= evidence.settings.min_reports)
        .join(_known(), on="event", how="left")
        .with_columns(
            pl.col("known").fill_null("on neither list"),
            pl.col("organ").fill_null("not on the list of immune-related terms"),
        )
        .sort(["signal", "ic_low"], descending=True, nulls_last=True)
    )
    if kept.is_empty():
        return Part()
    exposure = ANY_INHIBITOR if ANY_INHIBITOR in exposures else exposures[0]
    own = kept.filter(pl.col("exposure") == exposure)
    points = own.select(
        pl.col("event").alias("label"),
        pl.col("ror").alias("value"),
        pl.col("ror_low").alias("low"),
        pl.col("reports").alias("n"),
        "q",
        pl.col("organ").alias("group"),
        "signal",
    )
    return Part(
        tables={
            "term_signals": in_titles(evidence, kept, "term").head(MOST_ROWS),
            "term_volcano": points,
        },
        figures=(
            volcano(
                "term_volcano",
                f"Every term with {evidence.title(exposure).lower()}",
                f"Reporting odds ratio against {comparator_title(evidence, name)}, and false discovery rate over all "
                f"{len(terms):,} terms and {len(exposures)} exposures. Terms of cancer and of care stand here with "
                "those of harm: what a term is, the list does not say.",
                settings=evidence.settings,
            ),
        ),
    )


def _with_bayes(evidence: Evidence, table: pl.DataFrame, screened: Screen | None) -> pl.DataFrame:
    """Add EBGM against the whole database, for every pair that it holds."""
    if screened is None or screened.prior is None:
        return table
    whole = evidence.grid(
        evidence.counts("term", "database"),
        tuple(table["exposure"].unique(maintain_order=True)),
        tuple(table["event"].unique(maintain_order=True)),
        "database",
    )
    told = measures(whole.counts, level=evidence.settings.level, prior=screened.prior)
    return table.hstack(told.select(BAYES))


def _known() -> pl.DataFrame:
    """Return event, known, organ: what the tables of terms say of it."""
    import polars as pl

    listed = term_table().select(
        pl.col("term").alias("event"),
        pl.col("organ_class").replace_strict(organ_titles(), return_dtype=pl.String).alias("organ"),
    )
    label = label_table().select(
        pl.col("term").alias("event"),
        pl.format("label: {}", pl.col("irae").replace_strict(harm_titles(), return_dtype=pl.String)).alias(
            "known"
        ),
    )
    return (
        listed.unique("event", keep="first", maintain_order=True)
        .join(label.unique("event", keep="first", maintain_order=True), on="event", how="full", coalesce=True)
        .with_columns(pl.col("known").fill_null("list of immune-related terms"))
    )
