"""Slips of unit are found by magnitude, and honest discounts are not."""

from __future__ import annotations

import csv

import pytest

from coley.economics.doses.amounts import Flat, PerKg, PerM2, Vial, read_vial
from coley.economics.doses.doubt import believe_dose, check_dose, check_price
from coley.economics.doses.prices import Price, Product
from coley.economics.doses.published import known_prices
from coley.economics.doses.supply import supply
from coley.model.errors import InvalidSetting

DOLLARS = {"currency": "USD", "price_year": 2018}


@pytest.mark.parametrize(
    ("drug", "amount", "vial"),
    [
        ("pembrolizumab", 1162.41, Vial(100, 4)),
        ("nivolumab", 262.208, Vial(100, 10)),
        ("nivolumab", 262.2075, Vial(40, 4)),
        ("atezolizumab", 444.027, Vial(1200, 20)),
    ],
)
def test_the_slip_of_ivi_nsclc_is_found_and_both_readings_named(drug, amount, vial):
    slip = Price(amount, per="vial", vial=vial, **DOLLARS)
    check = check_price(drug, slip)
    assert check.level == "fail"
    assert "per vial" in check.message
    assert "per mL" in check.cause
    with pytest.raises(InvalidSetting, match="per vial"):
        Product(drug, [slip])
    assert (
        Product(drug, [Price(amount, per="vial", vial=vial, confirmed=True, **DOLLARS)]).net_per_vial
        == amount
    )
    assert check_price(drug, Price(amount, per="ml", vial=vial, **DOLLARS)).level == "pass"


def test_the_slip_is_found_the_other_way_round():
    for per in ("ml", "mg"):
        check = check_price(
            "pembrolizumab", Price(2630, per=per, vial=Vial(100, 4), currency="GBP", price_year=2022)
        )
        assert check.level == "fail"
        assert "per vial the same amount" in check.cause


@pytest.mark.parametrize("row", known_prices(), ids=lambda row: f"{row.drug} {row.country} {row.amount:g}")
def test_known_prices_and_common_discounts_are_believed(row):
    for kept in (1.0, 0.55, 1.4):
        price = Price(row.amount * kept, per=row.per, vial=row.vial, currency=row.currency, price_year=2022)
        assert check_price(row.drug, price, country=row.country).level == "pass"


@pytest.mark.parametrize(
    "row",
    [row for row in known_prices() if row.vial],
    ids=lambda row: f"{row.drug} {row.country} {row.amount:g}",
)
def test_every_known_vial_given_as_per_ml_or_per_mg_is_found(row):
    """The volumes of these vials are all 2.4 mL or more, so that every such slip is one of at least 4."""
    per_ml = Price(
        row.amount / row.vial.ml, per="vial", vial=row.vial, currency=row.currency, price_year=2022
    )
    per_mg = Price(row.per_mg, per="vial", vial=row.vial, currency=row.currency, price_year=2022)
    assert check_price(row.drug, per_ml, country=row.country).level == "fail"
    assert check_price(row.drug, per_mg, country=row.country).level == "fail"


def test_what_cannot_be_compared_passes_and_says_so_and_what_fits_nothing_warns():
    euros = Price(1, per="vial", vial=Vial(100, 4), currency="EUR", price_year=2022)
    check = check_price("pembrolizumab", euros)
    assert (check.level, "known" in check.message) == ("pass", True)
    odd = Price(300, per="vial", vial=Vial(100, 4), currency="GBP", price_year=2022)
    assert check_price("pembrolizumab", odd).level == "warn"


@pytest.mark.parametrize(
    ("drug", "dose", "level"),
    [
        ("nivolumab", Flat(3), "fail"),
        ("nivolumab", PerKg(240), "fail"),
        ("pembrolizumab", Flat(2), "fail"),
        ("ipilimumab", Flat(1), "fail"),
        ("nivolumab", PerKg(3), "pass"),
        ("Nivolumab", Flat(240), "pass"),
        ("pembrolizumab", PerKg(2, 200), "pass"),
        ("pembrolizumab", PerM2(2), "fail"),
        ("pembrolizumab", Flat(20_000), "warn"),
        ("an unknown drug", Flat(3), "pass"),
    ],
)
def test_doses_in_the_wrong_unit_are_found(drug, dose, level):
    assert check_dose(drug, dose).level == level


def test_three_mg_of_nivolumab_names_the_remedy():
    with pytest.raises(InvalidSetting) as error:
        believe_dose("nivolumab", Flat(3))
    assert '"3 mg/kg"' in error.value.remedy


@pytest.mark.real
def test_every_price_in_the_table_of_ivi_nsclc(shared):
    """Six prices per mL are labelled per vial; the others are what they say."""
    slips = {}
    annual = {"as published": {}, "as per mL": {}}
    given = {"pembrolizumab": {100: 2}, "nivolumab": {100: 2, 40: 1}, "atezolizumab": {1200: 1}}
    weeks = {"pembrolizumab": 3, "nivolumab": 2, "atezolizumab": 3}
    folder = shared / "economics/ivi_nsclc_2019"
    with (folder / "treatment-costs__acquisition_costs.csv").open() as file:
        for row in csv.DictReader(file):
            drug, amount, vial = row["agent_name"], float(row["acquisition_cost"]), read_vial(row["strength"])
            price = Price(amount, per="vial", vial=vial, **DOLLARS)
            slips.setdefault(check_price(drug, price, country="US").level, []).append((drug, vial.mg))
            for mg, vials in given.get(drug, {}).items():
                if mg == vial.mg:
                    right = Price(amount, per="ml", vial=vial, **DOLLARS)
                    for name, product in (
                        (
                            "as published",
                            Product(drug, [Price(amount, per="vial", vial=vial, confirmed=True, **DOLLARS)]),
                        ),
                        ("as per mL", Product(drug, [right])),
                    ):
                        made = supply(Flat(mg * vials), product)
                        annual[name][drug] = annual[name].get(drug, 0) + made.cost_per_year(weeks[drug])[0]
    assert slips["fail"] == [
        ("bevacizumab", 100),
        ("bevacizumab", 400),
        ("nivolumab", 100),
        ("nivolumab", 40),
        ("pembrolizumab", 100),
        ("atezolizumab", 1200),
    ]
    assert "warn" not in slips
    # The first are the annual costs in the documentation of IVI-NSCLC, the second those at prices of vials.
    assert {drug: round(cost) for drug, cost in annual["as published"].items()} == {
        "pembrolizumab": 40_435,
        "nivolumab": 20_522,
        "atezolizumab": 7_723,
    }
    assert {drug: round(cost) for drug, cost in annual["as per mL"].items()} == {
        "pembrolizumab": 161_741,
        "nivolumab": 164_180,
        "atezolizumab": 154_458,
    }
