"""Published list prices and doses of checkpoint inhibitors, each row with its source."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from coley.economics.doses.amounts import Dose, Vial, read_dose, read_vial


@dataclass(frozen=True, slots=True)
class KnownPrice:
    """A published list price of a drug in a country.

    Attributes
    ----------
    drug, country, currency
        Of which, where, in what.
    amount, per, vial
        As published: a price per vial or per mg.
    price_year
        None where the source does not say.
    source
        Where it stands.
    """

    drug: str
    country: str
    currency: str
    amount: float
    per: str
    vial: Vial | None
    price_year: int | None
    source: str

    @property
    def per_mg(self) -> float:
        """Price of a mg."""
        return self.amount if self.vial is None else self.amount / self.vial.mg


def rows_of(name: str) -> list[dict[str, str]]:
    """Return the rows of one of the tables in `resources`."""
    text = files("coley.economics.doses.resources").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def known_prices() -> tuple[KnownPrice, ...]:
    """Return the published list prices.

    Examples
    --------
    >>> [row.amount for row in known_prices() if (row.drug, row.country) == ("pembrolizumab", "UK")]
    [2630.0]
    """
    return tuple(
        KnownPrice(
            row["drug"],
            row["country"],
            row["currency"],
            float(row["amount"]),
            row["per"],
            read_vial(row["vial"]) if row["vial"] else None,
            int(row["price_year"]) if row["price_year"] else None,
            row["source"],
        )
        for row in rows_of("prices.csv")
    )


@cache
def known_doses() -> tuple[tuple[str, Dose], ...]:
    """Return every drug with each dose in which some known regimen gives it."""
    return tuple((row["drug"], read_dose(row["dose"])) for row in rows_of("regimens.csv"))
