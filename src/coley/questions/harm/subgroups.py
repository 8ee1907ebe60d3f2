"""In whom: the odds of each harm within groups of age and sex, and whether they differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.errors import MissingData
from coley.model.part import Part
from coley.questions.harm.measures import number
from coley.questions.harm.reactions import harm_titles
from coley.stats.disproportionality.ratios import reporting_odds_ratio
from coley.stats.disproportionality.stratified import breslow_day
from coley.stats.multiplicity import holm
from coley.vigilance.comparators import COMPARATORS
from coley.vigilance.counting import count
from coley.vigilance.exposure import ANY_INHIBITOR
from coley.vigilance.grid import strata_grid

if TYPE_CHECKING:
    import polars as pl

    from coley.questions.harm.evidence import Evidence

GROUPINGS = {"sex": "sex", "age_group": "age, years"}


def subgroup_part(evidence: Evidence) -> Part:
    """Return reporting odds ratios of any checkpoint inhibitor by sex and age, with a test of their difference."""
    import polars as pl

    if evidence.case_only:
        return Part()
    tables = [found for column in GROUPINGS if (found := _within(evidence, column)) is not None]
    if not tables:
        return Part(cannot_tell=("In whom: neither age nor sex is known of the reports.",))
    table = pl.concat(tables)
    tests = table.select("event", "grouping", "p_difference").unique(maintain_order=True)
    known = tests.filter(pl.col("p_difference").is_not_null())
    adjusted = known.with_columns(p_adjusted=pl.Series(holm(known["p_difference"].to_numpy())))
    return Part(
        tables={
            "subgroups": table.join(
                adjusted.select("event", "grouping", "p_adjusted"), on=["event", "grouping"], how="left"
            )
        },
        caveats=(
            "Groups are compared by the test of Breslow and Day, with Holm's correction over all harms and groupings.",
        )
        if known.height
        else (),
    )


def _within(evidence: Evidence, column: str) -> pl.DataFrame | None:
    import polars as pl

    cases = evidence.database.reports.cases
    universe = cases.filter(cases[column].notnull())
    chosen = evidence.exposures.filter(evidence.exposures.exposure == ANY_INHIBITOR)
    counts = count(evidence.con, universe, exposures=chosen, events=evidence.reactions["harm"], by=[column])
    if counts.total.is_empty():
        return None
    events = tuple(harm_titles())
    try:
        made = strata_grid(counts, (ANY_INHIBITOR,), events, family=COMPARATORS["outside"].family)
    except MissingData:
        return None
    told = np.flatnonzero(made.counts.both.sum(axis=0) >= evidence.settings.min_reports)
    if not len(told):
        return None
    own = made.counts.each(lambda x: x[:, told])
    p = breslow_day(own).p
    ratio = reporting_odds_ratio(own, level=evidence.settings.level)
    rows = [
        {
            "event": harm_titles()[events[k]],
            "grouping": GROUPINGS[column],
            "group": str(stratum[0]),
            "reports": int(own.both[s, i]),
            "exposed": int(own.exposed[s, i]),
            "ror": number(ratio.value[s, i]),
            "ror_low": number(ratio.low[s, i]),
            "ror_high": number(ratio.high[s, i]),
            "p_difference": number(p[i]),
        }
        for i, k in enumerate(told)
        for s, stratum in enumerate(made.strata)
    ]
    return pl.DataFrame(rows, infer_schema_length=None)
