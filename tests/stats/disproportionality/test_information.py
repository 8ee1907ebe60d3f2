"""Information components against vigipy, DiAna's published values, their posteriors, and their coverage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import digamma, polygamma
from scipy.stats import gamma

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.stats.disproportionality.counts import PairCounts
from coley.stats.disproportionality.information import (
    _polygammas,
    bcpnn,
    bcpnn_monte_carlo,
    information_component,
    information_component_closed,
)

QUICK = settings(max_examples=50, deadline=None)  # examples are not timed

DIANA = PairCounts.of(3, exposed=100, event=50, total=20000)
CELLS = st.tuples(*[st.integers(0, 10**5)] * 3, st.integers(1, 10**6))


def table(a, b, c, d):
    a, b, c, d = (np.asarray(x, dtype=float) for x in (a, b, c, d))
    return PairCounts.of(a, exposed=a + b, event=a + c, total=a + b + c + d)


@pytest.fixture(scope="module")
def by_vigipy(peers):
    rows = peers("information")
    return rows, PairCounts.of(
        rows["both"], exposed=rows["exposed"], event=rows["event"], total=rows["total"]
    )


def test_published_by_diana():
    closed, posterior = information_component_closed(DIANA), information_component(DIANA, median=True)
    for found, expected in ((closed, (2.222, 0.153, 3.429)), (posterior, (2.081, 0.172, 3.416))):
        assert tuple(round(float(x[0]), 3) for x in (found.value, found.low, found.high)) == expected
    # DiAna's tests assert the truncated 2.22 (0.15-3.42) and 2.08 (0.17-3.42)


@QUICK
@given(CELLS, st.floats(0.5, 0.999))
def test_limits_are_quantiles_of_the_gamma_posterior(cells, level):
    pair = table(*cells)
    found = information_component(pair, level=level)
    posterior = gamma(pair.both + 0.5, scale=1 / (pair.expected + 0.5))
    np.testing.assert_allclose(posterior.cdf(2**found.low), (1 - level) / 2, rtol=1e-6)
    np.testing.assert_allclose(posterior.sf(2**found.high), (1 - level) / 2, rtol=1e-6)
    assert found.low[0] < found.value[0] < found.high[0]


def test_no_signal_with_fewer_than_three_reports_however_rare():
    few = PairCounts.of([0, 1, 2, 3], exposed=5, event=5, total=1e9)
    low = information_component(few).low
    assert (low[:3] < 0).all()
    assert low[3] > 0


def test_closed_limits_are_near_the_posterior_ones():
    pairs = PairCounts.of(np.arange(3, 2000), exposed=2000, event=2000, total=1e6)
    closed, posterior = information_component_closed(pairs), information_component(pairs)
    np.testing.assert_allclose(closed.value, posterior.value)
    np.testing.assert_allclose(closed.low, posterior.low, atol=0.05)
    np.testing.assert_allclose(closed.high, posterior.high, atol=0.05)


def test_normal_bcpnn_equals_vigipy(by_vigipy):
    rows, pairs = by_vigipy
    found = bcpnn(pairs)
    np.testing.assert_allclose(found.low, rows["normal_low"], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found.value - found.low, found.high - found.value)


def test_drawn_bcpnn_equals_vigipy_up_to_its_draws(by_vigipy):
    rows, pairs = by_vigipy
    found = bcpnn_monte_carlo(pairs, draws=10_000, seed=5)
    width = found.high - found.low
    assert np.abs((found.low - rows["drawn_low"].to_numpy()) / width).max() < 0.04
    again = bcpnn_monte_carlo(pairs, draws=10_000, seed=5)
    np.testing.assert_array_equal(found.low, again.low)


def test_dirichlet_form_on_the_example_of_its_paper():
    """Norén 2006, table III; limits as its implementation in R, pharmsignal, prints them."""
    pair = PairCounts.of(25, exposed=1126, event=87, total=572_573)
    found = bcpnn_monte_carlo(pair, draws=200_000)
    assert found.value[0] == pytest.approx(5.247846, abs=5e-6)
    assert found.low[0] == pytest.approx(4.64927, abs=0.01)
    assert found.high[0] == pytest.approx(5.73115, abs=0.01)


def test_drawn_limits_hold_the_level_among_other_draws():
    counts = (3, 100, 50, 20_000)
    found = bcpnn_monte_carlo(PairCounts.of(3, exposed=100, event=50, total=20_000), draws=100_000, level=0.9)
    a, n1, m, n = counts
    q1, q2 = (n1 + 0.5) / (n + 1), (m + 0.5) / (n + 1)
    prior = 0.5 / (q1 * q2) * np.outer([q1, 1 - q1], [q2, 1 - q2]).ravel()
    posterior = prior + np.array([a, n1 - a, m - a, n - n1 - m + a])
    share = np.random.default_rng(77).dirichlet(posterior, 100_000).T
    information = np.log2(share[0] / ((share[0] + share[1]) * (share[0] + share[2])))
    assert np.mean(information < found.low[0]) == pytest.approx(0.05, abs=0.004)
    assert np.mean(information > found.high[0]) == pytest.approx(0.05, abs=0.004)


def test_series_of_digamma_and_trigamma():
    x = np.concatenate([np.linspace(1, 40, 400), np.geomspace(41, 1e9, 60)])
    first, second = _polygammas(x)
    np.testing.assert_allclose(first, digamma(x), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(second, polygamma(1, x), rtol=3e-12)


@QUICK
@given(CELLS)
def test_symmetry_and_monotony(cells):
    a, b, c, d = cells
    for measure in (information_component, information_component_closed, bcpnn):
        found, turned = measure(table(a, b, c, d)), measure(table(a, c, b, d))
        np.testing.assert_allclose([found.value, found.low], [turned.value, turned.low], rtol=1e-9, atol=1e-9)
        pair = table(a + 1, b + 1, c + 1, d)
        more = PairCounts.of(pair.both + 1, exposed=pair.exposed, event=pair.event, total=pair.total)
        assert measure(more).low[0] > measure(pair).low[0]


def test_expected_counts_may_come_from_strata_and_shapes_are_kept():
    expected = np.array([[0.25, 4.0], [1.0, 0.0]])
    pairs = PairCounts.of([[3, 3], [0, 0]], exposed=10, event=50, total=20000)
    found = information_component(pairs, expected=expected)
    np.testing.assert_allclose(found.value, np.log2((pairs.both + 0.5) / (expected + 0.5)))
    assert bcpnn(pairs).value.shape == bcpnn_monte_carlo(pairs, draws=100).low.shape == (2, 2)


def test_coverage_of_the_posterior():
    """Rates drawn from the prior, a gamma(1/2, 1/2), and counts from the rates: the level is met exactly."""
    rng, n = np.random.default_rng(2), 20_000
    rate, expected = rng.gamma(0.5, 2, n), rng.uniform(0.2, 20, n)
    counts = PairCounts.of(rng.poisson(rate * expected), exposed=1000, event=1000, total=1e6)
    found = information_component(counts, expected=expected, level=0.9)
    inside = (found.low <= np.log2(rate)) & (np.log2(rate) <= found.high)
    assert inside.mean() == pytest.approx(0.9, abs=0.007)


def test_refusals():
    with pytest.raises(UnreadableInput, match="expected count"):
        information_component(DIANA, expected=[1.0, 2.0])
    with pytest.raises(UnreadableInput, match="expected count"):
        information_component_closed(DIANA, expected=[-1.0])
    with pytest.raises(UnreadableInput, match="expected count"):
        information_component_closed(DIANA, expected=[np.nan])
    with pytest.raises(InvalidSetting, match="draws"):
        bcpnn_monte_carlo(DIANA, draws=10)
    with pytest.raises(InvalidSetting, match="level"):
        information_component(DIANA, level=1.0)
