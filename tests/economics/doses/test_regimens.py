"""When doses are due, and what a regimen must say."""

from __future__ import annotations

import numpy as np
import pytest

from coley.economics.doses.amounts import Flat, PerKg
from coley.economics.doses.known import list_prices
from coley.economics.doses.prices import Price, Product
from coley.economics.doses.regimens import Administration, Given, Phase, Regimen
from coley.model.errors import InvalidSetting, MissingData

NIVO = Product("nivolumab", list_prices("nivolumab", "UK", price_year=2022), country="UK")
PEMBRO = Product("pembrolizumab", list_prices("pembrolizumab", "UK", price_year=2022), country="UK")
FREE = {"iv": Administration(0)}


def weeks(drug, until):
    return [at for at, _ in drug.due_weeks(until)]


def test_two_years_of_pembrolizumab_are_35_doses_every_three_weeks():
    by_time = Given(PEMBRO, [Phase(Flat(200), 3)], stop_years=2)
    by_count = Given(PEMBRO, [Phase(Flat(200), 3)], max_doses=35)
    assert len(weeks(by_time, 1e4)) == 35
    assert weeks(by_time, 1e4) == weeks(by_count, 1e4)
    assert len(weeks(Given(PEMBRO, [Phase(Flat(400), 6)], stop_years=2), 1e4)) == 18


def test_induction_then_maintenance_with_and_without_a_gap():
    induction = Phase(PerKg(1), 3, doses=4)
    plain = Given(NIVO, [induction, Phase(Flat(480), 4)])
    assert plain.due_weeks(21) == [(0, 0), (3, 0), (6, 0), (9, 0), (12, 1), (16, 1), (20, 1)]
    later = Given(NIVO, [induction, Phase(Flat(480), 4, gap_weeks=6)])
    assert weeks(later, 21) == [0, 3, 6, 9, 15, 19]


def test_a_switch_of_interval_at_a_time():
    drug = Given(PEMBRO, [Phase(Flat(200), 3, weeks=12), Phase(Flat(400), 6)])
    assert weeks(drug, 30) == [0, 3, 6, 9, 12, 18, 24]
    # A phase whose length is no multiple of its interval: the next dose keeps the interval of the one before.
    drug = Given(PEMBRO, [Phase(Flat(200), 3, weeks=10), Phase(Flat(400), 6)])
    assert weeks(drug, 30) == [0, 3, 6, 9, 12, 18, 24]


def test_stops_count_over_all_phases_and_the_earliest_holds():
    phases = [Phase(PerKg(1), 3, doses=4), Phase(Flat(480), 4)]
    assert len(weeks(Given(NIVO, phases, max_doses=3), 100)) == 3
    assert weeks(Given(NIVO, phases, max_doses=6), 100) == [0, 3, 6, 9, 12, 16]
    assert weeks(Given(NIVO, phases, start_weeks=6), 16) == [6, 9, 12, 15]
    assert weeks(Given(NIVO, phases), 9) == [0, 3, 6]


def test_missed_and_reduced_doses_multiply():
    drug = Given(NIVO, [Phase(Flat(480), 4)], missed=[0.1, 0.0], reduced=0.2)
    np.testing.assert_allclose(drug.relative_dose_intensity, [0.72, 0.8])


def test_refusals():
    endless = Phase(Flat(240), 2)
    for error, make, word in (
        (InvalidSetting, lambda: Phase(Flat(240), 0), "every_weeks"),
        (InvalidSetting, lambda: Phase(Flat(240), 2, doses=0), "doses"),
        (InvalidSetting, lambda: Phase(Flat(240), 2, doses=4, weeks=8), "not both"),
        (InvalidSetting, lambda: Given(NIVO, []), "no phase"),
        (InvalidSetting, lambda: Given(NIVO, [endless, endless]), "without end"),
        (InvalidSetting, lambda: Given(NIVO, [endless], missed=5), "percentage"),
        (InvalidSetting, lambda: Given(NIVO, [endless], stop_years=0), "stop"),
        (InvalidSetting, lambda: Given(NIVO, [endless], max_doses=0), "max_doses"),
        (InvalidSetting, lambda: Given(NIVO, [endless]).due_weeks(np.inf), "due"),
        (InvalidSetting, lambda: Administration(-1), "administration"),
        (InvalidSetting, lambda: Regimen("none", [], FREE), "no drug"),
        (MissingData, lambda: Regimen("one", [Given(NIVO, [endless])], {}), "iv"),
    ):
        with pytest.raises(error) as raised:
            make()
        assert word in str(raised.value)
    dollars = Product("b", [Price(1, per="mg", currency="USD", price_year=2022)])
    with pytest.raises(InvalidSetting, match="different currencies"):
        Regimen("two", [Given(NIVO, [endless]), Given(dollars, [endless])], FREE)
