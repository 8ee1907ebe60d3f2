"""What a payer asks besides: prices and budget, held to a pencil."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from tests.questions.worth.conftest import DOSE, ask, known, pencil


def test_a_price_that_meets_the_threshold(words) -> None:
    answer = ask(known(words), draws=200)
    cost, qalys, _ = pencil()
    given = np.arange(35) * 21 / 365.25
    drug = DOSE * np.exp(-0.5 * given).sum()
    share = 1 + (150_000 * (qalys[1] - qalys[0]) - (cost[1] - cost[0])) / drug
    found = answer.estimate("price_worth_it_at_150000")
    assert found.value == pytest.approx(share, rel=1e-3)
    assert (found.low, found.high) == pytest.approx((share, share), rel=1e-3)
    curve = answer.tables["prices"].filter(pl.col("probability").is_null()).sort("threshold")
    slope = np.diff(curve["price"]) / np.diff(curve["threshold"])
    assert slope == pytest.approx(np.full(len(slope), (qalys[1] - qalys[0]) / drug), rel=1e-3)
    again = known(words)
    again["strategies"]["new"]["drugs"][0] |= {"discount": 1 - share, "price_confirmed": True}
    benefit = ask(again, draws=200).estimate("net_benefit_at_150000", group="Immunotherapy vs Chemotherapy")
    assert benefit.value == pytest.approx(0, abs=30), "at that price it is just worth it"


def test_the_budget_is_that_of_the_patients_of_each_year(words) -> None:
    words = known(words)
    words["population"]["incident_per_year"] = 100
    words["budget"] = {"new": "new", "uptake": [0.2, 0.5], "shares": {"old": 1.0}}
    answer = ask(words, draws=200)
    until = np.array([pencil(years=float(year))[0] for year in (1, 2)])
    first, second = until[0], until[1] - until[0]
    years = [20 * (first[1] - first[0]), 50 * (first[1] - first[0]) + 20 * (second[1] - second[0])]
    net = answer.tables["budget_net"]
    assert net["value"].to_list() == pytest.approx(years, rel=2e-3)
    assert net["cumulative"].to_list() == pytest.approx(np.cumsum(years), rel=2e-3)
    impact = answer.estimate("budget_impact_over_2_years")
    assert impact.value == pytest.approx(sum(years), rel=2e-3)
    assert impact.n == 200
    table = answer.tables["budget"].filter(pl.col("year") == 1)
    without = table.filter(pl.col("scenario") == "without").select("category", "cost").rows()
    assert dict(without)["Chemotherapy"] == pytest.approx(100 * first[0], rel=2e-3)


def test_a_price_that_has_something_off_is_not_called_the_list_price(words) -> None:
    plain = ask(known(words), draws=200)
    assert plain.estimate("price_worth_it_at_150000").unit == "of list price"
    words = known(words)
    words["strategies"]["new"]["drugs"][0]["discount"] = 0.2
    told = ask(words, draws=200)
    found, whole = told.estimate("price_worth_it_at_150000"), plain.estimate("price_worth_it_at_150000")
    assert found.unit == "of price in the model"
    assert found.value * 0.8 == pytest.approx(whole.value), "one amount of money, as a share of another price"
    (figure,) = [one for one in told.figures if one.kind == "price_curve"]
    assert figure.options["whole"] == "price in the model"
