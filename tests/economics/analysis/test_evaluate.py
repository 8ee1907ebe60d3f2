from __future__ import annotations

import numpy as np
import pytest

from coley.economics.analysis.evaluate import curves_of, evaluate, prepare
from coley.economics.analysis.fitted import FollowUp
from coley.economics.analysis.inputs import base_case, drawn, one_way
from coley.economics.model_file.parse import model_of
from coley.model.errors import InvalidSetting, MissingData, NotEstimable


def _mean(rate, years=20.0):
    return (1 - np.exp(-rate * years)) / rate


def test_exponential_arms_cost_and_yield_what_a_pencil_says(model):
    prepared = prepare(model, {})
    found = evaluate(prepared, base_case(model, prepared.fitted))
    assert found.strategies == ("old", "new")
    free = np.array([_mean(1.0), _mean(0.5)])
    alive = np.array([_mean(0.5), _mean(0.3)])
    assert found.life_years[0] == pytest.approx(alive, rel=2e-5)
    lost = np.array([0, 0.1 * 0.2 * 4 * 7 / 365.25])
    assert found.effects[0] == pytest.approx(0.8 * free + 0.5 * (alive - free) - lost, rel=2e-5)
    died = 1 - np.exp(-np.array([0.5, 0.3]) * 20)
    care = 1200 * free + 12_000 * (alive - free) + 8000 * died
    times = np.arange(35) * 3 * 7 / 365.25  # dose 35 is at 102 weeks, dose 36 would be after two years
    doses = np.exp(-0.5 * times).sum()
    drug = np.array([0, doses * (200 * 48.57 + 150) + 0.1 * 16_510])
    assert found.costs[0] == pytest.approx(care + drug, rel=2e-5)
    assert found.categories["new", "pembrolizumab"][0] == pytest.approx(doses * 200 * 48.57, rel=1e-5)


def test_discounting_is_annual(words):
    words["discount"] = {"costs": 0.035, "effects": 0.015}
    words["costs"] = {"progression_free_per_month": 100, "progressed_per_month": 100}
    model = model_of(words)
    prepared = prepare(model, {})
    found = evaluate(prepared, base_case(model, prepared.fitted))
    assert found.categories["old", "care"][0] == pytest.approx(1200 * _mean(0.5 + np.log(1.035)), rel=1e-4)
    by_hand = 0.8 * _mean(1 + np.log(1.015)) + 0.5 * (_mean(0.5 + np.log(1.015)) - _mean(1 + np.log(1.015)))
    assert found.effects[0, 0] == pytest.approx(by_hand, rel=1e-4)


def test_draws_are_the_same_whatever_else_is_in_the_model_and_however_they_are_cut(model, words, monkeypatch):
    prepared = prepare(model, {})
    whole = drawn(model, prepared.fitted, draws=600, seed=7)
    found = evaluate(prepared, whole)
    monkeypatch.setattr("coley.economics.analysis.evaluate.CHUNK", 77)
    again = evaluate(prepared, whole)
    assert again.costs == pytest.approx(found.costs, rel=1e-12)
    words["costs"]["at_death"] = {"value": 8000, "se": 800}
    other = model_of(words)
    more = drawn(other, {}, draws=600, seed=7)
    assert (more.numbers["utilities.progressed"] == whole.numbers["utilities.progressed"]).all()


def test_the_mean_of_the_draws_is_near_the_base_case(model):
    prepared = prepare(model, {})
    base = evaluate(prepared, base_case(model, prepared.fitted))
    found = evaluate(prepared, drawn(model, prepared.fitted, draws=4000, seed=1))
    assert found.effects.mean(axis=0) == pytest.approx(base.effects[0], rel=0.02)
    assert found.costs.mean(axis=0) == pytest.approx(base.costs[0], rel=0.02)
    assert found.effects[:, 1].std() > 0.05


def test_one_way_rows_move_one_number_each(model):
    prepared = prepare(model, {})
    rows = one_way(model, prepared.fitted, drawn(model, prepared.fitted, draws=200, seed=1))
    found = evaluate(prepared, rows.inputs)
    base = evaluate(prepared, base_case(model, prepared.fitted))
    assert found.costs[0] == pytest.approx(base.costs[0])
    at = 1 + 2 * rows.names.index("strategies.new.os.hazard_ratio.ratio")
    assert found.life_years[at : at + 2, 1] == pytest.approx([_mean(0.24), _mean(0.375)], rel=1e-4)
    assert found.life_years[at : at + 2, 0] == pytest.approx([_mean(0.5)] * 2, rel=1e-4)


