"""Explained variation of a binary outcome: statsmodels, what new patients show, determinism."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from coley.model.errors import NotEstimable
from coley.stats.explained_response import likelihood_r2
from coley.stats.logistic import firth_logistic

EFFECTS = np.r_[0.8, 0.5, np.zeros(5)]


def cohort(n, seed, effects=EFFECTS):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, len(effects)))
    return (rng.random(n) < 1 / (1 + np.exp(1 - X @ effects))) * 1, X


def test_apparent_values_under_maximum_likelihood_equal_statsmodels():
    y, X = cohort(200, 1)
    found = likelihood_r2(y, X, penalised=False, bootstraps=20)
    theirs = sm.Logit(y, sm.add_constant(X)).fit(disp=0)
    np.testing.assert_allclose(found.mcfadden.apparent, theirs.prsquared, atol=1e-9)
    likelihood = 1 - np.exp(2 / 200 * (theirs.llnull - theirs.llf))
    np.testing.assert_allclose(
        found.nagelkerke.apparent, likelihood / (1 - np.exp(2 / 200 * theirs.llnull)), atol=1e-9
    )
    chance = theirs.predict()
    np.testing.assert_allclose(found.tjur.apparent, chance[y == 1].mean() - chance[y == 0].mean(), atol=1e-9)


def test_corrected_is_what_new_patients_show():
    future_y, future_X = cohort(20_000, 10**6)
    names = ("nagelkerke", "mcfadden", "tjur")
    corrected, apparent, new, covered = [], [], [], []
    for seed in range(30):
        y, X = cohort(120, seed)
        found = likelihood_r2(y, X, bootstraps=50, seed=seed)
        corrected.append([getattr(found, name).value.value for name in names])
        apparent.append([getattr(found, name).apparent for name in names])
        # the same model, Firth's slopes and an intercept by maximum likelihood with the index as offset
        slopes = firth_logistic(y, X, profile=False).coefficients[1:]
        index = X @ slopes
        fit = sm.GLM(y, np.ones((120, 1)), family=sm.families.Binomial(), offset=index).fit()
        eta = fit.params[0] + future_X @ slopes
        value = future_y @ eta - np.logaddexp(0, eta).sum()
        rate, n = future_y.mean(), len(future_y)
        null = n * (rate * np.log(rate) + (1 - rate) * np.log(1 - rate))
        chance = 1 / (1 + np.exp(-eta))
        shown = [
            (1 - np.exp(2 / n * (null - value))) / (1 - np.exp(2 / n * null)),
            1 - value / null,
            chance[future_y == 1].mean() - chance[future_y == 0].mean(),
        ]
        new.append(shown)
        covered.append(found.nagelkerke.value.low <= shown[0] <= found.nagelkerke.value.high)
    corrected, apparent, new = map(np.array, (corrected, apparent, new))
    error = corrected.std(axis=0) / np.sqrt(30)
    assert (np.abs((corrected - new).mean(axis=0)) < 3.5 * error).all()
    assert ((apparent - new).mean(axis=0) > 4 * error).all()
    assert np.mean(covered) > 0.95 - 3 * 0.04  # 30 simulations


def test_noise_explains_nothing_and_the_same_seed_gives_the_same_answer():
    y, X = cohort(100, 3, np.zeros(6))
    found = likelihood_r2(y, X, bootstraps=50, seed=2)
    assert found.nagelkerke.value.value < 0.02 < found.nagelkerke.apparent
    assert found == likelihood_r2(y, X, bootstraps=50, seed=2)
    assert found != likelihood_r2(y, X, bootstraps=50, seed=3)
    assert (found.n, found.events) == (100, y.sum())


def test_separated_resamples_are_used_under_the_penalty_and_refused_without():
    y, X = cohort(60, 4, np.r_[3.0, 1.0])
    rare = ((np.cumsum(y) <= 4) & (y == 1)) * 1.0
    found = likelihood_r2(y, np.c_[X, rare], bootstraps=50)
    assert found.failed <= 5
    assert found.nagelkerke.value.value > 0.2
    with pytest.raises(NotEstimable):
        likelihood_r2(y, np.c_[X, rare], penalised=False, bootstraps=50)
