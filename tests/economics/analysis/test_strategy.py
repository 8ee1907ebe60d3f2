"""What is given again after the planned end, and phases of one drug, held to a pencil."""

from __future__ import annotations

import numpy as np
import pytest

from coley.economics.analysis.evaluate import evaluate, prepare
from coley.economics.analysis.fitted import FollowUp
from coley.economics.analysis.inputs import base_case, drawn, one_way
from coley.economics.model_file.parse import model_of
from coley.model.errors import InvalidSetting

DOSE = 200 * 48.57
AGAIN = {
    "share": 0.4,
    "drugs": [
        {
            "drug": "pembrolizumab",
            "dose": "200 mg",
            "every_weeks": 3,
            "doses": 17,
            "prices": ["48.57 USD per mg"],
            "share_vials_among": float("inf"),
        }
    ],
}


def run(words, **how):
    model = model_of(words)
    prepared = prepare(model, {})
    return evaluate(prepared, base_case(model, prepared.fitted), **how)


@pytest.fixture
def again(words):
    words["strategies"]["new"]["retreatment"] = AGAIN
    return words


def test_those_who_progress_after_the_planned_end_are_charged_a_course(again):
    """Progression-free survival falls at a rate of 0.5: exp(-1) reach two years, all but exp(-10) progress after."""
    found = run(again)
    progressed = np.exp(-1) - np.exp(-10)
    spent = found.categories["new", "re-treatment: pembrolizumab"][0]
    assert spent == pytest.approx(0.4 * progressed * 17 * DOSE, rel=1e-4)
    visits = found.categories["new", "re-treatment: administration"][0]
    assert visits == pytest.approx(0.4 * progressed * 17 * 150, rel=1e-4)
    del again["strategies"]["new"]["retreatment"]
    before = run(again)
    assert found.costs[0, 1] - before.costs[0, 1] == pytest.approx(spent + visits, rel=1e-9)
    assert (found.effects == before.effects).all(), "the curves hold whatever it does"


def test_a_course_is_discounted_from_the_day_on_which_it_is_given(again):
    again["discount"] = {"costs": 0.035, "effects": 0.0}
    again["strategies"]["new"]["retreatment"] = {**AGAIN, "delay_weeks": 6}
    spent = run(again).categories["new", "re-treatment: pembrolizumab"][0]
    force, weeks = np.log(1.035), np.arange(17) * 3 + 6
    # every dose of every patient who progresses at u from 2 to 20 years: exp(-0.5 u) falls by 0.5 exp(-0.5 u) du
    reached = 0.5 * (np.exp(-(0.5 + force) * 2) - np.exp(-(0.5 + force) * 20)) / (0.5 + force)
    by_hand = 0.4 * DOSE * reached * np.exp(-force * weeks * 7 / 365.25).sum()
    assert spent == pytest.approx(by_hand, rel=3e-4)


def test_deaths_before_progression_are_not_treated_again(again):
    whole = run(again).categories["new", "re-treatment: pembrolizumab"][0]
    again["strategies"]["new"]["retreatment"] = {**AGAIN, "deaths_first": 0.25}
    assert run(again).categories["new", "re-treatment: pembrolizumab"][0] == pytest.approx(0.75 * whole)


def test_progressions_count_from_the_year_that_is_named_and_within_the_horizon(again):
    again["strategies"]["new"]["retreatment"] = {**AGAIN, "from_years": 0}
    everybody = run(again).categories["new", "re-treatment: pembrolizumab"][0]
    # whose last year at the horizon is too short for the course to begin before its end: a crumb
    assert everybody == pytest.approx(0.4 * 17 * DOSE, rel=1e-3)
    again["strategies"]["new"]["retreatment"] = {**AGAIN, "from_years": 2.01}
    late = run(again).categories["new", "re-treatment: pembrolizumab"][0]
    assert late == pytest.approx(0.4 * np.exp(-0.5 * 2.01) * 17 * DOSE, rel=1e-3)
    again["horizon_years"] = 2
    again["strategies"]["new"]["retreatment"] = AGAIN
    assert run(again).categories["new", "re-treatment: pembrolizumab"][0] == 0


