"""Prices that say what they are for: a vial, a mg, a mL or a pack; and a drug with all that it is sold as."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.amounts import NUMBER, Vial, number_in, read_vial
from coley.economics.doses.doubt import UNIT_WORDS, believe_price
from coley.economics.doses.draws import count_of_draws, draws_of, share_of
from coley.economics.doses.money import ExchangeRate, PriceIndex, factor_between
from coley.model.errors import InvalidSetting

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

YEARS = (1990, 2100)  # a price year beyond these is a slip of the pen


@dataclass(frozen=True, eq=False)
class Price:
    """What a drug costs, per what, in which currency and in prices of which year.

    Attributes
    ----------
    amount
        In the currency: one number, or one a draw (D,).
    per
        "vial", "mg", "ml" or "pack".
    currency, price_year
        ISO code ("GBP") and year.
    vial
        What it is sold in; needed unless the price is per mg. Without it nothing can be wasted.
    vials_per_pack
        Needed where the price is per pack.
    source
        Where the price is written.
    confirmed
        True where somebody has looked again at a price that is unlike all known ones, and stands by it.

    Examples
    --------
    >>> price = Price(2630, per="vial", vial=Vial(100, 4), currency="GBP", price_year=2022)
    >>> price.per_mg, price.per_vial
    (array([26.3]), array([2630.]))
    """

    amount: ArrayLike
    per: str
    currency: str
    price_year: int
    vial: Vial | None = None
    vials_per_pack: int | None = None
    source: str = ""
    confirmed: bool = False

    def __post_init__(self) -> None:
        if self.per not in PER_MG:
            raise InvalidSetting(
                f"A price cannot be per {self.per!r}.", remedy=f"It is per {', '.join(PER_MG)}."
            )
        object.__setattr__(self, "amount", draws_of(self.amount, f"A price per {self.per}"))
        if not re.fullmatch(r"[A-Z]{3}", self.currency):
            raise InvalidSetting(
                f"{self.currency!r} is no currency.", remedy='Give its ISO code, as "GBP" or "USD".'
            )
        if not YEARS[0] <= self.price_year <= YEARS[1]:
            raise InvalidSetting(f"The price year cannot be {self.price_year!r}.")
        if self.vial is None and self.per != "mg":
            raise InvalidSetting(
                f"A price per {self.per} does not say how many mg it buys.",
                remedy='Give the vial as on its label, as "100 mg/4 mL".',
            )
        if (self.per == "pack") != (self.vials_per_pack is not None) or (self.vials_per_pack or 1) < 1:
            raise InvalidSetting("A price per pack, and no other, needs how many vials are in the pack.")
        if self.per == "ml" and self.vial is not None:
            self.vial.mg_per_ml  # noqa: B018  (refuses a vial whose volume is not known)

    @property
    def per_mg(self) -> Floats:
        """Price of a mg, (D,)."""
        return self.read_as(self.per)

    @property
    def per_vial(self) -> Floats:
        """Price of a vial, (D,).

        Raises
        ------
        InvalidSetting
            Where no vial is given.
        """
        if self.vial is None:
            raise InvalidSetting(
                "This price is per mg and names no vial.",
                remedy='Give the vial as on its label, as "100 mg/4 mL", or reckon with full sharing of vials.',
            )
        return self.per_mg * self.vial.mg

    def read_as(self, per: str) -> Floats:
        """Return the price of a mg, (D,), that the same amount means when it is read per something else."""
        return np.asarray(self.amount, dtype=np.float64) / PER_MG[per](self)

    def to(
        self,
        currency: str,
        price_year: int,
        *,
        index: PriceIndex | None = None,
        rate: ExchangeRate | None = None,
    ) -> Price:
        """Return the price in another currency or price year.

        Raises
        ------
        MissingData, InvalidSetting
            Where the index or the rate that it takes is missing, or is of another currency or year.

        Examples
        --------
        >>> from coley.economics.doses import us_medical_care
        >>> price = Price(4649.64, per="vial", vial=Vial(100, 4), currency="USD", price_year=2017)
        >>> price.to("USD", 2018, index=us_medical_care()).per_vial.round(2)
        array([4741.44])
        """
        factor = factor_between(
            (self.currency, self.price_year), (currency, price_year), index=index, rate=rate
        )
        return replace(
            self, amount=np.asarray(self.amount) * factor, currency=currency, price_year=price_year
        )

    def __str__(self) -> str:
        amount = float(np.mean(np.asarray(self.amount)))
        of = (
            ""
            if self.vial is None
            else f" of {self.vial}"
            if self.per == "vial"
            else f" (vial of {self.vial})"
        )
        return f"{amount:,.2f} {self.currency} per {UNIT_WORDS[self.per]}{of}"


def _mg_per_pack(price: Price) -> float:
    return price.vial.mg * price.vials_per_pack if price.vial and price.vials_per_pack else np.nan


# How many mg one unit of each kind buys; NaN where the price does not say.
PER_MG: dict[str, Callable[[Price], float]] = {
    "vial": lambda price: price.vial.mg if price.vial else np.nan,
    "mg": lambda price: 1.0,
    "ml": lambda price: price.vial.mg_per_ml if price.vial and price.vial.ml else np.nan,
    "pack": _mg_per_pack,
}


def read_price(
    text: str, *, price_year: int, vial: Vial | None = None, source: str = "", confirmed: bool = False
) -> Price:
    """Read a price from words: "2630 GBP per vial of 100 mg/4 mL", "48.57 USD per mg".

    Parameters
    ----------
    text
        Amount, currency and unit; the vial in the same words, or in `vial`; of a pack,
        "per pack of 30 tablets of 150 mg".
    price_year
        Year of the prices.
    vial, source, confirmed
        As for `Price`.

    Raises
    ------
    InvalidSetting
        Where the text cannot be read, or says nothing of the unit.

    Examples
    --------
    >>> str(read_price("1162.41 USD per mL of 100 mg/4 mL", price_year=2018))
    '1,162.41 USD per mL (vial of 100 mg/4 mL)'
    """
    match = re.fullmatch(
        rf"{NUMBER}\s*([A-Za-z]{{3}})\s*(?:per|/)\s*(?:(vial|mg|ml)|(pack)\s+of\s+(\d+))"
        r"(?:\s*(?:vials?|tablets?))?(?:\s+(?:of|in)\s+(.+))?",
        text.strip(),
        re.IGNORECASE,
    )
    if match is None:
        raise InvalidSetting(
            f"The price {text!r} cannot be read.",
            cause="A price is an amount, a currency and what it is for: a vial, a mg, a mL or a pack.",
            remedy='Write it as "2630 GBP per vial of 100 mg/4 mL" or "48.57 USD per mg".',
        )
    amount, currency, unit, pack, count, sold = match.groups()
    return Price(
        number_in(amount),
        per=(unit or pack).lower(),
        currency=currency.upper(),
        price_year=price_year,
        vial=read_vial(sold) if sold else vial,
        vials_per_pack=int(count) if pack else None,
        source=source,
        confirmed=confirmed,
    )


@dataclass(frozen=True, eq=False)
class Product:
    """A drug, what it is sold as, and what is taken off its list price.

    Attributes
    ----------
    drug
        International nonproprietary name.
    prices
        One for each size of vial; all in one currency and price year.
    discount
        Fraction taken off the list price, as a confidential discount; one number, or one a draw (D,).
    cuts
        Later cuts as (year of the model, fraction): from then on the price falls by that fraction in
        addition, as when a biosimilar arrives.
    country
        Whose known prices it is compared with ("UK", "US"); any country's of the same currency where empty.

    Examples
    --------
    >>> vials = [Price(439, per="vial", vial=Vial(40, 4), currency="GBP", price_year=2021)]
    >>> Product("nivolumab", vials, discount=0.2).net_per_vial
    array([[351.2]])
    """

    drug: str
    prices: Sequence[Price]
    discount: ArrayLike = 0.0
    cuts: Sequence[tuple[float, ArrayLike]] = field(default=())
    country: str = ""

    def __post_init__(self) -> None:
        prices = tuple(self.prices)
        if not prices:
            raise InvalidSetting(f"{self.drug} needs at least one price.")
        if len({(price.currency, price.price_year) for price in prices}) > 1:
            raise InvalidSetting(
                f"The prices of {self.drug} are in different currencies or of different years.",
                where="; ".join(f"{price} of {price.price_year}" for price in prices),
                remedy="Bring them to one currency and year with `Price.to`.",
            )
        if len(prices) > 1 and any(price.vial is None for price in prices):
            raise InvalidSetting(f"{self.drug} has several prices; each must name its vial.")
        discount = share_of(self.discount, f"The discount on {self.drug}")
        cuts = tuple(
            (float(draws_of(at, "The year of a cut")[0]), share_of(cut, "A cut")) for at, cut in self.cuts
        )
        count_of_draws(discount, *(np.asarray(price.amount) for price in prices), *(cut for _, cut in cuts))
        for price in prices:
            believe_price(self.drug, price, country=self.country)
        for name, value in (("prices", prices), ("discount", discount), ("cuts", cuts)):
            object.__setattr__(self, name, value)

    @property
    def currency(self) -> str:
        """Currency of the prices."""
        return self.prices[0].currency

    @property
    def price_year(self) -> int:
        """Year of the prices."""
        return self.prices[0].price_year

    @property
    def vials(self) -> tuple[Vial, ...]:
        """Every size of vial, in the order of the prices; empty where the price is per mg alone."""
        return tuple(price.vial for price in self.prices if price.vial is not None)

    @property
    def _kept(self) -> Floats:
        return 1 - np.asarray(self.discount, dtype=np.float64)

    @property
    def net_per_vial(self) -> Floats:
        """Price of each size of vial after the discount, (D, V)."""
        return np.stack(np.broadcast_arrays(*(price.per_vial * self._kept for price in self.prices)), axis=-1)

    @property
    def net_per_mg(self) -> Floats:
        """Price of a mg after the discount in each size of vial, (D, V)."""
        return np.stack(np.broadcast_arrays(*(price.per_mg * self._kept for price in self.prices)), axis=-1)

    def kept_after_cuts(self, times_years: ArrayLike) -> Floats:
        """Return what later cuts leave of the price at times (K,), as (D, K)."""
        times = np.asarray(times_years, dtype=np.float64)
        kept = np.ones((1, len(times)))
        for at, cut in self.cuts:
            kept = kept * np.where(times >= at, 1 - np.asarray(cut)[:, None], 1.0)
        return kept