def test_row_order_and_unit_of_time_of_patients_do_not_matter(words):
    rng = np.random.default_rng(3)
    time = rng.weibull(1.2, 300) * 2
    seen = time < 5
    time = np.minimum(time, 5)
    data = {"time": "t", "event": "e", "time_unit": "years"}
    for name in ("old", "new"):
        words["strategies"][name]["pfs"] = {"data": data, "families": ["weibull"]}
        words["strategies"][name]["os"] = {"data": data, "families": ["weibull", "log_normal"]}
    model = model_of(words)

    def run(order):
        followed = {
            f"{name}.{endpoint}": FollowUp(time[order] * (2 if endpoint == "os" else 1), seen[order])
            for name in ("old", "new")
            for endpoint in ("pfs", "os")
        }
        prepared = prepare(model, followed)
        return evaluate(prepared, base_case(model, prepared.fitted)).effects[0]

    straight = run(np.arange(300))
    assert straight == pytest.approx(run(rng.permutation(300)), rel=1e-7)
    shape = np.exp(-((np.linspace(0, 20, 2000) / 2) ** 1.2))
    assert straight[0] > 0.5 * np.trapezoid(shape, np.linspace(0, 20, 2000))


def test_progression_free_survival_above_overall_survival_is_cut_and_counted(words):
    words["strategies"]["old"]["pfs"]["published"]["parameters"]["rate"] = 0.4
    model = model_of(words)
    prepared = prepare(model, {})
    found = evaluate(prepared, base_case(model, prepared.fitted))
    assert found.crossed["old"] == 1
    assert found.state_years["progressed"][0, 0] == pytest.approx(0, abs=1e-12)
    assert found.life_years[0, 0] == pytest.approx(_mean(0.5), rel=1e-4)


def test_a_life_table_is_a_floor_and_fades_lean_on_the_comparator(words):
    words["population"]["life_table"] = "usa-2015"
    words["strategies"]["new"]["os"]["hazard_ratio"]["ratio"] = 0.01
    words["strategies"]["new"]["os"]["waning"] = {"towards": "old", "from_years": 3, "until_years": 3}
    model = model_of(words)
    prepared = prepare(model, {})
    curves = curves_of(prepared, base_case(model, prepared.fitted))
    late = curves.curves["new.os"].mean_hazard()[0, -1]
    assert late == pytest.approx(0.5, rel=1e-6), "after three years the hazard is the comparator's"
    first = curves.curves["new.os"].mean_hazard()[0, 0]
    assert first == pytest.approx(0.6 * 0.011533 + 0.4 * 0.006769, rel=0.02), (
        "before it, that of the population at 60"
    )
    assert curves.floored_from_years["new.os"][0] == 0


def test_what_leads_nowhere_is_refused(words, model):
    circle = model_of(
        {
            **words,
            "strategies": {
                "old": {**words["strategies"]["old"], "os": {"hazard_ratio": {"of": "new", "ratio": 2}}},
                "new": words["strategies"]["new"],
            },
        }
    )
    with pytest.raises(InvalidSetting, match="lean on each other in a circle"):
        curves_of(prepare(circle, {}), base_case(circle, {}))
    data = {"time": "t", "event": "e", "time_unit": "years"}
    words["strategies"]["old"]["os"] = {"data": data, "families": ["weibull"]}
    fitted = model_of(words)
    with pytest.raises(MissingData, match=r"patients of old\.os are missing"):
        prepare(fitted, {})
    nobody_died = {"old.os": FollowUp(np.full(20, 2.0), np.zeros(20, dtype=bool), source="file.csv")}
    with pytest.raises(NotEstimable):
        prepare(fitted, nobody_died)
    words["strategies"]["new"]["drugs"][0]["prices"] = ["2630 GBP per vial of 100 mg/4 mL"]
    pounds = model_of(
        {**words, "strategies": {**words["strategies"], "old": model.strategies["old"].model_dump()}}
    )
    prepared = prepare(pounds, {})
    inputs = base_case(pounds, {})
    with pytest.raises(InvalidSetting, match="in GBP, the model in USD"):
        evaluate(prepared, inputs)


