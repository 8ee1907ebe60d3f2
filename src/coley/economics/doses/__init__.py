"""Doses and prices with units: vials over the weights of patients, regimens, and calendars of cost."""

from coley.economics.doses.amounts import Dose, Flat, PerKg, PerM2, Vial, read_dose, read_vial
from coley.economics.doses.bodies import Body, Empirical, LogNormal, Mixture, Normal, body_surface_m2
from coley.economics.doses.calendar import Calendar, merge, schedule, switching
from coley.economics.doses.doubt import check_dose, check_price
from coley.economics.doses.flat_or_weight import FlatOrWeight, flat_or_weight
from coley.economics.doses.known import KnownDrug, known_regimens, list_prices
from coley.economics.doses.money import ExchangeRate, PriceIndex, factor_between, us_medical_care
from coley.economics.doses.prices import Price, Product, read_price
from coley.economics.doses.published import KnownPrice, known_prices
from coley.economics.doses.regimens import Administration, Given, Phase, Regimen
from coley.economics.doses.rounding import DownToVial, ToBands, ToMultiple
from coley.economics.doses.supply import Supply, supply
from coley.economics.doses.vials import Cover, cheapest_vials

__all__ = [
    "Administration",
    "Body",
    "Calendar",
    "Cover",
    "Dose",
    "DownToVial",
    "Empirical",
    "ExchangeRate",
    "Flat",
    "FlatOrWeight",
    "Given",
    "KnownDrug",
    "KnownPrice",
    "LogNormal",
    "Mixture",
    "Normal",
    "PerKg",
    "PerM2",
    "Phase",
    "Price",
    "PriceIndex",
    "Product",
    "Regimen",
    "Supply",
    "ToBands",
    "ToMultiple",
    "Vial",
    "body_surface_m2",
    "cheapest_vials",
    "check_dose",
    "check_price",
    "factor_between",
    "flat_or_weight",
    "known_prices",
    "known_regimens",
    "list_prices",
    "merge",
    "read_dose",
    "read_price",
    "read_vial",
    "schedule",
    "supply",
    "switching",
    "us_medical_care",
]
