"""Calendars: published costs of courses, what visits cost, and the algebra of re-treatment and switches."""

from __future__ import annotations

import numpy as np
import pytest

from coley.economics.doses.amounts import Flat, PerKg, Vial
from coley.economics.doses.bodies import Empirical, Normal
from coley.economics.doses.calendar import merge, schedule, switching
from coley.economics.doses.known import known_regimens, list_prices
from coley.economics.doses.prices import Price, Product
from coley.economics.doses.regimens import WEEKS_PER_YEAR, Administration, Given, Phase, Regimen
from coley.model.errors import InvalidSetting, MissingData, UnreadableInput

NIVO = Product("nivolumab", list_prices("nivolumab", "UK", price_year=2022), country="UK")
IPI = Product("ipilimumab", list_prices("ipilimumab", "UK", price_year=2022), country="UK")
PEMBRO = Product("pembrolizumab", list_prices("pembrolizumab", "UK", price_year=2022), country="UK")
FREE = {"iv": Administration(0)}
NICE = {"iv": Administration(207.59, together=440.71), "oral": Administration(197.25, 11)}  # NICE ID6184
RCC = Normal(83.38, 18.01)


def pembro(dose=200, every=3, *, fees=FREE, **settings):
    return Regimen("pembrolizumab", [Given(PEMBRO, [Phase(Flat(dose), every)], **settings)], fees)


def combination(**settings):
    given = [
        Given({"nivolumab": NIVO, "ipilimumab": IPI}[known.drug], known.phases, **settings)
        for known in known_regimens()["nivolumab + ipilimumab melanoma flat"]
    ]
    return Regimen("nivolumab + ipilimumab", given, NICE, body=RCC)


def test_costs_of_courses_in_appraisals():
    assert schedule(pembro(max_doses=17), 2).total() == 89_420  # NICE TA830, section 2.3
    course = [Given(IPI, [Phase(PerKg(3), 3, doses=4)])]
    assert schedule(Regimen("ipi", course, FREE, body=Empirical([70])), 1).total() == 75_000  # NICE TA268


def test_the_calendar_of_a_combination():
    made = schedule(combination(), 0.5)
    np.testing.assert_allclose(
        made.times_years * WEEKS_PER_YEAR, [0, 0, 3, 3, 6, 6, 9, 9, 12, 16, 20, 24], atol=1e-9
    )
    assert made.drugs == ("nivolumab", "ipilimumab") * 4 + ("nivolumab",) * 4
    # Four visits with both drugs at the price of a complex infusion, then four plain ones.
    np.testing.assert_allclose(made.administration[0], [440.71, 0] * 4 + [207.59] * 4)
    np.testing.assert_allclose(made.given_mg[0, :2], [83.38, 3 * 83.38], rtol=1e-4)
    assert (made.bought_mg[0] >= made.given_mg[0] - 1e-9).all()
    np.testing.assert_allclose(made.acquisition[0, -1], 2 * 2633)


def test_missed_doses_save_the_visit_and_reduced_doses_do_not():
    whole = schedule(pembro(fees=NICE), 1)
    missed = schedule(pembro(fees=NICE, missed=0.1), 1)
    reduced = schedule(pembro(fees=NICE, reduced=0.1), 1)
    np.testing.assert_allclose(missed.total(), 0.9 * whole.total())
    np.testing.assert_allclose(reduced.administration, whole.administration)
    # 180 mg still take two vials of 100 mg: the same relative dose intensity, and no money saved.
    np.testing.assert_allclose(reduced.acquisition, whole.acquisition)
    np.testing.assert_allclose(reduced.given_mg.sum(), missed.given_mg.sum())


def test_of_two_drugs_with_different_shares_missed_the_visit_is_as_often_as_either():
    both = [
        Given(PEMBRO, [Phase(Flat(200), 3, doses=1)], missed=0.1),
        Given(NIVO, [Phase(Flat(240), 2, doses=1)], missed=0.3),
    ]
    made = schedule(Regimen("two", both, NICE), 1)
    np.testing.assert_allclose(made.administration.sum(), 0.7 * 440.71 + 0.2 * 207.59)
    np.testing.assert_allclose(made.chance, [[0.9, 0.7]])


def test_oral_drugs_cost_more_to_begin():
    tablets = Price(1000, per="pack", vial=Vial(5), vials_per_pack=56, currency="GBP", price_year=2022)
    axitinib = Given(Product("axitinib", [tablets]), [Phase(Flat(280), 4)], route="oral")
    made = schedule(Regimen("axitinib", [axitinib], NICE), 13 / WEEKS_PER_YEAR)
    np.testing.assert_allclose(made.administration, [[197.25, 11, 11, 11]])
    np.testing.assert_allclose(made.acquisition, [[1000] * 4])


def test_price_cuts_and_discounts_by_draw():
    product = Product("pembrolizumab", PEMBRO.prices, discount=[0.0, 0.5], cuts=[(1.0, 0.4)])
    made = schedule(Regimen("p", [Given(product, [Phase(Flat(400), 6)])], FREE), 1.2)
    before = made.times_years < 1
    assert before.sum() == 9
    np.testing.assert_allclose(made.cost[0], np.where(before, 10_520, 6312))
    np.testing.assert_allclose(made.cost[1], made.cost[0] / 2)


