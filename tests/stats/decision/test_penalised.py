"""Splines and their smoothness against mgcv, whose REML chooses on one penalty or on several."""

from __future__ import annotations

import numpy as np
import pytest

from coley.stats.decision.penalised import Moments, regress, reml
from coley.stats.decision.splines import tensor_design


def fit(points, y, new=None):
    design = tensor_design(points)
    rows = design.rows(points)
    coefficients, centres = regress(rows, design.penalties, y)
    return (rows if new is None else design.rows(new)) @ coefficients + centres


@pytest.mark.parametrize(("columns", "name"), [(["x1"], "one"), (["x1", "x2"], "two")])
def test_equals_mgcv_within_the_data_and_beyond(oracle, columns, name):
    table, beyond = oracle("gam"), oracle("gam_beyond")
    points, y = table.select(columns).to_numpy(), table["y"].to_numpy()[:, None]
    np.testing.assert_allclose(fit(points, y)[:, 0], table[name], atol=2e-4)
    outside = fit(points, y, beyond.select(columns).to_numpy())[:, 0]
    np.testing.assert_allclose(outside, beyond[name], atol=2e-3)


def test_many_responses_are_each_fitted_alone(oracle):
    table = oracle("gam")
    points, y = table.select("x1").to_numpy(), table["y"].to_numpy()
    several = np.column_stack([y, y[::-1] * 30, y**2])
    whole = fit(points, several)
    for r in range(3):
        np.testing.assert_allclose(whole[:, [r]], fit(points, several[:, [r]]), rtol=1e-9)


def test_one_penalty_by_either_way(oracle):
    """The closed form and the quasi-Newton search find the same maximum."""
    table = oracle("gam")
    points, y = table.select("x1").to_numpy(), table["y"].to_numpy()
    design = tensor_design(points)
    rows = design.rows(points)
    away = y - y.mean()
    moments = Moments(len(y), rows.T @ rows, (rows.T @ away)[:, None], np.array([away @ away]))
    one = reml(moments, design.penalties)
    halves = np.vstack([design.penalties * (np.arange(10) % 2 == s) for s in (0, 1)])
    assert reml(moments, halves).shape == one.shape
    twice = np.vstack([design.penalties, design.penalties])
    np.testing.assert_allclose(rows @ reml(moments, twice), rows @ one, atol=1e-4)


def test_noise_is_smoothed_to_a_line():
    rng = np.random.default_rng(2)
    x, y = rng.uniform(size=(2000, 1)), rng.normal(size=(2000, 40))
    found = fit(x, y, np.linspace(0.05, 0.95, 19)[:, None])
    assert np.median(np.abs(np.diff(found, 2, axis=0)).max(axis=0)) < 0.005
    assert np.sqrt((found**2).mean()) < 0.06
