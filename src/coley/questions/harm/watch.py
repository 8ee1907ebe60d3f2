"""Since when: quarter by quarter, the first in which each pair was a signal, with the error held over all quarters."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from coley.biology.irae.labels import label_iraes
from coley.model.answer import Check, Figure
from coley.model.errors import MissingData
from coley.model.part import Part
from coley.questions.harm.cells import exposures_of
from coley.questions.harm.pictures import SIGNAL_RULE, percent
from coley.questions.harm.reactions import harm_titles
from coley.stats.disproportionality.counts import PairCounts
from coley.stats.disproportionality.discovery.null_counts import NullCounts
from coley.stats.disproportionality.information import information_component
from coley.stats.disproportionality.watching.quarters import WatchDiscoveries, watch_discoveries
from coley.vigilance.comparators import COMPARATORS
from coley.vigilance.counting import count, within
from coley.vigilance.exposure import ANY_INHIBITOR
from coley.vigilance.grid import StrataGrid, strata_grid

if TYPE_CHECKING:
    import polars as pl

    from coley.questions.harm.evidence import Evidence

PANELS = 8  # of the picture: as many as fit a page


def watch_part(evidence: Evidence) -> Part:
    """Return the quarter in which each pair was first a signal, those of the last quarter first."""
    made = None if evidence.case_only else _by_quarter(evidence)
    if made is None:
        return Part(
            cannot_tell=("Since when a harm is a signal: quarters of receipt, or a comparator, are missing.",)
        )
    quarters = [int(stratum[0]) for stratum in made.strata]  # type: ignore[call-overload]
    if len(quarters) < 2:
        return Part(
            cannot_tell=(
                f"Since when a harm is a signal: all reports came in one quarter, {_name(quarters[0])}.",
            )
        )
    settings = evidence.settings
    told = np.flatnonzero(made.counts.both.sum(axis=0) > 0)
    own = made.counts.each(lambda x: x[:, told].T)
    found = watch_discoveries(
        own.both, NullCounts.given_margins(own), rate=settings.fdr, least=settings.min_reports
    )
    pairs = [(exposure, event) for exposure in made.exposures for event in made.events]
    names = [pairs[k] for k in told]
    alerts = _alerts(evidence, names, own, found, quarters)
    path = _path(evidence, names, own, found, quarters)
    return Part(
        checks=(_check(alerts, quarters),),
        tables={"alerts": alerts, **({"watch": path} if path.height else {})},
        figures=_figures(path, settings.fdr),
    )


def _by_quarter(evidence: Evidence) -> StrataGrid | None:
    """Return the counts of each quarter's own reports, from the first with a checkpoint inhibitor."""
    cases = evidence.database.reports.cases
    dated = cases.filter(cases.quarter.notnull())
    first = evidence.con.to_pyarrow(within(dated, evidence.among(ANY_INHIBITOR)).quarter.min()).as_py()
    if first is None:
        return None
    universe = dated.filter(dated.quarter >= int(first))
    exposures = exposures_of(evidence)
    chosen = evidence.exposures.filter(evidence.exposures.exposure.isin(list(exposures)))
    counts = count(
        evidence.con, universe, exposures=chosen, events=evidence.reactions["harm"], by=["quarter"]
    )
    try:
        return strata_grid(counts, exposures, tuple(harm_titles()), family=COMPARATORS["outside"].family)
    except MissingData:
        return None


def _alerts(
    evidence: Evidence,
    names: list[tuple[str, str]],
    own: PairCounts,
    found: WatchDiscoveries,
    quarters: list[int],
) -> pl.DataFrame:
    import polars as pl

    so_far = own.both.cumsum(axis=1)
    rows = [
        {
            "exposure": evidence.title(names[k][0]),
            "event": harm_titles()[names[k][1]],
            "first_signal": _name(quarters[look]) if look >= 0 else None,
            "reports_then": int(so_far[k, look]) if look >= 0 else None,
            "reports_now": int(so_far[k, -1]),
            "p_sequential": float(found.p[k, -1]),
            "q_sequential": float(found.q[k, -1]),
            "new": look == len(quarters) - 1,
        }
        for k, look in enumerate(found.first.tolist())
    ]
    return pl.DataFrame(rows, infer_schema_length=None).sort(
        ["new", "first_signal", "exposure", "event"], descending=[True, True, False, False], nulls_last=True
    )


def _path(
    evidence: Evidence,
    names: list[tuple[str, str]],
    own: PairCounts,
    found: WatchDiscoveries,
    quarters: list[int],
) -> pl.DataFrame:
    """Return the information component so far of any checkpoint inhibitor with the harms that any method must find."""
    import polars as pl

    core = [name for name, irae in label_iraes().items() if irae.core]
    shown = [k for k, (exposure, event) in enumerate(names) if exposure == ANY_INHIBITOR and event in core]
    shown = sorted(shown, key=lambda k: -own.both[k].sum())[:PANELS]
    # Expected numbers add up over quarters: what became more common over time is no part of the measure.
    expected = np.nan_to_num(own.expected).cumsum(axis=1)
    so_far = own.each(lambda x: x.cumsum(axis=1))
    rows = []
    for k in shown:
        ic = information_component(
            so_far.each(itemgetter(k)), expected=expected[k], level=evidence.settings.level
        )
        rows += [
            {
                "group": harm_titles()[names[k][1]],
                "x": _name(quarter),
                "value": float(ic.value[look]),
                "low": float(ic.low[look]),
                "high": float(ic.high[look]),
                "n": int(so_far.both[k, look]),
                "crossed": bool(look == found.first[k]),
            }
            for look, quarter in enumerate(quarters)
            if so_far.exposed[k, look] > 0
        ]
    return pl.DataFrame(rows, infer_schema_length=None)


def _figures(path: pl.DataFrame, rate: float) -> tuple[Figure, ...]:
    if not path.height:
        return ()
    return (
        Figure(
            "timeline",
            "watch",
            "Any checkpoint inhibitor, quarter by quarter",
            "Information component of the reports so far, expected numbers summed over quarters. The mark is the first "
            f"quarter of a signal, tested anew each quarter; false discovery rate {percent(rate)} over all quarters.",
            {"measure": "information_component", "signal_rule": SIGNAL_RULE},
        ),
    )


def _check(alerts: pl.DataFrame, quarters: list[int]) -> Check:
    import polars as pl

    new = alerts.filter(pl.col("new"))
    over = f"{_name(quarters[0])} to {_name(quarters[-1])}"
    if new.is_empty():
        return Check(
            "new_signals", "pass", f"Watched from {over}: no pair became a signal in the last quarter."
        )
    named = "; ".join(f"{row['event']} with {row['exposure']}" for row in new.head(10).iter_rows(named=True))
    more = f" and {new.height - 10} more" if new.height > 10 else ""
    return Check(
        "new_signals",
        "warn",
        f"Watched from {over}: {new.height} pairs became signals in the last quarter: {named}{more}.",
        "Read their reports: the table of alerts has them first.",
    )


def _name(quarter: int) -> str:
    return f"{quarter // 4}Q{quarter % 4 + 1}"
