"""Health by group of the population, held to a pencil."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.questions.worth.conftest import ask, known, pencil

PEOPLE, PATIENTS = 1e6, 500
HEALTH = np.array([66.0, 77.0])
SHARES = np.array([0.4, 0.6])


def with_groups(
    words: dict[str, Any],
    patients: tuple[float, float] = (0.3, 0.7),
    opportunity: tuple[float, float] = (0.55, 0.45),
    **changes: Any,
) -> dict[str, Any]:
    words["population"]["incident_per_year"] = PATIENTS
    groups = [
        {
            "label": label,
            "population_share": SHARES[g],
            "lifetime_qalys": HEALTH[g],
            "patients_share": patients[g],
            "opportunity_share": opportunity[g],
        }
        for g, label in enumerate(("worse off", "better off"))
    ]
    words["distribution"] = {"people": PEOPLE, "aversion": 10.95, "groups": groups, **changes}
    return words


def equivalent(health: np.ndarray, aversion: float) -> float:
    """Atkinson's equally distributed equivalent, by its definition, in long doubles."""
    health = np.asarray(health, dtype=np.longdouble)
    power = np.longdouble(1 - aversion)
    return (SHARES @ (health / 70) ** power) ** (1 / power) * 70


def test_health_gained_and_forgone(words) -> None:
    answer = ask(with_groups(known(words), cost_of_a_qaly=20_000), draws=200)
    cost, qalys, _ = pencil()
    gained = PATIENTS * (qalys[1] - qalys[0]) * np.array([0.3, 0.7])
    forgone = PATIENTS * (cost[1] - cost[0]) / 20_000 * np.array([0.55, 0.45])
    net = gained - forgone
    assert answer.tables["distribution"]["net_qalys"].to_list() == pytest.approx(net, rel=5e-3)
    assert answer.estimate("net_health").value == pytest.approx(net.sum(), rel=5e-3)
    after = HEALTH + net / (PEOPLE * SHARES)
    change = float(PEOPLE * (equivalent(after, 10.95) - equivalent(HEALTH, 10.95)))
    assert answer.estimate("equally_distributed_health").value == pytest.approx(change, rel=5e-3)
    worth = answer.estimate("worth_of_less_inequality")
    assert worth.value == pytest.approx(change - net.sum(), rel=5e-2)
    assert worth.value < 0, "the worse off lose most"


def test_without_aversion_only_the_sum_counts(words) -> None:
    answer = ask(with_groups(words), draws=300)
    (none,) = answer.tables["distribution_by_aversion"].filter(pl.col("x") == 0).rows(named=True)
    total = answer.estimate("net_health")
    assert (none["value"], none["low"], none["high"]) == pytest.approx(
        (total.value, total.low, total.high), rel=1e-6
    )
    at = answer.tables["distribution_by_aversion"].filter(pl.col("x") == 10.95)["value"].item()
    assert at == pytest.approx(answer.estimate("equally_distributed_health").value)


def test_opportunity_costs_follow_the_threshold_where_no_other_is_given(words) -> None:
    words = with_groups(known(words))
    told = ask(words, draws=200).estimate("net_health").value
    words["distribution"]["cost_of_a_qaly"] = 50_000
    assert ask(words, draws=200).estimate("net_health").value == pytest.approx(told)
    net = ask(words, draws=200).estimate("net_benefit_at_50000", group="Immunotherapy vs Chemotherapy").value
    assert told == pytest.approx(PATIENTS * net / 50_000, rel=1e-6), "net health is net benefit in QALYs"


def test_the_more_falls_to_the_worse_off_the_more_it_is_worth(words) -> None:
    found = [
        ask(with_groups(known(words), patients, (0.4, 0.6), cost_of_a_qaly=1e6), draws=200)
        for patients in ((0.4, 0.6), (0.8, 0.2))
    ]
    total = [one.estimate("net_health").value for one in found]
    worth = [one.estimate("worth_of_less_inequality").value for one in found]
    assert total[0] == pytest.approx(total[1], rel=1e-9)
    assert worth[0] < worth[1]
    assert worth[1] > 0


def test_the_figure_says_where_the_sign_changes(words) -> None:
    words = with_groups(known(words), (0.95, 0.05), (0.1, 0.9), cost_of_a_qaly=38_000)
    answer = ask(words, draws=200)
    line = answer.tables["distribution_by_aversion"].sort("x")
    assert line["value"][0] < 0 < line["value"][-1]
    (figure,) = (one for one in answer.figures if one.table == "distribution_by_aversion")
    at = float(figure.caption.split("crosses 0 at ")[1].rstrip("."))
    assert (
        line.filter(pl.col("x") < at - 0.5)["value"].max()
        < 0
        < line.filter(pl.col("x") > at + 0.5)["value"].min()
    )


def test_uncertain_groups_make_limits(words) -> None:
    words = with_groups(known(words), cost_of_a_qaly={"value": 20_000, "se": 2_000})
    words["distribution"]["groups"][0]["relative_gain"] = {"value": 0.9, "se": 0.1}
    answer = ask(words, draws=500)
    total = answer.estimate("net_health")
    assert total.low < total.value < total.high
    worse, better = answer.tables["distribution"].rows(named=True)
    assert worse["net_qalys_high"] > worse["net_qalys_low"]
    assert better["net_qalys_high"] > better["net_qalys_low"]
