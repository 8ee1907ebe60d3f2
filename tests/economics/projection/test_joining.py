from __future__ import annotations

import numpy as np
import pytest

from coley.economics.projection.curve import curve, curve_of_rates
from coley.economics.projection.joining import averaged, blended, spliced
from coley.model.errors import InvalidSetting

TIMES = np.linspace(0, 10, 121)
FAST, SLOW = curve_of_rates(TIMES, [0], [0.6]), curve_of_rates(TIMES, [0], [0.1])


def test_hazards_are_spliced_so_that_survival_has_no_step():
    joined = spliced(FAST, SLOW, at_years=2.03)
    exact = np.where(TIMES < 2.03, 0.6 * TIMES, 0.6 * 2.03 + 0.1 * (TIMES - 2.03))
    assert joined.cumulative_hazard[0] == pytest.approx(exact, rel=1e-12)


def test_a_curve_that_ended_can_be_followed_by_another():
    ended = curve(TIMES, np.where(TIMES < 3, np.exp(-0.3 * TIMES), 0.0))
    joined = spliced(ended, SLOW, at_years=2.5)
    assert np.isfinite(joined.cumulative_hazard).all()
    assert joined.mean_hazard()[0, -1] == pytest.approx(0.1)


def test_a_blend_is_the_one_curve_before_and_the_other_after_its_span():
    mixed = blended(SLOW, FAST, from_years=2, until_years=6)
    assert mixed.survival[0, TIMES <= 2] == pytest.approx(SLOW.survival[0, TIMES <= 2])
    assert mixed.survival[0, TIMES >= 6] == pytest.approx(FAST.survival[0, TIMES >= 6])
    middle = np.argmin(np.abs(TIMES - 4))
    assert mixed.cumulative_hazard[0, middle] == pytest.approx((0.4 + 2.4) / 2), (
        "symmetric: half way in the logarithm"
    )


def test_a_blend_that_raises_the_dead_is_refused():
    with pytest.raises(InvalidSetting, match="survival would rise"):
        blended(FAST, SLOW, from_years=2, until_years=3)
    with pytest.raises(InvalidSetting, match="No blend runs"):
        blended(SLOW, FAST, from_years=3, until_years=3)


def test_the_average_is_of_survival_and_not_of_hazards():
    mixed = averaged([FAST, SLOW], [3, 1])
    assert mixed.survival[0] == pytest.approx(0.75 * FAST.survival[0] + 0.25 * SLOW.survival[0])


def test_an_average_needs_a_weight_for_each_model():
    with pytest.raises(InvalidSetting, match="2 models need 2 weights"):
        averaged([FAST, SLOW], [1, 1, 1])
