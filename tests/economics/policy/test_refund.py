"""How much must be paid back, held to the net benefit that it makes."""

from __future__ import annotations

import numpy as np
import pytest

from coley.economics.policy.increment import increment
from coley.economics.policy.refund import refund_at_threshold
from coley.model.errors import InvalidSetting, NotEstimable


def test_refund_meets_the_threshold():
    rng = np.random.default_rng(2)
    drug = rng.normal(90_000, 5000, 1000)
    added = increment(drug + 6000, rng.normal(0.9, 0.15, 1000), drug)
    back = drug * rng.beta(20, 60, 1000)
    k = np.array([75_000, 95_000, 100_000, 150_000])
    found = refund_at_threshold(added, back, k, probabilities=(0.6, 0.9))
    for i, worth in enumerate(k):
        net = added.net_benefit(worth)
        if found.expected[i] > 0:
            assert (net + found.expected[i] * back).mean() == pytest.approx(0, abs=1e-6)
        else:
            assert net.mean() >= 0
        for j, p in enumerate((0.6, 0.9)):
            share = found.with_probability[j, i]
            assert ((net + (share + 1e-9) * back) >= 0).mean() >= p
            if share > 0:
                assert ((net + (share - 1e-6) * back) >= 0).mean() < p
    assert found.expected[0] > 1  # out of reach, and said
    assert found.net_price[0] == pytest.approx(1 - back.mean() / drug.mean())
    assert found.expected[-1] == 0
    assert found.net_price[-1] == 1


def test_refunds_that_change_nothing_or_too_much():
    added = increment(50_000, 0.5, 45_000)
    with pytest.raises(NotEstimable, match="no refund changes"):
        refund_at_threshold(added, 0.0, 50_000)
    with pytest.raises(InvalidSetting, match="More would be refunded"):
        refund_at_threshold(added, 46_000, 50_000)
