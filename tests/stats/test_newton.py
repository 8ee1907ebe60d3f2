"""Newton's method: finds a maximum, and says when there is none."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import NotEstimable
from coley.stats.newton import maximise

X = np.random.default_rng(1).normal(size=(2, 50))


def poisson(y):
    def evaluate(b):
        with np.errstate(over="ignore"):
            mean = np.exp(b @ X)
        value = float(y @ (b @ X) - mean.sum())
        return (value if np.isfinite(value) else -np.inf), X @ (y - mean), (X * mean) @ X.T

    return evaluate


@pytest.mark.parametrize("start", [(0.0, 0.0), (8.0, -8.0), (-30.0, 30.0)])
def test_finds_the_maximum_from_near_and_far(start):
    from scipy.optimize import minimize

    y = np.random.default_rng(2).poisson(np.exp(0.7 * X[0] - 0.2 * X[1]))
    evaluate = poisson(y)
    found = maximise(evaluate, np.array(start), Z=X, names=["a", "b"])
    expected = minimize(lambda b: -evaluate(b)[0], np.zeros(2), jac=lambda b: -evaluate(b)[1], tol=1e-12)
    np.testing.assert_allclose(found.place, expected.x, atol=1e-6)
    np.testing.assert_allclose(found.gradient, 0, atol=1e-8)


def test_a_slope_without_end_is_named():
    Z = np.vstack([np.ones(40), np.linspace(-1, 1, 40), np.arange(40) < 5])
    y = (np.linspace(-1, 1, 40) + 0.6 * np.sin(np.arange(40) * 5) > 0) & (Z[2] == 0)

    def evaluate(b):
        eta = b @ Z
        chance = 1 / (1 + np.exp(-eta))
        return (
            float(y @ eta - np.logaddexp(0, eta).sum()),
            Z @ (y - chance),
            (Z * chance * (1 - chance)) @ Z.T,
        )

    with pytest.raises(NotEstimable, match="along 'early': no finite"):
        maximise(evaluate, np.zeros(3), Z=Z, names=["", "x", "early"])


def test_a_function_that_misleads_is_not_believed():
    def evaluate(b):  # a gradient that points downhill
        return float(-(b**2).sum()), 2 * b - 3, np.eye(2)

    with pytest.raises(NotEstimable, match="did not converge"):
        maximise(evaluate, np.zeros(2), Z=X, names=["a", "b"])
