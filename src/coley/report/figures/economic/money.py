"""Amounts of money: plain with thousands set off, in millions or billions where they are large."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from coley.report.words import format_number

APART = 27  # pixels between amounts on a vertical axis
# From this amount on a figure counts in the unit: 1,500,000 is still read faster than 1.5 million.
UNITS = ((2e9, 1e9, "billion "), (2e6, 1e6, "million "), (0.0, 1.0, ""))


@dataclass(frozen=True, slots=True)
class Money:
    """How the amounts of one figure are written.

    Attributes
    ----------
    unit
        "USD", "million USD"; empty where no currency is known.
    factor
        Of the unit: 1, a million, a billion.
    """

    unit: str
    factor: float

    @property
    def label(self) -> str:
        """Vega's expression for the labels of an axis."""
        return f"replace(format(datum.value / {self.factor:.0f}, ',~r'), '-', '−')"

    def title(self, of: str, *, per: str = "") -> str:
        """Return the title of an axis.

        >>> money([100], "USD").title("Threshold", per="QALY")
        'Threshold, USD per QALY'
        """
        unit = " ".join(part for part in (self.unit, f"per {per}" if per and self.unit else "") if part)
        return f"{of}, {unit}" if unit else of

    def number(self, amount: float | None) -> str:
        """Return an amount without its unit."""
        return format_number(None if amount is None else amount / self.factor)

    def say(self, amount: float | None) -> str:
        """Return an amount with its unit.

        >>> money([12_345.6], "USD").say(12_345.6), money([7.2e6], "EUR").say(7.2e6)
        ('12,346 USD', '7.20 million EUR')
        """
        return f"{self.number(amount)} {self.unit}".strip()

    def ticks(self, ends: tuple[float, float], pixels: float) -> dict[float, str]:
        """Return round amounts between two ends with their words, so far apart that a reader counts them.

        >>> list(money([130.0], "USD").ticks((0, 130), 120).values())
        ['0', '50', '100']
        """
        low, high = ends
        rough = (high - low) * APART / pixels
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough)
        places = [step * i for i in range(math.ceil(low / step), math.floor(high / step) + 1)]
        decimals = max(0, -math.floor(math.log10(step / self.factor)))
        return {place: format_number(place / self.factor, decimals=decimals) for place in places}


def money(amounts: Iterable[float | None], currency: str) -> Money:
    """Return how these amounts are to be written together.

    Parameters
    ----------
    amounts
        All that a figure shows; None counts for nothing.
    currency
        "USD"; may be empty.
    """
    most = max((abs(amount) for amount in amounts if amount is not None), default=0.0)
    factor, word = next((factor, word) for least, factor, word in UNITS if most >= least)
    return Money(f"{word}{currency}".strip(), factor)
