"""Which harms the reports signal: organ classes and the harms of the label, by regimen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coley.biology.irae.labels import label_iraes, observable
from coley.model.answer import Estimate
from coley.model.part import Part
from coley.questions.harm.cells import in_titles
from coley.questions.harm.listing import listing
from coley.questions.harm.pictures import NOT_ILLNESS, cells_of, heat_map, signal_words
from coley.questions.harm.reactions import harm_titles
from coley.vigilance.comparators import COMPARATORS
from coley.vigilance.exposure import ANY_INHIBITOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from coley.model.answer import Figure
    from coley.questions.harm.evidence import Evidence

AMONG_THEM = "reports of other checkpoint inhibitors, for every report here names one"


def comparator_title(evidence: Evidence, name: str) -> str:
    """Return whom exposures are compared with, in words."""
    return AMONG_THEM if evidence.case_only else COMPARATORS[name].title


def chosen(evidence: Evidence, found: Mapping[str, pl.DataFrame]) -> tuple[str, pl.DataFrame]:
    """Return the comparator of the pictures and its table: the one that was asked for, else the first there is."""
    name = evidence.settings.comparator if evidence.settings.comparator in found else next(iter(found))
    return name, found[name]


def organ_part(evidence: Evidence, found: Mapping[str, pl.DataFrame]) -> Part:
    """Return organ classes by regimen: the picture that is looked at first, each cell down to its reports."""
    if not found:
        return Part(
            cannot_tell=(
                "Which organs: no reaction of any organ class is reported with a checkpoint inhibitor.",
            )
        )
    return map_part(evidence, found, "organ", "Organ classes by regimen")


def map_part(evidence: Evidence, found: Mapping[str, pl.DataFrame], level: str, title: str) -> Part:
    """Return the map of a level, the reports behind its cells, and every measure of its pairs."""
    name, table = chosen(evidence, found)
    return Part(
        tables={
            f"{level}_map": _map(evidence, table, level, unseen=frozenset()),
            f"{level}_reports": listing(evidence, level),
            f"{level}_signals": in_titles(evidence, table, level),
        },
        figures=(_heat_map(evidence, name, level, title),),
    )


def harm_part(evidence: Evidence, found: Mapping[str, pl.DataFrame]) -> Part:
    """Return the harms of the label by regimen, and those that these reports cannot show."""
    seen = observable(_terms(evidence))
    missing = tuple(
        f"{label_iraes()[name].title}: {why}."
        for name, why in seen.unseen.items()
        if label_iraes()[name].core
    )
    if not found:
        return Part(cannot_tell=missing)
    name, table = chosen(evidence, found)
    return Part(
        estimates=tuple(_estimates(evidence, table, name)),
        cannot_tell=missing,
        tables={
            "harm_map": _map(evidence, table, "harm", unseen=frozenset(seen.unseen)),
            "harm_reports": listing(evidence, "harm"),
            "harm_signals": in_titles(evidence, table, "harm"),
            "harm_terms": _observable(evidence),
        },
        figures=(_heat_map(evidence, name, "harm", "Harms of the label by regimen"),),
    )


def _terms(evidence: Evidence) -> list[str]:
    terms = evidence.database.reports.events
    return [
        term
        for term in evidence.con.to_pyarrow(terms[["term"]].distinct()).column("term").to_pylist()
        if term
    ]


def _observable(evidence: Evidence) -> pl.DataFrame:
    """Return which terms stand for each harm, and which of them these reports hold."""
    import polars as pl

    seen = observable(_terms(evidence))
    return pl.DataFrame(
        [
            {
                "harm": irae.title,
                "terms_found": ", ".join(sorted(seen.seen.get(name, frozenset()))),
                "terms_of_it": ", ".join(sorted(irae.terms)),
                "unseen_because": seen.unseen.get(name, ""),
            }
            for name, irae in label_iraes().items()
        ]
    )


def _map(evidence: Evidence, table: pl.DataFrame, level: str, *, unseen: frozenset[str]) -> pl.DataFrame:
    import polars as pl

    own = table.filter(pl.col("exposure").is_in(evidence.regimens))
    named = in_titles(evidence, own.with_columns(observable=~pl.col("event").is_in(list(unseen))), level)
    # A row in which nobody reports anything takes room and says nothing.
    core = [irae.title for irae in label_iraes().values() if irae.core]
    told = ~pl.col("observable") & pl.col("event").is_in(core)
    kept = named.filter((pl.col("reports").max().over("event") > 0) | told)
    return cells_of(kept, "event", "exposure", "observable")


def _heat_map(evidence: Evidence, comparator: str, level: str, title: str) -> Figure:
    return heat_map(
        f"{level}_map",
        title,
        f"Reporting odds ratio against {comparator_title(evidence, comparator)}. "
        f"{signal_words(evidence.settings, 'all pairs of the table')} Alone: without another oncology drug in the "
        f"report. {NOT_ILLNESS}",
        settings=evidence.settings,
        heads=(evidence.levels[level].title, "regimen"),
        reports=f"{level}_reports",
    )


def _estimates(evidence: Evidence, table: pl.DataFrame, comparator: str) -> list[Estimate]:
    import polars as pl

    exposure = ANY_INHIBITOR if not evidence.case_only else evidence.regimens[-1]
    own = table.filter((pl.col("exposure") == exposure) & (pl.col("reports") > 0))
    against = comparator_title(evidence, comparator)
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
            level=evidence.settings.level,
            endpoint="reporting",
            group=harm_titles()[row["event"]],
            note=f"{evidence.title(exposure)}, against {against}." if place == 0 else "",
            p=row["p"],
            p_adjusted=row["q"],
            multiplicity="false discovery rate over all pairs of regimen or agent with a harm of the label",
        )
        for place, row in enumerate(own.iter_rows(named=True))
    ]
