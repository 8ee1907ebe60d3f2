"""Explained variation in survival: its definition, what it promises on new patients, and coverage."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting, NotEstimable
from coley.stats.survival.cox import cox
from coley.stats.survival.explained import explained_share, normal_scores, royston_sauerbrei, separation
from coley.stats.survival.partial_likelihood import PartialLikelihood, risk_sets

EFFECTS = np.r_[0.6, 0.4, np.zeros(6)]


def cohort(n, seed, effects=EFFECTS):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, len(effects)))
    time, censored = rng.exponential(np.exp(-X @ effects)), rng.exponential(2, n)
    return np.minimum(time, censored), time <= censored, X


def sets_of(time, event):
    return risk_sets(time, event, entry=None, strata=None, weights=None, ties="efron")


def test_d_is_the_cox_coefficient_of_blom_scores_by_lifelines():
    import pandas as pd
    from lifelines import CoxPHFitter
    from scipy.stats import norm, rankdata

    time, event, X = cohort(200, 1)
    index = X @ EFFECTS
    scores = norm.ppf((rankdata(index) - 0.375) / 200.25) * np.sqrt(np.pi / 8)
    theirs = CoxPHFitter().fit(
        pd.DataFrame({"z": scores, "time": time, "event": event}),
        "time",
        "event",
        fit_options={"precision": 1e-12},
    )
    found = separation(index, sets_of(time, event))
    np.testing.assert_allclose(
        [found.value, found.se], [theirs.params_["z"], theirs.standard_errors_["z"]], atol=1e-6
    )
    expected = found.value**2 * np.pi / 8
    np.testing.assert_allclose(explained_share(found.value), expected / (expected + np.pi**2 / 6))


def test_ties_share_the_mean_of_their_scores():
    from scipy.stats import norm

    plain = norm.ppf((np.arange(1, 7) - 0.375) / 6.25)
    found = normal_scores(np.array([5.0, 1, 5, 5, 0, 9]))
    np.testing.assert_allclose(
        found, [plain[2:5].mean(), plain[1], *[plain[2:5].mean()] * 2, plain[0], plain[5]]
    )


def test_d_recovers_the_spread_of_a_normal_index():
    # with a normal index of standard deviation s, D is s times kappa, and R2_D is s^2 / (s^2 + pi^2 / 6)
    time, event, X = cohort(20_000, 2)
    spread = np.sqrt((EFFECTS**2).sum())
    found = separation(X @ EFFECTS, sets_of(time, event))
    assert found.low < spread * np.sqrt(8 / np.pi) < found.high


def test_corrected_is_what_new_patients_show_and_apparent_is_not():
    future_time, future_event, future_X = cohort(5_000, 10**6)
    future = sets_of(future_time, future_event)
    truth = separation(future_X @ EFFECTS, future).value
    corrected, apparent, new, covered, randomness, new_randomness = [], [], [], [], [], []
    for seed in range(40):
        time, event, X = cohort(150, seed)
        found = royston_sauerbrei(time, event, X, bootstraps=50, seed=seed)
        index = future_X @ cox(time, event, X).coefficients
        new.append(separation(index, future).value)
        corrected.append(found.d.value.value)
        apparent.append(found.d.apparent)
        covered.append(found.d.value.low <= new[-1] <= found.d.value.high)
        randomness.append(found.explained_randomness.value.value)
        slope = cox(future_time, future_event, index)
        shift = slope.likelihood.Z[0] * slope.design.scale[0]
        likelihood = PartialLikelihood(slope.likelihood.sets, shift[None])
        gain = likelihood.sums(np.ones(1)).loglik - likelihood.sums(np.zeros(1)).loglik
        new_randomness.append(-np.expm1(-2 * gain / slope.events))
    error = np.std(corrected) / np.sqrt(40)
    assert abs(np.mean(corrected) - np.mean(new)) < 3 * error
    assert np.mean(apparent) - np.mean(new) > 6 * error  # how wrong the apparent value is
    assert abs(np.mean(randomness) - np.mean(new_randomness)) < 3 * np.std(randomness) / np.sqrt(40)
    assert np.mean(covered) > 0.95 - 3 * 0.0345  # 40 simulations
    assert truth > np.mean(new)  # a fitted index is worth less than the true one


def test_nothing_is_explained_by_noise():
    shares = []
    for seed in range(20):
        time, event, X = cohort(120, seed, np.zeros(6))
        found = royston_sauerbrei(time, event, X, bootstraps=40, seed=1)
        assert found.r2_d.apparent > found.r2_d.value.value
        shares.append((found.r2_d.value.value, found.r2_d.value.low == 0, found.r2_d.apparent))
    share, reaches_zero, apparent = np.mean(shares, axis=0)
    assert share < 0.02 < 0.04 < apparent
    assert reaches_zero > 0.7


def test_strata_are_not_counted_as_explained():
    rng = np.random.default_rng(3)
    group = rng.integers(0, 3, 400)
    time = rng.exponential(4.0**group)
    X = np.c_[(group == 1) + 0.1 * rng.normal(size=400), (group == 2) + 0.1 * rng.normal(size=400)]
    pooled = royston_sauerbrei(time, np.ones(400), X, bootstraps=30)
    within = royston_sauerbrei(time, np.ones(400), X, strata=group, bootstraps=30)
    assert pooled.r2_d.value.value > 0.3
    assert within.r2_d.value.value < 0.1


def test_same_seed_same_answer_and_units_do_not_matter():
    time, event, X = cohort(150, 4)
    once, again = (royston_sauerbrei(time, event, X, bootstraps=30, seed=7) for _ in range(2))
    assert repr(once) == repr(
        again
    )  # by text: from Python 3.13 a dataclass with a NaN is not equal to its copy
    assert repr(royston_sauerbrei(time, event, X, bootstraps=30, seed=8)) != repr(once)
    days = royston_sauerbrei(time * 30.4375, event, X * 100, bootstraps=30, seed=7)
    np.testing.assert_allclose(days.d.value.value, once.d.value.value, rtol=1e-6)


def test_refusals():
    time, event, X = cohort(60, 5)
    with pytest.raises(InvalidSetting, match="too few"):
        royston_sauerbrei(time, event, X, bootstraps=5)
    rare = np.zeros((60, 1))
    rare[np.flatnonzero(event)[7]] = 1  # absent from one resample in three
    with pytest.raises(NotEstimable, match="resamples"):
        royston_sauerbrei(time, event, rare, bootstraps=100)
