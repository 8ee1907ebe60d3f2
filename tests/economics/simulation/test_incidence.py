"""Chances such that the simulated incidence is the one that was observed, over draws."""

from __future__ import annotations

import numpy as np
import pytest

from coley.economics.simulation.clocks import Hazard
from coley.economics.simulation.incidence import with_mean_incidence, with_observed_incidence
from coley.economics.simulation.iraes import Irae
from coley.economics.simulation.treated import Setting, simulate
from coley.economics.simulation.treatment import Disease, Treatment, Values

RATES, ONSET = np.array([0.3, 0.5, 0.9]), 2.0  # progression in three draws, and onset, per year
PLAIN = Treatment("x", exposed_after_years=0.0)
SETTING = Setting(patients=40_000, draws=3, seed=4, horizon_years=30)


def rate(value: object, clock: str = "reset") -> Hazard:
    return Hazard("exponential", np.reshape(np.asarray(value, dtype=float), (-1, 1)), clock=clock)


DISEASE = Disease(rate(RATES, "forward"), rate(1e-9, "forward"), rate(1.0))


def rash(chance: object, name: str = "rash") -> Irae:
    return Irae(name=name, chance=chance, onset=rate(ONSET), lasting_low=rate(9.0), lasting_high=rate(9.0))


def test_one_factor_meets_the_mean_and_leaves_the_differences_between_draws() -> None:
    """With exponential competitors the share of a chance that is reached is known in each draw."""
    reached = ONSET / (ONSET + RATES)
    found = with_mean_incidence([rash(0.25)], DISEASE, PLAIN, setting=SETTING, observed=[0.2])
    assert np.asarray(found[0].chance) == pytest.approx(0.2 / reached.mean(), rel=0.01)
    seen = simulate(DISEASE, PLAIN, Values(), setting=SETTING, iraes=found).iraes["rash"]["any_grade"]
    assert seen.mean() == pytest.approx(0.2, rel=2e-3)
    assert seen == pytest.approx(0.2 * reached / reached.mean(), rel=0.03)


def test_each_draw_meets_its_own_incidence_where_it_is_asked_to() -> None:
    wanted = np.array([0.1, 0.2, 0.3])
    found = with_observed_incidence([rash(wanted)], DISEASE, PLAIN, setting=SETTING)
    assert np.asarray(found[0].chance) == pytest.approx(wanted * (ONSET + RATES) / ONSET, rel=0.03)


def test_none_stays_none_and_no_chance_is_above_one() -> None:
    found = with_mean_incidence(
        [rash(0.0), rash(0.9, "itch")], DISEASE, PLAIN, setting=SETTING, observed=[0.1, 0.99]
    )
    assert np.asarray(found[0].chance).max() == 0
    assert np.asarray(found[1].chance).max() == 1
