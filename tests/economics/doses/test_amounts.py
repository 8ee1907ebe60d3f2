"""Doses and vials: units are part of the value, and text without a unit is refused."""

from __future__ import annotations

import numpy as np
import pytest

from coley.economics.doses.amounts import Flat, PerKg, PerM2, Vial, read_dose, read_vial
from coley.model.errors import InvalidSetting


@pytest.mark.parametrize(
    ("text", "dose"),
    [
        ("240 mg", Flat(240)),
        ("1,200mg", Flat(1200)),
        ("3 mg/kg", PerKg(3)),
        ("3 mg / kg up to 240 mg", PerKg(3, 240)),
        ("175 mg/m²", PerM2(175)),
        ("175 mg/m2 up to 350 mg", PerM2(175, 350)),
    ],
)
def test_doses_are_read_with_their_units(text, dose):
    assert read_dose(text) == dose
    assert read_dose(str(dose)) == dose


@pytest.mark.parametrize("text", ["240", "3 kg", "3 mg/ml", "10 IU", "-3 mg", "mg", "240 mg up to 480 mg"])
def test_doses_in_no_or_another_unit_are_refused(text):
    with pytest.raises(InvalidSetting):
        read_dose(text)


@pytest.mark.parametrize(
    ("text", "vial"),
    [
        ("100mg/4ml vial", Vial(100, 4)),
        ("100mg/16.7ml", Vial(100, 16.7)),
        ("80mg/8ml ", Vial(80, 8)),
        ("1g/10mL", Vial(1000, 10)),
        ("150mg tablet", Vial(150)),
        ("1,200 mg/20 mL", Vial(1200, 20)),
    ],
)
def test_vials_are_read_as_labels_write_them(text, vial):
    assert read_vial(text) == vial


@pytest.mark.parametrize("text", ["100", "4 mL", "25 mg/mL", "100 mg/kg"])
def test_a_strength_is_not_taken_for_a_vial(text):
    with pytest.raises(InvalidSetting, match="cannot be read"):
        read_vial(text)


def test_empty_vials_and_doses_of_nothing_are_refused():
    for bad in (0, -40, np.nan):
        with pytest.raises(InvalidSetting, match="vial"):
            Vial(bad)
        with pytest.raises(InvalidSetting, match="dose"):
            PerKg(bad)
    with pytest.raises(InvalidSetting, match="volume"):
        Vial(40, 0)
    with pytest.raises(InvalidSetting, match="volume"):
        Vial(40).mg_per_ml
    with pytest.raises(InvalidSetting, match="cap"):
        PerKg(3, 0)


def test_a_cap_holds_from_the_weight_at_which_it_is_reached():
    assert PerKg(3, 240).calculated_mg([79, 80, 120]).tolist() == [237, 240, 240]
    assert PerM2(100).calculated_mg([1.8]).tolist() == [180]
    assert Flat(200).calculated_mg([50, 100]).tolist() == [200, 200]
