"""EVSI by shrinkage against closed forms: a normal prior, and a beta with its beta-binomial sum."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import betabinom, norm

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.decision.evsi_shrinkage import evsi_gaussian, evsi_moment_matching, prior_size_from_study
from coley.stats.decision.partial_information import evppi
from coley.stats.decision.sample_information import evsi_regression

SIZES = np.array([2.0, 10.0, 50.0])
SD = 3.0  # of one observation of p1, whose prior is N(1, 1): worth 9 observations


def gain(mean, sd):
    return sd * norm.pdf(mean / sd) + mean * norm.cdf(mean / sd) - max(mean, 0)


EXACT = np.array([gain(1, np.sqrt(n / (n + SD**2))) for n in SIZES])


@pytest.fixture(scope="module")
def normal():
    rng = np.random.default_rng(1)
    p1, p2 = rng.normal(1, 1, 40_000), rng.normal(0, 2, 40_000)
    effects = np.column_stack([np.zeros_like(p1), p1 - p2])
    return np.zeros_like(effects), effects, p1


def test_gaussian_approximation(normal):
    c, e, p1 = normal
    found = evsi_gaussian(c, e, 1, parameters=p1, prior_size=SD**2, sizes=[*SIZES, 1e9])
    np.testing.assert_allclose(found.value[:3, 0], EXACT, atol=3 * found.se.max())
    everything = evppi(c, e, 1, parameters=p1)
    assert found.value[3, 0] == pytest.approx(everything.value[0, 0], rel=1e-6)
    assert found.se[3, 0] == pytest.approx(everything.se[0, 0], rel=1e-6)


def test_standard_error_covers():
    hits, values, errors = np.zeros(3), [], []
    rng = np.random.default_rng(3)
    for _ in range(200):
        p1, p2 = rng.normal(1, 1, 600), rng.normal(0, 2, 600)
        effects = np.column_stack([np.zeros_like(p1), p1 - p2])
        found = evsi_gaussian(np.zeros_like(effects), effects, 1, parameters=p1, prior_size=9, sizes=SIZES)
        hits += np.abs(found.value[:, 0] - EXACT) <= 1.96 * found.se[:, 0]
        values.append(found.value[:, 0])
        errors.append(found.se[:, 0])
    # On the safe side: the regression is nearly a straight line, which averages more noise away than is counted.
    ratio = np.mean(errors, axis=0) / np.std(values, axis=0)
    assert ((ratio > 1) & (ratio < 1.8)).all()
    # A study of two rarely changes the choice: gains are skewed, and their intervals a little short.
    assert (hits / 200 >= [0.87, 0.93, 0.93]).all()


def test_moment_matching(normal):
    c, e, p1 = normal
    rng = np.random.default_rng(4)
    studies = np.linspace(2, 80, 40)
    truth = norm.ppf((rng.permutation(40) + 0.5) / 40, 1, 1)
    seen = truth + rng.normal(0, SD / np.sqrt(studies))
    centre, spread = (9 + studies * seen) / (9 + studies), np.sqrt(9 / (9 + studies))
    after = centre[:, None] + spread[:, None] * rng.normal(size=(40, 4000)) - rng.normal(0, 2, (40, 4000))
    after = np.stack([np.zeros_like(after), after], axis=2)
    found = evsi_moment_matching(
        c, e, 1, parameters=p1, posterior=(0 * after, after), posterior_sizes=studies, sizes=SIZES
    )
    assert found.prior_size[0, 1] == pytest.approx(9, rel=0.25)
    np.testing.assert_allclose(found.value[:, 0], EXACT, atol=3 * found.se.max() + 0.003)


def test_beta_prior_and_binomial_study():
    """INB = 1000 (p - 0.42), p ~ beta(8, 12): exact by the sum over what the study may show."""
    rng = np.random.default_rng(5)
    p = rng.beta(8, 12, 60_000)
    e = np.column_stack([np.zeros_like(p), 1000 * (p - 0.42)])
    for n in (5, 30):
        shown = np.arange(n + 1)
        after = 1000 * ((8 + shown) / (20 + n) - 0.42)
        exact = betabinom(n, 8, 12).pmf(shown) @ np.maximum(after, 0)
        counts = rng.binomial(n, p)
        one = evsi_regression(0 * e, e, 1, summaries={n: counts})
        two = evsi_gaussian(0 * e, e, 1, parameters=p, prior_size=20, sizes=n)
        assert one.value[0, 0] == pytest.approx(exact, abs=3 * one.se[0, 0])
        assert two.value[0, 0] == pytest.approx(exact, rel=0.1)  # an approximation: the study is discrete
        assert prior_size_from_study(p, counts, n) == pytest.approx(20, rel=0.06)


def test_several_strategies_and_two_statistics():
    rng = np.random.default_rng(6)
    p = rng.normal([1.0, 1.1], [1.0, 1.0], (30_000, 2))
    e = np.column_stack([np.zeros(30_000), p])
    study = p + rng.normal(0, 1, p.shape)  # one observation of SD 1 of each: explains half the variance
    found = evsi_regression(0 * e, e, 1, summaries={1: study})
    after = rng.normal([1.0, 1.1], np.sqrt(0.5), (500_000, 2))
    truth = np.maximum(after.max(axis=1), 0).mean() - 1.1
    assert found.value[0, 0] == pytest.approx(truth, abs=3 * found.se[0, 0])
    shrunk = evsi_gaussian(0 * e, e, 1, parameters=p, prior_size=1, sizes=1)
    assert shrunk.value[0, 0] == pytest.approx(truth, abs=3 * shrunk.se[0, 0])


def test_refusals(normal):
    c, e, p1 = normal
    with pytest.raises(InvalidSetting, match="positive number"):
        evsi_gaussian(c, e, 1, parameters=p1, prior_size=0, sizes=3)
    with pytest.raises(InvalidSetting, match="Sizes"):
        evsi_gaussian(c, e, 1, parameters=p1, prior_size=3, sizes=[0])
    with pytest.raises(InvalidSetting, match="do not vary"):
        evsi_gaussian(c, e, 1, parameters=0 * p1, prior_size=3, sizes=[1])
    with pytest.raises(UnreadableInput, match="Posterior costs"):
        evsi_moment_matching(c, e, 1, parameters=p1, posterior=(c, e), posterior_sizes=[1, 2], sizes=[1])
    with pytest.raises(NotEstimable, match="explains"):
        prior_size_from_study(p1, e[:, 1] * 0 + (np.arange(len(p1)) % 3), 10)
