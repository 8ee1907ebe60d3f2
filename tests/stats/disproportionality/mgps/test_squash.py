"""Squashing pairs: nothing is lost, and the likelihood hardly changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.model.errors import InvalidSetting
from coley.stats.disproportionality.mgps.likelihood import Likelihood
from coley.stats.disproportionality.mgps.squash import Points, distinct, squash


def some_pairs(seed, size):
    rng = np.random.default_rng(seed)
    e = rng.gamma(0.4, 5, size) + 1e-5
    return rng.poisson(e * rng.gamma(1, 1, size)).astype(float), e


@given(st.integers(0, 100), st.integers(1, 400), st.sampled_from([0.0, 0.01, 0.3]))
@settings(max_examples=60, deadline=None)
def test_pairs_keep_their_count_and_nearly_their_expected_count(seed, size, width):
    n, e = some_pairs(seed, size)
    points = squash(n, e, width=width)
    assert points.weight.sum() == pytest.approx(size)
    assert (np.diff(points.n) >= 0).all()
    for k in np.unique(n):
        mine, logs = points.n == k, np.log(e[n == k])
        at, weight = np.log(points.expected[mine]), points.weight[mine]
        assert weight.min() > 0
        assert weight.sum() == pytest.approx(len(logs))
        for power in (1, 2, 3):
            assert (weight * at**power).sum() == pytest.approx((logs**power).sum(), rel=1e-9, abs=1e-9 * size)
        assert logs.min() - 1e-9 <= at.min()
        assert at.max() <= logs.max() + 1e-9
        bound = width / np.sqrt(1 + k) + 1e-9
        assert np.abs(logs[:, None] - at).min(axis=1).max() <= bound


def test_two_points_stand_for_three_pairs_of_a_bin():
    e = np.exp([0.001, 0.002, 0.006])
    points = squash(np.ones(3), e, width=0.1)
    at = np.log(points.expected)
    assert len(points) == 2
    for power in range(4):
        assert points.weight @ at**power == pytest.approx((np.log(e) ** power).sum(), rel=1e-9)


def test_the_likelihood_of_squashed_pairs_errs_in_fourth_order():
    n, e = some_pairs(1, 20_000)
    theta = np.array([-0.3, 0.5, 0.6, 0.0, -1.5])
    exact = Likelihood(Points(n, e, np.ones(len(n))), 0, each=False)(theta)[0]
    errors = [
        abs(Likelihood(squash(n, e, width=w), 0, each=False)(theta)[0] - exact) for w in (1.6, 0.8, 0.4)
    ]
    assert errors[2] < 1e-6 * abs(exact)
    assert errors[0] / errors[1] == pytest.approx(16, rel=0.5)
    assert Likelihood(squash(n, e, width=0.0), 0, each=False)(theta)[0] == pytest.approx(exact, rel=1e-12)


def test_points_squash_again_with_their_weights():
    n, e = some_pairs(2, 3000)
    twice = squash(
        *(lambda p: (p.n, p.expected))(fine := squash(n, e, width=0.01)), width=0.5, weight=fine.weight
    )
    assert twice.weight.sum() == pytest.approx(3000)
    assert len(twice) < len(fine)
    assert fine.thinned(50).weight.sum() == pytest.approx(3000)
    assert fine.thinned(10**6) is fine


def test_distinct_pairs_find_their_way_back():
    n, e = np.repeat(some_pairs(3, 100), 3, axis=1)[:, np.random.default_rng(0).permutation(300)]
    some_n, some_e, place = distinct(n, e)
    np.testing.assert_array_equal(some_n[place], n)
    np.testing.assert_array_equal(some_e[place], e)
    assert len(some_n) == 100


def test_no_pairs_and_negative_widths():
    assert len(squash(np.empty(0), np.empty(0))) == 0
    with pytest.raises(InvalidSetting, match="wide"):
        squash(np.ones(1), np.ones(1), width=-1.0)
