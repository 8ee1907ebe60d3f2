"""Joint draws: correlation from scores against refits, blocks kept, patients matched by name."""

from __future__ import annotations

import numpy as np
import pytest

from coley.model.errors import InvalidSetting
from coley.stats.parametric.data import survival_data
from coley.stats.parametric.families import FAMILIES
from coley.stats.parametric.fitting import fit
from coley.stats.parametric.joint import cross_correlation, joint_bootstrap, joint_draws


def endpoints(n, seed):
    """Death after progression, which half of it consists of; progression counts death."""
    rng = np.random.default_rng(seed)
    pfs = rng.exponential(6, n)
    os = pfs + rng.exponential(6, n)
    end = rng.uniform(8, 40, n)
    return (
        survival_data(np.minimum(pfs, end), pfs <= end),
        survival_data(np.minimum(os, end), os <= end),
    )


@pytest.fixture(scope="module")
def fits():
    pfs, os = endpoints(250, 1)
    return fit(FAMILIES["weibull"], pfs), fit(FAMILIES["log_normal"], os)


def test_correlation_from_scores_is_that_of_refits(fits):
    ours = cross_correlation(fits)
    theirs = np.corrcoef(np.hstack(joint_bootstrap(fits, 250, seed=2)).T)
    np.testing.assert_allclose(ours, theirs, atol=0.12)
    assert ours[1, 2] > 0.5  # scale of PFS and mean of log OS


def test_correlation_is_that_between_cohorts():
    places, told = [], []
    for seed in range(250):
        pfs, os = endpoints(200, 100 + seed)
        both = fit(FAMILIES["weibull"], pfs), fit(FAMILIES["log_normal"], os)
        places.append(np.concatenate([one.estimate for one in both]))
        told.append(cross_correlation(both))
    np.testing.assert_allclose(
        np.mean(told, axis=0), np.corrcoef(np.array(places).T), atol=0.15
    )  # 2.5 s.e. of a correlation


def test_each_fit_keeps_its_own_covariance(fits):
    draws = joint_draws(fits, 100_000, seed=4)
    for found, own in zip(fits, draws, strict=True):
        np.testing.assert_allclose(own.mean(axis=0), found.estimate, atol=0.003)
        np.testing.assert_allclose(np.cov(own.T), found.covariance, rtol=0.05, atol=1e-4)
    together = np.corrcoef(np.hstack(draws).T)
    np.testing.assert_allclose(together[:2, 2:], cross_correlation(fits)[:2, 2:], atol=0.06)
    robust = joint_draws(fits, 100_000, seed=4, robust=True)
    np.testing.assert_allclose(np.corrcoef(np.hstack(robust).T), cross_correlation(fits), atol=0.015)


def test_unrelated_patients_are_uncorrelated(fits):
    names = [np.arange(250), np.arange(250) + 1000]
    np.testing.assert_allclose(cross_correlation(fits, patients=names)[:2, 2:], 0, atol=1e-12)


def test_patients_are_matched_by_name_in_any_order(fits):
    pfs, os = fits
    turn = np.random.default_rng(3).permutation(250)
    turned = fit(FAMILIES["log_normal"], survival_data(os.data.time[turn], os.data.event[turn]))
    named = cross_correlation([pfs, turned], patients=[np.arange(250), turn])
    np.testing.assert_allclose(named, cross_correlation(fits), atol=1e-6)


def test_rows_that_cannot_be_matched_are_refused(fits):
    pfs, _ = fits
    few = fit(FAMILIES["exponential"], survival_data([1.0, 2, 3], [1, 1, 0]))
    with pytest.raises(InvalidSetting, match="who is who"):
        joint_draws([pfs, few], 10, seed=1)
    with pytest.raises(InvalidSetting, match="identifier of its own"):
        joint_draws([few, few], 10, seed=1, patients=[[1, 2, 3], [1, 1, 2]])
