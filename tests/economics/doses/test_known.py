"""The tables of prices and regimens: every row can be used, and says where it stands."""

from __future__ import annotations

import pytest

from coley.biology.drugs import drugs
from coley.economics.doses.amounts import Flat, PerKg
from coley.economics.doses.known import known_regimens, list_prices
from coley.economics.doses.published import known_doses, known_prices
from coley.model.errors import MissingData


def test_every_row_names_a_drug_and_its_source():
    names = {drug.ingredient for drug in drugs()} if not hasattr(drugs(), "keys") else set(drugs())
    for row in known_prices():
        assert row.drug in names
        assert len(row.source) > 10
        assert "memory" not in row.source
        assert row.per in ("vial", "mg")
        assert (row.vial is None) == (row.per == "mg")
    for regimen in known_regimens().values():
        for drug in regimen:
            assert drug.drug in names
            assert len(drug.source) > 10


def test_strengths_are_those_on_the_labels():
    per_ml = {"nivolumab": 10, "ipilimumab": 5, "pembrolizumab": 25, "atezolizumab": 60, "durvalumab": 50,
              "avelumab": 20, "cemiplimab": 50, "bevacizumab": 25}  # fmt: skip
    for row in known_prices():
        if row.vial is not None:
            assert row.vial.mg_per_ml == pytest.approx(per_ml[row.drug])


def test_regimens_of_labels():
    melanoma = {drug.drug: drug.phases for drug in known_regimens()["nivolumab + ipilimumab melanoma flat"]}
    assert [(phase.dose, phase.every_weeks, phase.doses) for phase in melanoma["nivolumab"]] == [
        (PerKg(1), 3, 4),
        (Flat(480), 4, None),
    ]
    assert [(phase.dose, phase.doses) for phase in melanoma["ipilimumab"]] == [(PerKg(3), 4)]
    assert known_regimens()["nivolumab + ipilimumab NSCLC"][0].stop_years == 2


def test_intervals_agree_with_the_table_of_drugs():
    """The first interval of each drug in the drugs' own table is one of those known here."""
    import csv
    from importlib.resources import files

    text = files("coley.biology.drugs.resources").joinpath("dosing.csv").read_text(encoding="utf-8")
    here = {}
    for regimen in known_regimens().values():
        for drug in regimen:
            here.setdefault(drug.drug, set()).update(7 * phase.every_weeks for phase in drug.phases)
    for row in csv.DictReader(text.splitlines()):
        assert float(row["every_days"]) in here[row["ingredient"]]


def test_list_prices_of_all_vials_of_a_drug():
    assert [price.vial.mg for price in list_prices("nivolumab", "UK", price_year=2022)] == [40, 100, 120, 240]
    (later,) = list_prices("atezolizumab", "US", price_year=2020)
    assert later.per_vial == 9419.16
    with pytest.raises(MissingData, match="Peru"):
        list_prices("nivolumab", "Peru", price_year=2022)
    assert ("nivolumab", PerKg(3)) in known_doses()
