"""Slips of unit found by magnitude: a price per mL given as per vial, mg/kg given as mg."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coley.economics.doses.amounts import Dose
from coley.economics.doses.published import known_doses, known_prices
from coley.model.answer import Check
from coley.model.errors import InvalidSetting

if TYPE_CHECKING:
    from coley.economics.doses.prices import Price

# List prices of one drug differ between sources of one country and years by up to a third, and discounts of
# half are known; the strengths of vials make slips of 4 (pembrolizumab) to 20 (atezolizumab). A price is
# doubted where it is more than twice off and another reading comes within 1.5 of a known price.
FAR_OFF = 2.0
FITS = 1.5
UNIT_WORDS = {"vial": "vial", "mg": "mg", "ml": "mL", "pack": "pack"}
# Doses: a flat dose and a dose per kg differ by a body weight, some 40 to 120.
FAR_DOSE = 4.0


def check_price(drug: str, price: Price, *, country: str = "") -> Check:
    """Compare a price with known prices of the drug, per mg and in the same currency.

    Parameters
    ----------
    drug
        International nonproprietary name.
    price
        As given.
    country
        "UK", "US" ...: known prices of that country where there are any, else all in the currency.

    Returns
    -------
    Check
        "fail" where the price is far off and would fit if it were read per something else; "warn" where it
        is far off and fits nothing; "pass" otherwise, and where no price is known.

    Examples
    --------
    >>> from coley.economics.doses import Price, Vial
    >>> slip = Price(1162.41, per="vial", vial=Vial(100, 4), currency="USD", price_year=2018)
    >>> check_price("pembrolizumab", slip).level
    'fail'
    """
    known = [row for row in known_prices() if row.drug == drug.lower() and row.currency == price.currency]
    known = [row for row in known if row.country == country] or known
    name = "price_magnitude"
    if not known:
        return Check(name, "pass", f"No price of {drug} in {price.currency} is known to compare with.")
    rates = [row.per_mg for row in known]
    low, high = min(rates), max(rates)
    between = f"{low:,.2f}" if round(low, 2) == round(high, 2) else f"{low:,.2f} to {high:,.2f}"
    fair = f"{between} {price.currency} per mg ({known[0].source})"

    def off(per: str) -> float:
        """How many times a reading lies outside the known prices; 1 inside."""
        rate = float(np.mean(price.read_as(per)))
        if not rate > 0:
            return np.inf
        return max(low / rate, rate / high, 1.0)

    if off(price.per) <= FAR_OFF:
        return Check(name, "pass", f"{drug}: {price} is in line with {fair}.")
    stated = float(np.mean(price.per_mg))
    others = {per: off(per) for per in UNIT_WORDS if per != price.per}
    best = min(others, key=lambda per: others[per] if np.isfinite(others[per]) else np.inf)
    if others[best] <= FITS:
        meant = float(np.mean(price.read_as(best)))
        return Check(
            name,
            "fail",
            f"{drug}: {price} is {stated:,.2f} {price.currency} per mg; known prices are {fair}.",
            cause=f"Read per {UNIT_WORDS[best]} the same amount is {meant:,.2f} {price.currency} per mg, which fits: "
            f"it looks like a price per {UNIT_WORDS[best]} given as a price per {UNIT_WORDS[price.per]}.",
            remedy=f"Give it as per {UNIT_WORDS[best]}; or, where it is right as it stands, give the list price with "
            "its discount, or mark the price as confirmed (price_confirmed = true).",
        )
    return Check(
        name,
        "warn",
        f"{drug}: {price} is {stated:,.2f} {price.currency} per mg; known prices are {fair}.",
        cause="A deep discount, another country, or another currency.",
        remedy="Look at the price once more.",
    )


def believe_price(drug: str, price: Price, *, country: str = "") -> None:
    """Refuse a price that looks like one per something else, unless it is confirmed.

    Raises
    ------
    InvalidSetting
        Naming both readings.
    """
    check = check_price(drug, price, country=country)
    if check.level == "fail" and not price.confirmed:
        raise InvalidSetting(check.message, cause=check.cause, remedy=check.remedy)


def check_dose(drug: str, dose: Dose) -> Check:
    """Compare a dose with the known doses of a drug, in its own unit and in the others.

    Examples
    --------
    >>> from coley.economics.doses import Flat
    >>> check_dose("nivolumab", Flat(3)).level
    'fail'
    """
    name = "dose_magnitude"
    known = [other for other in known_doses() if other[0] == drug.lower()]
    if not known:
        return Check(name, "pass", f"No dose of {drug} is known to compare with.")

    def off(unit: str) -> float:
        rates = [other.rate for _, other in known if other.unit == unit]
        return max(min(rates) / dose.rate, dose.rate / max(rates), 1.0) if rates else np.inf

    usual = ", ".join(dict.fromkeys(str(other) for _, other in known))
    if off(dose.unit) <= FAR_DOSE:
        return Check(name, "pass", f"{drug} {dose} is in line with its known doses ({usual}).")
    meant = min((unit for unit in ("mg", "mg/kg", "mg/m2") if unit != dose.unit), key=off)
    if off(meant) <= FAR_DOSE:
        return Check(
            name,
            "fail",
            f"{drug} {dose} is unlike its known doses ({usual}).",
            cause=f"{dose.rate:g} {meant} would be in line: it looks like {meant} given as {dose.unit}.",
            remedy=f'Write "{dose.rate:g} {meant}"; or, where it is meant, mark the dose (unusual_dose = true).',
        )
    return Check(
        name,
        "warn",
        f"{drug} {dose} is unlike its known doses ({usual}).",
        remedy="Look at the dose once more.",
    )


def believe_dose(drug: str, dose: Dose) -> None:
    """Refuse a dose that looks like one in another unit.

    Raises
    ------
    InvalidSetting
        Naming both readings.
    """
    check = check_dose(drug, dose)
    if check.level == "fail":
        raise InvalidSetting(check.message, cause=check.cause, remedy=check.remedy)
