"""Treated patients: closed forms of competing exponentials, courses on a grid, histories, shared luck."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from coley.economics.course.discounting import Discount
from coley.economics.course.grid import cycles
from coley.economics.course.outcome import evaluate
from coley.economics.course.partitioned import partitioned_survival
from coley.economics.course.rewards import Charges, Reward
from coley.economics.course.three_state import clock_forward, clock_reset
from coley.economics.doses.calendar import Calendar
from coley.economics.population.cohort import Cohort
from coley.economics.population.life_tables import life_table
from coley.economics.simulation.clocks import Background, Hazard, median_of
from coley.economics.simulation.incidence import with_observed_incidence
from coley.economics.simulation.iraes import Irae
from coley.economics.simulation.result import Simulated, difference
from coley.economics.simulation.treated import Setting, histories, simulate
from coley.economics.simulation.treatment import Disease, Treatment, Values
from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.parametric.curves import survival
from coley.stats.parametric.families import FAMILIES

LAMBDA, MU, DELTA, NU, RHO, FORCE = 0.5, 0.1, 1.0, 0.8, 3.0, 0.04  # progression, deaths, onset, end, discount
N = 60_000


def rate(value: float, clock: str = "reset") -> Hazard:
    return Hazard("exponential", [value], clock=clock)


DISEASE = Disease(rate(LAMBDA, "forward"), rate(MU, "forward"), rate(DELTA))
VALUES = Values(utilities=(0.8, 0.6))
SETTING = Setting(
    patients=N, seed=11, horizon_years=400,
    costs=Discount(FORCE, "continuous"), effects=Discount(FORCE, "continuous"),
)  # fmt: skip
PLAIN = Treatment("plain", exposed_after_years=0.0)
EVENT = Irae(name="rash", chance=1.0, onset=rate(NU), lasting_low=rate(RHO), lasting_high=rate(RHO))


def run(
    irae: Irae | None = EVENT, treatment: Treatment = PLAIN, setting: Setting = SETTING, **rest: Any
) -> Simulated:
    return simulate(
        DISEASE, treatment, rest.pop("values", VALUES), setting=setting, iraes=[irae] if irae else [], **rest
    )


def share(found: np.ndarray, exact: float, n: int = N) -> bool:
    """Whether a simulated share is within four standard errors of what it should be."""
    return bool(abs(found[0] - exact) < 4 * np.sqrt(exact * (1 - exact) / n) + 1e-12)


# Without irAEs it is the course on a grid.


@pytest.mark.parametrize("clock", ["reset", "forward"])
def test_without_iraes_it_is_the_course_on_a_grid_and_partitioned_survival(clock: str) -> None:
    grid = cycles(15, 1 / 100)
    t = grid.times_years
    hazards = {
        "ttp": ("weibull", [0.9, 1.5]),
        "before": ("gompertz", [0.1, 0.05]),
        "after": ("log_normal", [0.2, 1.0]),
    }
    curves = {name: survival(FAMILIES[family], of, t)[None] for name, (family, of) in hazards.items()}
    build = {"reset": clock_reset, "forward": clock_forward}[clock]
    course = build(grid, curves["ttp"], death_before=curves["before"], death_after=curves["after"])
    partitioned = partitioned_survival(
        grid, {"progression_free": course.occupancy[:, :, 0], "progressed": 1 - course.occupancy[:, :, 2]}
    )
    dose_times = np.arange(35) * 21 / 365.25
    rewards: list[Charges | Reward] = [
        Charges(
            "drug",
            "cost",
            times_years=dose_times,
            amounts=np.full(35, 5260.0),
            while_in=("progression_free",),
        ),
        Reward("qalys", "effect", by_state={"progression_free": 0.8, "progressed": 0.6}),
    ]
    disease = Disease(
        Hazard(*hazards["ttp"]), Hazard(*hazards["before"]), Hazard(*hazards["after"], clock=clock)
    )
    setting = Setting(patients=N, seed=2, horizon_years=15, times_years=[1.0, 3.0, 10.0])
    treatment = Treatment("drug", doses=calendar(dose_times, 5260.0), longest_years=2.0)
    found = simulate(disease, treatment, VALUES, setting=setting)
    np.testing.assert_allclose(
        found.occupancy[0, :, :2], course.occupancy[0, [100, 300, 1000], :2], atol=0.008
    )
    for exact in (evaluate(course, rewards), evaluate(partitioned, rewards)):
        assert abs(found.effects - exact.effects)[0] < 4 * found.effects_se[0]
        assert abs(found.costs - exact.costs)[0] < 4 * found.costs_se[0]


def calendar(times: np.ndarray, cost: float) -> Calendar:
    k = len(times)
    row = np.full((1, k), cost)
    zero, one = np.zeros((1, k)), np.ones((1, k))
    return Calendar(times, ("drug",) * k, one, one, one, row, zero, np.ones(k, dtype=np.int64), "GBP", 2022)


def test_doses_are_charged_to_those_on_treatment() -> None:
    times = np.arange(200) * 14 / 365.25
    quits = 0.3
    found = run(
        None,
        Treatment(
            "x", doses=calendar(times, 100.0), longest_years=2.0, discontinuation=rate(quits, "forward")
        ),
    )
    given = times[times < 2]
    exact = (100 * np.exp(-(LAMBDA + MU + quits + FORCE) * given)).sum()
    assert found.cost_by_category["drug"][0] == pytest.approx(exact, rel=0.01)
    assert found.counts["doses"][0] == pytest.approx(np.exp(-(LAMBDA + MU + quits) * given).sum(), rel=0.01)
    years = -np.expm1(-2 * (LAMBDA + MU + quits)) / (LAMBDA + MU + quits)
    assert found.counts["treated_years"][0] == pytest.approx(years, rel=0.01)


def test_treatment_beyond_progression_goes_on_until_death() -> None:
    found = run(None, Treatment("x", cost_per_year=10.0, to_progression=False))
    np.testing.assert_allclose(found.counts["treated_years"], found.counts["life_years"], rtol=1e-12)
    np.testing.assert_allclose(
        found.cost_by_category["drug"], 10 * found.counts["life_years_discounted"], rtol=1e-9
    )


def test_costs_of_states_and_moves() -> None:
    values = Values(utilities=(0.8, 0.6), costs_per_year=(100, 300), cost_progression=70, cost_death=40)
    found = run(None, values=values)
    stable = 1 / (LAMBDA + MU + FORCE)
    care = 100 * stable + 300 * LAMBDA * stable / (DELTA + FORCE)
    moves = 70 * LAMBDA * stable + 40 * (MU * stable + LAMBDA * stable * DELTA / (DELTA + FORCE))
    assert found.cost_by_category["care"][0] == pytest.approx(care, rel=0.015)
    assert found.cost_by_category["moves"][0] == pytest.approx(moves, rel=0.015)


# irAEs among competing exponentials.


@pytest.mark.parametrize("chance", [1.0, 0.3])
def test_incidence_competes_with_progression_and_death(chance: float) -> None:
    found = run(replace(EVENT, chance=chance, high=0.25, admitted=0.4))
    p = chance * NU / (NU + LAMBDA + MU)
    # Of high grade are a quarter; they withhold treatment, which leaves the disease as it was.
    assert share(found.iraes["rash"]["any_grade"], p)
    assert share(found.iraes["rash"]["grade_3_or_more"], 0.25 * p)
    assert share(found.iraes["rash"]["admissions"], 0.1 * p)


def test_exposure_goes_on_after_the_last_dose() -> None:
    window = 0.4
    found = run(EVENT, replace(PLAIN, exposed_after_years=window))
    at_once = NU / (NU + LAMBDA + MU)
    later = LAMBDA / (NU + LAMBDA + MU) * NU / (NU + DELTA) * -np.expm1(-(NU + DELTA) * window)
    assert share(found.iraes["rash"]["any_grade"], at_once + later)


def test_losses_and_costs_last_as_long_as_the_event() -> None:
    found = run(
        replace(
            EVENT, persists=1.0, cost_low=20.0, cost_chronic_per_year=50.0, loss_low=0.1, loss_chronic=0.03
        )
    )
    p = NU / (NU + LAMBDA + MU + FORCE)  # discounted
    alive = (1 + LAMBDA / (DELTA + FORCE)) / (LAMBDA + MU + FORCE)
    acute = (1 + LAMBDA / (DELTA + RHO + FORCE)) / (LAMBDA + MU + RHO + FORCE)
    assert found.effect_by_category["iraes"][0] == pytest.approx(
        -p * (0.1 * acute + 0.03 * (alive - acute)), rel=0.02
    )
    assert found.cost_by_category["iraes"][0] == pytest.approx(p * (20 + 50 * (alive - acute)), rel=0.02)
    np.testing.assert_allclose(found.iraes["rash"]["lasting"], found.iraes["rash"]["any_grade"])
    np.testing.assert_allclose(found.effects, sum(found.effect_by_category.values()))
    np.testing.assert_allclose(found.costs, sum(found.cost_by_category.values()))


def test_some_die_of_it() -> None:
    found = run(replace(EVENT, high=1.0, fatal=0.2))
    p = 0.2 * NU / (NU + LAMBDA + MU)
    assert share(found.counts["died_of_irae"], p)
    np.testing.assert_allclose(found.iraes["rash"]["deaths"], found.counts["died_of_irae"])
    later = run(replace(EVENT, high=1.0, fatal=0.2, years_to_death=0.1))
    # The deaths come a tenth of a year later, unless another comes first.
    assert 0 < later.counts["died_of_irae"][0] < found.counts["died_of_irae"][0]
    gain = (later.by_patient - found.by_patient)[0, :, 1]
    assert (gain >= -1e-12).all()
    assert gain.max() <= 0.1 * 0.8 + 1e-9


@pytest.mark.parametrize("longest", [np.inf, 1.5])
def test_stopping_may_cost_control_of_the_disease_until_treatment_would_have_ended(longest: float) -> None:
    ratio = 2.5
    found = run(replace(EVENT, high=1.0), replace(PLAIN, ratio_off=ratio, longest_years=longest))
    out = LAMBDA + MU

    def stable(t: float) -> float:
        """Return the share progression-free: never stopped, or stopped at s and progressing faster since."""
        end = min(t, longest)
        fast = (ratio - 1) * LAMBDA
        stopped = quad(lambda s: NU * np.exp(-NU * s - fast * (end - s)), 0, end)[0]
        return float(np.exp(-out * t) * (np.exp(-NU * end) + stopped))

    years = quad(stable, 0, 60, points=[1.5], limit=200)[0]
    assert found.counts["progression_free_years"][0] == pytest.approx(years, rel=0.012)
    on = -np.expm1(-(out + NU) * min(longest, 1e9)) / (out + NU)
    assert found.counts["treated_years"][0] == pytest.approx(on, rel=0.015)


def test_high_grade_withholds_treatment_until_it_is_over() -> None:
    found = run(replace(EVENT, high=1.0, stops_high=0.0))
    out = LAMBDA + MU
    exact = 1 / out - NU / (NU + out) / (RHO + out)
    assert found.counts["treated_years"][0] == pytest.approx(exact, rel=0.012)
    assert found.counts["stopped_for_irae"][0] == 0


def test_rechallenge_and_recurrence() -> None:
    ratio, recurs, delay = 2.0, 0.3, 0.25
    found = run(
        replace(EVENT, high=1.0, recurs=recurs),
        replace(PLAIN, ratio_off=ratio, rechallenge=0.6, rechallenge_delay_years=delay),
    )
    out, off = LAMBDA + MU, ratio * LAMBDA + MU
    stopped = NU / (NU + out)
    again = 0.6 * stopped * RHO / (RHO + off) * np.exp(-off * delay)
    assert share(found.counts["rechallenged"], again)
    assert share(found.iraes["rash"]["recurrences"], again * recurs * NU / (NU + out))
    second = (1 - recurs) / out + recurs / (out + NU)
    assert found.counts["treated_years"][0] == pytest.approx(1 / (out + NU) + again * second, rel=0.015)


def test_a_second_event_ends_treatment_and_lasts_only_once() -> None:
    again = replace(EVENT, high=1.0, stops_high=0.5, recurs=1.0, persists=1.0, loss_chronic=0.1)
    found = run(again, replace(PLAIN, rechallenge=1.0)).iraes["rash"]
    first = found["any_grade"] - found["recurrences"]
    assert found["recurrences"][0] > 0.05
    assert share(found["stops"] - found["recurrences"], 0.5 * NU / (NU + LAMBDA + MU))
    np.testing.assert_allclose(found["lasting"], first, rtol=1e-12)


def test_the_value_of_rechallenge_is_the_control_that_it_brings_back() -> None:
    """Where stopping early loses nothing, a rechallenge only costs; where it does, it buys time at a price."""
    severe = replace(EVENT, high=1.0, recurs=0.3, cost_high=4000.0, loss_high=0.1)
    gains = []
    for ratio in (1.0, 2.5):
        never = replace(PLAIN, cost_per_year=50_000.0, ratio_off=ratio, longest_years=2.0)
        gains.append(difference(run(severe, replace(never, rechallenge=1.0)), run(severe, never)))
    useless, useful = gains
    assert useless.costs[0] > 4 * useless.costs_se[0]
    assert useless.effects[0] < -4 * useless.effects_se[0]  # only the irAEs that recur
    assert useful.effects[0] > 4 * useful.effects_se[0]
    # Luck is shared: the difference has less noise than either strategy alone.
    assert useful.effects_se[0] < 0.5 * run(severe).effects_se[0]


def test_several_iraes_do_not_disturb_each_others_luck() -> None:
    other = replace(EVENT, name="colitis", onset=rate(0.3), loss_low=0.2)
    one = run(replace(EVENT, loss_low=0.1))
    both = simulate(DISEASE, PLAIN, VALUES, setting=SETTING, iraes=[replace(EVENT, loss_low=0.1), other])
    for kind, value in one.iraes["rash"].items():
        np.testing.assert_array_equal(both.iraes["rash"][kind], value)
    assert (both.by_patient[0, :, 1] <= one.by_patient[0, :, 1]).all()


def test_background_mortality_competes() -> None:
    rng = np.random.default_rng(4)
    n = 40_000
    ages, female = np.round(rng.normal(66, 9, n).clip(40, 90)), rng.random(n) < 0.4
    table = life_table("uk-2018-2020")
    times = np.array([2.0, 10.0, 25.0])
    setting = Setting(
        patients=n, seed=1, horizon_years=50, background=Background(table, ages, female), times_years=times
    )
    hardly = Hazard("exponential", [1e-12])
    found = simulate(Disease(hardly, hardly, hardly), PLAIN, VALUES, setting=setting)
    np.testing.assert_allclose(
        found.occupancy[0, :, 0], Cohort.of_patients(ages, female).survival(table, times), atol=0.01
    )


def test_each_draw_has_its_own_numbers() -> None:
    setting = replace(SETTING, draws=3, patients=20_000)
    irae = replace(EVENT, chance=[0.0, 0.5, 1.0], loss_low=[0.1, 0.1, 0.2])
    found = run(irae, replace(PLAIN, cost_per_year=[1.0, 2.0, 3.0]), setting)
    p = NU / (NU + LAMBDA + MU)
    np.testing.assert_allclose(found.iraes["rash"]["any_grade"], [0, 0.5 * p, p], atol=0.015)
    per_year = found.cost_by_category["drug"] / [1.0, 2.0, 3.0]
    np.testing.assert_allclose(per_year, per_year.mean(), rtol=0.03)
    assert found.effects.shape == found.costs_se.shape == (3,)


def test_standard_errors_are_those_of_repeated_runs() -> None:
    setting = replace(SETTING, draws=200, patients=200)  # the same numbers in each draw, other luck
    found = run(EVENT, PLAIN, setting)
    assert found.effects.std(ddof=1) == pytest.approx(found.effects_se.mean(), rel=0.2)
    exact = 0.8 / (LAMBDA + MU + FORCE) + 0.6 * LAMBDA / (LAMBDA + MU + FORCE) / (DELTA + FORCE)
    covered = np.abs(found.effects - exact) < 1.96 * found.effects_se
    assert 0.9 <= covered.mean() <= 0.99


BUSY = (
    replace(
        EVENT, name="rash", high=0.2, stops_high=0.5, recurs=0.5, persists=0.1, loss_low=0.05, loss_high=0.1
    ),
    replace(
        EVENT,
        name="colitis",
        high=0.7,
        stops_high=0.6,
        recurs=0.4,
        fatal=0.05,
        onset=rate(1.5),
        cost_high=100.0,
    ),
    replace(EVENT, name="thyroid", chance=0.4, persists=0.8, holds_low=True, loss_chronic=0.03),
)
LIVELY = Treatment(
    "lively", longest_years=2.0, rechallenge=0.7, rechallenge_delay_years=0.05, ratio_off=1.5,
    discontinuation=rate(0.2, "forward"), cost_per_year=10.0,
)  # fmt: skip


def test_histories_are_the_lives_that_are_counted() -> None:
    n = 400
    setting = replace(SETTING, patients=n, draws=2)
    found = simulate(DISEASE, LIVELY, VALUES, setting=setting, iraes=BUSY)
    lives = histories(DISEASE, LIVELY, setting=setting, iraes=BUSY, patients=n, draw=1)
    what = Counter(event.what for event in lives)
    counts = {name: round(values[1] * n) for name, values in found.counts.items()}
    assert what["death"] == counts["died"] == n
    assert what["progression"] == counts["progressed"]
    assert what["rechallenge"] == counts["rechallenged"] > 0
    assert what["stopped for irAE"] == counts["stopped_for_irae"] > 0
    for name, kinds in found.iraes.items():
        mine = Counter(event.what for event in lives if event.irae == name)
        assert mine["irAE grade 3+"] == round(kinds["grade_3_or_more"][1] * n)
        assert mine["irAE grade 1-2"] + mine["irAE grade 3+"] == round(kinds["any_grade"][1] * n)
    assert what["held"] >= what["resumed"] > 0
    last = {event.patient: event.time_years for event in lives}
    years = sum(last.values()) / n
    assert years == pytest.approx(found.counts["life_years"][1], rel=1e-9)
    for patient in range(n):
        of_patient = [event.time_years for event in lives if event.patient == patient]
        assert of_patient == sorted(of_patient)


def test_threads_and_company_change_nothing() -> None:
    def lives(**rest: Any) -> np.ndarray:
        setting = replace(SETTING, patients=rest.pop("patients", 20_000), draws=2)
        return simulate(DISEASE, LIVELY, VALUES, setting=setting, iraes=BUSY, **rest).by_patient

    one = lives(threads=1)
    np.testing.assert_array_equal(one, lives(threads=3))
    np.testing.assert_array_equal(one[:, :50], lives(patients=50))


def test_costs_and_effects_are_discounted_each_in_its_own_way() -> None:
    def lives(costs: float, effects: float) -> np.ndarray:
        setting = replace(SETTING, patients=500, costs=Discount(costs), effects=Discount(effects))
        values = Values((0.8, 0.6), costs_per_year=(100, 300), cost_progression=70, cost_death=40)
        treatment = replace(LIVELY, doses=calendar(np.arange(40) * 21 / 365.25, 10.0))
        iraes = [replace(irae, cost_admission=9.0, admitted=0.5, cost_chronic_per_year=7.0) for irae in BUSY]
        return np.asarray(simulate(DISEASE, treatment, values, setting=setting, iraes=iraes).by_patient[0])

    none, both, mixed = lives(0.0, 0.0), lives(0.05, 0.05), lives(0.0, 0.05)
    np.testing.assert_allclose(mixed[:, 0], none[:, 0], rtol=1e-12)
    np.testing.assert_allclose(mixed[:, 1], both[:, 1], rtol=1e-12)
    assert (both[:, 0] < none[:, 0]).all()


def test_a_second_irae_keeps_treatment_withheld_until_both_are_over() -> None:
    """Two that come at once and last for different times: the longer one decides."""
    at_once, first = Hazard("exponential", [1e9]), replace(EVENT, high=1.0, stops_high=0.0)
    short = replace(first, name="short", onset=at_once, lasting_high=rate(20.0))
    long = replace(first, name="long", onset=at_once, lasting_high=rate(2.0))
    found = simulate(DISEASE, PLAIN, VALUES, setting=SETTING, iraes=[long, short])
    out = LAMBDA + MU
    held = 1 / (2 + out) + 1 / (20 + out) - 1 / (22 + out)  # mean of the longer one, cut by leaving
    assert found.counts["treated_years"][0] == pytest.approx(1 / out - held, rel=0.012)


def test_who_would_have_stopped_anyway_is_not_treated_again() -> None:
    quits = 1.2
    found = run(
        replace(EVENT, high=1.0), replace(PLAIN, rechallenge=1.0, discontinuation=rate(quits, "forward"))
    )
    out = LAMBDA + MU + quits
    assert share(found.counts["rechallenged"], NU / (NU + out) * RHO / (RHO + out))


@settings(max_examples=40, deadline=None)
@given(
    chance=st.floats(0, 1), high=st.floats(0, 1), stops=st.floats(0, 1), loss=st.floats(0, 1),
    ratio=st.floats(0, 4), again=st.floats(0, 1), seed=st.integers(0, 2**63), longest=st.floats(0.01, 5),
)  # fmt: skip
def test_whatever_happens_sums_hold(
    chance: float,
    high: float,
    stops: float,
    loss: float,
    ratio: float,
    again: float,
    seed: int,
    longest: float,
) -> None:
    irae = replace(BUSY[1], chance=chance, high=high, stops_high=stops, loss_high=loss)
    setting = replace(SETTING, patients=60, seed=seed)
    treatment = replace(LIVELY, ratio_off=ratio, rechallenge=again, longest_years=longest)
    found = simulate(DISEASE, treatment, VALUES, setting=setting, iraes=[BUSY[0], irae, BUSY[2]])
    counts = found.counts
    assert (counts["progression_free_years"] <= counts["life_years"] + 1e-12).all()
    assert (counts["treated_years"] <= min(longest, np.inf) + 1e-12).all()
    assert (counts["treated_years"] <= counts["progression_free_years"] + 1e-12).all()
    assert (found.effects <= 0.8 * counts["life_years_discounted"] + 1e-12).all()
    assert (counts["rechallenged"] <= counts["stopped_for_irae"]).all()
    for kinds in found.iraes.values():
        assert (kinds["grade_3_or_more"] <= kinds["any_grade"]).all()
        assert (kinds["any_grade"] <= 1 + kinds["recurrences"]).all()
        assert (kinds["stops"] <= kinds["any_grade"]).all()


# Incidence as observed.


def test_observed_incidence_is_reproduced() -> None:
    target = replace(EVENT, chance=0.3, recurs=0.5, high=0.5)
    found = with_observed_incidence(
        [target, BUSY[2]], DISEASE, LIVELY, setting=replace(SETTING, patients=30_000)
    )
    again = simulate(DISEASE, LIVELY, VALUES, setting=replace(SETTING, patients=30_000), iraes=found)
    first = again.iraes["rash"]["any_grade"] - again.iraes["rash"]["recurrences"]
    np.testing.assert_allclose(first, 0.3, rtol=2e-3)
    assert float(np.asarray(found[0].chance)) > 0.3
    with pytest.raises(NotEstimable, match="cannot be reached"):
        with_observed_incidence([replace(EVENT, chance=0.9)], DISEASE, PLAIN, setting=SETTING)


# What is refused.


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: replace(EVENT, chance=33), UnreadableInput, "percentage"),
        (lambda: replace(EVENT, loss_low=-0.1), UnreadableInput, "minus sign"),
        (lambda: replace(EVENT, cost_high=np.nan), UnreadableInput, "cost_high"),
        (lambda: replace(EVENT, lasting_low=rate(1.0, "forward")), InvalidSetting, "from its onset"),
        (lambda: Treatment("x", longest_years=0), InvalidSetting, "longest treatment"),
        (lambda: Treatment("x", rechallenge=60), UnreadableInput, "between 0 and 1"),
        (lambda: Treatment("x", ratio_off=-1), UnreadableInput, "ratio_off"),
        (lambda: Treatment("x", doses=[calendar(np.arange(3.0), 1)] * 2), InvalidSetting, "which is whose"),
        (lambda: Values(utilities=(80, 60)), UnreadableInput, "utility"),
        (lambda: Values(cost_death=-5), UnreadableInput, "negative"),
        (lambda: Setting(patients=0, seed=1, horizon_years=1), InvalidSetting, "needs a patient"),
        (lambda: Setting(patients=1, seed=1, horizon_years=1, times_years=[2]), InvalidSetting, "horizon"),
        (lambda: run(replace(EVENT, chance=[0.1, 0.2])), InvalidSetting, "1 draws"),
        (lambda: run(EVENT, replace(PLAIN, cost_per_year=[1, 2])), InvalidSetting, "Numbers of a strategy"),
        (
            lambda: simulate(DISEASE, PLAIN, VALUES, setting=SETTING, iraes=[EVENT, EVENT]),
            InvalidSetting,
            "own",
        ),
        (
            lambda: simulate(replace(DISEASE, progression=rate(1.0)), PLAIN, VALUES, setting=SETTING),
            InvalidSetting,
            "from the start",
        ),
        (
            lambda: histories(DISEASE, PLAIN, setting=replace(SETTING, patients=3), patients=4),
            InvalidSetting,
            "3 pat",
        ),
        (lambda: median_of(0.0), InvalidSetting, "above zero"),
        (
            lambda: difference(
                run(None, setting=replace(SETTING, patients=3)),
                run(None, setting=replace(SETTING, patients=4)),
            ),
            InvalidSetting,
            "same patients",
        ),
    ],
)
def test_what_does_not_fit_is_refused(make: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        make()


def test_costs_and_losses_of_each_irae_add_up_to_those_of_all() -> None:
    iraes = [
        replace(i, cost_low=5.0, admitted=0.5, cost_admission=9.0, cost_chronic_per_year=7.0) for i in BUSY
    ]
    found = simulate(DISEASE, LIVELY, VALUES, setting=replace(SETTING, patients=5000), iraes=iraes)
    each = {kind: sum(of[kind] for of in found.iraes.values()) for kind in ("cost", "loss")}
    np.testing.assert_allclose(each["cost"], found.cost_by_category["iraes"], rtol=1e-12)
    np.testing.assert_allclose(each["loss"], -found.effect_by_category["iraes"], rtol=1e-12)
    assert all(of["cost"][0] > 0 for of in found.iraes.values())


def test_admissions_stand_in_the_histories() -> None:
    n = 500
    iraes = [replace(irae, admitted=0.6) for irae in BUSY]
    setting = replace(SETTING, patients=n)
    found = simulate(DISEASE, LIVELY, VALUES, setting=setting, iraes=iraes)
    lives = histories(DISEASE, LIVELY, setting=setting, iraes=iraes, patients=n)
    admitted = [event for event in lives if event.what == "admitted"]
    assert len(admitted) == round(sum(of["admissions"][0] for of in found.iraes.values()) * n) > 50
    onsets = {(e.patient, e.time_years, e.irae) for e in lives if e.what == "irAE grade 3+"}
    assert all((e.patient, e.time_years, e.irae) in onsets for e in admitted)


def test_utility_that_falls_with_age_is_worth_less_by_that_much() -> None:
    times = np.linspace(0, 400, 4001)
    falling = replace(SETTING, effect_multiplier=(times, np.exp(-0.02 * times)))
    found = run(replace(EVENT, loss_low=0.1), setting=falling)
    steeper = replace(SETTING, effects=Discount(FORCE + 0.02, "continuous"))
    exact = run(replace(EVENT, loss_low=0.1), setting=steeper)
    np.testing.assert_allclose(found.effects, exact.effects, rtol=1e-6)
    np.testing.assert_allclose(found.costs, exact.costs, rtol=1e-12)
