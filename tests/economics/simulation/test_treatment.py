"""Doses of patients by their own weight add up to the expected cost of the regimen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coley.economics.course.discounting import NO_DISCOUNT
from coley.economics.doses import (
    Administration,
    Calendar,
    Empirical,
    Flat,
    Given,
    PerKg,
    Phase,
    Product,
    Regimen,
    list_prices,
    schedule,
)
from coley.economics.simulation.clocks import Hazard
from coley.economics.simulation.treated import Setting, simulate
from coley.economics.simulation.treatment import Disease, Treatment, Values, doses_by_weight
from coley.model.errors import InvalidSetting

DRUG = Product("nivolumab", list_prices("nivolumab", "UK", price_year=2022), country="UK")
BY_WEIGHT = Regimen("by weight", [Given(DRUG, [Phase(PerKg(3), 2)])], {"iv": Administration(207.59)})
HARDLY = Hazard("exponential", [1e-9])
HEALTHY = Disease(HARDLY, HARDLY, HARDLY)


def test_patients_pay_for_their_own_weight() -> None:
    rng = np.random.default_rng(1)
    weights = np.round(rng.normal(75, 14, 500).clip(45, 120))
    calendars, whose = doses_by_weight(BY_WEIGHT, weights, horizon_years=2)
    setting = Setting(patients=500, seed=1, horizon_years=2, costs=NO_DISCOUNT)
    found = simulate(HEALTHY, Treatment("x", doses=calendars, doses_of=whose), Values(), setting=setting)
    exact = schedule(replace(BY_WEIGHT, body=Empirical(weights)), 2).total()
    np.testing.assert_allclose(found.costs, exact, rtol=1e-9)
    heavy, light = weights > 90, weights < 60
    assert found.by_patient[0, heavy, 0].min() > found.by_patient[0, light, 0].max()


def test_a_two_year_stop_gives_the_doses_of_two_years() -> None:
    flat = Regimen("flat", [Given(DRUG, [Phase(Flat(480), 4)])], {"iv": Administration(0)})
    setting = Setting(patients=3, seed=1, horizon_years=10)
    found = simulate(
        HEALTHY, Treatment("x", doses=schedule(flat, 10), longest_years=2.0), Values(), setting=setting
    )
    calendar = schedule(flat, 2.0)
    assert found.counts["doses"][0] == len(calendar) == 27
    np.testing.assert_allclose(found.costs, calendar.total(1.035**-calendar.times_years), rtol=1e-9)


def test_calendars_that_do_not_fit_are_refused() -> None:
    setting = Setting(patients=3, seed=1, horizon_years=2)
    calendars, _ = doses_by_weight(BY_WEIGHT, [60.0, 80.0], horizon_years=2)
    with pytest.raises(InvalidSetting, match="one of 2 calendars for each of 3"):
        simulate(HEALTHY, Treatment("x", doses=calendars, doses_of=[0, 1]), Values(), setting=setting)
    with pytest.raises(InvalidSetting, match="one of 2 calendars"):
        simulate(HEALTHY, Treatment("x", doses=calendars, doses_of=[0, 1, 2]), Values(), setting=setting)
    dollars: Calendar = replace(calendars[1], currency="USD")
    with pytest.raises(InvalidSetting, match="different currencies"):
        Treatment("x", doses=[calendars[0], dollars], doses_of=[0, 1, 0])
    shorter, _ = doses_by_weight(BY_WEIGHT, [60.0], horizon_years=1)
    with pytest.raises(InvalidSetting, match="same times"):
        Treatment("x", doses=[calendars[0], shorter[0]], doses_of=[0, 1, 0])
    three = replace(calendars[0], acquisition=np.repeat(calendars[0].acquisition, 3, axis=0))
    with pytest.raises(InvalidSetting, match="holds 3 draws"):
        simulate(HEALTHY, Treatment("x", doses=three), Values(), setting=setting)
