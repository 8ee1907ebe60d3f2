"""Subgroups with weights, held to a pencil and to the model asked for each of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.questions.worth.conftest import ask, known, pencil

VERSUS = "Immunotherapy vs Chemotherapy"


def subgroups(*differences: dict[str, Any]) -> dict[str, Any]:
    shares = (0.75, 0.25)
    return {
        "subgroups": [
            {"label": label, "share": share, **changes}
            for label, share, changes in zip(("many", "few"), shares, differences, strict=True)
        ],
        "source": "a judgement",
    }


def test_weights_on_gains_that_differ_by_a_known_multiple(words) -> None:
    words = known(words)
    words["equity"] = subgroups({"relative_gain": 0.8}, {"relative_gain": 1.6, "weight": 1.5})
    answer = ask(words, draws=200)
    cost, qalys, _ = pencil()
    added, gain = cost[1] - cost[0], qalys[1] - qalys[0]
    assert answer.estimate("icer_over_subgroups").value == pytest.approx(added / gain, rel=1e-3)
    counted = gain * (0.75 * 0.8 + 0.25 * 1.6 * 1.5)
    weighted = answer.estimate("equity_weighted_icer", group=VERSUS)
    assert weighted.value == pytest.approx(added / counted, rel=1e-3)
    benefit = answer.estimate("equity_weighted_net_benefit_at_100000")
    assert benefit.value == pytest.approx(100_000 * counted - added, rel=1e-3)
    table = answer.tables["equity_subgroups"]
    assert table["added_qalys"].to_list() == pytest.approx([0.8 * gain, 1.6 * gain], rel=1e-3)
    assert table["icer"].to_list() == pytest.approx([added / gain / 0.8, added / gain / 1.6], rel=1e-3)
    assert [check.level for check in answer.checks if check.name == "subgroups_add_up"] == ["pass"]


def test_a_hazard_ratio_multiplies_progression_and_death_under_treatment(words) -> None:
    words = known(words)
    words["equity"] = subgroups({}, {"hazard_ratio": 1.25})
    table = ask(words, draws=200).tables["equity_subgroups"]
    for row, ratio in zip(table.rows(named=True), (1.0, 1.25), strict=True):
        cost, qalys, _ = pencil(ratio_free=0.5 * ratio, ratio_alive=0.6 * ratio)
        assert row["added_qalys"] == pytest.approx(qalys[1] - qalys[0], rel=2e-3)
        assert row["added_cost"] == pytest.approx(cost[1] - cost[0], rel=2e-3)


def test_a_hazard_ratio_is_counted_once_along_a_chain_of_curves(words) -> None:
    words = known(words)
    third = {"pfs": {"hazard_ratio": {"of": "new", "ratio": 1.0}}} | {
        "os": {"hazard_ratio": {"of": "new", "ratio": 1.0}}
    }
    words["strategies"]["third"] = words["strategies"]["new"] | third | {"label": "The same again"}
    words["equity"] = subgroups({}, {"hazard_ratio": 1.25})
    table = ask(words, draws=200).tables["equity_subgroups"].sort("subgroup", "strategy")
    ours, again = (
        table.filter(pl.col("strategy") == name)["added_qalys"]
        for name in ("Immunotherapy", "The same again")
    )
    assert again.to_list() == pytest.approx(ours.to_list(), rel=1e-9)


def test_an_effect_that_has_faded_is_faded_in_every_subgroup(words) -> None:
    words = known(words)
    for endpoint in ("pfs", "os"):
        words["strategies"]["new"][endpoint]["waning"] = {
            "towards": "old",
            "from_years": 0,
            "until_years": 0,
        }
    words["equity"] = subgroups({}, {"hazard_ratio": 0.5})
    table = ask(words, draws=200).tables["equity_subgroups"]
    lost = -0.1 * 0.2 * 4 * 7 / 365.25  # to colitis: nothing else sets them apart
    assert table["added_qalys"].to_list() == pytest.approx([lost, lost], abs=1e-9)


def test_an_older_subgroup_is_the_model_of_older_people(words) -> None:
    words["population"] |= {"life_table": "uk-2018-2020", "age_sd_years": 5}
    words["utilities"]["norms"] = "uk-hse-2014"
    words["equity"] = subgroups({"age_years": 55}, {"age_years": 80, "female": 0.8})
    answer = ask(words, draws=300)
    older = {name: value for name, value in words.items() if name != "equity"}
    older["population"] = words["population"] | {"age_years": 80, "female": 0.8}
    alone = ask(older, draws=300).tables["results"]
    gained = alone["mean_qalys_of_draws"][1] - alone["mean_qalys_of_draws"][0]
    row = answer.tables["equity_subgroups"].row(1, named=True)
    assert row["added_qalys"] == pytest.approx(gained, rel=1e-9), "by the same draws"
    assert row["added_qalys"] < answer.tables["equity_subgroups"]["added_qalys"][0]


def test_subgroups_that_differ_in_nothing_are_all_patients(words) -> None:
    words["equity"] = subgroups({"weight": 1.0}, {"weight": 1.0})
    answer = ask(words, draws=300)
    plain, weighted = (answer.estimate(name) for name in ("icer_over_subgroups", "equity_weighted_icer"))
    assert (plain.value, plain.low, plain.high) == (weighted.value, weighted.low, weighted.high)
    means = answer.tables["results"]
    ratio = np.diff(means["mean_cost_of_draws"]) / np.diff(means["mean_qalys_of_draws"])
    assert plain.value == pytest.approx(ratio[0], rel=1e-9)
    table = answer.tables["equity_weighted"]
    chance = answer.estimate("probability_worth_it_at_100000", group=VERSUS).value
    assert set(table.filter(pl.col("threshold") == 100_000)["probability"]) == {chance}


def test_what_is_known_of_a_subgroup_widens_its_interval_and_moves_nothing_else(words) -> None:
    words = known(words)
    words["equity"] = subgroups({}, {"hazard_ratio": {"value": 1.0, "low": 0.8, "high": 1.25}})
    answer, without = ask(words, draws=300), ask({k: v for k, v in words.items() if k != "equity"}, draws=300)
    many, few = answer.tables["equity_subgroups"].rows(named=True)
    assert many["added_qalys_low"] == pytest.approx(many["added_qalys_high"])
    ends = [pencil(ratio_free=0.5 * r, ratio_alive=0.6 * r)[1] for r in (1.25, 0.8)]
    low, high = (end[1] - end[0] for end in ends)
    assert few["added_qalys_low"] == pytest.approx(low, rel=0.1)
    assert few["added_qalys_high"] == pytest.approx(high, rel=0.1)
    assert answer.estimate("icer") == without.estimate("icer")
    assert answer.tables["one_way"].equals(without.tables["one_way"]), "it moves no bar of the tornado"


def test_other_patients_than_those_of_the_model_are_noticed(words) -> None:
    words["equity"] = subgroups({}, {"relative_gain": 3.0})
    answer = ask(words, draws=200)
    (check,) = (check for check in answer.checks if check.name == "subgroups_add_up")
    assert check.level == "warn"
    assert "all patients" in check.message


def test_the_order_of_the_subgroups_does_not_matter(words) -> None:
    words["equity"] = subgroups({"weight": 1.2}, {"relative_gain": 0.7, "weight": 0.9})
    one = ask(words, draws=200).estimate("equity_weighted_icer")
    words["equity"]["subgroups"] = words["equity"]["subgroups"][::-1]
    other = ask(words, draws=200).estimate("equity_weighted_icer")
    assert (other.value, other.low, other.high) == pytest.approx((one.value, one.low, one.high))