def test_cumulative_cost_is_a_step_function_and_intervals_add_up_to_it():
    made = schedule(pembro(), 1)
    week = 1 / WEEKS_PER_YEAR
    np.testing.assert_allclose(
        made.cumulative([0, 2.9 * week, 3 * week, 3.1 * week]), [[5260, 5260, 10_520, 10_520]]
    )
    edges = np.arange(0, 53, 3) * week
    np.testing.assert_allclose(made.between(edges), np.full((1, 17), 5260.0))
    uneven = np.array([0, 0.31, 0.32, 0.9, 1.0])
    np.testing.assert_allclose(made.between(uneven).sum(), made.total())


def test_expected_cost_on_an_exponential_time_on_treatment():
    made = schedule(pembro(), 20)
    rate = np.array([0.5, 1.2])
    grid = np.linspace(0, 20, 20 * 400 + 1)
    found = made.on_treatment(grid, np.exp(-rate[:, None] * grid)).total((1 + 0.035) ** -made.times_years)
    ratio = np.exp(-(rate + np.log(1.035)) * 3 / WEEKS_PER_YEAR)
    np.testing.assert_allclose(found, 5260 * (1 - ratio ** len(made)) / (1 - ratio), rtol=1e-5)


def test_reading_a_curve_between_its_points_is_linear():
    made = schedule(pembro(), 0.2)
    found = made.on_treatment([0, 1], [1.0, 0.0])
    np.testing.assert_allclose(found.chance[0], 1 - made.times_years)


def test_retreatment_is_a_second_course_for_a_share():
    first, second = schedule(pembro(stop_years=2), 30), schedule(pembro(max_doses=17), 30)
    made = first.retreated(second, start_years=3.0, share=[0.0, 0.3])
    np.testing.assert_allclose(made.total(), 35 * 5260 + np.array([0.0, 0.3]) * 89_420)
    assert (np.diff(made.times_years) >= 0).all()
    assert made.times_years[made.course == 2].min() == 3.0
    assert (made.course == 2).sum() == 17


def test_switching_a_share_to_another_interval():
    every3 = schedule(pembro(fees=NICE), 1)
    phases = [Phase(Flat(200), 3, weeks=24), Phase(Flat(400), 6)]
    switch = schedule(Regimen("switch", [Given(PEMBRO, phases)], NICE), 1)
    made = switching(every3, switch, share=0.6)
    np.testing.assert_allclose(made.total(), 0.4 * every3.total() + 0.6 * switch.total())
    early = made.times_years < 24 / WEEKS_PER_YEAR - 1e-9
    np.testing.assert_allclose(made.chance[0, early].sum(), 8)  # both agree until week 24
    assert switch.administration.sum() < every3.administration.sum()


def test_the_interval_alone_changes_administration_and_not_the_drug():
    three, six = (
        schedule(pembro(fees=NICE), 36 / WEEKS_PER_YEAR),
        schedule(pembro(400, 6, fees=NICE), 36 / WEEKS_PER_YEAR),
    )
    np.testing.assert_allclose(three.acquisition.sum(), six.acquisition.sum())
    np.testing.assert_allclose(three.administration.sum(), 2 * six.administration.sum())


def test_the_order_of_drugs_is_free():
    one = combination()
    two = Regimen(one.name, one.drugs[::-1], one.administration, body=one.body)
    np.testing.assert_allclose(schedule(one, 2).total(), schedule(two, 2).total())


def test_a_drug_that_starts_after_the_horizon_costs_nothing():
    none = schedule(pembro(start_weeks=60), 1)
    assert len(none) == 0
    assert none.total().tolist() == [0]
    assert none.between([0, 0.5, 1]).tolist() == [[0, 0]]
    assert none.on_treatment([0, 1], [1, 0.5]).total().tolist() == [0]
    assert merge(none, schedule(pembro(max_doses=1), 1)).total().tolist() == [5260]


def test_refusals():
    made = schedule(pembro(), 1)
    both = [Given(PEMBRO, [Phase(Flat(200), 3)]), Given(NIVO, [Phase(Flat(240), 2)])]
    dollars = Product("b", [Price(1, per="mg", vial=Vial(1), currency="USD", price_year=2022)])
    other = schedule(Regimen("b", [Given(dollars, [Phase(Flat(1), 3)])], FREE), 1)
    drawn = Product("pembrolizumab", PEMBRO.prices, discount=[0.1, 0.2, 0.3])
    for error, call, word in (
        (MissingData, lambda: schedule(Regimen("two", both, FREE), 1), "same day"),
        (
            MissingData,
            lambda: schedule(Regimen("w", [Given(NIVO, [Phase(PerKg(3), 2)])], FREE), 1),
            "weights",
        ),
        (InvalidSetting, lambda: schedule(pembro(), 0), "horizon"),
        (InvalidSetting, lambda: schedule(pembro(), 480), "horizon"),
        (InvalidSetting, lambda: made.scaled(1.2), "percentage"),
        (InvalidSetting, lambda: made.between([1, 0]), "edges"),
        (InvalidSetting, lambda: merge(made, other), "USD"),
        (UnreadableInput, lambda: made.on_treatment([0, 0.5], [1, 0.5]), "extrapolated"),
        (UnreadableInput, lambda: made.on_treatment([0, 1, 2], [1, 0.5]), "each"),
        (
            InvalidSetting,
            lambda: schedule(Regimen("d", [Given(drawn, [Phase(Flat(200), 3)], missed=[0.1, 0.2])], FREE), 1),
            "2 and 3",
        ),
    ):
        with pytest.raises(error) as raised:
            call()
        assert word in str(raised.value)
