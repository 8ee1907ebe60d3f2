"""The kernels, against scipy and against the conditions that only an optimum meets."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.optimize import nnls as scipy_nnls

from coley.biology.deconvolution.nonnegative import capped, nnls


def problem(seed, scale=1.0):
    rng = np.random.default_rng(seed)
    k = int(rng.integers(1, 15))
    m = int(rng.integers(k + 1, 40))
    A = rng.lognormal(0, 1.5, (m, k)) * rng.lognormal(0, 3, k)  # columns of very different size
    truth = rng.exponential(1, k) * (rng.random(k) < 0.6)
    b = A @ (truth / max(truth.sum(), 1e-9) * scale) + rng.normal(0, 0.1 * A.std(), m)
    return A, b


@settings(max_examples=300, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6))
def test_nnls_is_as_near_as_scipy(seed):
    A, b = problem(seed)
    found = nnls(A.T @ A, A.T @ b)
    _, distance = scipy_nnls(A, b)
    assert (found >= 0).all()
    assert np.linalg.norm(A @ found - b) <= distance + 1e-9 * np.linalg.norm(b)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(seed=st.integers(0, 10**6), scale=st.floats(0.1, 1000))
def test_capped_meets_the_conditions_of_karush_kuhn_tucker(seed, scale):
    # They are necessary and, the problem being convex, sufficient.
    A, b = problem(seed, scale)
    f = capped(A.T @ A, (A.T @ b)[None], np.array([b @ b]))[0]
    assert (f >= 0).all()
    assert f.sum() <= 1 + 1e-12
    size = np.linalg.norm(A, axis=0)  # gradients per unit of a column
    gradient = A.T @ (A @ f - b)
    price = max(0.0, -gradient[f > 0].mean()) if f.sum() > 1 - 1e-9 else 0.0
    slack = (gradient + price) / (size * np.linalg.norm(b))
    assert np.abs(slack[f > 0]).max(initial=0) < 1e-8
    assert slack.min() > -1e-8


def test_capped_equals_a_general_solver_where_the_cap_binds():
    rng = np.random.default_rng(5)
    A = rng.lognormal(0, 1, (30, 6))
    b = A @ [0.6, 0.5, 0.3, 0.0, 0.0, 0.1] + rng.normal(0, 0.5, 30)
    f = capped(A.T @ A, (A.T @ b)[None], np.array([b @ b]))[0]
    general = minimize(
        lambda x: ((A @ x - b) ** 2).sum(),
        np.full(A.shape[1], 0.5 / A.shape[1]),
        jac=lambda x: 2 * A.T @ (A @ x - b),
        bounds=[(0, None)] * A.shape[1],
        constraints={"type": "ineq", "fun": lambda x: 1 - x.sum(), "jac": lambda x: -np.ones_like(x)},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    assert abs(f.sum() - 1) < 1e-12
    assert 2 <= (f > 0).sum() <= 5
    np.testing.assert_allclose(f, general.x, atol=1e-5)


def test_repeated_and_empty_columns_do_not_break_it():
    A = np.array([[1.0, 1.0, 0.0], [2.0, 2.0, 0.0], [0.0, 0.0, 0.0]])
    b = np.array([0.5, 1.0, 0.0])
    found = nnls(A.T @ A, A.T @ b)
    np.testing.assert_allclose(A @ found, b, atol=1e-12)
    np.testing.assert_array_equal(nnls(A.T @ A, np.zeros(3)), 0)
