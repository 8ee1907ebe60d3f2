"""Walks agree with closed forms and with the courses on a grid; luck is shared; threads change nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from coley.economics.course.discounting import Discount
from coley.economics.course.grid import cycles
from coley.economics.course.outcome import evaluate
from coley.economics.course.rewards import Reward
from coley.economics.course.three_state import clock_forward, clock_reset
from coley.economics.population.cohort import Cohort
from coley.economics.population.life_tables import life_table
from coley.economics.simulation.clocks import Background, Hazard
from coley.economics.simulation.semi_markov import Walked, semi_markov
from coley.model.errors import InvalidSetting, NotEstimable, UnknownName, UnreadableInput
from coley.stats.parametric.cure import mixture_cure
from coley.stats.parametric.curves import survival
from coley.stats.parametric.families import FAMILIES

STATES = ("progression_free", "progressed", "dead")
PROGRESSION, BEFORE, AFTER = ("weibull", [1.3, 1.6]), ("log_logistic", [1.4, 6.0]), ("log_normal", [0.1, 0.9])
REWARDS = (
    Reward("care", "cost", by_state={"progression_free": 100.0, "progressed": 250.0, "dead": 0.0}),
    Reward("end of life", "cost", on_entry={"dead": 50.0}),
    Reward("second line", "cost", on_move={("progression_free", "progressed"): 70.0}, at_start=10.0),
    Reward("qalys", "effect", by_state={"progression_free": 0.8, "progressed": 0.6, "dead": 0.0}),
)


def walk(clock: str = "reset", n: int = 100_000, seed: int = 1, **settings: Any) -> Walked:
    moves = {
        ("progression_free", "progressed"): Hazard(*PROGRESSION),
        ("progression_free", "dead"): Hazard(*BEFORE),
        ("progressed", "dead"): Hazard(*AFTER, clock=clock),
    }
    settings = {"horizon_years": 10.0, "patients": n, "seed": seed} | settings
    return semi_markov(STATES, moves, settings.pop("rewards", REWARDS), **settings)


@pytest.mark.parametrize("clock", ["reset", "forward"])
def test_walks_agree_with_the_course_on_a_grid(clock: str) -> None:
    grid = cycles(10, 1 / 100)
    t = grid.times_years
    curves = {
        name: survival(FAMILIES[of[0]], of[1], t)[None]
        for name, of in (("ttp", PROGRESSION), ("before", BEFORE), ("after", AFTER))
    }
    build = {"reset": clock_reset, "forward": clock_forward}[clock]
    course = build(grid, curves["ttp"], death_before=curves["before"], death_after=curves["after"])
    exact = evaluate(course, REWARDS)
    found = walk(clock, times_years=[0.0, 1.0, 2.0, 5.0, 9.0])
    np.testing.assert_allclose(found.occupancy[0], course.occupancy[0, [0, 100, 200, 500, 900]], atol=0.006)
    assert abs(found.costs - exact.costs)[0] < 4 * found.costs_se[0]
    assert abs(found.effects - exact.effects)[0] < 4 * found.effects_se[0]
    np.testing.assert_allclose(found.state_years, exact.state_years, atol=0.03)
    for name, total in exact.discounted.by_category.items():
        assert found.by_category[name][0] == pytest.approx(total[0], rel=0.012)


def test_exponential_walks_have_closed_forms_at_nominal_coverage() -> None:
    """Illness that comes and goes; 40 draws of two rates. What is known exactly lies in 95 % of the intervals."""
    rng = np.random.default_rng(3)
    ill, well, death, draws = rng.uniform(0.2, 1, 40), rng.uniform(0.5, 2, 40), 0.1, 40
    moves = {
        ("well", "ill"): Hazard("exponential", ill[:, None]),
        ("ill", "well"): Hazard("exponential", well[:, None], clock="reset"),
        ("well", "dead"): Hazard("exponential", [death]),
        ("ill", "dead"): Hazard("exponential", [3 * death], clock="reset"),
    }
    rewards = [Reward("qalys", "effect", by_state={"well": 1.0, "ill": 0.5, "dead": 0.0})]
    found = semi_markov(
        ("well", "ill", "dead"), moves, rewards,
        patients=2000, draws=draws, seed=4, horizon_years=2000, effects=Discount(0.05, "continuous"),
    )  # fmt: skip
    force = 0.05  # discounting is one more way out
    a, b = ill + death + force, well + 3 * death + force
    exact = (1 + 0.5 * ill / b) / (a - ill * well / b)
    z = (found.effects - exact) / found.effects_se
    assert (np.abs(z) < 1.96).sum() >= 33  # of 40; fewer has a chance below 0.3 % if 95 % are meant to
    assert abs(z.mean()) < 4 / np.sqrt(draws)


def test_cure_and_tables_of_splines_are_followed() -> None:
    family = mixture_cure(FAMILIES["gamma"])
    moves = {("alive", "dead"): Hazard(family, [[0.3, 1.5, 1.0], [0.6, 1.5, 1.0]])}
    times = np.array([0.5, 1.0, 3.0, 30.0])
    found = semi_markov(
        ("alive", "dead"), moves, patients=40_000, draws=2, seed=1, horizon_years=40, times_years=times
    )
    exact = survival(family, [[0.3, 1.5, 1.0], [0.6, 1.5, 1.0]], times)
    np.testing.assert_allclose(found.occupancy[:, :, 0], exact, atol=0.01)


def test_background_mortality_follows_age_and_sex() -> None:
    rng = np.random.default_rng(1)
    n = 60_000
    ages, female = np.round(rng.normal(64, 9, n).clip(30, 90)), rng.random(n) < 0.3
    table = life_table("uk-2018-2020")
    times = np.array([1.0, 10.0, 20.0, 35.0])
    found = semi_markov(
        ("alive", "dead"), {("alive", "dead"): Background(table, ages, female)},
        patients=n, seed=2, horizon_years=60, times_years=times,
    )  # fmt: skip
    exact = Cohort.of_patients(ages, female).survival(table, times)
    np.testing.assert_allclose(found.occupancy[0, :, 0], exact, atol=0.008)


def test_patients_may_differ_and_begin_anywhere() -> None:
    scale = np.where(np.arange(2000) < 1000, 1.0, 4.0)
    parameters = np.stack([np.ones(2000), scale], axis=-1)[None]
    found = semi_markov(
        ("a", "b", "c"), {("a", "b"): Hazard("weibull", parameters), ("b", "c"): Hazard("exponential", [1e-9])},
        [Reward("years in a", "effect", by_state={"a": 1.0, "b": 0.0, "c": 0.0})],
        patients=2000, seed=1, horizon_years=100, effects=Discount(0.0), start=["a"] * 1500 + ["b"] * 500,
    )  # fmt: skip
    mine = found.by_patient[0, :, 1]
    assert mine[:1000].mean() == pytest.approx(1, abs=0.13)
    assert mine[1000:1500].mean() == pytest.approx(4, abs=0.7)
    assert (mine[1500:] == 0).all()
    by_ratio = semi_markov(
        ("a", "b", "c"),
        {("a", "b"): Hazard("weibull", [1.0, 1.0], ratio=1 / scale[None]), ("b", "c"): Hazard("exponential", [1e-9])},
        [Reward("years in a", "effect", by_state={"a": 1.0, "b": 0.0, "c": 0.0})],
        patients=2000, seed=1, horizon_years=100, effects=Discount(0.0), start=["a"] * 1500 + ["b"] * 500,
    )  # fmt: skip
    np.testing.assert_allclose(by_ratio.by_patient, found.by_patient, rtol=1e-12)


@pytest.mark.parametrize("clock", ["forward", "reset"])
@pytest.mark.parametrize(
    ("family", "parameters"),
    [
        ("exponential", [0.4]),
        ("weibull", [1.4, 2.0]),
        ("weibull", [1.0, 2.0]),
        ("weibull_ph", [0.7, 0.5]),
        ("gompertz", [0.2, 0.3]),
        ("log_normal", [0.3, 0.9]),
        ("log_logistic", [1.5, 2.0]),
    ],
)
def test_what_is_noted_once_for_all_patients_is_what_each_would_be_asked(
    family: str, parameters: list[float], clock: str
) -> None:
    """Hazards of patients who are alike are noted; those that are given patient by patient are looked up."""
    draws, n = np.exp(np.random.default_rng(1).normal(0, 0.1, (3, 1, len(parameters)))) * parameters, 400
    ways = (draws, np.tile(draws, (1, n, 1)))
    found = []
    for each in ways:
        moves = {
            ("a", "b"): Hazard(family, each, ratio=0.7),
            ("b", "a"): Hazard(family, each, ratio=0.9, clock=clock),
            ("b", "c"): Hazard("exponential", [0.05]),
            ("a", "c"): Hazard(family, each, ratio=0.0),  # never
        }
        years = Reward("years", "effect", by_state={"a": 1.0, "b": 0.3})
        found.append(
            semi_markov(("a", "b", "c"), moves, [years], patients=n, draws=3, seed=1, horizon_years=30)
        )
    noted, asked = found
    assert noted.moves["b", "a"].min() > 0.1
    assert (noted.moves["a", "c"] == 0).all()
    np.testing.assert_allclose(noted.by_patient, asked.by_patient, rtol=1e-11)
    np.testing.assert_allclose(noted.state_years, asked.state_years, rtol=1e-12)


def test_a_state_that_is_kept_counts_to_the_horizon() -> None:
    """Where every state is worth one a year, everybody gains the horizon: those who start in the last one, too."""
    moves = {
        ("a", "b"): Hazard("weibull", [1.2, 3.0]),
        ("b", "c"): Hazard("gompertz", [0.1, 0.3], clock="reset"),
    }
    one = Reward("years", "effect", by_state={"a": 1.0, "b": 1.0, "c": 1.0})
    n, times = 1300, np.array([0.0, 4.0, 9.0])
    found = semi_markov(
        ("a", "b", "c"), moves, [one], patients=n, seed=1, horizon_years=9.0, effects=Discount(0.0),
        start=["a"] * 600 + ["b"] * 400 + ["c"] * 300, times_years=times,
    )  # fmt: skip
    np.testing.assert_allclose(found.by_patient[0, :, 1], 9.0, rtol=1e-14)
    assert found.state_years.sum() == pytest.approx(9.0, rel=1e-14)
    np.testing.assert_allclose(found.occupancy[0].sum(axis=1), 1.0, rtol=1e-14)
    np.testing.assert_allclose(found.occupancy[0, 0] * n, [600, 400, 300])
    # Who is in the last state at the horizon started there or moved there.
    assert found.occupancy[0, 2, 2] * n == pytest.approx(300 + found.moves["b", "c"][0] * n)


def test_categories_add_up_to_costs_and_effects() -> None:
    found = walk(n=3000, draws=2, costs=Discount(0.05), effects=Discount(0.02))
    costs = sum(found.by_category[name] for name in ("care", "end of life", "second line"))
    np.testing.assert_allclose(costs, found.costs, rtol=1e-12)
    np.testing.assert_allclose(found.by_category["qalys"], found.effects, rtol=1e-12)


def test_threads_and_company_change_nothing() -> None:
    one, three = walk(n=20_000, threads=1), walk(n=20_000, threads=3)
    np.testing.assert_array_equal(one.by_patient, three.by_patient)
    assert (one.costs, one.state_years.tolist()) == (three.costs, three.state_years.tolist())
    few = walk(n=100)
    np.testing.assert_array_equal(few.by_patient[0], one.by_patient[0, :100])
    assert not np.array_equal(walk(n=100, seed=2).by_patient, few.by_patient)


def test_luck_is_shared_by_strategies() -> None:
    """A hazard ratio of 0.8 lengthens the life of each and every patient, and the difference has little noise."""
    ratios = (1.0, 0.8)
    lives = []
    for ratio in ratios:
        moves = {
            ("progression_free", "progressed"): Hazard(*PROGRESSION, ratio=ratio),
            ("progressed", "dead"): Hazard("exponential", [1.0], clock="reset"),
        }
        lives.append(
            semi_markov(STATES, moves, REWARDS[-1:], patients=5000, seed=1, horizon_years=60).by_patient[
                0, :, 1
            ]
        )
    gain = lives[1] - lives[0]
    assert (gain > 0).all()
    assert gain.std() < 0.25 * np.hypot(lives[0].std(), lives[1].std())


def test_units_of_money_scale_and_labels_do_not_matter() -> None:
    plain = walk(n=2000)
    pence = walk(
        n=2000,
        rewards=[Reward("care", "cost", by_state={"progression_free": 1e4, "progressed": 2.5e4, "dead": 0})],
    )
    np.testing.assert_allclose(pence.by_category["care"], 100 * plain.by_category["care"], rtol=1e-12)
    moves = {
        ("1", "2"): Hazard(*PROGRESSION),
        ("1", "3"): Hazard(*BEFORE),
        ("2", "3"): Hazard(*AFTER, clock="reset"),
    }
    renamed = semi_markov(("3", "1", "2"), moves, patients=2000, seed=1, horizon_years=10, start="1")
    np.testing.assert_allclose(renamed.state_years[:, [1, 2, 0]], plain.state_years, rtol=1e-12)


def test_years_and_moves_add_up() -> None:
    found = walk(n=5000, times_years=np.linspace(0, 10, 7))
    np.testing.assert_allclose(found.state_years.sum(axis=1), 10.0)
    np.testing.assert_allclose(found.occupancy.sum(axis=2), 1.0)
    np.testing.assert_allclose(
        found.occupancy[0, -1, 2], found.moves["progression_free", "dead"] + found.moves["progressed", "dead"]
    )
    np.testing.assert_allclose(sum(found.by_category[r.name] for r in REWARDS[:3]), found.costs)


def test_costs_and_effects_are_discounted_each_in_its_own_way() -> None:
    none = walk(n=500, costs=Discount(0.0), effects=Discount(0.0)).by_patient
    both = walk(n=500, costs=Discount(0.05), effects=Discount(0.05)).by_patient
    mixed = walk(n=500, costs=Discount(0.0), effects=Discount(0.05)).by_patient
    np.testing.assert_allclose(mixed[..., 0], none[..., 0], rtol=1e-12)
    np.testing.assert_allclose(mixed[..., 1], both[..., 1], rtol=1e-12)
    assert (both < none).all()


def test_standard_errors_are_those_of_the_patients() -> None:
    found = walk(n=20_000)  # more than one block
    plain = found.by_patient[0].std(axis=0, ddof=1) / np.sqrt(20_000)
    np.testing.assert_allclose([found.costs_se[0], found.effects_se[0]], plain, rtol=1e-9)
    np.testing.assert_allclose(
        [found.costs[0], found.effects[0]], found.by_patient[0].mean(axis=0), rtol=1e-12
    )


def test_one_patient_has_no_standard_error() -> None:
    assert np.isnan(walk(n=1).costs_se).all()


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"n": 0}, InvalidSetting, "needs a patient"),
        ({"horizon_years": np.inf}, InvalidSetting, "horizon"),
        ({"times_years": [11.0]}, InvalidSetting, "between 0 and the horizon"),
        ({"threads": 0}, InvalidSetting, "0 threads"),
        ({"seed": -1}, InvalidSetting, "whole number"),
        ({"start": "nowhere"}, UnknownName, "nowhere"),
        ({"start": ["progression_free"] * 3, "n": 9}, InvalidSetting, "9 patients, and 3"),
        ({"rewards": [Reward("x", "cost", by_state={"stabel": 1})]}, UnknownName, "stabel"),
        (
            {"rewards": [Reward("x", "cost", on_move={("dead", "progression_free"): 1})]},
            InvalidSetting,
            "move that there is not",
        ),
        ({"rewards": [Reward("x", "cost", at_start=[1, 2, 3])]}, InvalidSetting, "1 draws"),
        ({"rewards": [Reward("x", "cost", multiplier=[1.0, 2.0])]}, InvalidSetting, "changes with time"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        walk(**({"n": 10} | change))


def test_hazards_that_do_not_fit_are_refused() -> None:
    def with_hazard(hazard: Any) -> Walked:
        return semi_markov(("a", "b"), {("a", "b"): hazard}, patients=3, seed=1, horizon_years=5)

    with pytest.raises(InvalidSetting, match="2 draws"):
        with_hazard(Hazard("exponential", [[1.0], [2.0]]))
    with pytest.raises(InvalidSetting, match="parameters of its own for each patient"):
        with_hazard(Hazard("gamma", np.ones((1, 3, 2))))
    with pytest.raises(InvalidSetting, match="hazard ratio"):
        Hazard("exponential", [1.0], ratio=-1.0)
    with pytest.raises(InvalidSetting, match="out of range"):
        Hazard("weibull", [-1.0, 2.0])
    with pytest.raises(UnknownName, match="clock"):
        Hazard("exponential", [1.0], clock="rest")
    with pytest.raises(UnreadableInput, match="no age"):
        with_hazard(Background(life_table("uk-2018-2020"), [60, np.nan, 50], True))
    with pytest.raises(InvalidSetting, match="another state"):
        semi_markov(
            ("a", "b"), {("a", "a"): Hazard("exponential", [1.0])}, patients=1, seed=1, horizon_years=1
        )
    hurry = {(a, b): Hazard("exponential", [1e9], clock="reset") for a, b in (("a", "b"), ("b", "a"))}
    with pytest.raises(NotEstimable, match="without end"):
        semi_markov(("a", "b"), hurry, patients=1, seed=1, horizon_years=1)
