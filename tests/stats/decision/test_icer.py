"""Limits of a ratio: coverage, geometry, and honesty where there is no interval."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.model.errors import NotEstimable, UnreadableInput
from coley.stats.decision.icer import INTERVAL, TWO_RAYS, WHOLE_LINE, fieller, icer_percentile, position


def inside(found, ratio: float) -> bool:
    if found.kind == WHOLE_LINE:
        return True
    return (found.low <= ratio <= found.high) == (found.kind == INTERVAL)


def sample(seed: int, mean: tuple[float, float], n: int) -> np.ndarray:
    return np.random.default_rng(seed).multivariate_normal(mean, [[1.0, 0.3], [0.3, 0.5]], n).T


def from_known_moments(mean, cov, points: int = 400) -> np.ndarray:
    """Draws whose sample mean and covariance are exactly those given."""
    z = np.random.default_rng(3).normal(size=(points, 2))
    z -= z.mean(axis=0)
    z = z @ np.linalg.inv(np.linalg.cholesky(np.cov(z.T))).T
    return (np.asarray(mean) + z @ np.linalg.cholesky(np.asarray(cov)).T).T


@pytest.mark.parametrize("mean", [(4.0, 2.5), (4.0, 0.6), (1.0, 0.1)])
def test_fieller_covers_at_its_level(mean):
    # Estimates of the differences vary with a known covariance, which the draws of each repeat exactly.
    estimates = sample(1, mean, 1500).T
    truth = mean[0] / mean[1]
    shape = from_known_moments((0, 0), [[1.0, 0.3], [0.3, 0.5]])
    hits = [inside(fieller(*(shape + point[:, None]), level=0.9), truth) for point in estimates]
    assert abs(np.mean(hits) - 0.9) < 0.025


def test_fieller_limits_are_where_the_difference_is_just_significant():
    c, e = from_known_moments((4.0, 2.5), [[1.0, 0.3], [0.3, 0.5]])
    found = fieller(c, e)
    for ratio in (found.low, found.high):
        net = c - ratio * e
        assert abs(net.mean()) / net.std(ddof=1) == pytest.approx(1.959964, abs=1e-5)


@pytest.mark.parametrize("method", [fieller, icer_percentile])
def test_kinds(method):
    cov = [[1.0, 0.0], [0.0, 1.0]]
    assert method(*from_known_moments((5.0, 5.0), cov)).kind == INTERVAL
    assert method(*from_known_moments((5.0, 0.2), cov)).kind == TWO_RAYS
    nothing = method(*from_known_moments((0.2, 0.2), cov))
    assert nothing.kind == WHOLE_LINE
    assert np.isnan([nothing.low, nothing.high]).all()


@pytest.mark.parametrize("mean", [(5.0, 5.0), (-5.0, -5.0), (5.0, -6.0), (-3.0, 6.0)])
def test_both_agree_on_normal_draws_in_any_quadrant(mean):
    c, e = from_known_moments(mean, [[1.0, 0.2], [0.2, 1.0]], points=40_000)
    one, two = fieller(c, e), icer_percentile(c, e)
    assert one.kind == two.kind == INTERVAL
    np.testing.assert_allclose([two.low, two.high], [one.low, one.high], rtol=0.04)
    assert one.position == two.position


def test_percentile_is_the_plain_quantile_where_effects_keep_their_sign():
    c, e = from_known_moments((5.0, 8.0), [[1.0, 0.2], [0.2, 1.0]])
    assert (e > 0).all()
    found = icer_percentile(c, e, level=0.8)
    np.testing.assert_allclose([found.low, found.high], np.quantile(c / e, [0.1, 0.9]), rtol=0.003)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.01, 100), st.floats(0.01, 100))
def test_units_do_not_matter(money, health):
    c, e = from_known_moments((5.0, 4.0), [[1.0, 0.2], [0.2, 1.0]], points=60)
    for method in (fieller, icer_percentile):
        one, two = method(c, e), method(money * c, health * e)
        np.testing.assert_allclose(
            np.array([one.value, one.low, one.high]) * money / health,
            [two.value, two.low, two.high],
            rtol=1e-7,
        )


def test_words():
    assert position(1, 1) == "more costly and more effective"
    assert position(-1, -1) == "less costly and less effective"
    assert position(-1, 1) == position(0, 1) == position(-1, 0) == "dominant"
    assert position(1, -1) == position(0, -1) == position(1, 0) == "dominated"
    assert position(0, 0) == "equal in cost and effect"
    assert np.isnan(fieller([-1.0, -2.0], [1.0, 1.5]).value)


@pytest.mark.real
def test_vaccine(vaccine):
    costs, effects, expected = vaccine
    found = icer_percentile(costs[:, 1] - costs[:, 0], effects[:, 1] - effects[:, 0])
    assert found.value == pytest.approx(expected["icer_vaccination_vs_statusquo"], rel=1e-12)
    assert round(found.value) == expected["published_icer"]
    assert found.position == "more costly and more effective"


@pytest.mark.real
def test_smoking(smoking):
    costs, effects, expected = smoking
    for name, column in (("no_treatment", 0), ("self_help", 1), ("individual", 2)):
        found = fieller(costs[:, 3] - costs[:, column], effects[:, 3] - effects[:, column])
        assert found.value == pytest.approx(expected["icer_group_vs"][name], rel=1e-10)


def test_refusals():
    with pytest.raises(UnreadableInput, match="one length"):
        fieller([1.0, 2.0], [1.0])
    with pytest.raises(UnreadableInput, match="finite"):
        icer_percentile([1.0, np.nan], [1.0, 2.0])
    with pytest.raises(NotEstimable, match="nothing"):
        fieller([0.0, 0.0], [0.0, 0.0])
