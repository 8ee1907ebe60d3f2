"""EVSI by regression on simulated studies against closed forms, with one statistic, two, and many."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from coley.model.errors import InvalidSetting, UnreadableInput
from coley.stats.decision.sample_information import evsi_regression

SIZES = np.array([2.0, 10.0, 50.0])
SD = 3.0  # of one observation of p1, whose prior is N(1, 1)


def gain(mean, sd):
    return sd * norm.pdf(mean / sd) + mean * norm.cdf(mean / sd) - max(mean, 0)


EXACT = np.array([gain(1, np.sqrt(n / (n + SD**2))) for n in SIZES])


@pytest.fixture(scope="module")
def normal():
    rng = np.random.default_rng(1)
    p1, p2 = rng.normal(1, 1, 40_000), rng.normal(0, 2, 40_000)
    effects = np.column_stack([np.zeros_like(p1), p1 - p2])
    return np.zeros_like(effects), effects, p1


def test_one_mean(normal):
    c, e, p1 = normal
    rng = np.random.default_rng(2)
    means = {n: p1 + rng.normal(0, SD / np.sqrt(n), len(p1)) for n in SIZES}
    found = evsi_regression(c, e, [1.0, 2.0], summaries=means)
    np.testing.assert_allclose(found.value[:, 0], EXACT, atol=3 * found.se[:, 0].max())
    assert (np.diff(found.value[:, 0]) > 0).all()
    np.testing.assert_allclose(found.value[:, 1], 2 * found.value[:, 0], rtol=1e-6)  # costs are nil


def test_statistics_that_repeat_one_another_are_worth_no_more(normal):
    c, e, p1 = (x[:6000] for x in normal)
    rng = np.random.default_rng(3)
    parts = p1[:, None] + rng.normal(0, SD, (len(p1), 5))
    found = evsi_regression(c, e, 1, summaries={5: parts})
    assert found.value[0, 0] == pytest.approx(gain(1, np.sqrt(5 / 14)), abs=3 * found.se[0, 0])


def test_refusals(normal):
    c, e, p1 = normal
    with pytest.raises(UnreadableInput, match="40000 draws"):
        evsi_regression(c, e, 1, summaries={5: p1[:100]})
    for summaries in ({0: p1}, {}):
        with pytest.raises(InvalidSetting, match="Sizes"):
            evsi_regression(c, e, 1, summaries=summaries)
