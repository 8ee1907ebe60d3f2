"""The same pairs against each comparator, side by side, because the choice changes the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.biology.irae.labels import label_iraes
from coley.model.answer import Check, Figure
from coley.model.part import Part
from coley.questions.harm.cells import BAYES, in_titles
from coley.questions.harm.reactions import harm_titles, spoken
from coley.vigilance.comparators import COMPARATORS
from coley.vigilance.exposure import ANY_INHIBITOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from coley.questions.harm.evidence import Evidence


def comparator_part(evidence: Evidence, found: Mapping[str, pl.DataFrame]) -> Part:
    """Return harms of the label under every comparator, and a check on those whose signal depends on it."""
    import polars as pl

    if evidence.case_only:
        return Part(
            cannot_tell=(
                "How reports of checkpoint inhibitors differ from others: every report here names one, so that "
                "they can be compared with each other alone. Supply the whole database.",
            )
        )
    if not found:
        return Part()
    table = pl.concat(
        [frame.with_columns(comparator=pl.lit(COMPARATORS[name].title)) for name, frame in found.items()],
        how="diagonal",
    )
    shown = table.filter(pl.col("exposure").is_in(evidence.regimens) & (pl.col("reports") > 0))
    core = [name for name, irae in label_iraes().items() if irae.core]
    own = table.filter(
        (pl.col("exposure") == ANY_INHIBITOR) & pl.col("event").is_in(core) & (pl.col("reports") > 0)
    )
    order = {name: place for place, name in enumerate(harm_titles())}
    own = own.sort(pl.col("event").replace_strict(order, return_dtype=pl.Int64), maintain_order=True)
    # For the class as a whole all other reports are those without any: one line would stand there twice.
    forest = own.filter(pl.col("comparator") != COMPARATORS["database"].title).select(
        pl.col("comparator").alias("label"),
        pl.col("event").replace_strict(harm_titles(), return_dtype=pl.String).alias("section"),
        pl.col("ror").alias("value"),
        pl.col("ror_low").alias("low"),
        pl.col("ror_high").alias("high"),
        pl.col("reports").alias("n"),
    )
    return Part(
        checks=_checks(evidence, own),
        tables={
            "comparators": in_titles(evidence, shown, "harm").select(
                "comparator", pl.all().exclude("comparator", *BAYES)
            ),
            "comparator_forest": forest,
        },
        figures=(
            Figure(
                "forest",
                "comparator_forest",
                "Any checkpoint inhibitor, against whom",
                "Reporting odds ratios. Where they differ, what cancer and its care bring is part of the signal.",
                {"n_title": "reports", "value_title": "ROR (95 % CI)", "limits": [0.01, 10_000]},
            ),
        )
        if forest.height
        else (),
    )


def _checks(evidence: Evidence, own: pl.DataFrame) -> tuple[Check, ...]:
    import polars as pl

    split = own.group_by("event", maintain_order=True).agg(
        some=pl.col("signal").any(), every=pl.col("signal").all()
    )
    names = [
        spoken(harm_titles()[row["event"]])
        for row in split.iter_rows(named=True)
        if row["some"] and not row["every"]
    ]
    if not names:
        return (
            Check("comparator", "pass", "No signal among the harms of the label depends on the comparator."),
        )
    return (
        Check(
            "comparator",
            "warn",
            f"The choice of comparator decides whether a signal is seen: {', '.join(names)}.",
            "Look at the table of comparators before you speak of a signal.",
            "Reports of cancer differ from others in more than the drug, and kindred drugs share reactions.",
        ),
    )
