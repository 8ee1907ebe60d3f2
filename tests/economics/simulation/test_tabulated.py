"""Hazards along a grid: the lives that a closed form gives, and the shares of two curves of survival."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.economics.course.discounting import Discount
from coley.economics.simulation.clocks import Hazard
from coley.economics.simulation.tabulated import Tabulated, moves_of_curves
from coley.economics.simulation.treated import Setting, simulate
from coley.economics.simulation.treatment import Disease, Treatment, Values
from coley.model.errors import InvalidSetting, UnreadableInput

T = np.linspace(0, 20, 1041)
SETTING = Setting(
    patients=40_000, seed=5, horizon_years=20, effects=Discount(0.0), times_years=[0.5, 2.0, 8.0, 15.0]
)


def years(disease: Disease) -> np.ndarray:
    found = simulate(disease, Treatment("x"), Values(), setting=SETTING)
    return found.by_patient[0, :, 1]


@pytest.mark.parametrize("clock", ["reset", "forward"])
def test_a_table_gives_the_lives_of_the_family_that_it_holds(clock: str) -> None:
    def weibull(shape: float, scale: float) -> np.ndarray:
        return ((T / scale) ** shape)[None]

    progression, before = Hazard("weibull", [0.9, 2.0]), Hazard("weibull", [1.3, 9.0])
    exact = Disease(progression, before, Hazard("weibull", [1.5, 2.5], clock=clock))
    table = Disease(
        Tabulated(T, weibull(0.9, 2.0)),
        Tabulated(T, weibull(1.3, 9.0)),
        Tabulated(T, weibull(1.5, 2.5), clock=clock),
    )
    # The same luck, so that patient after patient lives as long, but for the first week of the grid.
    np.testing.assert_allclose(years(table), years(exact), atol=0.02)


CURVES = {
    "progression first": (np.exp(-0.9 * T), np.exp(-0.3 * T)),
    "hazards cross": (0.3 + 0.7 * np.exp(-1.5 * T), np.exp(-0.08 * T)),
    "plateau": (0.25 + 0.75 * np.exp(-2 * T), 0.4 + 0.6 * np.exp(-0.4 * T)),
    "curves cross": (np.exp(-0.3 * T), np.exp(-((T / 3) ** 1.5))),
}


@pytest.mark.parametrize("curves", CURVES.values(), ids=CURVES)
def test_the_moves_give_both_curves_back(curves: tuple[np.ndarray, np.ndarray]) -> None:
    free, alive = np.minimum(*curves), curves[1]
    moves = moves_of_curves(T, curves[0][None], alive[None])
    found = simulate(Disease(*moves), Treatment("x"), Values(), setting=SETTING)
    at = np.searchsorted(T, SETTING.times_years)
    np.testing.assert_allclose(found.occupancy[0, :, 0], free[at], atol=0.011)
    np.testing.assert_allclose(found.occupancy[0, :, :2].sum(axis=1), alive[at], atol=0.011)
    for state, curve in (("progression_free_years", free), ("life_years", alive)):
        assert found.counts[state][0] == pytest.approx(np.trapezoid(curve, T), rel=0.015)


@settings(max_examples=60, deadline=None)
@given(
    rates=st.tuples(st.floats(0.01, 3), st.floats(0.01, 3), st.floats(0.3, 3), st.floats(0.3, 3)),
    plateau=st.floats(0, 0.6),
)
def test_the_moves_add_up_whatever_the_curves(rates: tuple[float, ...], plateau: float) -> None:
    """Along the grid, exactly: occupancies that follow from the hazards are those of the two curves."""
    a, b, p, q = rates
    alive = plateau + (1 - plateau) * np.exp(-((a * T) ** p))
    free = np.minimum(np.exp(-((b * T) ** q)), alive)
    steps = [
        np.diff(move.cumulative_hazard, axis=1)[0] for move in moves_of_curves(T, free[None], alive[None])
    ]
    assert all((step >= 0).all() for step in steps)
    progression, before, _ = steps
    np.testing.assert_allclose(np.exp(-np.cumsum(progression + before)), free[1:], rtol=1e-9, atol=1e-12)


def test_what_is_no_hazard_is_refused() -> None:
    with pytest.raises(UnreadableInput, match="never falls"):
        Tabulated([0, 1, 2], [[0, 0.5, 0.4]])
    with pytest.raises(UnreadableInput, match="zero at the start"):
        Tabulated([0, 1, 2], [[0.1, 0.5, 0.6]])
    with pytest.raises(UnreadableInput, match="rise from zero"):
        Tabulated([0, 2, 1], [[0, 0.5, 0.6]])
    short = Tabulated([0, 1, 2], [[0, 0.5, 1.0]])
    with pytest.raises(InvalidSetting, match="known for 2 years, and the horizon is 20"):
        simulate(Disease(short, short, short), Treatment("x"), Values(), setting=SETTING)
