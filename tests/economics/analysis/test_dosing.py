"""What other ways to dose save, and what an effect on survival makes of it, held to a pencil."""

from __future__ import annotations

import math

import numpy as np
import pytest

from coley.economics.analysis.dosing import dosed
from coley.economics.analysis.evaluate import curves_of, prepare
from coley.economics.analysis.inputs import base_case, drawn
from coley.economics.analysis.living import living
from coley.economics.analysis.margins import margin_of
from coley.economics.model_file.parse import model_of
from coley.model.errors import InvalidSetting, NotEstimable

DOSE, VISIT = 200 * 48.57, 150
DRUG = {
    "drug": "pembrolizumab",
    "dose": "400 mg",
    "every_weeks": 6,
    "prices": ["48.57 USD per mg"],
    "share_vials_among": math.inf,
}
EVERY_3, EVERY_6 = np.arange(35) * 21 / 365.25, np.arange(18) * 42 / 365.25


def way(**words):
    return {"strategy": "new", "label": "another way", **words}


def work(words, *ways, draws=0):
    words["dosing_alternatives"] = list(ways)
    model = model_of(words)
    prepared = prepare(model, {})
    made = drawn(model, prepared.fitted, draws=draws, seed=3) if draws else base_case(model, prepared.fitted)
    return prepared, made, dosed(prepared, made)


def on(times):
    return np.exp(-0.5 * times).sum()


def test_a_longer_interval_saves_visits_and_wastes_drug_on_those_who_progress(words):
    _, _, (found,) = work(words, way(drugs=[DRUG]))
    assert found.from_years == 0, "the first dose is another one"
    assert found.saved["pembrolizumab"] == pytest.approx(DOSE * (on(EVERY_3) - 2 * on(EVERY_6)), rel=1e-5)
    assert found.saved["administration"] == pytest.approx(VISIT * (on(EVERY_3) - on(EVERY_6)), rel=1e-5)
    assert found.saved["pembrolizumab"][0] < 0 < found.saved["administration"][0]
    assert found.saving == pytest.approx(sum(found.saved.values()))
    assert found.added_cost is None


def test_a_stop_saves_the_doses_after_it_from_the_first_that_is_not_given(words):
    _, _, (sooner, never) = work(words, way(stop_years=1), way(label="no stop", stop_years=math.inf))
    late = EVERY_3[EVERY_3 >= 1]
    assert sooner.from_years == pytest.approx(54 * 7 / 365.25, abs=1e-8)
    assert sooner.saving == pytest.approx((DOSE + VISIT) * on(late), rel=1e-5)
    beyond = np.arange(35, 348) * 21 / 365.25
    assert beyond[-1] < 20 <= beyond[-1] + 21 / 365.25
    assert never.from_years == pytest.approx(105 * 7 / 365.25, abs=1e-8)
    assert never.saving == pytest.approx(-(DOSE + VISIT) * on(beyond), rel=1e-5)


def test_a_lower_price_changes_no_dose(words):
    single = DRUG | {"dose": "200 mg", "every_weeks": 3, "discount": 0.3}
    _, _, (found, home) = work(words, way(drugs=[single]), way(label="at home", visit=40))
    assert (found.from_years, home.from_years) == (None, None)
    assert found.saving == pytest.approx(0.3 * DOSE * on(EVERY_3), rel=1e-5)
    assert home.saving == pytest.approx((VISIT - 40) * on(EVERY_3), rel=1e-5)


def test_vials_shared_and_doses_rounded_down_are_ways_to_dose(words):
    by_weight = {"dose": "2 mg/kg", "every_weeks": 3, "prices": ["4857 USD per vial of 100 mg/4 mL"]}
    words["strategies"]["new"]["drugs"] = [{"drug": "pembrolizumab", **by_weight}]
    words["population"]["weight_sd_kg"] = 15
    alone, shared = (
        {"drug": "pembrolizumab", **by_weight, **how}
        for how in ({"rounding": {"down_within": 0.1}}, {"share_vials_among": math.inf})
    )
    _, _, (down, pooled) = work(words, way(drugs=[alone]), way(label="pooled", drugs=[shared]))
    weights = np.random.default_rng(2).normal(80, 15, 400_000)
    vials = np.ceil(2 * weights / 100)
    fewer = np.ceil(0.9 * 2 * weights / 100)
    price = 4857 * on(EVERY_3)
    assert down.saving == pytest.approx(price * (vials - fewer).mean(), rel=0.02)
    assert pooled.saving == pytest.approx(price * (vials.mean() - 1.6), rel=0.01)
    assert pooled.from_years is None, "the same mg reach patients"
    assert down.from_years == 0


def test_a_biosimilar_that_comes_later_is_a_way_to_dose(words):
    falls = [{"from_years": 1, "by": 0.5}]
    _, _, (found,) = work(
        words, way(drugs=[DRUG | {"dose": "200 mg", "every_weeks": 3, "price_falls": falls}])
    )
    assert found.from_years is None
    assert found.saving == pytest.approx(0.5 * DOSE * on(EVERY_3[EVERY_3 >= 1]), rel=1e-5)


