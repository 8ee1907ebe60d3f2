"""Measures within strata against R and statsmodels, and what must hold for any strata."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import StratifiedTable

from coley.model.errors import UnreadableInput
from coley.stats.disproportionality.counts import PairCounts
from coley.stats.disproportionality.information import information_component
from coley.stats.disproportionality.ratios import reporting_odds_ratio
from coley.stats.disproportionality.stratified import (
    breslow_day,
    cochran_mantel_haenszel,
    mantel_haenszel,
    stratified_expected,
)

QUICK = settings(max_examples=50, deadline=None)  # examples are not timed

STRATA = st.lists(st.tuples(*[st.integers(1, 400)] * 4), min_size=2, max_size=6)


def table(cells):
    a, b, c, d = np.moveaxis(np.asarray(cells, dtype=float), -1, 0)
    return PairCounts.of(a, exposed=a + b, event=a + c, total=a + b + c + d)


@pytest.fixture(scope="module")
def by_r(peers):
    """All pairs side by side, those with fewer strata filled up with strata that hold no report."""
    cells, tests = peers("stratified"), peers("stratified_tests")
    wide = np.zeros((5, len(tests), 4))
    for pair, stratum, *row in cells.iter_rows():
        wide[stratum - 1, pair - 1] = row
    return table(wide), tests


def test_common_ratio_and_its_test_equal_r(by_r):
    counts, tests = by_r
    found = mantel_haenszel(counts)
    for part, theirs in (("value", "ratio"), ("low", "low"), ("high", "high")):
        np.testing.assert_allclose(getattr(found, part), tests[theirs], rtol=1e-9)
    corrected = cochran_mantel_haenszel(counts)
    near = corrected.statistic == 0  # within half a report: R corrects by nothing there instead of by all
    assert near.sum() == 1
    np.testing.assert_allclose(corrected.statistic[~near], tests["corrected"].filter(~near), rtol=1e-9)
    np.testing.assert_allclose(corrected.p[~near], tests["corrected_p"].filter(~near), rtol=1e-7)
    np.testing.assert_allclose(
        cochran_mantel_haenszel(counts, yates=False).statistic, tests["plain"], rtol=1e-9
    )


@QUICK
@given(STRATA)
def test_equals_statsmodels(strata):
    theirs = StratifiedTable([np.reshape(cells, (2, 2)).astype(float) for cells in strata])
    counts = table(strata)
    found = mantel_haenszel(counts, level=0.9)[0]
    assume(abs(found.value - 1) > 1e-6)  # statsmodels divides by 0 at a common ratio of 1
    assert found.value == pytest.approx(theirs.oddsratio_pooled)
    np.testing.assert_allclose((found.low, found.high), theirs.oddsratio_pooled_confint(alpha=0.1), rtol=1e-7)
    for adjust in (True, False):
        ours, expected = breslow_day(counts, tarone=adjust), theirs.test_equal_odds(adjust=adjust)
        assert ours.statistic[0] == pytest.approx(expected.statistic, rel=1e-5, abs=1e-7)
        assert ours.p[0] == pytest.approx(expected.pvalue, rel=1e-4, abs=1e-12)
        assert ours.df[0] == len(strata) - 1


@QUICK
@given(st.tuples(*[st.integers(1, 10**6)] * 4))
def test_one_stratum_is_the_plain_odds_ratio(cells):
    counts = table([cells])
    found, plain = mantel_haenszel(counts)[0], reporting_odds_ratio(counts)[0]
    for part in ("value", "low", "high"):
        assert getattr(found, part) == pytest.approx(getattr(plain, part), rel=1e-9)
    assert np.isnan(breslow_day(counts).p[0])


@QUICK
@given(STRATA, st.randoms(use_true_random=False))
def test_order_of_strata_and_empty_ones_change_nothing(strata, random):
    shuffled = [*strata, (0, 0, 0, 0), (0, 0, 3, 9)]
    random.shuffle(shuffled)
    for measure in (
        lambda x: mantel_haenszel(x).low,
        lambda x: breslow_day(x).statistic,
        stratified_expected,
    ):
        np.testing.assert_allclose(measure(table(strata)), measure(table(shuffled)), rtol=1e-7, atol=1e-9)


@QUICK
@given(STRATA)
def test_turned_exposure_turns_the_ratio(strata):
    turned = [(c, d, a, b) for a, b, c, d in strata]
    found, inverse = mantel_haenszel(table(strata))[0], mantel_haenszel(table(turned))[0]
    np.testing.assert_allclose((inverse.low, inverse.high), (1 / found.high, 1 / found.low), rtol=1e-9)


def test_confounding_by_strata_is_removed():
    """In each stratum the odds ratio is 1; pooled it is far from it."""
    rng, pairs = np.random.default_rng(6), 3000
    n = np.array([4000, 4000])[:, None]
    exposed, event = (
        rng.binomial(n, [[0.30], [0.02]], (2, pairs)),
        rng.binomial(n, [[0.10], [0.01]], (2, pairs)),
    )
    both = rng.hypergeometric(exposed, n - exposed, event)
    counts = PairCounts.of(both, exposed=exposed, event=event, total=n)
    pooled = PairCounts.of(both.sum(0), exposed=exposed.sum(0), event=event.sum(0), total=n.sum())
    found = mantel_haenszel(counts)
    assert np.median(reporting_odds_ratio(pooled).value) > 1.9
    assert np.mean((found.low <= 1) & (found.high >= 1)) == pytest.approx(0.95, abs=0.012)
    assert np.mean(cochran_mantel_haenszel(counts, yates=False).p < 0.05) == pytest.approx(0.05, abs=0.012)
    assert np.mean(breslow_day(counts).p < 0.05) == pytest.approx(0.05, abs=0.015)
    low = information_component(pooled, expected=stratified_expected(counts)).low
    assert np.mean(low > 0) < 0.03
    assert np.mean(information_component(pooled).low > 0) > 0.9


def test_planted_ratio_is_covered():
    rng, pairs, truth = np.random.default_rng(3), 4000, 3.0
    n1, n2, p = (
        np.array([300, 80, 500])[:, None],
        np.array([5000, 900, 9000])[:, None],
        [[0.01], [0.1], [0.03]],
    )
    odds = truth * np.asarray(p) / (1 - np.asarray(p))
    a, c = rng.binomial(n1, odds / (1 + odds), (3, pairs)), rng.binomial(n2, p, (3, pairs))
    found = mantel_haenszel(PairCounts.of(a, exposed=n1, event=a + c, total=n1 + n2))
    assert np.mean((found.low <= truth) & (truth <= found.high)) == pytest.approx(0.95, abs=0.012)
    assert np.median(found.value) == pytest.approx(truth, rel=0.02)


def test_nothing_to_compare():
    none = table([(0, 5, 3, 9), (0, 2, 4, 8)])
    assert mantel_haenszel(none).value[0] == 0
    assert np.isnan(mantel_haenszel(none).low[0])
    assert np.isnan(breslow_day(none).statistic[0])
    assert np.isnan(mantel_haenszel(table([(0, 0, 3, 9)])).value[0])
    with pytest.raises(UnreadableInput, match="strata"):
        mantel_haenszel(table(np.ones((2, 2, 2, 4))))
