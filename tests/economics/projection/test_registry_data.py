"""A registry held against a curve: shares, hazards, survival continued; printed limits; expected deaths."""

from __future__ import annotations

import numpy as np
import pytest

from coley.economics.projection.curve import curve_of_rates
from coley.economics.projection.registry_data import (
    Counts,
    continued,
    expected_deaths,
    hazards,
    lived_through,
)

RATE = 0.2
CURVE = curve_of_rates(np.linspace(0, 20, 1041), [0], [RATE])


def test_people_of_the_models_own_hazard_continue_its_curve() -> None:
    start, stop = np.array([5.0, 6.0, 9.0]), np.array([6.0, 7.0, 12.0])  # with a gap
    at_risk = np.array([1000.0, 800, 300])
    same = Counts(start, stop, at_risk, at_risk * np.exp(-RATE * (stop - start)))
    assert lived_through(CURVE, same) == pytest.approx(np.exp(-RATE * (stop - start)), rel=1e-9)
    assert expected_deaths(CURVE, same) == pytest.approx(same.deaths)
    seen = continued(CURVE, same)
    assert seen.times_years.tolist() == stop.tolist()
    assert seen.value == pytest.approx(np.exp(-RATE * stop), rel=1e-9)
    share = np.exp(-RATE)
    half = 1.959964 * np.sqrt((1 - share) / (share * 1000))
    assert (seen.low[0], seen.high[0]) == pytest.approx(np.exp(-RATE * 6 + np.array([-half, half])), rel=1e-7)
    assert (np.diff(np.log(seen.high / seen.low)) > 0).all(), "what is not known adds up"
    found = hazards(same)
    assert found.value == pytest.approx(np.full(3, RATE))
    assert (found.low < RATE).all()
    assert (found.high > RATE).all()


def test_intervals_beyond_the_horizon_are_left_out() -> None:
    whole = Counts(np.array([5.0, 6.0]), np.array([6.0, 7.0]), np.array([9.0, 5]), np.array([6.0, 1]), "SEER")
    assert whole.deaths == 7
    part = whole.within(6.5)
    assert (part.stop_years.tolist(), part.deaths, part.source) == ([6.0], 3, "SEER")


def test_an_interval_that_nobody_survives_has_no_hazard_and_none_that_all_survive_one_of_zero() -> None:
    ends = Counts(np.array([5.0, 6.0]), np.array([6.0, 7.0]), np.array([20.0, 20]), np.array([20.0, 0]))
    found = hazards(ends)
    assert (found.times_years.tolist(), found.value.tolist()) == ([5.5], [0.0])
    assert found.low[0] == pytest.approx(0, abs=1e-12)
    assert found.high[0] > 0
    later = continued(CURVE, ends)
    assert later.value == pytest.approx([np.exp(-5 * RATE), 0])
    assert np.isnan(later.low[1])


@pytest.mark.real
def test_hazards_and_limits_are_those_printed_beside_the_counts_of_seer(shared) -> None:
    rows = np.genfromtxt(
        shared / "economics" / "survextrap_cetux" / "cetux_seer.csv",
        delimiter=",",
        skip_header=1,
        usecols=(0, 1, 2, 3, 5, 6, 7),
    )
    start, stop, survivors, at_risk, hazard, upper, lower = rows.T
    found = hazards(Counts(start, stop, at_risk, survivors))
    assert found.value == pytest.approx(hazard, rel=1e-9)
    # Theirs are by another method for the binomial: close where many are counted.
    many = at_risk > 100
    assert found.low[many] == pytest.approx(lower[many], rel=0.16)
    assert found.high[many] == pytest.approx(upper[many], rel=0.08)
