"""Watching by quarters: boundaries against enumeration, error over 40 quarters, discoveries among many pairs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import hypergeom, poisson

from coley.model.errors import InvalidSetting, UnknownName, UnreadableInput
from coley.stats.disproportionality.discovery.null_counts import NullCounts
from coley.stats.disproportionality.watching.quarters import group_sequential_watch, watch_discoveries
from coley.stats.disproportionality.watching.spending import SPENDING, spending


def _enumerated(increments, may_spend, least):
    """Return the boundary and the error spent, from the distribution of the walk written out."""
    alive, gone, bound, spent = np.array([1.0]), 0.0, [], []
    for chances, may in zip(increments, may_spend, strict=True):
        alive = np.convolve(alive, chances)
        tails = np.cumsum(alive[::-1])[::-1]  # of each count and above
        fits = np.flatnonzero(gone + tails <= may)
        b = max(fits[0] if len(fits) else len(alive), least)
        gone += tails[b] if b < len(alive) else 0.0
        bound.append(b)
        spent.append(gone)
        alive = alive[:b]
    return bound, spent


@pytest.mark.parametrize("spend", sorted(SPENDING))
def test_boundaries_equal_enumeration(quarters, spend):
    counts = quarters(np.random.default_rng(1), pairs=3, looks=12)
    may = spending(spend, 12, alpha=0.05)
    for null in (NullCounts.given_margins(counts), NullCounts.poisson(counts.expected)):
        watch = group_sequential_watch(counts.both, null, spend=spend, least=2)
        k = np.arange(80)
        for i in range(3):
            exact = np.isfinite(null.total[i, 0])
            chances = [
                hypergeom.pmf(k, counts.total[i, j], counts.event[i, j], counts.exposed[i, j])
                if exact
                else poisson.pmf(k, null.expected[i, j])
                for j in range(12)
            ]
            bound, spent = _enumerated(chances, may, 2)
            possible = np.array(spent) > np.concatenate(
                [[0.0], spent[:-1]]
            )  # else any unreachable count will do
            np.testing.assert_array_equal(watch.boundary[i][possible], np.array(bound)[possible])
            np.testing.assert_allclose(watch.spent[i], spent, atol=1e-12)


@pytest.mark.parametrize("growth", [True, False])
@pytest.mark.parametrize("spend", ["pocock", "obrien_fleming", "open"])
def test_error_is_held_over_forty_quarters(quarters, spend, growth):
    counts = quarters(np.random.default_rng(2), pairs=4000, growth=growth)
    watch = group_sequential_watch(counts.both, NullCounts.given_margins(counts), spend=spend)
    alerted = (watch.first >= 0).mean()
    promised = watch.spent[:, -1].mean()
    assert 0.04 < promised <= 0.05  # at most nominal, and close to it
    assert (watch.spent <= 0.05).all()
    assert abs(alerted - promised) < 3.3 * np.sqrt(0.05 * 0.95 / 4000)


def test_expected_numbers_of_all_reports_so_far_do_not_hold_the_error(quarters):
    """Where exposure and event both grow, the margins so far expect too little: why each quarter has its own."""
    counts = quarters(np.random.default_rng(3), pairs=2000, exposed=0.1)
    so_far = np.cumsum(counts.exposed, 1) * np.cumsum(counts.event, 1) / np.cumsum(counts.total, 1)
    steps = np.maximum(np.diff(so_far, axis=1, prepend=0.0), 0)
    wrong = group_sequential_watch(counts.both, NullCounts.poisson(steps))
    right = group_sequential_watch(counts.both, NullCounts.given_margins(counts))
    poisson_right = group_sequential_watch(counts.both, NullCounts.poisson(counts.expected))
    assert (wrong.first >= 0).mean() > 0.15
    assert (right.first >= 0).mean() < 0.066
    assert (poisson_right.first >= 0).mean() < 0.066  # a little more careful than the exact one


def test_a_signal_is_found_when_it_comes_and_is_new_then():
    rng = np.random.default_rng(4)
    mean = np.full((300, 40), 0.5)
    both = rng.poisson(mean * np.where(np.arange(40) < 20, 1, 4))
    watch = group_sequential_watch(both, NullCounts.poisson(mean))
    late = watch.first[watch.first >= 20]
    assert len(late) > 250
    assert np.median(late) < 30
    stop = int(np.median(late))
    early = group_sequential_watch(both[:, : stop + 1], NullCounts.poisson(mean[:, : stop + 1]), planned=40)
    np.testing.assert_array_equal(
        early.boundary, watch.boundary[:, : stop + 1]
    )  # a plan is not changed by data
    np.testing.assert_array_equal(early.new, watch.first == stop)
    np.testing.assert_allclose(watch.ratio[:, -1], both.sum(axis=1) / 20)


def test_quarters_without_exposure_spend_nothing(quarters):
    counts = quarters(np.random.default_rng(5), pairs=2, looks=10)
    null = NullCounts.given_margins(counts)
    idle = NullCounts(
        *(
            np.concatenate([np.zeros((2, 3)) + fill, x], axis=1)
            for x, fill in zip(null.columns, (0.0, 0.0, 40.0, 5000.0), strict=True)
        )
    )
    watch = group_sequential_watch(np.concatenate([np.zeros((2, 3)), counts.both], axis=1), idle)
    assert (watch.spent[:, 2] == 0).all()
    assert np.isnan(watch.ratio[:, 2]).all()
    assert (watch.spent[:, -1] > 0.03).all()


def test_sequential_p_keeps_its_promise_at_every_level(quarters):
    counts = quarters(np.random.default_rng(6), pairs=4000)
    found = watch_discoveries(counts.both, NullCounts.given_margins(counts))
    assert (np.diff(found.p, axis=1) <= 0).all()
    for a in (0.01, 0.05, 0.1, 0.2):
        assert a / 2 < (found.p[:, -1] <= a).mean() < a + 3.3 * np.sqrt(a * (1 - a) / 4000)


def test_false_discoveries_among_all_ever_called_are_held(quarters):
    rng, rates, found = np.random.default_rng(7), [], []
    for _ in range(40):
        counts = quarters(rng, pairs=200, looks=24)
        signal = np.arange(200) < 40
        both = counts.both + np.where(signal[:, None], rng.poisson(1.2 * counts.expected), 0)
        both = np.minimum(both, np.minimum(counts.exposed, counts.event))
        watch = watch_discoveries(both, NullCounts.given_margins(counts), rate=0.1)
        called = watch.first >= 0
        np.testing.assert_array_equal(called, watch.q[:, -1] <= 0.1)
        rates.append((called & ~signal).sum() / max(called.sum(), 1))
        found.append((called & signal).sum() / signal.sum())
    assert 0.04 < np.mean(rates) < 0.1 + 0.01
    assert np.mean(found) > 0.5


def test_spending_adds_up():
    for name in SPENDING:
        spent = spending(name, 40, alpha=0.05)
        assert (np.diff(spent) > 0).all()
        assert spent[-1] <= 0.05
        assert name == "open" or spent[-1] == pytest.approx(0.05)
    assert spending("obrien_fleming", 40, alpha=0.05)[9] < 0.001 < spending("pocock", 40, alpha=0.05)[9]
    # Lan and DeMets 1983: at half the information, one-sided 0.025
    assert spending("obrien_fleming", 1, alpha=0.025, planned=2)[0] == pytest.approx(0.00153, abs=5e-6)
    assert spending("pocock", 1, alpha=0.025, planned=2)[0] == pytest.approx(0.01550, abs=5e-6)


def test_refusals():
    null = NullCounts.poisson(np.ones((2, 3)))
    for both in (
        np.ones((2, 2)),
        [[1, 2, np.nan], [0, 0, 0]],
        [[1, 2, 0.5], [0, 0, 0]],
        [[1, 2, -1], [0, 0, 0]],
    ):
        with pytest.raises(UnreadableInput, match="each pair in each quarter"):
            group_sequential_watch(both, null)
    with pytest.raises(UnknownName, match="pocok"):
        group_sequential_watch(np.ones((2, 3)), null, spend="pocok")
    with pytest.raises(InvalidSetting, match="planned"):
        group_sequential_watch(np.ones((2, 3)), null, planned=2)
    with pytest.raises(InvalidSetting, match="error"):
        group_sequential_watch(np.ones((2, 3)), null, alpha=5)
    with pytest.raises(InvalidSetting, match="rate"):
        watch_discoveries(np.ones((2, 3)), null, rate=0)