def test_a_switch_of_interval_differs_from_the_week_of_the_switch(words):
    first = DRUG | {"dose": "200 mg", "every_weeks": 3, "until_week": 15}
    _, _, (found,) = work(words, way(drugs=[first, DRUG | {"from_week": 15}]))
    assert found.from_years == pytest.approx(15 * 7 / 365.25, abs=1e-8)
    switched = np.arange(15, 104.35, 6) * 7 / 365.25
    kept = EVERY_3[EVERY_3 > 14.9 * 7 / 365.25]
    assert found.saving == pytest.approx(
        (DOSE + VISIT) * on(kept) - (2 * DOSE + VISIT) * on(switched), abs=0.5
    )


def test_a_discount_that_nobody_knows_is_the_same_in_both_ways(words):
    words["strategies"]["new"]["drugs"][0]["discount"] = {"value": 0.3, "low": 0.1, "high": 0.5}
    words["strategies"]["new"]["pfs"]["hazard_ratio"]["ratio"] = 0.5
    _, inputs, (kept, told) = work(
        words, way(drugs=[DRUG]), way(label="cheaper", drugs=[DRUG | {"discount": 0.4}]), draws=700
    )
    paid = 1 - inputs.numbers["strategies.new.drugs.pembrolizumab.discount"]
    assert paid.std() > 0.05
    assert kept.saved["pembrolizumab"] == pytest.approx(
        paid * DOSE * (on(EVERY_3) - 2 * on(EVERY_6)), rel=1e-5
    )
    assert told.saved["pembrolizumab"] == pytest.approx(
        DOSE * (paid * on(EVERY_3) - 0.6 * 2 * on(EVERY_6)), abs=0.5
    )


def test_draws_are_cut_as_one_likes(words, monkeypatch):
    ways = (
        way(stop_years=1, death={"value": 1.1, "low": 0.9, "high": 1.3}),
        way(label="double", drugs=[DRUG]),
    )
    _, _, whole = work(words, *ways, draws=600)
    monkeypatch.setattr("coley.economics.analysis.dosing.CHUNK", 77)
    _, _, again = work(words, *ways, draws=600)
    for one, two in zip(whole, again, strict=True):
        assert one.saving == pytest.approx(two.saving, rel=1e-12)
    assert whole[0].added_effect == pytest.approx(again[0].added_effect, rel=1e-12)
    assert whole[1].added_effect is None


def test_a_stop_takes_a_planned_retreatment_with_it(words):
    words["strategies"]["new"]["retreatment"] = {"share": 0.5, "drugs": [DRUG | {"doses": 9}]}
    _, _, (sooner, never) = work(words, way(stop_years=1), way(label="no stop", stop_years=math.inf))
    course = 9 * 2 * DOSE
    more = np.exp(-0.5) - np.exp(-1)
    assert sooner.saved["re-treatment: pembrolizumab"] == pytest.approx(-0.5 * more * course, rel=2e-3)
    assert never.saved["re-treatment: pembrolizumab"] == pytest.approx(0.5 * np.exp(-1) * course, rel=2e-3)


def test_a_stop_for_those_who_respond_saves_their_part(words):
    everybody = way(label="all", stop_years=1, death=1.2)
    some = way(label="responders", stop_years=1, death=1.2, share={"value": 0.4, "low": 0.3, "high": 0.5})
    _, inputs, (whole, part) = work(words, everybody, some, draws=300)
    share = inputs.numbers["dosing_alternatives.2.share"]
    assert share.std() > 0.02
    assert part.saving == pytest.approx(share * whole.saving)
    assert part.saving_of_those == pytest.approx(whole.saving)
    assert whole.saving_of_those == pytest.approx(whole.saving)
    assert part.added_effect == pytest.approx(share * whole.added_effect)
    assert part.added_cost == pytest.approx(share * whole.added_cost)


def test_more_deaths_after_a_stop_cost_life_before_and_after_progression(words):
    _, _, (found,) = work(words, way(stop_years=1, death=1.5))
    since = 54 * 7 / 365.25
    t = np.linspace(since, 20, 200_001)
    alive, free, kept = np.exp(-0.3 * t), np.exp(-0.5 * t), np.exp(-0.15 * (t - since))
    lost = np.trapezoid((1 - kept) * (0.5 * (alive - free) + 0.8 * free), t)
    assert found.added_effect == pytest.approx(-lost, rel=1e-3)
    care = np.trapezoid((1 - kept) * (12_000 * (alive - free) + 1200 * free), t)
    died = 8000 * np.exp(-6) * (1 - kept[-1])
    assert found.added_cost == pytest.approx(died - care - found.saving, rel=1e-3)


