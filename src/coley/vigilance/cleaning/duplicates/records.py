"""One row a case with what two reports of one event should share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coley.vigilance.cleaning.exposures import suspect_rank
from coley.vigilance.dates import full_day

if TYPE_CHECKING:
    import ibis.expr.types as ir

# Primes below 2**31, so that products of two residues fit 64 bits; which ones does not matter.
_P, _Q, _FACTOR = 2_147_483_647, 2_147_483_629, 1_812_433_253
_CODES = (
    1_000_000  # its cube fits 64 bits; larger codes share a residue, which costs nothing but a comparison
)


def records(cases: ir.Table, exposures: ir.Table, events: ir.Table) -> ir.Table:
    """Return one row a case: report_id, date, day, age, sex, country, weight, number, its drugs and events.

    `date` is that of the event as far as it is known, `day` the same in days since 1970 where it is full; ages
    and weights are whole; `drugs` and `events` are one number for each set of codes (equal sets have equal
    numbers), `n_drugs` and `n_events` their sizes; `rare_drug` and `rare_event` the codes of the rarest
    suspected drug and of the rarest event. What is not known is null.
    """
    mark = _mark(exposures.code)
    suspected = exposures["rank"] <= suspect_rank()
    drugs = exposures.group_by("report_id").aggregate(
        n_drugs=exposures.count(), drugs=mark.sum(), rare_drug=exposures.code.max(where=suspected)
    )
    terms = events.group_by("report_id").aggregate(
        n_events=events.count(), events=_mark(events.code).sum(), rare_event=events.code.max()
    )
    persons = cases.select(
        "report_id",
        "sex",
        "country",
        "number",
        date=cases.event_date.cast("int64"),
        day=full_day(cases.event_date),
        age=cases.age_years.floor().cast("int64"),
        weight=cases.weight_kg.round().cast("int64"),
    )
    with_drugs = persons.left_join(drugs, "report_id").drop("report_id_right")
    both = with_drugs.left_join(terms, "report_id").drop("report_id_right")
    return both.mutate(n_drugs=both.n_drugs.fill_null(0), n_events=both.n_events.fill_null(0))


def _mark(code: Any) -> Any:
    """Return a number of a code whose sums over different sets differ, by arithmetic that every engine does alike."""
    cube = (code.cast("int64") % _CODES + 1) * (code.cast("int64") % _CODES + 1)
    return (cube * (code.cast("int64") % _CODES + 1) % _P) * _FACTOR % _Q
