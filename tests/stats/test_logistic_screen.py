"""One column at a time, held to the general fit."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import NotEstimable, UnreadableInput
from coley.stats.logistic import firth_logistic
from coley.stats.logistic_screen import logistic_screen


def data(n: int, m: int, *, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, m)) * rng.uniform(0.1, 30, m) + rng.normal(size=m) * 5
    y = (rng.random(n) < 1 / (1 + np.exp(1 - (X[:, 0] - X[:, 0].mean()) / X[:, 0].std()))).astype(float)
    return y, X


@pytest.mark.parametrize("n", [9, 16, 60, 500])
def test_each_column_equals_the_general_firth_fit(n: int) -> None:
    y, X = data(n, 12, seed=n)
    screen = logistic_screen(y, X)
    for j in range(12):
        fit = firth_logistic(y, X[:, [j]] / X[:, j].std(ddof=1), profile=False)
        assert screen.log_odds_ratio[j] == pytest.approx(fit.coefficients[1], rel=1e-6, abs=1e-8)
        assert screen.se[j] == pytest.approx(fit.standard_errors[1], rel=1e-6)


def test_separation_stays_finite() -> None:
    y = np.repeat([0.0, 1.0], 8)
    screen = logistic_screen(y, np.arange(16.0))
    assert np.isfinite(screen.log_odds_ratio[0])
    assert screen.log_odds_ratio[0] > 1


def test_units_and_order_of_patients_change_nothing() -> None:
    y, X = data(80, 5)
    order = np.random.default_rng(2).permutation(80)
    one, two = logistic_screen(y, X), logistic_screen(y[order], 1000 * X[order] - 7)
    assert one.log_odds_ratio == pytest.approx(two.log_odds_ratio, rel=1e-8)


def test_swapping_the_outcome_turns_the_sign() -> None:
    y, X = data(80, 5)
    one, two = logistic_screen(y, X), logistic_screen(1 - y, X)
    assert one.log_odds_ratio == pytest.approx(-two.log_odds_ratio, rel=1e-7)
    assert one.se == pytest.approx(two.se, rel=1e-7)


def test_what_does_not_vary_has_no_odds_ratio() -> None:
    y, X = data(30, 2)
    X[:, 1] = 4.0
    screen = logistic_screen(y, X)
    assert np.isnan(screen.log_odds_ratio[1])
    assert np.isnan(screen.p[1])


def test_bad_input_is_named() -> None:
    y, X = data(30, 2)
    with pytest.raises(NotEstimable):
        logistic_screen(np.ones(30), X)
    with pytest.raises(UnreadableInput, match="finite"):
        logistic_screen(y, np.where(X[0, 0] == X, np.nan, X))
    with pytest.raises(UnreadableInput, match="0 or 1"):
        logistic_screen(y * 2, X)


@pytest.mark.parametrize("far", [3.0, 10.0, 100.0, 1e4])
def test_one_value_far_out_is_fitted_as_by_the_general_fit(far: float) -> None:
    rng = np.random.default_rng(3)
    for turn in range(8):
        x, y = rng.normal(size=60), (rng.random(60) < 0.35).astype(float)
        x[0], y[0] = far, turn % 2
        screen = logistic_screen(y, x)
        fit = firth_logistic(y, x[:, None] / x.std(ddof=1), profile=False)
        assert screen.log_odds_ratio[0] == pytest.approx(fit.coefficients[1], rel=1e-5, abs=1e-6)
