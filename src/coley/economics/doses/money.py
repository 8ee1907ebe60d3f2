"""Currency and price year: money moves between them only by an index or a rate that somebody has given."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from coley.economics.doses.draws import draws_of
from coley.model.errors import InvalidSetting, MissingData


@dataclass(frozen=True, slots=True)
class PriceIndex:
    """A price index of one currency by year, with where it was published.

    Examples
    --------
    >>> us_medical_care().factor(2017, 2018)
    1.0197...
    """

    name: str
    currency: str
    by_year: Mapping[int, float]
    source: str

    def __post_init__(self) -> None:
        draws_of(list(self.by_year.values()), f"The index {self.name!r}", low=1e-12)
        object.__setattr__(self, "by_year", MappingProxyType(dict(self.by_year)))

    def factor(self, from_year: int, to_year: int) -> float:
        """Return what an amount of one year is multiplied by to be in prices of another.

        Raises
        ------
        MissingData
            Where the index lacks one of the years; it is never extrapolated.
        """
        for year in (from_year, to_year):
            if year not in self.by_year:
                raise MissingData(
                    f"The index {self.name!r} has no value for {year}.",
                    where=f"it runs from {min(self.by_year)} to {max(self.by_year)}",
                    remedy="Supply an index that holds both years.",
                )
        return self.by_year[to_year] / self.by_year[from_year]


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """How much of one currency a unit of another bought (or buys, by purchasing power), with its date.

    Examples
    --------
    >>> rate = ExchangeRate("GBP", "USD", 1.335, date=date(2018, 12, 31), source="an example")
    >>> rate.factor("USD", 2018)
    1.335
    """

    from_currency: str
    to_currency: str
    rate: float
    date: date
    source: str

    def __post_init__(self) -> None:
        draws_of(self.rate, "An exchange rate", low=1e-12)
        if not self.source:
            raise InvalidSetting("An exchange rate needs its source.")

    def factor(self, to_currency: str, price_year: int) -> float:
        """Return the rate, having made sure that it is the one that is wanted.

        Raises
        ------
        InvalidSetting
            Where the rate leads to another currency or was taken in another year than the prices.
        """
        if to_currency != self.to_currency:
            raise InvalidSetting(
                f"The rate given leads from {self.from_currency} to {self.to_currency}, not to {to_currency}."
            )
        if self.date.year != price_year:
            raise InvalidSetting(
                f"A rate of {self.date.isoformat()} cannot convert prices of {price_year}.",
                cause="Converting at the rate of another year mixes inflation with exchange.",
                remedy=f"Give a rate of {price_year}, or inflate first to {self.date.year} in the currency of "
                "origin.",
            )
        return self.rate


def factor_between(
    one: tuple[str, int],
    two: tuple[str, int],
    *,
    index: PriceIndex | None = None,
    rate: ExchangeRate | None = None,
) -> float:
    """Return what money of one currency and price year is multiplied by to be in another.

    The index applies first, in the currency of origin; then the rate, of the year arrived at.

    Parameters
    ----------
    one, two
        Currency and price year from which and to which.
    index, rate
        Needed where the years, or the currencies, differ.

    Raises
    ------
    MissingData
        Where a needed index or rate was not given.
    InvalidSetting
        Where the index or the rate is of another currency or year.

    Examples
    --------
    >>> factor_between(("GBP", 2022), ("GBP", 2022))
    1.0
    """
    factor = 1.0
    if one[1] != two[1]:
        if index is None:
            raise MissingData(
                f"Prices of {one[1]} cannot be taken for prices of {two[1]}.",
                remedy=f"Give a price index of {one[0]} that holds both years.",
            )
        if index.currency != one[0]:
            raise InvalidSetting(f"The index {index.name!r} is of {index.currency}, the price in {one[0]}.")
        factor *= index.factor(one[1], two[1])
    if one[0] != two[0]:
        if rate is None:
            raise MissingData(
                f"{one[0]} cannot be turned into {two[0]} without a rate.",
                remedy="Give an exchange rate with its date and source; none is built in.",
            )
        if rate.from_currency != one[0]:
            raise InvalidSetting(f"The rate given is from {rate.from_currency}, the price in {one[0]}.")
        factor *= rate.factor(two[0], two[1])
    return factor


@cache
def us_medical_care() -> PriceIndex:
    """Return the consumer price index of medical care in the United States, annual averages.

    Examples
    --------
    >>> us_medical_care().by_year[2018]
    484.7...
    """
    text = files("coley.economics.doses.resources").joinpath("price_index.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    return PriceIndex(
        rows[0]["index"],
        rows[0]["currency"],
        {int(row["year"]): float(row["value"]) for row in rows},
        rows[0]["source"],
    )