def test_progression_alone_costs_what_lies_between_the_states(words):
    _, _, (found,) = work(words, way(stop_years=1, progression=1.5))
    since = 54 * 7 / 365.25
    t = np.linspace(since, 20, 200_001)
    lost = np.trapezoid(np.exp(-0.5 * t) * (1 - np.exp(-0.25 * (t - since))), t)
    assert found.added_effect == pytest.approx(-0.3 * lost, rel=1e-3)
    assert found.added_cost == pytest.approx(10_800 * lost - found.saving, rel=1e-3)


def test_at_the_break_even_hazard_ratios_net_benefit_is_nil_in_the_model_itself(words):
    words["costs"]["at_death"] = 0
    words["costs"]["progressed_per_month"] = 500
    words["discount"] = {"costs": 0.035, "effects": 0.015}
    k = 60_000
    prepared, inputs, (found,) = work(words, way(stop_years=1.8))
    lives = living(prepared, curves_of(prepared, inputs), inputs, name="new")
    margin = margin_of(lives, found.saving, threshold=k, from_years=found.from_years)
    for what, ratio in (("death", margin.death.value), ("progression", margin.progression.value)):
        assert 1 < ratio < np.inf
        _, _, (moved,) = work(words, way(stop_years=1.8, **{what: ratio}))
        benefit = k * moved.added_effect - moved.added_cost
        # doses differ between two times of the weekly grid
        assert benefit == pytest.approx(0, abs=0.005 * found.saving[0]), what


def test_where_a_year_of_life_is_worth_less_than_its_care_the_care_is_left_out(words):
    words["costs"]["progressed_per_month"] = 9000
    prepared, inputs, (found,) = work(words, way(stop_years=1.9))
    lives = living(prepared, curves_of(prepared, inputs), inputs, name="new")
    margin = margin_of(lives, found.saving, threshold=50_000, from_years=found.from_years)
    assert margin.without_care
    free = margin_of(lives, found.saving, threshold=500_000, from_years=found.from_years)
    assert not free.without_care
    benefit = margin.net_benefit(np.array([1.0, margin.death.value]))
    assert benefit[0] == pytest.approx([found.saving[0], 0], abs=1e-3)


def test_a_life_that_is_worth_nothing_bears_nothing(words):
    words["utilities"] = {"progression_free": -0.1, "progressed": -0.2}
    prepared, inputs, (found,) = work(words, way(stop_years=1.9))
    lives = living(prepared, curves_of(prepared, inputs), inputs, name="new")
    with pytest.raises(NotEstimable, match="its utility is below 0"):
        margin_of(lives, found.saving, threshold=50_000, from_years=found.from_years)


def test_where_progression_costs_no_utility_it_bears_anything_that_care_does_not(words):
    words["utilities"] = {"progression_free": 0.5, "progressed": 0.6}
    prepared, inputs, (found,) = work(words, way(stop_years=1.9))
    lives = living(prepared, curves_of(prepared, inputs), inputs, name="new")
    margin = margin_of(lives, found.saving, threshold=50_000, from_years=found.from_years)
    # a year before progression is worth 5,000 less and costs 10,800 less in care
    assert margin.progression.value > 1
    assert not margin.progression_without_care
    richer = margin_of(lives, found.saving, threshold=150_000, from_years=found.from_years)
    assert richer.progression is None


def test_what_a_margin_means_in_survival_and_in_deaths(words):
    prepared, inputs, (found,) = work(words, way(stop_years=1))
    lives = living(prepared, curves_of(prepared, inputs), inputs, name="new")
    margin = margin_of(lives, found.saving, threshold=150_000, from_years=found.from_years)
    since, year = margin.from_years, margin.survival_years
    assert year == pytest.approx(since + 5, abs=0.02)
    assert margin.survival_now == pytest.approx(np.exp(-0.3 * year), rel=1e-3)
    borne = np.exp(-0.3 * since - 0.3 * margin.death.value * (year - since))
    assert margin.survival_borne == pytest.approx(borne, rel=1e-3)
    assert margin.deaths == pytest.approx(4 * 3.2415**2 / np.log(margin.death.value) ** 2, rel=1e-3)
    t = np.linspace(since, 20, 100_001)
    after = np.trapezoid(0.5 * np.exp(-0.3 * t) + 0.3 * np.exp(-0.5 * t), t)
    assert margin.qalys_after == pytest.approx(after, rel=1e-3)


@pytest.mark.parametrize(
    ("slip", "said"),
    [
        ({"dose": "400 mL"}, "cannot be read"),
        ({"dose": "4 mg"}, "unlike its known doses"),
        ({"prices": ["48.57 USD per mL of 100 mg/4 mL"]}, "looks like a price per mg"),
        ({"prices": ["48.57 EUR per mg"]}, "is in EUR, the model in USD"),
        ({"prices": ["1214.25 USD per vial of 100 mg/4 mL"]}, "looks like a price per mL"),
    ],
)
def test_a_slip_of_unit_is_found_and_placed(words, slip, said):
    with pytest.raises(InvalidSetting, match=said) as caught:
        work(words, way(label="twice as much", drugs=[DRUG | slip]))
    assert "dosing_alternatives, twice as much" in str(caught.value)
