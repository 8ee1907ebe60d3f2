"""False discovery rates: against enumeration and statsmodels, and over simulated databases."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import poisson

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.stats.disproportionality.counts import PairCounts
from coley.stats.disproportionality.discovery import false_discovery
from coley.stats.disproportionality.discovery.false_discovery import (
    adaptive_false_discovery,
    discrete_false_discovery,
)
from coley.stats.disproportionality.discovery.null_counts import NullCounts
from coley.stats.disproportionality.discovery.one_sided import one_sided_tests


@pytest.mark.parametrize("kind", ["mid", "exact"])
def test_equals_enumeration(kind):
    """Heyse's rate written out: for each p, the sum of all pairs' chances of it or less, over pairs that have it."""
    rng = np.random.default_rng(3)
    mean = np.exp(rng.normal(0, 1.5, 60))
    x = rng.poisson(mean * np.where(rng.random(60) < 0.2, 5, 1))
    p = poisson.sf(x - 1, mean) - (kind == "mid") * poisson.pmf(x, mean) / 2
    k = np.arange(300)[:, None]
    atoms = poisson.sf(k - 1, mean) - (kind == "mid") * poisson.pmf(k, mean) / 2
    chance = poisson.pmf(k, mean)
    rate = np.array([(chance * (atoms <= t * (1 + 1e-9))).sum() / (p <= t).sum() for t in p])
    expected = np.minimum([rate[p >= t].min() for t in p], 1)
    found = discrete_false_discovery(
        one_sided_tests(x, NullCounts.poisson(mean), kind=kind), null_share="one"
    )
    np.testing.assert_allclose(found.q, expected, rtol=1e-8)


def test_is_benjamini_and_hochberg_where_counts_are_large():
    from statsmodels.stats.multitest import multipletests

    rng = np.random.default_rng(4)
    mean = rng.uniform(4e4, 9e4, 200)
    tests = one_sided_tests(
        rng.poisson(mean * np.where(np.arange(200) < 20, 1.02, 1)), NullCounts.poisson(mean)
    )
    found = discrete_false_discovery(tests, null_share="one")
    usual = multipletests(tests.p, method="fdr_bh")[1]
    np.testing.assert_allclose(found.q, usual, rtol=0.02)


def test_rounded_thresholds_of_large_families_cost_a_thousandth(monkeypatch):
    rng = np.random.default_rng(5)
    mean = np.exp(rng.normal(0, 1.5, 3000))
    tests = one_sided_tests(
        rng.poisson(mean * np.where(rng.random(3000) < 0.1, 4, 1)), NullCounts.poisson(mean)
    )
    fine = discrete_false_discovery(tests).q
    monkeypatch.setattr(false_discovery, "MANY", 10)
    coarse = discrete_false_discovery(tests).q
    assert (coarse >= fine * (1 - 1e-9)).all()
    assert np.median(coarse / fine) < 1.002


def test_a_count_beyond_any_walk_is_called():
    found = discrete_false_discovery(one_sided_tests([60, 1, 0], NullCounts.poisson([0.1, 1.0, 1.0])))
    assert 0 < found.q[0] < 1e-120
    assert found.called().tolist() == [True, False, False]


@pytest.mark.parametrize("null_share", ["upper half", "location"])
def test_share_of_null_pairs(null_share):
    """Estimated where the null is known (given means): unbiased without signals, upwards with them."""
    rng = np.random.default_rng(6)
    mean = np.exp(rng.normal(0, 1.5, 20_000))
    signal = rng.random(20_000) < 0.3
    tests = one_sided_tests(rng.poisson(mean * np.where(signal, 4, 1)), NullCounts.poisson(mean))
    found = discrete_false_discovery(tests, null_share=null_share)
    assert 0.7 < found.null_share < 0.9
    none = one_sided_tests(rng.poisson(mean), NullCounts.poisson(mean))
    assert discrete_false_discovery(none, null_share=null_share).null_share > 0.97
    called = found.called(0.1)
    assert 0.08 < (called & ~signal).sum() / called.sum() < 0.13


def test_listed_pairs_alone_keep_the_rate(database):
    """Pairs without reports are not in any list: the rate holds given that, and would not if it were ignored."""
    rng, rates = np.random.default_rng(7), []
    for _ in range(60):
        counts, _, _, signal = database(rng)
        seen = counts.both >= 1
        part = PairCounts(*(x[seen] for x in (counts.both, counts.exposed, counts.event, counts.total)))
        null, pair = NullCounts.given_margins(part), []
        for least in (0, 1):
            called = discrete_false_discovery(one_sided_tests(part.both, null, least=least)).called(0.1)
            pair.append((called & ~signal[seen]).sum() / max(called.sum(), 1))
        rates.append(pair)
    ignored, given = np.mean(rates, axis=0)
    assert abs(given - 0.1) < 0.03
    assert ignored > given


def test_adaptive_on_any_p():
    from statsmodels.stats.multitest import multipletests

    p = np.append(np.random.default_rng(8).uniform(size=80), np.full(20, 1e-4))
    found = adaptive_false_discovery(np.append(p, np.nan))
    np.testing.assert_allclose(found.q[:-1], multipletests(p, method="fdr_bh")[1] * found.null_share)
    assert found.null_share == ((p > 0.5).sum() + 1) / 50
    assert np.isnan(found.q[-1])


def test_refusals_and_nothing():
    tests = one_sided_tests([1], NullCounts.poisson([1.0]))
    with pytest.raises(InvalidSetting, match="guess"):
        discrete_false_discovery(tests, null_share="guess")
    with pytest.raises(UnreadableInput, match="outside"):
        adaptive_false_discovery([0.1, 1.2])
    assert len(discrete_false_discovery(one_sided_tests([], NullCounts.poisson([]))).q) == 0
