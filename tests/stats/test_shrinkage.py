"""Shrunken rates: the posterior against simulation, coverage and error against the raw rates, edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coley.model.errors import NotEstimable, UnreadableInput
from coley.stats.shrinkage import beta_binomial_shrinkage

SETTINGS = [(0.3, 10, 12), (0.1, 30, 10), (0.5, 4, 12), (0.25, 1e6, 10)]  # mean, size M, strata


@pytest.fixture(scope="module", params=SETTINGS, ids=str)
def simulated(request):
    mean, size, strata = request.param
    rng = np.random.default_rng(1)
    runs = []
    for _ in range(25):
        n = rng.integers(4, 60, strata)
        truth = rng.beta(mean * size, (1 - mean) * size, strata)
        runs.append((truth, rng.binomial(n, truth) / n, beta_binomial_shrinkage(rng.binomial(n, truth), n)))
    return request.param, runs


def test_coverage_across_strata(simulated):
    (_, size, _), runs = simulated
    covered = np.mean([(found.rates.low <= truth) & (truth <= found.rates.high) for truth, _, found in runs])
    assert covered > 0.91
    if size < 100:  # strata that are all alike are covered more often than promised, by construction
        assert covered < 0.985


def test_error_is_smaller_than_that_of_the_raw_rates_and_intervals_shorter(simulated):
    (_, size, _), runs = simulated
    shrunk = np.mean([((found.rates.value - truth) ** 2).mean() for truth, _, found in runs])
    raw = np.mean([((found.raw.value - truth) ** 2).mean() for truth, _, found in runs])
    assert (
        shrunk < (0.97 if size < 5 else 0.8) * raw
    )  # strata that differ much have little to lend each other
    width = [
        np.mean([(x.high - x.low).mean() for x in each])
        for each in zip(*((f.rates, f.raw) for *_, f in runs), strict=True)
    ]
    assert width[0] < width[1]


def test_mean_and_spread_are_covered(simulated):
    (mean, size, _), runs = simulated
    overall = np.mean([found.overall.low <= mean <= found.overall.high for *_, found in runs])
    assert overall > 0.95 - 3 * 0.044
    if size < 100:
        spread = np.sqrt(mean * (1 - mean) / (size + 1))
        assert np.mean([found.between.low <= spread <= found.between.high for *_, found in runs]) > 0.8


def test_heterogeneity_test_has_its_size(simulated):
    (_, size, _), runs = simulated
    if size > 100:
        assert np.mean([found.heterogeneity.p < 0.05 for *_, found in runs]) < 0.2
    if size == 4:
        assert np.mean([found.heterogeneity.p < 0.05 for *_, found in runs]) > 0.95


def test_posterior_equals_simulation_from_the_model():
    """Draw (mu, B, rates) from the prior, keep the draws that give the very counts."""
    events, n = np.array([0, 3, 4]), np.array([4, 5, 6])
    rng = np.random.default_rng(2)
    draws = 3_000_000
    mu, B = rng.random(draws), rng.random(draws)
    M = 5 * B / (1 - B)
    rates = rng.beta(np.maximum(mu * M, 1e-12)[:, None], np.maximum((1 - mu) * M, 1e-12)[:, None], (draws, 3))
    kept = (rng.binomial(n, rates) == events).all(axis=1)
    assert kept.sum() > 5000
    found = beta_binomial_shrinkage(events, n)
    np.testing.assert_allclose(found.rates.value, rates[kept].mean(axis=0), atol=0.01)
    np.testing.assert_allclose(found.rates.low, np.quantile(rates[kept], 0.025, axis=0), atol=0.015)
    np.testing.assert_allclose(found.rates.high, np.quantile(rates[kept], 0.975, axis=0), atol=0.015)
    overall = mu[kept].mean(), *np.quantile(mu[kept], [0.025, 0.975])
    np.testing.assert_allclose(
        (found.overall.value, found.overall.low, found.overall.high), overall, atol=0.015
    )
    spread = np.sqrt(mu * (1 - mu) / (M + 1))[kept]
    expected = np.quantile(spread, [0.5, 0.025, 0.975])
    np.testing.assert_allclose(
        (found.between.value, found.between.low, found.between.high), expected, atol=0.015
    )
    further = rng.beta(np.maximum(mu * M, 1e-12)[kept], np.maximum((1 - mu) * M, 1e-12)[kept])
    np.testing.assert_allclose(
        (found.new_stratum.low, found.new_stratum.high), np.quantile(further, [0.025, 0.975]), atol=0.02
    )
    np.testing.assert_allclose(
        found.shrinkage, (M[kept][:, None] / (M[kept][:, None] + n)).mean(axis=0), atol=0.01
    )


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=8), st.integers(0, 99)
)
def test_order_does_not_matter_and_rates_lie_between_raw_and_overall(cells, seed):
    events = np.array([a for a, _ in cells])
    n = events + np.array([b for _, b in cells])
    if n.sum() == 0:
        return
    found = beta_binomial_shrinkage(events, n)
    order = np.random.default_rng(seed).permutation(len(n))
    np.testing.assert_allclose(
        beta_binomial_shrinkage(events[order], n[order]).rates.low, found.rates.low[order], atol=1e-9
    )
    rates = found.rates
    assert (
        (rates.low >= 0) & (rates.low <= rates.value) & (rates.value <= rates.high) & (rates.high <= 1)
    ).all()
    turned = beta_binomial_shrinkage(n - events, n).rates
    np.testing.assert_allclose(1 - turned.value, rates.value, atol=1e-5)


def test_large_strata_are_left_alone_and_small_ones_drawn_in():
    found = beta_binomial_shrinkage([1, 300, 600, 900], [1, 1000, 1000, 1000])
    np.testing.assert_allclose(found.rates.value[1:], [0.3, 0.6, 0.9], atol=0.005)
    assert found.rates.value[0] < 0.9
    assert found.shrinkage[0] > 0.5 > 0.05 > found.shrinkage[1]


def test_one_stratum_and_nobody():
    single = beta_binomial_shrinkage([5], [20])
    assert 0.1 < single.rates.low[0] < 0.25 < single.rates.high[0] < 0.5
    assert np.isnan(single.heterogeneity.p)
    found = beta_binomial_shrinkage([5, 0], [20, 0])
    assert (found.rates.low[1], found.rates.high[1]) == pytest.approx(
        (found.new_stratum.low, found.new_stratum.high)
    )
    with pytest.raises(NotEstimable, match="No patients"):
        beta_binomial_shrinkage([0], [0])
    with pytest.raises(UnreadableInput, match="Counts"):
        beta_binomial_shrinkage([3], [2])
