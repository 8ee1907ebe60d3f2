"""Logistic regression against statsmodels, brute-force maximisation, closed forms and known truth."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize

from coley.model.errors import NotEstimable, UnknownName, UnreadableInput
from coley.stats.logistic import firth_logistic, logistic


def cohort(seed, n=60):
    rng = np.random.default_rng(seed)
    X = np.c_[rng.normal(50, 10, n), rng.integers(0, 2, n), rng.normal(size=n)]
    return (rng.random(n) < 1 / (1 + np.exp(-(X[:, 0] - 50) / 10 + X[:, 1]))) * 1, X


@pytest.mark.parametrize("seed", range(4))
def test_equals_statsmodels(seed):
    y, X = cohort(seed)
    ours, theirs = logistic(y, X), sm.Logit(y, sm.add_constant(X)).fit(disp=0, tol=1e-12)
    np.testing.assert_allclose(ours.coefficients, theirs.params, atol=1e-8)
    np.testing.assert_allclose(ours.covariance, theirs.cov_params(), rtol=1e-6)
    np.testing.assert_allclose(np.c_[ours.low, ours.high], theirs.conf_int(), atol=1e-6)
    np.testing.assert_allclose(ours.p, theirs.pvalues, atol=1e-8)
    np.testing.assert_allclose([ours.loglik, ours.loglik_null], [theirs.llf, theirs.llnull], atol=1e-8)
    np.testing.assert_allclose(ours.likelihood_ratio_test.p, theirs.llr_pvalue, rtol=1e-6)
    np.testing.assert_allclose(ours.probability(X), theirs.predict(), atol=1e-8)
    assert (ours.n, ours.events) == (60, y.sum())


def penalised(y, X):
    A = sm.add_constant(X)

    def value(b):
        eta = A @ b
        chance = 1 / (1 + np.exp(-eta))
        determinant = np.linalg.slogdet((A.T * (chance * (1 - chance))) @ A)[1]
        return float(y @ eta - np.logaddexp(0, eta).sum() + determinant / 2)

    return value


def climb(function, start):
    """Maximise without derivatives of ours, from several simplexes until nothing is gained."""
    best = start
    for _ in range(4):
        best = minimize(
            lambda b: -function(b),
            best,
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-13, "maxiter": 9999},
        ).x
    return best, function(best)


@pytest.mark.parametrize("separated", [False, True])
def test_firth_equals_brute_force(separated):
    rng = np.random.default_rng(1)
    x = rng.normal(size=40)
    arm = rng.integers(0, 2, 40)
    y = ((arm == 1) & (x > -1)) * 1 if separated else (rng.random(40) < 1 / (1 + np.exp(-x - arm + 1))) * 1
    X = np.c_[x, arm]
    if separated:
        with pytest.raises(NotEstimable, match=r"for ever along.*'arm'"):
            logistic(y, X, names=["x", "arm"])
    fit = firth_logistic(y, X, names=["x", "arm"])
    value = penalised(y, X)
    place, top = climb(value, np.zeros(3))
    np.testing.assert_allclose(fit.coefficients, place, atol=1e-6)
    np.testing.assert_allclose(fit.loglik, top, atol=1e-9)

    def fall(j, held, start):
        _, best = climb(lambda b: value(np.insert(b, j, held)), np.delete(start, j))
        return 2 * (top - best)

    for j in range(3):
        for limit in (fit.low[j], fit.high[j]):
            np.testing.assert_allclose(fall(j, limit, fit.coefficients), 3.841458820694124, atol=1e-6)
        from scipy.stats import chi2

        np.testing.assert_allclose(fit.p[j], chi2.sf(fall(j, 0.0, fit.coefficients), 1), atol=1e-6)
    # and the limit itself by root finding on the brute-force profile
    root = brentq(
        lambda b: fall(2, b, fit.coefficients) - 3.841458820694124, fit.coefficients[2], fit.high[2] + 1
    )
    np.testing.assert_allclose(fit.high[2], root, atol=1e-6)


@given(st.tuples(*[st.integers(0, 15)] * 4))
@settings(max_examples=40, deadline=None)
def test_firth_of_a_two_by_two_table_adds_one_half_to_each_cell(cells):
    a, b, c, d = cells
    if a + b == 0 or c + d == 0 or a + c == 0 or b + d == 0:
        return
    x = np.repeat([1, 1, 0, 0], cells)
    y = np.repeat([1, 0, 1, 0], cells)
    fit = firth_logistic(y, x, profile=False)
    log_odds = np.log([(a + 0.5) / (b + 0.5), (c + 0.5) / (d + 0.5)])
    np.testing.assert_allclose(fit.coefficients, [log_odds[1], log_odds[0] - log_odds[1]], atol=1e-8)


def test_intervals_cover_the_truth_at_the_nominal_rate_and_firth_is_less_biased():
    truth = 1.2
    covered, estimates = {"firth": [], "wald": []}, {"firth": [], "ml": []}
    for seed in range(150):
        rng = np.random.default_rng(seed)
        x = np.c_[rng.normal(size=40), rng.integers(0, 2, 40)]
        y = rng.random(40) < 1 / (1 + np.exp(0.5 - truth * x[:, 0]))
        firth = firth_logistic(y, x)
        covered["firth"].append(firth.low[1] <= truth <= firth.high[1])
        estimates["firth"].append(firth.coefficients[1])
        try:
            plain = logistic(y, x)
        except NotEstimable:
            continue
        covered["wald"].append(plain.low[1] <= truth <= plain.high[1])
        estimates["ml"].append(plain.coefficients[1])
    assert abs(np.mean(covered["firth"]) - 0.95) < 0.054  # three standard errors
    bias = {name: np.mean(values) - truth for name, values in estimates.items()}
    assert abs(bias["firth"]) < 0.1 < bias["ml"]


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), scale=st.floats(0.01, 100))
def test_invariances(seed, scale):
    y, X = cohort(seed)
    order = np.random.default_rng(seed).permutation(len(y))
    for fitted in (logistic, firth_logistic):
        try:
            fit = fitted(y, X)
        except NotEstimable:
            continue
        assert np.isfinite([fit.low, fit.high]).all()
        assert ((fit.low < fit.coefficients) & (fit.coefficients < fit.high)).all()
        shuffled, scaled = fitted(y[order], X[order]), fitted(y, X * scale)
        np.testing.assert_allclose(shuffled.low, fit.low, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(scaled.low[1:] * scale, fit.low[1:], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(scaled.p, fit.p, rtol=1e-4, atol=1e-8)
        turned = fitted(1 - y, X)
        np.testing.assert_allclose([-turned.high, -turned.low], [fit.low, fit.high], rtol=1e-5, atol=1e-6)


def test_doubling_the_patients_halves_the_variance():
    y, X = cohort(3)
    once, twice = logistic(y, X), logistic(np.tile(y, 2), np.tile(X, (2, 1)))
    np.testing.assert_allclose(twice.covariance, once.covariance / 2, rtol=1e-7)


def test_odds_ratio_is_that_of_the_column():
    y, X = cohort(0)
    fit = logistic(y, X, names=["age", "arm", "marker"], level=0.9)
    ratio = fit.odds_ratio("arm")
    np.testing.assert_allclose(
        [ratio.value, ratio.low, ratio.high], np.exp([fit.coefficients[2], fit.low[2], fit.high[2]])
    )
    assert ratio.level == 0.9
    with pytest.raises(UnknownName, match="'sex'"):
        fit.odds_ratio("sex")


@pytest.mark.parametrize("fitted", [logistic, firth_logistic])
def test_refusals(fitted):
    y, X = cohort(0)
    with pytest.raises(UnreadableInput, match="only 0 and 1"):
        fitted(y + 1, X)
    with pytest.raises(UnreadableInput, match="only 0 and 1"):
        fitted(np.where(y, np.nan, 0.0), X)
    with pytest.raises(NotEstimable, match="alike"):
        fitted(np.ones(60), X)
    with pytest.raises(NotEstimable, match="'c' is a linear combination of 'a', 'b'"):
        fitted(y, np.c_[X[:, :2], X[:, 0] - X[:, 1]], names=["a", "b", "c"])
    with pytest.raises(UnreadableInput, match="missing or infinite"):
        fitted(y, np.where(X > 60, np.nan, X))


def test_quasi_separation_is_named():
    y, X = cohort(0, 200)
    rare = (np.cumsum(y) <= 6) & (y == 1)
    with pytest.raises(NotEstimable, match="along 'rare':"):
        logistic(y, np.c_[X[:, 2], rare], names=["x", "rare"])
