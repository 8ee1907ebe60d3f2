"""A Cox model for each of many columns, against lifelines, statsmodels and our own single fits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import CoxPHFitter

from coley.model.errors import InvalidSetting, NotEstimable, UnreadableInput
from coley.stats.multiplicity import benjamini_hochberg
from coley.stats.screens.cox_screen import cox_screen
from coley.stats.survival.cox import cox
from coley.stats.survival.partial_likelihood import PartialLikelihood, risk_sets

# The stopping rules of lifelines are coarser than the equality that is asked for here.
TO_THE_END = {"precision": 1e-12, "r_precision": 1e-14}


def cohort(n=150, columns=70, *, resolution=0.0, seed=1):
    rng = np.random.default_rng(seed)
    X = rng.normal(3, np.geomspace(0.01, 100, columns), size=(n, columns))
    X[:, 1] = X[:, 0] > 3  # a yes or no marker
    X[:, 2] = rng.poisson(0.1, n)  # a rare count
    time = rng.exponential(np.exp(-1.2 * (X[:, 0] - 3) / 0.01))
    censored = rng.uniform(0, 3, n)
    observed = np.minimum(time, censored) * 12
    return np.ceil(observed / resolution) * resolution if resolution else observed, time <= censored, X


@pytest.mark.parametrize("resolution", [0.0, 1.0, 12.0])
def test_equals_lifelines(resolution):
    time, event, X = cohort(resolution=resolution)
    found = cox_screen(time, event, X)
    assert set(found.status) == {"estimated"}
    for j in (0, 1, 2, 3, 35, 69):
        frame = pd.DataFrame({"x": X[:, j] / found.sd[j], "time": time, "event": event})
        fit = CoxPHFitter().fit(frame, "time", "event", fit_options=TO_THE_END)
        np.testing.assert_allclose(found.log_hazard_ratio[j], fit.params_["x"], atol=1e-6)
        np.testing.assert_allclose(found.se[j], fit.standard_errors_["x"], atol=1e-6)
        np.testing.assert_allclose(found.p[j], fit.summary["p"]["x"], rtol=1e-5)


def test_equals_statsmodels_with_strata():
    time, event, X = cohort(resolution=1.0)
    strata = np.arange(150) % 4
    found = cox_screen(time, event, X, strata=strata)
    for j in (0, 1, 40):
        fit = sm.PHReg(time, X[:, [j]] / found.sd[j], status=event * 1, ties="efron", strata=strata).fit()
        np.testing.assert_allclose(found.log_hazard_ratio[j], fit.params[0], atol=1e-6)
        np.testing.assert_allclose(found.se[j], fit.bse[0], atol=1e-6)


@given(st.integers(0, 10_000), st.integers(4, 25), st.booleans(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_equals_single_fits_or_says_why_there_is_none(seed, n, stratified, holes):
    rng = np.random.default_rng(seed)
    time, event = np.ceil(rng.exponential(4, n)), rng.random(n) < 0.6
    event[0] = True
    X = np.c_[rng.normal(size=n), rng.integers(0, 2, n), np.ones(n)]
    if holes:
        X[rng.random((n, 3)) < 0.2] = np.nan
    strata = rng.integers(0, 2, n) if stratified else np.zeros(n)
    found = cox_screen(time, event, X, strata=strata)
    for j in range(3):
        known = np.isfinite(X[:, j])
        assert (found.n[j], found.events[j]) == (known.sum(), event[known].sum())
        if found.status[j] == "estimated":
            fit = cox(time[known], event[known], X[known, j], strata=strata[known])
            np.testing.assert_allclose(
                found.log_hazard_ratio_per_unit[j], fit.coefficients[0], rtol=1e-6, atol=1e-7
            )
            np.testing.assert_allclose(found.se_per_unit[j], fit.standard_errors[0], rtol=1e-6)
            np.testing.assert_allclose(found.sd[j], X[known, j].std(ddof=1))
            continue
        assert np.isnan(found.se[j])
        if not event[known].any():
            assert found.status[j] == "no events"
            continue
        x = X[known, j]
        sets = risk_sets(
            time[known], event[known], entry=None, strata=strata[known], weights=None, ties="efron"
        )
        likelihood = PartialLikelihood(sets, x[sets.rows][None])
        logs = [likelihood.sums(np.array([slope])).loglik for slope in (-6, -4, -2, 0, 2, 4, 6)]
        rises = found.log_hazard_ratio[j]  # infinite where monotone, NaN where flat
        assert (np.sign(np.diff(logs)) == np.sign(rises)).all() or (np.isnan(rises) and np.ptp(logs) < 1e-9)
        assert found.status[j] == ("constant" if np.isnan(rises) else "monotone")


def test_a_monotone_likelihood_is_flagged_and_keeps_the_p_of_its_score_test():
    time, event = np.arange(1.0, 11), np.ones(10)
    found = cox_screen(time, event, np.c_[-time, time, np.tile([0, 1], 5)], names=["down", "up", "both"])
    assert found.status.tolist() == ["monotone", "monotone", "estimated"]
    assert found.log_hazard_ratio[:2].tolist() == [np.inf, -np.inf]
    assert np.isnan(found.se[:2]).all()
    assert found.p[0] == found.p[1] < 0.01
    assert found.z[0] == -found.z[1] > 0
    assert found.q[0] < 0.02


def test_columns_without_an_answer():
    time, event, X = cohort(30, 4)
    X = np.c_[X[:, 0], np.full(30, 0.1), np.where(event, np.nan, X[:, 1]), np.full(30, np.nan)]
    found = cox_screen(time, event, X)
    assert found.status.tolist() == ["estimated", "constant", "no events", "no events"]
    assert found.n.tolist() == [30, 30, (~event).sum(), 0]
    assert np.isnan(found.p[1:]).all()
    assert found.q[0] == found.p[0]  # the family is of the one that could be tested


def test_invariant_to_units_order_and_the_company_of_other_columns():
    time, event, X = cohort(80, 130, resolution=1.0)
    found = cox_screen(time, event, X)
    order = np.random.default_rng(2).permutation(80)
    for other in (
        cox_screen(time[order], event[order], X[order]),
        cox_screen(time * 30.4375, event, X * 1e6 - 5.0),
        cox_screen(time, event, np.asfortranarray(X)),
    ):
        np.testing.assert_allclose(other.log_hazard_ratio, found.log_hazard_ratio, atol=1e-8)
        np.testing.assert_allclose(other.se, found.se, rtol=1e-8)
    alone = cox_screen(time, event, X[:, 100])
    assert alone.log_hazard_ratio[0] == found.log_hazard_ratio[100]
    np.testing.assert_allclose(found.q, benjamini_hochberg(found.p))
    np.testing.assert_allclose(found.high + found.low, 2 * found.log_hazard_ratio)


def test_intervals_cover_the_true_effect():
    covered = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(120, 300))
        time = rng.exponential(np.exp(-0.5 * X.T))  # each column with a survival time of its own
        for j in range(300):
            found = cox_screen(time[j], np.ones(120), X[:, j] / X[:, j].std(ddof=1), level=0.9)
            truth = 0.5 * X[:, j].std(ddof=1)
            covered.append(found.low[0] <= truth <= found.high[0])
    assert abs(np.mean(covered) - 0.9) < 3 * np.sqrt(0.09 / 1800)


def test_refusals():
    time, event, X = cohort(20, 3)
    with pytest.raises(UnreadableInput, match="shape"):
        cox_screen(time, event, X.T)
    with pytest.raises(UnreadableInput, match="infinite"):
        cox_screen(time, event, np.full_like(X, np.inf))
    with pytest.raises(NotEstimable, match="No event"):
        cox_screen(time, np.zeros(20), X)
    with pytest.raises(InvalidSetting, match="level"):
        cox_screen(time, event, X, level=95)
