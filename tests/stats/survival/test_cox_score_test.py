"""Score tests of many columns, against the fits that they save."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.stats.survival.cox import cox
from coley.stats.survival.cox_score_test import cox_score_test
from coley.stats.survival.partial_likelihood import PartialLikelihood, risk_sets


@pytest.fixture
def data():
    rng = np.random.default_rng(1)
    n = 200
    entry = np.floor(rng.exponential(2, n))
    X = rng.normal(5, 2, size=(n, 150))
    time = entry + np.ceil(rng.exponential(10 * np.exp(-0.3 * (X[:, 0] - 5))))
    return {
        "time": time,
        "event": rng.random(n) < 0.7,
        "X": X,
        "adjust": np.c_[X[:, 0] + rng.normal(size=n), rng.integers(0, 2, n)],
        "options": {"entry": entry, "strata": rng.integers(0, 3, n), "weights": rng.integers(1, 3, n) * 1.0},
    }


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_each_is_the_score_test_of_a_fit_with_that_column(data, ties):
    found = cox_score_test(data["time"], data["event"], data["X"], ties=ties, **data["options"])
    for j in (0, 1, 77, 149):
        fit = cox(data["time"], data["event"], data["X"][:, j], ties=ties, **data["options"])
        np.testing.assert_allclose(found.z[j] ** 2, fit.score_test.statistic, rtol=1e-9)
        np.testing.assert_allclose(found.p[j], fit.score_test.p, rtol=1e-8)
        assert np.sign(found.z[j]) == np.sign(fit.coefficients[0]) == np.sign(found.slope[j])


def test_adjusted_is_the_score_test_at_the_null_fit(data):
    options = data["options"]
    found = cox_score_test(data["time"], data["event"], data["X"], adjust=data["adjust"], **options)
    null = cox(data["time"], data["event"], data["adjust"], **options)
    sets = risk_sets(data["time"], data["event"], ties="efron", **options)
    for j in (0, 3, 149):
        columns = np.c_[data["adjust"], data["X"][:, j]]
        likelihood = PartialLikelihood(sets, np.ascontiguousarray(columns[sets.rows].T))
        at = likelihood.sums(np.r_[null.coefficients, 0])
        score, information = likelihood.score(at), likelihood.information(at)
        np.testing.assert_allclose(found.z[j] ** 2, score @ np.linalg.solve(information, score), rtol=1e-8)


def test_size_under_the_null():
    rng = np.random.default_rng(2)
    n = 300
    clinical = rng.normal(size=n)
    time = rng.exponential(np.exp(-clinical))
    genes = (
        rng.normal(size=(n, 3000)) + 0.7 * clinical[:, None]
    )  # tied to survival through the covariate only
    adjusted = cox_score_test(time, np.ones(n), genes, adjust=clinical)
    assert abs((adjusted.p < 0.05).mean() - 0.05) < 0.013  # three standard errors
    assert (cox_score_test(time, np.ones(n), genes).p < 0.05).mean() > 0.9


def test_columns_that_cannot_be_tested_are_nan(data):
    X = np.c_[np.full(200, 0.1), data["X"][:, 0], data["adjust"] @ [1.0, 2.0]]
    found = cox_score_test(data["time"], data["event"], X, adjust=data["adjust"], names=["flat", "x", "sum"])
    assert np.isnan(found.p).tolist() == [True, False, True]
    assert found.names == ("flat", "x", "sum")


def test_refusals(data):
    holes = data["X"].copy()
    holes[3, 4] = np.nan
    with pytest.raises(UnreadableInput, match="1 values missing"):
        cox_score_test(data["time"], data["event"], holes)
    with pytest.raises(UnreadableInput, match="shape"):
        cox_score_test(data["time"], data["event"], data["X"][:-1])
    with pytest.raises(InvalidSetting, match="names"):
        cox_score_test(data["time"], data["event"], data["X"], names=["one"])
