from __future__ import annotations

import numpy as np
import pytest

from coley.economics.projection.curve import curve, curve_of_rates, same_grid
from coley.model.errors import InvalidSetting, UnreadableInput


def test_rates_and_survival_are_two_ways_to_one_curve():
    times = np.linspace(0, 6, 61)
    made = curve_of_rates(times, [0, 1.05, 4], [[0.3, 0.1, 0.6], [0.2, 0.2, 0.2]])
    by_hand = np.exp(-np.where(times < 1.05, 0.3 * times, 0.315 + 0.1 * (times - 1.05)))
    early = times <= 4
    assert made.survival[0, early] == pytest.approx(by_hand[early], rel=1e-12)
    assert made.survival[1] == pytest.approx(np.exp(-0.2 * times), rel=1e-12)
    again = curve(times, made.survival)
    assert again.cumulative_hazard == pytest.approx(made.cumulative_hazard, abs=1e-12)


def test_restricted_mean_of_a_constant_hazard():
    times = np.linspace(0, 20, 4001)
    assert curve_of_rates(times, [0], [0.25]).restricted_mean()[0] == pytest.approx(
        (1 - np.exp(-5)) / 0.25, rel=1e-6
    )


def test_nobody_left_is_an_infinite_hazard_and_no_error():
    made = curve([0, 1, 2, 3], [1.0, 0.5, 0.0, 0.0])
    assert made.survival[0].tolist() == [1, 0.5, 0, 0]
    assert np.isinf(made.steps[0, 1:]).all()


@pytest.mark.parametrize(
    ("times", "survival", "says"),
    [
        ([0, 1, 2], [1.0, 0.5, 0.6], r"it is 0\.5 at 1 and 0\.6 at 2 years"),
        ([0, 1, 2], [0.9, 0.5, 0.4], "starts at one"),
        ([0, 1, 2], [100, 50, 40], "between 0 and 1"),
        ([0, 1, 2], [1, np.nan, 0.4], "never missing"),
        ([0, 1, 2], [1, 0.4], "2 values stands beside 3 times"),
    ],
)
def test_what_is_no_survival_is_refused(times, survival, says):
    with pytest.raises(UnreadableInput, match=says):
        curve(times, survival)


def test_grids_and_draws_must_go_together():
    one = curve_of_rates([0, 1, 2], [0], np.full((3, 1), 0.1))
    with pytest.raises(InvalidSetting, match="one grid"):
        same_grid(one, curve_of_rates([0, 1, 3], [0], [0.1]))
    with pytest.raises(InvalidSetting, match=r"\[2, 3\] draws"):
        same_grid(one, curve_of_rates([0, 1, 2], [0], np.full((2, 1), 0.1)))
    with pytest.raises(InvalidSetting, match="rise from zero"):
        curve_of_rates([1, 2], [0], [0.1])
    with pytest.raises(InvalidSetting, match="never negative"):
        curve_of_rates([0, 1], [0], [-0.1])
