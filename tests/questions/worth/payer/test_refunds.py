"""Refunds on the page, held to a pencil."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.questions.worth.conftest import DOSE, ask, known, pencil

from coley.model.answer import Answer
from coley.model.errors import NotEstimable
from coley.model.words import format_number
from coley.report.figures import draw

GIVEN = np.arange(35) * 21 / 365.25
FREE = np.exp(-0.5 * GIVEN)
SIX = np.exp(-0.25)  # free of progression at month 6


def refunding(words: dict[str, Any], *, fixed: bool = True, **changed: Any) -> dict[str, Any]:
    terms = {"strategy": "new", "drug": "pembrolizumab", "stages": [{"by_months": 6, "share": 0.5}]} | changed
    return (known(words) if fixed else copy.deepcopy(words)) | {"refunds": [terms]}


def spent() -> float:
    return float(DOSE * FREE.sum())


def on_failures() -> float:
    """What doses have cost patients who progress or die by month 6."""
    return float(DOSE * np.clip(FREE - SIX, 0, None).sum())


def added() -> tuple[float, float]:
    cost, qalys, _ = pencil()
    return float(cost[1] - cost[0]), float(qalys[1] - qalys[0])


def test_what_is_paid_back_and_what_it_makes_of_the_choice(words) -> None:
    answer = ask(refunding(words), draws=200)
    cost, effect = added()
    back = 0.5 * on_failures()
    found = answer.estimate("refund_per_patient")
    assert (found.value, found.low, found.high) == pytest.approx((back, back, back), rel=1e-3)
    assert found.group == "Immunotherapy: pembrolizumab, 50 % back on failure by month 6"
    assert f"{1 - SIX:.0%} of patients" in found.note
    assert answer.estimate("price_after_refund").value == pytest.approx(1 - back / spent(), rel=1e-4)
    assert answer.estimate("icer_with_refund").value == pytest.approx((cost - back) / effect, rel=1e-3)
    benefit = answer.estimate("net_benefit_with_refund_at_100000")
    assert benefit.value == pytest.approx(100_000 * effect - cost + back, rel=1e-3)
    plain = answer.estimate("net_benefit_at_100000", group="Immunotherapy vs Chemotherapy")
    assert benefit.value - plain.value == pytest.approx(found.value)


def test_at_the_refund_that_is_needed_it_is_just_worth_it(words) -> None:
    cost, effect = added()
    reached = (cost - 0.6 * on_failures()) / effect  # where 60 % of it must come back
    words["thresholds"] = [reached]
    answer = ask(refunding(words), draws=200)
    needed = answer.estimate(f"refund_needed_at_{reached:.0f}")
    assert needed.value == pytest.approx(0.6, abs=0.01)
    again = refunding(words, stages=[{"by_months": 6, "share": needed.value}])
    benefit = ask(again, draws=200).estimate(f"net_benefit_with_refund_at_{reached:.0f}")
    assert benefit.value == pytest.approx(0, abs=1)
    out_of_reach = ask(refunding(words | {"thresholds": [10_000]}), draws=200)
    far = out_of_reach.estimate("refund_needed_at_10000")
    assert far.value is not None
    assert far.value > 1
    assert "all of it is not enough" in far.note
    assert "refund_chances_1" not in out_of_reach.tables, "a line along the floor tells nothing"


def test_chances_and_shares_needed_are_those_of_the_draws(words) -> None:
    """Uncertain inputs: the curve, the table and the estimate tell the same."""
    cost, effect = added()
    near = round(float(cost / effect), -2)
    answer = ask(refunding(words | {"thresholds": [near]}, fixed=False), draws=1000)
    row = answer.tables["refund_by_threshold"].row(0, named=True)
    curve = answer.tables["refund_chances_1"]
    assert curve["value"].is_sorted()
    assert curve["value"][0] == pytest.approx(row["probability"])
    assert np.interp(50, curve["x"], curve["value"]) == pytest.approx(
        row["probability_with_refund"], abs=0.005
    )
    assert row["probability"] < row["probability_with_refund"] < 1
    for sure in (50, 80, 95):
        share = row[f"needed_for_{sure}%"]
        if 0 < share < 1:
            reached = np.interp(100 * share, curve["x"], curve["value"])
            assert reached == pytest.approx(sure / 100, abs=0.01)
    assert row["needed_for_50%"] < row["needed_for_80%"] < row["needed_for_95%"]
    figure = next(one for one in answer.figures if one.table == "refund_chances_1")
    assert f"from {format_number(100 * row['probability'])} % at 0" in draw(figure, answer.tables)


def test_a_payer_of_few_patients_risks_more_under_a_refund(words) -> None:
    """Known parameters: all spread is chance, and that of a sum of patients who cost what their doses cost."""
    payer = {"patients": 40, "budget": 40 * 100_000.0}
    answer = ask(refunding(words, stages=[{"by_months": 6, "share": 1.0}], **payer), draws=2000)
    failed = np.random.default_rng(4).exponential(2.0, 400_000)
    paid = DOSE * np.searchsorted(GIVEN, failed)
    net = np.where(failed <= 0.5, 0.0, paid)
    table = answer.tables["payers_risk"].sort("sd")
    assert table["payment"].to_list()[1] == "100 % back on failure by month 6"
    discount = 1 - net.mean() / paid.mean()
    expected = [(1 - discount) * paid.std() / np.sqrt(40), net.std() / np.sqrt(40)]
    assert table["sd"].to_list() == pytest.approx(expected, rel=0.01)
    assert table["sd_of_chance_alone"].to_list() == pytest.approx(expected, rel=0.01)
    assert table["mean"].to_list() == pytest.approx([net.mean()] * 2, rel=5e-3)
    groups = np.random.default_rng(5).choice(net, (20_000, 40)).mean(axis=1)
    assert table["above_budget"][1] == pytest.approx((groups > 100_000).mean(), abs=0.03)
    told = answer.estimate("drug_cost_per_patient_with_refund")
    assert (told.low, told.high) == pytest.approx(tuple(np.quantile(groups, [0.025, 0.975])), rel=0.02)


def test_refunds_for_want_of_a_response(words) -> None:
    late = {"by_months": 3, "response": {"value": 0.4, "se": 0.04, "source": "a trial"}}
    answer = ask(refunding(words, fixed=False, stages=[], non_response=late), draws=400)
    early = GIVEN[GIVEN < 0.25]
    back = DOSE * (np.exp(-0.5 * early) - 0.4).sum()
    found = answer.estimate("refund_per_patient")
    assert found.value == pytest.approx(back, rel=1e-3)
    assert found.method == "nonresponder_cost"
    assert found.group.endswith("100 % back without response by month 3")
    # Four responders in a hundred more or less: so much money at these doses, and a little more by progression.
    half = 1.96 * 0.04 * DOSE * len(early)
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=0.15)


def test_what_a_reader_must_know_is_said(words) -> None:
    words["strategies"]["new"]["on_treatment"] = {
        "published": {"family": "exponential", "parameters": {"rate": 0.8}, "time_unit": "years"}
    }
    late = {"by_months": 6, "response": {"value": 0.62, "se": 0.05, "source": "a trial"}}
    answer = ask(refunding(words, fixed=False, stages=[], non_response=late), draws=200)
    assert any("until a time of its own" in caveat for caveat in answer.caveats)
    assert any("more patients responded by month 6" in caveat for caveat in answer.caveats)
    assert any("failure is seen" in caveat for caveat in answer.caveats)


def test_two_refunds_stand_beside_each_other_and_move_nothing_else(words, told: Answer) -> None:
    words["refunds"] = [
        refunding(words)["refunds"][0],
        refunding(words, stages=[{"by_months": 6, "share": 0.5}, {"by_months": 12, "share": 0.25}])[
            "refunds"
        ][0],
    ]
    answer = ask(words)
    found = [one for one in answer.estimates if one.name == "refund_per_patient"]
    assert [one.group.split(", ", 1)[1] for one in found] == [
        "50 % back on failure by month 6",
        "50 % back on failure by month 6, 25 % back on failure in months 6 to 12",
    ]
    assert found[0].value < found[1].value
    assert "refund_chances_2" in answer.tables
    assert answer.tables["refund_by_threshold"].height == 6
    others = [one for one in answer.estimates if one.endpoint != "refunds"]
    assert others == list(told.estimates)
    assert not [name for name in told.tables if "refund" in name or "payers" in name]
    assert answer.tables["results"].equals(told.tables["results"])
    assert answer.tables["refund_by_threshold"].select(pl.col("probability").n_unique()).item() <= 3


def test_a_refund_of_nothing_is_refused_with_its_place(words) -> None:
    words["strategies"]["new"]["drugs"][0]["from_week"] = 30
    with pytest.raises(NotEstimable, match="Nothing is spent") as caught:
        ask(refunding(words), draws=200)
    assert "the refund for pembrolizumab under new" in str(caught.value)
