"""The test of interaction: against a constrained optimiser and closed forms, and its level where excesses add."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import norm

from coley.stats.disproportionality.additivity import _one_sided, interaction_test
from coley.stats.disproportionality.interaction import FourGroups, omega, relative_excess

QUICK = settings(max_examples=50, deadline=None)  # examples are not timed

COUNTS = st.tuples(*[st.integers(0, 200)] * 4)
REPORTS = st.tuples(*[st.integers(200, 20_000)] * 4)
ADDITIVE = np.array([1.0, -1.0, -1.0, 1.0])


def optimised(x, n):
    """Signed root of the deviance of rates that add, by a general optimiser on the scale of counts."""

    def loss(mean):
        return np.sum(mean - np.where(x > 0, x * np.log(np.maximum(mean, 1e-300)), 0.0))

    rate = x.sum() / n.sum()
    start = [np.maximum(x, 0.5), n * rate]
    constraint = {"type": "eq", "fun": lambda mean: (ADDITIVE * mean / n).sum() / rate}
    fits = [
        minimize(loss, s, constraints=[constraint], bounds=[(1e-9, None)] * 4, options={"ftol": 1e-14})
        for s in start
    ]
    deviance = 2 * (min(fit.fun for fit in fits if fit.success) - loss(np.maximum(x, 1e-300)))
    return norm.sf(np.sign((ADDITIVE * x / n).sum()) * np.sqrt(max(deviance, 0)))


@pytest.mark.parametrize(
    ("events", "reports"),
    [
        ([90, 20, 30, 40], [9000, 1000, 1000, 500]),
        ([90, 20, 30, 14], [9000, 1000, 1000, 500]),
        ([5, 4, 1, 9], [20_000, 900, 120, 300]),
        ([40, 7, 0, 6], [20_000, 900, 120, 300]),
        ([40, 0, 0, 6], [20_000, 900, 120, 300]),
        ([40, 9, 8, 0], [20_000, 900, 400, 300]),
        ([700, 300, 40, 100], [20_000, 1900, 400, 300]),
    ],
)
def test_additive_null_is_fitted_by_maximum_likelihood(events, reports):
    x, n = np.array(events, float), np.array(reports, float)
    found = _one_sided(FourGroups.of(x, n), ADDITIVE)[0]
    assert found == pytest.approx(optimised(x, n), rel=2e-3, abs=1e-6)


@QUICK
@given(COUNTS, REPORTS)
def test_against_one_exposure_alone_it_is_the_ratio_of_two_poisson_rates(events, reports):
    x, n = np.array(events, float), np.array(reports, float)
    found = _one_sided(FourGroups.of(x, n), np.array([0.0, -1.0, 0.0, 1.0]))[0]
    two, of = x[[1, 3]], n[[1, 3]]
    pooled = of * two.sum() / of.sum()
    deviance = 2 * np.sum(np.where(two > 0, two * np.log(np.maximum(two, 1) / np.maximum(pooled, 1e-300)), 0))
    sign = np.sign(two[1] / of[1] - two[0] / of[0])
    assert found == pytest.approx(norm.sf(sign * np.sqrt(max(deviance, 0))), rel=1e-6, abs=1e-12)


@QUICK
@given(COUNTS, REPORTS, st.integers(1, 30))
def test_more_reports_with_both_are_more_of_an_interaction(events, reports, more):
    """And the order of the two exposures does not matter."""
    p = interaction_test(FourGroups.of(events, reports))[0]
    raised = [*events[:3], min(events[3] + more, reports[3])]
    assert interaction_test(FourGroups.of(raised, reports))[0] <= p + 1e-12
    turned = [0, 2, 1, 3]
    swapped = FourGroups.of(np.array(events)[turned], np.array(reports)[turned])
    assert interaction_test(swapped)[0] == pytest.approx(p, abs=1e-12)


def test_a_protective_exposure_makes_no_signal_of_the_other():
    """The first brings five times the reports alone and no more with the second, which brings fewer alone."""
    groups = FourGroups.of([20_000, 2000, 20, 500], [2_000_000, 40_000, 10_000, 10_000])
    assert _one_sided(groups, ADDITIVE)[0] < 0.01
    assert interaction_test(groups)[0] > 0.3


@pytest.mark.parametrize("ratios", [(5, 1), (1, 5), (5, 5), (2, 20)])
@pytest.mark.parametrize("base", [2e-4, 1e-3])
def test_level_is_held_where_excesses_add_and_omega_does_not_hold_it(ratios, base):
    """Group sizes as in reports of checkpoint inhibitors: few name CTLA-4 alone, twice as many both."""
    n = np.array([400_000, 30_000, 2000, 6000])
    rate = base * np.array([1, *ratios, sum(ratios) - 1])
    groups = FourGroups.of(np.random.default_rng(5).poisson((n * rate)[:, None], (4, 8000)), n[:, None])
    p = interaction_test(groups)
    assert np.mean(p < 0.025) < 0.025 + 0.024  # where the second alone expects 2 reports, up to 4.6 %
    assert np.mean(p < 0.005) < 0.005 + 0.005
    if n[2] * rate[2] >= 8:
        assert abs(np.mean(p < 0.025) - 0.025) < 0.007
    if ratios[1] > 1:
        assert np.mean(omega(groups).low > 0) > 0.08


def test_it_finds_more_than_limits_of_the_relative_excess():
    n = np.array([400_000, 30_000, 2000, 6000])
    rate = 2e-4 * np.array([1, 5, 5, 3 * 9])
    groups = FourGroups.of(np.random.default_rng(6).poisson((n * rate)[:, None], (4, 2000)), n[:, None])
    found = np.mean(interaction_test(groups) < 0.025)
    assert found > 0.75
    assert found > np.mean(relative_excess(groups).low > 0) + 0.1


def test_a_group_without_reports_tells_nothing():
    groups = FourGroups.of(
        [[90, 90], [0, 20], [30, 0], [0, 4]], [[9000, 9000], [1000, 1000], [1000, 0], [500, 500]]
    )
    p = interaction_test(groups)
    assert p[0] > 0.5
    assert np.isnan(p[1])
