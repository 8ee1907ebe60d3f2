"""Regimens of labels and appraisals, and list prices ready for a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np

from coley.economics.doses.amounts import read_dose
from coley.economics.doses.prices import Price
from coley.economics.doses.published import known_prices, rows_of
from coley.economics.doses.regimens import Phase
from coley.model.errors import MissingData


@dataclass(frozen=True, slots=True)
class KnownDrug:
    """The phases in which one drug of a known regimen is given, and when it stops."""

    drug: str
    phases: tuple[Phase, ...]
    stop_years: float
    source: str


def list_prices(drug: str, country: str, *, price_year: int) -> tuple[Price, ...]:
    """Return the list prices of a drug in a country, one for each size of vial, as prices of the year named.

    A list price stands until it is changed, so it is not inflated from the year of its source; whoever
    names the year says that it still stood then.

    Raises
    ------
    MissingData
        Where none is known.

    Examples
    --------
    >>> [str(price) for price in list_prices("ipilimumab", "UK", price_year=2022)]
    ['3,750.00 GBP per vial of 50 mg/10 mL', '15,000.00 GBP per vial of 200 mg/40 mL']
    """
    known = [row for row in known_prices() if row.drug == drug.lower() and row.country == country]
    if not known:
        places = sorted({row.country for row in known_prices() if row.drug == drug.lower()})
        raise MissingData(
            f"No list price of {drug} in {country} is known.",
            where=f"it is known in {', '.join(places)}" if places else "",
            remedy="Give the price, with its source.",
        )
    sold = [row for row in known if row.vial is not None] or known[:1]
    latest = {row.vial: row for row in sold}  # of two rows for one vial the later counts
    return tuple(
        Price(
            row.amount,
            per=row.per,
            currency=row.currency,
            price_year=price_year,
            vial=row.vial,
            source=row.source,
        )
        for row in latest.values()
    )


@cache
def known_regimens() -> Mapping[str, tuple[KnownDrug, ...]]:
    """Return the regimens of labels and appraisals by name, without prices.

    Examples
    --------
    >>> [str(phase.dose) for phase in known_regimens()["nivolumab + ipilimumab RCC"][0].phases]
    ['3 mg/kg', '480 mg']
    """
    regimens: dict[str, dict[str, list[dict[str, str]]]] = {}
    for row in rows_of("regimens.csv"):
        regimens.setdefault(row["regimen"], {}).setdefault(row["drug"], []).append(row)
    return MappingProxyType(
        {
            name: tuple(
                KnownDrug(
                    drug,
                    tuple(_phase(row) for row in sorted(rows, key=lambda row: int(row["phase"]))),
                    float(rows[0]["stop_years"] or np.inf),
                    "; ".join(dict.fromkeys(row["source"] for row in rows)),
                )
                for drug, rows in drugs.items()
            )
            for name, drugs in regimens.items()
        }
    )


def _phase(row: Mapping[str, str]) -> Phase:
    return Phase(
        read_dose(row["dose"]),
        every_weeks=float(row["every_weeks"]),
        doses=int(row["doses"]) if row["doses"] else None,
        gap_weeks=float(row["gap_weeks"]) if row["gap_weeks"] else None,
    )
