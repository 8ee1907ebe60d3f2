"""Markov cohorts against powers of matrices, by draw and by time; matrices from rates; bad matrices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from coley.economics.course.cohort import markov_cohort
from coley.economics.course.grid import cycles, exact
from coley.economics.course.matrices import matrix_from_rates, probability, rate, with_stay
from coley.model.errors import InvalidSetting, UnknownName, UnreadableInput

STATES = ("a", "b", "c", "d")


def matrices(seed, *lead):
    P = np.random.default_rng(seed).uniform(size=(*lead, 4, 4))
    return P / P.sum(axis=-1, keepdims=True)


@settings(deadline=None, max_examples=40)  # the first run compiles
@given(st.integers(0, 10**6), st.booleans(), st.booleans(), st.integers(1, 9))
def test_equals_products_of_matrices(seed, by_draw, by_time, n):
    P = matrices(seed, 3 if by_draw else 1, n if by_time else 1)
    start = np.array([[0.5, 0.2, 0.2, 0.1], [1, 0, 0, 0], [0, 0, 0, 1]])
    course = markov_cohort(cycles(n, 1), P, states=STATES, start=start)
    full = np.broadcast_to(P, (3, n, 4, 4))
    x, flows = start, np.zeros((3, 4, 4))
    weights = np.linspace(1, 2, n)
    np.testing.assert_allclose(course.occupancy[:, 0], start)
    for k in range(n):
        flows += weights[k] * x[:, :, None] * full[:, k]
        x = np.einsum("ds,dsr->dr", x, full[:, k])
        np.testing.assert_allclose(course.occupancy[:, k + 1], x)
    np.testing.assert_allclose(course.weigh_flows(weights), flows)
    np.testing.assert_allclose(course.weigh_entries(weights), (flows * (1 - np.eye(4))).sum(axis=1))


def test_sums_over_time_agree():
    course = markov_cohort(cycles(6, 1), matrices(1, 5), states=STATES)
    weights = np.linspace(1, 0.5, 7)
    np.testing.assert_allclose(course.weigh(weights), np.einsum("dts,t->ds", course.occupancy, weights))
    many = np.random.default_rng(2).uniform(size=(5, 7))
    for k in range(4):
        np.testing.assert_allclose(course.weigh_state(k, weights), course.weigh(weights)[:, k])
        np.testing.assert_allclose(
            course.weigh_state(k, many), (course.occupancy[:, :, k] * many).sum(axis=1)
        )


def test_order_of_states_does_not_matter():
    P, order = matrices(3, 2), np.array([2, 0, 3, 1])
    straight = markov_cohort(cycles(5, 1), P, states=STATES, start=[0.4, 0.3, 0.2, 0.1])
    turned = markov_cohort(
        cycles(5, 1), P[:, order][:, :, order], states=[STATES[k] for k in order], start=[0.2, 0.4, 0.1, 0.3]
    )
    np.testing.assert_allclose(turned.occupancy, straight.occupancy[:, :, order])


def test_matrix_from_rates_solves_the_equations_of_kolmogorov():
    rates = np.random.default_rng(4).uniform(0, 0.8, (2, 4, 4))
    for Q, P in zip(rates, matrix_from_rates(rates, 0.5), strict=True):
        Q = Q * (1 - np.eye(4))
        Q -= np.diag(Q.sum(axis=1))
        solved = solve_ivp(lambda t, p, Q=Q: (p.reshape(4, 4) @ Q).ravel(), (0, 0.5), np.eye(4).ravel(), rtol=1e-10,
                           atol=1e-12)  # fmt: skip
        np.testing.assert_allclose(P, solved.y[:, -1].reshape(4, 4), atol=1e-9)
    half = matrix_from_rates(rates, 0.25)
    np.testing.assert_allclose(half @ half, matrix_from_rates(rates, 0.5))


def test_probabilities_and_rates_are_inverse():
    p = np.array([0.0, 1e-9, 0.2, 0.999])
    np.testing.assert_allclose(probability(rate(p, 0.5), 0.5), p, rtol=1e-14)
    for bad, call in ((-0.1, probability), (np.nan, probability), (1.0, rate), (-0.1, rate)):
        with pytest.raises(UnreadableInput):
            call(bad, 1)
    with pytest.raises(UnreadableInput, match="0 or more"):
        matrix_from_rates([[0, -1], [0, 0]], 1)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ([0.5, 0.2, 0.2, 0.05], ("add up to 0.95", "'b'", "cycle 4", "draw 2")),
        ([1.2, -0.2, 0, 0], ("from 'b' to 'a' is 1.2", "cycle 4", "draw 2")),
        ([np.nan, 0.5, 0.5, 0], ("from 'b' to 'a' is nan", "cycle 4", "draw 2")),
    ],
)
def test_rows_that_are_no_distribution(row, words):
    P = matrices(5, 3, 6)
    P[2, 4, 1] = row
    with pytest.raises(UnreadableInput) as found:
        markov_cohort(cycles(6, 1), P, states=STATES)
    assert all(word in str(found.value) for word in words)


def test_a_staying_probability_below_zero_is_found():
    with pytest.raises(UnreadableInput, match=r"from 'a' to 'a' is -0\.1"):
        markov_cohort(cycles(2, 1), with_stay([[0, 0.6, 0.5], [0, 0, 0.1], [0, 0, 0]]), states="abc")


def test_refusals():
    P = np.eye(4)
    with pytest.raises(UnreadableInput, match="over 3 cycles"):
        markov_cohort(cycles(3, 1), np.ones((2, 4, 4, 4)) / 4, states=STATES)
    with pytest.raises(UnreadableInput, match="The start"):
        markov_cohort(cycles(3, 1), P, states=STATES, start=[0.5, 0.4, 0, 0])
    with pytest.raises(InvalidSetting, match="same draws"):
        markov_cohort(cycles(3, 1), matrices(1, 3), states=STATES, start=np.eye(4)[:2])
    with pytest.raises(InvalidSetting, match="moves in cycles"):
        markov_cohort(exact(3), P, states=STATES)
    with pytest.raises(UnknownName):
        markov_cohort(cycles(3, 1), P, states=STATES, dead=["death"])
