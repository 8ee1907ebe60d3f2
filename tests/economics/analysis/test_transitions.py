"""State transition structures, held to patients whose rates are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from coley.economics.analysis.evaluate import evaluate, evaluate_mixed, prepare
from coley.economics.analysis.fitted import FollowUp
from coley.economics.analysis.inputs import base_case, drawn
from coley.economics.analysis.transitions import BEFORE, FORWARD, PROGRESSION, RESET, moves
from coley.economics.model_file.parse import model_of
from coley.economics.population.cohort import Cohort
from coley.economics.population.life_tables import life_table
from coley.model.errors import InvalidSetting, MissingData

PROGRESS, DIE, DIE_AFTER = 0.8, 0.2, 0.6  # rates per year
CENSORED = 5.0


def follow(
    n: int = 4000, *, seed: int = 1, shape: float = 1.0, age: float | None = None
) -> tuple[dict[str, FollowUp], np.ndarray]:
    """Return follow-up of simulated patients, and how long each would have lived."""
    rng = np.random.default_rng(seed)
    progress, die = rng.exponential(1 / PROGRESS, n), rng.exponential(1 / DIE, n)
    progressed = progress < die
    lived = np.where(progressed, progress + rng.weibull(shape, n) / DIE_AFTER, die)
    free = np.minimum(progress, die)
    if age is not None:  # death of other causes, from the life table of men
        grid = np.linspace(0, 60, 6001)
        alive = life_table("usa-2015").survival(age, False, after_years=grid)
        other = np.interp(rng.uniform(size=n), alive[::-1], grid[::-1])
        lived, free = np.minimum(lived, other), np.minimum(free, other)
    end = rng.uniform(3, CENSORED, n)
    followed = {
        "pfs": FollowUp(np.minimum(free, end), free <= end, "simulated", "all"),
        "os": FollowUp(np.minimum(lived, end), lived <= end, "simulated", "all"),
    }
    return {f"{name}.{endpoint}": one for name in ("old", "new") for endpoint, one in followed.items()}, lived


def fitted_model(words: dict[str, Any], structure: str, *, families: tuple[str, ...] = ("exponential",)):
    data = {"time": "t", "event": "e", "time_unit": "years"}
    for strategy in words["strategies"].values():
        for endpoint in ("pfs", "os"):
            strategy[endpoint] = {"data": data, "families": ["exponential"], "background": "none"}
        strategy["death_after_progression"] = list(families)
    words["structures"] = {"partitioned_survival": 0, structure: 1}
    return words


def test_moves_are_those_of_a_table_of_patients() -> None:
    #                  progressed, died | died first | censored | progressed, censored | both at one time
    pfs = FollowUp(np.array([1.0, 2.0, 3.0, 1.5, 2.5]), np.array([1, 1, 0, 1, 1], bool), patients="x")
    alive = FollowUp(np.array([4.0, 2.0, 3.0, 5.0, 2.5]), np.array([1, 1, 0, 0, 0], bool), patients="x")
    found = moves(pfs, alive, "new")
    assert found[PROGRESSION]["event"].tolist() == [True, False, False, True, True]
    assert found[BEFORE]["event"].tolist() == [False, True, False, False, False]
    assert found[PROGRESSION]["time"].tolist() == found[BEFORE]["time"].tolist() == pfs.time_years.tolist()
    assert found[RESET]["time"].tolist() == [3.0, 3.5]
    assert found[FORWARD]["entry"].tolist() == [1.0, 1.5]
    assert found[FORWARD]["time"].tolist() == found[RESET]["since_start"].tolist() == [4.0, 5.0]
    assert found[RESET]["event"].tolist() == found[FORWARD]["event"].tolist() == [True, False]
    assert found[RESET]["rows"].tolist() == [0, 3]


def test_every_death_is_in_one_move_and_a_tie_within_rounding_is_a_death() -> None:
    followed, _ = follow(500)
    pfs, alive = followed["new.pfs"], followed["new.os"]
    found = moves(pfs, alive, "new")
    assert found[BEFORE]["event"].sum() + found[RESET]["event"].sum() == alive.event.sum()
    assert found[BEFORE]["event"].sum() + found[PROGRESSION]["event"].sum() == pfs.event.sum()
    late = FollowUp(pfs.time_years, pfs.event, patients="x")
    rounded = FollowUp(pfs.time_years * (1 + 1e-9), pfs.event, patients="x")
    assert moves(late, rounded, "new")[BEFORE]["event"].sum() == pfs.event.sum()


def test_other_patients_are_refused() -> None:
    one = FollowUp(np.array([1.0]), np.array([True]), patients="a")
    for other in (
        FollowUp(np.array([1.0]), np.array([True]), patients="b"),
        FollowUp(np.array([1.0, 2.0]), np.array([True, True]), patients="a"),
        FollowUp(np.array([1.0]), np.array([True])),
    ):
        with pytest.raises(MissingData, match="progression and death of the same patients"):
            moves(one, other, "new")


@pytest.mark.parametrize("structure", ["clock_forward", "clock_reset"])
def test_known_rates_give_their_years_back(words, structure) -> None:
    followed, _ = follow()
    model = model_of(fitted_model(words, structure))
    prepared = prepare(model, followed)
    found = evaluate(prepared, base_case(model, prepared.fitted))
    free = 1 / (PROGRESS + DIE)
    assert found.state_years["progression_free"][0, 0] == pytest.approx(free, rel=0.04)
    assert found.state_years["progressed"][0, 0] == pytest.approx(free * PROGRESS / DIE_AFTER, rel=0.05)
    assert found.life_years[0, 0] == pytest.approx(free * (1 + PROGRESS / DIE_AFTER), rel=0.04)


def test_without_a_memory_both_clocks_agree_and_with_one_the_reset_clock_is_right(words) -> None:
    def years(structure: str, shape: float) -> tuple[float, float]:
        followed, lived = follow(6000, shape=shape)
        model = model_of(fitted_model(words, structure, families=("weibull",)))
        prepared = prepare(model, followed)
        found = evaluate(prepared, base_case(model, prepared.fitted))
        return float(found.life_years[0, 0]), float(lived.mean())

    one, other = years("clock_forward", 1.0)[0], years("clock_reset", 1.0)[0]
    assert one == pytest.approx(other, rel=0.02)
    reset, truth = years("clock_reset", 2.0)
    assert reset == pytest.approx(truth, rel=0.02)


def test_drugs_are_charged_to_the_progression_free_of_the_structure(words) -> None:
    followed, _ = follow()
    model = model_of(fitted_model(words, "clock_reset"))
    prepared = prepare(model, followed)
    found = evaluate(prepared, base_case(model, prepared.fitted))
    rate = 1 / found.state_years["progression_free"][0, 1]  # exponential moves: one rate out of the state
    doses = np.exp(-rate * np.arange(35) * 21 / 365.25).sum()
    assert found.categories["new", "pembrolizumab"][0] == pytest.approx(doses * 200 * 48.57, rel=1e-3)


def test_background_mortality_of_the_moves_thins_the_living(words) -> None:
    followed, lived = follow(6000, age=78.0)
    fitted_model(words, "clock_reset")
    words["population"] |= {"age_years": 78, "female": 0, "life_table": "usa-2015"}
    for strategy in words["strategies"].values():
        strategy["os"]["background"] = "likelihood"
    model = model_of(words)
    prepared = prepare(model, followed)
    found = evaluate(prepared, base_case(model, prepared.fitted))
    assert found.life_years[0, 0] == pytest.approx(lived.mean(), rel=0.03)
    net = {name: prepared.fitted[f"new.{name}"].fits[0].estimates["rate"].value for name in (BEFORE, RESET)}
    assert net[BEFORE] == pytest.approx(DIE, abs=0.025), "what the life table explains is not the disease's"
    assert net[RESET] == pytest.approx(DIE_AFTER, abs=0.03)
    alone = Cohort.normal(78, female=0).survival(life_table("usa-2015"), prepared.grid.times_years)
    assert found.life_years[0, 0] < np.trapezoid(alone, prepared.grid.times_years)


def test_structures_as_uncertainty_take_each_draw_once(words) -> None:
    followed, _ = follow(300)
    fitted_model(words, "clock_reset")
    words["structures"] = {"partitioned_survival": 1, "clock_reset": 1}
    words["cycles_per_year"] = 12
    model = model_of(words)
    prepared = prepare(model, followed)
    inputs = drawn(model, prepared.fitted, draws=200, seed=4)
    mixed = evaluate_mixed(prepared, inputs, seed=4)
    each = {
        name: evaluate(prepared, inputs, structure=name) for name in ("partitioned_survival", "clock_reset")
    }
    of = {name: np.isclose(mixed.effects, one.effects).all(axis=1) for name, one in each.items()}
    assert (of["partitioned_survival"] ^ of["clock_reset"]).all(), "each draw is one of the two, in its place"
    assert of["partitioned_survival"].sum() == 100
    assert np.isclose(
        mixed.costs,
        np.where(of["clock_reset"][:, None], each["clock_reset"].costs, each["partitioned_survival"].costs),
    ).all()
    again = evaluate_mixed(prepared, inputs, seed=5)
    assert not np.array_equal(again.effects, mixed.effects)


def test_what_a_structure_cannot_take_over_is_refused(words) -> None:
    followed, _ = follow(300)
    fitted_model(words, "clock_forward")
    words["strategies"]["new"]["os"]["waning"] = {"towards": "old", "from_years": 1, "until_years": 2}
    model = model_of(words)
    prepared = prepare(model, followed)
    inputs = base_case(model, prepared.fitted)
    with pytest.raises(InvalidSetting, match=r"acts on the curve new\.os, and clock_forward has moves"):
        evaluate(prepared, inputs)
    del words["strategies"]["new"]["os"]["waning"]
    words["strategies"]["new"]["os"]["background"] = "floor"
    words["population"]["life_table"] = "usa-2015"
    model = model_of(words)
    prepared = prepare(model, followed)
    inputs = base_case(model, prepared.fitted)
    with pytest.raises(InvalidSetting, match="cannot keep background mortality as a floor"):
        evaluate(prepared, inputs)
