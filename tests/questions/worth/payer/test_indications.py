"""Prices by indication on the page."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from tests.questions.worth.conftest import ask, known

from coley.economics.model_file.parse import model_of
from coley.model.answer import Answer
from coley.model.errors import NotEstimable
from coley.questions.worth.answer import answer
from coley.questions.worth.settings import WorthSettings
from coley.read.economic_model import EconomicModel
from coley.report.figures import draw

PATIENTS = {"Melanoma": 100, "Lung cancer": 300}


def other(words: dict[str, Any]) -> dict[str, Any]:
    """An indication in which the drug does less."""
    found = copy.deepcopy(words)
    for endpoint, ratio in (("pfs", 0.8), ("os", 0.9)):
        found["strategies"]["new"][endpoint]["hazard_ratio"]["ratio"] = ratio
    return found


def asked(words: dict[str, Any], beside: dict[str, Any], *, order: int = 1) -> Answer:
    named = [
        {"label": "Melanoma", "strategy": "new", "drug": "pembrolizumab", "patients_per_year": 100},
        {
            "label": "Lung cancer",
            "model": "lung.toml",
            "strategy": "new",
            "drug": "pembrolizumab",
            "patients_per_year": 300,
        },
    ][::order]
    return answer(
        model_of(words | {"indications": named}),
        {},
        WorthSettings(draws=400),
        study="melanoma",
        others={"Lung cancer": EconomicModel(model_of(beside), {}, None, ())},
    )


def price(found: Answer, label: str) -> float:
    value = found.estimate("price_of_pembrolizumab_worth_it_at_50000", group=label).value
    assert value is not None
    return value


def test_each_indication_has_the_price_of_its_own_analysis(words) -> None:
    here, there = known(words), other(known(words))
    found = asked(here, there)
    alone = {
        "Melanoma": ask(here, draws=400).estimate("price_worth_it_at_50000").value,
        "Lung cancer": ask(there, draws=400).estimate("price_worth_it_at_50000").value,
    }
    for label, own in alone.items():
        assert price(found, label) == pytest.approx(own)
    table = found.tables["indications"]
    spent = dict(zip(table["indication"], table["spent_on_drug"], strict=True))
    weights = np.array([PATIENTS[label] * spent[label] for label in alone])
    assert price(found, "One price for all") == pytest.approx(
        weights @ np.array(list(alone.values())) / weights.sum()
    )
    assert table["net_benefit_per_year_at_one_price"].sum() == pytest.approx(0, abs=1e-3)


def test_ways_to_price_share_out_one_sum(words) -> None:
    found = asked(words, other(words)).tables["ways_to_price"]
    each, one, sellers = found.iter_rows(named=True)
    assert each["spent_on_drug_per_year"] == pytest.approx(one["spent_on_drug_per_year"])
    total = sum(
        sellers[name]
        for name in ("spent_on_drug_per_year", "net_benefit_of_payer_per_year", "forgone_per_year")
    )
    assert total == pytest.approx(each["spent_on_drug_per_year"])
    assert one["treated"] == "Melanoma; Lung cancer"


def test_the_order_of_indications_changes_nothing(words) -> None:
    forth, back = asked(words, words), asked(words, words, order=-1)
    for label in ("Melanoma", "One price for all"):
        assert price(forth, label) == pytest.approx(price(back, label), rel=0.02)
    figure = next(one for one in forth.figures if one.table == "prices_by_indication")
    assert "3 rows" in draw(figure, forth.tables)


def test_draws_of_two_indications_are_not_the_same_draws(words) -> None:
    """The same model twice: what is uncertain in one trial is not what is uncertain in the other."""
    twice = asked(words, words)
    own = twice.estimate("price_of_pembrolizumab_worth_it_at_50000", group="Melanoma")
    blended = twice.estimate("price_of_pembrolizumab_worth_it_at_50000", group="One price for all")
    width = (blended.high - blended.low) / (own.high - own.low)
    assert width == pytest.approx(np.sqrt(0.25**2 + 0.75**2), abs=0.08), "of independent indications"


def test_a_study_reads_no_other_model_and_says_so(words) -> None:
    named = [
        {"label": label, "model": file, "strategy": "new", "drug": "pembrolizumab", "patients_per_year": 1}
        for label, file in (("here", ""), ("there", "lung.toml"))
    ]
    found = ask(words | {"indications": named}, draws=200)
    assert any("reads no other model file (lung.toml)" in said for said in found.cannot_tell)
    assert "indications" not in found.tables


def test_a_fault_names_the_indication(words) -> None:
    free = copy.deepcopy(words)
    free["strategies"]["new"]["drugs"][0] |= {"discount": 1.0, "price_confirmed": True}
    with pytest.raises(NotEstimable):
        asked(words, free)
    wrong = copy.deepcopy(words)
    wrong["strategies"]["new"]["drugs"][0]["prices"] = ["48.57 GBP per mg"]
    with pytest.raises(Exception, match="USD") as caught:
        asked(words, wrong)
    assert "indication 'Lung cancer'; lung.toml" in str(caught.value)
