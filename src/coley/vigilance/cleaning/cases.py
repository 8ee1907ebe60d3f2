"""One row a case: when it was first received, who it was, how serious."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coley.vigilance.cleaning.facts import facts
from coley.vigilance.dates import valid

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from coley.vigilance.cleaning.settings import Cleaning

DEATH = "DE"
WEIGHTS_KG = (0.3, 400.0)  # from the smallest newborns to the heaviest adults; beyond lies a wrong unit


def cases(reports: ir.Table, chosen: ir.Table, outcomes: ir.Table | None, settings: Cleaning) -> ir.Table:
    """Return the relation `cases` of the clean schema, three flags for the log, and two columns for duplicates.

    Those are weight_kg and number, the sender's own number of the case in capitals.

    Parameters
    ----------
    reports
        Reports as read, one row a report_id.
    chosen
        report_id of those to keep, and first_receipt of the case with eight digits.
    outcomes
        Outcomes as read; None where the format tells of none, so that nothing is known of seriousness.
    settings
        What ages are believed.
    """
    import ibis

    both = reports.inner_join(chosen, "report_id")
    quarter = ibis.coalesce(_quarter(both.first_receipt), _extract_quarter(both.quarter))
    year = both.first_receipt // 10_000
    age_known = both.age_years.between(0, settings.oldest_years)
    sex = both.sex.upper()
    rows = both.select(
        "report_id",
        "case_id",
        quarter=quarter.cast("int64"),
        year=ibis.coalesce(quarter // 4, year).cast("int64"),
        event_date=_if(valid(both.event_date), both.event_date),
        age_years=_if(age_known, both.age_years),
        sex=_if(sex.isin(["F", "M"]), sex),
        country=both.country,
        reporter=_lookup(both.reporter.upper(), "reporters", "code", "reporter"),
        age_refused=both.age_years.notnull() & ~age_known,
        sex_refused=both.sex.notnull() & ~sex.isin(["F", "M"]),
        no_quarter=quarter.isnull(),
        weight_kg=_if(both.weight_kg.between(*WEIGHTS_KG), both.weight_kg),
        number=both.manufacturer_number.upper(),
    )
    return _with_outcomes(rows.mutate(age_group=_age_group(rows.age_years)), outcomes)


def _with_outcomes(rows: ir.Table, outcomes: ir.Table | None) -> ir.Table:
    import ibis

    if outcomes is None:
        return rows.mutate(serious=ibis.null("boolean"), fatal=ibis.null("boolean"))
    known = outcomes.filter(outcomes.outcome.notnull())
    worst = known.group_by("report_id").aggregate(died=(known.outcome.upper() == DEATH).any())
    joined = rows.left_join(worst, "report_id")
    return joined.mutate(serious=joined.died.notnull(), fatal=joined.died.fill_null(False)).drop(
        "died", "report_id_right"
    )


def _quarter(eight_digits: Any) -> Any:
    month = eight_digits // 100 % 100
    return _if(month > 0, eight_digits // 10_000 * 4 + (month - 1) // 3)


def _extract_quarter(label: Any) -> Any:
    """4 * year + (quarter - 1) of text such as 2017Q2; null for any other."""
    well_formed = label.re_search("^[0-9]{4}Q[1-4]$")
    digits = _if(well_formed, label)
    return digits.substr(0, 4).cast("int64") * 4 + digits.substr(5, 1).cast("int64") - 1


def _age_group(age: Any) -> Any:
    import ibis

    groups = sorted(facts("age_groups"), key=lambda row: -float(row["from_years"]))
    return ibis.cases(
        *((age >= float(row["from_years"]), row["group"]) for row in groups), else_=ibis.null("string")
    )


def _lookup(value: Any, table: str, key: str, column: str) -> Any:
    import ibis

    return value.cases(*((row[key], row[column]) for row in facts(table)), else_=ibis.null("string"))


def _if(condition: Any, value: Any) -> Any:
    import ibis

    return ibis.ifelse(condition, value, ibis.null(value.type()))