def test_the_floor_is_told_from_when_it_holds_for_long(words):
    # The hazard of a log-normal curve is zero at the start, rises, and falls for good.
    for endpoint, mean in (("pfs", 0.0), ("os", 1.0)):
        words["strategies"]["old"][endpoint]["published"] = {
            "family": "log_normal",
            "parameters": {"mean_log": mean, "sd_log": 1.2},
            "time_unit": "years",
        }
    words["population"] |= {"age_years": 70, "female": 0, "life_table": "usa-2015"}
    words["horizon_years"] = 25
    model = model_of(words)
    prepared = prepare(model, {})
    inputs = base_case(model, prepared.fitted)
    since = evaluate(prepared, inputs).floored_from_years["old.os"][0]
    bare = model_of(words | {"population": {**words["population"], "life_table": ""}})
    hazard = curves_of(prepare(bare, {}), inputs).curves["old.os"].mean_hazard()[0]
    times = prepared.grid.times_years
    population = prepared.people.cohort.hazard(prepared.people.table, times[:-1])
    below = times[:-1][(hazard < population) & (times[:-1] > 1)][0]
    assert hazard[0] < population[0]
    assert since == pytest.approx(below, abs=0.05)
    assert 5 < since < 20


def test_limits_hold_the_truth_as_often_as_they_say(words):
    """Trials of 120 patients an arm whose progression and death are known: 95 % limits of the added years."""
    data = {"time": "t", "event": "e", "time_unit": "years"}
    for strategy in words["strategies"].values():
        for endpoint in ("pfs", "os"):
            strategy[endpoint] = {"data": data, "families": ["exponential"]}
    words["utilities"] = {"progression_free": 0.8, "progressed": 0.5}
    words["strategies"]["new"]["adverse_events"]["colitis"]["probability"] = 0.1
    words["cycles_per_year"] = 12
    model = model_of(words)
    alive = {"old": 0.5, "new": 0.3}
    truth = 0.8 * (_mean(0.6) - _mean(1.0)) + 0.5 * (_mean(0.3) - _mean(0.6) - _mean(0.5) + _mean(1.0))
    truth -= 0.1 * 0.2 * 4 * 7 / 365.25
    rng, held, spread, seen = np.random.default_rng(12), [], [], []
    for _ in range(200):
        followed = {}
        for name, rate in alive.items():
            # Progression-free survival ends at twice the rate of death, and never after it.
            died, progressed = rng.exponential(1 / rate, 120), rng.exponential(1 / rate, 120)
            ends = rng.uniform(2, 6, 120)
            for endpoint, time in (("pfs", np.minimum(died, progressed)), ("os", died)):
                followed[f"{name}.{endpoint}"] = FollowUp(
                    np.minimum(time, ends), time <= ends, "simulated", name
                )
        prepared = prepare(model, followed)
        effects = evaluate(prepared, drawn(model, prepared.fitted, draws=400, seed=1)).effects
        added = effects[:, 1] - effects[:, 0]
        low, high = np.quantile(added, [0.025, 0.975])
        held.append(low <= truth <= high)
        spread.append(added.std())
        seen.append(evaluate(prepared, base_case(model, prepared.fitted)).effects[0])
    estimates = np.diff(np.array(seen), axis=1)
    assert 0.91 <= np.mean(held) <= 0.99, "three binomial standard errors about 95 %"
    assert np.mean(spread) == pytest.approx(estimates.std(), rel=0.15)
    assert estimates.mean() == pytest.approx(truth, abs=3.5 * estimates.std() / np.sqrt(200))


def test_draws_of_a_spline_whose_hazard_falls_below_zero_are_curves_all_the_same(words):
    rng = np.random.default_rng(8)
    data = {"time": "t", "event": "e", "time_unit": "years"}
    for strategy in words["strategies"].values():
        for endpoint in ("pfs", "os"):
            strategy[endpoint] = {"data": data, "families": ["spline_odds_2"]}
    model = model_of(words)
    time = np.r_[rng.uniform(0.1, 0.4, 14), rng.uniform(2.0, 2.5, 10), rng.uniform(2.6, 3.0, 6)]
    few = FollowUp(time, time < 2.6, "few patients")
    prepared = prepare(model, {f"{name}.{e}": few for name in ("old", "new") for e in ("pfs", "os")})
    inputs = drawn(model, prepared.fitted, draws=1000, seed=1)
    from coley.stats.parametric.curves import cumulative_hazard

    bare = cumulative_hazard(
        prepared.fitted["old.os"].fits[0].family, inputs.curves["old.os"][0], prepared.grid.times_years
    )
    falls = (np.diff(bare, axis=1) < -1e-9).any(axis=1)
    assert falls.sum() >= 5, "else this shows nothing"
    steps = curves_of(prepared, inputs).curves["old.os"].steps
    assert (steps >= 0).all()
    assert np.isfinite(evaluate(prepared, inputs).effects).all()
