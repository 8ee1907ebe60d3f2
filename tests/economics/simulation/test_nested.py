"""Draws of parameters with patients in each: the variance that is left is that of the parameters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coley.economics.simulation.nested import without_noise
from coley.model.errors import UnreadableInput


def test_the_spread_of_the_parameters_comes_back() -> None:
    rng = np.random.default_rng(3)
    spreads = []
    for _ in range(200):
        truth = rng.normal(10, 2, 300)
        se = rng.uniform(1.0, 3.0, 300)
        spreads.append(without_noise(rng.normal(truth, se), se).std(ddof=1))
    assert np.mean(spreads) == pytest.approx(2, abs=0.03)


def test_limits_cover_the_parameters_and_the_noisy_ones_are_too_wide() -> None:
    rng = np.random.default_rng(4)
    truth = rng.normal(0, 1, 4000)
    noisy = truth + rng.normal(0, 1.5, 4000)
    clean = np.quantile(without_noise(noisy, 1.5), [0.025, 0.975])
    assert clean == pytest.approx([-1.96, 1.96], abs=0.15)  # three errors of a quantile of 4,000
    assert np.quantile(noisy, 0.975) > 3.2


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=40), st.floats(0, 1e3))
def test_the_mean_and_the_order_stay(draws: list[float], se: float) -> None:
    found = without_noise(draws, se)
    assert found.mean() == pytest.approx(np.mean(draws), abs=1e-6)
    assert found.std() <= np.std(draws) + 1e-9
    assert (np.diff(found[np.argsort(draws, kind="stable")]) >= -1e-9).all()


def test_without_noise_nothing_changes_and_all_noise_leaves_the_mean() -> None:
    draws = np.array([1.0, 4.0, 2.5])
    np.testing.assert_allclose(without_noise(draws, 0.0), draws)
    np.testing.assert_allclose(without_noise(draws, 9.0), 2.5)
    np.testing.assert_allclose(without_noise([2.0, 2.0], 0.5), 2.0)


def test_what_is_no_error_is_refused() -> None:
    with pytest.raises(UnreadableInput, match="two draws or more"):
        without_noise([1.0], 0.1)
    with pytest.raises(UnreadableInput, match="standard error"):
        without_noise([1.0, 2.0], [-0.1, 0.2])
    with pytest.raises(UnreadableInput, match="standard error"):
        without_noise([1.0, 2.0], np.nan)
