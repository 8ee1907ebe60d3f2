"""Unmasked discoveries over 200 simulated databases: the rate within 2 points of nominal, and what is found."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import UnreadableInput
from coley.stats.disproportionality.counts import PairCounts
from coley.stats.disproportionality.discovery.competition import unmasked_false_discovery
from coley.stats.disproportionality.discovery.false_discovery import discrete_false_discovery
from coley.stats.disproportionality.discovery.null_counts import NullCounts
from coley.stats.disproportionality.discovery.one_sided import one_sided_tests
from coley.stats.multiplicity import benjamini_hochberg


def test_rate_within_two_points_over_200_databases(database):
    rng, false, found = np.random.default_rng(1), {0.05: [], 0.1: []}, []
    for _ in range(200):
        counts, row, column, signal = database(rng, drugs=50, events=40, reports=8000)
        discoveries = unmasked_false_discovery(counts, row, column).discoveries
        for rate, rates in false.items():
            called = discoveries.called(rate)
            rates.append((called & ~signal).sum() / max(called.sum(), 1))
        found.append((discoveries.called(0.05) & signal).sum() / signal.sum())
    for rate, rates in false.items():
        assert abs(np.mean(rates) - rate) < 0.02, (rate, np.mean(rates))
    assert np.mean(found) > 0.4


def test_keeps_the_rate_where_signals_crowd_and_finds_more(database):
    """With signals in 5 % of pairs the margins' own rate sinks far below nominal, and plain p lose more still."""
    rng, rows = np.random.default_rng(2), []
    for _ in range(15):
        counts, row, column, signal = database(rng, drugs=100, events=80, reports=100_000, share=0.05)
        tests = one_sided_tests(counts.both, NullCounts.given_margins(counts))
        exact = one_sided_tests(counts.both, NullCounts.given_margins(counts), kind="exact").p
        lists = (
            unmasked_false_discovery(counts, row, column).discoveries.called(0.1),
            discrete_false_discovery(tests).called(0.1),
            benjamini_hochberg(exact) <= 0.1,
        )
        rows.append([((c & ~signal).sum() / c.sum(), (c & signal).sum() / signal.sum()) for c in lists])
    (rate, found), (masked_rate, masked_found), (plain_rate, plain_found) = np.mean(rows, axis=0)
    assert abs(rate - 0.1) < 0.02
    assert plain_rate < masked_rate < 0.08
    assert plain_found < masked_found < found - 0.03


def test_a_masked_pair_comes_to_light():
    """Drug 0 brings half of all reports of event 0, which hides what drug 1 does (Wang 2010)."""
    both = np.array([[3000, 500, 500], [62, 300, 638], [2500, 25_000, 68_000]], dtype=float)
    of_drug, of_event = np.broadcast_arrays(both.sum(axis=1, keepdims=True), both.sum(axis=0))
    counts = PairCounts.of(both.ravel(), exposed=of_drug.ravel(), event=of_event.ravel(), total=both.sum())
    row, column = (x.ravel() for x in np.indices(both.shape))
    plain = discrete_false_discovery(one_sided_tests(counts.both, NullCounts.given_margins(counts)))
    found = unmasked_false_discovery(counts, row, column)
    assert not plain.called()[3]
    assert found.discoveries.called()[[0, 3]].all()
    assert found.expected[3] < 0.6 * counts.expected[3]


def test_order_does_not_matter_and_nothing_called_changes_nothing(database):
    counts, row, column, _ = database(np.random.default_rng(3))
    turn = np.random.default_rng(4).permutation(len(row))
    turned = PairCounts(*(x[turn] for x in (counts.both, counts.exposed, counts.event, counts.total)))
    one = unmasked_false_discovery(counts, row, column).discoveries.q
    np.testing.assert_allclose(
        unmasked_false_discovery(turned, row[turn], column[turn]).discoveries.q, one[turn]
    )
    none = unmasked_false_discovery(counts, row, column, rate=0.0)
    np.testing.assert_array_equal(none.expected, counts.expected)
    assert none.rounds == 1


def test_refusals():
    counts = PairCounts.of([1, 2], exposed=5, event=5, total=50)
    with pytest.raises(UnreadableInput, match="number of its exposure"):
        unmasked_false_discovery(counts, [0], [0, 1])
