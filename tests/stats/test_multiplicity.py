"""Adjusted p values against statsmodels; the joint test of interactions against its definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.stats.logistic import firth_logistic, logistic
from coley.stats.multiplicity import benjamini_hochberg, global_interaction_test, holm
from coley.stats.survival.cox import cox

ORACLES = [(holm, "holm"), (benjamini_hochberg, "fdr_bh")]


@pytest.mark.parametrize(("ours", "method"), ORACLES)
@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_equals_statsmodels(ours, method, p):
    np.testing.assert_allclose(ours(p), multipletests(p, method=method)[1], atol=1e-12)


@pytest.mark.parametrize(("ours", "method"), ORACLES)
def test_a_test_that_could_not_be_done_is_not_counted(ours, method):
    p = np.array([0.01, np.nan, 0.03, 0.02])
    adjusted = ours(p)
    assert np.isnan(adjusted[1])
    np.testing.assert_allclose(adjusted[[0, 2, 3]], multipletests(p[[0, 2, 3]], method=method)[1])
    assert p[0] == 0.01  # the input is left as it was


@pytest.mark.parametrize("ours", [holm, benjamini_hochberg])
def test_impossible_p(ours):
    with pytest.raises(UnreadableInput, match="outside"):
        ours([0.1, 1.2])


def models(seed, effect=0.0):
    rng = np.random.default_rng(seed)
    n = 400
    arm, factors = np.arange(n) % 2, rng.integers(0, 2, (n, 3))
    both = factors * arm[:, None]
    time = rng.exponential(np.exp(0.4 * arm + 0.3 * factors[:, 0] + effect * both[:, 1]))
    names = ["arm", "f1", "f2", "f3"]
    wide, labels = np.c_[arm, factors, both], [*names, "arm x f1", "arm x f2", "arm x f3"]
    event = time < 3
    return np.minimum(time, 3), event, np.c_[arm, factors], names, wide, labels


def test_is_the_likelihood_ratio_with_nominal_size_and_some_power():
    rejected = {0.0: 0, 1.2: 0}
    for effect in rejected:
        for seed in range(120):
            time, event, main, names, wide, labels = models(seed, effect)
            small, large = cox(time, event, main, names=names), cox(time, event, wide, names=labels)
            test = global_interaction_test(small, large)
            assert test.df == 3
            np.testing.assert_allclose(test.statistic, 2 * (large.loglik - small.loglik))
            rejected[effect] += test.p < 0.05
    assert rejected[0.0] <= 13  # 5 % of 120 and three standard errors
    assert rejected[1.2] >= 90


def test_logistic_fits_are_compared_alike():
    _, event, main, names, wide, labels = models(1)
    import statsmodels.api as sm

    test = global_interaction_test(logistic(event, main, names=names), logistic(event, wide, names=labels))
    fits = [sm.Logit(event, sm.add_constant(X)).fit(disp=0).llf for X in (main, wide)]
    np.testing.assert_allclose(test.statistic, 2 * (fits[1] - fits[0]), atol=1e-6)


def test_what_cannot_be_compared_is_refused():
    time, event, main, names, wide, labels = models(2)
    small, large = cox(time, event, main, names=names), cox(time, event, wide, names=labels)
    fewer = cox(time[1:], event[1:], main[1:], names=names)
    robust = cox(time, event, wide, names=labels, robust=True)
    penalised = firth_logistic(event, wide, names=labels, profile=False)
    for one, other in ((large, small), (small, small), (fewer, large), (small, robust), (small, penalised)):
        with pytest.raises(InvalidSetting, match="cannot be compared"):
            global_interaction_test(one, other)