def test_what_is_not_said_of_a_drug_given_again_is_as_it_was_given_first(again):
    whole = run(again).categories["new", "re-treatment: pembrolizumab"][0]
    again["strategies"]["new"]["drugs"][0] |= {"discount": 0.3, "missed": 0.1}
    found = run(again).categories["new", "re-treatment: pembrolizumab"][0]
    assert found == pytest.approx(0.7 * 0.9 * whole)
    drug = {**AGAIN["drugs"][0], "discount": 0.5, "missed": 0.0}
    again["strategies"]["new"]["retreatment"] = {**AGAIN, "drugs": [drug]}
    assert run(again).categories["new", "re-treatment: pembrolizumab"][0] == pytest.approx(0.5 * whole)


def test_the_share_treated_again_is_drawn_and_stands_in_the_one_way_analysis(again):
    again["strategies"]["new"]["retreatment"] = {**AGAIN, "share": {"value": 0.4, "low": 0.3, "high": 0.5}}
    model = model_of(again)
    prepared = prepare(model, {})
    draws = drawn(model, prepared.fitted, draws=600, seed=1)
    rows = one_way(model, prepared.fitted, draws)
    at = 1 + 2 * rows.names.index("strategies.new.retreatment.share")
    low, high = evaluate(prepared, rows.inputs).categories["new", "re-treatment: pembrolizumab"][at : at + 2]
    assert high / low == pytest.approx(5 / 3)
    found = evaluate(prepared, draws).categories["new", "re-treatment: pembrolizumab"]
    share = draws.numbers["strategies.new.retreatment.share"]
    ratio = draws.numbers["strategies.new.pfs.hazard_ratio.ratio"]
    assert found == pytest.approx(share * (np.exp(-2 * ratio) - np.exp(-20 * ratio)) * 17 * DOSE, rel=1e-3)


def test_where_moves_are_known_progressions_and_not_deaths_are_treated_again(again):
    rng = np.random.default_rng(8)
    n = 4000
    progressed, died = rng.exponential(2.5, n), rng.exponential(10.0, n)
    free, alive = (
        np.minimum(progressed, died),
        np.where(progressed < died, progressed + rng.exponential(2.0, n), died),
    )
    data = {"time": "t", "event": "e", "time_unit": "years"}
    for name in ("old", "new"):
        again["strategies"][name] |= {
            "pfs": {"data": data, "families": ["exponential"], "background": "none"},
            "os": {"data": data, "families": ["exponential"], "background": "none"},
        }
    again["structures"] = {"clock_reset": 1, "partitioned_survival": 0}
    model = model_of(again)
    everyone = np.ones(n, dtype=bool)
    followed = {
        f"{name}.{endpoint}": FollowUp(times, everyone, patients=name)
        for name in ("old", "new")
        for endpoint, times in (("pfs", free), ("os", alive))
    }
    prepared = prepare(model, followed)
    base = base_case(model, prepared.fitted)
    # four in five ends are progressions: rates of 0.4 and 0.1, half a year in two of them together
    share = 0.4 / 0.5 * (np.exp(-0.5 * 2) - np.exp(-0.5 * 20))
    found = evaluate(prepared, base, structure="clock_reset")
    assert found.categories["new", "re-treatment: pembrolizumab"][0] == pytest.approx(
        0.4 * share * 17 * DOSE, rel=0.05
    )
    curves = evaluate(prepared, base, structure="partitioned_survival")
    category = ("new", "re-treatment: pembrolizumab")
    ratio = curves.categories[category] / found.categories[category]
    assert ratio[0] == pytest.approx(0.5 / 0.4, rel=0.05), "curves count every end as a progression"


def test_an_interval_that_is_switched_is_two_phases_of_one_drug(words):
    """Every 3 weeks for a year, then twice the dose every 6 weeks until the stop at two years."""
    drug = words["strategies"]["new"]["drugs"][0]
    words["strategies"]["new"]["drugs"] = [
        {**drug, "until_week": 51},
        {**drug, "dose": "400 mg", "every_weeks": 6, "from_week": 51},
    ]
    found = run(words)
    early, late = np.arange(0, 51, 3) * 7 / 365.25, np.arange(51, 104.35, 6) * 7 / 365.25
    assert len(early) == 17
    spent = DOSE * (np.exp(-0.5 * early).sum() + 2 * np.exp(-0.5 * late).sum())
    assert found.categories["new", "pembrolizumab"][0] == pytest.approx(spent, rel=1e-5)
    visits = 150 * (np.exp(-0.5 * early).sum() + np.exp(-0.5 * late).sum())
    assert found.categories["new", "administration"][0] == pytest.approx(visits, rel=1e-5)


