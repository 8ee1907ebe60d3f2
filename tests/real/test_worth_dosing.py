"""Other ways to dose nivolumab in CheckMate 067, re-treatment, and rechallenge with atezolizumab in OAK."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import coley
from coley.economics.analysis.dosing import Dosed, dosed
from coley.economics.analysis.evaluate import Prepared, curves_of, evaluate, prepare
from coley.economics.analysis.fitted import FollowUp
from coley.economics.analysis.inputs import base_case, drawn
from coley.economics.analysis.living import living
from coley.economics.analysis.margins import margin_of
from coley.economics.analysis.rechallenge import rechallenged
from coley.economics.model_file.parse import model_of
from coley.economics.policy.rechallenge import value_of_rechallenge
from coley.stats.survival.kaplan_meier import kaplan_meier

pytestmark = pytest.mark.real

HERE = Path(__file__).parent
VIALS = (2633, 1097, 439)  # GBP of 240, 100 and 40 mg: NICE TA736
VISIT = 207.59
NIVOLUMAB = """
drug = "nivolumab"
prices = ["439 GBP per vial of 40 mg/4 mL", "1097 GBP per vial of 100 mg/10 mL", "2633 GBP per vial of 240 mg/24 mL"]
"""
WAYS: list[dict[str, Any]] = [
    {
        "strategy": "nivolumab",
        "label": "240 mg every 2 weeks",
        "source": "FDA label of Opdivo, section 2",
        "drugs": [tomllib.loads(NIVOLUMAB) | {"dose": "240 mg", "every_weeks": 2}],
    },
    {
        "strategy": "nivolumab",
        "label": "3 mg/kg every 2 weeks",
        "source": "NICE TA384, section 2.1: the dose of the trial",
        "drugs": [tomllib.loads(NIVOLUMAB) | {"dose": "3 mg/kg", "every_weeks": 2}],
    },
    {"strategy": "nivolumab", "label": "no stop", "stop_years": math.inf, "source": "as in CheckMate 067"},
    {"strategy": "nivolumab", "label": "stop after a year", "stop_years": 1},
]
AGAIN = {
    "share": {"value": 0.5, "low": 0.3, "high": 0.7, "source": "an assumption"},
    "weeks": 52,
    "source": "one more year at progression after a planned end, as KEYNOTE-052 allowed (NCT02335424)",
    "drugs": [tomllib.loads(NIVOLUMAB) | {"dose": "480 mg", "every_weeks": 4}],
}


@pytest.fixture(scope="module")
def melanoma(shared: Path) -> tuple[Prepared, Mapping[str, FollowUp]]:
    from coley.read.economic_model import read_economic_model

    read = read_economic_model(HERE / "worth_checkmate067" / "model.toml")
    words = {**read.model.model_dump(), "dosing_alternatives": WAYS}
    words["strategies"]["nivolumab"]["retreatment"] = AGAIN
    return prepare(model_of(words), read.followed, table=read.table), read.followed


@pytest.fixture(scope="module")
def ways(melanoma: tuple[Prepared, Mapping[str, FollowUp]]) -> dict[str, Dosed]:
    prepared, _ = melanoma
    found = dosed(prepared, base_case(prepared.model, prepared.fitted))
    return {one.words.label: one for one in found}


def given(follow_up: FollowUp, weeks: np.ndarray) -> float:
    """Return discounted doses at the Kaplan-Meier estimate, without any model."""
    years = weeks * 7 / 365.25
    curve = kaplan_meier(follow_up.time_years, follow_up.event)
    free = np.r_[1.0, curve.survival][np.searchsorted(curve.time, years, side="right")]
    return float((free * 1.035**-years).sum())


def cheapest(mg: np.ndarray) -> np.ndarray:
    """Return what the vials of each dose cost, by trying all ways to fill it."""
    best = np.full(len(mg), np.inf)
    for a in range(5):
        for b in range(8):
            left = np.maximum(mg - 240 * a - 100 * b, 0)
            best = np.minimum(best, VIALS[0] * a + VIALS[1] * b + VIALS[2] * np.ceil(left / 40 - 1e-9))
    return best


def test_savings_are_those_of_the_observed_curve(melanoma: Any, ways: dict[str, Dosed]) -> None:
    _, followed = melanoma
    every_4 = given(followed["nivolumab.pfs"], 4 * np.arange(27))
    every_2 = given(followed["nivolumab.pfs"], 2 * np.arange(53))
    flat, by_weight = ways["240 mg every 2 weeks"], ways["3 mg/kg every 2 weeks"]
    weights = np.random.default_rng(1).normal(83.38, 18.01, 100_000)
    per_dose = float(cheapest(3 * np.maximum(weights, 1)).mean())
    by_hand = {
        (flat, "nivolumab"): 2633 * (2 * every_4 - every_2),
        (flat, "administration"): VISIT * (every_4 - every_2),
        (by_weight, "nivolumab"): 2 * 2633 * every_4 - per_dose * every_2,
    }
    paid = 2 * 2633 * every_4
    for (way, category), saved in by_hand.items():
        assert way.saved[category][0] == pytest.approx(saved, abs=0.02 * paid), (way.words.label, category)
    assert flat.saving[0] == pytest.approx(-842, abs=60), "drug that nobody takes any more, against visits"
    assert by_weight.saving[0] == pytest.approx(-6560, abs=300)
    year = given(followed["nivolumab.pfs"], 4 * np.arange(14, 27)) * (2 * 2633 + VISIT)
    spared = ways["stop after a year"].saved
    assert spared["nivolumab"][0] + spared["administration"][0] == pytest.approx(year, rel=0.03)


def test_to_go_on_until_progression_costs_a_quarter_of_a_million(
    melanoma: Any, ways: dict[str, Dosed]
) -> None:
    """Four in ten are cured, and would be given drugs for the rest of their lives."""
    prepared, _ = melanoma
    endless = ways["no stop"]
    assert endless.saving[0] == pytest.approx(-251_500, rel=0.03)
    assert endless.from_years == pytest.approx(108 * 7 / 365.25)
    inputs = base_case(prepared.model, prepared.fitted)
    lives = living(prepared, curves_of(prepared, inputs), inputs, name="nivolumab")
    margin = margin_of(lives, endless.saving, threshold=25_000, from_years=endless.from_years)
    assert margin.death.value == 0, "no gain in survival is worth as much"
    assert margin.qalys_after == pytest.approx(3.81, rel=0.05)


def test_what_a_stop_after_one_year_could_bear(melanoma: Any) -> None:
    prepared, _ = melanoma
    inputs = drawn(prepared.model, prepared.fitted, draws=200, seed=1)
    sooner = {one.words.label: one for one in dosed(prepared, inputs)}["stop after a year"]
    lives = living(prepared, curves_of(prepared, inputs), inputs, name="nivolumab")
    margin = margin_of(lives, sooner.saving, threshold=25_000, from_years=sooner.from_years or 0.0)
    assert margin.death.value == pytest.approx(1.52, abs=0.04)
    assert 1.35 < margin.death.low < margin.death.value < margin.death.high < 1.75
    assert margin.death.effect_bearable.value == pytest.approx(0.98, abs=0.05)
    assert margin.survival_now == pytest.approx(0.43, abs=0.02)
    assert margin.survival_borne == pytest.approx(0.33, abs=0.02)
    assert margin.deaths == pytest.approx(242, rel=0.15)


def test_those_who_progress_after_the_stop_are_charged_another_year(melanoma: Any) -> None:
    prepared, followed = melanoma
    found = evaluate(prepared, base_case(prepared.model, prepared.fitted))
    spent = found.categories["nivolumab", "re-treatment: nivolumab"][0]
    curve = kaplan_meier(followed["nivolumab.pfs"].time_years, followed["nivolumab.pfs"].event)
    at_two = curve.survival[np.searchsorted(curve.time, 2, side="right") - 1]
    course = 2 * 2633 * 13
    assert spent < 0.5 * at_two * course, "no more than all who were free of progression at two years"
    assert spent == pytest.approx(7260, rel=0.05)


def test_rechallenge_after_pneumonitis_in_oak(shared: Path) -> None:
    """The same survival for those who resume as for those who stop: resuming costs, and gains nothing."""
    from coley.read.economic_model import follow_up_of_study, model_of_study

    study = coley.read(HERE / "oak_worth")
    model = model_of_study(study)
    assert model is not None
    told = {
        "label": "atezolizumab resumed after pneumonitis",
        "strategy": "atezolizumab",
        "after_years": 0.25,
        "recurrence": {
            "value": 36 / 103,
            "se": 0.047,
            "source": "Dolladille 2020, JAMA Oncol 6:865, table 2",
        },
        "hazard_ratio": {
            "value": 1.10,
            "low": 0.57,
            "high": 2.15,
            "source": "40 who resumed against 59 who did not, stage IV NSCLC, not randomised: one institution, "
            "as told by Physician's Weekly",
        },
        "event_cost": {"value": 10_000, "source": "an assumption"},
        "kept": 0.5,
    }
    words = {
        **model.model_dump(),
        "guided": (),
        "rechallenge": [told],
        "structures": {"partitioned_survival": 1},
    }
    model = model_of(words)
    prepared = prepare(model, follow_up_of_study(study, model))
    inputs = drawn(model, prepared.fitted, draws=300, seed=1)
    found = rechallenged(prepared, curves_of(prepared, inputs), inputs, k=0)
    # QALYs of those alive after three months, as measured; a refit may move the second digit
    assert found["remaining"].mean() == pytest.approx(1.02, abs=0.05)
    assert found["drug"].mean() == pytest.approx(90_000, rel=0.2)
    value = value_of_rechallenge(threshold=100_000, **found)
    low, high = np.quantile(value.effects[:, 1], [0.025, 0.975])
    assert low < 0 < high, "whether resuming gains or loses is not known"
    assert value.net_benefit.high < 0
    assert value.probability < 0.05
    assert value.recurrence_bearable.high < 0, "it does not pay even where nothing recurs"
