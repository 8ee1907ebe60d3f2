"""Interactions against statsmodels, the delta method, their formulas, and planted truth."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import gamma

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.stats.disproportionality.interaction import (
    FourGroups,
    additive_excess,
    expected_with_both,
    interaction_chi,
    omega,
    ratio_of_odds_ratios,
    ratio_of_shares,
    relative_excess,
)

QUICK = settings(max_examples=50, deadline=None)  # examples are not timed

# (events, reports) of four groups, none of them empty
GROUPS = st.lists(
    st.tuples(st.integers(1, 500), st.integers(1, 5000)).map(lambda x: (x[0], x[0] + x[1])),
    min_size=4,
    max_size=4,
).map(lambda rows: FourGroups.of(*zip(*rows, strict=True)))
INTERVALS = (omega, additive_excess, relative_excess, ratio_of_odds_ratios, ratio_of_shares)
REPORTS = np.array([200_000, 6000, 5000, 1500])


def three(found, i=0):
    return [float(x[i]) for x in (found.value, found.low, found.high)]


def swapped(groups):
    order = [0, 2, 1, 3]
    return FourGroups.of(groups.events[order], groups.reports[order])


@QUICK
@given(GROUPS)
def test_multiplicative_interactions_equal_the_saturated_regressions(groups):
    first, second = np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1])
    design = np.column_stack([np.ones(4), first, second, first * second])
    e, n = groups.events[:, 0], groups.reports[:, 0]
    p = e / n
    # a saturated fit is known; the information of each group is n / (slope of its link^2 p (1 - p))
    for ours, link, slope in (
        (ratio_of_odds_ratios, np.log(e / (n - e)), 1 / (p * (1 - p))),
        (ratio_of_shares, np.log(p), 1 / p),
    ):
        beta = np.linalg.solve(design, link)
        error = np.sqrt(np.linalg.inv((design.T * (n / (slope**2 * p * (1 - p)))) @ design)[3, 3])
        expected = np.exp(beta[3] + np.array([0, -1, 1]) * 1.959963985 * error)
        np.testing.assert_allclose(three(ours(groups)), expected, rtol=1e-5)


def test_ratio_of_odds_ratios_equals_a_fit_of_statsmodels():
    e, n = np.array([90, 20, 30, 40]), np.array([9000, 1000, 1000, 500])
    design = np.array([[1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [1, 1, 1, 1]])
    single = np.repeat(design, n, axis=0)
    outcome = np.concatenate([np.arange(m) < k for k, m in zip(e, n, strict=True)])
    fit = sm.Logit(outcome, single).fit(disp=0, tol=1e-12)
    found = ratio_of_odds_ratios(FourGroups.of(e, n), level=0.9)
    np.testing.assert_allclose(three(found)[1:], np.exp(fit.conf_int(alpha=0.1)[3]), rtol=1e-7)


@QUICK
@given(GROUPS)
def test_omega_is_what_the_paper_defines(groups):
    e, n = groups.events[:, 0], groups.reports[:, 0]
    f = e / n
    odds = f / (1 - f)
    g11 = 1 - 1 / (max(odds[0], odds[1]) + max(odds[0], odds[2]) - odds[0] + 1)  # Norén 2008, eq. 4 to 6
    assert expected_with_both(groups)[0] == pytest.approx(g11 * n[3])
    found, posterior = omega(groups), gamma(e[3] + 0.5, scale=1 / (g11 * n[3] + 0.5))
    np.testing.assert_allclose(2 ** np.array(three(found)[1:]), posterior.ppf([0.025, 0.975]), rtol=1e-7)
    assert found.value[0] == pytest.approx(np.log2((e[3] + 0.5) / (g11 * n[3] + 0.5)))
    chi = (e[3] - g11 * n[3] - 0.5) / np.sqrt(g11 * n[3])
    assert interaction_chi(groups)[0] == pytest.approx(chi, rel=1e-7, abs=1e-9)


def test_protective_exposure_counts_as_neither():
    usual = FourGroups.of([100, 100, 300, 40], [10_000, 10_000, 10_000, 1000])
    protective = FourGroups.of([100, 2, 300, 40], [10_000, 10_000, 10_000, 1000])
    assert expected_with_both(protective)[0] == pytest.approx(expected_with_both(usual)[0])
    # where only one exposure is associated, as much is expected with both as with that one
    assert expected_with_both(usual)[0] == pytest.approx(30)


@QUICK
@given(GROUPS)
def test_the_order_of_the_exposures_does_not_matter(groups):
    for measure in INTERVALS:
        np.testing.assert_allclose(
            three(measure(swapped(groups))), three(measure(groups)), rtol=1e-7, atol=1e-12
        )


@QUICK
@given(GROUPS, st.sampled_from(INTERVALS))
def test_wider_levels_hold_narrower_ones_and_the_value(groups, measure):
    # Square-and-add limits of correlated ratios need not nest where a cell holds one or two reports.
    assume(
        measure is not relative_excess
        or min(groups.events.min(), (groups.reports - groups.events).min()) >= 5
    )
    value, low, high = three(measure(groups, level=0.9))
    _, lower, higher = three(measure(groups, level=0.99))
    assert lower <= low <= value <= high <= higher


def test_published_relative_excess():
    """Oral cancer, alcohol and smoking (Rothman and Keller 1972), as Zou 2008 works it out."""
    found = relative_excess(FourGroups.of(events=[3, 8, 6, 225], reports=[23, 26, 18, 391]))
    assert [round(x, 2) for x in three(found)] == [3.74, -11.43, 21.87]


def test_baselines_disagree_and_each_is_zero_on_its_own():
    n = np.array([1e6, 1e6, 1e6, 1e6])
    odds = np.array([0.010, 0.020, 0.030])
    sum_of_excesses, product = odds[1] + odds[2] - odds[0], odds[1] * odds[2] / odds[0]
    for last, additive, multiplicative in ((sum_of_excesses, 0, None), (product, None, 1)):
        each = np.append(odds, last)
        groups = FourGroups.of(n * each / (1 + each), n)
        if additive is not None:
            assert omega(groups).value[0] == pytest.approx(0, abs=1e-6)
            assert relative_excess(groups).value[0] == pytest.approx(0, abs=1e-9)
            assert ratio_of_odds_ratios(groups).value[0] < 0.7
        if multiplicative is not None:
            assert ratio_of_odds_ratios(groups).value[0] == pytest.approx(1)
            assert relative_excess(groups).low[0] > 0
            assert omega(groups).low[0] > 0


def test_additive_limits_are_those_of_the_delta_method_in_large_samples():
    n = REPORTS * 100.0
    share = np.array([0.01, 0.02, 0.03, 0.06])
    e = n * share
    found, variance = additive_excess(FourGroups.of(e, n)), (share * (1 - share) / n).sum()
    value = share @ [1, -1, -1, 1]
    np.testing.assert_allclose(
        three(found)[1:], value + np.array([-1, 1]) * 1.96 * np.sqrt(variance), rtol=0.003
    )
    ratio = (share / (1 - share))[1:] / (share[0] / (1 - share[0]))
    each = 1 / e + 1 / (n - e)
    covariance = np.diag(each[1:]) + each[0]  # of the three logarithms
    slope = ratio * [-1, -1, 1]
    half = 1.96 * np.sqrt(slope @ covariance @ slope)
    reri = ratio @ [-1, -1, 1] + 1
    np.testing.assert_allclose(
        three(relative_excess(FourGroups.of(e, n)))[1:], [reri - half, reri + half], rtol=0.01
    )


@pytest.mark.parametrize("planted", ["none", "interaction"])
def test_coverage(planted):
    """Excesses that add, and a combination reported with twice the odds that their sum explains."""
    rng, rows = np.random.default_rng(12), 4000
    odds = np.array([0.004, 0.012, 0.010, 0.018])
    odds[3] *= 2 if planted == "interaction" else 1
    share = odds / (1 + odds)
    groups = FourGroups.of(rng.binomial(REPORTS, share, (rows, 4)).T, REPORTS[:, None])
    ratio = odds[1:] / odds[0]
    truths = {
        additive_excess: share @ [1, -1, -1, 1],
        relative_excess: ratio[2] - ratio[0] - ratio[1] + 1,
        ratio_of_odds_ratios: ratio[2] / (ratio[0] * ratio[1]),
        ratio_of_shares: share[3] * share[0] / (share[1] * share[2]),
    }
    for measure, truth in truths.items():
        found = measure(groups)
        assert np.mean((found.low <= truth) & (truth <= found.high)) == pytest.approx(0.95, abs=0.012), (
            measure
        )
    signal = np.mean(omega(groups).low > 0)
    if planted == "none":  # Omega takes the expected count as known: some more than 2.5 % at these sizes
        assert 0.02 < signal < 0.06
        assert np.mean(relative_excess(groups).low > 0) == pytest.approx(0.025, abs=0.01)
    else:
        assert signal > 0.95
        assert np.mean(ratio_of_odds_ratios(groups).low > 1) < 0.3  # the product of the ratios explains it


def test_empty_cells():
    none = FourGroups.of(
        [[90, 90], [0, 20], [30, 0], [0, 4]], [[9000, 9000], [1000, 1000], [1000, 0], [500, 500]]
    )
    assert np.isfinite(three(omega(none), 0)).all()  # no event with both is an observation
    assert omega(none).high[0] < 0
    assert np.isnan(three(omega(none), 1)).all()  # the second exposure alone has no report
    assert np.isnan(three(additive_excess(none), 1)).all()
    assert additive_excess(none).value[0] == pytest.approx(0.01 - 0.03)
    for measure in (relative_excess, ratio_of_odds_ratios, ratio_of_shares):
        assert np.isnan(measure(none).low).all()
    certain = FourGroups.of(
        [90, 1000, 30, 500], [9000, 1000, 1000, 500]
    )  # every report of the first has the event
    assert expected_with_both(certain)[0] == 500
    assert len(certain) == 1


@pytest.mark.parametrize(
    ("events", "reports", "says"),
    [
        ([1, 2, 3], [9, 9, 9], "four groups"),
        ([1, 2, 3, 10], [9, 9, 9, 9], "group 4 of 4: 10 of 9"),
        ([1, -2, 3, 1], [9, 9, 9, 9], "group 2 of 4"),
        ([1, np.nan, 3, 1], [9, 9, 9, 9], "group 2 of 4"),
        ([1, 2, 3, 1], [9, 9, 9, np.inf], "group 4 of 4"),
    ],
)
def test_refusals(events, reports, says):
    with pytest.raises(UnreadableInput) as told:
        FourGroups.of(events, reports)
    assert says in str(told.value)


def test_refuses_levels_that_are_none():
    groups = FourGroups.of([90, 20, 30, 40], [9000, 1000, 1000, 500])
    for measure in INTERVALS:
        with pytest.raises(InvalidSetting, match="level"):
            measure(groups, level=1.5)
