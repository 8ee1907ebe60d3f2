"""What structure alone changes: on known truth, and on the bosonc data of psm3mkv."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from scipy.integrate import quad

from coley.economics.course.discounting import NO_DISCOUNT
from coley.economics.course.grid import cycles
from coley.economics.course.likelihood import structure_log_likelihood
from coley.economics.course.rewards import Reward
from coley.economics.course.structures import STRUCTURES, compare_structures
from coley.model.errors import MissingData, UnknownName
from coley.stats.parametric.data import survival_data
from coley.stats.parametric.families import FAMILIES
from coley.stats.parametric.fitting import fit

YEARS = Reward("life years", "effect", by_state={"progression_free": 1, "progressed": 1})
GRID = cycles(30, 1 / 52)
T = GRID.times_years


def memoryless():
    """Constant hazards: .5 progression, .1 death before, .4 after. Every structure is then true."""
    stable = np.exp(-0.6 * T)
    return {
        "progression_free_survival": stable,
        "overall_survival": stable + 0.5 / 0.2 * (np.exp(-0.4 * T) - stable),
        "time_to_progression": np.exp(-0.5 * T),
        "death_before_progression": np.exp(-0.1 * T),
        "death_after_progression": np.exp(-0.4 * T),
        "death_after_progression_from_start": np.exp(-0.4 * T),
    }


def test_structures_agree_where_all_are_true():
    found = compare_structures(GRID, memoryless(), [YEARS], effects=NO_DISCOUNT)
    assert found.strategies == ("partitioned_survival", "clock_forward", "clock_reset")
    truth = 1 / 0.6 + 0.5 / 0.6 / 0.4
    np.testing.assert_allclose(found.effects[0], truth, rtol=2e-4)
    more, gained = found.against("partitioned_survival")
    assert (more == 0).all()
    assert np.abs(gained).max() < 5e-4


def test_structures_part_where_death_after_progression_depends_on_time():
    """Mortality that falls with time since progression: reset and forward read it differently."""
    curves = memoryless()
    falling = np.exp(-((T / 2.0) ** 0.5))
    curves |= {"death_after_progression": falling, "death_after_progression_from_start": falling}
    found = compare_structures(GRID, curves, [YEARS], effects=NO_DISCOUNT)
    # Those who progress late have, by the forward clock, the low mortality of late times from the first day.
    assert found.effects[0, 1] > found.effects[0, 2] + 0.5
    np.testing.assert_allclose(found.outcomes[1].state_years[0, 0], found.outcomes[2].state_years[0, 0])


def test_what_is_missing_is_named():
    curves = memoryless()
    del curves["death_after_progression"]
    with pytest.raises(MissingData, match="'clock_reset' needs the survival curve 'death_after_progression'"):
        compare_structures(GRID, curves, [YEARS])
    two = compare_structures(GRID, curves, [YEARS], structures=("partitioned_survival", "clock_forward"))
    assert two.effects.shape == (1, 2)
    with pytest.raises(UnknownName):
        compare_structures(GRID, curves, [YEARS], structures=("clock_rest",))
    assert all(structure.name == name for name, structure in STRUCTURES.items())


@pytest.fixture
def bosonc(shared):
    with (shared / "economics" / "psm3mkv_bosms" / "bosonc.csv").open() as file:
        rows = list(csv.DictReader(file))
    column = {name: np.array([float(row[name]) for row in rows]) for name in rows[0] if name != "ptid"}
    pfs, os = column["pfs.durn"], column["os.durn"]
    progressed, died = column["ttp.flag"] == 1, column["os.flag"] == 1
    followed = progressed & (os > pfs)
    fits = {
        "progression_free_survival": survival_data(pfs, column["pfs.flag"]),
        "overall_survival": survival_data(os, died),
        "time_to_progression": survival_data(pfs, progressed),
        "death_before_progression": survival_data(pfs, died & ~progressed),
        "death_after_progression": survival_data((os - pfs)[followed], died[followed]),
        "death_after_progression_from_start": survival_data(
            os[followed], died[followed], entry=pfs[followed]
        ),
    }
    histories = {"stable_until": pfs, "progressed": progressed, "seen_until": os, "died": died}
    family = FAMILIES["weibull"]
    return {name: fit(family, data) for name, data in fits.items()}, histories


@pytest.mark.real
def test_three_structures_on_bosonc_against_quadrature(bosonc):
    """Mean weeks in each state over 15 years, in the unit of the data; grids of one half and one cycle."""
    fits, _ = bosonc
    family = FAMILIES["weibull"]
    theta = {name: of.parameters() for name, of in fits.items()}

    def survival(name, t):
        shape, scale = theta[name]
        return np.exp(-((np.asarray(t, dtype=float) / scale) ** shape))

    def leaving(u):
        shape, scale = theta["time_to_progression"]
        return shape / scale * (u / scale) ** (shape - 1) * survival("time_to_progression", u) * survival(
            "death_before_progression", u
        )  # fmt: skip

    horizon = 200.0
    reset_mean = quad(
        lambda u: leaving(u) * quad(lambda s: survival("death_after_progression", s), 0, horizon - u)[0],
        0,
        horizon,
    )[0]
    from_start = "death_after_progression_from_start"
    forward_mean = quad(
        lambda u: (
            leaving(u) / survival(from_start, u) * quad(lambda t: survival(from_start, t), u, horizon)[0]
        ),
        0,
        horizon,
    )[0]
    stable_mean = quad(
        lambda t: survival("time_to_progression", t) * survival("death_before_progression", t), 0, horizon
    )[0]
    psm_stable = quad(
        lambda t: min(survival("progression_free_survival", t), survival("overall_survival", t)), 0, horizon
    )[0]
    psm_all = quad(lambda t: survival("overall_survival", t), 0, horizon)[0]

    found = []
    for step in (0.25, 0.125):
        grid = cycles(horizon, step)
        curves = {name: survival(name, grid.times_years) for name in theta}
        found.append(
            np.stack([o.state_years[0, :2] for o in compare_structures(grid, curves, [YEARS]).outcomes])
        )
    # The error is of second order, so that two grids give the limit.
    limit = found[1] + (found[1] - found[0]) / 3
    expected = [[psm_stable, psm_all - psm_stable], [stable_mean, forward_mean], [stable_mean, reset_mean]]
    np.testing.assert_allclose(found[1], expected, rtol=2e-4)
    np.testing.assert_allclose(limit, expected, rtol=2e-5)
    assert family.parameters[0].name == "shape"


@pytest.mark.real
def test_likelihood_on_bosonc_is_the_sum_of_its_fits(bosonc):
    """The state transition structures factor into their endpoints, each fitted by maximum likelihood."""
    fits, histories = bosonc

    def endpoint(of):
        theta = [np.asarray(value) for value in of.parameters()]
        return lambda t: FAMILIES["weibull"].log_hazard_survival(theta, t)

    endpoints = {name: endpoint(of) for name, of in fits.items()}
    for structure, last in (
        ("clock_forward", "death_after_progression_from_start"),
        ("clock_reset", "death_after_progression"),
    ):
        found = structure_log_likelihood(structure, endpoints, **histories).sum()
        parts = ("time_to_progression", "death_before_progression", last)
        assert found == pytest.approx(sum(fits[name].loglik for name in parts), rel=1e-9)
    assert np.isfinite(structure_log_likelihood("partitioned_survival", endpoints, **histories)).mean() > 0.9