def test_a_price_falls_from_its_year_on_for_what_is_given_again_too(again):
    """A biosimilar at one year takes 40 % off, another cut at five years half of the rest."""
    falls = [{"from_years": 1, "by": 0.4}, {"from_years": 5, "by": 0.5}]
    again["strategies"]["new"]["drugs"][0]["price_falls"] = falls
    found = run(again)
    times = np.arange(35) * 3 * 7 / 365.25
    paid = np.where(times < 1, 1, 0.6)
    assert found.categories["new", "pembrolizumab"][0] == pytest.approx(
        DOSE * (paid * np.exp(-0.5 * times)).sum(), rel=1e-5
    )
    # the doses of a course lie 24 weeks after progression on average
    late = 5 - 24 * 7 / 365.25
    before, after = np.exp(-1) - np.exp(-0.5 * late), np.exp(-0.5 * late) - np.exp(-10)
    spent = found.categories["new", "re-treatment: pembrolizumab"][0]
    assert spent == pytest.approx(0.4 * 17 * DOSE * (0.6 * before + 0.3 * after), rel=2e-3)
    again["strategies"]["new"]["retreatment"] = {**AGAIN, "drugs": [{**AGAIN["drugs"][0], "price_falls": []}]}
    whole = run(again).categories["new", "re-treatment: pembrolizumab"][0]
    assert whole == pytest.approx(0.4 * (np.exp(-1) - np.exp(-10)) * 17 * DOSE, rel=1e-4)


def test_a_fall_that_nobody_knows_is_drawn(words):
    fall = {"from_years": 1, "by": {"value": 0.4, "low": 0.2, "high": 0.6}}
    words["strategies"]["new"]["drugs"][0]["price_falls"] = [fall]
    words["strategies"]["new"]["pfs"]["hazard_ratio"]["ratio"] = 0.5
    model = model_of(words)
    prepared = prepare(model, {})
    draws = drawn(model, prepared.fitted, draws=300, seed=1)
    by = draws.numbers["strategies.new.drugs.pembrolizumab.price_falls.1.by"]
    assert by.std() > 0.05
    times = np.arange(35) * 3 * 7 / 365.25
    on = np.exp(-0.5 * times)
    spent = DOSE * (on[times < 1].sum() + (1 - by) * on[times >= 1].sum())
    assert evaluate(prepared, draws).categories["new", "pembrolizumab"] == pytest.approx(spent, rel=1e-5)


@pytest.mark.parametrize(
    ("rounding", "mg"),
    [
        ({"to_mg": 100}, 200),  # 2 mg/kg of 80 kg are 160 mg
        ({"bands_mg": [100, 150, 250]}, 150),
        ({"down_within": 0.38}, 100),
        (None, 200),
    ],
)
def test_doses_by_weight_are_rounded_in_one_way(words, rounding, mg):
    drug = words["strategies"]["new"]["drugs"][0]
    drug |= {"dose": "2 mg/kg", "prices": ["4857 USD per vial of 100 mg/4 mL"], "share_vials_among": 1}
    if rounding:
        drug["rounding"] = rounding
    doses = np.exp(-0.5 * np.arange(35) * 3 * 7 / 365.25).sum()
    vials = np.ceil(mg / 100)
    assert run(words).categories["new", "pembrolizumab"][0] == pytest.approx(4857 * vials * doses, rel=1e-5)


def test_the_first_visit_may_cost_otherwise(words):
    words["strategies"]["new"]["first_visit"] = 400
    doses = np.exp(-0.5 * np.arange(35) * 3 * 7 / 365.25).sum()
    assert run(words).categories["new", "administration"][0] == pytest.approx(
        400 + 150 * (doses - 1), rel=1e-5
    )


@pytest.mark.parametrize(
    ("slip", "message"),
    [
        ({"dose": "200 mL"}, "cannot be read"),
        ({"dose": "3"}, "cannot be read"),
        ({"dose": "2 mg"}, "unlike its known doses"),
        ({"prices": ["1214 USD per vial"]}, "vial"),
        ({"prices": ["48.57 GBP per mg"]}, "is in GBP, the model in USD"),
    ],
)
def test_a_slip_of_unit_in_what_is_given_again_is_found_and_placed(again, slip, message):
    again["strategies"]["new"]["retreatment"] = {**AGAIN, "drugs": [{**AGAIN["drugs"][0], **slip}]}
    with pytest.raises(InvalidSetting, match=message) as caught:
        run(again)
    assert "strategies.new.retreatment.drugs" in str(caught.value)
