"""What the page tells of other ways to dose, and of re-treatment."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from tests.questions.worth.conftest import DOSE, ask

from coley.model.answer import Answer
from coley.model.method import citations

DRUG = {
    "drug": "pembrolizumab",
    "dose": "400 mg",
    "every_weeks": 6,
    "prices": ["48.57 USD per mg"],
    "share_vials_among": math.inf,
    "source": "a label",
}
EVERY_3 = np.arange(35) * 21 / 365.25


def way(**words: Any) -> dict[str, Any]:
    return {"strategy": "new", "label": "another way", **words}


def dosed(words: dict[str, Any], *ways: dict[str, Any], **settings: Any) -> Answer:
    words["dosing_alternatives"] = list(ways)
    return ask(words, draws=300, **settings)


def test_nothing_is_told_where_nothing_is_asked(told: Answer) -> None:
    names = [estimate.name for estimate in told.estimates] + list(told.tables)
    assert not [name for name in names if "dosing" in name or "again" in name or "rechallenge" in name]


def test_what_a_sooner_stop_saves_and_bears(words) -> None:
    endless = way(label="no stop", stop_years=math.inf, visit=2000)
    answer = dosed(words, way(label="stop after a year", stop_years=1), endless)
    group = "Immunotherapy: stop after a year"
    saving = answer.estimate("dosing_saving", group=group)
    late = EVERY_3[EVERY_3 >= 1]
    assert saving.value == pytest.approx((DOSE + 150) * np.exp(-0.5 * late).sum(), rel=1e-4)
    assert saving.low < saving.value < saving.high
    assert (saving.unit, saving.n, saving.method) == ("USD", 300, "dose_calendar")
    table = answer.tables["dosing_saving"]
    parts = table.filter((table["alternative"] == group) & (table["category"] != "in all"))["value"].sum()
    assert parts == pytest.approx(saving.value)
    death = answer.estimate("break_even_hazard_ratio_of_death", group="Immunotherapy: no stop")
    assert death.value is None
    assert "no hazard ratio, however low, would make up" in death.note
    assert any("no stop: drugs are given until progression" in caveat for caveat in answer.caveats)
    (unknown,) = [one for one in answer.cannot_tell if "only a randomised comparison tells" in one]
    assert "stop after a year; Immunotherapy: no stop" in unknown


def test_the_margin_crosses_nil_where_the_figure_says(words) -> None:
    words["costs"]["progressed_per_month"] = 500
    answer = dosed(words, way(label="stop at 1.8", stop_years=1.8), threshold=100_000)
    margin = answer.estimate("break_even_hazard_ratio_of_death")
    assert 1 < margin.low < margin.value < margin.high
    line = answer.tables["dosing_net_benefit"].sort("x")
    assert set(line["group"]) == {"Immunotherapy: stop at 1.8"}
    (figure,) = [one for one in answer.figures if one.table == "dosing_net_benefit"]
    saved = answer.estimate("dosing_saving").value
    assert f"Immunotherapy: stop at 1.8 saves {round(saved):,} USD" in figure.caption
    crosses = np.interp(0, -line["value"].to_numpy(), line["x"].to_numpy())
    assert crosses == pytest.approx(margin.value, rel=1e-3)
    row = answer.tables["dosing_margins"].filter(answer.tables["dosing_margins"]["threshold"] == 100_000)
    assert row["hazard_ratio_of_death"][0] == margin.value
    assert row["qalys_it_is_worth"][0] < row["qalys_lived_after"][0]
    assert row["survival_borne"][0] < row["survival_now"][0]
    assert row["deaths_of_a_trial"][0] == pytest.approx(4 * 3.2415**2 / np.log(margin.value) ** 2, rel=0.01)
    assert answer.tables["dosing_margins"].height == 3, "one for each threshold"
    assert set(citations({"break_even_hazard_ratio"})) <= set(answer.citations)


def test_an_effect_that_is_given_is_applied_and_may_be_in_doubt(words) -> None:
    effect = {"value": 1.05, "low": 0.85, "high": 1.3, "source": "a trial"}
    answer = dosed(words, way(label="stop at 1.8", stop_years=1.8, death=effect), threshold=100_000)
    added = answer.estimate("dosing_added_qalys")
    assert added.low < added.value < 0 < added.high
    benefit = answer.estimate("dosing_net_benefit_at_100000")
    assert benefit.low < benefit.value < benefit.high
    share = float(benefit.note.split("nil in ")[1].split("%")[0]) / 100
    assert 0.05 < share < 0.95
    assert not [one for one in answer.cannot_tell if "randomised comparison" in one]
    inputs = answer.tables["inputs"]
    assert "dosing_alternatives.1.death" in inputs["input"].to_list()


def test_the_same_doses_at_another_price_bear_no_hazard(words) -> None:
    single = DRUG | {"dose": "200 mg", "every_weeks": 3, "discount": 0.3}
    answer = dosed(words, way(label="biosimilar", drugs=[single]))
    saving = answer.estimate("dosing_saving")
    assert saving.value == pytest.approx(0.3 * DOSE * np.exp(-0.5 * EVERY_3).sum(), rel=1e-4)
    assert "the same doses on the same days" in saving.note
    assert "dosing_margins" not in answer.tables
    assert not [one for one in answer.cannot_tell if "randomised comparison" in one]
    rule = answer.tables["dosing_rules"].row(0, named=True)
    assert rule["doses"] == "pembrolizumab 200 mg every 3 weeks, no vial wasted"
    assert (rule["differs_from_year"], rule["source"]) == (None, "a label")


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"doses": 9, "from_week": 3}, "every 6 weeks, 9 doses, from week 3"),
        ({"until_week": 52, "share_vials_among": 3}, "until week 52, vials shared among 3"),
        ({"rounding": {"down_within": 0.1}}, "rounded down to vials within 10 %"),
        ({"rounding": {"to_mg": 50}}, "rounded to 50 mg"),
        ({"rounding": {"bands_mg": [400, 800]}}, "in bands of 400, 800 mg"),
        ({"price_falls": [{"from_years": 1, "by": 0.4}]}, "price falls by 40 % in year 1"),
    ],
)
def test_a_way_to_dose_is_told_in_words(words, how, told) -> None:
    priced = DRUG | {"share_vials_among": 1, "prices": ["4857 USD per vial of 100 mg/4 mL"]}
    answer = dosed(words, way(drugs=[priced | how]))
    assert told in answer.tables["dosing_rules"]["doses"][0]


def test_who_is_treated_again_and_what_it_costs(words) -> None:
    again = {"share": 0.5, "deaths_first": 0.2, "drugs": [DRUG | {"doses": 9}]}
    words["strategies"]["new"]["retreatment"] = again
    answer = ask(words, draws=300)
    share = 0.5 * 0.8 * (np.exp(-1) - np.exp(-10))
    treated, cost = answer.estimate("treated_again"), answer.estimate("cost_of_retreatment")
    assert treated.value == pytest.approx(share, rel=1e-4)
    assert cost.value == pytest.approx(share * 9 * (2 * DOSE + 150), rel=1e-3)
    assert treated.low < treated.value < treated.high
    (told,) = [caveat for caveat in answer.caveats if "treating again" in caveat]
    assert "20 % are taken to be deaths" in told
    assert "re-treatment: pembrolizumab" in answer.tables["cost_by_category"]["category"].to_list()


def test_a_price_that_meets_the_threshold_counts_what_is_given_again(words) -> None:
    again = {"share": 0.9, "drugs": [DRUG | {"doses": 9}]}
    words["strategies"]["new"]["retreatment"] = again
    share = ask(words, draws=400).estimate("price_worth_it_at_150000")
    assert 0 < share.value < 1
    words["strategies"]["new"]["drugs"][0] |= {"discount": 1 - share.value, "price_confirmed": True}
    words["strategies"]["new"]["retreatment"] = again | {
        "drugs": [DRUG | {"doses": 9, "price_confirmed": True}]
    }
    answer = ask(words, draws=400)
    benefit = answer.estimate("net_benefit_at_150000", group="Immunotherapy vs Chemotherapy")
    whole = answer.estimate("cost", group="Immunotherapy").value
    centre = answer.tables["results"].filter(answer.tables["results"]["strategy"] == "Immunotherapy")
    old = answer.tables["results"].filter(answer.tables["results"]["strategy"] == "Chemotherapy")
    gained = centre["mean_qalys_of_draws"][0] - old["mean_qalys_of_draws"][0]
    spent = centre["mean_cost_of_draws"][0] - old["mean_cost_of_draws"][0]
    assert 150_000 * gained - spent == pytest.approx(0, abs=0.005 * whole), (
        "at that price it is just worth it"
    )
    assert benefit.low < 0 < benefit.high
    drugs = answer.tables["drugs"]
    assert drugs["drug"].to_list() == ["pembrolizumab", "re-treatment: pembrolizumab"]


def test_with_utilities_below_nil_no_loss_can_be_told(words) -> None:
    words["utilities"] = {"progression_free": -0.1, "progressed": -0.2}
    answer = dosed(words, way(stop_years=1.8))
    assert answer.estimate("dosing_saving").value > 0
    assert "dosing_margins" not in answer.tables
    assert any("with a utility below 0 no life is lost" in one for one in answer.cannot_tell)


def test_a_rule_for_some_bears_what_it_bears_for_all(words) -> None:
    words["costs"]["progressed_per_month"] = 500
    some = way(label="stop in responders", stop_years=1.8, share=0.4)
    answer = dosed(words, way(label="stop", stop_years=1.8), some, threshold=100_000)
    whole, part = (f"Immunotherapy: {label}" for label in ("stop", "stop in responders"))
    saved = {group: answer.estimate("dosing_saving", group=group) for group in (whole, part)}
    assert saved[part].value == pytest.approx(0.4 * saved[whole].value)
    assert "per patient of all, 40 % of whom are dosed so" in saved[part].note
    ratios = [
        answer.estimate("break_even_hazard_ratio_of_death", group=group).value for group in (whole, part)
    ]
    assert ratios[0] == pytest.approx(ratios[1])
    assert any("stop in responders: those who are dosed so are taken" in caveat for caveat in answer.caveats)
