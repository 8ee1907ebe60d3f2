"""Prices say what they are for, and products what is taken off them."""

from __future__ import annotations

import numpy as np
import pytest

from coley.economics.doses.amounts import Vial
from coley.economics.doses.prices import Price, Product, read_price
from coley.model.errors import InvalidSetting

MONEY = {"currency": "GBP", "price_year": 2022}
PEMBRO = Vial(100, 4)


@pytest.mark.parametrize(
    ("text", "per_mg", "per_vial"),
    [
        ("2,630 GBP per vial of 100 mg/4 mL", 26.3, 2630),
        ("657.50 GBP per mL of 100 mg/4 mL", 26.3, 2630),
        ("26.3 GBP per mg of 100 mg/4 mL", 26.3, 2630),
        ("26.3 gbp/mg in 100 mg/4 mL", 26.3, 2630),
        ("78900 GBP per pack of 30 vials of 100 mg", 26.3, 2630),
    ],
)
def test_one_price_in_all_its_units(text, per_mg, per_vial):
    price = read_price(text, price_year=2022)
    assert price.per_mg == pytest.approx(per_mg)
    assert price.per_vial == pytest.approx(per_vial)


def test_words_and_values_are_the_same_price():
    price = Price(2630, per="vial", vial=PEMBRO, **MONEY)
    assert read_price(str(price), price_year=2022).per_mg == price.per_mg


@pytest.mark.parametrize(
    "text", ["2630", "2630 GBP", "2630 per vial", "GBP 2630 per vial", "2630 GBP per bag"]
)
def test_a_price_without_its_unit_is_refused(text):
    with pytest.raises(InvalidSetting, match="cannot be read"):
        read_price(text, price_year=2022, vial=PEMBRO)


def test_refusals_of_prices():
    for settings, word in (
        ({"amount": -1, "per": "mg"}, "at least 0"),
        ({"amount": np.nan, "per": "mg"}, "number"),
        ({"amount": 1, "per": "bag"}, "per vial, mg, ml, pack"),
        ({"amount": 1, "per": "vial"}, "mg it buys"),
        ({"amount": 1, "per": "ml", "vial": Vial(100)}, "volume"),
        ({"amount": 1, "per": "pack", "vial": PEMBRO}, "how many"),
        ({"amount": 1, "per": "vial", "vial": PEMBRO, "vials_per_pack": 2}, "how many"),
        ({"amount": 1, "per": "mg", "currency": "pounds"}, "ISO"),
        ({"amount": 1, "per": "mg", "price_year": 22}, "year"),
    ):
        with pytest.raises(InvalidSetting) as error:
            Price(**{**MONEY, **settings})
        assert word in str(error.value)
    with pytest.raises(InvalidSetting, match="no vial"):
        Price(26.3, per="mg", **MONEY).per_vial


def test_discounts_may_be_drawn_and_cuts_come_later():
    price = Price(2630, per="vial", vial=PEMBRO, **MONEY)
    product = Product("pembrolizumab", [price], discount=[0.0, 0.25], cuts=[(5, 0.4), (8, 0.5)])
    np.testing.assert_allclose(product.net_per_vial, [[2630.0], [1972.5]])
    np.testing.assert_allclose(product.net_per_mg, [[26.3], [19.725]])
    np.testing.assert_allclose(product.kept_after_cuts([0, 4.99, 5, 9]), [[1, 1, 0.6, 0.3]])


def test_refusals_of_products():
    pounds = Price(2630, per="vial", vial=PEMBRO, **MONEY)
    for settings, word in (
        ({"prices": []}, "price"),
        ({"prices": [pounds], "discount": 20}, "percentage"),
        ({"prices": [pounds], "discount": -0.1}, "number"),
        ({"prices": [pounds, Price(26.3, per="mg", **MONEY)]}, "vial"),
        (
            {"prices": [pounds, Price(2630, per="vial", vial=PEMBRO, currency="GBP", price_year=2021)]},
            "2021",
        ),
        ({"prices": [Price([2630, 2500], per="mg", **MONEY)], "discount": [0.1, 0.2, 0.3]}, "2 and 3"),
    ):
        with pytest.raises(InvalidSetting) as error:
            Product("a drug", **settings)
        assert word in str(error.value)
