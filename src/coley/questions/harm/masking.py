"""What hides a harm: another drug that fills its reports, or another term that fills the reports of the drug."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.answer import Check
from coley.model.part import Part
from coley.questions.harm.cells import tell
from coley.questions.harm.reactions import harm_titles
from coley.stats.disproportionality.counts import PairCounts
from coley.stats.disproportionality.discovery.false_discovery import discrete_false_discovery
from coley.stats.disproportionality.discovery.null_counts import NullCounts
from coley.stats.disproportionality.discovery.one_sided import one_sided_tests
from coley.stats.disproportionality.information import information_component
from coley.stats.disproportionality.masking import masking_ratio, unmasked
from coley.vigilance.counting import REPORT, count, within
from coley.vigilance.exposure import ANY_INHIBITOR
from coley.vigilance.grid import Grid, grid

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from coley.questions.harm.evidence import Evidence
    from coley.questions.harm.screen import Screen

LEAST = 1.1  # masking ratio from which it is told: below it, a measure rises by less than a tenth
COMPETING = 5  # terms that compete for the reports of the drug, the commonest


def masking_part(evidence: Evidence, screened: Screen | None) -> Part:
    """Return which drug hides each harm most, which terms compete with it, and the odds ratio without them."""
    import polars as pl

    if evidence.case_only or screened is None:
        return Part()
    by_drug, by_term = _drugs(evidence, screened), _terms(evidence)
    tables = {
        name: table
        for name, table in (("masking_drugs", by_drug), ("masking_terms", by_term))
        if table is not None
    }
    revealed = [
        row["event"]
        for table in tables.values()
        for row in table.filter(pl.col("signal_without") & ~pl.col("signal")).iter_rows(named=True)
    ]
    return Part(checks=(_check(revealed, tables),), tables=tables)


def _drugs(evidence: Evidence, screened: Screen) -> pl.DataFrame | None:
    """For each harm, leave out the reports of the drug that masks it most, checkpoint inhibitors apart."""
    import polars as pl

    pairs = screened.pairs
    kindred = np.isin(
        pairs.exposure, [k for k, name in enumerate(pairs.exposures) if name in evidence.agents]
    )
    able = ~kindred & _signals(evidence, pairs.counts)
    ratio = np.where(able, np.nan_to_num(masking_ratio(pairs.counts), posinf=0.0), 0.0)
    rows = []
    for code, event in enumerate(pairs.events):
        candidates = np.flatnonzero(pairs.event == code)
        best = candidates[np.argmax(ratio[candidates])] if len(candidates) else -1
        if best >= 0 and ratio[best] >= LEAST:
            rows.append((event, pairs.exposures[pairs.exposure[best]], float(ratio[best]), int(best)))
    if not rows:
        return None
    maskers = [row[3] for row in rows]
    masked = pairs.counts.each(lambda x: x[maskers])
    inhibitors = evidence.among(ANY_INHIBITOR)
    drugs = evidence.database.reports.exposures
    shared = drugs.filter(drugs.ingredient.isin(sorted({row[1] for row in rows}))).semi_join(
        inhibitors, REPORT
    )
    shared = shared.select(REPORT, exposure=shared.ingredient).distinct()
    counted = count(
        evidence.con,
        evidence.database.reports.cases,
        exposures=shared,
        events=evidence.reactions["harm"],
        whole=True,
    )
    both = {(e, h): n for e, h, n in counted.both.rows()}
    exposed = dict(counted.exposed.rows())
    own = _of_inhibitors(evidence, [row[0] for row in rows])
    left = unmasked(
        own,
        PairCounts(masked.both, masked.exposed, own.event, own.total),
        shared_both=[both.get((row[1], row[0]), 0) for row in rows],
        shared_exposed=[exposed.get(row[1], 0) for row in rows],
    )
    named = pl.DataFrame(
        {
            "event": [harm_titles()[row[0]] for row in rows],
            "masked_by": [row[1] for row in rows],
            "masking_ratio": [row[2] for row in rows],
        }
    )
    return named.hstack(_before_and_after(evidence, own, left))


def _signals(evidence: Evidence, counts: PairCounts) -> NDArray[np.bool_]:
    """Return which drugs are reported with the harm more than chance brings: of many, some are with a rare one."""
    settings = evidence.settings
    tests = one_sided_tests(counts.both, NullCounts.given_margins(counts), least=1)
    surely = information_component(counts, level=settings.level).low > 0
    return (
        surely & (counts.both >= settings.min_reports) & discrete_false_discovery(tests).called(settings.fdr)
    )


def _terms(evidence: Evidence) -> pl.DataFrame | None:
    """For each harm, leave out the reports of each of the terms that checkpoint inhibitors are reported with most."""
    import polars as pl

    con, cases, terms = evidence.con, evidence.database.reports.cases, evidence.database.reports.events
    inhibitors = evidence.among(ANY_INHIBITOR)
    own = terms.semi_join(inhibitors, REPORT)
    commonest = pl.DataFrame(con.to_polars(own.group_by("term").agg(n=own.count()))).sort(
        ["n", "term"], descending=[True, False]
    )
    chosen = commonest["term"].head(COMPETING).to_list()
    competing = terms.filter(terms.term.isin(chosen)).select(REPORT, exposure=terms.term)
    harms = evidence.reactions["harm"]
    everywhere = count(con, cases, exposures=competing, events=harms, whole=True)
    here = count(con, cases, exposures=within(competing, inhibitors), events=harms, whole=True)
    events = [name for name in harm_titles() if name in set(everywhere.event["event"])]
    if not events or not chosen:
        return None
    inside, whole = _of_inhibitors(evidence, events), grid(everywhere, chosen, events).counts
    shared = grid(here, chosen, events).counts
    repeated = inside.each(lambda x: np.tile(x, len(chosen)))
    # Exposure and event change places: the term takes the part of the masking exposure.
    left = PairCounts.of(
        repeated.both - shared.both,
        exposed=repeated.exposed - shared.exposed,
        event=repeated.event - whole.both,
        total=repeated.total - whole.exposed,
    )
    turned = PairCounts(shared.exposed, whole.exposed, repeated.exposed, repeated.total)
    named = pl.DataFrame(
        {
            "event": [harm_titles()[event] for _ in chosen for event in events],
            "masked_by": [term for term in chosen for _ in events],
            "masking_ratio": masking_ratio(turned),
        }
    )
    table = named.hstack(_before_and_after(evidence, repeated, left)).filter(
        (pl.col("masking_ratio") >= LEAST) & (pl.col("reports") > 0)
    )
    return None if table.is_empty() else table


def _of_inhibitors(evidence: Evidence, events: list[str]) -> PairCounts:
    """Return the counts of any checkpoint inhibitor with each event in the whole database."""
    return grid(evidence.counts("harm", "database"), [ANY_INHIBITOR], events).counts


def _before_and_after(evidence: Evidence, before: PairCounts, after: PairCounts) -> pl.DataFrame:
    import polars as pl

    told = []
    for counts, suffix in ((before, ""), (after, "_without")):
        names = tuple(str(k) for k in range(len(counts)))
        table = tell(evidence, Grid((ANY_INHIBITOR,), names, counts))
        told.append(
            table.select(
                pl.col(
                    "reports", "expected", "ror", "ror_low", "ror_high", "ic", "ic_low", "signal"
                ).name.suffix(suffix)
            )
        )
    return told[0].hstack(told[1])


def _check(revealed: list[str], tables: dict[str, pl.DataFrame]) -> Check:
    if revealed:
        return Check(
            "masking",
            "warn",
            f"Hidden until a masking drug or a competing term is left out: {', '.join(dict.fromkeys(revealed))}.",
            "Read these in the tables of masking.",
            "One drug fills the reports of the harm, or one term those of checkpoint inhibitors.",
        )
    if tables:
        return Check(
            "masking", "pass", "Drugs and terms that mask a harm were left out in turn: no further signal."
        )
    return Check("masking", "pass", f"No drug and no term masks a harm by a factor of {LEAST:g}.")
