"""Acceptability, expected loss and ranks against published draws, closed forms and one another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

import coley.stats.decision.acceptability as module
from coley.stats.decision.acceptability import acceptability, expected_loss, rank_probabilities
from coley.stats.decision.perfect_information import evpi


@pytest.mark.real
def test_vaccine_and_smoking(vaccine, smoking):
    costs, effects, expected = vaccine
    for k, value in expected["ceac_vaccination"].items():
        assert acceptability(costs, effects, float(k)).probability[0, 1] == pytest.approx(value, abs=1e-12)
    costs, effects, expected = smoking
    for k, value in expected["ceac_group"].items():
        assert acceptability(costs, effects, float(k)).probability[0, 3] == pytest.approx(value, abs=1e-12)


@pytest.mark.real
def test_c_difficile(c_difficile):
    costs, effects, names, expected = c_difficile
    found = acceptability(costs, effects, 50_000)
    shares = dict(zip(names, found.probability[0], strict=True))
    assert {n: s for n, s in shares.items() if s} == pytest.approx(expected["prob_cost_effective_50000"])
    assert names[found.best[0]] == expected["best_at_50000"]


def test_two_normal_strategies():
    mean, sd = 0.4, 1.3
    draws = np.random.default_rng(1).normal(mean, sd, 100_000)
    effects = np.column_stack([np.zeros_like(draws), draws])
    found = acceptability(np.zeros_like(effects), effects, [1.0])
    assert found.probability[0, 1] == pytest.approx(norm.cdf(mean / sd), abs=4 * found.se[0, 1])
    loss = expected_loss(np.zeros_like(effects), effects, [1.0])
    gain = sd * norm.pdf(mean / sd) + mean * norm.cdf(mean / sd)
    assert loss.loss[0, 0] == pytest.approx(gain, abs=4 * loss.se[0, 0])
    assert loss.loss[0, 1] == pytest.approx(gain - mean, abs=4 * loss.se[0, 1])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1000), st.integers(2, 5))
def test_identities(seed, strategies):
    rng = np.random.default_rng(seed)
    c, e = rng.integers(0, 6, (2, 40, strategies)).astype(float)
    k = [0.0, 0.7, 1.0, 3.0]
    found, loss, information = acceptability(c, e, k), expected_loss(c, e, k), evpi(c, e, k)
    np.testing.assert_allclose(found.probability.sum(axis=1), 1)
    np.testing.assert_allclose(loss.loss.min(axis=1), information.value, atol=1e-12)
    # Differences of loss are differences of mean net benefit.
    mean = np.array(k)[:, None] * e.mean(axis=0) - c.mean(axis=0)
    np.testing.assert_allclose(loss.loss + mean, (loss.loss + mean)[:, :1] + np.zeros(strategies), atol=1e-12)
    ranks = rank_probabilities(c, e, 1.0)
    np.testing.assert_allclose(ranks.sum(axis=0), 1)
    np.testing.assert_allclose(ranks.sum(axis=1), 1)
    np.testing.assert_allclose(ranks[:, 0], found.probability[2])
    order = rng.permutation(strategies)
    np.testing.assert_allclose(
        acceptability(c[:, order], e[:, order], k).probability, found.probability[:, order]
    )


def test_frontier_is_the_best_on_average_not_the_most_probable():
    effects = np.zeros((10, 2))
    effects[:, 1] = [-1.0] * 6 + [5.0] * 4
    found = acceptability(np.zeros((10, 2)), effects, [1.0])
    assert found.best[0] == 1
    assert found.frontier[0] == pytest.approx(0.4)


def test_one_draw_has_no_standard_error():
    c, e = np.array([[0.0, 5.0, 9.0]]), np.array([[1.0, 1.5, 1.6]])
    assert np.isnan(expected_loss(c, e, [20]).se).all()
    assert np.isnan(evpi(c, e, [20]).se).all()
    assert evpi(c, e, [20]).value[0] == 0
    np.testing.assert_array_equal(acceptability(c, e, [20]).probability, [[0, 1, 0]])
    assert np.isnan(acceptability(c, e, [20]).se).all()
    np.testing.assert_array_equal(rank_probabilities(c, e, 20), [[0, 0, 1], [1, 0, 0], [0, 1, 0]])


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("stride", [1, 2, 7, 100])
def test_every_threshold_is_counted_as_if_alone(monkeypatch, stride, ties):
    rng = np.random.default_rng(4)
    c, e = rng.integers(0, 6, (2, 101, 4)).astype(float) if ties else rng.normal(size=(2, 101, 4))
    e[:, 2] += 0 if ties else 0.3
    k = rng.permutation(np.linspace(0, 5, 41)) if ties else rng.uniform(0, 5, 41)  # in no order
    benefit = k[:, None, None] * e - c
    wins = benefit == benefit.max(axis=2, keepdims=True)
    assert (wins.sum(axis=2) > 1).any() == ties
    monkeypatch.setattr(module, "STRIDE", stride)
    found = acceptability(c, e, k)
    expected = (wins / wins.sum(axis=2, keepdims=True)).mean(axis=1)
    np.testing.assert_allclose(found.probability, expected, atol=1e-14)
    assert (
        expected.max(axis=0) - expected.min(axis=0) > 0.02
    ).all()  # who is best changes with the threshold


def test_loss_and_its_error_by_hand():
    rng = np.random.default_rng(5)
    c, e, k = *rng.normal(size=(2, 101, 3)), np.array([0.0, 1.0, 2.5])
    benefit = k[:, None, None] * e - c
    lost = benefit.max(axis=2, keepdims=True) - benefit
    found, loss, information = acceptability(c, e, k), expected_loss(c, e, k), evpi(c, e, k)
    np.testing.assert_allclose(loss.loss, lost.mean(axis=1), rtol=1e-12)
    np.testing.assert_allclose(loss.se, lost.std(axis=1, ddof=1) / np.sqrt(101), rtol=1e-9)
    best = np.arange(3), found.best
    np.testing.assert_allclose(information.value, lost.mean(axis=1)[best], rtol=1e-12)
    np.testing.assert_allclose(information.se, loss.se[best], rtol=1e-12)
