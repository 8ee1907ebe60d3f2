"""Bayesian error rates: written out, and true where the probabilities are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coley.model.errors import UnreadableInput
from coley.stats.disproportionality.discovery.bayesian import bayesian_false_discovery


@given(st.lists(st.floats(0.001, 0.999), min_size=2, max_size=40))
def test_equals_sums_written_out(probabilities):
    null = np.array(probabilities)
    rates = bayesian_false_discovery(null)
    for i, own in enumerate(null):
        listed = null <= own
        assert rates.false_discovery[i] == pytest.approx(null[listed].mean())
        assert rates.sensitivity[i] == pytest.approx((1 - null[listed]).sum() / (1 - null).sum())
        assert rates.specificity[i] == pytest.approx(null[~listed].sum() / null.sum(), abs=1e-9)
        if not listed.all():
            assert rates.false_nondiscovery[i] == pytest.approx((1 - null[~listed]).mean(), abs=1e-9)


def test_holds_where_the_model_is_true():
    """Ratios from a known two-gamma mixture, and the posterior that goes with it."""
    from scipy.special import gammaincc, gammaln

    rng = np.random.default_rng(1)
    share, shapes, rates = 0.1, np.array([2.0, 20.0]), np.array([0.5, 25.0])
    part = (rng.random(40_000) >= share).astype(int)
    ratio = rng.gamma(shapes[part], 1 / rates[part])
    mean = np.exp(rng.normal(1, 1, 40_000))
    x = rng.poisson(mean * ratio)
    weight = np.array([share, 1 - share]) * np.exp(
        gammaln(shapes + x[:, None])
        - gammaln(shapes)
        + shapes * np.log(rates / (rates + mean[:, None]))
        - x[:, None] * np.log((rates + mean[:, None]) / mean[:, None])
        - gammaln(x[:, None] + 1)
    )
    above = gammaincc(shapes + x[:, None], 1.5 * (rates + mean[:, None]))
    null = 1 - (weight * above).sum(axis=1) / weight.sum(axis=1)
    found = bayesian_false_discovery(null)
    for rate in (0.05, 0.1, 0.2):
        called = found.called(rate)
        assert called.sum() > 300
        assert abs((ratio[called] <= 1.5).mean() - rate) < 0.02


def test_equal_pairs_go_together_and_refusals():
    rates = bayesian_false_discovery([0.1, 0.1, 0.3])
    assert rates.false_discovery[0] == rates.false_discovery[1]
    assert np.isnan(rates.false_nondiscovery[2])
    for bad in ([0.5, np.nan], [1.2]):
        with pytest.raises(UnreadableInput, match="posterior"):
            bayesian_false_discovery(bad)
