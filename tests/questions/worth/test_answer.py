"""Results, uncertainty and what moves them, held to a model that can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from scipy.stats import norm
from tests.questions.worth.conftest import ask, known, mean_years, pencil

from coley.model.answer import Answer
from coley.model.errors import InvalidSetting, MissingData

NEW, AGAINST = "Immunotherapy", "Immunotherapy vs Chemotherapy"


def row(table: pl.DataFrame, **values: object) -> dict[str, float]:
    found = table.filter([pl.col(name) == value for name, value in values.items()])
    assert found.height == 1, values
    return found.row(0, named=True)


def level(answer: Answer, name: str) -> str:
    return next(check.level for check in answer.checks if check.name == name)


def test_totals_differences_and_ratio_are_those_of_a_pencil(told: Answer) -> None:
    cost, qalys, years = pencil()
    for i, label in enumerate(("Chemotherapy", NEW)):
        assert told.estimate("cost", group=label).value == pytest.approx(cost[i], rel=2e-5)
        assert told.estimate("qalys", group=label).value == pytest.approx(qalys[i], rel=2e-5)
        assert told.estimate("life_years", group=label).value == pytest.approx(years[i], rel=2e-5)
    added_cost, added = cost[1] - cost[0], qalys[1] - qalys[0]
    assert told.estimate("added_cost", group=AGAINST).value == pytest.approx(added_cost, rel=5e-5)
    assert told.estimate("added_qalys", group=AGAINST).value == pytest.approx(added, rel=1e-4)
    assert told.estimate("icer", group=AGAINST).value == pytest.approx(added_cost / added, rel=1e-4)
    benefit = told.estimate("net_benefit_at_100000", group=AGAINST)
    assert benefit.value == pytest.approx(100_000 * added - added_cost, rel=1e-4)
    assert f"{round(added_cost):,}"[:4] in told.headline
    assert f"{added:.2f} QALYs" in told.headline


def test_every_estimate_has_an_interval_that_holds_it_an_n_and_a_method(told: Answer) -> None:
    for estimate in told.estimates:
        assert estimate.n == (500 if estimate.name.startswith("survival_at") else 2000), estimate
        assert estimate.method, estimate
        if estimate.low is not None and estimate.value is not None:
            assert estimate.low <= estimate.value <= estimate.high, estimate


@pytest.mark.parametrize(
    ("place", "changes"),
    [
        ("utilities.progressed", [{"utilities": (0.8, 0.4)}, {"utilities": (0.8, 0.6)}]),
        ("strategies.new.os.hazard_ratio.ratio", [{"ratio_alive": 0.48}, {"ratio_alive": 0.75}]),
        ("strategies.new.pfs.hazard_ratio.ratio", [{"ratio_free": 0.4}, {"ratio_free": 0.625}]),
    ],
)
def test_the_tornado_moves_one_number_to_its_ends(
    told: Answer, place: str, changes: list[dict[str, object]]
) -> None:
    found = row(told.tables["one_way"], input=place)

    def benefit(**change: object) -> float:
        cost, qalys, _ = pencil(**change)  # type: ignore[arg-type]
        return float(50_000 * (qalys[1] - qalys[0]) - (cost[1] - cost[0]))

    assert found["base"] == pytest.approx(benefit(), rel=1e-4)
    assert found["at_low"] == pytest.approx(benefit(**changes[0]), rel=1e-4)
    assert found["at_high"] == pytest.approx(benefit(**changes[1]), rel=1e-4)
    assert found["width"] == pytest.approx(abs(found["at_high"] - found["at_low"]))


def test_an_end_without_limits_is_that_of_95_percent_of_the_distribution(told: Answer) -> None:
    found = row(told.tables["one_way"], input="strategies.new.adverse_events.colitis.probability")
    # A beta distribution of mean 0.1 and standard deviation 0.02.
    total = 0.1 * 0.9 / 0.02**2 - 1
    from scipy.stats import beta

    ends = beta.ppf([0.025, 0.975], 0.1 * total, 0.9 * total)
    assert (found["low"], found["high"]) == pytest.approx(ends, rel=1e-6)


def test_rows_of_the_tornado_fall_in_width(told: Answer) -> None:
    assert told.tables["one_way"]["width"].is_sorted(descending=True)


def test_scenarios_are_models_of_their_own(words) -> None:
    words["discount"] = {"costs": 0.03, "effects": 0.03}
    answer = ask(words, draws=200)
    scenarios = answer.tables["scenarios"]
    for name, years in (("no discounting", 20.0), ("horizon of 5 years", None)):
        found = row(scenarios, scenario=name)
        if years is not None:
            cost, qalys, alive = pencil(years=years)
            assert found["added_cost"] == pytest.approx(cost[1] - cost[0], rel=1e-4)
            assert found["added_qalys"] == pytest.approx(qalys[1] - qalys[0], rel=1e-4)
            assert found["icer"] == pytest.approx((cost[1] - cost[0]) / (qalys[1] - qalys[0]), rel=1e-4)
        else:
            alive = np.array([mean_years(rate, 5.0) for rate in (0.5, 0.3)])
        assert found["added_life_years"] == pytest.approx(alive[1] - alive[0], rel=1e-4)
    base = row(scenarios, scenario="base case")
    assert base["added_qalys"] == pytest.approx(answer.estimate("added_qalys", group=AGAINST).value)
    assert base["added_qalys"] < row(scenarios, scenario="no discounting")["added_qalys"]


def _one_normal_number(words) -> tuple[float, float, float]:
    """Leave one number uncertain, so that added QALYs are normal; return their mean and SD and the added cost."""
    for place in (words["utilities"], words["costs"]):
        for name, number in place.items():
            if isinstance(number, dict):
                place[name] = number["value"]
    words["utilities"]["progressed"] = {"value": 0.5, "se": 0.06, "distribution": "normal"}
    for endpoint, ratio in (("pfs", 0.5), ("os", 0.6)):
        words["strategies"]["new"][endpoint]["hazard_ratio"]["ratio"] = ratio
    words["strategies"]["new"]["adverse_events"]["colitis"]["probability"] = 0.1
    cost, qalys, _ = pencil()
    free, alive = (np.array([mean_years(rate) for rate in rates]) for rates in ((1.0, 0.5), (0.5, 0.3)))
    spread = 0.06 * float(np.diff(alive - free)[0])
    return float(np.diff(qalys)[0]), spread, float(np.diff(cost)[0])


def test_information_is_worth_what_the_closed_form_says(words) -> None:
    mean, sd, cost = _one_normal_number(words)
    threshold = round(cost / (mean + 0.3 * sd))  # three tenths of a standard deviation from indifference
    words["thresholds"] = [threshold]
    answer = ask(words, draws=8000)
    z = abs(threshold * mean - cost) / (threshold * sd)
    exact = threshold * sd * (norm.pdf(z) - z * norm.sf(z))
    evpi = answer.estimate(f"evpi_at_{threshold}")
    assert evpi.value == pytest.approx(exact, rel=0.04)
    assert evpi.low < exact < evpi.high
    partial = answer.tables["information_by_input"]
    assert partial["input"].to_list() == ["utilities.progressed"]
    assert partial["value"][0] == pytest.approx(exact, rel=0.04), "there is nothing else to know"
    chance = answer.estimate(f"probability_worth_it_at_{threshold}", group=AGAINST)
    assert chance.value == pytest.approx(norm.cdf((threshold * mean - cost) / (threshold * sd)), abs=0.02)


def test_limits_are_quantiles_of_the_uncertainty(words) -> None:
    mean, sd, _ = _one_normal_number(words)
    added = ask(words, draws=5000, level=0.9).estimate("added_qalys", group=AGAINST)
    assert (added.low, added.high) == pytest.approx((mean - 1.645 * sd, mean + 1.645 * sd), abs=0.1 * sd)
    assert added.level == 0.9


def test_population_value_is_that_of_the_discounted_years_of_decision(words) -> None:
    mean, sd, cost = _one_normal_number(words)
    words["thresholds"] = [round(cost / (mean + 0.3 * sd))]
    words["population"] |= {"incident_per_year": 100, "decision_years": 10}
    table = ask(words, draws=1000).tables["information"]
    some = table.filter(pl.col("per_person") > 0)
    assert (some["population"] / some["per_person"]).to_list() == pytest.approx([1000.0] * some.height)


def test_never_and_always_have_intervals_too(words) -> None:
    words["thresholds"] = [1000]
    chance = ask(words, draws=400).estimate("probability_worth_it_at_1000", group=AGAINST)
    assert (chance.value, chance.low) == (0, 0)
    assert chance.high == pytest.approx(0.0095, abs=0.0005), "Wilson's limit of 0 in 400"


def test_runs_with_one_seed_agree_and_the_order_of_strategies_does_not_matter(words) -> None:
    first = ask(words, draws=300)
    assert first == ask(words, draws=300)
    assert first != ask(words, draws=300, seed=2)
    turned = {**words, "strategies": dict(reversed(words["strategies"].items()))}
    again = ask(turned, draws=300)
    for name in ("added_cost", "added_qalys", "net_benefit_at_50000", "probability_worth_it_at_50000"):
        one, two = (answer.estimate(name, group=AGAINST) for answer in (first, again))
        assert (one.value, one.low, one.high) == pytest.approx((two.value, two.low, two.high), rel=1e-9)


def test_the_unit_of_published_parameters_does_not_matter(words, told: Answer) -> None:
    for endpoint, rate in (("pfs", 1.0), ("os", 0.5)):
        published = words["strategies"]["old"][endpoint]["published"]
        published["parameters"]["rate"], published["time_unit"] = rate / 12, "months"
    again = ask(words)
    assert again.estimate("icer", group=AGAINST).value == pytest.approx(
        told.estimate("icer", group=AGAINST).value, rel=1e-9
    )


def test_a_strategy_that_is_worse_is_said_to_give_less(words) -> None:
    words["strategies"]["new"]["os"]["hazard_ratio"]["ratio"] = 2.0
    words["strategies"]["new"]["pfs"]["hazard_ratio"]["ratio"] = 3.0
    answer = ask(words, draws=300)
    added = answer.estimate("added_qalys", group=AGAINST)
    assert added.value < 0
    assert f"{-added.value:.3f} QALYs" in answer.headline
    assert " less for " in answer.headline
    assert answer.estimate("icer", group=AGAINST).value is None
    assert "dominated" in answer.tables["scenarios"]["note"].to_list()


def test_what_a_reviewer_would_check_is_checked(words, told: Answer) -> None:
    assert level(told, "adds_up") == "pass"
    assert level(told, "horizon") == "pass"
    assert level(told, "background_mortality") == "warn", "there is no life table"
    assert level(told, "sources") == "warn"
    words["horizon_years"] = 3
    words["strategies"]["old"]["pfs"]["published"]["parameters"]["rate"] = 0.9
    words["strategies"]["new"]["pfs"]["hazard_ratio"]["ratio"] = 0.25
    words["strategies"]["new"]["os"]["hazard_ratio"]["ratio"] = 0.6
    short = {check.name: check for check in ask(words, draws=300).checks}
    assert short["horizon"].level == "warn"
    assert f"{math.exp(-0.3 * 3):.1%} are still alive (Immunotherapy)" in short["horizon"].message
    assert short["curves_cross"].level == "warn"
    years = mean_years(0.225, 3.0) - mean_years(0.3, 3.0)
    assert f"Immunotherapy (100% of draws, {years:.3g} years" in short["curves_cross"].message
    assert "Chemotherapy" not in short["curves_cross"].message


def test_sources_and_intervals_that_lack_are_named(told: Answer) -> None:
    message = next(check.message for check in told.checks if check.name == "sources")
    assert "costs, at death" in message
    assert "utilities.progression_free," not in message
    inputs = told.tables["inputs"]
    assert row(inputs, input="utilities.progression_free")["source"] == "a paper"
    assert "strategies.new.drugs.pembrolizumab.discount" not in inputs["input"].to_list(), "nobody wrote it"


def test_methods_are_cited_that_were_used_and_no_others(told: Answer) -> None:
    cited = " ".join(told.citations)
    assert "technical support document 19" in cited
    assert "Guyot" not in cited
    assert "Trigg" not in cited


def test_thresholds_come_from_the_file_the_payer_or_the_settings_in_one_currency(words) -> None:
    assert ask(words, draws=200, threshold=75_000.0).estimate("evpi_at_75000").unit == "USD per patient"
    del words["thresholds"]
    with pytest.raises(MissingData, match="No threshold is known"):
        ask(words, draws=200)
    words["reference_case"] = "us-2018"
    assert ask(words, draws=200).estimate("evpi_at_150000")
    words["reference_case"] = "nice-2026"
    with pytest.raises(InvalidSetting, match="nice-2026 are in GBP, the model in USD"):
        ask(words, draws=200)


def test_a_price_ten_times_the_known_one_is_doubted_on_the_page(words) -> None:
    drug = words["strategies"]["new"]["drugs"][0]
    drug["prices"] = ["485.7 USD per mg"]
    found = [check for check in ask(words, draws=200).checks if check.name == "drug_magnitudes"]
    assert [check.level for check in found] == ["warn"]
    assert "485.70 USD per mg; known prices are" in found[0].message
    drug["price_confirmed"] = True
    assert not [check for check in ask(words, draws=200).checks if check.name == "drug_magnitudes"]


def test_a_model_without_any_interval_does_not_say_how_sure_it_is(words, told: Answer) -> None:
    answer = ask(known(words), draws=200)
    assert "draws" not in answer.headline
    assert "cannot be told: no input has an interval" in answer.headline
    assert any("no input has an interval" in one for one in answer.cannot_tell)
    assert not any("no input has an interval" in one for one in (told.headline, *told.cannot_tell))
