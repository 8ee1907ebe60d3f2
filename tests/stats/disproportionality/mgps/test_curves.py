"""Scores read from curves equal scores computed one by one, whatever the prior."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import gammainc

from coley.stats.disproportionality.mgps.curves import along_curves
from coley.stats.disproportionality.mgps.mixture import GammaMixture
from coley.stats.disproportionality.mgps.scores import ebgm


def many_pairs(seed, size=6000):
    rng = np.random.default_rng(seed)
    e = np.exp(rng.normal(0, 2, size))
    return np.minimum(rng.poisson(e * rng.gamma(1, 1, size)), 3000.0), e


def counting(scores):
    """Return scores that count the points at which they were asked for."""
    asked = []

    def asked_for(n, e):
        asked.append(len(n))
        return scores(n, e)

    return asked_for, asked


LOG_SHAPES = st.floats(np.log(1e-2), np.log(1e6))
LOG_MEANS = st.floats(np.log(1e-3), np.log(1e2))


@given(st.floats(1e-4, 1 - 1e-4), LOG_SHAPES, LOG_SHAPES, LOG_MEANS, LOG_MEANS, st.integers(0, 100))
@settings(max_examples=15, deadline=None)
def test_scores_of_many_pairs_equal_those_of_each_alone(weight, a1, a2, m1, m2, seed):
    shapes, means = np.exp([a1, a2]), np.exp([m1, m2])
    prior = GammaMixture.of([weight, 1 - weight], shapes=shapes, rates=shapes / means)
    n, e = many_pairs(seed)
    found = ebgm(prior, n, e)
    some = np.random.default_rng(seed).choice(len(n), 100, replace=False)
    alone = [ebgm(prior, n[part], e[part]) for part in np.split(some, 4)]  # too few for curves
    for name in ("value", "low", "high"):
        single = np.concatenate([getattr(scores, name) for scores in alone])
        np.testing.assert_allclose(getattr(found, name)[some], single, rtol=2e-10, atol=1e-250, err_msg=name)


@pytest.mark.parametrize(
    ("weight", "shapes", "means"),
    [(1 / 3, (0.2, 2.0), (2.0, 0.5)), (0.05, (1.8, 4.0), (3.2, 0.9)), (0.01, (0.4, 900.0), (5.0, 1.0))],
)
def test_limits_of_many_pairs_are_right_to_nine_digits(weight, shapes, means):
    prior = GammaMixture.of([weight, 1 - weight], shapes=shapes, rates=np.divide(shapes, means))
    n, e = many_pairs(1, 20_000)
    found, posterior = ebgm(prior, n, e), prior.posterior(n, e)
    for q, limit in ((0.05, found.low), (0.95, found.high)):
        near = limit[:, None, None] * np.array([1 - 1e-9, 1 + 1e-9])[:, None]
        chances = gammainc(posterior.shapes[:, None], posterior.rates[:, None] * near)
        low, high = (posterior.weights[:, None] * chances).sum(axis=2).T
        assert (low - 1e-12 <= q).all()
        assert (q <= high + 1e-12).all()
    np.testing.assert_allclose(found.value, posterior.geometric_mean, rtol=1e-10)


def test_few_points_give_many_scores():
    scores, asked = counting(lambda n, e: ((n + 1) / (e + 1))[:, None])
    n, e = np.repeat([0.0, 1.0, 7.5], 5000), np.tile(np.geomspace(1e-3, 1e3, 5000), 3)
    order = np.random.default_rng(0).permutation(len(n))
    found = along_curves(scores, n[order], e[order])[:, 0]
    np.testing.assert_allclose(found, ((n + 1) / (e + 1))[order], rtol=1e-10)
    assert sum(asked) < 1000


def test_a_curve_with_a_step_is_read_beside_it_and_computed_at_it():
    scores, asked = counting(lambda n, e: np.where(e < 2.0, 10.0, 1.0)[:, None])
    e = np.random.default_rng(2).uniform(0.5, 8, 20_000)
    np.testing.assert_allclose(
        along_curves(scores, np.ones(len(e)), e)[:, 0], np.where(e < 2, 10, 1), rtol=1e-10
    )
    assert 20 < asked[-1] < 2000


def test_a_curve_that_is_rough_everywhere_costs_at_most_twice_its_pairs():
    scores, asked = counting(lambda n, e: (2 + np.sin(1e6 * e))[:, None])
    e = np.random.default_rng(2).uniform(0.5, 8, 5000)
    np.testing.assert_allclose(
        along_curves(scores, np.ones(len(e)), e)[:, 0], 2 + np.sin(1e6 * e), rtol=1e-12
    )
    assert sum(asked) <= 2.5 * len(e)


def test_pairs_that_are_not_known_or_all_alike():
    n, e = np.repeat([1.0, 2.0, 0.0], 200), np.repeat([3.0, 0.5, np.nan], 200)
    e[300:400] = np.linspace(0.5, 0.6, 100)
    found = along_curves(lambda n, e: np.column_stack([(n + 1) / e, e]), n, e)
    np.testing.assert_allclose(found, np.column_stack([(n + 1) / e, e]), rtol=1e-10)
    assert len(along_curves(lambda n, e: e[:, None], np.empty(0), np.empty(0))) == 0
