from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coley.economics.projection.curve import curve_of_rates
from coley.economics.projection.effect import delayed, waned, with_hazard_ratio
from coley.model.errors import InvalidSetting, UnknownName

TIMES = np.linspace(0, 10, 121)
OLD = curve_of_rates(TIMES, [0], [0.4])
NEW = curve_of_rates(TIMES, [0], [0.1])


def test_a_ratio_multiplies_the_hazard():
    assert with_hazard_ratio(OLD, [0.25, 1.0]).mean_hazard()[0] == pytest.approx(NEW.mean_hazard()[0])


def test_before_the_separation_the_curves_are_one_and_after_it_the_hazards_are_their_own():
    late = delayed(NEW, OLD, until_years=0.77)  # within an interval of the grid
    exact = np.where(TIMES < 0.77, 0.4 * TIMES, 0.4 * 0.77 + 0.1 * (TIMES - 0.77))
    assert late.cumulative_hazard[0] == pytest.approx(exact, rel=1e-12)


@given(st.floats(0, 6), st.floats(0, 6))
def test_waning_accumulates_exactly_what_a_linear_ramp_does(start, length):
    faded = waned(NEW, OLD, from_years=start, until_years=start + length)
    end = start + length
    ramp = np.clip(TIMES, start, end) - start
    gone = (ramp**2 / (2 * length) if length > 1e-9 else 0.0) + np.maximum(TIMES - end, 0)
    assert faded.cumulative_hazard[0] == pytest.approx(0.1 * TIMES + 0.3 * gone, abs=1e-6)


def test_waning_at_once_is_the_comparator_after_it():
    faded = waned(NEW, OLD, from_years=5, until_years=5)
    assert faded.mean_hazard()[0, TIMES[1:] > 5.01] == pytest.approx(0.4)
    assert faded.mean_hazard()[0, TIMES[1:] < 5] == pytest.approx(0.1)


def test_on_the_log_scale_half_way_is_the_geometric_mean():
    grid = np.array([0.0, 1, 2, 3])
    old, new = curve_of_rates(grid, [0], [0.4]), curve_of_rates(grid, [0], [0.1])
    faded = waned(new, old, from_years=1, until_years=2, scale="log_hazard")
    assert faded.mean_hazard()[0] == pytest.approx([0.1, 0.2, 0.4])


def test_times_out_of_order_and_unknown_scales_are_refused():
    with pytest.raises(InvalidSetting, match="from year 5 to year 3"):
        waned(NEW, OLD, from_years=5, until_years=3)
    with pytest.raises(UnknownName, match="log_hazard"):
        waned(NEW, OLD, from_years=1, until_years=3, scale="loghazard")
    with pytest.raises(InvalidSetting, match="above zero"):
        with_hazard_ratio(OLD, -0.3)
