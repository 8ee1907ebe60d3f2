from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coley.economics.policy.by_response import added, gains_by_response
from coley.economics.policy.gains import gains_if_caused
from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput

SHARE = st.floats(0.05, 1)


@given(SHARE, SHARE, SHARE, st.floats(-1, 3), st.floats(0, 1e5), st.floats(0, 1e5))
def test_all_patients_together_gain_what_treatment_adds(share, gain, drugs, effect, cost, spent):
    parts = added(
        (1000.0, 1.0),
        (1000.0 + cost + spent, 1.0 + effect),
        same=(300.0, -0.02),
        spent=spent,
        gain_without=gain,
        drugs_without=drugs,
    )
    new, old = parts.by_condition(share)
    for what, total in (("cost", 1000 + cost + spent), ("effect", 1 + effect)):
        with_, without = (getattr(new, f"{what}_{group}")[0] for group in ("with", "without"))
        assert share * with_ + (1 - share) * without == pytest.approx(total, rel=1e-9, abs=1e-9)
        assert getattr(old, f"{what}_with") is getattr(old, f"{what}_without")
    # what drugs cost and what is gained stand in the shares that were given; what is the same is the same
    gains = [getattr(new, f"effect_{g}")[0] - 1 + 0.02 for g in ("with", "without")]
    assert gains[1] == pytest.approx(gain * gains[0], rel=1e-6, abs=1e-9)


def test_by_hand_and_as_the_worth_of_a_response():
    """Of 5 patients 2 respond: 0.4 QALYs each on average are 1 for a responder; care of 500 goes with the gain."""
    parts = added((0.0, 0.0), (10_500.0, 0.4), spent=8_000, same=(2_000, 0.0), drugs_without=0.25)
    y = np.array([1, 1, 0, 0, 0])
    found = gains_by_response(y, parts, 30_000)
    drugs = 8_000 / (0.4 + 0.6 * 0.25)
    with_, without = 30_000 - 500 / 0.4 - drugs - 2_000, -0.25 * drugs - 2_000
    np.testing.assert_allclose(found.value, np.where(y == 1, with_, without))
    np.testing.assert_allclose(found.value, gains_if_caused(y, with_ - without, -without).value)
    assert not found.randomised
    assert len(found) == 5


def test_in_a_resample_the_total_stays_and_a_response_is_worth_more_where_fewer_respond():
    parts = added((0.0, 0.0), (0.0, np.array([0.4, 0.8])))
    y = np.array([1, 1, 0, 0])
    gains = gains_by_response(y, parts, 1000)
    weights = np.array([[1, 1, 1, 1], [1, 0, 2, 1], [4, 0, 0, 0]], dtype=float)
    drawn = gains.resampled(weights, 0)  # draws 0, 1 and 0 again
    np.testing.assert_allclose(drawn[:, 0], [400 / 0.5, 800 / 0.25, 400])
    np.testing.assert_allclose((weights * drawn).sum(axis=1) / 4, [400, 800, 400])
    np.testing.assert_allclose(gains.resampled(weights[:1], 1)[0, 0], 800 / 0.5)
    turned = gains.take(np.array([3, 2, 1, 0]))
    np.testing.assert_array_equal(turned.value, gains.value[::-1])
    np.testing.assert_allclose(turned.resampled(weights[:1], 0), drawn[:1, ::-1])


def test_bad_input():
    parts = added((0.0, 0.0), (1.0, 1.0))
    with pytest.raises(NotEstimable, match="Nobody has the condition"):
        gains_by_response([0, 0, 0], parts, 1000)
    with pytest.raises(UnreadableInput, match="0 or 1"):
        gains_by_response([0, 1, np.nan], parts, 1000)
    with pytest.raises(InvalidSetting, match="percentage"):
        added((0.0, 0.0), (1.0, 1.0), gain_without=30)
    with pytest.raises(InvalidSetting, match="Draws must go together"):
        added((0.0, np.ones(3)), (1.0, np.ones(4)))
