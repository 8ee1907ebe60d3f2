"""External counts: the binomial likelihood, with and without a background; bad counts; what they decide."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.stats.parametric import curves
from coley.stats.parametric.data import survival_data
from coley.stats.parametric.external import add_counts
from coley.stats.parametric.families import FAMILIES
from coley.stats.parametric.fitting import fit
from coley.stats.parametric.joint import cross_correlation, joint_bootstrap
from coley.stats.parametric.likelihood import contributions
from coley.stats.parametric.spline import spline_knots

START, STOP = np.array([0.0, 12.0, 24.0]), np.array([12.0, 24.0, 60.0])
AT_RISK, SURVIVORS = np.array([500, 410, 380]), np.array([420, 380, 0])


@pytest.mark.parametrize("background", [None, 0.01])
def test_the_likelihood_is_the_cohorts_times_the_binomial(background):
    cohort = survival_data([3.0, 8.0, 15.0, 20.0], [1, 0, 1, 0], background=background)
    between = None if background is None else background * (STOP - START)
    both = add_counts(
        cohort, start=START, stop=STOP, at_risk=AT_RISK, survivors=SURVIVORS, background_between=between
    )
    family = FAMILIES["weibull"]

    def ours(row):
        theta = [np.array([value]) for value in row]
        return both.weight() @ contributions(family, both, theta)

    def theirs(row):
        cohort_alone = contributions(family, cohort, [np.array([value]) for value in row]).sum()
        s = curves.survival(family, row, STOP) / curves.survival(family, row, START)
        return (
            cohort_alone + binom.logpmf(SURVIVORS, AT_RISK, s * np.exp(-(between if background else 0))).sum()
        )

    rows = [[0.8, 40.0], [1.3, 25.0], [1.0, 60.0]]
    gaps = [ours(row) - theirs(row) for row in rows]
    np.testing.assert_allclose(np.array(gaps) - gaps[0], 0, atol=1e-7)


def test_counts_decide_the_tail_that_follow_up_leaves_open():
    rng = np.random.default_rng(3)
    t = 20 * rng.weibull(0.7, 400)
    cohort = survival_data(np.minimum(t, 6.0), t <= 6.0)
    s = np.exp(-((np.array([60.0, 120.0]) / 20) ** 0.7))
    given = {"start": [60.0], "stop": [120.0], "at_risk": [2000], "survivors": [round(2000 * s[1] / s[0])]}
    alone, joined = (fit(FAMILIES["weibull"], data) for data in (cohort, add_counts(cohort, **given)))
    half = fit(FAMILIES["weibull"], add_counts(cohort, discount=0.1, **given))
    width = [one.survival([120.0])[0].high - one.survival([120.0])[0].low for one in (joined, half, alone)]
    assert width[0] < width[1] < width[2]
    assert width[0] < 0.6 * width[2]
    interval = joined.survival([120.0])[0]
    assert interval.low < s[1] < interval.high


def test_bad_counts_are_refused():
    cohort = survival_data([3.0, 8.0], [1, 0])
    good = {"start": [3.0], "stop": [8.0], "at_risk": [10], "survivors": [4]}
    for wrong in ({"survivors": [11]}, {"stop": [3.0]}, {"start": [-1.0]}, {"survivors": [-1]}):
        with pytest.raises(UnreadableInput, match="must end after"):
            add_counts(cohort, **(good | wrong))
    with pytest.raises(UnreadableInput, match="each interval"):
        add_counts(cohort, **(good | {"at_risk": [10, 9]}))
    with pytest.raises(UnreadableInput, match="only there"):
        add_counts(cohort, background_between=[0.1], **good)
    with pytest.raises(UnreadableInput, match="only there"):
        add_counts(survival_data([3.0, 8.0], [1, 0], background=0.1), **good)
    with pytest.raises(InvalidSetting, match="cannot count"):
        add_counts(cohort, discount=0.0, **good)


def _with_counts(event_weight=1.0):
    rng = np.random.default_rng(8)
    t = 10 * rng.weibull(0.9, 80)
    cohort = survival_data(np.minimum(t, 12.0), t <= 12.0)
    return cohort, add_counts(
        cohort,
        start=[12.0, 24.0],
        stop=[24.0, 40.0],
        at_risk=[30, 12],
        survivors=[12, 4],
        discount=event_weight,
    )


def test_counts_are_no_patients():
    cohort, both = _with_counts()
    assert (both.n, both.events, both.patients) == (cohort.n, cohort.events, 80)
    everybody_lives = add_counts(cohort, start=[12], stop=[24], at_risk=[9], survivors=[9])
    assert (everybody_lives.n, everybody_lives.events) == (cohort.n, cohort.events)
    twice = add_counts(both, start=[40.0], stop=[50.0], at_risk=[4], survivors=[2])
    assert (twice.n, twice.patients, len(twice.time)) == (80, 80, 86)


def test_people_counted_together_move_an_estimate_like_people_in_rows_of_their_own():
    cohort, both = _with_counts()
    lived = np.r_[np.arange(30) < 12, np.arange(12) < 4]
    start = np.repeat([12.0, 24.0], [30, 12])
    stop = np.where(start == 12, 24.0, 40.0)
    one_by_one = add_counts(cohort, start=start, stop=stop, at_risk=np.ones(42), survivors=lived)
    families = [FAMILIES["weibull"], FAMILIES["log_normal"]]
    counted, apart = ([fit(family, data) for family in families] for data in (both, one_by_one))
    for a, b in zip(counted, apart, strict=True):
        np.testing.assert_allclose(a.estimate, b.estimate, atol=1e-7)
        np.testing.assert_allclose(a.covariance, b.covariance, rtol=1e-5)
    np.testing.assert_allclose(cross_correlation(counted), cross_correlation(apart), atol=1e-6)
    alone = [fit(family, cohort) for family in families]
    mixed = cross_correlation([counted[0], alone[1]])
    assert 0 < abs(mixed[0, 2]) < 1, "the patients are the same, the counts are of one fit only"


def test_counts_are_not_drawn_with_replacement():
    _, both = _with_counts()
    with pytest.raises(InvalidSetting, match="not followed one by one"):
        joint_bootstrap([fit(FAMILIES["weibull"], both)], 3, seed=1)


def test_knots_are_at_the_patients_events_and_where_the_counts_end():
    cohort, both = _with_counts()
    alone, joined = spline_knots(cohort, 2), spline_knots(both, 2)
    assert joined[:-1] == alone[:-1]
    assert joined[-1] == pytest.approx(np.log(40.0))
