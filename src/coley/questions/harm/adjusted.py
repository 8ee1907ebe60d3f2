"""The same odds within strata of age, sex, year and reporter, and adjusted for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.model.answer import Check
from coley.model.errors import MissingData
from coley.model.part import Part
from coley.questions.harm.cells import exposures_of, in_titles
from coley.questions.harm.measures import named
from coley.questions.harm.reactions import harm_titles
from coley.stats.disproportionality.adjusted import adjusted_odds_ratio
from coley.stats.disproportionality.counts import PairCounts
from coley.stats.disproportionality.information import information_component
from coley.stats.disproportionality.ratios import reporting_odds_ratio
from coley.stats.disproportionality.stratified import breslow_day, mantel_haenszel, stratified_expected
from coley.vigilance.comparators import COMPARATORS
from coley.vigilance.counting import count
from coley.vigilance.grid import strata_grid

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from coley.questions.harm.evidence import Evidence
    from coley.vigilance.grid import StrataGrid

STRATA = ("age_group", "sex", "period", "reporter")
YEARS = 3  # of a period: long enough to hold reports, short enough to follow what is reported more over time
CHANGED = 1.5  # times by which adjustment must move an odds ratio to be worth a warning


def adjusted_part(evidence: Evidence) -> Part:
    """Return crude, stratified and adjusted reporting odds ratios of the harms of the label."""
    if evidence.case_only:
        return Part()
    cases = evidence.database.reports.cases
    universe = cases.mutate(period=(cases.year // YEARS * YEARS).cast("int64"))
    exposures = tuple(name for name in exposures_of(evidence) if name in evidence.regimens)
    chosen = evidence.exposures.filter(evidence.exposures.exposure.isin(list(exposures)))
    counts = count(evidence.con, universe, exposures=chosen, events=evidence.reactions["harm"], by=STRATA)
    try:
        made = strata_grid(counts, exposures, tuple(harm_titles()), family=COMPARATORS["outside"].family)
    except MissingData:
        return Part()
    table = _table(evidence, made)
    if table.is_empty():
        return Part()
    return Part(
        checks=(_check(table),),
        tables={"adjusted": in_titles(evidence, table, "harm")},
        caveats=(
            "Adjustment is for age, sex, period and kind of reporter as reported, a missing one being a group of its "
            "own; not for what reports do not hold.",
        ),
    )


def _table(evidence: Evidence, made: StrataGrid) -> pl.DataFrame:
    import polars as pl

    level = evidence.settings.level
    whole = made.counts.each(lambda x: x.sum(axis=0))
    told = np.flatnonzero(whole.both >= evidence.settings.min_reports)
    own = made.counts.each(lambda x: x[:, told])
    pooled = whole.each(lambda x: x[told])
    if not len(told):
        return pl.DataFrame()
    adjusted = adjusted_odds_ratio(*_patterns(own), covariates=_covariates(made), level=level)
    expected = stratified_expected(own)
    columns = {
        "reports": pooled.both,
        **named("crude", reporting_odds_ratio(pooled, level=level)),
        **named("mantel_haenszel", mantel_haenszel(own, level=level)),
        "breslow_day_p": breslow_day(own).p,
        **named("adjusted", adjusted.ratio),
        "expected_in_strata": expected,
        **named("ic_stratified", information_component(pooled, expected=expected, level=level)),
    }
    names = [(exposure, event) for exposure in made.exposures for event in made.events]
    finite = pl.when(pl.all().is_finite()).then(pl.all())
    return (
        pl.DataFrame([names[k] for k in told], schema=["exposure", "event"], orient="row")
        .hstack(pl.DataFrame(columns).select(finite))
        .with_columns(pl.col("reports").cast(pl.Int64), penalised=pl.Series(adjusted.penalised))
    )


def _patterns(counts: PairCounts) -> tuple[NDArray[np.float64], ...]:
    """Return events, reports and exposure: the strata without the exposure, then those with it."""
    events = np.concatenate([counts.only_event, counts.both])
    reports = np.concatenate([counts.total - counts.exposed, counts.exposed])
    exposed = np.repeat([0.0, 1.0], len(counts.both))
    return events, reports, exposed


def _covariates(made: StrataGrid) -> NDArray[np.float64]:
    """Return an indicator for each value of each stratifying column but the first, for both halves of the patterns."""
    columns = []
    for values in zip(*made.strata, strict=True):
        kinds = sorted(set(values), key=lambda value: (value is None, str(value)))
        columns += [[float(value == kind) for value in values] for kind in kinds[1:]]
    half = np.array(columns).T.reshape(len(made.strata), -1)
    return np.concatenate([half, half])


def _check(table: pl.DataFrame) -> Check:
    import polars as pl

    moved = table.filter((pl.col("adjusted") / pl.col("crude")).log().abs() > np.log(CHANGED))
    if moved.is_empty():
        return Check(
            "adjustment",
            "pass",
            f"Adjusted for age, sex, period and reporter, none of {table.height} odds ratios changes {CHANGED:g}-fold.",
        )
    return Check(
        "adjustment",
        "warn",
        f"Adjusted for age, sex, period and reporter, {moved.height} of {table.height} odds ratios change more than "
        f"{CHANGED:g}-fold.",
        "Read the adjusted values beside the crude ones, in the table of adjusted odds ratios.",
        "Those who are given checkpoint inhibitors differ from others in age, and the class grew over the years.",
    )
