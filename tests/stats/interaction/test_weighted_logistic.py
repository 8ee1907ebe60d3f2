"""Weighted logistic regression with a robust variance, against statsmodels."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import NotEstimable
from coley.stats.interaction.weighted_logistic import weighted_logistic


def test_equals_statsmodels():
    import statsmodels.api as sm

    generator = np.random.default_rng(1)
    X = generator.normal(size=(150, 2)) * [1, 30] + [0, 200]
    y = (generator.random(150) < 1 / (1 + np.exp(-X[:, 0]))).astype(float)
    w = generator.uniform(0, 3, 150) * (generator.random(150) < 0.8)
    found = weighted_logistic(y, X, w, names=["a", "b"])
    kept = w > 0
    theirs = sm.GLM(
        y[kept], sm.add_constant(X[kept]), family=sm.families.Binomial(), freq_weights=w[kept]
    ).fit(tol=1e-12)
    np.testing.assert_allclose(found.coefficients, theirs.params, rtol=1e-6)
    # statsmodels takes frequency weights as rows; the sandwich of weighted rows is written out
    A = sm.add_constant(X[kept])
    p = theirs.fittedvalues
    bread = np.linalg.inv((A.T * (w[kept] * p * (1 - p))) @ A)
    meat = (A.T * (w[kept] * (y[kept] - p)) ** 2) @ A
    np.testing.assert_allclose(found.covariance, bread @ meat @ bread, rtol=1e-5)
    np.testing.assert_allclose(found.risk(X[kept]), p, rtol=1e-6)


def test_refuses_outcomes_that_are_alike_or_separated():
    x = np.arange(6.0)[:, None]
    with pytest.raises(NotEstimable, match="alike"):
        weighted_logistic(np.ones(6), x, np.ones(6), names=["x"])
    with pytest.raises(NotEstimable):
        weighted_logistic((x[:, 0] > 2).astype(float), x, np.ones(6), names=["x"])
