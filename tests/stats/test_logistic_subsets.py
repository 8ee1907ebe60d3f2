"""Many logistic regressions at once are those that `logistic` fits one by one."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import NotEstimable
from coley.stats.judging.cross_validation import stratified_folds
from coley.stats.logistic import logistic
from coley.stats.logistic_subsets import logistic_subsets


@pytest.mark.parametrize(("n", "scale"), [(60, 1.0), (400, 1e4)])
def test_folds_are_those_fitted_one_by_one(n: int, scale: float) -> None:
    rng = np.random.default_rng(3)
    X = rng.normal(5, 1, (n, 3)) * [1, scale, 1 / scale]
    y = rng.random(n) < 1 / (1 + np.exp(5 - X[:, 0]))
    dealt = stratified_folds(y, folds=5, repeats=4, seed=1)
    rows = (dealt[:, None, :] != np.arange(5)[:, None]).reshape(-1, n)
    for found, inside in zip(logistic_subsets(y, X, rows), rows, strict=True):
        assert found is not None
        alone = logistic(y[inside], X[inside]).coefficients
        np.testing.assert_allclose(found, alone, rtol=1e-7, atol=1e-9)


def test_a_subset_without_a_finite_estimate_has_none_and_leaves_the_others_alone() -> None:
    rng = np.random.default_rng(4)
    x, flag = rng.normal(size=80), (np.arange(80) < 5).astype(float)
    y = rng.random(80) < 1 / (1 + np.exp(-x))
    everybody = np.ones(80, dtype=bool)
    unflagged, one_class = flag == 0, y.astype(bool)
    separated = (x > 0) == y
    found = logistic_subsets(y, np.column_stack([x, flag]), [everybody, unflagged, one_class, separated])
    assert found[0] is not None
    np.testing.assert_allclose(found[0], logistic(y, np.column_stack([x, flag])).coefficients, rtol=1e-8)
    assert found[1:] == [None, None, None]


def test_what_cannot_be_fitted_to_all_patients_is_refused() -> None:
    with pytest.raises(NotEstimable, match="rises for ever"):
        logistic_subsets([0, 0, 1, 1], [1.0, 2.0, 3.0, 4.0], [[True] * 4])
