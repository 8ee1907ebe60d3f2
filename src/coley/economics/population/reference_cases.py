"""What payers ask of an analysis: discount rates, thresholds, weights of severity; dated, because they change."""

from __future__ import annotations

from dataclasses import dataclass

from coley.economics.population.facts import rows
from coley.model.errors import UnknownName


@dataclass(frozen=True, slots=True)
class ReferenceCase:
    """The rules of one payer from a date on.

    Attributes
    ----------
    name, payer, country, from_date
        "nice-2026", "NICE", "United Kingdom", the ISO date from which they hold.
    currency
        ISO code of the thresholds.
    discount_costs, discount_effects
        Rates per year, compounded annually.
    thresholds
        Lower and upper willingness to pay for a QALY; empty where the payer states none.
    severity
        Name of the scheme of severity weights; empty where there is none.
    perspective, source
        Whose costs count; where the row comes from.
    """

    name: str
    payer: str
    country: str
    from_date: str
    currency: str
    discount_costs: float
    discount_effects: float
    thresholds: tuple[float, ...]
    severity: str
    perspective: str
    source: str


def reference_cases() -> tuple[ReferenceCase, ...]:
    """Return every reference case that Coley knows, the newest of each payer first."""
    return tuple(
        ReferenceCase(
            row["name"],
            row["payer"],
            row["country"],
            row["from_date"],
            row["currency"],
            float(row["discount_costs"]),
            float(row["discount_effects"]),
            tuple(
                sorted({float(row[column]) for column in ("threshold_low", "threshold_high") if row[column]})
            ),
            row["severity"],
            row["perspective"],
            row["source"],
        )
        for row in rows("reference_cases")
    )


def reference_case(name: str) -> ReferenceCase:
    """Return one reference case.

    Raises
    ------
    UnknownName
        For a name without a row.

    Examples
    --------
    >>> reference_case("nice-2026").thresholds
    (25000.0, 35000.0)
    """
    known = {case.name: case for case in reference_cases()}
    if name not in known:
        raise UnknownName("reference case", name, known)
    return known[name]
